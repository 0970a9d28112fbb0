"""The sheet Målinger: a row for each figure of an effect target and for each figure of others beside it, to filter."""

from app.papers.looks import Looks
from app.papers.sheet import Cell, Column, Sheet
from app.tabs.effects import Comparison, Effects, Figure, ProjectEffects, TargetRow

COLUMNS = [
    Column("Nr.", 6.5),
    Column("Projekt", 34),
    Column("Tema", 24),
    Column("Effektmål", 34),
    Column("Indikatortype", 14),
    Column("Enhed", 12),
    Column("Tal fra", 22),
    Column("Dato", 14),
    Column("Værdi", 12),
    Column("Kilde", 34),
    Column("Gevinstejer", 14, internal=True),
]

OWN = "Måling"
"""What stands where a figure is the municipality's own; otherwise whose it is."""


def fill_measurements(sheet: Sheet, effects: Effects) -> None:
    """The figures of the projects shown, in the order of the screen, each target's own first, oldest first."""
    for project in effects.projects:
        for target in project.targets:
            for figure in target.measurements:
                sheet.add(_row(project, target, figure, OWN, sheet.looks))
            for other in target.benchmarks:
                sheet.add(_row(project, target, other, other.name, sheet.looks))
    sheet.close()


def _row(
    project: ProjectEffects, target: TargetRow, figure: Figure | Comparison, whose: str, looks: Looks
) -> list[Cell]:
    return [
        (project.number, looks.text),
        (f"{project.title} (lukket)" if project.closed else project.title, looks.strong),
        (project.theme, looks.text),
        (target.name, looks.text),
        (str(target.indicator_type), looks.text),
        (target.unit_of_measure, looks.text),
        (whose, looks.text),
        (figure.on, looks.on(figure.on, figure.precision)),
        (figure.value, looks.number(figure.value)),
        (figure.source, looks.text),
        (target.benefit_owner, looks.text),
    ]
