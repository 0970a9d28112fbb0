"""The large chart of an effect target as coordinates: path, corridor, figures, benchmarks, versions (domain.md 4B).

Pure: a TargetRow in, numbers for SVG attributes out. Nothing is told by colour alone: each kind has a shape or a
pattern of its own, is named in the legend, and stands as a figure in the tables beside the chart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import floor, log10

from app.i18n import show_month, show_number
from app.models.effect_target import Direction, EffectPath, IndicatorType
from app.tabs.effect_chart import Dated, Label, Point
from app.tabs.effects import Comparison, Course, TargetRow

WIDTH, HEIGHT = 760, 340
LEFT, RIGHT, TOP, BOTTOM = 70.0, 740.0, 22.0, 290.0
GREEN_FROM, YELLOW_FROM = 0.9, 0.6
MOST_LABELS = 12
"""With more measurements than this only the newest has its figure written beside it."""


@dataclass(frozen=True)
class Tick:
    """A line of the grid with its text; `at` is x or y."""

    at: float
    text: str


@dataclass(frozen=True)
class Level:
    """A benchmark: a dashed level with its name."""

    y: float
    label: Label


@dataclass
class TargetChart:
    """What the large chart draws. Paths and bands are SVG path data; what cannot be drawn is empty."""

    rows: list[Tick]
    columns: list[Tick]
    path: str = ""
    green: str = ""
    yellow: str = ""
    versions: list[str] = field(default_factory=list)
    line: str = ""
    dots: list[Point] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    baseline: Point | None = None
    target: Point | None = None
    today: float | None = None


def course_of(course: Course) -> list[Dated]:
    """The corners of a path, from the baseline to the target; empty without both."""
    if not course.baseline or not course.target:
        return []
    (_began, level), aim = course.baseline, course.target
    if course.path is EffectPath.linear:
        return [course.baseline, aim]
    corners = [course.baseline]
    for on, value in course.steps or [aim]:
        corners += [(on, level), (on, value)]
        level = value
    return corners


def corridor(course: Course, share: float) -> list[Dated]:
    """The corners of the line on which a figure has this share of the path."""
    corners = course_of(course)
    return [(on, corners[0][1] + share * (value - corners[0][1])) for on, value in corners]


def draw_large(target: TargetRow) -> TargetChart | None:
    """The chart of what is known of a target; None when that is of fewer than two dates."""
    path, measured = course_of(target), [(figure.last_day, figure.value) for figure in target.measurements]
    versions = [corners for corners in map(course_of, target.versions) if corners]
    ends = [point for point in (target.baseline, target.target) if point]
    known = [*path, *ends, *measured, *(corner for corners in versions for corner in corners)]
    if len({on for on, _value in known}) < 2 or not (target.baseline or measured):
        return None
    levels = [each.value for each in target.benchmarks]
    place = _Place(known, levels)
    last = max(on for on, _value in known)
    bands = _bands(target, last)
    return TargetChart(
        rows=[Tick(place(place.first, value)[1], show_number(value, 6)) for value in place.ticks],
        columns=[Tick(place(on, place.low)[0], text) for on, text in _columns(place.first, last)],
        path=_drawn([place(*corner) for corner in path]),
        green=_area([[place(*corner) for corner in line] for line in bands[0]]),
        yellow=_area([[place(*corner) for corner in line] for line in bands[1]]),
        versions=[_drawn([place(*corner) for corner in corners]) for corners in versions],
        line=_drawn(_line(target, measured, place)),
        dots=[place(*point) for point in measured],
        labels=list(_labels(target, measured, place)),
        levels=[_level(place, each) for each in target.benchmarks],
        baseline=place(*target.baseline) if target.baseline else None,
        target=place(*target.target) if target.target else None,
        today=place(target.day, place.low)[0] if place.first < target.day < last else None,
    )


class _Place:
    """From a date and a figure to a place in the chart, rounded to a tenth; the grid is of round figures."""

    def __init__(self, known: Sequence[Dated], levels: Sequence[float]) -> None:
        days, values = [on.toordinal() for on, _value in known], [*(value for _on, value in known), *levels]
        self.first, self.days = date.fromordinal(min(days)), max(days) - min(days)
        self.ticks = _ticks(min(values), max(values))
        self.low, self.high = min(self.ticks[0], *values), max(self.ticks[-1], *values)

    def __call__(self, on: date, value: float) -> Point:
        along = (on - self.first).days / self.days
        up = (value - self.low) / (self.high - self.low)
        return round(LEFT + along * (RIGHT - LEFT), 1), round(BOTTOM - up * (BOTTOM - TOP), 1)


def _ticks(low: float, high: float) -> list[float]:
    """Four to eight round figures that span the values."""
    span = high - low or abs(high) or 1.0
    step = 10.0 ** floor(log10(span / 4))
    step *= next(times for times in (1, 2, 5, 10) if span / (step * times) <= 6)
    first = floor(low / step)
    last = first + 1
    while last * step < high:
        last += 1
    return [round(n * step, 10) for n in range(first, last + 1)]


def _columns(first: date, last: date) -> Iterator[tuple[date, str]]:
    """New Year's Days, thinned to ten; within two years the firsts of quarters, by month."""
    if (last - first).days > 730:
        years = range(first.year + 1, last.year + 1)
        every = -(-len(years) // 10)
        yield from ((date(year, 1, 1), str(year)) for year in years if year % every == 0)
        return
    months = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in (1, 4, 7, 10)]
    within = [on for on in months if first <= on <= last]
    yield from ((on, show_month(on)) for on in within[:: -(-len(within) // 5) or 1])


def _bands(target: TargetRow, last: date) -> tuple[list[list[Dated]], list[list[Dated]]]:
    """The lines between which a figure is green, and yellow: each band's two edges, up to the chart's last day."""
    if target.direction is Direction.hold and target.baseline and target.target:
        first, level = target.baseline[0], target.target[1]
        edges = [[(first, level * (1 + off)), (last, level * (1 + off))] for off in (0.1, -0.1)]
        return edges, []
    lines = {share: corridor(target, share) for share in (1.0, GREEN_FROM, YELLOW_FROM)}
    if not lines[1.0] or target.path is EffectPath.at_end or target.indicator_type is IndicatorType.context:
        return [], []
    held = {share: [*line, (last, line[-1][1])] for share, line in lines.items()}
    return [held[1.0], held[GREEN_FROM]], [held[GREEN_FROM], held[YELLOW_FROM]]


def _drawn(points: Sequence[Point]) -> str:
    """A line through points as path data; empty for a single one."""
    return "M" + "L".join(f"{x} {y}" for x, y in points) if any(pairwise(points)) else ""


def _area(edges: Sequence[Sequence[Point]]) -> str:
    """What lies between two lines."""
    if not edges:
        return ""
    there, back = edges
    return "M" + "L".join(f"{x} {y}" for x, y in [*there, *reversed(back)]) + "Z"


def _line(target: TargetRow, measured: Sequence[Dated], place: _Place) -> list[Point]:
    """The measured line begins at the baseline."""
    began = [place(*target.baseline)] if target.baseline else []
    return sorted({*began, *(place(*point) for point in measured)})


def _labels(target: TargetRow, measured: Sequence[Dated], place: _Place) -> Iterator[Label]:
    """The figures beside baseline, target and measurements."""
    if target.baseline:
        x, y = place(*target.baseline)
        yield Label(x + 8, y - 8, show_number(target.baseline[1]))
    if target.target:
        x, y = place(*target.target)
        yield Label(x - 9, y - 9 if y > TOP + 14 else y + 18, show_number(target.target[1]), "end")
    shown = [point for point in measured if point != target.baseline and point != target.target]
    for point in shown if len(shown) <= MOST_LABELS else shown[-1:]:
        x, y = place(*point)
        anchor = "end" if x > RIGHT - 40 else "middle"
        yield Label(x, y + 18 if y < BOTTOM - 24 else y - 9, show_number(point[1]), anchor)


def _level(place: _Place, each: Comparison) -> Level:
    y = place(place.first, each.value)[1]
    return Level(y, Label(RIGHT - 4, round(y - 5, 1), f"{each.name} {each.when}: {show_number(each.value)}", "end"))
