"""Reading the demo list's files. A date, a number or a list in them is already typed by TOML."""

import tomllib
from importlib.resources import files
from typing import Any

Facts = dict[str, Any]


def read(name: str) -> Facts:
    """One of the demo list's files, such as `organisation.toml`."""
    return tomllib.loads((files("app.demo") / name).read_text(encoding="utf-8"))


def read_projects() -> list[Facts]:
    """Every project of every theme's file, in the order of its number, open ones first; each knows its theme."""
    themes = (files("app.demo") / "themes").iterdir()
    tables = [tomllib.loads(theme.read_text(encoding="utf-8")) for theme in themes]
    projects = [project | {"theme": table["theme"]} for table in tables for project in table["project"]]
    return sorted(projects, key=lambda project: (project["number"].startswith("L"), project["number"]))


def chosen(table: Facts, *names: str) -> Facts:
    """The named entries that a table has: what it leaves out is unknown."""
    return {name: table[name] for name in names if name in table}


def sourced(table: Facts) -> str:
    """The source of a figure, saying so when the figure is constructed."""
    source: str = table.get("source", "")
    return f"{source} (konstrueret)" if table.get("constructed") else source
