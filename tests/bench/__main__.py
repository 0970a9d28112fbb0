"""Runs the benchmarks, prints the table, and fails when a mark is missed."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from app.main import create_app
from tests.bench import overview, queries
from tests.bench.compare import Compared, machine, milliseconds
from tests.bench.lists import make_list
from tests.bench.workbook import excel_10k

MINUTES = 10
"""What has not ended by then has failed."""

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"
COMMAND = "make bench"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these benchmarks")
    parser.add_argument("--write", action="store_true", help=f"also write the table into docs/{PAGE.name}")
    wanted = parser.parse_args()
    signal.signal(signal.SIGALRM, _too_late)
    signal.alarm(60 * MINUTES)
    os.chdir(PAGE.parents[1])
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        outcomes = list(_run(Path(folder), wanted.names))
    table = _table(outcomes)
    print(f"\n{table}")
    if wanted.write:
        before, _begin, rest = PAGE.read_text().partition(BEGIN)
        _old, _end, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n\n{END}{after}")
    missed = [outcome.name for outcome in outcomes if not outcome.reached]
    sys.exit(f"Missed: {', '.join(missed)}" if missed else 0)


def _run(folder: Path, names: list[str]) -> Iterator[Compared]:
    """Counts the queries of every tab and measures one benchmark after the other, on lists made when first needed."""
    made = cache(lambda projects: make_list(folder / str(projects), projects))
    app = create_app(made(1_000).engine)
    for tab, (few, many) in queries.per_tab(made(10), made(1_000)).items():
        print(f"{tab}: {few} queries for 10 projects, {many} for 1,000", flush=True)
        assert few == many, f"the queries of {tab} grow with the list"
    benchmarks: dict[str, Callable[[], Compared]] = {
        "overview-fresh": lambda: overview.overview_fresh(made(1_000), app, folder),
        "overview-vs-rows": lambda: overview.overview_vs_rows(made(1_000), app),
        "growth": lambda: overview.growth(made(1_000), made(10_000)),
        "excel-10k": lambda: excel_10k(made(10_000)),
    }
    for name, measure in benchmarks.items():
        if not names or name in names:
            outcome = measure()
            print(f"{name}: {outcome.ratio:.3f}", flush=True)
            yield outcome


def _table(outcomes: list[Compared]) -> str:
    lines = [
        f"`{COMMAND}` on {date.today():%d-%m-%Y}, CPython {sys.version.split()[0]}, {machine()}.",  # noqa: DTZ011
        "",
        "| Benchmark | Work, ms | Reference, ms | Ratio | Mark | Lowest and highest | Ratio by the clock | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for each in outcomes:
        work, reference, (lowest, highest) = milliseconds(each.work), milliseconds(each.reference), each.spread
        lines.append(
            f"| {each.name} | {work:,.1f} | {reference:,.1f} | {each.ratio:.3f} | {each.mark:g} "
            f"| {lowest:.3f} – {highest:.3f} | {each.wall_ratio:.3f} | {'reached' if each.reached else '**missed**'} |"
        )
    return "\n".join(lines)


def _too_late(_signal: int, _frame: object) -> None:
    raise TimeoutError(f"the benchmarks took more than {MINUTES} minutes")


if __name__ == "__main__":
    main()
