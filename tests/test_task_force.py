"""A task force: its checklist, its quarterly follow-ups and its expiry."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Event, FollowUp, Project, TaskForce, User
from app.models.follow_up import next_follow_up
from app.models.project import Kind, Phase, ProjectDetails
from app.models.task_force import Fulfilled, TaskForceForm, checks_of
from app.tabs.task_force import expires_undecided
from tests.conftest import SignIn, one_database
from tests.fields import part, send
from tests.page import read_page
from tests.test_tasks import addresses, todos

HERE = "/projects/P-002"
CHECKLIST, NEW, FOLLOW_UPS = f"{HERE}/task-force", f"{HERE}/follow-ups/new", f"{HERE}/follow-ups"


@pytest.mark.parametrize(
    ("held", "starts_on", "wanted"),
    [
        ([date(2021, 12, 2), date(2021, 9, 2)], date(2017, 1, 9), date(2022, 3, 2)),
        ([], date(2017, 1, 9), date(2017, 4, 9)),
        ([date(2021, 11, 30)], None, date(2022, 2, 28)),
        ([date(2023, 11, 30)], None, date(2024, 2, 29)),
        ([date(2021, 10, 31)], None, date(2022, 1, 31)),
        ([], None, None),
    ],
)
def test_the_next_follow_up_is_three_calendar_months_after_the_last_or_after_the_start(
    held: list[date], starts_on: date | None, wanted: date | None
) -> None:
    assert next_follow_up(held, starts_on) == wanted


def test_what_is_not_fulfilled_stands_first_and_nobodys_answer_is_no_answer() -> None:
    form = TaskForceForm(delimited_task=Fulfilled.yes, matrix_task=Fulfilled.no, clear_leadership=Fulfilled.partly)
    answers = [answer.value for _question, answer in checks_of(form)]
    assert answers == ["no", "unknown", "unknown", "partly", "yes"]
    assert {answer for _question, answer in checks_of(None)} == {Fulfilled.unknown}


@pytest.mark.parametrize(
    ("expires_on", "phase", "open_question"),
    [
        (date(2022, 1, 31), Phase.implementation, True),
        (date(2022, 9, 11), Phase.implementation, True),
        (date(2022, 9, 12), Phase.implementation, False),
        (date(2022, 1, 31), Phase.finished, False),
        (None, Phase.implementation, False),
    ],
)
def test_an_expiry_wants_a_decision_from_90_days_before_until_the_project_is_ended_or_extended(
    expires_on: date | None, phase: Phase, open_question: bool
) -> None:
    project = ProjectDetails(title="Taskforce", expires_on=expires_on, phase=phase)
    assert expires_undecided(project, date(2022, 6, 13)) is open_question


@one_database
def test_its_page_says_what_is_not_fulfilled_that_it_has_expired_and_that_a_follow_up_is_overdue(
    sign_in: SignIn, laeser: User
) -> None:
    page = part(sign_in(laeser).get(HERE).text, "task-force")
    assert "Udløb for 133 dage siden, uden beslutning (31-01-2022)" in page
    assert "Tjekliste: 3 af 5 opfyldt Nej Den løser en implementeringsopgave" in page
    assert "Næste senest 02-03-2022 103 dage over frist" in page
    assert "Ret" not in page.split()
    assert 'id="task-force"' not in sign_in(laeser).get("/projects/P-005").text


def test_the_leader_answers_the_checklist_and_the_log_says_what_changed(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, CHECKLIST, CHECKLIST, operational_task="yes", terms_of_reference="Sag 16/20573")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#task-force")
    with Session(database) as session:
        known = session.exec(select(TaskForce).join(Project).where(Project.number == "P-002")).one()
        assert known.operational_task is Fulfilled.yes
        [event] = session.exec(select(Event).where(Event.subject == "TaskForce"))
    assert (event.action, event.before["operational_task"], event.after["operational_task"]) == ("changed", "no", "yes")
    assert "Tjekliste: 4 af 5 opfyldt" in part(browser.get(HERE).text, "task-force")


@one_database
def test_a_task_force_without_a_checklist_gets_one_and_no_other_project_does(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    assert sign_in(sekretariat).get("/projects/P-006/task-force").status_code == 404
    with Session(database) as session:
        session.exec(select(Project).where(Project.number == "P-006")).one().kind = Kind.task_force
        session.commit()
    browser, here = sign_in(leder), "/projects/P-006/task-force"
    assert "Tjekliste: 0 af 5 opfyldt" in browser.get("/projects/P-006").text
    assert send(browser, here, here, delimited_task="partly").status_code == 303
    with Session(database) as session:
        assert session.exec(select(Event.action).where(Event.subject == "TaskForce")).all() == ["created"]


def test_a_follow_up_that_was_held_moves_the_next_one(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    form = read_page(browser.get(NEW).text)
    assert [field.get("value") for field in form.all("input") if field.get("name") == "body"] == [
        "Chefforum, temamøde på halvanden time hvert kvartal"
    ]
    answer = send(browser, NEW, FOLLOW_UPS, held_on="10-06-2022", body="Chefforum", conclusion="Det går fremad.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#task-force")
    page = part(browser.get(HERE).text, "task-force")
    assert "Næste senest 10-09-2022 10-06-2022 Chefforum" in page
    assert send(browser, f"{FOLLOW_UPS}/5/edit", conclusion="Det går langsomt.").status_code == 303
    with Session(database) as session:
        assert session.exec(select(FollowUp.conclusion).where(FollowUp.no == 5)).one() == "Det går langsomt."
        actions = session.exec(select(Event.action).where(Event.subject == "FollowUp")).all()
    assert sorted(actions) == ["changed", "created"]


@one_database
def test_a_follow_up_tells_what_was_said_and_has_been_held(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, NEW, FOLLOW_UPS, held_on="14-06-2022", body="", conclusion="")
    assert answer.status_code == 422
    assert (
        "Datoen ligger i fremtiden"
        in send(browser, NEW, FOLLOW_UPS, held_on="14-06-2022", body="Chefforum", conclusion="Det går.").text
    )


@one_database
def test_the_leader_and_the_secretariat_are_asked_to_follow_up_and_to_have_the_expiry_decided(
    sign_in: SignIn, sekretariat: User, leder: User, anden_leder: User, database: Engine
) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-002")).one()
        project.leader_id = leder.person_id
        session.commit()
    wanted = {
        f"{HERE}/follow-ups/new": "Sidst fulgt op 02-12-2021",
        f"{HERE}/edit": "hvad der skal ske, når det udløber",
    }
    for user in (leder, sekretariat):
        found = dict(todos(sign_in(user).get("/").text))
        for address, words in wanted.items():
            assert words in found[address], user.email
    assert not wanted.keys() & set(addresses(sign_in(anden_leder).get("/").text))
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-002")).one()
        project.phase = Phase.finished
        session.commit()
    assert not wanted.keys() & set(addresses(sign_in(sekretariat).get("/").text))
