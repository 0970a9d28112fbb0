"""The timeline of linked projects as coordinates: a row each, milestones as symbols, links as lines (domain.md R123).

Pure: the page's data in, numbers for SVG attributes out. Colour is never the only difference: what is done is a dot,
what is open a hollow diamond, what is late a triangle, an approval from outside stands in a square, and a collision is
a thick dashed line. All dates stand in the table below the picture.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.i18n import _, show_month
from app.tabs.chain import ChainTab, TimelineRow
from app.tabs.link import Link, Point, PointState

WIDTH, LEFT, RIGHT = 1080, 262.0, 1062.0
TOP, ROW, BELOW = 34, 42, 12
BACK, AHEAD = timedelta(days=365), timedelta(days=3 * 365)
"""How far from today the picture reaches at most, where there is something to show."""
BESIDE = 13
"""Closer to the symbol before it than this, a symbol stands a little lower."""
LONGEST_TITLE = 34

Place = tuple[float, float]


@dataclass(frozen=True)
class Symbol:
    """A milestone or a decision outside; `beyond` when it lies after the picture's last day."""

    x: float
    y: float
    state: PointState
    external: bool
    beyond: bool
    text: str


@dataclass(frozen=True)
class Line:
    """From what must come first to what waits, as SVG path data, with the tip of its arrow."""

    path: str
    tip: str
    collides: bool


@dataclass(frozen=True)
class Row:
    number: str
    title: str
    y: float
    bar: tuple[float, float] | None
    ends: bool


@dataclass(frozen=True)
class Picture:
    height: int
    rows: list[Row]
    ticks: list[tuple[float, str]]
    today: float
    symbols: list[Symbol]
    lines: list[Line]
    text: str


def draw(tab: ChainTab) -> Picture | None:
    """The picture of the page's chains; None when there is nothing to draw."""
    if not tab.timeline:
        return None
    live = [link for link in tab.links if not link.settled]
    scale = _Scale(tab.day, tab.timeline, live)
    places: dict[str, Place] = {}
    symbols: list[Symbol] = []
    rows: list[Row] = []
    for row in (each for each in tab.timeline if scale.shows(each)):
        y = TOP + ROW * (len(rows) + 0.5)
        rows.append(_row(row, y, scale, places))
        decisions = [link.first for link in live if not link.first.number and link.waits.number == row.number]
        symbols += _symbols([each.point for each in row.milestones], y, scale, places)
        symbols += _symbols(decisions, y - BESIDE, scale, places)
    lines = [_line(places[link.first.key], places[link.waits.key], link) for link in live if _drawn(link, places)]
    return Picture(
        height=TOP + ROW * len(rows) + BELOW,
        rows=rows,
        ticks=scale.ticks(),
        today=scale(tab.day),
        symbols=symbols,
        lines=lines,
        text=_(
            "%(rows)s projects with milestones from %(begins)s to %(ends)s. %(collisions)s of %(links)s links collide."
        )
        % {
            "rows": len(rows),
            "begins": show_month(scale.begins),
            "ends": show_month(scale.ends),
            "collisions": sum(link.collides for link in live),
            "links": len(live),
        },
    )


class _Scale:
    """From a date to a place across, held at the right edge and rounded to a tenth."""

    def __init__(self, day: date, rows: Iterable[TimelineRow], live: Iterable[Link]) -> None:
        dates = {each.point.on for row in rows for each in row.milestones}
        dates |= {point.on for link in live for point in (link.first, link.waits)} | {day}
        known = [each for each in dates if each]
        self.begins = max(min(known), day - BACK).replace(day=1)
        self.ends = max(min(max(known), day + AHEAD), day + timedelta(days=180))
        self.days = (self.ends - self.begins).days

    def __call__(self, on: date) -> float:
        along = min(max((on - self.begins).days / self.days, 0), 1)
        return round(LEFT + along * (RIGHT - LEFT), 1)

    def shows(self, row: TimelineRow) -> bool:
        """Whether anything of a project lies in the time that the picture shows."""
        dates = [row.planned_end_on, *(each.point.on for each in row.milestones)]
        return any(on and on >= self.begins for on in dates)

    def ticks(self) -> list[tuple[float, str]]:
        """The first day of every half-year, and its month."""
        halves = [date(year, month, 1) for year in range(self.begins.year, self.ends.year + 1) for month in (1, 7)]
        return [(self(each), show_month(each)) for each in halves if self.begins <= each <= self.ends]


def _row(row: TimelineRow, y: float, scale: _Scale, places: dict[str, Place]) -> Row:
    """The project's name and its time from start to planned end, as far as the picture reaches."""
    first, last = row.starts_on or scale.begins, row.planned_end_on
    shown = last is not None and last >= scale.begins and first <= scale.ends
    bar = (scale(first), scale(last)) if last and shown else None
    if bar:
        places[f"{row.number}.start"], places[f"{row.number}.end"] = (bar[0], y), (bar[1], y)
    title = row.title if len(row.title) <= LONGEST_TITLE else f"{row.title[: LONGEST_TITLE - 1].rstrip()}…"
    return Row(row.number, title, y, bar, ends=last is not None and last <= scale.ends)


def _symbols(points: Iterable[Point], y: float, scale: _Scale, places: dict[str, Place]) -> list[Symbol]:
    found: list[Symbol] = []
    for point in points:
        if point.on is None or point.on < scale.begins:
            continue
        x, beyond = scale(point.on), point.on > scale.ends
        near = bool(found) and x - found[-1].x < BESIDE and found[-1].y == y
        place = (x, y + BESIDE if near else y)
        places[point.key] = place
        found.append(Symbol(*place, point.state, point.external, beyond, _described(point)))
    return found


def _described(point: Point) -> str:
    return f"{point.label or point.title}, {point.on_text} ({str(point.state).lower()})"


def _drawn(link: Link, places: dict[str, Place]) -> bool:
    return link.slack is not None and link.first.key in places and link.waits.key in places


def _line(first: Place, waits: Place, link: Link) -> Line:
    """A curve that leaves to the right and arrives from the left, also where that means going back."""
    (x1, y1), (x2, y2) = first, waits
    x1, x2 = x1 + 7, x2 - 13
    bend = round(min(max(24, abs(x2 - x1) / 2), 90), 1)
    path = f"M{x1:.1f} {y1}C{x1 + bend:.1f} {y1} {x2 - bend:.1f} {y2} {x2:.1f} {y2}"
    return Line(path, f"M{x2:.1f} {y2 - 4}l7 4-7 4Z", link.collides)
