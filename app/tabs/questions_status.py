"""Questions about status: what is red, worse, doubtful or missing; where a delay lands (domain.md 5B Q1-Q4, Q12)."""

from collections import Counter
from collections.abc import Iterable

from app.i18n import _, danish_order, ngettext, show_date, show_number
from app.models.deputy import DeputyFor
from app.models.signal import SignalKind, stands_first
from app.tabs.answer import (
    Answer,
    AnswerTable,
    Cell,
    Column,
    Line,
    Tone,
    as_today,
    colour,
    day,
    figure,
    lacking,
    lines,
    named,
    sentences,
    several,
    short,
    small,
    table,
    to_person,
    to_project,
    words,
)
from app.tabs.chain import ChainTab, Landing
from app.tabs.changes import Changes, Kept, Promise
from app.tabs.coverage import Coverage, Owed, Share
from app.tabs.link import Link, Point
from app.tabs.mark import Mark
from app.tabs.overview import Overview
from app.tabs.overview_row import OverviewRow, Path

WITHOUT_COLOUR = (Mark.not_reported, Mark.not_assessed)
UNTESTED = ("W4", "W7")
"""The signals of domain.md 4D that the list may not know yet: posts and benefits."""


def rows_in(overview: Overview) -> list[OverviewRow]:
    """Every project of the list, in its order."""
    return [row for group in overview.groups for row in group.rows]


def red(overview: Overview) -> Answer:
    """Q1: which projects are red, why, and what must be decided."""
    reds = overview.reds
    return Answer(
        sentence=_what_is_red(reds),
        tables=[
            table(
                "red",
                _("Red projects, the one to be decided first at the top"),
                [
                    Column(key="project", title=_("Project")),
                    Column(key="why", title=_("Why is it red?"), wide=True),
                    Column(key="decision", title=_("The executive board must decide"), wide=True),
                    Column(key="options", title=_("Options in order of priority"), wide=True),
                    Column(key="by", title=_("By")),
                    Column(key="path", title=_("Path to green"), wide=True),
                ],
                map(_red, reds),
                empty=_("No project is red."),
            )
        ],
        missing=_without_colour(overview),
    )


def _what_is_red(reds: list[OverviewRow]) -> str:
    if not reds:
        return _("No project is red.")
    told = ngettext("%(n)s project is red: %(names)s.", "%(n)s projects are red: %(names)s.", len(reds))
    causes = Counter(row.cause_dimension for row in reds if row.cause_dimension)
    worst = [f"{str(each).lower()} ({n})" for each, n in causes.most_common()]
    if len(set(causes.values())) == 1:
        worst = [str(each).lower() for each in causes]
    why = _("Worst is %(dimensions)s.") % {"dimensions": named(worst, len(worst))} if worst else ""
    return sentences(told % {"n": len(reds), "names": named(row.title for row in reds)}, why, _to_decide(reds))


def _to_decide(reds: list[OverviewRow]) -> str:
    asks = [row.decision for row in reds if row.decision]
    by = min((each.by_on for each in asks if each.by_on), default=None)
    said = {"n": len(asks), "day": show_date(by)}
    wanted = ""
    if by:
        wanted = ngettext(
            "The executive board must make %(n)s decision, by %(day)s.",
            "The executive board must make %(n)s decisions, the first by %(day)s.",
            len(asks),
        )
    elif asks:
        wanted = ngettext(
            "The executive board must make %(n)s decision.", "The executive board must make %(n)s decisions.", len(asks)
        )
    silent = len(reds) - len(asks)
    lacks = ngettext("%(n)s does not say what to decide.", "%(n)s do not say what to decide.", silent) if silent else ""
    return sentences(wanted % said, lacks % {"n": silent})


def _red(row: OverviewRow) -> list[Cell]:
    in_a_row = ngettext("%(n)s round in a row", "%(n)s rounds in a row", row.rounds_in_colour)
    since = in_a_row % {"n": row.rounds_in_colour} if row.rounds_in_colour > 1 else _("Red for the first time")
    dimension = lines(str(row.cause_dimension or ""), tone=Tone.strong)
    decision = row.decision
    return [
        to_project(row.number, row.title, row.owner),
        Cell(lines=[*dimension, *(lines(row.cause) or lacking().lines), *small(since)]),
        words(decision.question, str(decision.track or "")) if decision else lacking(),
        several(lines(*decision.options), _("None"), ranked=True) if decision else lacking(),
        day(decision.by_on if decision else None),
        _path(row.path_to_green),
    ]


