"""The sheet Gevinster, for the budget process (domain.md R89): one row a line, in kroner, and the sums of each year."""

from collections.abc import Iterable, Iterator

from app.models.benefit import Certainty
from app.models.stated_total import BenefitColumn
from app.papers.looks import Look, Looks
from app.papers.sheet import Cell, Column, Sheet
from app.tabs.benefits import RANGED, Amount, BenefitLine, Split, Totals, benefits_of_several, whole_percent
from app.tabs.effects import Effects, ProjectEffects

COLUMNS = [
    Column("Nr.", 6.5),
    Column("Projekt", 26),
    Column("Tema", 18),
    Column("Center", 8),
    Column("Budgetår", 9),
    Column("Område", 28),
    Column("Eksternt potentiale, mindst (kr.)", 12),
    Column("Eksternt potentiale, højst (kr.)", 12),
    Column("Ikke analyseret, mindst (kr.)", 12),
    Column("Ikke analyseret, højst (kr.)", 12),
    Column("Egen forventning, mindst (kr.)", 12),
    Column("Egen forventning, højst (kr.)", 12),
    Column("Realiseret (kr.)", 12),
    Column("Identificeret (kr.)", 12.5),
    Column("Budget (kr.)", 12),
    Column("Udestår (kr.)", 12),
    Column("Realiseret af budget", 10.5),
    Column("Realiseret og identificeret af budget", 12.5),
    Column("Helårseffekt", 11.5),
    Column("Sikkerhed", 10.5),
    Column("Kommunekassens andel", 14.5),
    Column("Realiseret, til kommunekassen (kr.)", 14.5),
    Column("Realiseret, til centret (kr.)", 12),
    Column("Budget, til kommunekassen (kr.)", 14.5),
    Column("Budget, til centret (kr.)", 12),
    Column("Begrundelse for delingen", 20, internal=True),
    Column("Tiltag", 20),
    Column("Bemærkning", 26, internal=True),
]
SINGLE = (BenefitColumn.realised, BenefitColumn.identified, BenefitColumn.budget)


def fill_benefits(sheet: Sheet, effects: Effects) -> None:
    """A row for each line in the order of the screen; below them what the lines of each budget year, and all, come to.

    What nobody has stated is an empty cell, and the sums are of what is stated.
    """
    looks, words = sheet.looks, {certainty: str(certainty) for certainty in Certainty}
    for project in effects.projects:
        for line in project.benefits:
            sheet.add(_line(project, line, looks, words))
    sums = benefits_of_several(project.benefits for project in effects.projects)
    for year, totals in sums.years.items():
        sheet.add(_sum(f"I alt {year}", year, totals, sheet))
    if len(sums.years) > 1:
        sheet.add(_sum("I alt", None, sums.total, sheet))
    sheet.close()


def _line(project: ProjectEffects, line: BenefitLine, looks: Looks, words: dict[Certainty, str]) -> list[Cell]:
    return [
        (project.number, looks.text),
        (f"{project.title} (lukket)" if project.closed else project.title, looks.strong),
        (project.theme, looks.text),
        (project.unit, looks.text),
        (line.year, looks.year_number),
        (line.area, looks.text),
        *_kroner((end for column in RANGED for end in line.stated(column) or (None, None)), looks),
        *_kroner((getattr(line, column.value) for column in SINGLE), looks),
        *[("", looks.text)] * 3,
        ("Ja" if line.full_year else "Nej", looks.text),
        (words[line.certainty], looks.text),
        (line.treasury_percent / 100, looks.percent),
        *_kroner(line.split(BenefitColumn.realised), looks),
        *_kroner(line.split(BenefitColumn.budget), looks),
        (line.split_reason, looks.text),
        (line.measure, looks.text),
        (line.note, looks.text),
    ]


def _sum(name: str, year: int | None, totals: Totals, sheet: Sheet) -> list[Cell]:
    """What lines come to. How much of a budget is covered is said of sums alone: areas fill in for each other.

    What is unknown stands in the last column that there is: outsiders have no notes.
    """
    looks, missing = sheet.looks, totals.realised.unknown
    unknown = (f"{_count(missing)} uden oplyst realiseret beløb" if missing else "", looks.muted)
    return [
        ("", looks.text),
        (name, looks.strong),
        *[("", looks.text)] * 2,
        (year, looks.year_number),
        (_count(totals.lines), looks.text),
        *_kroner((end for column in RANGED for end in _ends(totals.amounts[column])), looks),
        *_kroner((_ends(totals.amounts[column])[0] for column in SINGLE), looks),
        *_kroner([totals.outstanding], looks),
        _share(totals.coverage, looks),
        _share(totals.coverage_with_identified, looks),
        (f"{totals.part_year} uden" if totals.part_year else "", looks.text),
        *[("", looks.text)] * 2,
        *_kroner(_parts(totals.realised_split, totals.realised), looks),
        *_kroner(_parts(totals.budget_split, totals.budget), looks),
        ("", looks.text),
        unknown if sheet.external else ("", looks.text),
        unknown,
    ]


def _count(lines: int) -> str:
    return "1 linje" if lines == 1 else f"{lines} linjer"


def _ends(amount: Amount) -> tuple[float | None, float | None]:
    return (amount.least, amount.most) if amount.known else (None, None)


def _parts(split: Split, amount: Amount) -> tuple[float | None, float | None]:
    return (split.treasury, split.centre) if amount.known else (None, None)


def _kroner(amounts: Iterable[float | None], looks: Looks) -> Iterator[Cell]:
    for amount in amounts:
        look: Look = looks.text if amount is None else looks.number(amount)
        yield amount, look


def _share(share: float | None, looks: Looks) -> Cell:
    """In the whole per cent of the screen."""
    return ("", looks.text) if share is None else (whole_percent(share) / 100, looks.percent)
