"""The README says what is true of the code."""

import inspect
import re
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import app.models  # noqa: F401 - makes every table known
from app.__main__ import cli

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
GLOSSARY = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", README.split("## Glossary")[1], re.MULTILINE))
TABLES = sorted((mapper.class_ for mapper in SQLModel._sa_registry.mappers), key=lambda table: table.__name__)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_table_stands_in_the_glossary_with_the_danish_word_of_its_docstring(table: type[SQLModel]) -> None:
    assert table.__name__ in GLOSSARY
    assert f"({GLOSSARY[table.__name__]})" in (inspect.getdoc(table) or "")


def test_every_command_stands_in_the_readme() -> None:
    commands = {
        str(command.name or command.callback.__name__) for command in cli.registered_commands if command.callback
    }
    documented = set(re.findall(r"^\| `([a-z-]+)[^`]*` \|", README.split("## The command line")[1], re.MULTILINE))
    assert {name.replace("_", "-") for name in commands} <= documented
