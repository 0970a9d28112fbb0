"""The serving processes are killed while people write: what was confirmed is there, and nothing is half done."""

import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.backup import back_up
from app.condition import damage, revision_of, revisions
from app.models import Event, Milestone, User
from app.models.event_chain import broken_events
from app.models.user_session import start_session
from app.tabs.edition import broken
from tests.conftest import one_database
from tests.databases import ROOT, House
from tests.sizes import (
    CELLS,
    CLIENTS,
    EDITS,
    KILLED_BACKUPS,
    KILLED_MIGRATIONS,
    KILLS,
    tried,
)

MILESTONES = "/projects/P-006/milestones"
WRITERS = 4
TYPED = {"due_on": "01-09-2022", "kind": "delivery", "precision": "day"}


@dataclass
class Installation:
    """Serving processes on one database, each with a port of its own, and a browser in which the leader signed in."""

    url: str
    cookie: str
    processes: int = 1
    ports: list[int] = field(default_factory=list)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        self.ports = [free_port() for _each in range(self.processes)]
        self.running = [command("serve", DATABASE_URL=self.url, PORT=str(port)) for port in self.ports]
        for process, port in zip(self.running, self.ports, strict=True):
            wait_for(process, port)

    def kill(self) -> None:
        for process in self.running:
            kill(process)

    def browser(self, place: int = 0) -> httpx.Client:
        base = f"http://127.0.0.1:{self.ports[place % len(self.ports)]}"
        return httpx.Client(base_url=base, cookies={"session": self.cookie}, timeout=30, trust_env=False)


def command(*words: str, **environment: str) -> subprocess.Popen[bytes]:
    """A command of the program as a process group of its own, which can be killed whole."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the program does not start"
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the program does not answer")


@contextmanager
def installation(database: Engine, by: User, processes: int = 1) -> Iterator[Installation]:
    with Session(database) as session:
        cookie = start_session(session, by)
        session.commit()
    database.dispose()
    made = Installation(database.url.render_as_string(hide_password=False), cookie, processes)
    try:
        yield made
    finally:
        made.kill()


def assert_whole(database: Engine, confirmed: set[str]) -> None:
    """The file is sound, what was confirmed is stored, every row has its event and every event its row, chained."""
    with Session(database) as session:
        connection = session.connection()
        assert damage(connection) == ""
        if database.dialect.name == "sqlite":
            assert list(connection.exec_driver_sql("pragma integrity_check").scalars()) == ["ok"]
            assert not list(connection.exec_driver_sql("pragma foreign_key_check"))
        stored = set(session.exec(select(Milestone.text).where(col(Milestone.text).startswith("Nr. "))))
        told = {
            event.after["text"]
            for event in session.exec(select(Event).where(Event.subject == "Milestone", Event.action == "created"))
        }
        assert confirmed <= stored
        assert stored == {text for text in told if text.startswith("Nr. ")}
        assert not list(broken_events(session))
        assert not broken(session)
    database.dispose()


def kill_while_four_write(database: Engine, leder: User, kills: int, processes: int) -> None:
    chance, confirmed, number = random.Random(kills + processes), set[str](), 0  # noqa: S311 - the same in every run
    with installation(database, leder, processes) as serving:
        for each in range(kills):
            serving.start()
            done, began = Flag(), Flag()

            def write(place: int, each: int = each, done: Flag = done, began: Flag = began) -> set[str]:
                said = set()
                with serving.browser(place) as browser:
                    for n in range(10_000):
                        text = f"Nr. {each}-{place}-{n}"
                        try:
                            answer = browser.post(MILESTONES, data=TYPED | {"text": text})
                        except httpx.HTTPError:
                            break
                        if answer.status_code == 303:
                            said.add(text)
                            began.set()
                        if done.is_set():
                            break
                return said

            with ThreadPoolExecutor(WRITERS) as pool:
                writing = [pool.submit(write, place) for place in range(WRITERS)]
                began.wait(60)
                time.sleep(chance.uniform(0, 0.4))
                serving.kill()
                done.set()
                for writer in writing:
                    confirmed |= writer.result()
            assert_whole(database, confirmed)
            number += 1
    assert confirmed
    tried(f"kill -9 of {processes} serving during writes, {database.dialect.name} ({len(confirmed)} confirmed)", number)


@one_database
@pytest.mark.parametrize("processes", [1, 2])
def test_what_was_confirmed_is_there_after_the_processes_were_killed(
    database: Engine, leder: User, processes: int
) -> None:
    kill_while_four_write(database, leder, KILLS, processes)


@one_database
def test_no_edit_of_many_at_once_is_lost_by_two_processes(database: Engine, leder: User) -> None:
    """Each of eight reads a cell and saves another text; who was overtaken is told so, and nobody else's is lost."""
    with installation(database, leder, 2) as serving:
        serving.start()
        with serving.browser() as browser:
            for n in range(CELLS):
                assert browser.post(MILESTONES, data=TYPED | {"text": f"Nr. {n}"}).status_code == 303
        cells = sorted(each.no for each in ours(database))

        def edit(client: int) -> tuple[list[str], int]:
            chance, saved, refused = random.Random(client), [], 0  # noqa: S311 - the same in every run
            with serving.browser(client) as browser:
                for n in range(EDITS):
                    text, no = f"Nr. {client}.{n}", chance.choice(cells)
                    cell = next(each for each in ours(database) if each.no == no)
                    form = TYPED | {"text": text, "version": str(cell.version)}
                    answer = browser.post(f"{MILESTONES}/{no}/edit", data=form)
                    assert answer.status_code in (303, 409)
                    if answer.status_code == 303:
                        saved.append(text)
                    else:
                        assert 'id="conflict"' in answer.text
                        refused += 1
            return saved, refused

        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = list(pool.map(edit, range(CLIENTS)))
    saved = {text for texts, _refused in answers for text in texts}
    stored = ours(database)
    assert sum(cell.version - 1 for cell in stored) == len(saved)
    assert {cell.text for cell in stored} - {f"Nr. {n}" for n in range(CELLS)} <= saved
    with Session(database) as session:
        query = select(Event).where(Event.subject == "Milestone", Event.action == "changed")
        changes = [
            (event.before["text"], event.after["text"]) for event in session.exec(query) if "text" in event.after
        ]
    assert {after for _before, after in changes} == saved
    assert len(dict(changes)) == len(changes), "two saved over the same text"
    tried(f"edits of {CELLS} cells by {CLIENTS} at once, {database.dialect.name}", CLIENTS * EDITS)