def _path(path: Path | None) -> Cell:
    if path is None:
        return lacking()
    return words(path.action, " · ".join(filter(None, [path.who, show_date(path.on)])))


def _without_colour(overview: Overview) -> list[str]:
    """Who has no colour and so may be anything; what is finished or exempt is not asked."""
    found = Counter(row.mark for row in rows_in(overview))
    told = []
    if silent := found[Mark.not_reported]:
        said = ngettext(
            "%(n)s project is not reported; it has no colour and may be red as well.",
            "%(n)s projects are not reported; they have no colour and may be red as well.",
            silent,
        )
        told.append(said % {"n": silent})
    if waiting := found[Mark.not_assessed]:
        said = ngettext("%(n)s project is not assessed yet.", "%(n)s projects are not assessed yet.", waiting)
        told.append(said % {"n": waiting})
    return told


def worsened(changes: Changes | None) -> Answer:
    """Q2: what is worse than last time, and what was promised then. None stands for no edition to compare with."""
    if changes is None:
        return Answer(sentence=_("There is no earlier edition to compare with."))
    promised = {promise.number: promise for promise in changes.promises}
    worse = {named_.number for named_ in changes.worse}
    others = [promise for promise in changes.promises if promise.number not in worse]
    return Answer(
        sentence=_what_is_worse(changes),
        tables=[
            table(
                "worse",
                _("Worse than in %(round)s, and what was promised then") % {"round": changes.from_name},
                [
                    Column(key="project", title=_("Project")),
                    Column(key="marks", title=_("Then and now")),
                    Column(key="why", title=_("Why"), wide=True),
                    Column(key="promise", title=_("Promised then"), wide=True),
                    Column(key="by", title=_("By")),
                    Column(key="kept", title=_("Kept")),
                ],
                (
                    [
                        to_project(each.number, each.title),
                        colour(each.before, each.now),
                        words(each.cause),
                        *_promise(promised.get(each.number)),
                    ]
                    for each in changes.worse
                ),
                empty=_("No project is worse."),
            ),
            table(
                "promises",
                _("What the others promised"),
                [
                    Column(key="project", title=_("Project")),
                    Column(key="marks", title=_("Then and now")),
                    Column(key="promise", title=_("Promised then"), wide=True),
                    Column(key="by", title=_("By")),
                    Column(key="kept", title=_("Kept")),
                ],
                (
                    [
                        to_project(promise.number, promise.title),
                        colour(promise.before, promise.now),
                        *_promise(promise),
                    ]
                    for promise in others
                ),
                empty=_("Nothing else was promised."),
            ),
        ],
        missing=_uncompared(changes),
    )


def _what_is_worse(changes: Changes) -> str:
    said = {"n": len(changes.worse), "round": changes.from_name, "names": named(each.title for each in changes.worse)}
    if not changes.worse:
        told = _("No project is worse than in %(round)s.")
    else:
        told = ngettext(
            "%(n)s project is worse than in %(round)s: %(names)s.",
            "%(n)s projects are worse than in %(round)s: %(names)s.",
            len(changes.worse),
        )
    kept = Counter(promise.kept for promise in changes.promises)
    counted = [f"{kept[each]} {str(each).lower()}" for each in Kept if kept[each]]
    if not counted:
        return sentences(told % said, _("Nothing was promised then."))
    promised = ngettext("Of %(n)s promise made then: %(kept)s.", "Of %(n)s promises made then: %(kept)s.", kept.total())
    return sentences(told % said, promised % {"n": kept.total(), "kept": named(counted)})


def _promise(promise: Promise | None) -> list[Cell]:
    """What was promised, by when, and whether it was kept; who was green promised nothing."""
    if promise is None:
        return [several([], _("Nothing: it was green")), several([]), several([])]
    tone = Tone.late if promise.kept is Kept.not_kept else Tone.plain
    return [
        words(promise.path.action, promise.path.who),
        day(promise.path.on),
        Cell(lines=lines(str(promise.kept), tone=tone)),
    ]


def _uncompared(changes: Changes) -> list[str]:
    told = []
    if changes.silent:
        said = ngettext(
            "%(n)s project had a colour and has none now: %(names)s.",
            "%(n)s projects had a colour and have none now: %(names)s.",
            len(changes.silent),
        )
        told.append(said % {"n": len(changes.silent), "names": named(each.title for each in changes.silent)})
    if changes.joined:
        said = ngettext(
            "%(n)s project is new since then and is not compared.",
            "%(n)s projects are new since then and are not compared.",
            len(changes.joined),
        )
        told.append(said % {"n": len(changes.joined)})
    return told


