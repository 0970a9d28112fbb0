"""docs/asvs.csv: every demand of ASVS 5.0 that applies is tested, documented, or a dated exception with its reason."""

import ast
import csv
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
WITH_LEVEL = {"1": 64, "2": 140, "3": 16}
"""How many demands of each level apply: all of the first two that fit a product like this, and sixteen of the third."""

with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
    LINES = list(csv.DictReader(file))


def found_in(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def anchors_in(path: Path) -> set[str]:
    """The headings of a page as the parts of an address that lead to them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_demand_that_applies_has_its_line_and_no_line_is_empty() -> None:
    assert Counter(line["level"] for line in LINES) == WITH_LEVEL
    assert len({line["id"] for line in LINES}) == len(LINES)
    assert all(value.strip() for line in LINES for value in line.values())
    assert {line["status"] for line in LINES} == {"tested", "documented", "exception"}


def test_every_test_that_is_named_exists() -> None:
    known: dict[Path, set[str]] = {}
    tested = [line for line in LINES if line["status"] == "tested"]
    for line in tested:
        for proof in line["proof"].split():
            place, _, name = proof.partition("::")
            assert name in known.setdefault(ROOT / place, found_in(ROOT / place)), f"{line['id']}: {proof}"
    assert len(tested) >= 150


def test_every_page_that_is_named_has_that_heading() -> None:
    for line in LINES:
        if line["status"] == "documented":
            place, _, anchor = line["proof"].partition("#")
            assert (ROOT / place).is_file(), line["id"]
            assert not anchor or anchor in anchors_in(ROOT / place), f"{line['id']}: {line['proof']}"


def test_every_exception_has_a_date_and_a_reason() -> None:
    for line in LINES:
        if line["status"] == "exception":
            assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d: .{20,}", line["proof"]), line["id"]
