"""How much the trials of integrity and durability try: little in every run of the tests, much in `make soak`."""

import os
from collections import Counter

SOAK = os.environ.get("SOAK") == "1"


def size(ci: int, soak: int) -> int:
    return soak if SOAK else ci


ATTACKS = size(500, 5000)
"""Changes of the audit log past its guards."""
BACKUPS = size(2, 25)
"""Made, on each kind of database, while somebody writes."""
CLIENTS = 8
CELLS = 20
EDITS = {"sqlite": size(12, 100), "postgresql": size(5, 100)}
"""Edits by each client, on each kind of database."""
AT_ONCE = 20
"""Who press the same button, or are being served."""
STEPS = 11
"""Of a round, from its first status to the opening of the next one."""
LIVES = size(1, 8)
"""Rounds, on each kind of database."""
STOPS = size(1, 20)
FULL = size(1, 20)
"""How often there is no room left."""
RESTARTS = size(1, 20)
"""Of PostgreSQL, while two write."""
KILLS = {("sqlite", 1): size(1, 200), ("sqlite", 2): size(1, 150), ("postgresql", 2): size(1, 75)}
"""Of the serving processes, so many on a database of this kind, while four write."""
KILLED_FREEZES = {"sqlite": size(2, 100), "postgresql": size(1, 30)}
KILLED_MIGRATIONS = size(2, 100)
KILLED_BACKUPS = size(2, 30)
KILLED_EXPORTS = size(2, 30)

figures: list[tuple[str, int, int]] = []
"""What was tried, how often, and how often it went wrong: the table of `make soak`."""


def tried(what: str, times: int, wrong: int = 0) -> None:
    figures.append((what, times, wrong))


def table() -> list[str]:
    """A table in Markdown. None wrong in n tries says, with 95 % certainty, that fewer than 3/n go wrong."""
    head = ["| What was tried | Times | Wrong | At most, with 95 % certainty |", "| --- | ---: | ---: | ---: |"]
    times, wrong = Counter[str](), Counter[str]()
    for what, tries, failures in figures:
        times[what] += tries
        wrong[what] += failures
    return head + [
        f"| {what} | {n:,} | {wrong[what]} | {f'{min(3 / n, 1):.2%}' if not wrong[what] else '–'} |"
        for what, n in times.items()
    ]
