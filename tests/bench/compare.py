"""Two ways to do one thing, asked in turn; what counts is the ratio of the processor time that they take.

A busy machine disturbs processor time less than the clock on the wall, and both sides alike. The order is swapped each
round, and the median of the rounds decides.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Cost:
    """Seconds of the processor and seconds on the wall."""

    cpu: float = 0.0
    wall: float = 0.0


Side = Callable[[], Cost]
"""Does its work once, checks its answer when the clock has stopped, and says what it cost."""


@dataclass
class Compared:
    """A benchmark's outcome. `mark` is the highest ratio that is good enough."""

    name: str
    mark: float
    work: list[Cost] = field(default_factory=list)
    reference: list[Cost] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(work.cpu / ref.cpu for work, ref in zip(self.work, self.reference, strict=True))

    @property
    def wall_ratio(self) -> float:
        return statistics.median(work.wall / ref.wall for work, ref in zip(self.work, self.reference, strict=True))

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of the rounds."""
        ratios = [work.cpu / ref.cpu for work, ref in zip(self.work, self.reference, strict=True)]
        return min(ratios), max(ratios)

    @property
    def reached(self) -> bool:
        return self.ratio <= self.mark


def milliseconds(costs: list[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs) * 1000


def in_turn(name: str, mark: float, work: Side, reference: Side, rounds: int = 11) -> Compared:
    """Both sides, `rounds` times, after one time that does not count (caches of statements and templates fill)."""
    work(), reference()
    outcome = Compared(name, mark)
    for number in range(rounds):
        sides = [(work, outcome.work), (reference, outcome.reference)]
        for side, costs in sides if number % 2 else reversed(sides):
            costs.append(side())
    return outcome


@contextmanager
def own_cost() -> Iterator[Cost]:
    """What this thread does inside costs."""
    cost, cpu, wall = Cost(), time.thread_time(), time.perf_counter()
    yield cost
    cost.cpu, cost.wall = time.thread_time() - cpu, time.perf_counter() - wall


@contextmanager
def cost_of(pid: int) -> Iterator[Cost]:
    """What another process does meanwhile costs; where its threads cannot be asked, the wall stands for both."""
    cost, before, wall = Cost(), _nanoseconds(pid), time.perf_counter()
    yield cost
    cost.wall = time.perf_counter() - wall
    after = _nanoseconds(pid)
    spent = sum(used - before.get(thread, 0) for thread, used in after.items())
    cost.cpu = spent / 1e9 if spent else cost.wall


def _nanoseconds(pid: int) -> dict[str, int]:
    """What each thread of a process has run, as Linux counts it."""
    used = {}
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            used[thread.name] = int((thread / "schedstat").read_text().split()[0])
        except OSError:
            continue
    return used


def machine() -> str:
    """What a reader must know of the machine."""
    processor = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        processor = names[0] if names else processor
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores, {processor}{load}"
