"""Questions about effects: on the path, realised, opposed, and promised by the strategy letter (Q9, Q10, Q13, Q14)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import fsum

from app.i18n import _, ngettext, show_date, show_millions, show_number
from app.models.effect_target import Direction, Standing
from app.models.relation import RelationKind
from app.models.stated_total import BenefitColumn
from app.tabs.answer import (
    Answer,
    AnswerTable,
    Cell,
    Column,
    Line,
    Tone,
    as_today,
    counted,
    figure,
    lacking,
    lines,
    mix,
    named,
    sentences,
    several,
    small,
    table,
    to_project,
    words,
)
from app.tabs.benefit_rollup import Benefits
from app.tabs.benefits import COLUMNS, Amount, BenefitLine, Totals
from app.tabs.chain import ChainTab, OtherRelation
from app.tabs.effect_coverage import DoubleClaim, same_effect
from app.tabs.effects import Effects, ProjectEffects, TargetRow
from app.tabs.link import Aim
from app.tabs.mark import Mark
from app.tabs.strategy import Strategy, ThemeStatus

TargetOf = tuple[ProjectEffects, TargetRow]


def effects(tab: Effects) -> Answer:
    """Q9: do we get the effects that we decided?"""
    found = [(project, target) for project in tab.projects for target in project.effects]
    judged = sorted(
        ((project, target, target.share) for project, target in found if target.share is not None),
        key=lambda each: each[2],
    )
    return Answer(
        sentence=_how_many_come(tab),
        tables=[
            _paths([(project, target) for project, target, _share in judged]),
            _unmeasurable([each for each in found if each[1].standing is Standing.not_measurable]),
            _waiting([each for each in found if each[1].standing in (Standing.not_due, Standing.not_measured)]),
        ],
        missing=_without_effects(tab),
    )


def _how_many_come(tab: Effects) -> str:
    numbers = tab.numbers
    judged = numbers.green + numbers.yellow + numbers.red
    if not numbers.targets:
        return _("No project on the list has an effect target.")
    told = ngettext(
        "%(n)s of %(targets)s effect targets can be judged: %(green)s on the path, %(yellow)s behind and %(red)s far "
        "behind.",
        "%(n)s of %(targets)s effect targets can be judged: %(green)s on the path, %(yellow)s behind and %(red)s far "
        "behind.",
        judged,
    ) % {
        "n": judged,
        "targets": numbers.targets,
        "green": numbers.green,
        "yellow": numbers.yellow,
        "red": numbers.red,
    }
    behind = sorted(
        (target.share, target.name)
        for project in tab.projects
        for target in project.effects
        if target.share is not None and target.standing is not Standing.on_path
    )
    names = _("Not on the path: %(names)s.") % {"names": named(name for _share, name in behind)} if behind else ""
    lack = _("%(baseline)s lack a baseline and %(figure)s a target figure.") % {
        "baseline": numbers.no_baseline,
        "figure": numbers.no_target_figure,
    }
    return sentences(told, names, lack)


def _paths(found: Iterable[TargetOf]) -> AnswerTable:
    return table(
        "paths",
        _("Effect targets by their path, the furthest behind first"),
        [
            Column(key="target", title=_("Effect target"), wide=True),
            Column(key="baseline", title=_("Baseline")),
            Column(key="goal", title=_("Target")),
            Column(key="latest", title=_("Latest figure")),
            Column(key="expected", title=_("Expected then"), figures=True),
            Column(key="gap", title=_("Off the path by"), figures=True),
            Column(key="share", title=_("Share of the path"), figures=True),
        ],
        map(_path_row, found),
        empty=_("No effect target can be judged."),
    )


def _path_row(each: TargetOf) -> list[Cell]:
    _project, target = each
    latest = target.latest
    gap = None
    if latest is not None and target.expected_then is not None:
        gap = round(latest.value - target.expected_then, target.decimals) + 0.0  # never −0
    shown = "" if gap is None else ("+" if gap > 0 else "") + show_number(gap, target.decimals)
    return [
        _target(each),
        _stood(target.baseline_value, target, target.baseline_when),
        _stood(target.target_value, target, show_date(target.target_on)),
        _stood(latest.value if latest else None, target, latest.when if latest else ""),
        figure(target.expected_then, shown=show_number(target.expected_then, target.decimals)),
        figure(gap, shown=shown),
        _share(target),
    ]


def _target(each: TargetOf) -> Cell:
    project, target = each
    return Cell(
        lines=[
            Line(
                text=target.name,
                address=f"/projects/{project.number}/effect-targets/{target.no}",
                tone=Tone.strong,
            ),
            *small(f"{project.number} · {project.title}"),
        ]
    )


def _stood(value: float | None, target: TargetRow, when: str) -> Cell:
    if value is None:
        return lacking()
    return Cell(lines=[*lines(f"{show_number(value)} {target.unit_of_measure}"), *small(when)], figure=value)


def _share(target: TargetRow) -> Cell:
    percent = target.share_percent
    if percent is None or target.colour is None:
        return lacking(_("Unknown"))
    said = _("%(n)s per cent") % {"n": show_number(percent)}
    return Cell(lines=[Line(text=said, mark=Mark(target.colour.value)), *small(str(target.standing))], figure=percent)


def _unmeasurable(found: Iterable[TargetOf]) -> AnswerTable:
    return table(
        "unmeasurable",
        _("Effect targets that cannot be measured"),
        [
            Column(key="target", title=_("Effect target"), wide=True),
            Column(key="lacks", title=_("What is missing"), wide=True),
            Column(key="said", title=_("What was decided"), wide=True),
            Column(key="owner", title=_("Effect owner")),
        ],
        (
            [
                _target(each),
                several(lines(*(check.lacking for check in each[1].lacks_to_be_measured), tone=Tone.missing)),
                words(each[1].target_wording) if each[1].target_wording else _goal(each[1]),
                words(" · ".join(filter(None, [each[1].benefit_owner, each[1].owner_unit]))),
            ]
            for each in found
        ),
        empty=_("Every effect target can be measured."),
    )


def _goal(target: TargetRow) -> Cell:
    return _stood(target.target_value, target, show_date(target.target_on))


def _waiting(found: Iterable[TargetOf]) -> AnswerTable:
    return table(
        "waiting",
        _("Effect targets that are not due or not measured yet"),
        [
            Column(key="target", title=_("Effect target"), wide=True),
            Column(key="baseline", title=_("Baseline")),
            Column(key="goal", title=_("Target")),
            Column(key="state", title=_("Status")),
        ],
        (
            [
                _target(each),
                _stood(each[1].baseline_value, each[1], each[1].baseline_when),
                _goal(each[1]),
                words(str(each[1].standing), show_date(each[1].due_on)),
            ]
            for each in found
        ),
        empty=_("None."),
    )


def _without_effects(tab: Effects) -> list[str]:
    told = []
    if silent := [project.title for project in tab.projects if not project.effects]:
        said = ngettext(
            "%(n)s of %(of)s projects has no effect target: %(names)s.",
            "%(n)s of %(of)s projects have no effect target: %(names)s.",
            len(silent),
        )
        told.append(said % {"n": len(silent), "of": tab.total, "names": named(silent)})
    if late := tab.numbers.measured_late:
        said = ngettext(
            "%(n)s effect target has not been measured on time.",
            "%(n)s effect targets have not been measured on time.",
            late,
        )
        told.append(said % {"n": late})
    if outputs := tab.numbers.outputs:
        said = ngettext(
            "%(n)s delivery is not counted as an effect.", "%(n)s deliveries are not counted as effects.", outputs
        )
        told.append(said % {"n": outputs})
    return told


def benefits(tab: Benefits) -> Answer:
    """Q10: how much of the benefits is realised, identified, and in the air. Amounts in kroner, shown in millions."""
    return Answer(
        sentence=_what_is_realised(tab.sum),
        tables=[
            _benefit_lines(tab),
            _benefit_sums("years", _("By budget year"), {str(year): totals for year, totals in tab.years.items()}),
            _split(tab),
        ],
        missing=_unstated(tab),
    )


def _what_is_realised(total: Totals) -> str:
    if not total.budget.known:
        return _("No project on the list has a budgeted benefit.")
    said = {
        "budget": total.budget.shown,
        "realised": show_millions(total.realised_in_budget),
        "identified": show_millions(total.identified_in_budget),
        "left": show_millions(total.outstanding or 0),
        "percent": total.percent or 0,
        "both": total.percent_with_identified or 0,
    }
    told = _(
        "Of %(budget)s million kroner in the budgets %(realised)s are realised (%(percent)s per cent), %(identified)s "
        "identified, and %(left)s are in the air."
    )
    covered = _("Realised and identified together cover %(both)s per cent.")
    return sentences(told % said, covered % said)


AMOUNTS = [*COLUMNS]


def _amount_columns() -> list[Column]:
    return [Column(key=column.value, title=str(column), figures=True) for column in AMOUNTS] + [
        Column(key="outstanding", title=_("In the air"), figures=True)
    ]


def _amounts(totals: Totals) -> list[Cell]:
    return [*(_amount(totals.amounts[column]) for column in AMOUNTS), _left(totals.outstanding)]


def _amount(amount: Amount) -> Cell:
    """An amount in million kroner; what nobody has stated is a dash, and counted below what others have."""
    if not amount.known:
        return several([])
    unknown = ngettext("%(n)s line unknown", "%(n)s lines unknown", amount.unknown) % {"n": amount.unknown}
    return figure(amount.most, unknown if amount.unknown else "", shown=amount.shown)


def _left(kroner: float | None) -> Cell:
    return several([]) if kroner is None else figure(kroner, shown=show_millions(kroner))


def _benefit_lines(tab: Benefits) -> AnswerTable:
    rows = [
        [
            to_project(project.number, project.title, line.area),
            figure(line.year, shown=str(line.year)),
            *_line_amounts(line),
        ]
        for project in tab.projects
        for line in project.lines
    ]
    return table(
        "benefits",
        _("Benefits by project and area, in million kroner"),
        [
            Column(key="project", title=_("Project and area")),
            Column(key="year", title=_("Year"), figures=True),
            *_amount_columns(),
        ],
        rows,
        total=[Cell(lines=lines(_("In all"))), several([], ""), *_amounts(tab.sum)] if rows else None,
        note=_("A dash is an amount that nobody has stated; it is not nothing."),
        empty=_("No project on the list has benefits."),
    )


def _line_amounts(line: BenefitLine) -> Iterator[Cell]:
    for column in AMOUNTS:
        stated = line.stated(column)
        if stated is None:
            yield several([])
            continue
        least, most = (show_millions(end) for end in stated)
        yield figure(stated[1], shown=least if least == most else f"{least}–{most}")
    found = fsum(amount or 0 for amount in (line.realised, line.identified))
    yield _left(None if line.budget is None else max(line.budget - found, 0))


def _benefit_sums(key: str, title: str, sums: Mapping[str, Totals]) -> AnswerTable:
    return table(
        key,
        title,
        [Column(key="name", title=_("Year")), *_amount_columns()],
        ([words(name), *_amounts(totals)] for name, totals in sums.items()),
        empty=_("No project on the list has benefits."),
    )


def _split(tab: Benefits) -> AnswerTable:
    """How realised and budgeted amounts are shared between treasury and centre (R87: 80/20)."""
    total = tab.sum
    shares = [
        (BenefitColumn.realised, total.realised_split, total.realised.most),
        (BenefitColumn.budget, total.budget_split, total.budget.most),
    ]
    return table(
        "split",
        _("How the benefits are shared (80/20 unless a line says otherwise), in million kroner"),
        [
            Column(key="what", title=_("Amount")),
            Column(key="treasury", title=_("To the treasury"), figures=True),
            Column(key="centre", title=_("To the centre"), figures=True),
            Column(key="share", title=_("The treasury's share"), figures=True),
        ],
        (
            [
                words(str(column)),
                figure(split.treasury, shown=show_millions(split.treasury)),
                figure(split.centre, shown=show_millions(split.centre)),
                figure(round(100 * split.treasury / whole), shown=_percent(split.treasury / whole))
                if whole
                else several([]),
            ]
            for column, split, whole in shares
        ),
    )


def _percent(share: float) -> str:
    return _("%(n)s per cent") % {"n": show_number(100 * share, 0)}


def _unstated(tab: Benefits) -> list[str]:
    told = []
    if tab.without:
        said = ngettext(
            "%(n)s of %(of)s projects has stated no benefits.",
            "%(n)s of %(of)s projects have stated no benefits.",
            tab.without,
        )
        told.append(said % {"n": tab.without, "of": tab.shown})
    if unknown := tab.sum.realised.unknown:
        said = ngettext(
            "%(n)s line does not say what is realised; so what is in the air is at most what stands here.",
            "%(n)s lines do not say what is realised; so what is in the air is at most what stands here.",
            unknown,
        )
        told.append(said % {"n": unknown})
    if tab.sum.part_year:
        said = ngettext(
            "%(n)s line does not have its effect all year.",
            "%(n)s lines do not have their effect all year.",
            tab.sum.part_year,
        )
        told.append(said % {"n": tab.sum.part_year})
    return told


def goal_conflicts(chain: ChainTab, tab: Effects, edition: str = "") -> Answer:
    """Q13: where two projects work against each other. `edition` is one that was asked for and keeps no relations."""
    conflicts = [each for each in chain.others if each.kind is RelationKind.goal_conflict]
    opposed = [each for each in same_effect(tab.projects) if each.opposed]
    targets = {project.number: project.targets for project in tab.projects}
    return Answer(
        sentence=sentences(as_today(edition), _what_conflicts(conflicts, opposed)),
        tables=[
            table(
                "conflicts",
                _("Goals that work against each other"),
                [
                    Column(key="one", title=_("Project"), wide=True),
                    Column(key="one_targets", title=_("Wants"), wide=True),
                    Column(key="other", title=_("Other project"), wide=True),
                    Column(key="other_targets", title=_("Wants"), wide=True),
                    Column(key="text", title=_("What it is about"), wide=True),
                ],
                (
                    [
                        to_project(each.number, each.title),
                        _wants(targets.get(each.number, []), each.aims),
                        to_project(each.other_number, each.other_title),
                        _wants(targets.get(each.other_number, []), each.other_aims),
                        words(each.text),
                    ]
                    for each in conflicts
                ),
                empty=_("No goals that work against each other are registered."),
            ),
            *([_opposed(opposed)] if opposed else []),
        ],
        missing=[_("Only conflicts that a project has registered are known, and targets wanted both up and down.")],
        of_today=bool(edition),
    )


def _what_conflicts(conflicts: list[OtherRelation], opposed: list[DoubleClaim]) -> str:
    if not conflicts and not opposed:
        return _("No two projects are known to work against each other.")
    told = ngettext(
        "Two projects work against each other in %(n)s place: %(pairs)s.",
        "Projects work against each other in %(n)s places: %(pairs)s.",
        len(conflicts) + len(opposed),
    )
    same = [named(dict.fromkeys(claim.title for claim in each.claims)) for each in opposed]
    pairs = "; ".join([*_against(conflicts), *same])
    return told % {"n": len(conflicts) + len(opposed), "pairs": pairs}


def _against(conflicts: list[OtherRelation]) -> Iterator[str]:
    """Who works against whom, said once of each project: the one with most opponents first."""
    left = [(each.title, each.other_title) for each in conflicts]
    while left:
        often = Counter(title for pair in left for title in pair)
        one = max(often, key=lambda title: (often[title], title))
        others = [first if second == one else second for first, second in left if one in (first, second)]
        yield _("%(one)s against %(others)s") % {"one": one, "others": named(others)}
        left = [pair for pair in left if one not in pair]


def _wants(targets: list[TargetRow], aims: list[Aim]) -> Cell:
    """Each target with its direction and its figures; what the tab does not know, by its name only."""
    known = {target.name: target for target in targets}
    found = []
    for aim in aims:
        said = f"{_ARROWS[aim.direction]} {aim.direction}: {aim.name}"
        found += [*lines(said), *small(_course(known.get(aim.name)))]
    return Cell(lines=found) if found else lacking(_("No effect target"))


_ARROWS = {Direction.up: "↑", Direction.down: "↓", Direction.hold: "→"}


def _course(target: TargetRow | None) -> str:
    """»fra 39 (2020) til 60 (31-12-2023); seneste 49 (2021)«, as far as it is known."""
    if target is None:
        return ""
    latest = target.latest
    said = [
        (_("from"), target.baseline_value, target.baseline_when),
        (_("to"), target.target_value, show_date(target.target_on)),
        (_("latest figure"), latest.value if latest else None, latest.when if latest else ""),
    ]
    return ", ".join(
        f"{label} {show_number(value)}{f' ({when})' if when else ''}"
        for label, value, when in said
        if value is not None
    )


def _opposed(found: Iterable[DoubleClaim]) -> AnswerTable:
    return table(
        "opposed",
        _("The same figure wanted up and down"),
        [
            Column(key="project", title=_("Project")),
            Column(key="target", title=_("Effect target")),
            Column(key="direction", title=_("Wanted direction")),
        ],
        (
            [to_project(claim.number, claim.title), words(claim.name), words(str(claim.direction))]
            for each in found
            for claim in each.claims
        ),
    )


def strategy(tab: Strategy) -> Answer:
    """Q14: what each theme of the strategy letter promised, and how it goes."""
    return Answer(
        sentence=_what_is_promised(tab),
        tables=[
            table(
                "themes",
                _("The themes of the strategy letter"),
                [
                    Column(key="theme", title=_("Theme and promise"), wide=True),
                    Column(key="projects", title=_("Projects and their status"), wide=True),
                    Column(key="mix", title=_("In all")),
                    Column(key="effects", title=_("Effect targets"), wide=True),
                ],
                map(_theme, tab.themes),
                empty=_("No strategy letter has been entered."),
            )
        ],
        missing=_unserved(tab),
    )


def _what_is_promised(tab: Strategy) -> str:
    if tab.year is None:
        return _("No strategy letter has been entered.")
    told = ngettext(
        "The strategy letter of %(year)s has %(n)s theme: %(names)s.",
        "The strategy letter of %(year)s has %(n)s themes: %(names)s.",
        len(tab.themes),
    ) % {"year": tab.year, "n": len(tab.themes), "names": named((_mixed(theme) for theme in tab.themes), 8)}
    targets = sum(theme.targets for theme in tab.themes)
    reached = sum(theme.reached for theme in tab.themes)
    on_path = sum(theme.stands.get(Standing.on_path, 0) for theme in tab.themes)
    effects_said = ngettext(
        "Of %(n)s effect target %(reached)s is reached and %(path)s on the path.",
        "Of %(n)s effect targets %(reached)s are reached and %(path)s on the path.",
        targets,
    ) % {"n": targets, "reached": reached, "path": on_path}
    return sentences(told, effects_said if targets else "")


def _mixed(theme: ThemeStatus) -> str:
    """A theme with how its projects stand: »Boliger, alle har råd til (2 røde, 1 gul)«."""
    if not theme.projects:
        return _("»%(theme)s« (no project)") % {"theme": theme.name}
    return f"»{theme.name}« ({mix(each.mark for each in theme.projects)})"


def _theme(theme: ThemeStatus) -> list[Cell]:
    promise = lines(theme.promise) or lines(_("What the letter promised has not been entered"), tone=Tone.missing)
    beside = ", ".join(f"{each.number} {each.title}" for each in theme.beside)
    stands = [f"{n} {str(standing).lower()}" for standing, n in theme.stands.items()]
    without = ngettext(
        "%(n)s project without an effect target", "%(n)s projects without an effect target", len(theme.without_target)
    ) % {"n": len(theme.without_target)}
    return [
        Cell(lines=[*lines(theme.name, tone=Tone.strong), *promise, *small(theme.source)]),
        several(
            [
                *(
                    Line(text=f"{each.number} {each.title}", address=f"/projects/{each.number}", mark=each.mark)
                    for each in theme.projects
                ),
                *(small(_("Not on the list: %(names)s") % {"names": beside}) if beside else []),
            ],
            _("No project serves this theme."),
        ),
        several(lines(*(counted(mark, n) for mark, n in theme.mix.items()))),
        several(
            [
                *lines(*stands),
                *(lines(without, tone=Tone.missing) if theme.without_target else []),
            ]
        ),
    ]


def _unserved(tab: Strategy) -> list[str]:
    told = []
    if silent := [theme.name for theme in tab.without_project]:
        said = ngettext(
            "%(n)s theme has no project: %(names)s.", "%(n)s themes have no project: %(names)s.", len(silent)
        )
        told.append(said % {"n": len(silent), "names": named(silent)})
    if tab.round_key:
        told.append(_("The themes, and which projects serve them, are those of today."))
    return told