def doubtful_greens(overview: Overview) -> Answer:
    """Q3: which greens have evidence against them (domain.md 4D)."""
    greens = [row for row in rows_in(overview) if row.mark is Mark.green]
    doubted = sorted((row for row in greens if row.signals), key=lambda row: (-len(row.signals), row.number))
    return Answer(
        sentence=_what_is_doubted(len(greens), doubted),
        tables=[
            table(
                "doubted",
                _("Green projects with signals, most signals first"),
                [
                    Column(key="project", title=_("Project")),
                    Column(key="signals", title=_("Signals and their evidence"), wide=True),
                    Column(key="summary", title=_("What the status says"), wide=True),
                    Column(key="approved", title=_("Approved")),
                ],
                (
                    [
                        to_project(row.number, row.title, row.leader),
                        several(
                            line
                            for signal in row.signals
                            for line in (
                                *lines(f"{signal.kind.value} · {signal.kind}", tone=Tone.strong),
                                *lines(str(signal)),
                            )
                        ),
                        words(row.summary),
                        day(row.approved_on, row.owner),
                    ]
                    for row in doubted
                ),
                empty=_("No green project has signals."),
            )
        ],
        missing=_untested(),
    )


def _what_is_doubted(greens: int, doubted: list[OverviewRow]) -> str:
    said = {"n": len(doubted), "greens": greens, "names": named(row.title for row in doubted)}
    if not doubted:
        return _("None of the %(greens)s green projects has signals against it.") % said
    told = ngettext(
        "%(n)s of %(greens)s green projects should be tested: %(names)s.",
        "%(n)s of %(greens)s green projects should be tested: %(names)s.",
        len(doubted),
    )
    most = [row for row in doubted if stands_first(row.signals)]
    first = _("Three signals or more: %(names)s.") % {"names": named(row.title for row in most)} if most else ""
    return sentences(told % said, first or _("None has three signals or more."))


def _untested() -> list[str]:
    """What greens are not tested for, as long as the list has no such signal."""
    known = {kind.value for kind in SignalKind}
    about = {
        "W4": _("posts that are vacant or without money (W4)"),
        "W7": _("benefits that do not come (W7)"),
    }
    left = [about[each] for each in UNTESTED if each not in known]
    return [_("Greens are not tested for %(what)s.") % {"what": named(left)}] if left else []


def missing_statuses(overview: Overview, coverage: Coverage | None) -> Answer:
    """Q4: who lacks a status, and whose it is. Coverage is of the round under way; an edition knows the silent ones."""
    if coverage is None:
        return _not_reported(overview)
    return Answer(
        sentence=_who_owes(coverage),
        tables=[
            table(
                "owed",
                _("Statuses that are missing, the longest overdue first"),
                [
                    Column(key="project", title=_("Project")),
                    Column(key="who", title=_("Whose it is now")),
                    Column(key="what", title=_("What is missing"), wide=True),
                    Column(key="unit", title=_("Unit")),
                    Column(key="due", title=_("Deadline")),
                ],
                map(_owed, coverage.owed),
                empty=_("Nobody owes a status."),
            ),
            _owing(coverage),
        ],
        missing=_exempt(coverage),
    )


def _who_owes(coverage: Coverage) -> str:
    if not coverage.lacking:
        said = {"n": coverage.asked, "round": coverage.round_name}
        return _("Nobody lacks a status: all %(n)s are approved in %(round)s.") % said
    told = ngettext(
        "%(n)s of %(asked)s projects lacks an approved status in %(round)s.",
        "%(n)s of %(asked)s projects lack an approved status in %(round)s.",
        coverage.lacking,
    )
    said = {"n": coverage.lacking, "asked": coverage.asked, "round": coverage.round_name}
    leaders = [owed for owed in coverage.owed if owed.role is DeputyFor.leader and owed.who]
    owners = [owed for owed in coverage.owed if owed.role is DeputyFor.owner and owed.who]
    nobody = [owed for owed in coverage.owed if not owed.who]
    parts = []
    if leaders:
        who = {"n": len(leaders), "names": _most_of(leaders)}
        part = ngettext("%(n)s is with the leader (%(names)s)", "%(n)s are with the leaders (%(names)s)", len(leaders))
        parts.append(part % who)
    if owners:
        who = {"n": len(owners), "names": _most_of(owners)}
        part = ngettext("%(n)s awaits the owner (%(names)s)", "%(n)s await the owners (%(names)s)", len(owners))
        parts.append(part % who)
    if nobody:
        part = ngettext("%(n)s has nobody named", "%(n)s have nobody named", len(nobody))
        parts.append(part % {"n": len(nobody)})
    whose = named(parts)
    return sentences(told % said, f"{whose[:1].upper()}{whose[1:]}." if whose else "")


