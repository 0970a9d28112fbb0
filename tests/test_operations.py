"""docs/operations.md says what is true: its settings, commands, targets, figures and files exist."""

import re

from prometheus_client import REGISTRY
from typer.main import get_command

from app.__main__ import cli
from app.routes import metrics
from app.settings import Settings
from tests.databases import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_table_and_no_other() -> None:
    table = PAGE.split("## Settings")[1].split("\n## ")[0]
    named = {name for line in table.splitlines() if line.startswith("|") for name in re.findall(r"`([A-Z_]+)`", line)}
    assert named & {field.upper() for field in Settings.model_fields} == {
        name.upper() for name in Settings.model_fields
    }
    first = {name for line in table.splitlines() for name in re.findall(r"`([A-Z_]+)`", line.partition(" | ")[0])}
    assert first == {field.upper() for field in Settings.model_fields}


def test_every_command_and_target_exists() -> None:
    commands = set(get_command(cli).commands)  # type: ignore[attr-defined] # a group
    asked = set(re.findall(r"python -m app ([a-z-]+)|-m app ([a-z-]+)", PAGE))
    assert {name for pair in asked for name in pair if name} <= commands
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)", PAGE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_figure_that_is_watched_is_counted() -> None:
    assert metrics.REQUESTS
    known = {family.name for family in REGISTRY.collect()}
    for name in set(re.findall(r"portefolje_\w+", PAGE)):
        assert name.removesuffix("_total") in known, name


def test_every_page_that_it_leads_to_exists() -> None:
    for link in re.findall(r"\]\(([\w./-]+)\)", PAGE + (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")):
        assert (ROOT / "docs" / link).exists(), link


def test_every_test_that_the_threat_model_names_exists() -> None:
    page = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:browser/)?test_\w+\.py)`", page))
    assert len(named) >= 25
    assert {name for name in named if not (ROOT / "tests" / name).is_file()} == set()
    assert [f"V{number}" for number in range(1, 26)] == re.findall(r"^\| (V\d+) \|", page, re.MULTILINE)
