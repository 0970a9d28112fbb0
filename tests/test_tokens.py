"""API tokens: what one reads, that it writes nothing, and that it ends at once (trust row 18)."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select
from starlette.testclient import TestClient

from app.models import AgendaItem, ApiToken, Event, Receipt, User
from app.models.api_token import MARK, ApiTokenForm, Lifetime, Scope, make_token
from app.models.password_link import make_link
from app.settings import day_of, now
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import form_on, read_page
from tests.test_access import READING, ROUTES, WRITING, example, expected, in_turn
from tests.writes import WRITES, filled_in, send_to

OVERVIEW = "/api/v1/portfolios/direktionen/overview"
OF_THE_API = [example(path) for path in READING if path.startswith("/api/v1/")]
PAGES = [path for path in READING if ROUTES["GET", path]["anonymous"] == "login"]
Give = Callable[..., TestClient]


@pytest.fixture
def give(sign_in: SignIn, database: Engine) -> Give:
    """A program with a token of somebody's, and without a cookie."""

    def given(owner: User, scope: Scope = Scope.read, lifetime: Lifetime = Lifetime.quarter) -> TestClient:
        with Session(database) as session:
            _row, text = make_token(session, owner, ApiTokenForm(name="Power BI", scope=scope, lifetime=lifetime))
            session.commit()
        program = sign_in(None)
        program.headers["Authorization"] = f"Bearer {text}"
        return program

    return given


def text_of(program: TestClient) -> str:
    return program.headers["Authorization"].removeprefix("Bearer ")


def test_a_token_reads_everything_of_the_api_that_its_owner_reads(sign_in: SignIn, leder: User, give: Give) -> None:
    """Also what a leader sees of a project that is not closed."""
    browser, program = sign_in(leder), give(leder)
    assert len(OF_THE_API) >= 10
    for path in OF_THE_API:
        read = program.get(path)
        assert (read.status_code, read.json()) == (200, browser.get(path).json()), path


@one_database
def test_without_the_scope_nothing_closed_is_read_whoever_the_owner_is(
    sign_in: SignIn, cast: dict[str, User], database: Engine, give: Give
) -> None:
    """Exactly what somebody of no project reads; with the scope exactly what the owner reads."""
    with Session(database) as session:
        for item in session.exec(select(AgendaItem)):
            item.closed = True
        session.commit()
    reader = sign_in(cast["laeser"])
    for name in ("direktion", "lukket_leder"):
        owner, narrow, wide = sign_in(cast[name]), give(cast[name]), give(cast[name], Scope.read_closed)
        told = 0
        for path in OF_THE_API:
            seen, nothing_closed = owner.get(path).json(), reader.get(path).json()
            assert narrow.get(path).json() == nothing_closed, (name, path)
            assert wide.get(path).json() == seen, (name, path)
            told += seen != nothing_closed
        assert told >= 3, name


@one_database
def test_the_scope_gives_nothing_that_the_owner_may_not_see(sign_in: SignIn, admin: User, give: Give) -> None:
    browser, program = sign_in(admin), give(admin, Scope.read_closed)
    for path in OF_THE_API:
        read = program.get(path)
        assert read.json() == browser.get(path).json(), path
        assert "L-01" not in read.text, path


@one_database
def test_a_token_opens_no_page_and_no_file_not_even_beside_a_cookie(
    sign_in: SignIn, cast: dict[str, User], database: Engine, give: Give
) -> None:
    program, both = give(cast["sekretariat"]), sign_in(cast["sekretariat"])
    both.headers["Authorization"] = program.headers["Authorization"]
    for paths in in_turn(PAGES, database):
        for path in paths:
            for client in (program, both):
                assert expected(client.get(example(path))) == "login", path
    assert both.get(OVERVIEW).status_code == 200


