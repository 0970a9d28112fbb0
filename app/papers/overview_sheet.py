"""The sheet Overblik: one row a project, below its theme, in the order of the screen."""

from collections.abc import Iterator
from functools import cache

from app.i18n import show_date
from app.models.assessment import Colour, Dimension
from app.models.project import Kind, Phase
from app.papers.headline import projects
from app.papers.looks import Looks
from app.papers.sheet import Cell, Column, Sheet
from app.tabs.mark import Mark, Trend
from app.tabs.overview import Overview, OverviewGroup
from app.tabs.overview_row import DecisionWanted, OverviewRow

DIMENSIONS = {
    Dimension.time: "Tid",
    Dimension.economy: "Økonomi",
    Dimension.resources: "Ressourcer",
    Dimension.delivery: "Leverance",
    Dimension.implementation: "Implementering",
    Dimension.effect: "Effekt",
}
COLUMNS = [
    Column("Tema", 11),
    Column("Nr.", 6),
    Column("Projekt", 20),
    Column("Type", 12),
    Column("Program", 14),
    Column("Projektejer", 9.5, internal=True),
    Column("Projektleder", 10, internal=True),
    Column("Center", 6.5),
    Column("Fase", 11.5),
    Column("Status", 10),
    Column("Tendens", 11),
    Column("Status sidst", 10),
    Column("Årsag (værste dimension)", 20, internal=True),
    *(Column(heading, 6, turned=True, internal=True) for heading in DIMENSIONS.values()),
    Column("Vej til grøn", 20, internal=True),
    Column("Beslutning ønskes", 26, internal=True),
    Column("Sagsnr.", 8.5),
    Column("Status godkendt den", 10.5),
]
PROGRAMME, CAUSE = 4, 12
"""The columns from which a theme's row counts its marks: not ones that people filter by. Outsiders have no causes."""

SYMBOLS = {Trend.better: "↑", Trend.same: "→", Trend.worse: "↓", Trend.new: "★"}


def fill_overview(sheet: Sheet, overview: Overview) -> None:
    """Theme rows and project rows, as they stand on the screen with its filters."""
    words, missing = _Words(sheet.looks), sheet.missing
    for group in overview.groups:
        sheet.add(_band(group, sheet), wraps=False)
        for row in group.rows:
            sheet.add(_cells(row, sheet.looks, words, missing))
    sheet.close()


class _Words:
    """The labels of the enumerations as cells, looked up once a workbook instead of once a project."""

    def __init__(self, looks: Looks) -> None:
        self.marks = {mark: (str(mark), looks.marks[mark]) for mark in Mark}
        self.colours: dict[Colour | None, Cell] = {colour: (str(colour), looks.colours[colour]) for colour in Colour}
        self.colours[None] = ("Ikke relevant", looks.muted_small)
        self.kinds = {kind: str(kind) for kind in Kind}
        self.phases = {phase: str(phase) for phase in Phase}
        self.dimensions = {dimension: str(dimension) for dimension in Dimension}
        self.trends: dict[Trend | None, Cell] = {
            trend: (f"{symbol} {trend}", looks.text) for trend, symbol in SYMBOLS.items()
        }
        self.trends[None] = ("Ingen tendens", looks.muted)
        self.show_date = cache(show_date)


def _band(group: OverviewGroup, sheet: Sheet) -> Iterator[Cell]:
    counts = PROGRAMME if sheet.external else CAUSE
    mix = ", ".join(f"{count} {str(mark).lower()}" for mark, count in group.marks.items())
    for column in range(len(COLUMNS)):
        text = {0: group.theme, counts: f"{projects(len(group.rows))}: {mix}"}.get(column, "")
        yield text, sheet.looks.band


def _cells(row: OverviewRow, looks: Looks, words: _Words, missing: Cell) -> list[Cell]:
    text = looks.text
    none = ("Ikke vurderet" if row.mark.is_colour else "–", looks.muted_small)
    assessments, colours = row.assessments, words.colours
    return [
        (row.theme, text),
        (row.number, text),
        (f"{row.title} (lukket)" if row.closed else row.title, looks.strong),
        (words.kinds[row.kind], text),
        (row.programme, text),
        (row.owner, text) if row.owner else missing,
        (row.leader, text) if row.leader else missing,
        (row.unit, text) if row.unit else missing,
        (words.phases[row.phase], text),
        words.marks[row.mark],
        words.trends[row.trend],
        _last_status(row, looks, words),
        _cause(row, looks, words),
        *[colours[assessments[dimension]] if dimension in assessments else none for dimension in DIMENSIONS],
        (_path_to_green(row, words), text),
        _decision(row, looks, words),
        (", ".join(row.case_numbers), text),
        (row.approved_on, looks.date) if row.approved_on else ("Ikke godkendt", looks.muted),
    ]


def _last_status(row: OverviewRow, looks: Looks, words: _Words) -> Cell:
    """The mark of the round before, in its colour; and an older colour in words alone, since none is carried over."""
    if len(row.history) < 2:
        return "", looks.text
    before = words.marks[row.history[-2]]
    if row.last_mark and not row.history[-2].is_colour:
        return f"{before[0]}; sidst {words.marks[row.last_mark][0]}, {row.last_round}".lower().capitalize(), before[1]
    return before


def _cause(row: OverviewRow, looks: Looks, words: _Words) -> Cell:
    """What made the colour, or why there is none."""
    if not row.mark.is_colour:
        return row.why_missing, looks.muted
    if row.cause_dimension is None:
        return row.cause, looks.text
    dimension = words.dimensions[row.cause_dimension]
    return (f"{dimension}: {row.cause}" if row.cause else dimension), looks.text


def _path_to_green(row: OverviewRow, words: _Words) -> str:
    path = row.path_to_green
    if path is None:
        return ""
    by = ", ".join(filter(None, [path.who, f"senest {words.show_date(path.on)}" if path.on else ""]))
    return f"{path.action} ({by})" if by else path.action


def _decision(row: OverviewRow, looks: Looks, words: _Words) -> Cell:
    if row.decision is None:
        return ("Mangler", looks.missing) if row.mark is Mark.red else ("", looks.text)
    return _asked(row.decision, words), looks.text


def _asked(decision: DecisionWanted, words: _Words) -> str:
    """The question, the track, the deadline and the options, each on a line of its own."""
    lines = [f"{decision.track}: {decision.question}" if decision.track else decision.question]
    if decision.by_on:
        lines.append(f"Senest {words.show_date(decision.by_on)}")
    lines += [f"{n}) {option}" for n, option in enumerate(decision.options, 1)]
    return "\n".join(lines)
