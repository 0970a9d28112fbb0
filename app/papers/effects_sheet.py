"""The sheet Effekter: one row a target, with its project beside it, so that filtering works."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from app.i18n import show_date
from app.models.effect_target import IndicatorType, NoShare
from app.models.milestone import Precision
from app.models.project import Phase
from app.models.success_criterion import Met
from app.papers.looks import Looks
from app.papers.sheet import Cell, Column, Sheet
from app.tabs.after_project import AfterProject, FollowedTarget
from app.tabs.effects import Effects, ProjectEffects, TargetRow

COLUMNS = [
    Column("Nr.", 6.5),
    Column("Projekt", 20),
    Column("Overordnet mål", 26),
    Column("Effektmål", 20),
    Column("Indikatortype", 12.5),
    Column("Enhed", 10),
    Column("Baseline (værdi)", 11),
    Column("Baseline (dato)", 12.5),
    Column("Mål (værdi)", 11),
    Column("Mål (dato)", 12.5),
    Column("Seneste måling (værdi)", 11),
    Column("Seneste måling (dato)", 12.5),
    Column("Seneste måling (kilde)", 14),
    Column("Andel af forventet sti", 11),
    Column("Benchmark", 10),
    Column("Gevinstejer", 11),
    Column("Vigtigste succeskriterier", 30),
    Column("Kort aktuel status", 34, internal=True),
    Column("Opfølgning efter afslutning", 14),
]
TARGET_COLUMNS = len(COLUMNS) - 5
"""The columns that are a target's own; five are its project's."""


def fill_effects(sheet: Sheet, effects: Effects) -> None:
    """A row for each target in the order of the screen; a project that measures no effect has a row that says so."""
    looks = sheet.looks
    words = {choice: str(choice) for kind in (IndicatorType, NoShare, Met) for choice in kind}
    for project in effects.projects:
        before, after = _project(project, sheet, words)
        for target in _rows(project, sheet, words):
            sheet.add([*before, *target[:-1], *after, target[-1]])
    for left in effects.after.projects:
        for followed in left.targets:
            sheet.add(_after(left, followed, looks))
    sheet.close()


def _project(project: ProjectEffects, sheet: Sheet, words: dict[Any, str]) -> tuple[list[Cell], list[Cell]]:
    """What stands before and behind a target's own columns: the same for all targets of the project."""
    looks = sheet.looks
    criteria = "\n".join(
        criterion.text if sheet.external else f"{words[criterion.met]}: {criterion.text}"
        for criterion in project.success_criteria
    )
    return [
        (project.number, looks.text),
        (f"{project.title} (lukket)" if project.closed else project.title, looks.strong),
        (project.purpose, looks.text) if project.purpose else sheet.missing,
    ], [
        (criteria, looks.text) if criteria else ("Ingen", looks.muted),
        (project.summary, looks.text) if project.summary else (project.why_missing, looks.muted),
    ]


def _rows(project: ProjectEffects, sheet: Sheet, words: dict[Any, str]) -> Iterator[list[Cell]]:
    looks = sheet.looks
    if not project.effects:
        yield [("Intet effektmål", looks.missing), *[("", looks.text)] * (TARGET_COLUMNS - 1)]
    for target in project.targets:
        yield [*_target(target, sheet, words), (_follow_up(project, target), looks.text)]


def _target(target: TargetRow, sheet: Sheet, words: dict[Any, str]) -> list[Cell]:
    """The target's own columns. Figures are numbers in its unit of measure; what is not known is said."""
    looks = sheet.looks
    owner = ", ".join(filter(None, [target.benefit_owner, target.owner_unit]))
    return [
        (target.name, looks.text),
        (words[target.indicator_type], looks.text),
        (target.unit_of_measure, looks.text),
        _figure(target.baseline_value, "Ukendt", looks),
        _day(target.baseline_on, target.baseline_precision, looks),
        _figure(target.target_value, target.target_wording or "Intet måltal", looks),
        _day(target.target_on, Precision.day, looks),
        *_latest(target, looks),
        _share(target, looks, words),
        ("\n".join(target.compared), looks.text),
        (owner, looks.text) if owner else sheet.missing,
    ]


def _latest(target: TargetRow, looks: Looks) -> list[Cell]:
    latest = target.latest
    if latest is None:
        return [("Ikke målt", looks.muted), ("", looks.text), ("", looks.text)]
    return [
        _figure(latest.value, "", looks),
        _day(latest.on, latest.precision, looks),
        (latest.source, looks.text),
    ]


def _figure(value: float | None, without: str, looks: Looks) -> Cell:
    return (without, looks.muted) if value is None else (value, looks.number(value))


def _day(on: date | None, precision: Precision, looks: Looks) -> Cell:
    return ("", looks.text) if on is None else (on, looks.on(on, precision))


def _share(target: TargetRow, looks: Looks, words: dict[Any, str]) -> Cell:
    """The share of the expected path, 1.0 on the path, in the whole per cent of the screen; or why there is none."""
    if target.share_percent is not None:
        return target.share_percent / 100, looks.percent
    if target.due_on:
        return f"Ikke forfalden før {show_date(target.due_on)}", looks.muted
    return words.get(target.no_share, ""), looks.muted


def _after(project: AfterProject, target: FollowedTarget, looks: Looks) -> list[Cell]:
    """A target of a project that has left the list, in the same columns: most of them are no longer kept up."""
    row: list[Cell] = [("", looks.text)] * len(COLUMNS)
    row[0], row[1] = (project.number, looks.text), (f"{project.title} (udgået af listen)", looks.strong)
    row[3], row[5] = (target.name, looks.text), (target.unit_of_measure, looks.text)
    if target.latest is not None and target.latest_on:
        row[10], row[11] = _figure(target.latest, "", looks), _day(target.latest_on, target.precision, looks)
    said, planned = target.last, target.next
    told = [
        f"Følges ikke: {target.not_followed}" if target.not_followed else "",
        f"{said.result} ({show_date(said.due_on)})" if said else "",
        ", ".join(filter(None, [f"Næste opfølgning {show_date(planned.due_on)}", planned.owner])) if planned else "",
    ]
    row[-1] = ("\n".join(filter(None, told)), looks.text)
    return row


def _follow_up(project: ProjectEffects, target: TargetRow) -> str:
    """What is left to find out once the project has ended, or the target's date has passed."""
    if target.final_figure_missing:
        return "Måldatoen er passeret uden måling"
    if project.phase is not Phase.finished:
        return ""
    if target.target_on and target.target_on >= target.day:
        return f"Følges til {show_date(target.target_on)}"
    return "Slutmåling foreligger" if target.latest else ""
