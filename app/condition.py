"""The condition a database is in: the version of its tables, whether this program knows it, and its content."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError

ALEMBIC = Path(__file__).parent.parent / "alembic.ini"
Tables = dict[str, dict[str, Any]]


@cache
def revisions() -> list[str]:
    """The versions of the tables that this program knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(Config(ALEMBIC)).walk_revisions()]


def revision_of(connection: sa.Connection) -> str:
    """The version of the tables; empty when nothing has been migrated."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def unusable(engine: sa.Engine) -> str:
    """Why this program cannot serve what is in the database, as a sentence; empty when it can."""
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            found = damage(connection) or _wrong_version(revision_of(connection))
    except DatabaseError as wrong:
        found = f"The database cannot be used: {wrong.orig}"
    return found


def _wrong_version(revision: str) -> str:
    if not revision:
        return "The database has no tables yet: run `python -m app migrate` first."
    if revision not in revisions():
        return (
            f"The database is of a newer version ({revision}) than this program ({revisions()[0]}). Use the newer one."
        )
    if revision != revisions()[0]:
        return f"The database is of an older version ({revision}): run `python -m app migrate` first."
    return ""


def damage(connection: sa.Connection) -> str:
    """What is damaged, as a sentence; empty when nothing is. PostgreSQL looks after its own files."""
    if connection.dialect.name != "sqlite":
        return ""
    found = connection.exec_driver_sql("pragma quick_check(1)").scalar()
    if found != "ok":
        return f"The database is damaged ({found}). Restore the newest backup: python -m app restore FILE --replace"
    return ""


def content_of(connection: sa.Connection) -> Tables:
    """For each table the number of its rows and one fingerprint of them all: equal when nothing differs."""
    reflected = sa.MetaData()
    reflected.reflect(connection, resolve_fks=False)
    return {name: _content(connection, reflected.tables[name]) for name in sorted(reflected.tables)}


def _content(connection: sa.Connection, table: sa.Table) -> dict[str, Any]:
    rows, hashed = 0, hashlib.sha256()
    query = table.select().order_by(*table.primary_key)
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        rows += 1
        hashed.update(json.dumps(list(row), default=str, ensure_ascii=False).encode() + b"\n")
    return {"rows": rows, "sha256": hashed.hexdigest()}
