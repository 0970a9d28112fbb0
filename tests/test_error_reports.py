"""»Rapportér en fejl«: read by whoever reported it and by the secretariat, and by nobody else."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import ErrorReport, Event, User
from tests.conftest import SignIn, one_database
from tests.page import form_on

SECRET = "Der står noget om helbred i status for P-006."


@one_database
def test_a_reported_error_waits_for_the_secretariat_and_comes_back_with_an_answer(
    sign_in: SignIn, leder: User, sekretariat: User, admin: User, anden_leder: User, database: Engine
) -> None:
    browser, office = sign_in(leder), sign_in(sekretariat)
    form = browser.get("/error-reports/new", headers={"Referer": "http://testserver/projects/P-006?x=1"})
    assert 'value="/projects/P-006"' in form.text
    sent = {"text": SECRET, "page": "/projects/P-006", "health": "on"}
    assert browser.post("/error-reports", data=sent).status_code == 303
    assert "Besvar 1 fejlmelding" in office.get("/").text
    with Session(database) as session:
        report = session.exec(select(ErrorReport)).one()
        event = session.exec(select(Event).where(Event.subject == "ErrorReport")).one()
    assert (event.before, event.after, event.project_id) == ({}, {}, None)
    for reader, sees in ((leder, True), (sekretariat, True), (admin, False), (anden_leder, False)):
        assert (SECRET in sign_in(reader).get("/error-reports").text) is sees
    assert SECRET not in sign_in(admin).get("/events").text
    here = f"/error-reports/{report.key}/answer"
    answer = form_on(office, here, here).values | {"outcome": "corrected", "answer": "Teksten er rettet."}
    assert office.post(here, data=answer).status_code == 303
    assert office.post(here, data=answer).status_code == 409
    assert "Teksten er rettet." in browser.get("/error-reports").text
    assert "fejlmelding" not in office.get("/").text.partition("</main>")[0]


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
@one_database
def test_what_is_no_page_of_ours_is_never_a_link(page: str, sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    browser.post("/error-reports", data={"text": SECRET, "page": page})
    said = browser.get("/error-reports").text
    assert page in said
    assert f'href="{page}"' not in said
