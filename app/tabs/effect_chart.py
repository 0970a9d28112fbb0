"""The small chart of an effect target as coordinates: where it began, where it should be, where it is (domain.md 4B).

Pure: dates and figures in, numbers for SVG attributes out. Colour is never the only difference: the expected path is
dashed, the measured one solid with dots, baseline a ring, target a diamond, and the figures stand beside it as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from babel.numbers import format_compact_decimal

from app.i18n import language, show_month, show_number

WIDTH, HEIGHT, AXIS = 290, 106, 88
LEFT, RIGHT, TOP, BOTTOM = 9.0, 226.0, 18.0, 70.0
NEAR_AN_EDGE = 26
"""Closer to the left or right edge than this, a figure is written inwards."""

Point = tuple[float, float]
Dated = tuple[date, float]


@dataclass(frozen=True)
class Label:
    """A figure in the chart; `anchor` is SVG's text-anchor."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class EffectChart:
    """What the chart draws. Paths are SVG path data; what cannot be drawn is empty."""

    path: str
    line: str
    gap: str
    dots: list[Point]
    baseline: Point | None
    target: Point | None
    today: float | None
    baseline_label: Label | None
    target_label: Label | None
    latest_label: Label | None
    begins: str
    ends: str


def draw(
    baseline: Dated | None,
    target: Dated | None,
    measured: Sequence[Dated],
    expected: float | None,
    day: date,
    *,
    at_end: bool = False,
    steps: Sequence[Dated] = (),
) -> EffectChart | None:
    """The chart of what is known; None when fewer than two dates are. `expected` is that of the newest measurement.

    `measured` is in the order of the dates. A path that comes in steps, or all at the end, is drawn as
    steps.
    """
    known = [point for point in (baseline, *measured, target) if point]
    place = _scale(known)
    if place is None or not (baseline or measured):
        return None
    dots = [place(*point) for point in measured]
    began, aim = place(*baseline) if baseline else None, place(*target) if target else None
    latest = dots[-1] if measured and measured[-1] != baseline else None
    should = place(measured[-1][0], expected)[1] if latest and expected is not None else None
    days = sorted(on for on, _value in known)
    today = place(day, known[0][1])[0]
    return EffectChart(
        path=_path(began, aim, at_end, [place(*step) for step in steps]),
        line=_line(sorted({*dots, *([began] if began else [])})),
        gap=f"M{latest[0]} {should}V{latest[1]}" if latest and should is not None and should != latest[1] else "",
        dots=dots,
        baseline=began,
        target=aim,
        today=today if LEFT < today < RIGHT else None,
        baseline_label=_baseline_label(began, baseline, below=aim is None or began is None or aim[1] <= began[1]),
        target_label=Label(aim[0] + 10, aim[1] + 4, _short(target[1])) if aim and target else None,
        latest_label=_latest_label(latest, measured[-1][1], should) if latest else None,
        begins=show_month(days[0]),
        ends=show_month(days[-1]),
    )


class _Scale:
    """From a date and a figure to a place in the chart, rounded to a tenth."""

    def __init__(self, known: Sequence[Dated]) -> None:
        days, values = [on.toordinal() for on, _value in known], [value for _on, value in known]
        self.first, self.days = min(days), max(days) - min(days)
        self.low, self.span = min(values), max(values) - min(values)

    def __call__(self, on: date, value: float) -> Point:
        along = (on.toordinal() - self.first) / self.days
        up = (value - self.low) / self.span if self.span else 0.5
        return round(LEFT + along * (RIGHT - LEFT), 1), round(BOTTOM - up * (BOTTOM - TOP), 1)


def _scale(known: Sequence[Dated]) -> _Scale | None:
    return _Scale(known) if len({on for on, _value in known}) > 1 else None


def _path(began: Point | None, aim: Point | None, at_end: bool, steps: Sequence[Point]) -> str:
    if not began or not aim:
        return ""
    if at_end or steps:
        return f"M{began[0]} {began[1]}" + "".join(f"H{x}V{y}" for x, y in steps or [aim])
    return f"M{began[0]} {began[1]}L{aim[0]} {aim[1]}"


def _line(points: Sequence[Point]) -> str:
    """A polyline's points; empty for a single one."""
    return " ".join(f"{x},{y}" for x, y in points) if any(pairwise(points)) else ""


def _baseline_label(place: Point | None, baseline: Dated | None, *, below: bool) -> Label | None:
    """The first figure stands on the side that the path does not take."""
    if place is None or baseline is None:
        return None
    return Label(max(place[0] - 5, 4), place[1] + (15 if below else -8), _short(baseline[1]))


def _latest_label(place: Point, value: float, should: float | None) -> Label:
    """The newest figure stands on the side away from where it should be, inside the chart."""
    x, y = place
    anchor, aside = "middle", 0
    if x < LEFT + NEAR_AN_EDGE:
        anchor, aside = "start", 4
    elif x > RIGHT - NEAR_AN_EDGE:
        anchor, aside = "end", -5
    below = should is not None and should < y
    return Label(round(x + aside, 1), round(y + (15 if below else -7), 1), _short(value), anchor)


def _short(value: float) -> str:
    """A figure that fits beside a dot: 1.280.000 is »1,28 mio.«."""
    if abs(value) < 100_000:
        return show_number(value)
    return format_compact_decimal(value, fraction_digits=2, locale=language()).replace("-", "−")
