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

import httpx
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.__main__ import cli
from app.condition import damage
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

    url: str
    processes: int = 1
    room: int | None = None
    """Bytes that a file may have; as many as there is room for when nothing is said."""
    ports: list[int] = field(default_factory=list)
    running: list[ForkServerProcess] = field(default_factory=list)

    def start(self) -> None:
        self.ports = [free_port() for _each in range(self.processes)]
        self.running = [command("serve", room=self.room, DATABASE_URL=self.url, PORT=str(port)) for port in self.ports]
        for process, port in zip(self.running, self.ports, strict=True):
            wait_for(process, port)

    def kill(self) -> None:
        for process in self.running:
            process.kill()
        for process in self.running:
            process.join()

    def browser(self, cookie: str, place: int = 0) -> httpx.Client:
        """A browser in which somebody signed in, at one of the processes."""
        base = f"http://127.0.0.1:{self.ports[place % len(self.ports)]}"
        return httpx.Client(base_url=base, cookies={"session": cookie}, timeout=60, trust_env=False)


def command(*words: str, room: int | None = None, **environment: str) -> ForkServerProcess:
    """A command of the program in a process of its own."""
    process = forks.Process(target=_run, args=(words, os.environ | environment, room), daemon=True)
    process.start()
    return process


def _run(words: tuple[str, ...], environment: dict[str, str], room: int | None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    get_settings.cache_clear()
    silence = os.open(os.devnull, os.O_WRONLY)
    for said in (sys.stdout, sys.stderr):
        os.dup2(silence, said.fileno())
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    cli(words)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(process: ForkServerProcess, port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.is_alive(), "the program does not start"
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the program does not answer")


@contextmanager
def installation(database: Engine, processes: int = 1, room: int | None = None) -> Iterator[Installation]:
    database.dispose()
    made = Installation(database.url.render_as_string(hide_password=False), processes, room)
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
    """The list is sound, what was confirmed is stored, every row has its event and every event its row."""
    with Session(database) as session:
        stored = set(session.exec(select(Milestone.text).where(col(Milestone.text).startswith("Nr. "))))
        told = {
            event.after["text"]
            for event in session.exec(select(Event).where(Event.subject == "Milestone", Event.action == "created"))
        }
    assert confirmed <= stored
    assert stored == {text for text in told if text.startswith("Nr. ")}
    assert_sound(database)