@one_database
def test_a_token_that_does_not_work_is_not_replaced_by_a_cookie(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    assert browser.get(OVERVIEW).status_code == 200
    assert browser.get(OVERVIEW, headers={"Authorization": f"Bearer {MARK}forkert"}).status_code == 401


@one_database
def test_a_host_that_looks_like_the_api_opens_no_page(give: Give, leder: User) -> None:
    program = give(leder)
    for host in ("testserver/api/v1", "testserver/api/v1/?", "testserver/api/v1/#"):
        assert expected(program.get("/projects/P-006", headers={"Host": host})) in ("login", "400"), host


@one_database
def test_with_a_token_nothing_is_written(sign_in: SignIn, cast: dict[str, User], database: Engine, give: Give) -> None:
    """Over all the routes that write; what anybody may send is of signing in and out, and the language."""
    openers = {name: sign_in(cast[name]) for name in {write.opener for write in WRITES.values()}}
    programs = [give(cast["leder"]), give(cast["sekretariat"], Scope.read_closed)]
    for_nobody = [path for path in WRITING if ROUTES["POST", path]["anonymous"] == "login"]
    assert {*WRITING} - {*for_nobody} == {"/login", "/logout", "/language", "/password", "/password/{token}"}
    for paths in in_turn(for_nobody, database):
        forms = {path: filled_in(openers[WRITES[path].opener], path) for path in paths}
        before = fingerprint(database)
        for path, form in forms.items():
            for program in programs:
                assert expected(send_to(program, path, form)) == "login", path
        assert fingerprint(database) == before


def test_a_token_that_is_revoked_works_no_more(sign_in: SignIn, leder: User, database: Engine, give: Give) -> None:
    browser, program = sign_in(leder), give(leder)
    assert program.get(OVERVIEW).status_code == 200
    form = form_on(browser, "/me/tokens", "/me/tokens/1/revocation")
    assert browser.post(form.action, data=form.values).headers["location"] == "/me/tokens"
    refused(program.get(OVERVIEW))
    before = fingerprint(database)
    assert browser.post(form.action).status_code == 303
    assert fingerprint(database) == before, "once is enough"


@pytest.mark.parametrize("lifetime", Lifetime)
@one_database
def test_a_token_expires_after_a_year_at_most(leder: User, give: Give, lifetime: Lifetime) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        program, days = give(leder, lifetime=lifetime), int(lifetime.value)
        assert days <= 365
        clock.shift(timedelta(days=days, seconds=-1))
        assert program.get(OVERVIEW).status_code == 200
        clock.shift(1)
        refused(program.get(OVERVIEW))


def test_a_token_ends_with_its_owners_account(leder: User, database: Engine, give: Give) -> None:
    program = give(leder)
    assert program.get(OVERVIEW).status_code == 200
    with Session(database) as session:
        session.get_one(User, leder.id).active = False
        session.commit()
    refused(program.get(OVERVIEW))


NEW_PASSWORD = dict.fromkeys(("password", "again"), "gul cykel i regnvejr") | {"current": "demo"}


@one_database
def test_a_new_password_ends_the_keys_unless_who_knows_the_old_one_keeps_them(
    sign_in: SignIn, leder: User, database: Engine, give: Give
) -> None:
    """The box is ticked beforehand (ASVS 7.4.3); whoever has no key is not asked."""
    browser = sign_in(leder)
    assert "end_keys" not in form_on(browser, "/me/password", "/me/password").values
    program = give(leder)
    form = form_on(browser, "/me/password", "/me/password").values
    assert form["end_keys"] == "on"
    kept = {name: value for name, value in form.items() if name != "end_keys"}
    assert browser.post("/me/password", data=kept | NEW_PASSWORD).status_code == 303
    assert program.get(OVERVIEW).status_code == 200
    again = {"current": NEW_PASSWORD["password"], "password": "blå cykel i solskin", "again": "blå cykel i solskin"}
    assert browser.post("/me/password", data=form | again).status_code == 303
    refused(program.get(OVERVIEW))
    assert last_told(database, "password_set") == [("Adgangsnøgler, der sluttede", "", "1")]


@one_database
def test_a_password_chosen_by_link_ends_the_keys_always(
    anonymous: TestClient, leder: User, database: Engine, give: Give
) -> None:
    program = give(leder)
    with Session(database) as session:
        token = make_link(session, session.get_one(User, leder.id))
        session.commit()
    assert anonymous.post(f"/password/{token}", data=NEW_PASSWORD).status_code == 303
    refused(program.get(OVERVIEW))
    assert last_told(database, "password_set") == [("Adgangsnøgler, der sluttede", "", "1")]


@one_database
def test_signing_somebody_out_leaves_the_keys_and_closing_the_account_ends_them_for_good(
    sign_in: SignIn, leder: User, admin: User, database: Engine, give: Give
) -> None:
    sign_in(leder)
    program, browser, page = give(leder), sign_in(admin), f"/users/{leder.id}"
    assert "Adgangsnøgler virker fortsat" in browser.get(page).text
    assert browser.post(f"{page}/sessions/ending").status_code == 303
    assert program.get(OVERVIEW).status_code == 200
    assert "Adgangsnøgler, der virker 1" in read_page(browser.get(page).text).text
    assert browser.post(f"{page}/deactivation").status_code == 303
    refused(program.get(OVERVIEW))
    assert last_told(database, "deactivated") == [("Adgangsnøgler, der sluttede", "", "1")]
    assert browser.post(f"{page}/reactivation").status_code == 303
    refused(program.get(OVERVIEW))


def last_told(database: Engine, action: str) -> list[tuple[str, str, str]]:
    """What the log says of the last event of a kind."""
    with Session(database) as session:
        return list(session.exec(select(Event).where(Event.action == action)))[-1].differences


def refused(answer: Any) -> None:
    """401 as JSON, and how to do better."""
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert {*answer.json()} == {"detail", "id"}


def test_an_administrator_sees_everybodys_tokens_and_ends_any(
    sign_in: SignIn, leder: User, admin: User, database: Engine, give: Give
) -> None:
    program, browser = give(leder), sign_in(admin)
    page = browser.get("/tokens").text
    assert text_of(program)[:9] in page
    assert text_of(program) not in page
    form = form_on(browser, "/tokens", "/tokens/1/revocation")
    assert browser.post(form.action, data=form.values).status_code == 303
    refused(program.get(OVERVIEW))
    with Session(database) as session:
        last = list(session.exec(select(Event)))[-1]
        assert (last.action, last.actor, last.subject) == ("revoked", str(admin), "ApiToken")


def test_the_day_of_the_last_use_is_noted_once_a_day_and_nothing_else(
    leder: User, database: Engine, give: Give, sign_in: SignIn
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        program = give(leder)
        before = fingerprint(database)
        assert program.get(OVERVIEW).status_code == 200
        noted = fingerprint(database)
        assert {table for table in noted if noted[table] != before[table]} == {"api_token"}
        program.get(OVERVIEW)
        assert fingerprint(database) == noted
        clock.shift(timedelta(days=1))
        program.get(OVERVIEW)
        assert used_on(database) == day_of(now())


@one_database
def test_a_token_is_read_with_while_somebody_else_writes(leder: User, database: Engine, give: Give) -> None:
    program = give(leder)
    with database.connect() as writer:
        writer.exec_driver_sql("PRAGMA busy_timeout=0")
        sa.event.listen(database, "checkout", impatient)
        assert program.get(OVERVIEW).status_code == 200
        sa.event.remove(database, "checkout", impatient)
        assert used_on(database) is None
    assert program.get(OVERVIEW).status_code == 200
    assert used_on(database) == day_of(now())


def used_on(database: Engine) -> date | None:
    with Session(database.execution_options(read_only=True)) as session:
        return session.exec(select(ApiToken)).one().last_used_on


def impatient(connection: Any, *_more: Any) -> None:
    connection.execute("PRAGMA busy_timeout=0")


@one_database
def test_a_token_is_shown_once_and_stands_in_no_row_log_or_dump(
    sign_in: SignIn, leder: User, database: Engine, capfd: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    """A hundred of them, made in the browser and used; half of them have a fault, too."""
    browser, program = sign_in(leder), sign_in(None)
    form = form_on(browser, "/me/tokens/new", "/me/tokens")
    texts = []
    for number in range(100):
        page = browser.post("/me/tokens", data={**form.values, "name": f"Nr. {number}"})
        [shown] = [code.text for code in read_page(page.text).all("code") if code.get("id") == "key"]
        assert page.text.count(shown) == 1
        texts.append(shown)
    assert all(re.fullmatch(r"pf_[\w-]{43}", text) for text in texts)
    assert len({*texts}) == 100
    for text in texts:
        assert program.get(OVERVIEW, headers={"Authorization": f"Bearer {text}"}).status_code == 200
        program.get("/", headers={"Authorization": f"Bearer {text}"})
    told = "".join(
        [browser.get("/me/tokens").text, browser.get("/me/tokens/new").text, *capfd.readouterr(), *rows(database)]
    )
    database.dispose()
    dump = (tmp_path.parent / str(database.url.database)).read_bytes().decode(errors="replace")
    for text in texts:
        assert text not in told
        assert text not in dump
        assert text[3:] not in told + dump


def rows(database: Engine) -> Iterator[str]:
    with database.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            yield from map(repr, connection.execute(table.select()))


def test_the_form_of_a_key_that_is_sent_again_makes_no_second_key_and_shows_none(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    """Sent by five at once and once more: one of them is shown the key, the others are told where it went."""
    browsers = [sign_in(leder) for _each in range(5)]
    form = form_on(browsers[0], "/me/tokens/new", "/me/tokens")
    sent, start = {**form.values, "name": "Power BI", "once": form.once}, Barrier(5)

    def send(browser: TestClient) -> Any:
        start.wait()
        return browser.post("/me/tokens", data=sent)

    with ThreadPoolExecutor(5) as pool:
        answers = sorted(pool.map(send, browsers), key=lambda answer: answer.status_code)
    answers.append(browsers[0].post("/me/tokens", data=sent))
    assert [answer.status_code for answer in answers] == [201] + [303] * 5
    [text] = [code.text for code in read_page(answers[0].text).all("code") if code.get("id") == "key"]
    [again] = {answer.headers["location"] for answer in answers[1:]}
    page = browsers[0].get(again).text
    assert "Nøglen »Power BI (" in page
    assert "er lavet allerede" in page
    with Session(database) as session:
        [kept] = session.exec(select(ApiToken)).all()
        [receipt] = session.exec(select(Receipt)).all()
    for told in (page, again, repr(receipt), repr(kept)):
        assert text not in told
        assert text[len(kept.prefix) :] not in told
    assert "er lavet allerede" not in browsers[0].get("/me/tokens?made=99").text


@one_database
def test_the_description_of_the_api_says_that_it_takes_a_token(anonymous: TestClient) -> None:
    told = anonymous.get("/api/openapi.json").json()
    schemes = told["components"]["securitySchemes"]
    [bearer] = [name for name, scheme in schemes.items() if scheme["type"] == "http"]
    assert schemes[bearer]["scheme"] == "bearer"
    operations = [operation for path in told["paths"].values() for operation in path.values()]
    assert len(operations) >= 10
    assert all({bearer: []} in operation["security"] for operation in operations), json.dumps(told["paths"])[:500]


@one_database
def test_a_token_in_the_address_is_nobodys(give: Give, leder: User) -> None:
    program = give(leder)
    text = text_of(program)
    del program.headers["Authorization"]
    for name in ("token", "access_token", "api_key"):
        refused(program.get(OVERVIEW, params={name: text}))
    refused(program.get(OVERVIEW, headers={"Authorization": f"Basic {text}"}))
