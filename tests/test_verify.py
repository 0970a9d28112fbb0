"""An edition never changes: the database refuses it, and `verify` finds what somebody did past the database."""

# ruff: noqa: S608 - whoever attacks writes plain SQL
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, select
from typer.testing import CliRunner

from app.__main__ import cli
from app.demo import load_demo
from app.models import Addendum, Edition, User
from app.models.edition import AddendumForm, editions_of
from app.models.export import log_export
from app.models.user import with_person
from app.settings import get_settings
from app.tabs.edition import add_to
from tests.conftest import one_database
from tests.databases import House, add_accounts, fingerprint, upgrade, without_guard

COLUMNS = "id, portfolio_id, round_id, frozen_at, frozen_by, content, previous_sha256, sha256"
MIDDLE = "(select id from reporting_round where key = '2020-01')"
OF_MIDDLE = f"round_id = {MIDDLE}"
on_sqlite = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("house", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def an_addendum(database: Engine, sekretariat: User) -> None:
    with Session(database) as session:
        edition = editions_of(session, 1)[0]
        add_to(session, session.merge(sekretariat), edition, AddendumForm(text="Et beløb var forkert."))
        session.commit()


@pytest.fixture(autouse=True)
def on_the_server(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command line finds the database in the environment."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def verify() -> Any:
    return CliRunner().invoke(cli, ["verify"])


def run(database: Engine, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def assert_refused(database: Engine, statement: str, because: str = "a frozen edition never changes") -> None:
    before = fingerprint(database)
    with pytest.raises(sa.exc.DBAPIError, match=because):
        run(database, statement)
    assert fingerprint(database) == before


# --------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "statement",
    [
        f"update edition set content = replace(content, 'yellow', 'green') where {OF_MIDDLE}",
        f"update edition set sha256 = previous_sha256 where {OF_MIDDLE}",
        f"update edition set previous_sha256 = '' where {OF_MIDDLE}",
        f"update edition set round_id = (select id from reporting_round where key = '2022-06') where {OF_MIDDLE}",
        f"update edition set frozen_by = 'En anden', portfolio_id = 1 where {OF_MIDDLE}",
        f"delete from edition where {OF_MIDDLE}",
        "delete from addendum",
        "update addendum set text = 'Noget helt andet.'",
        f"insert into edition ({COLUMNS}) select {COLUMNS} from edition where {OF_MIDDLE} "
        "on conflict (id) do update set content = '{}'",
        f"insert into edition ({COLUMNS}) select 99, {COLUMNS[4:]} from edition where {OF_MIDDLE} "
        "on conflict (round_id) do update set content = '{}'",
        "insert into addendum select * from addendum where true on conflict (id) do update set text = 'Noget andet.'",
    ],
)
def test_the_database_refuses_to_change_what_was_frozen(database: Engine, statement: str) -> None:
    assert_refused(database, statement)


@on_sqlite
@pytest.mark.parametrize(
    "statement",
    [
        f"insert or replace into edition ({COLUMNS}) select {COLUMNS} from edition where {OF_MIDDLE}",
        f"insert or replace into edition ({COLUMNS}) select 99, {COLUMNS[4:]} from edition where {OF_MIDDLE}",
        f"insert or replace into edition ({COLUMNS[4:]}) select {COLUMNS[4:]} from edition where {OF_MIDDLE}",
        f"insert or replace into edition ({COLUMNS}) select '1', 1, {MIDDLE} + 900, frozen_at, '', '{{}}', '', '' "
        "from edition limit 1",
        f"update or replace edition set id = 1 where {OF_MIDDLE}",
        f"update or replace edition set round_id = 1 where {OF_MIDDLE}",
        "replace into addendum select * from addendum",
    ],
)
def test_sqlite_refuses_to_replace_what_was_frozen(database: Engine, statement: str) -> None:
    """REPLACE deletes rows without asking the triggers that guard against deleting, unless recursive_triggers is on."""
    assert_refused(database, statement)


@on_postgresql
@pytest.mark.parametrize("statement", ["truncate edition cascade", "truncate addendum", "truncate portfolio cascade"])
def test_postgresql_refuses_to_empty_the_tables(database: Engine, statement: str) -> None:
    assert_refused(database, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update export set recipient = 'own_use'",
        "delete from export",
        "insert into export select * from export where true on conflict (id) do update set note = 'Til mig selv'",
    ],
)
def test_the_database_refuses_to_change_what_was_taken_out(database: Engine, statement: str) -> None:
    take_out(database)
    assert_refused(database, statement, "what was taken out never changes")


@on_sqlite
def test_sqlite_refuses_to_replace_what_was_taken_out(database: Engine) -> None:
    take_out(database)
    assert_refused(database, "replace into export select * from export", "what was taken out never changes")


@on_postgresql
def test_postgresql_refuses_to_empty_the_log_of_what_was_taken_out(database: Engine) -> None:
    take_out(database)
    assert_refused(database, "truncate export", "what was taken out never changes")


def take_out(database: Engine) -> None:
    with Session(database) as session:
        log_export(session, None, 1, "liste.xlsx", b"PK")
        session.commit()


@on_postgresql
def test_whoever_owns_the_tables_on_postgresql_has_no_right_to_delete(house: House) -> None:
    with house.empty() as engine:
        role = f"owner_{engine.url.database}"
        run(engine, f'create role "{role}"', f'grant create on schema public to "{role}"')

        @sa.event.listens_for(engine, "connect")
        def _become(connection: Any, _record: Any) -> None:
            connection.execute(f'set role "{role}"')
            connection.commit()

        engine.dispose()
        try:
            upgrade(engine)
            with Session(engine) as session:
                load_demo(session)
                add_accounts(session)
                user = session.exec(select(User).options(with_person())).all()[0]
                add_to(session, user, editions_of(session, 1)[0], AddendumForm(text="Et beløb var forkert."))
                session.commit()
            for statement in ("delete from edition", "delete from addendum", "update addendum set text = 'x'"):
                with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                    run(engine, statement)
        finally:
            run(engine, "reset role", f'drop owned by "{role}" cascade', f'drop role "{role}"')


# ----------------------------------------------------------------------------------------------------- what is found


def test_what_nobody_touched_is_whole(database: Engine) -> None:
    ended = verify()
    with Session(database) as session:
        found = editions_of(session, 1)
    assert (ended.exit_code, ended.stderr) == (0, "")
    first, _second = ended.stdout.splitlines()
    assert first == f"{len(found)} editions are whole. The last fingerprint is {found[-1].sha256}."


SWAP = (
    "update edition set {column} = (select {column} from edition_was was "
    "where was.id = case edition.id when {a} then {b} else {a} end) where id in ({a}, {b})"
)
AB = {"a": f"(select id from edition_was where {OF_MIDDLE})", "b": "(select min(id) from edition_was)"}
COPY = "create table edition_was as select * from edition"


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (
            [f"update edition set content = replace(content, 'yellow', 'green') where {OF_MIDDLE}"],
            "direktionen, round 2020-01: the edition is not what was frozen.",
        ),
        (
            [f"update edition set content = content || ' ' where {OF_MIDDLE}"],
            "direktionen, round 2020-01: the edition is not what was frozen.",
        ),
        (
            [f"update edition set sha256 = '{'0' * 64}' where {OF_MIDDLE}"],
            "direktionen, round 2020-01: the edition is not what was frozen.",
        ),
        (
            [f"update edition set frozen_by = 'En anden' where {OF_MIDDLE}"],
            "direktionen, round 2020-01: the edition is not what was frozen.",
        ),
        (
            [
                "update edition set frozen_at = (select max(frozen_at) from edition) "
                "where id = (select min(id) from edition)"
            ],
            "direktionen, round 2018-01: the edition is not what was frozen.",
        ),
        (
            [f"update edition set previous_sha256 = (select sha256 from edition where id = 1) where {OF_MIDDLE}"],
            "direktionen, round 2020-01: the edition does not follow the one before it.",
        ),
        (
            [COPY, SWAP.format(column="content", **AB), "drop table edition_was"],
            "direktionen, round 2018-01: the edition is not what was frozen.",
        ),
        (
            [
                COPY,
                *(SWAP.format(column=name, **AB) for name in ("content", "sha256", "previous_sha256")),
                "drop table edition_was",
            ],
            "direktionen, round 2018-01: the edition does not follow the one before it.",
        ),
        (
            [f"delete from edition where {OF_MIDDLE}"],
            "direktionen, round 2020-06: the edition does not follow the one before it.",
        ),
        (
            [f"delete from edition where {OF_MIDDLE}"],
            "Round 2020-01: frozen, but its edition is gone.",
        ),
        (
            ["delete from addendum", "delete from edition where id = (select max(id) from edition)"],
            "Round 2022-01: frozen, but its edition is gone.",
        ),
        (
            [
                "update reporting_round set frozen_at = null where key = '2022-01'",
                "delete from edition where id = (select max(id) from edition)",
            ],
            "Round 2022-01: frozen, but its edition is gone.",
        ),
        (["update addendum set text = 'Alt var rigtigt.'"], "The addendum »Alt var rigtigt.« was never written."),
        (["delete from addendum"], "The addendum »Et beløb var forkert.« is no longer there as it was written."),
    ],
)
def test_verify_finds_what_was_done_without_the_guard(database: Engine, statements: list[str], sentence: str) -> None:
    without_guard(database, *statements)
    ended = verify()
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert sentence in ended.stderr.splitlines()


