"""Serving processes of the tests' own: started beside each other on one database, stopped, killed.

They are forked from a process that has imported the program once: to import it takes longer than most trials do.
"""

import multiprocessing
import os
import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from typing import Any

import httpx
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.__main__ import cli
from app.condition import damage
from app.db import sqlite_module
from app.models import Event, Milestone, User
from app.models.event_chain import broken_events
from app.models.user_session import start_session
from app.settings import get_settings
from app.tabs.edition import broken

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload([__name__, "tests.preloaded"])


@dataclass
class Installation:
    """Serving processes on one database, each with a port of its own."""

    database: Engine
    processes: int = 1
    room: int | None = None
    """Bytes that a file may have, until there is room again (`make_room`); as many as it likes when nothing is said."""
    sqlite: dict[str, Any] = field(default_factory=dict)
    """What the SQLite library says of itself, where it is another one."""
    ports: list[int] = field(default_factory=list)
    running: list[ForkServerProcess] = field(default_factory=list)

    def start(self) -> None:
        self.database.dispose()
        url = self.database.url.render_as_string(hide_password=False)
        self.ports = [free_port() for _each in range(self.processes)]
        self.running = [
            command("serve", room=self.room, sqlite=self.sqlite, DATABASE_URL=url, PORT=str(port))
            for port in self.ports
        ]
        for process, port in zip(self.running, self.ports, strict=True):
            wait_for(process, port)

    def kill(self) -> None:
        for process in self.running:
            process.kill()
        for process in self.running:
            process.join()
        wait_until_let_go(self.database)

    def make_room(self) -> None:
        for process in self.running:
            resource.prlimit(process.pid or 0, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def browser(self, cookie: str, place: int = 0) -> httpx.Client:
        """A browser in which somebody signed in, at one of the processes."""
        base = f"http://127.0.0.1:{self.ports[place % len(self.ports)]}"
        return httpx.Client(base_url=base, cookies={"session": cookie}, timeout=60, trust_env=False)


def command(
    *words: str, room: int | None = None, sqlite: dict[str, Any] | None = None, **environment: str
) -> ForkServerProcess:
    """A command of the program in a process of its own."""
    told = (words, os.environ | environment, room, sqlite or {})
    process = forks.Process(target=_run, args=told, daemon=True)
    process.start()
    return process


def _run(words: tuple[str, ...], environment: dict[str, str], room: int | None, sqlite: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    get_settings.cache_clear()
    silence = os.open(os.devnull, os.O_WRONLY)
    for said in (sys.stdout, sys.stderr):
        os.dup2(silence, said.fileno())
    for name, value in sqlite.items():
        setattr(sqlite_module(), name, value)
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    cli(words)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(process: ForkServerProcess, port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.is_alive(), "the program does not start"
        if is_let_in(port):
            return
        time.sleep(0.02)
    raise AssertionError("the program does not answer")


def is_let_in(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def wait_until_let_go(database: Engine) -> None:
    """PostgreSQL finishes what it has been asked for before it notices that who asked is dead."""
    if database.dialect.name != "postgresql":
        return
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid != pg_backend_pid()"
    database.dispose()  # what it keeps for later is no other
    with database.connect() as connection:
        until = time.monotonic() + 30
        while connection.exec_driver_sql(others).scalar():
            assert time.monotonic() < until, "somebody holds on to the database"
            time.sleep(0.02)
            connection.rollback()  # a transaction sees one list of them
    database.dispose()


@contextmanager
def installation(database: Engine, processes: int = 1, **more: Any) -> Iterator[Installation]:
    made = Installation(database, processes, **more)
    try:
        yield made
    finally:
        made.kill()


def cookie_of(database: Engine, user: User) -> str:
    """What a browser holds in which somebody signed in."""
    with Session(database) as session:
        cookie = start_session(session, user)
        session.commit()
    database.dispose()
    return cookie


MILESTONES = "/projects/P-006/milestones"
TYPED = {"due_on": "01-09-2022", "kind": "delivery", "precision": "day"}


def write(browser: httpx.Client, text: str) -> httpx.Response:
    """The answer to the form of a milestone; the same text again is the same form."""
    return browser.post(MILESTONES, data=TYPED | {"once": text, "text": text})


def assert_sound(database: Engine) -> None:
    """The file is sound, the log is one chain, and what was frozen is as it was frozen."""
    with Session(database) as session:
        connection = session.connection()
        assert damage(connection) == ""
        if database.dialect.name == "sqlite":
            assert list(connection.exec_driver_sql("pragma integrity_check").scalars()) == ["ok"]
            assert not list(connection.exec_driver_sql("pragma foreign_key_check"))
        assert not list(broken_events(session))
        assert not broken(session)
    database.dispose()


def assert_whole(database: Engine, confirmed: set[str]) -> None:
    """The list is sound, what was confirmed is stored, every row has its event and every event its row.

    What was written are milestones whose texts begin with »Nr. «.
    """
    with Session(database) as session:
        stored = set(session.exec(select(Milestone.text).where(col(Milestone.text).startswith("Nr. "))))
        told = {
            event.after["text"]
            for event in session.exec(select(Event).where(Event.subject == "Milestone", Event.action == "created"))
        }
    assert confirmed <= stored
    assert stored == {text for text in told if text.startswith("Nr. ")}
    assert_sound(database)
