"""Where a delay lands: pure arithmetic on dates and links, in whole days (domain.md R56, R57, 5B Q12).

Something that waits moves only when the slack before it is used up. A collision (negative slack) absorbs nothing, and
adds nothing to a delay: it is there already. So a delay never grows on its way, and a circle ends where it began.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heappop, heappush
from itertools import groupby, pairwise


@dataclass(frozen=True)
class Way:
    """What must come first, what waits for it, and the days between them; `link` is the relation, None in a project."""

    first: str
    waits: str
    slack: int
    link: int | None = None


@dataclass(frozen=True)
class Move:
    """How many days something moves, and what moved it; None for where the delay began."""

    days: int
    way: Way | None


@dataclass(frozen=True)
class Stop:
    """Something in a project that has a date and is still to come; `rank` orders what falls on the same day.

    `late` is how many days overdue it is.
    """

    key: str
    on: date
    rank: int
    late: int = 0


def ripple(ways: Iterable[Way], delays: Mapping[str, int]) -> dict[str, Move]:
    """What moves, by key, when these are delayed by so many days; what does not move is not in it.

    The largest delay is followed first, and everything is settled once: never more steps than there are ways.
    """
    onward: dict[str, list[Way]] = {}
    for way in ways:
        onward.setdefault(way.first, []).append(way)
    moves: dict[str, Move] = {}
    ahead: list[tuple[int, int, str, Way | None]] = []
    for key, days in delays.items():
        heappush(ahead, (-days, len(ahead), key, None))
    order = len(ahead)
    while ahead:
        negative, _order, key, by = heappop(ahead)
        if key in moves or negative >= 0:
            continue
        moves[key] = Move(-negative, by)
        for way in onward.get(key, ()):
            order += 1
            heappush(ahead, (negative + max(0, way.slack), order, way.waits, way))
    return moves


def within(stops: Sequence[Stop]) -> list[Way]:
    """How a delay goes on inside one project: all that comes later moves as many days.

    Nothing is known of slack between a project's own milestones: the work between them takes as long as planned. But
    where something is overdue and the later dates have been kept, so many days have been given up already.
    """
    ordered = sorted(stops, key=lambda stop: (stop.on, stop.rank))
    groups = [list(group) for _when, group in groupby(ordered, key=lambda stop: (stop.on, stop.rank))]
    return [
        Way(earlier.key, later.key, earlier.late)
        for group, next_ in pairwise(groups)
        for earlier in group
        for later in next_
    ]


def later(day: date, days: int) -> date:
    """So many days later; the last day there is where the calendar ends."""
    return day + timedelta(days=min(days, (date.max - day).days))
