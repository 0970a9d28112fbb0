"""Backups: made while people write, whole or not there, and restored only where nothing is lost by it."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.backup import BackupError, back_up, restore
from app.condition import content_of
from app.db import connect
from app.models import Person, User, UserSession
from app.models.event import record
from tests.conftest import SignIn, one_database
from tests.databases import House, without_guard
from tests.postgresql import with_client_programs
from tests.sizes import BACKUPS, tried


@pytest.fixture(autouse=True)
def client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    with_client_programs(monkeypatch)


@contextmanager
def somebody_writes(database: Engine) -> Iterator[None]:
    """All the time, until it is over, and at least once."""
    done, began = Flag(), Flag()

    def write() -> None:
        while not done.is_set():
            with Session(database) as session:
                person = session.exec(select(Person).with_for_update()).first()
                assert person
                person.search_text = f"{person.search_text[:40]} {person.version}"
                record(session, None, "changed", person, after={"name": str(person.version)})
                session.commit()
            began.set()

    writer = Thread(target=write)
    writer.start()
    began.wait()
    try:
        yield
    finally:
        done.set()
        writer.join()


@contextmanager
def empty_place(house: House) -> Iterator[str]:
    with house.empty() as engine:
        engine.dispose()
        yield engine.url.render_as_string(hide_password=False)


def test_a_backup_made_while_somebody_writes_restores_to_what_its_manifest_says(
    house: House, database: Engine, application: FastAPI, sign_in: SignIn, sekretariat: User, tmp_path: Path
) -> None:
    sign_in(sekretariat)
    with somebody_writes(database):
        made = [back_up(database, tmp_path) for _each in range(BACKUPS)]
    for file in made:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, "others on the machine may read what is closed"
        manifest = json.loads(file.with_name(f"{file.name}.json").read_text())
        with empty_place(house) as url:
            assert restore(url, file) == ""
            engine = connect(url)
            with engine.connect() as connection:
                there = content_of(connection)
                still_in = sa.select(UserSession).where(col(UserSession.ended_at).is_(None))
                open_sessions = connection.execute(still_in).all()
            assert not open_sessions
            assert there | {"user_session": 0} == manifest["tables"] | {"user_session": 0}
            application.state.engine = engine
            browser = TestClient(application, follow_redirects=False)
            entered = {"email": "sekretariat@demo.example", "password": "demo"}
            assert browser.post("/login", data=entered).status_code == 303
            assert browser.get("/portfolios/direktionen/export.xlsx").status_code == 200
            engine.dispose()
    tried(f"backups made during writes and restored, {database.dialect.name}", BACKUPS)
    assert len({json.loads(file.with_name(f"{file.name}.json").read_text())["last_event"] for file in made}) > 1


def test_a_list_that_is_there_is_replaced_only_when_asked_for_and_kept_beside(
    house: House, database: Engine, tmp_path: Path
) -> None:
    url = database.url.render_as_string(hide_password=False)
    file = back_up(database, tmp_path)
    with pytest.raises(BackupError, match="There is a list in"):
        restore(url, file)
    with Session(database) as session:
        person = session.exec(select(Person)).first()
        assert person
        person.name = "Skrevet efter sikkerhedskopien"
        session.commit()
    database.dispose()
    kept = restore(url, file, replace=True)
    with Session(database) as session:
        assert not session.exec(select(Person).where(Person.name == "Skrevet efter sikkerhedskopien")).all()
    if database.dialect.name == "sqlite":
        before = sa.create_engine(f"sqlite:///{kept.removeprefix('What was there is kept in ').removesuffix('.')}")
        with before.connect() as connection:
            found = connection.exec_driver_sql("select count(*) from person where name like 'Skrevet%'").scalar()
        before.dispose()
    else:
        schema = kept.removesuffix(".").rpartition(" ")[2]
        with database.connect() as connection:
            found = connection.exec_driver_sql(
                f"select count(*) from {schema}.person where name = 'Skrevet efter sikkerhedskopien'"  # noqa: S608
            ).scalar()
    assert found == 1


@one_database
def test_what_is_in_use_is_not_replaced(database: Engine, tmp_path: Path) -> None:
    file = back_up(database, tmp_path)
    with database.connect() as connection:
        connection.exec_driver_sql("select 1")
        with pytest.raises(BackupError, match="is in use"):
            restore(str(database.url), file, replace=True)


@one_database
def test_what_is_damaged_newer_or_of_another_kind_is_not_restored(
    house: House, database: Engine, tmp_path: Path
) -> None:
    file = back_up(database, tmp_path)
    manifest = file.with_name(f"{file.name}.json")
    said, whole = json.loads(manifest.read_text()), file.read_bytes()
    with empty_place(house) as url:
        for place in range(50):
            flipped = bytearray(whole)
            flipped[place * len(whole) // 50] ^= 1
            file.write_bytes(flipped)
            with pytest.raises(BackupError, match="is damaged"):
                restore(url, file)
        file.write_bytes(whole)
        for other, sentence in [
            ({"revision": "9999"}, "newer version"),
            ({"kind": "postgresql"}, "is of postgresql"),
            ({"tables": {}}, "is not what the manifest says"),
        ]:
            manifest.write_text(json.dumps(said | other))
            with pytest.raises(BackupError, match=sentence):
                restore(url, file)
        manifest.write_text("{}")
        with pytest.raises(BackupError, match="is not a manifest"):
            restore(url, file)
        manifest.unlink()
        with pytest.raises(BackupError, match="cannot be read"):
            restore(url, file)
        assert not Path(str(sa.make_url(url).database)).exists()


def test_of_a_list_that_was_tampered_with_there_is_no_backup(database: Engine, tmp_path: Path) -> None:
    without_guard(database, "update event set actor = 'En anden'")
    with pytest.raises(BackupError, match="is not what was recorded"):
        back_up(database, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [".lock"]


@one_database
def test_the_newest_stay(database: Engine, tmp_path: Path) -> None:
    made = [back_up(database, tmp_path, keep=2) for _each in range(3)]
    assert sorted(tmp_path.glob("portefolje-*.sqlite3")) == made[1:]
    assert len(list(tmp_path.glob("*.json"))) == 2