def _most_of(owed: Iterable[Owed]) -> str:
    """Who owes, most first, with how many where it is more than one."""
    found = Counter(each.who for each in owed)
    order = sorted(found, key=lambda name: (-found[name], danish_order(name)))
    return named(f"{name}: {found[name]}" if found[name] > 1 else name for name in order)


def _owed(owed: Owed) -> list[Cell]:
    role = _("Project owner") if owed.role is DeputyFor.owner else _("Project leader")
    deputies = ", ".join(owed.deputies)
    late = ngettext("%(n)s day over", "%(n)s days over", owed.days_over) % {"n": owed.days_over}
    return [
        to_project(owed.row.number, owed.row.title),
        to_person(owed.person_id, owed.who, role, f"{_('Deputy')}: {deputies}" if deputies else ""),
        words(owed.what),
        words(owed.row.unit),
        day(owed.due_on) + (lines(late, tone=Tone.late) if owed.days_over > 0 else []),
    ]


def _owing(coverage: Coverage) -> AnswerTable:
    """Who owes how many: leaders, owners, units."""
    groups = [
        (_("Project leader"), coverage.leaders),
        (_("Project owner"), coverage.owners),
        (_("Unit"), coverage.units),
    ]
    return table(
        "owing",
        _("By leader, owner and unit"),
        [
            Column(key="who", title=_("Whose")),
            Column(key="role", title=_("As")),
            Column(key="owes", title=_("Owes"), figures=True),
            Column(key="approved", title=_("Approved"), figures=True),
            Column(key="asked", title=_("Asked for"), figures=True),
        ],
        (
            [to_person(share.person_id, share.name), words(role), figure(share.owes), *_shares(share)]
            for role, shares in groups
            for share in sorted(shares, key=lambda each: -each.owes)
            if share.owes
        ),
        empty=_("Nobody owes a status."),
    )


def _shares(share: Share) -> list[Cell]:
    return [figure(share.approved), figure(share.asked)]


def _exempt(coverage: Coverage) -> list[str]:
    if not coverage.exempt:
        return []
    told = ngettext(
        "%(n)s project is exempt and not counted: %(names)s.",
        "%(n)s projects are exempt and not counted: %(names)s.",
        len(coverage.exempt),
    )
    return [told % {"n": len(coverage.exempt), "names": named(row.title for row in coverage.exempt)}]


def _not_reported(overview: Overview) -> Answer:
    """Who was silent in an edition, or in the last round when none is under way."""
    rows = rows_in(overview)
    silent = [row for row in rows if row.mark in WITHOUT_COLOUR]
    said = {"n": len(silent), "asked": len(rows), "round": overview.round_name}
    told = _("Nobody lacks a status: all %(asked)s projects on the list were reported in %(round)s.")
    if silent:
        told = ngettext(
            "%(n)s of %(asked)s projects lacks a status in %(round)s: %(names)s.",
            "%(n)s of %(asked)s projects lack a status in %(round)s: %(names)s.",
            len(silent),
        )
    return Answer(
        sentence=told % (said | {"names": named(row.title for row in silent)}),
        tables=[
            table(
                "silent",
                _("Projects without a status"),
                [
                    Column(key="project", title=_("Project")),
                    Column(key="mark", title=_("Status")),
                    Column(key="why", title=_("What is missing"), wide=True),
                    Column(key="leader", title=_("Project leader")),
                    Column(key="owner", title=_("Project owner")),
                    Column(key="unit", title=_("Unit")),
                ],
                (
                    [
                        to_project(row.number, row.title),
                        colour(row.mark),
                        words(row.why_missing),
                        words(row.leader),
                        words(row.owner),
                        words(row.unit),
                    ]
                    for row in silent
                ),
                empty=_("Every project has a status."),
            )
        ],
    )


