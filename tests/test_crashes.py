"""The serving processes are killed while people write: what was confirmed is there, and nothing is half done."""

import hashlib
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Event as Flag

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.backup import back_up
from app.condition import damage, revision_of, revisions
from app.models import Edition, Event, Export, Report, ReportingRound, User
from app.models.report import ReportState
from app.models.reporting_round import RoundState
from tests.conftest import one_database
from tests.databases import House
from tests.serving import Installation, assert_sound, assert_whole, command, cookie_of, installation, write
from tests.sizes import KILLED_BACKUPS, KILLED_EXPORTS, KILLED_FREEZES, KILLED_MIGRATIONS, KILLS, tried
from tests.test_rounds import stand

WRITERS = 4
STILL_OPEN = {ReportState.draft, ReportState.submitted, ReportState.returned, ReportState.approved}


def confirmed_before_the_kill(serving: Installation, cookie: str, name: str, after: float) -> set[str]:
    """What was confirmed to four who write until the processes are killed, some seconds after the first was."""
    began = Flag()

    def go_on(place: int) -> set[str]:
        said = set()
        with serving.browser(cookie, place) as browser, suppress(httpx.HTTPError):
            for n in count():
                text = f"Nr. {name}-{place}-{n}"
                if write(browser, text).status_code == 303:
                    said.add(text)
                    began.set()
        return said

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(go_on, place) for place in range(WRITERS)]
        began.wait(60)
        time.sleep(after)
        serving.kill()
        return set[str]().union(*(writer.result() for writer in writing))


@pytest.mark.parametrize(("house", "processes"), KILLS, indirect=["house"])
def test_what_was_confirmed_is_there_after_the_processes_were_killed(
    database: Engine, leder: User, processes: int
) -> None:
    kills, cookie, confirmed = KILLS[database.dialect.name, processes], cookie_of(database, leder), set[str]()
    chance = random.Random(kills + processes)  # noqa: S311 - the same in every run
    with installation(database, processes) as serving:
        for each in range(kills):
            serving.start()
            confirmed |= confirmed_before_the_kill(serving, cookie, str(each), chance.uniform(0, 0.4))
            assert_whole(database, confirmed)
    assert confirmed
    tried(f"kill -9 of {processes} serving during writes, {database.dialect.name} ({len(confirmed)} confirmed)", kills)


def test_a_round_whose_freeze_is_killed_is_not_frozen_or_frozen_whole_and_then_once(
    house: House, database: Engine, sekretariat: User
) -> None:
    """The same form sent again leads where the first would have led; another one is refused (invariant I5)."""
    times, took, kept = KILLED_FREEZES[database.dialect.name], 0.4, 0
    chance = random.Random(times)  # noqa: S311 - the same in every run
    stand(database, "2022-06", RoundState.closed_for_leaders)
    cookie = cookie_of(database, sekretariat)
    for _each in range(times):
        with house.copy(database) as tried_on, installation(tried_on) as serving, ThreadPoolExecutor(1) as pool:
            serving.start()
            with serving.browser(cookie) as browser:
                answer = pool.submit(freeze_with, browser, "den samme")
                time.sleep(chance.uniform(0, 1.3 * took))
                serving.kill()
                confirmed = answer.result()
            before = frozen(tried_on)
            kept += before
            assert before or not confirmed
            serving.start()
            with serving.browser(cookie) as browser:
                began = time.monotonic()
                assert freeze_with(browser, "den samme") == 303
                took = took if before else time.monotonic() - began
                assert freeze_with(browser, "en anden") == 409
            serving.kill()
            assert frozen(tried_on)
    tried(f"kill -9 during a freeze, {database.dialect.name} ({kept} had been frozen)", times)


def freeze_with(browser: httpx.Client, once: str) -> int:
    """The answer to a form with this key; 0 when there was none."""
    try:
        return browser.post("/portfolios/direktionen/rounds/2022-06/freeze", data={"once": once}).status_code
    except httpx.HTTPError:
        return 0


def frozen(database: Engine) -> bool:
    """Whether the round of June is frozen, with its edition, its event and every status; or nothing of it is."""
    with Session(database) as session:
        round_ = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
        editions = session.exec(select(Edition).where(Edition.round_id == round_.pk)).all()
        told = select(Event).where(Event.subject == "ReportingRound", Event.subject_id == round_.pk)
        events = session.exec(told.where(Event.action == "frozen")).all()
        states = set(session.exec(select(Report.state).where(Report.round_id == round_.pk)))
    whole = (len(editions), len(events), bool(states & STILL_OPEN), round_.frozen_at is not None)
    assert (round_.state, whole) in (
        (RoundState.closed_for_leaders, (0, 0, True, False)),
        (RoundState.frozen, (1, 1, False, True)),
    )
    assert_sound(database)
    return bool(editions)


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


@one_database
def test_an_export_that_is_killed_leaves_the_file_that_was_there_or_a_whole_one_that_is_logged(
    database: Engine, tmp_path: Path
) -> None:
    chance, out = random.Random(3), tmp_path / "liste.xlsx"  # noqa: S311 - the same in every run
    url = database.url.render_as_string(hide_password=False)
    database.dispose()
    for _each in range(KILLED_EXPORTS):
        out.write_bytes(b"den forrige")
        out.with_name("liste.xlsx.part").unlink(missing_ok=True)  # what a killed one leaves
        making = command("export", "--portfolio", "direktionen", "--out", str(out), DATABASE_URL=url)
        while not list(tmp_path.glob("*.part")) and making.is_alive():
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.08))
        making.kill()
        making.join()
        found = out.read_bytes()
        with Session(database) as session:
            logged = set(session.exec(select(Export.sha256)))
        database.dispose()
        assert found == b"den forrige" or hashlib.sha256(found).hexdigest() in logged
    tried("kill -9 during an export", KILLED_EXPORTS)
