"""The audit log is a chain: the database refuses to change it, and `verify` finds whatever was done all the same."""

# ruff: noqa: S608 - whoever attacks writes plain SQL
import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Engine
from sqlmodel import Session, select
from typer.testing import CliRunner

from app.__main__ import cli
from app.models import Event, Person, Portfolio
from app.models.event import record
from app.models.event_chain import broken_events, fingerprint, is_in_log, last_fingerprint
from app.settings import get_settings, now
from tests.conftest import one_database
from tests.databases import alembic_config, without_guard
from tests.sizes import ATTACKS, tried

TABLE: sa.Table = Event.__table__  # type: ignore[attr-defined] # every table class has one
NOT_CHAINED = ", ".join(column.name for column in TABLE.c if column.name != "id")


def happens(engine: Engine, times: int, action: str = "changed") -> None:
    """Something is recorded again and again, three times a transaction."""
    for _each in range(0, times, 3):
        with Session(engine) as session:
            portfolio = session.exec(select(Portfolio)).one()
            for n in range(3):
                facts = {"title": f"Før {n} æøå", "count": n / 3, "done": None, "roles": ["a", "b"]}
                record(session, None, action, portfolio, before=facts, after=facts | {"title": "Nu"})
            session.commit()


def verify(*words: str) -> Any:
    return CliRunner().invoke(cli, ["verify", *words])