def dependencies(chain: ChainTab, edition: str = "") -> Answer:
    """Q12: what depends on what, and where a delay lands. `edition` was asked for and keeps no relations."""
    live = [link for link in chain.links if not link.settled]
    return Answer(
        sentence=sentences(as_today(edition), _what_depends(live), _where_it_lands(chain.landings)),
        tables=[
            table(
                "links",
                _("What must come first, and what waits for it"),
                [
                    Column(key="first", title=_("Must come first"), wide=True),
                    Column(key="first_on", title=_("Date")),
                    Column(key="waits", title=_("Waits"), wide=True),
                    Column(key="waits_on", title=_("Date")),
                    Column(key="slack", title=_("Slack")),
                    Column(key="text", title=_("Why"), wide=True),
                ],
                map(_link, sorted(live, key=lambda link: (link.slack is None, link.slack or 0))),
                empty=_("No project waits for another."),
            ),
            table(
                "landings",
                _("What moves because of what is late or collides today"),
                [
                    Column(key="what", title=_("What moves"), wide=True),
                    Column(key="from", title=_("Date now")),
                    Column(key="to", title=_("Moves to")),
                    Column(key="days", title=_("Days"), figures=True),
                    Column(key="why", title=_("Because"), wide=True),
                ],
                (
                    [
                        _point(landing.point),
                        words(landing.point.on_text),
                        day(landing.to),
                        figure(landing.days),
                        words(landing.why),
                    ]
                    for landing in chain.landings
                ),
                empty=_("Nothing moves."),
            ),
        ],
        missing=_unknown_links(live),
        of_today=bool(edition),
    )


def _what_depends(live: list[Link]) -> str:
    if not live:
        return _("No project waits for another or for a decision outside.")
    told = ngettext(
        "%(n)s dependency binds %(projects)s projects.", "%(n)s dependencies bind %(projects)s projects.", len(live)
    )
    outside = Counter(link.first.title for link in live if not link.first.number)
    awaited = [f"{name} ({n})" for name, n in sorted(outside.items(), key=lambda each: danish_order(each[0]))]
    external = _("Decisions outside are awaited from %(names)s.") % {"names": named(awaited)} if awaited else ""
    collisions = sorted((link for link in live if link.collides), key=lambda link: link.slack or 0)
    said = {"n": len(live), "projects": len({number for link in live for number in link.projects})}
    return sentences(told % said, _what_collides(collisions), external)


def _what_collides(collisions: list[Link]) -> str:
    if not collisions:
        return _("None collides.")
    worst = collisions[0]
    told = ngettext(
        "%(n)s collides, worst %(title)s by %(days)s days.",
        "%(n)s collide, worst %(title)s by %(days)s days.",
        len(collisions),
    )
    return told % {"n": len(collisions), "title": worst.waits.title, "days": -(worst.slack or 0)}


def _where_it_lands(landings: list[Landing]) -> str:
    if not landings:
        return _("What is late today moves nothing else.")
    titles = dict.fromkeys(landing.point.title for landing in landings)
    told = ngettext(
        "What is known today moves %(n)s date, in %(names)s.",
        "What is known today moves %(n)s dates, in %(names)s.",
        len(landings),
    )
    return told % {"n": len(landings), "names": named(titles)}


def _link(link: Link) -> list[Cell]:
    return [
        _point(link.first),
        _when(link.first),
        _point(link.waits),
        _when(link.waits),
        _slack(link),
        several(lines(link.text)),
    ]


def _point(point: Point) -> Cell:
    """A milestone, start or end below its project, or who decides outside."""
    if not point.number:
        return Cell(lines=[*lines(point.title, tone=Tone.strong), *small(_("External"))])
    return Cell(lines=[*lines(point.label), short(point.number, point.title)])


def _when(point: Point) -> Cell:
    late = ngettext("%(n)s day late", "%(n)s days late", point.days_late) % {"n": point.days_late}
    return words(point.on_text) + (lines(late, tone=Tone.late) if point.days_late else [])


def _slack(link: Link) -> Cell:
    if link.slack is None:
        return lacking(_("A date is missing"))
    if link.collides:
        told = ngettext("Collides by %(n)s day", "Collides by %(n)s days", -link.slack) % {"n": -link.slack}
        return Cell(lines=[Line(text=told, tone=Tone.late)], figure=link.slack)
    told = ngettext("%(n)s day of slack", "%(n)s days of slack", link.slack) % {"n": show_number(link.slack)}
    return figure(link.slack, shown=told)


def _unknown_links(live: list[Link]) -> list[str]:
    undated = [link for link in live if link.slack is None]
    told = [_("Only what projects have registered is known; what nobody has related is not here.")]
    if undated:
        said = ngettext("%(n)s dependency has no date.", "%(n)s dependencies have no date.", len(undated))
        told.insert(0, said % {"n": len(undated)})
    return told
