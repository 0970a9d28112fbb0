"""Every successful write leaves exactly one event; a refused, invalid or outdated one leaves nothing at all."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Event, Topic, User
from app.models.event import record
from app.settings import now
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import PageForm, form_on
from tests.writes import TOPIC, WRITES, address, filled_in, send_to

BELOW_A_ROW = [path for path in WRITES if path.endswith("/edit")]


def events(database: Engine) -> list[Event]:
    with Session(database) as session:
        return list(session.exec(select(Event).order_by(Event.id)))  # type: ignore[arg-type] # a column


def opened(path: str, sign_in: SignIn, cast: dict[str, User], database: Engine) -> tuple[TestClient, PageForm]:
    """The browser of somebody who may write there, and the form as it stands."""
    write = WRITES[path]
    if write.before:
        write.before(database)
    browser = sign_in(cast[write.opener])
    return browser, form_on(browser, address(write.form, write), address(path, write))


@pytest.mark.parametrize("path", WRITES)
def test_a_write_that_succeeds_leaves_one_event_of_who_did_what(
    path: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    opener = cast[WRITES[path].opener]
    browser = sign_in(opener)
    form, before, started = filled_in(browser, path), events(database), now()
    assert send_to(browser, path, form).status_code == WRITES[path].answer
    *of_rows, new = events(database)[len(before) :]
    assert bool(of_rows) == WRITES[path].of_many_rows
    for row in of_rows:
        assert (row.actor, row.action in ("changed", "created")) == (str(opener), True)
        assert row.before != row.after
    assert started <= new.at <= now()
    assert new.action
    assert new.subject_name
    assert new.actor == ("Camilla Vang" if path == "/login" else str(opener))
    about_a_project = "{number}" in path or "/candidates/" in path or path.endswith(("/projects", "/project"))
    if path.startswith(TOPIC):
        with Session(database) as session:
            topic = session.exec(select(Topic).where(Topic.key == WRITES[path].places["key"])).one()
            about_a_project = topic.project_id is not None
    assert (new.project_id is not None) == about_a_project


@pytest.mark.parametrize("path", [path for path, write in WRITES.items() if write.form and write.required])
@one_database
def test_a_write_that_is_not_valid_leaves_nothing(
    path: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    browser, form = opened(path, sign_in, cast, database)
    before = fingerprint(database)
    to = address(path, WRITES[path])
    assert browser.post(to, data=dict.fromkeys(form.names, "")).status_code in (409, 422)
    assert browser.post(to).status_code in (409, 422)
    assert fingerprint(database) == before


@pytest.mark.parametrize("path", BELOW_A_ROW)
@one_database
def test_a_write_that_is_based_on_an_old_version_leaves_nothing_and_shows_both(
    path: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    browser, to = sign_in(cast[WRITES[path].opener]), address(path, WRITES[path])
    form = filled_in(browser, path)
    assert browser.post(to, data=form).status_code == 303
    before = fingerprint(database)
    answer = browser.post(to, data={**form, next(iter(WRITES[path].typed)): "01-01-2022"})
    assert answer.status_code == 409
    assert 'id="conflict"' in answer.text
    assert fingerprint(database) == before


@pytest.mark.parametrize("path", BELOW_A_ROW)
@one_database
def test_a_form_that_is_saved_unchanged_leaves_nothing(
    path: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    browser, form = opened(path, sign_in, cast, database)
    before = fingerprint(database)
    answer = browser.post(address(path, WRITES[path]), data=form.values)
    assert answer.status_code == 303
    assert fingerprint(database) == before


def test_a_change_keeps_what_stood_before_and_what_stands_now(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser, path = sign_in(leder), "/projects/{number}/edit"
    browser.post(address(path), data=filled_in(browser, path))
    last = events(database)[-1]
    assert (last.action, last.subject, last.actor) == ("changed", "Project", "Camilla Vang")
    assert last.before == {"title": "Fælles plan for Charlottekvarteret og frasalg af 120 almene boliger"}
    assert last.after == {"title": "En ny titel"}


@one_database
def test_signing_in_and_out_leaves_an_event_each_and_a_wrong_password_none(
    anonymous: TestClient, database: Engine
) -> None:
    before = events(database)
    anonymous.post("/login", data={"email": "leder@demo.example", "password": "wrong"})
    assert events(database) == before
    anonymous.post("/login", data={"email": "leder@demo.example", "password": "demo"})
    anonymous.post("/logout")
    anonymous.post("/logout")
    assert [new.action for new in events(database)[len(before) :]] == ["signed_in", "signed_out"]


def test_what_the_command_line_does_is_told_apart_from_what_people_do(database: Engine, leder: User) -> None:
    with Session(database) as session:
        record(session, None, "changed", leder)
        session.commit()
    assert events(database)[-1].actor == "python -m app"


@one_database
def test_no_event_holds_a_password_or_a_token(sign_in: SignIn, admin: User, database: Engine) -> None:
    browser = sign_in(admin)
    browser.post("/login", data={"email": "leder@demo.example", "password": "demo"})
    told = repr([(each.before, each.after, each.subject_name) for each in events(database)])
    for secret in ("argon2", browser.cookies["session"], "password"):
        assert secret not in told
