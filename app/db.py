"""The database: an embedded SQLite file or PostgreSQL, one engine a process, one transaction a request."""

import fcntl
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Annotated, Any

import psycopg
import sqlalchemy as sa
import structlog
from fastapi import Depends, Request
from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine

log = structlog.get_logger()

FIXED_SQLITE = (3, 51, 3)
"""The first SQLite without the WAL-reset race that can lose committed writes (sqlite.org, 3.7.0 to 3.51.2)."""


LONGEST_WAIT = 4
"""Seconds that a request waits for what another one is changing."""

LEAST_ROOM = 2**20
"""Bytes."""

STATEMENTS = 1_500
"""How many are kept compiled: all pages together ask some 700, the forms as many more; SQLAlchemy keeps 500."""

DEADLINE = 5.0
"""Seconds within which the database must answer a request's question."""

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


class PromptConnection(psycopg.Connection[Any]):
    """A connection to PostgreSQL that gives up when the server is silent: a server's own limits are of no use then."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, DEADLINE if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as late:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from late


def _connect_promptly(_dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> Any:
    return PromptConnection.connect(**named, connect_timeout=3, options=f"-c lock_timeout={LONGEST_WAIT * 1000}")


def connect(url: str, *, promptly: bool = False) -> Engine:
    """An engine for the address, set up so that what was confirmed stays (WAL, full synchronous, foreign keys).

    What a statement is given is hidden from errors and so from the log: it may be what somebody wrote of a person.
    Who waits at a screen wants an answer `promptly`, also when the database gives none; a migration may take its time.
    """
    if not url.startswith("sqlite"):
        limits = {"pool_size": 40, "max_overflow": 10, "pool_timeout": 3 if promptly else 30}
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, query_cache_size=STATEMENTS, **limits)
        if promptly:
            event.listen(engine, "do_connect", _connect_promptly)
        return engine
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
        query_cache_size=STATEMENTS,
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
        session.flush()
        request.state.commit = Commit.begun
        session.commit()
        request.state.commit = Commit.done


class Commit(StrEnum):
    """How far a request's transaction has come: before it is begun, nothing was saved."""

    begun = "begun"
    done = "done"


class Failure(StrEnum):
    """Why the database does not do what it was asked."""

    busy = "busy"
    full = "full"
    unreachable = "unreachable"


_BUSY = ("is locked", "locking protocol")
"""What SQLite says when others are in the way: SQLITE_BUSY and SQLITE_LOCKED, and SQLITE_PROTOCOL when so many begin to
read at the same moment that one of them found no place in the WAL's index (sqlite.org/rescode.html)."""


def failure_of(error: Exception, engine: Engine) -> Failure | None:
    """What is wrong with the database; None when it is the question that is wrong.

    Of a quota or a limit on the size of files SQLite tells as of a broken disk.
    """
    if isinstance(error, sa.exc.TimeoutError):
        return Failure.busy
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    said, own = str(error.orig), error.orig
    broken = "disk I/O error" in said
    if "is full" in said or isinstance(own, psycopg.errors.DiskFull) or (broken and not has_room(engine)):
        return Failure.full
    if any(words in said for words in _BUSY) or isinstance(
        own, (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
    ):
        return Failure.busy
    gone = error.connection_invalidated or isinstance(own, psycopg.OperationalError)
    return Failure.unreachable if gone or broken or "unable to open" in said else None


def has_room(engine: Engine) -> bool:
    """Whether SQLite's files can grow: on the disk, and within a quota and a limit on the size of files."""
    database = Path(str(engine.url.database))
    there = [file.stat().st_size for file in (database, Path(f"{database}-wal")) if file.exists()]
    try:
        with TemporaryFile(dir=database.parent, buffering=0) as file:
            file.seek(max(there, default=0))
            return file.write(bytes(LEAST_ROOM)) == LEAST_ROOM
    except OSError:
        return False


def alone(engine: Engine) -> str:
    """Why this process may not serve beside another one; empty when it may.

    A SQLite with the WAL-reset race can lose what was confirmed when two processes write, so there may be one only.
    """
    if engine.dialect.name != "sqlite" or sqlite_module().sqlite_version_info >= FIXED_SQLITE:
        return ""
    lock = Path(f"{engine.url.database}.serving").open("w")  # noqa: SIM115 - held for as long as the process lives
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return f"Another process serves this list, and SQLite {sqlite_module().sqlite_version} is safe with one only."
    _held.append(lock)
    return ""


_held: list[IO[str]] = []


def is_ready(engine: Engine) -> bool:
    """Whether the database answers, can be written in, and has room."""
    try:
        with engine.begin() as connection:  # on SQLite with the lock of who writes
            if connection.dialect.name == "postgresql":
                return not connection.scalar(sa.select(sa.func.pg_is_in_recovery()))
            connection.scalar(sa.select(1))
    except (sa.exc.DBAPIError, sa.exc.TimeoutError):
        return False
    return has_room(engine)


SessionDep = Annotated[Session, Depends(get_session, scope="function")]
