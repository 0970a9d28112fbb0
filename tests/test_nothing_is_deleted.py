"""Nothing is deleted: rows are ended, with date and reason (product.md, decision 15; domain.md L18)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import SQLModel

from app.models import Person, User

APP = Path(__file__).parent.parent / "app"
MAY_DELETE = {
    "models/report_entry.py": "an assessment that is taken out of a draft again",
    "models/key_persons.py": "a count of none; the event says what stood before",
    "models/staffing.py": "how a post was split; the event says what stood before",
    "models/password.py": "attempts to sign in, once the sign-in has succeeded",
    "models/second_factor.py": "the secret of an app that is no longer used; the event says that it was taken away",
    "models/sign_in_attempt.py": "attempts to sign in that are too old to count",
    "models/sign_on_attempt.py": "ways to the sign-on and back of before yesterday; they say nothing of whom",
    "models/receipt.py": "what a form was answered, once it is too old to be sent twice",
    "models/project.py": "that a unit takes part; the event says what stood before",
    "models/scenario.py": "a change of a scenario, which is written anew as a whole",
    "models/strategy_theme.py": "that a project serves a theme; the event says what stood before",
}
"""Where rows are deleted that only link, count, draft or prove who somebody is; each with the reason."""


def deletions(tree: ast.AST) -> Iterator[int]:
    """The lines that delete rows: `session.delete(…)`, `delete(…)`, `sa.delete(…)`, or SQL that says so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "delete":
                yield node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.lower().split()
            if words[:2] == ["delete", "from"] or words[:1] == ["truncate"]:
                yield node.lineno


def test_the_search_finds_every_way_of_deleting() -> None:
    ways = [
        "session.delete(row)",
        "sa.delete(Table)",
        "delete(Table)",
        'run("DELETE FROM person")',
        'run("truncate x")',
    ]
    assert all(list(deletions(ast.parse(way))) for way in ways)
    assert not list(deletions(ast.parse("row.withdrawn = True")))


def test_no_row_is_deleted_but_links_counts_drafts_and_secrets() -> None:
    found = {
        str(file.relative_to(APP)): lines
        for file in sorted(APP.rglob("*.py"))
        if (lines := list(deletions(ast.parse(file.read_text(encoding="utf-8")))))
    }
    assert found.keys() == MAY_DELETE.keys(), "End the row with date and reason, or say here why it may be deleted"


def test_people_and_accounts_are_deactivated_and_nothing_cascades_to_a_row() -> None:
    assert {Person.model_fields["active"].annotation, User.model_fields["active"].annotation} == {bool}
    cascades = [
        f"{table.name}.{key.parent.name}"
        for table in SQLModel.metadata.tables.values()
        for key in table.foreign_keys
        if (key.ondelete or "").upper() == "CASCADE"
    ]
    assert not cascades
    relations = [
        str(relation)
        for mapper in SQLModel._sa_registry.mappers
        for relation in mapper.relationships
        if relation.cascade.delete or relation.cascade.delete_orphan
    ]
    assert not relations
