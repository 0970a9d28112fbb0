"""The serving processes are killed while people write: what was confirmed is there, and nothing is half done."""

import hashlib
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
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
from tests.conftest import one_database
from tests.databases import House
from tests.serving import assert_whole, command, cookie_of, installation
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


def kill_while_four_write(database: Engine, leder: User, kills: int, processes: int) -> None:
    cookie = cookie_of(database, leder)
    chance, confirmed, number = random.Random(kills + processes), set[str](), 0  # noqa: S311 - the same in every run
    with installation(database, processes) as serving:
        for each in range(kills):
            serving.start()
            done, began = Flag(), Flag()

            def write(place: int, each: int = each, done: Flag = done, began: Flag = began) -> set[str]:
                said = set()
                with serving.browser(cookie, place) as browser:
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
    cookie = cookie_of(database, leder)
    with installation(database, 2) as serving:
        serving.start()
        with serving.browser(cookie) as browser:
            for n in range(CELLS):
                assert browser.post(MILESTONES, data=TYPED | {"text": f"Nr. {n}"}).status_code == 303
        cells = sorted(each.no for each in ours(database))

        def edit(client: int) -> tuple[list[str], int]:
            chance, saved, refused = random.Random(client), [], 0  # noqa: S311 - the same in every run
            with serving.browser(cookie, client) as browser:
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
            while not Path(str(database.url.database)).exists() and migrating.is_alive():
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 1))
            migrating.kill()
            migrating.join()
            with database.connect() as connection:
                reached = revision_of(connection)
                assert damage(connection) == ""
                assert reached in ("", *revisions())
                assert bool(reached) == ("project" in sa.inspect(connection).get_table_names())
            database.dispose()
            again = command("migrate", DATABASE_URL=url)
            again.join()
            assert again.exitcode == 0
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
        while not list(tmp_path.glob("*.part")) and making.is_alive():
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.5))
        making.kill()
        making.join()
        for made in tmp_path.glob("portefolje-*.sqlite3"):
            manifest = json.loads(made.with_name(f"{made.name}.json").read_text())
            assert hashlib.sha256(made.read_bytes()).hexdigest() == manifest["sha256"]
    last = back_up(database, tmp_path)
    assert sorted(tmp_path.iterdir())[-2:] == [last, last.with_name(f"{last.name}.json")]
    assert not list(tmp_path.glob("*.part*"))
    tried("kill -9 during a backup", KILLED_BACKUPS)