@pytest.fixture
def log(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database with a log of some length, which the command line finds."""
    happens(database, 30)
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    yield database
    get_settings.cache_clear()


def stored(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(TABLE.select().order_by(TABLE.c.id)).mappings()]


# --------------------------------------------------------------------------------------------------- what is refused


REFUSED = [
    "update event set actor = 'En anden'",
    "update event set sha256 = '' where id = (select max(id) from event)",
    "delete from event where id = (select max(id) from event)",
    f"insert into event ({NOT_CHAINED}, id) select {NOT_CHAINED}, id from event where true "
    "on conflict (id) do update set actor = 'En anden'",
    f"insert into event ({NOT_CHAINED}) select {NOT_CHAINED} from event where true "
    "on conflict (previous_sha256) do update set actor = 'En anden'",
]
REFUSED_BY_SQLITE = [
    f"insert or replace into event ({NOT_CHAINED}, id) select {NOT_CHAINED}, id from event",
    f"replace into event ({NOT_CHAINED}) select {NOT_CHAINED} from event",
    "update or replace event set id = 1",
]
REFUSED_BY_POSTGRESQL = ["truncate event", "truncate portfolio cascade"]


def test_the_database_refuses_to_change_what_happened(log: Engine) -> None:
    before = stored(log)
    theirs = REFUSED_BY_SQLITE if log.dialect.name == "sqlite" else REFUSED_BY_POSTGRESQL
    for statement in (*REFUSED, *theirs):
        with pytest.raises(sa.exc.DBAPIError, match="never changes"), log.begin() as connection:
            connection.execute(sa.text(statement))
    assert stored(log) == before
    assert verify().exit_code == 0


def test_a_program_that_asks_no_chain_writes_no_second_event_after_the_same(log: Engine) -> None:
    """Two programs that both write after the last event: the second is refused, so that the chain cannot fork."""
    forged = stored(log)[-1] | {"action": "approved"}
    del forged["id"]
    with pytest.raises(sa.exc.DBAPIError), log.begin() as connection:
        connection.execute(TABLE.insert().values(forged))


# ----------------------------------------------------------------------------------------------------- what is found


def test_what_nobody_touched_is_whole_and_verify_tells_the_last_fingerprint(log: Engine) -> None:
    ended, last = verify(), stored(log)[-1]["sha256"]
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[1] == f"{len(stored(log))} events are whole. The last fingerprint is {last}."


def test_the_fingerprint_covers_every_column_but_the_key(log: Engine) -> None:
    row = stored(log)[-1]
    other = {"at": now(), "before": {"x": 1}, "after": {}}
    for column in set(TABLE.c.keys()) - {"id", "sha256", "masked"}:
        value = other.get(column, 99 if isinstance(TABLE.c[column].type, sa.Integer) else "andet")
        assert fingerprint(row | {column: value}) != row["sha256"], column


def test_verify_says_which_event_is_wrong(log: Engine) -> None:
    keys = [row["id"] for row in stored(log)]
    without_guard(
        log,
        f"update event set actor = 'En anden' where id = {keys[7]}",
        f"delete from event where id in ({keys[20]}, {keys[21]})",
    )
    ended = verify()
    assert (ended.exit_code, ended.stdout) == (1, "")
    first, second = ended.stderr.splitlines()
    assert first.startswith(f"Event {keys[7]} of 2")
    assert "(En anden: " in first
    assert first.endswith("is not what was recorded.")
    assert second.startswith(f"Event {keys[22]} of ")
    assert "does not follow the one before it" in second


def test_whoever_cuts_off_the_end_is_found_by_a_fingerprint_that_was_kept_elsewhere(log: Engine) -> None:
    kept = stored(log)[-1]["sha256"]
    assert verify("--expect", kept).exit_code == 0
    happens(log, 3)
    with log.connect() as connection:
        edition = connection.execute(sa.text("select sha256 from edition order by id desc limit 1")).scalar_one()
    assert verify("--expect", kept.upper(), "--expect", edition).exit_code == 0
    without_guard(log, "delete from event where id > (select max(id) - 10 from event)")
    assert verify().exit_code == 0
    ended = verify("--expect", kept)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert f"has the fingerprint {kept}" in ended.stderr


@one_database
def test_a_file_put_in_place_of_the_database_is_found(log: Engine, tmp_path: Path) -> None:
    """ATTACH: everything is copied into another file, changed there with a new chain, and put back."""
    kept = stored(log)[-1]["sha256"]
    log.dispose()
    copy = tmp_path / "copy.sqlite3"
    shutil.copyfile(str(log.url.database), copy)
    engine = sa.create_engine(f"sqlite:///{copy}")
    rows = stored(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop trigger event_no_delete")
        connection.execute(TABLE.delete())
        before = ""
        for row in rows:
            link = row | {"actor": "En anden", "previous_sha256": before}
            before = fingerprint(link)
            connection.execute(TABLE.insert().values(link | {"sha256": before}))
        connection.exec_driver_sql(
            "create trigger event_no_delete before delete on event "
            "begin select raise(abort, 'what happened never changes'); end"
        )
    engine.dispose()
    shutil.copyfile(copy, str(log.url.database))
    assert verify().exit_code == 0
    assert verify("--expect", kept).exit_code == 1


CHANGES_OF_THE_TABLE = [
    "drop trigger event_no_replace",
    "alter table event rename column actor to actor_was",
    "drop trigger event_no_update",
    "alter table event drop column sha256",
    "alter table event rename to event_was",
]


@one_database
def test_verify_finds_that_the_table_itself_was_changed(log: Engine) -> None:
    for statement in CHANGES_OF_THE_TABLE:
        with log.begin() as connection:
            connection.exec_driver_sql(statement)
        assert verify().exit_code == 1, statement


POINTS = {"id", "at", "project_id", "person_id", "user_id", "agenda_item_id"}
"""What an attack leaves alone, because the database would refuse it for another reason."""

Attack = Callable[[random.Random, sa.Connection, list[dict[str, Any]]], None]


def edit(chance: random.Random, connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """One value of one event, sometimes with a fingerprint that fits it."""
    row = chance.choice(rows)
    name = chance.choice([name for name in row if name not in POINTS])
    number = isinstance(TABLE.c[name].type, sa.Integer)
    changed: Any = {"title": str(chance.random())} if name in ("before", "after") else f"{row[name]}!"
    new = row | {name: chance.randrange(1000, 9999) if number else changed}
    if chance.random() < 0.5 and name != "sha256":
        new["sha256"] = fingerprint(new)
    connection.execute(TABLE.update().where(TABLE.c.id == row["id"]).values({k: new[k] for k in (name, "sha256")}))


def delete(chance: random.Random, connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    start = chance.randrange(len(rows))
    keys = [row["id"] for row in rows[start : start + chance.randint(1, 5)]]
    connection.execute(TABLE.delete().where(TABLE.c.id.in_(keys)))


def swap(chance: random.Random, connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Two events change places."""
    one, other = chance.sample(rows, 2)
    keys = [one["id"], other["id"]]
    connection.execute(TABLE.delete().where(TABLE.c.id.in_(keys)))
    connection.execute(TABLE.insert(), [one | {"id": other["id"]}, other | {"id": one["id"]}])


def put_in(chance: random.Random, connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """An event that never happened, in the middle or at the end, with a fingerprint that fits it."""
    forged = chance.choice(rows) | {"id": 1000 * chance.choice(rows)["id"], "previous_sha256": str(chance.random())}
    connection.execute(TABLE.insert().values(forged | {"sha256": fingerprint(forged)}))


@one_database
def test_every_edit_deletion_exchange_and_insertion_past_the_guard_is_found(log: Engine) -> None:
    chance, found = random.Random(7), 0  # noqa: S311 - the attacks are the same in every run
    attacks: tuple[Attack, ...] = (edit, edit, delete, swap, put_in)
    with Session(log) as session:
        connection, last = session.connection(), last_fingerprint(session)
        rows = [dict(row) for row in connection.execute(TABLE.select().order_by(TABLE.c.id)).mappings()]
        for verb in ("update", "delete", "replace"):
            connection.exec_driver_sql(f"drop trigger event_no_{verb}")
        assert not list(broken_events(session))
        for _each in range(ATTACKS):
            attack = chance.choice(attacks)
            attempt = connection.begin_nested()
            attack(chance, connection, rows)
            found += any(broken_events(session)) or not is_in_log(session, last)
            attempt.rollback()
        assert not list(broken_events(session))
    tried("changes of the log past its guards, found", ATTACKS, ATTACKS - found)
    assert found == ATTACKS


# --------------------------------------------------------------------------------------------------- how it is written


def test_many_who_write_at_once_make_one_chain(database: Engine) -> None:
    """Each holds a row of its own and wants that of the next after it has recorded: nobody waits for ever."""
    with Session(database) as session:
        people = [person.pk for person in session.exec(select(Person).limit(8))]
    start = Barrier(8)

    def write(mine: int) -> None:
        start.wait()
        for n in range(5):
            with Session(database) as session:
                session.get_one(Person, people[mine], with_for_update=True)
                record(session, None, "changed", session.exec(select(Portfolio)).one(), after={"title": f"{mine} {n}"})
                session.get_one(Person, people[min(mine + 1, 7)], with_for_update=True)
                session.commit()

    before = len(stored(database))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(stored(database)) == before + 40
    with Session(database) as session:
        assert not list(broken_events(session))


@one_database
def test_what_is_rolled_back_is_not_recorded_by_what_comes_after(database: Engine) -> None:
    before = len(stored(database))
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        record(session, None, "changed", portfolio)
        session.rollback()
        record(session, None, "opened", session.exec(select(Portfolio)).one())
        session.commit()
        session.commit()
    assert [row["action"] for row in stored(database)[before:]] == ["opened"]


def test_what_was_recorded_before_there_was_a_chain_is_put_into_it(log: Engine) -> None:
    before = stored(log)
    with alembic_config(log) as config:
        command.downgrade(config, "0010-1")
    with alembic_config(log) as config:
        command.upgrade(config, "head")
    assert stored(log) == before
    assert verify().exit_code == 0
