"""What goes wrong outside the program: the database is locked, full, silent or gone. Nothing is lost, and the page
says what became of what was sent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Engine, event
from sqlmodel import Session, col, func, select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from app import db
from app.__main__ import cli
from app.condition import unusable
from app.db import connect
from app.i18n import gettext as _
from app.models import Milestone, User, UserSession, password, password_link
from app.models.user_session import SEEN_EVERY
from app.settings import get_settings, now
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import PageForm, form_on, forms, read_page

MILESTONES = "/projects/P-006/milestones"
TEXT = "Licitation over æblehaven\r\nog gården"
on_postgresql = pytest.mark.parametrize("house", ["postgresql"], indirect=True)


def filled_in(browser: TestClient) -> dict[str, str | list[str]]:
    form = form_on(browser, f"{MILESTONES}/new", MILESTONES)
    return form.values | {"once": form.once, "text": TEXT.replace("\r\n", " "), "due_on": "01-09-2022"}


def milestones(database: Engine) -> int:
    with Session(database) as session:
        return session.exec(select(func.count(col(Milestone.id)))).one()


def sent_again(answer: Response) -> PageForm:
    """The form of the page that keeps what was typed."""
    return next(form for form in forms(answer.text) if form.action == MILESTONES)


def assert_kept(answer: Response, status: int, *sentences: str) -> None:
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "5"
    heading = read_page(answer.text).all("h1")[0].text
    assert heading == " ".join(_(sentence) for sentence in sentences)
    assert sent_again(answer).values["text"] == TEXT.replace("\r\n", " ")


def is_alive_but_not_ready(browser: TestClient) -> bool:
    return (browser.get("/healthz").status_code, browser.get("/readyz").status_code) == (200, 503)


@one_database
def test_while_another_program_locks_the_file_pages_are_read_and_what_was_typed_is_kept(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    event.listen(database, "connect", lambda connection, _record: connection.execute("pragma busy_timeout=100"))
    database.dispose()
    browser = sign_in(leder)
    form, before = filled_in(browser), fingerprint(database)
    other = db.sqlite_module().connect(str(database.url.database), isolation_level=None)
    other.execute("begin immediate")
    answer = browser.post(MILESTONES, data=form)
    assert_kept(answer, 503, "The database is busy.", "Nothing was saved.")
    assert is_alive_but_not_ready(browser)
    assert browser.get("/projects/P-006").status_code == 200
    other.execute("rollback")
    other.close()
    assert fingerprint(database) == before
    assert browser.get("/readyz").status_code == 200
    again = sent_again(answer)
    assert browser.post(MILESTONES, data=again.values | {"once": again.once}).status_code == 303


@one_database
def test_a_sign_in_while_the_file_is_locked_is_told_to_try_again_at_each_of_its_steps(
    anonymous: TestClient, leder: User, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the try is counted, and when the password has been checked, which takes long: 503, never 500."""
    event.listen(database, "connect", lambda connection, _record: connection.execute("pragma busy_timeout=100"))
    database.dispose()
    other = db.sqlite_module().connect(
        str(database.url.database), isolation_level=None, check_same_thread=False, timeout=5
    )
    typed = {"email": leder.email, "password": "demo"}

    def locked_meanwhile(*_typed: str) -> bool:
        other.execute("begin immediate")
        return True

    other.execute("begin immediate")
    for way, sent in (("/login", typed), ("/password", typed)):
        say_busy(anonymous.post(way, data=sent))
    other.execute("rollback")
    for module, way in ((password, "/login"), (password_link, "/password")):
        monkeypatch.setattr(module, "matches", locked_meanwhile)
        say_busy(anonymous.post(way, data=typed))
        other.execute("rollback")
        monkeypatch.undo()
    other.close()
    assert anonymous.post("/login", data=typed).status_code == 303