def test_verify_finds_that_two_rounds_have_changed_places(database: Engine) -> None:
    """The keys of two rounds are exchanged: each edition then stands at the other's address."""
    run(
        database,
        "update reporting_round set key = 'x' where key = '2019-01'",
        "update reporting_round set key = '2019-01' where key = '2019-06'",
        "update reporting_round set key = '2019-06' where key = 'x'",
    )
    assert "direktionen, round 2019-01: the edition is of the round 2019-06." in verify().stderr.splitlines()


def test_verify_finds_a_frozen_round_that_was_opened_again(database: Engine) -> None:
    run(database, "update reporting_round set state = 'open' where key = '2022-01'")
    ended = verify()
    assert ended.exit_code == 1
    assert "direktionen, round 2022-01: the edition is frozen, but the round is not." in ended.stderr.splitlines()


@pytest.mark.parametrize(
    "change",
    ["colour = 'green'", "colour = null", "state = 'not_reported'", "summary = 'Alt går godt.'"],
)
def test_verify_finds_a_frozen_status_that_is_no_longer_what_its_edition_says(database: Engine, change: str) -> None:
    """Today's history is made of the reports; an edition is not."""
    project = "project_id = (select id from project where number = 'P-007')"
    run(database, f"update report set {change} where {project} and {OF_MIDDLE.replace('2020-01', '2022-01')}")
    ended = verify()
    assert ended.exit_code == 1
    assert ended.stderr == "direktionen, round 2022-01: the status of P-007 is not what was frozen.\n"


@one_database
@pytest.mark.parametrize("table", ["addendum", "export"])
def test_verify_finds_that_a_guard_is_gone_on_sqlite(database: Engine, table: str) -> None:
    run(database, f"drop trigger {table}_no_update")
    ended = verify()
    assert (ended.exit_code, ended.stderr) == (1, f"The database no longer refuses to change the table »{table}«.\n")


@on_postgresql
@pytest.mark.parametrize(
    "statement",
    ["drop trigger edition_no_truncate on edition", "alter table edition disable trigger edition_no_change"],
)
def test_verify_finds_that_a_guard_is_gone_on_postgresql(database: Engine, statement: str) -> None:
    run(database, statement)
    ended = verify()
    assert (ended.exit_code, ended.stderr) == (1, "The database no longer refuses to change the table »edition«.\n")


def test_the_guards_let_new_editions_and_addenda_in(database: Engine, sekretariat: User) -> None:
    with Session(database) as session:
        for _time in range(2):
            add_to(session, session.merge(sekretariat), editions_of(session, 1)[-1], AddendumForm(text="Endnu et tal."))
        session.commit()
        assert len(session.exec(select(Addendum)).all()) == 3
        assert len(session.exec(select(Edition)).all()) == 9
