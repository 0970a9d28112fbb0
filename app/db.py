"""The database: an embedded SQLite file or PostgreSQL, one engine a process, one transaction a request."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import structlog
from fastapi import Depends, Request
from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine

log = structlog.get_logger()

FIXED_SQLITE = (3, 51, 3)
"""The first SQLite without the WAL-reset race that can lose committed writes (sqlite.org, 3.7.0 to 3.51.2)."""


_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "recursive_triggers=ON",  # so that REPLACE asks the triggers that guard against deleting
    "mmap_size=268435456",  # bytes that are read where the kernel keeps them: a write empties a connection's own cache
)


def sqlite_module() -> Any:
    """The SQLite library: the bundled newer one where its wheel installs, otherwise Python's own."""
    try:
        import pysqlite3.dbapi2 as bundled
    except ImportError:
        return sqlite3
    return bundled


def connect(url: str) -> Engine:
    """An engine for the address, set up so that what was confirmed stays (WAL, full synchronous, foreign keys).

    What a statement is given is hidden from errors and so from the log: it may be what somebody wrote of a person.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=40, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
    module = sqlite_module()
    if module.sqlite_version_info < FIXED_SQLITE:
        log.warning("sqlite_before_fix", version=module.sqlite_version, advice="run one process only")
    engine = create_engine(
        url,
        module=module,
        connect_args={"check_same_thread": False},
        pool_size=40,
        max_overflow=10,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def reading_file(path: Path) -> Engine:
    """An engine on a file that nobody writes in, and that it leaves exactly as it is."""
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&immutable=1&uri=true", module=sqlite_module())
    event.listen(engine, "connect", _teach)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    _teach(connection, _record)


def _teach(connection: Any, _record: Any) -> None:
    """SQLite's own »lower« knows English letters only."""
    connection.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)


def _begin(connection: sa.Connection) -> None:
    """A writing request takes the write lock at once; a reading one never waits for a writer."""
    reads = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def get_session(request: Request) -> Iterator[Session]:
    """One transaction a request: committed when the route has answered, rolled back when it raised."""
    engine: Engine = request.app.state.engine
    if request.method in ("GET", "HEAD"):
        engine = engine.execution_options(read_only=True)
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


SessionDep = Annotated[Session, Depends(get_session, scope="function")]