@one_database
def test_a_page_is_read_while_the_file_is_locked_and_later_it_is_noted_who_read_it(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    """What is written down after the answer may wait: a lock is no fault of the page that was read."""
    event.listen(database, "connect", lambda connection, _record: connection.execute("pragma busy_timeout=100"))
    database.dispose()
    browser = sign_in(leder)
    other = db.sqlite_module().connect(str(database.url.database), isolation_level=None)
    with time_machine.travel(now() + 2 * SEEN_EVERY, tick=False):
        other.execute("begin immediate")
        assert browser.get("/me").status_code == 200
        other.execute("rollback")
        other.close()
        assert last_seen(database) < now()
        assert browser.get("/me").status_code == 200
        assert last_seen(database) == now()


def last_seen(database: Engine) -> datetime:
    with Session(database) as session:
        return session.exec(select(UserSession)).one().last_seen_at


@pytest.mark.parametrize("said", ["database is locked", "database table is locked", "locking protocol"])
def test_whatever_sqlite_calls_it_when_others_are_in_the_way_it_is_busy(said: str) -> None:
    wrong = db.sqlite_module().OperationalError(said)
    assert (
        db.failure_of(sa.exc.OperationalError("BEGIN IMMEDIATE", {}, wrong), sa.create_engine("sqlite://"))
        is db.Failure.busy
    )


def say_busy(answer: Response) -> None:
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert read_page(answer.text).all("h1")[0].text.startswith("Databasen er optaget.")
    assert "demo" not in read_page(answer.text).all("main")[0].text


@one_database
def test_when_there_is_no_room_nothing_is_saved_and_pages_are_read(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    limits = ["pragma max_page_count=1"]  # no more pages than the file has
    event.listen(database, "connect", lambda connection, _record: [connection.execute(each) for each in limits])
    database.dispose()
    for _each in range(60):
        form, before = filled_in(browser), milestones(database)
        answer = browser.post(MILESTONES, data=form)
        if answer.status_code != 303:
            break
    assert_kept(answer, 507, "There is no room left.", "Nothing was saved.")
    assert browser.get("/projects/P-006").status_code == 200
    assert milestones(database) == before
    limits.clear()
    database.dispose()
    assert browser.post(MILESTONES, data=form).status_code == 303
    assert milestones(database) == before + 1


@one_database
def test_a_damaged_a_newer_and_an_empty_database_are_not_served(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", str(database.url))
    get_settings.cache_clear()
    assert unusable(database) == ""
    run(database, "update alembic_version set version_num = '9999'")
    assert "newer version" in serve()
    run(database, "delete from alembic_version")
    assert "migrate" in serve()
    database.dispose()
    with open(str(database.url.database), "r+b") as file:
        for page in range(3, 60):
            file.seek(page * 4096 + 8)
            file.write(b"\xff" * 64)
    assert "Restore" in serve() or "malformed" in serve()
    get_settings.cache_clear()


def serve() -> str:
    ended = CliRunner().invoke(cli, ["serve"])
    assert ended.exit_code == 1
    return str(ended.stderr)


def run(database: Engine, statement: str) -> None:
    with database.begin() as connection:
        connection.execute(sa.text(statement))


class Link:
    """A line to PostgreSQL that can fall silent, or break when the program has said COMMIT."""

    def __init__(self, to: Engine) -> None:
        self.silent = self.breaks_at_commit = False
        host, port = to.url.query.get("host"), to.url.port or 5432
        self.server: Any = f"{host}/.s.PGSQL.{port}" if host else (to.url.host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = [self.listener]
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self) -> None:
        while True:
            try:
                near, _address = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX if isinstance(self.server, str) else socket.AF_INET)
            self.open += [near, far]
            far.connect(self.server)
            for source, target in ((near, far), (far, near)):
                self.threads.append(threading.Thread(target=self.carry, args=(source, target, near)))
                self.threads[-1].start()

    def close(self) -> None:
        for each in self.open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        for each in self.open:
            each.close()

    def carry(self, source: socket.socket, target: socket.socket, near: socket.socket) -> None:
        while True:
            try:
                said = source.recv(65536)
            except OSError:
                return
            if self.silent and said:
                if self.breaks_at_commit:  # it is stored; the answer never arrives
                    self.silent = False
                    with suppress(OSError):
                        near.shutdown(socket.SHUT_RDWR)
                    return
                continue
            if self.breaks_at_commit and source is near and b"COMMIT" in said:
                self.silent = True
            with suppress(OSError):
                target.sendall(said) if said else target.shutdown(socket.SHUT_RDWR)
            if not said:
                return


@pytest.fixture
def link(database: Engine, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[Link]:
    """The application reaches PostgreSQL by a line of ours, and waits for half a second only."""
    monkeypatch.setattr(db, "DEADLINE", 0.5)
    made = Link(database)
    url = database.url.set(host="127.0.0.1", port=made.port, query={})
    engine = connect(url.render_as_string(hide_password=False), promptly=True)
    app.state.engine = engine
    yield made
    app.state.engine = database
    engine.dispose()
    made.close()


@on_postgresql
def test_when_postgresql_is_silent_the_answer_comes_all_the_same(
    sign_in: SignIn, leder: User, database: Engine, link: Link
) -> None:
    browser = sign_in(leder)
    form, before = filled_in(browser), milestones(database)
    link.silent = True
    assert_kept(
        browser.post(MILESTONES, data=form), 503, "The database does not answer just now.", "Nothing was saved."
    )
    assert browser.get("/projects/P-006").status_code == 503
    assert is_alive_but_not_ready(browser)
    link.silent = False
    assert browser.get("/readyz").status_code == 200
    assert milestones(database) == before
    assert browser.post(MILESTONES, data=form).status_code == 303


@on_postgresql
def test_when_the_line_breaks_at_the_commit_nobody_claims_that_nothing_was_saved_and_it_is_saved_once(
    sign_in: SignIn, leder: User, database: Engine, link: Link
) -> None:
    browser = sign_in(leder)
    form, before = filled_in(browser), milestones(database)
    link.breaks_at_commit = True
    answer = browser.post(MILESTONES, data=form)
    link.breaks_at_commit = False
    unknown = "We do not know whether it was saved. Send it again: it is saved only once."
    assert_kept(answer, 503, "The database does not answer just now.", unknown)
    assert milestones(database) == before + 1
    again = sent_again(answer)
    assert browser.post(MILESTONES, data=again.values | {"once": again.once}).status_code == 303
    assert milestones(database) == before + 1
