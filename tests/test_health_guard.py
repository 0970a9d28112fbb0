"""Wherever somebody writes freely, a text that may tell of somebody's health is asked about once (domain.md L7)."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.datastructures import FormData

from app.models import ErrorReport, Milestone, Person, User
from app.models.error_report import ErrorReportForm
from app.models.milestone import MilestoneForm
from app.models.person import PersonForm
from app.models.task import TaskForm
from app.web import NAMES, Form
from tests.conftest import SignIn, one_database
from tests.page import form_on, read_page
from tests.test_access import ROUTES
from tests.writes import WRITES, address, filled_in

ILL = "Udskudt, fordi projektlederen er sygemeldt"


@one_database
def test_a_text_that_may_tell_of_health_is_asked_about_once_and_saved_when_somebody_has_read_it_again(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser, to = sign_in(leder), "/projects/P-006/milestones"
    form = form_on(browser, f"{to}/new", to).values | {"text": ILL, "due_on": "01-09-2022"}
    asked = browser.post(to, data=form)
    assert asked.status_code == 422
    page = read_page(asked.text)
    assert "Der står »sygemeldt«" in page.text
    assert [box.get("id") for box in page.all("input") if box.get("name") == "no_health_data"] == ["no_health_data"]
    with Session(database) as session:
        assert not session.exec(select(Milestone).where(Milestone.text == ILL)).all()
    assert browser.post(to, data=form | {"no_health_data": "on"}).status_code == 303
    with Session(database) as session:
        assert len(session.exec(select(Milestone).where(Milestone.text == ILL)).all()) == 1


@pytest.mark.parametrize(
    ("kind", "typed", "asked"),
    [
        (MilestoneForm, {"text": ILL}, {"text"}),
        (TaskForm, {"text": ILL}, {"text"}),
        (PersonForm, {"name": "Ivan Orlov", "title": "Chef for sygefravær"}, set()),
        (PersonForm, {"name": "Ivan Ivanov", "title": "På orlov"}, {"title"}),
        (ErrorReportForm, {"text": "Der står, at han er syg."}, set()),
    ],
)
def test_it_is_asked_of_prose_and_not_of_names_or_of_what_reports_it(
    kind: type, typed: dict[str, str], asked: set[str]
) -> None:
    assert Form.posted(kind, FormData(typed)).health.keys() == asked
    assert not Form.posted(kind, FormData(typed | {"no_health_data": "on"})).health


@one_database
def test_every_form_with_prose_can_be_answered_on_its_own_page(
    sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    """What is asked can be answered everywhere: the page that asks has the box to tick."""
    tried = 0
    for path, write in WRITES.items():
        if not write.required or not write.typed or write.before or ROUTES["POST", path]["anonymous"] != "login":
            continue
        browser = sign_in(cast[write.opener])
        form = filled_in(browser, path)
        prose = [name for name, value in write.typed.items() if value.count(" ") >= 2 and name not in NAMES]
        apart = path.startswith(("/error-reports", "/maskings", "/me/"))
        own_pages = "reports/{round}" in path or path.endswith(("/notes", "/choose"))
        if not prose or apart or own_pages:
            continue
        answer = browser.post(address(path, write), data=form | {prose[0]: ILL[:40] + " sygemeldt"})
        assert answer.status_code == 422, path
        assert 'name="no_health_data"' in answer.text, path
        tried += 1
    assert tried >= 10


@one_database
def test_a_reported_text_is_kept_as_it_was_reported(sign_in: SignIn, leder: User, database: Engine) -> None:
    sent = sign_in(leder).post("/error-reports", data={"text": ILL})
    assert sent.status_code == 303
    with Session(database) as session:
        assert session.exec(select(ErrorReport.text)).one() == ILL
        assert session.exec(select(Person)).first()
