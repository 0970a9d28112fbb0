"""A status outside the rounds: on the project's page, never in an edition. `leder` leads P-006."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Event, StatusNote, User
from app.models.status_note import NoteKind
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import form_on, read_page

PROJECT = "/projects/P-006"
NEW, NOTES = f"{PROJECT}/notes/new", f"{PROJECT}/notes"
TEXT = "VIBO har underskrevet aftalen om 40 boliger."


@pytest.fixture
def browser(sign_in: SignIn, leder: User) -> TestClient:
    found = sign_in(leder)
    found.cookies.set("language", "en", domain="testserver.local")
    return found


def test_a_note_stands_on_the_project_and_says_that_no_edition_holds_it(browser: TestClient, database: Engine) -> None:
    typed = form_on(browser, NEW, NOTES).values | {"text": TEXT, "kind": "quarterly", "noted_on": "10/6 2022"}
    answer = browser.post(NOTES, data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PROJECT}#notes")
    page = read_page(browser.get(PROJECT).text)
    section = next(element for element in page if element.get("id") == "notes")
    assert TEXT in section.text
    assert "Quarterly follow-up · 10-06-2022 · Camilla Vang" in section.text
    assert "Not part of any round's edition." in section.text
    with Session(database) as session:
        [note] = session.exec(select(StatusNote)).all()
        assert (note.no, note.kind, note.text) == (1, NoteKind.quarterly, TEXT)
        [event] = session.exec(select(Event).where(Event.subject == "StatusNote")).all()
        assert (event.action, event.after["text"]) == ("created", TEXT)


@one_database
def test_the_day_is_today_until_another_is_written(browser: TestClient) -> None:
    assert form_on(browser, NEW, NOTES).values["noted_on"] == "13-06-2022"


@one_database
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": ""}, "Fill in »Status«"),
        ({"noted_on": "14-06-2022"}, "Date: A status cannot lie in the future"),
        ({"noted_on": "i går"}, "Date: Write the date as dd-mm-yyyy, for example 13-06-2022"),
        ({"text": "x" * 601}, "Status: Write at most 600 characters (1 too many)"),
        ({"text": "Projektlederen er sygemeldt."}, "Confirm that the text does not tell of anybody's health"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    browser: TestClient, database: Engine, typed: dict[str, str], said: str
) -> None:
    before = fingerprint(database)
    answer = browser.post(NOTES, data={"kind": "running", "noted_on": "13-06-2022", "text": TEXT} | typed)
    assert answer.status_code == 422
    assert said in read_page(answer.text).text
    assert fingerprint(database) == before


@one_database
def test_the_question_about_health_is_answered_once(browser: TestClient) -> None:
    typed = {"kind": "running", "noted_on": "13-06-2022", "text": "Projektlederen er sygemeldt."}
    assert 'name="no_health_data"' in browser.post(NOTES, data=typed).text
    assert browser.post(NOTES, data=typed | {"no_health_data": "on"}).status_code == 303


@one_database
@pytest.mark.parametrize("name", ["ejer", "anden_leder", "sekretariat", "direktion", "chefforum", "admin", "laeser"])
def test_nobody_but_the_leader_writes_a_note(
    name: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    other = sign_in(cast[name])
    before = fingerprint(database)
    assert other.get(NEW).status_code == 403
    assert other.post(NOTES, data={"kind": "running", "noted_on": "13-06-2022", "text": TEXT}).status_code == 403
    assert fingerprint(database) == before
    assert NEW not in other.get(PROJECT).text


@one_database
def test_whoever_may_not_write_sees_no_empty_heading(sign_in: SignIn, laeser: User) -> None:
    assert 'id="notes"' not in sign_in(laeser).get(PROJECT).text