def ours(database: Engine) -> list[Milestone]:
    with Session(database.execution_options(read_only=True)) as session:
        return list(session.exec(select(Milestone).where(col(Milestone.text).startswith("Nr. "))))


@one_database
def test_a_migration_that_is_killed_is_whole_or_not_begun_and_goes_on(house: House) -> None:
    chance = random.Random(5)  # noqa: S311 - the same in every run
    for _each in range(KILLED_MIGRATIONS):
        with house.empty() as database:
            url = database.url.render_as_string(hide_password=False)
            migrating = command("migrate", DATABASE_URL=url)
            while not Path(str(database.url.database)).exists() and migrating.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 1))
            kill(migrating)
            with database.connect() as connection:
                reached = revision_of(connection)
                assert damage(connection) == ""
                assert reached in ("", *revisions())
                assert bool(reached) == ("project" in sa.inspect(connection).get_table_names())
            database.dispose()
            again = command("migrate", DATABASE_URL=url)
            assert again.wait() == 0
            with database.connect() as connection:
                assert revision_of(connection) == revisions()[0]
    tried("kill -9 during a migration, and again", KILLED_MIGRATIONS)


@one_database
def test_a_backup_that_is_killed_has_no_name(database: Engine, tmp_path: Path) -> None:
    chance = random.Random(9)  # noqa: S311 - the same in every run
    url = database.url.render_as_string(hide_password=False)
    database.dispose()
    for _each in range(KILLED_BACKUPS):
        making = command("backup", "--out", str(tmp_path), DATABASE_URL=url)
        while not list(tmp_path.glob("*.part")) and making.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.5))
        kill(making)
        for made in tmp_path.glob("portefolje-*.sqlite3"):
            manifest = json.loads(made.with_name(f"{made.name}.json").read_text())
            assert hashlib.sha256(made.read_bytes()).hexdigest() == manifest["sha256"]
    last = back_up(database, tmp_path)
    assert sorted(tmp_path.iterdir())[-2:] == [last, last.with_name(f"{last.name}.json")]
    assert not list(tmp_path.glob("*.part*"))
    tried("kill -9 during a backup", KILLED_BACKUPS)
