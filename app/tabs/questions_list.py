"""Questions about the list itself: what may leave it, how it looked, and what outsiders may have (Q6 and two more)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from app.i18n import _, ngettext, show_date
from app.models import Proposal
from app.models.effect_follow_up import default_dates
from app.models.effect_target import IndicatorType
from app.models.project import Phase
from app.models.proposal import ProposalKind
from app.settings import day_of
from app.tabs.after_project import After, Look
from app.tabs.answer import (
    Answer,
    AnswerTable,
    Cell,
    Column,
    Line,
    Tone,
    colour,
    day,
    figure,
    lacking,
    lines,
    mix,
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
from app.tabs.changes import COLOURS
from app.tabs.effects import Effects, TargetRow
from app.tabs.mark import Mark
from app.tabs.overview import Overview, OverviewFacts
from app.tabs.overview_row import OverviewRow

SILENT_ROUNDS = 2
"""Not reported so many rounds in a row: nobody seems to work on it any more (domain.md 4D)."""

ENDING = {
    Phase.finished: lambda: _("The project is finished."),
    Phase.stopped: lambda: _("The project is stopped."),
    Phase.realisation: lambda: _("The project has delivered; only its effects are left."),
}


class Leaving(NamedTuple):
    """A project that may leave the list, and why."""

    row: OverviewRow
    reasons: list[str]
    targets: list[TargetRow]

    @property
    def followed(self) -> list[TargetRow]:
        """The targets that are to be looked at afterwards; context has nothing to reach."""
        return [target for target in self.targets if target.indicator_type is not IndicatorType.context]


def proposals(found: list[Proposal], slug: str, round_name: str) -> Answer:
    """Q5: which new projects should be on the list, and which criteria they meet (domain.md R01, R19, R24).

    `slug` is that of the list, under which proposals are addressed.
    """
    new = [each for each in found if each.kind is ProposalKind.listing]
    return Answer(
        sentence=_what_is_proposed(new, round_name),
        tables=[
            table(
                "proposals",
                _("Projects proposed for the list"),
                [
                    Column(key="proposal", title=_("Project"), wide=True),
                    Column(key="why", title=_("Why"), wide=True),
                    *(Column(key=name, title=title) for name, title in _criteria()),
                    Column(key="reason", title=_("Why it meets them"), wide=True),
                    Column(key="who", title=_("Raised by")),
                    Column(key="unit", title=_("Unit")),
                    Column(key="answer", title=_("Decision"), wide=True),
                ],
                (_proposal(each, slug) for each in new),
                empty=_("Nobody has proposed a new project."),
            )
        ],
        missing=_unreasoned(new),
    )


def _criteria() -> list[tuple[str, str]]:
    return [("large", _("Large")), ("cross_cutting", _("Cross-cutting")), ("strategic", _("Strategic"))]


def _met(proposal: Proposal) -> list[str]:
    return [title for name, title in _criteria() if getattr(proposal, name)]


def _what_is_proposed(new: list[Proposal], round_name: str) -> str:
    if not new:
        return _("Nobody has proposed a new project.")
    told = ngettext(
        "%(n)s new project is proposed for the list: %(names)s.",
        "%(n)s new projects are proposed for the list: %(names)s.",
        len(new),
    )
    criteria = len(_criteria())
    names = (
        f"{each.title} ({named(map(str.lower, met), criteria)})" if (met := _met(each)) else each.title for each in new
    )
    every = sum(len(_met(each)) == criteria for each in new)
    full = ngettext("%(n)s meets all three criteria.", "%(n)s meet all three criteria.", every)
    meeting = ngettext(
        "It is put to the board's meeting on %(round)s.", "They are put to the board's meeting on %(round)s.", len(new)
    ) % {"round": round_name}
    return sentences(told % {"n": len(new), "names": named(names)}, full % {"n": every}, meeting if round_name else "")


def _proposal(proposal: Proposal, slug: str) -> list[Cell]:
    project = proposal.project
    answer = proposal.answer
    who = proposal.raised_by
    return [
        Cell(
            lines=[
                Line(text=proposal.title, address=f"/portfolios/{slug}/proposals/{proposal.key}", tone=Tone.strong),
                *([short(project.number, project.title)] if project else []),
                *small(proposal.origin),
            ]
        ),
        words(proposal.reason),
        *(words(_("Yes") if getattr(proposal, name) else _("No")) for name, _title in _criteria()),
        words(proposal.admission_reason),
        to_person(who.id if who else None, who.name if who else "", show_date(day_of(proposal.raised_at))),
        words(proposal.unit.code if proposal.unit else ""),
        words(answer.sentence, str(answer.meeting)) if answer else several([], _("Awaits the executive board")),
    ]


def _unreasoned(new: list[Proposal]) -> list[str]:
    told = []
    if silent := [each.title for each in new if not each.admission_reason]:
        said = ngettext(
            "%(n)s proposal does not say why it meets the criteria: %(names)s.",
            "%(n)s proposals do not say why they meet the criteria: %(names)s.",
            len(silent),
        )
        told.append(said % {"n": len(silent), "names": named(silent)})
    return told


def removals(
    facts: OverviewFacts,
    overview: Overview,
    tab: Effects,
    expiries: Mapping[str, date] | None,
    proposed: Mapping[int | None, Proposal],
) -> Answer:
    """Q6: what may leave the list, and which effects are to be followed afterwards (invariant I9, domain.md 4E).

    `expiries` are the days on which projects expire, by number; None for an edition, which does not keep them.
    `proposed` are the proposals to take projects off the list, by the key of the project.
    """
    ends = {project.number: project.planned_end_on for project in facts.projects}
    raised = {project.number: proposed[project.id] for project in facts.projects if project.id in proposed}
    targets = {project.number: project for project in tab.projects}
    rows = [row for group in overview.groups for row in group.rows]
    found = [
        Leaving(row, reasons, targets[row.number].targets)
        for row in rows
        if (
            reasons := _why_it_may_leave(
                row, ends[row.number], (expiries or {}).get(row.number), raised.get(row.number), tab.day
            )
        )
    ]
    return Answer(
        sentence=sentences(_what_may_leave(found, tab.day), _what_is_followed(tab.after)),
        tables=[_leaving(found, tab.day), _followed(tab.after, tab.day)],
        missing=[
            *([_("The edition does not keep when projects expire.")] if expiries is None else []),
            *_unmeasured(tab.after),
        ],
    )


def _why_it_may_leave(
    row: OverviewRow, ends_on: date | None, expires_on: date | None, proposed: Proposal | None, on: date
) -> list[str]:
    reasons = [ENDING[row.phase]()] if row.phase in ENDING else []
    if expires_on and expires_on <= on:
        reasons.append(_("Its time ran out on %(day)s.") % {"day": show_date(expires_on)})
    if ends_on and ends_on < on and row.phase not in ENDING:
        reasons.append(_("Its planned end was %(day)s.") % {"day": show_date(ends_on)})
    if row.history[-SILENT_ROUNDS:] == [Mark.not_reported] * SILENT_ROUNDS:
        reasons.append(_("Not reported two rounds in a row."))
    if proposed:
        by = proposed.raised_by.name if proposed.raised_by else _("somebody")
        reasons.append(_("Proposed by %(name)s: %(reason)s") % {"name": by, "reason": proposed.reason})
    return reasons


def _what_may_leave(found: list[Leaving], on: date) -> str:
    if not found:
        return _("No project on the list is finished, past its end or silent.")
    told = ngettext(
        "%(n)s project may leave the list: %(names)s.", "%(n)s projects may leave the list: %(names)s.", len(found)
    ) % {"n": len(found), "names": named(each.row.title for each in found)}
    followed = [target for each in found for target in each.followed]
    if not followed:
        return sentences(told, _("They have no effect targets to follow."))
    first = min(when for target in followed for when in default_dates(on, target.target_on))
    follow = ngettext(
        "%(n)s target is to be followed afterwards, first on %(day)s.",
        "%(n)s targets are to be followed afterwards, the first on %(day)s.",
        len(followed),
    )
    return sentences(told, follow % {"n": len(followed), "day": show_date(first)})


def _what_is_followed(after: After) -> str:
    numbers = after.numbers
    if not numbers.followed:
        return ""
    told = ngettext(
        "%(n)s project that has left is still followed",
        "%(n)s projects that have left are still followed",
        numbers.followed,
    ) % {"n": numbers.followed}
    late = ngettext("%(n)s follow-up is overdue", "%(n)s follow-ups are overdue", numbers.overdue) % {
        "n": numbers.overdue
    }
    return f"{told}; {late}." if numbers.overdue else f"{told}."


def _leaving(found: Iterable[Leaving], on: date) -> AnswerTable:
    return table(
        "leaving",
        _("Projects that may leave the list"),
        [
            Column(key="project", title=_("Project")),
            Column(key="why", title=_("Why"), wide=True),
            Column(key="mark", title=_("Status")),
            Column(key="targets", title=_("Effect targets and how they stand"), wide=True),
            Column(key="days", title=_("To be followed on, if it leaves today"), wide=True),
        ],
        (
            [
                to_project(each.row.number, each.row.title, each.row.owner),
                several(lines(*each.reasons)),
                colour(each.row.mark),
                several(line for target in each.targets for line in (*lines(target.name), *small(_stands(target))))
                if each.targets
                else lacking(_("No effect target")),
                several(
                    Line(text=f"{target.name}: {', '.join(map(show_date, default_dates(on, target.target_on)))}")
                    for target in each.followed
                ),
            ]
            for each in found
        ),
        note=_("After 6 and 12 months, and on the target date when that comes later."),
        empty=_("No project on the list is finished, past its end or silent."),
    )


def _stands(target: TargetRow) -> str:
    if target.standing is None:
        return _("Context, not followed")
    percent = target.share_percent
    said = _("%(n)s per cent of the path") % {"n": percent} if percent is not None else ""
    return " · ".join(filter(None, [str(target.standing), said]))


def _followed(after: After, on: date) -> AnswerTable:
    """What has left already and is still looked at: by its next follow-up."""
    found = [(project, target, target.next) for project in after.projects for target in project.targets if target.next]
    return table(
        "followed",
        _("Projects that have left and are still followed"),
        [
            Column(key="project", title=_("Project")),
            Column(key="left", title=_("Left on")),
            Column(key="target", title=_("Effect target"), wide=True),
            Column(key="result", title=_("Latest result"), wide=True),
            Column(key="next", title=_("Next follow-up")),
            Column(key="owner", title=_("By whom")),
        ],
        (
            [
                to_project(project.number, project.title),
                day(project.left_on),
                words(target.name),
                _result(target.last),
                day(look.due_on) + _late(look, on),
                words(look.owner),
            ]
            for project, target, look in sorted(found, key=lambda each: (each[2].due_on, each[0].number))
        ),
        empty=_("No project that has left is followed any more."),
    )


def _result(look: Look | None) -> Cell:
    if look is None or look.result is None:
        return several([], _("None yet"))
    return words(str(look.result), look.conclusion)


def _late(look: Look, on: date) -> list[Line]:
    late = (on - look.due_on).days
    if late <= 0:
        return []
    if look.state == "reported":
        return small(_("Reported; awaits approval"))
    return lines(ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}, tone=Tone.late)


def _unmeasured(after: After) -> list[str]:
    n = after.numbers.unmeasured
    told = ngettext(
        "%(n)s project has left the list without anybody measuring its effect.",
        "%(n)s projects have left the list without anybody measuring their effect.",
        n,
    )
    return [told % {"n": n}] if n else []


def as_it_was(then: OverviewFacts | None, overview: Overview | None, now: OverviewFacts) -> Answer:
    """The list as an edition has it, and what has become of it since. None when nothing has been frozen yet."""
    if then is None or overview is None:
        return Answer(sentence=_("No edition of the list has been frozen yet."))
    return Answer(
        title=_("Show the list as it looked in %(round)s") % {"round": overview.round_name},
        sentence=sentences(_how_it_stood(overview), _what_became_of_it(then, now)),
        tables=[_themes(overview), _projects(then, overview, now)],
    )


def _how_it_stood(overview: Overview) -> str:
    told = ngettext(
        "In %(round)s there was %(n)s project on the list: %(mix)s.",
        "In %(round)s there were %(n)s projects on the list: %(mix)s.",
        overview.total,
    )
    marks = (row.mark for group in overview.groups for row in group.rows)
    return told % {"round": overview.round_name, "n": overview.total, "mix": mix(marks)}


def _what_became_of_it(then: OverviewFacts, now: OverviewFacts) -> str:
    return _("%(both)s of them are still there, %(left)s have left, and %(joined)s have joined since.") % {
        "both": len(then.rows.keys() & now.rows.keys()),
        "left": len(then.rows.keys() - now.rows.keys()),
        "joined": len(now.rows.keys() - then.rows.keys()),
    }


def _themes(overview: Overview) -> AnswerTable:
    others = [mark for mark in Mark if mark not in COLOURS]
    groups = overview.groups
    return table(
        "themes",
        _("The list by theme in %(round)s") % {"round": overview.round_name},
        [
            Column(key="theme", title=_("Theme")),
            Column(key="all", title=_("Projects"), figures=True),
            *(Column(key=mark.value, title=str(mark), figures=True) for mark in COLOURS),
            Column(key="none", title=_("Without a colour"), figures=True),
        ],
        (
            [
                words(group.theme),
                figure(len(group.rows)),
                *(figure(group.marks.get(mark, 0)) for mark in COLOURS),
                figure(sum(group.marks.get(mark, 0) for mark in others)),
            ]
            for group in groups
        ),
        total=[
            Cell(lines=lines(_("In all"))),
            figure(overview.total),
            *(figure(sum(group.marks.get(mark, 0) for group in groups)) for mark in COLOURS),
            figure(sum(group.marks.get(mark, 0) for group in groups for mark in others)),
        ],
    )


def _projects(then: OverviewFacts, overview: Overview, now: OverviewFacts) -> AnswerTable:
    """Every project as it stood, and its mark of today where it still stands on the list."""
    today = {project.number: now.rows[project.id].mark for project in then.projects if project.id in now.rows}
    return table(
        "projects",
        _("The projects in %(round)s, and where they are today") % {"round": overview.round_name},
        [
            Column(key="project", title=_("Project")),
            Column(key="theme", title=_("Theme")),
            Column(key="owner", title=_("Owner")),
            Column(key="unit", title=_("Unit")),
            Column(key="then", title=_("Status then")),
            Column(key="now", title=_("Today")),
        ],
        (
            [
                to_project(row.number, row.title),
                words(row.theme),
                words(row.owner),
                words(row.unit),
                colour(row.mark),
                colour(today[row.number]) if row.number in today else words(_("Has left the list")),
            ]
            for group in overview.groups
            for row in group.rows
        ),
    )


def external(overview: Overview, closed_today: set[str]) -> Answer:
    """What an extract for outsiders holds, and what it leaves out and why (domain.md L12, L13, R108).

    `closed_today` are the numbers of the projects that are closed now, of those that the reader may see.
    """
    rows = [row for group in overview.groups for row in group.rows]
    given = [row for row in rows if not row.closed and row.number not in closed_today]
    told = ngettext(
        "Facts about %(n)s project may be given; names of employees, key persons, internal judgements and closed "
        "projects may not.",
        "Facts about %(n)s projects may be given; names of employees, key persons, internal judgements and closed "
        "projects may not.",
        len(given),
    )
    warning = _("What is given to outsiders is no longer internal (the access to documents act, section 23(2)).")
    kept = len(rows) - len(given)
    closed = ngettext("%(n)s closed project is left out.", "%(n)s closed projects are left out.", kept)
    return Answer(
        sentence=sentences(told % {"n": len(given)}, warning),
        tables=[_given(), _kept_back(), _given_projects(given)],
        missing=[closed % {"n": kept}] if kept else [],
        without_closed=True,
    )


def _given() -> AnswerTable:
    return table(
        "given",
        _("What the extract holds"),
        [Column(key="what", title=_("Information")), Column(key="which", title=_("In detail"), wide=True)],
        [
            [words(_("The project")), words(_("Number, title, type, programme, theme, unit, phase and case numbers"))],
            [words(_("Status")), words(_("The approved colour, its history and when it was approved"))],
            [words(_("Bodies")), words(_("Names of bodies, seats by unit and function, size and meetings a year"))],
            [words(_("Resources")), words(_("Posts in full-time equivalents by unit, and funding by year"))],
            [
                words(_("Effects")),
                words(_("Purpose, effect targets with baseline, target and measurements, success criteria, benefits")),
            ],
        ],
    )


def _kept_back() -> AnswerTable:
    return table(
        "kept-back",
        _("What the extract leaves out, and why"),
        [
            Column(key="what", title=_("Information")),
            Column(key="which", title=_("In detail"), wide=True),
            Column(key="why", title=_("Why"), wide=True),
        ],
        [
            [
                words(_("Names of employees")),
                words(_("Owner, leader, members of bodies and effect owners")),
                words(_("Personal data; the unit stands instead")),
            ],
            [
                words(_("Key persons and load")),
                words(_("Key persons by unit, points, levels and the most loaded")),
                words(_("Says something about how single employees are used")),
            ],
            [
                words(_("Internal judgements")),
                words(
                    _("Cause, the six assessments, path to green, decision wanted, status text, signals and comments")
                ),
                words(_("Internal until the case is decided; facts must be given, judgements need not")),
            ],
            [
                words(_("Closed projects")),
                words(_("Everything about them, also in totals")),
                words(_("Confidential; an outsider must not see that they exist")),
            ],
        ],
    )


def _given_projects(given: Iterable[OverviewRow]) -> AnswerTable:
    return table(
        "projects",
        _("The projects in the extract"),
        [
            Column(key="project", title=_("Project")),
            Column(key="theme", title=_("Theme")),
            Column(key="unit", title=_("Unit")),
            Column(key="phase", title=_("Phase")),
            Column(key="mark", title=_("Status")),
        ],
        (
            [
                to_project(row.number, row.title),
                words(row.theme),
                words(row.unit),
                words(str(row.phase)),
                colour(row.mark),
            ]
            for row in given
        ),
        empty=_("The extract would hold no project."),
    )
