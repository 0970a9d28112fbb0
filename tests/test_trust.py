"""The figures of docs/trust.md are those of the code and the tables, and its commands name tests that are there."""

import re

import pytest

from tests import sizes
from tests.databases import ROOT
from tests.hostile import PAYLOADS
from tests.test_access import HEADER, ROUTES
from tests.test_closed import READERS

PAGE = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")


def test_the_permissions_are_counted() -> None:
    cells = [cell for line in ROUTES.values() for cell in line.values()]
    refusals = sum(cell in ("401", "403", "404", "login") for cell in cells)
    assert len(cells) == len(ROUTES) * len(HEADER)
    assert f"{len(ROUTES)} addresses" in PAGE
    assert f"{len(cells):,} answers, {refusals:,} of them refusals" in PAGE


def test_the_readers_and_payloads_are_counted() -> None:
    assert f"{len(PAYLOADS)} payloads" in PAGE
    assert f"two worlds, {len(READERS)} readers" in PAGE


@pytest.mark.skipif(sizes.SOAK, reason="the page has the sizes of an ordinary run")
@pytest.mark.parametrize(
    ("promise", "times"),
    [
        ("A change of the audit log past its guards is found", sizes.ATTACKS),
        ("A backup made while somebody writes restores to what it says", 2 * sizes.BACKUPS),
        ("What was confirmed is there after the processes were killed", sum(sizes.KILLS.values())),
        (
            "A round whose freeze is killed is not frozen or frozen whole, and then once",
            sum(sizes.KILLED_FREEZES.values()),
        ),
        ("A killed migration is whole or not begun, and goes on", sizes.KILLED_MIGRATIONS),
        ("A killed backup has no name", sizes.KILLED_BACKUPS),
        ("A killed export leaves the file that was there or a whole one that is logged", sizes.KILLED_EXPORTS),
        ("No edit of eight at once is lost by two processes", sizes.CLIENTS * sum(sizes.EDITS.values())),
        ("A step of a round that twenty take at two processes is taken once", 2 * sizes.LIVES * sizes.STEPS),
        ("What is under way is finished when the program is told to stop", sizes.STOPS * sizes.AT_ONCE),
        ("When there is no room nothing is half saved, and it goes on when there is", sizes.FULL),
        ("After PostgreSQL was restarted one page at most is an error", sizes.RESTARTS),
    ],
)
def test_what_was_tried_is_counted_and_so_is_what_it_shows(promise: str, times: int) -> None:
    bound = f"{min(3 / times, 1) * 100:.2g}" if times > 3 else "100"
    assert f"| {promise} | {times} | 0 | {bound} % |" in PAGE


def test_every_command_names_tests_that_are_there() -> None:
    named = set(re.findall(r"tests/[\w/]+\.py", PAGE))
    assert len(named) > 12
    assert not {name for name in named if not (ROOT / name).is_file()}
