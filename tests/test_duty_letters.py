"""Letters beside the rounds: tasks from decisions, task forces and effects, in one letter a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import FollowUp, Mail, Person, Portfolio, Project, ReportingRound, Task, Unit, User
from app.models.mail import MailKind
from app.models.project import Kind
from app.models.reporting_round import RoundState
from app.models.task import TaskState
from app.post_office import send_letters, write_todays_letters
from app.tabs.duty_reminders import DutyMatter, build_duty_reminders
from app.tabs.task_duties import TaskAsk
from tests.conftest import Queries, SignIn, one_database
from tests.decided import a_decision, a_meeting, a_task
from tests.mailbox import MailServer, text_of
from tests.page import read_page
from tests.test_mails import installed, mails, on, own_text, remind, server

__all__ = ["installed", "server"]

DUE = date(2022, 6, 27)
"""Fourteen days after the day on which the tests stand."""


@pytest.fixture(autouse=True)
def between_rounds(installed: None, database: Engine) -> None:
    """No round is under way."""
    with Session(database) as session:
        for round_ in session.exec(select(ReportingRound)):
            round_.state = RoundState.finished
        session.commit()


def give(database: Engine, due_on: date = DUE, **more: Any) -> None:
    """A task to Camilla Vang, who leads P-005 and P-006, unless something else is said."""
    with Session(database) as session:
        if not {"owner_id", "owner_unit_id"} & more.keys():
            more["owner_id"] = session.exec(select(Person.id).where(Person.name == "Camilla Vang")).one()
        board = a_meeting(session, date(2022, 5, 2))
        decision = a_decision(session, board, project_id=more.pop("project_id", None))
        a_task(session, decision, board, due_on, **({"key": "opgaven"} | more))
        session.commit()


def the_project(session: Session, number: str) -> Project:
    return session.exec(select(Project).where(Project.number == number)).one()


def names(database: Engine) -> set[str]:
    return set(mails(database))


@pytest.mark.parametrize(
    ("ask", "days", "moment"),
    [
        (TaskAsk.do, -15, None),
        (TaskAsk.do, -14, -14),
        (TaskAsk.do, -1, -14),
        (TaskAsk.do, 0, 0),
        (TaskAsk.do, 6, 0),
        (TaskAsk.do, 7, 7),
        (TaskAsk.do, 1616, 1610),
        (TaskAsk.follow_up, -14, -14),
        (TaskAsk.follow_up, 29, 0),
        (TaskAsk.follow_up, 30, 30),
        (TaskAsk.expiry, -91, None),
        (TaskAsk.expiry, -90, -90),
        (TaskAsk.expiry, -30, -30),
        (TaskAsk.expiry, 60, 60),
    ],
)
def test_each_thing_has_days_on_which_it_is_told(ask: TaskAsk, days: int, moment: int | None) -> None:
    said: dict[str, Any] = {"number": "", "title": "", "what": "En plan", "closed": False, "reason": "", "address": "/"}
    matter = DutyMatter(ask=ask, due_on=DUE, happened_at=None, **said)
    assert matter.told_on(DUE + timedelta(days=days)) == (None if moment is None else DUE + timedelta(days=moment))


def test_what_was_given_within_the_fourteen_days_is_told_at_once() -> None:
    said: dict[str, Any] = {"number": "", "title": "", "what": "En plan", "closed": False, "reason": "", "address": "/"}
    matter = DutyMatter(ask=TaskAsk.do, due_on=DUE, happened_at=None, since=date(2022, 6, 20), **said)
    assert matter.told_on(date(2022, 6, 24)) == date(2022, 6, 20)


def test_whoever_is_responsible_is_told_before_on_and_after_the_deadline_and_not_in_between(
    database: Engine, server: MailServer
) -> None:
    give(database, text="Ny model for salget", project_id=1)
    with server.up():
        for day in ("12", "13", "13", "14", "26", "27", "28"):
            with on(f"2022-06-{day}"):
                assert remind().exit_code == 0
        for day in ("03", "04", "10", "11"):
            with on(f"2022-07-{day}"):
                assert remind().exit_code == 0
    told = server.to("Camilla Vang")
    assert len(told) == len(server.taken)
    assert [mail.day.strftime("%d-%m") for mail in mails(database)["Camilla Vang"]] == [
        "13-06",
        "27-06",
        "04-07",
        "11-07",
    ]
    first, last = text_of(told[0]), text_of(told[-1])
    assert told[0]["Subject"] == "Opgaver fra beslutninger: Din næste frist er 27-06-2022"
    assert "- P-001" in first
    assert "Ny model for salget\n  Udfør opgaven, og skriv senest 27-06-2022, hvad der kom ud af det." in first
    assert "https://liste.kommune.example/portfolios/direktionen/tasks/opgaven" in first
    assert "Skriv, hvad der kom ud af det; fristen var 27-06-2022." in last
    assert {mail.kind for mail in mails(database)["Camilla Vang"]} == {MailKind.tasks}


@one_database
def test_a_letter_about_a_task_that_was_done_meanwhile_is_not_sent(database: Engine, server: MailServer) -> None:
    give(database)
    with Session(database) as session:
        waiting = write_todays_letters(session)
        session.commit()
    assert names(database) == {"Camilla Vang"}
    with Session(database) as session:
        session.exec(select(Task).where(Task.key == "opgaven")).one().state = TaskState.done
        session.commit()
    with server.up():
        assert send_letters(database, waiting).sent == 0
        remind()
    assert not server.taken


@one_database
def test_for_a_unit_its_managers_are_told_and_the_secretariat_where_it_has_none(
    database: Engine, chefforum: User
) -> None:
    with Session(database) as session:
        unit = session.exec(select(Unit).where(Unit.code == "BURC")).one().pk
    give(database, owner_unit_id=unit)
    remind()
    assert "Tina Falk" not in names(database)
    told = names(database)
    with Session(database) as session:
        accounts = session.exec(select(User)).all()
        people = {person.id: person for person in session.exec(select(Person))}
        secretariat = {
            people[user.person_id].name for user in accounts if user.person_id and "secretariat" in user.roles
        }
        assert told == secretariat
        session.get_one(Person, chefforum.person_id).unit_id = unit
        for mail in session.exec(select(Mail)):
            session.delete(mail)
        session.commit()
    remind()
    assert names(database) == {str(chefforum)}


@one_database
def test_the_task_of_somebody_who_has_left_is_told_to_the_secretariat(database: Engine, sekretariat: User) -> None:
    give(database)
    with Session(database) as session:
        session.exec(select(Person).where(Person.name == "Camilla Vang")).one().active = False
        session.commit()
    remind()
    assert names(database) == {str(sekretariat)}


@one_database
def test_a_task_force_is_told_of_its_follow_up_and_its_expiry_in_one_letter_with_the_tasks(
    database: Engine, server: MailServer
) -> None:
    with Session(database) as session:
        project = the_project(session, "P-006")
        project.kind, project.starts_on, project.expires_on = Kind.task_force, date(2021, 1, 1), date(2022, 9, 1)
        session.add(
            FollowUp(project_id=project.pk, no=90, held_on=date(2022, 3, 20), body="Chefforum", conclusion="Godt.")
        )
        session.commit()
    with server.up():
        remind()
        [message] = server.to("Camilla Vang")
        assert message["Subject"] == "Taskforce: P-006"
        text = " ".join(text_of(message).split())
        assert "Følg op på taskforcen senest 20-06-2022." in text
        assert "Den udløber 01-09-2022: Få besluttet, hvad der så skal ske." in text
        give(database, date(2022, 6, 10))
        with on("2022-06-20"):
            remind()
    last = mails(database)["Camilla Vang"][-1]
    assert last.kind is MailKind.duties
    assert last.body.index("Skriv en plan") < last.body.index("Følg op på taskforcen")
    assert len(server.to("Camilla Vang")) == 2


@one_database
def test_a_task_of_a_closed_project_stands_as_its_number_and_only_for_whoever_may_know_of_it(
    database: Engine, lukket_leder: User
) -> None:
    with Session(database) as session:
        closed = the_project(session, "L-01").pk
    give(database, text="Køb huset", project_id=closed)
    remind()
    assert names(database) == set()
    give(database, text="Betal huset", key="betal", project_id=closed, owner_id=lukket_leder.person_id)
    remind()
    [mail] = mails(database)[str(lukket_leder)]
    assert "- L-01\n" in mail.body
    assert "huset" not in mail.body


@one_database
def test_nobody_gets_a_second_letter_on_the_day_on_which_a_round_writes(database: Engine, server: MailServer) -> None:
    with Session(database) as session:
        session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one().state = RoundState.open
        session.commit()
    give(database)
    with server.up():
        remind()
        assert [mail.round_id is None for mail in mails(database)["Camilla Vang"]] == [False]
        with on("2022-06-14"):
            remind()
    assert [mail.round_id is None for mail in mails(database)["Camilla Vang"]] == [False, True]
    assert len(server.to("Camilla Vang")) == 2


@one_database
def test_the_secretariat_words_the_letters_and_reads_them_in_the_log(
    database: Engine, server: MailServer, sign_in: SignIn, sekretariat: User
) -> None:
    own_text(database, MailKind.tasks, "Husk det besluttede, {name}", "Det drejer sig om:\n\n{projects}")
    give(database)
    with server.up():
        remind()
    [message] = server.to("Camilla Vang")
    assert message["Subject"] == "Husk det besluttede, Camilla Vang"
    assert text_of(message).startswith("Det drejer sig om:\n\n- Skriv en plan\n  Udfør opgaven")
    browser = sign_in(sekretariat)
    texts = read_page(browser.get("/portfolios/direktionen/mail-texts").text).text
    for kind in (MailKind.tasks, MailKind.task_forces, MailKind.duties):
        assert str(kind) in texts
    log = read_page(browser.get("/portfolios/direktionen/mails").text).text
    assert "Husk det besluttede, Camilla Vang" in log


@one_database
def test_the_letters_ask_as_much_for_many_tasks_as_for_few(database: Engine, queries: Queries) -> None:
    def asked() -> int:
        with Session(database) as session, queries() as found:
            portfolio = session.exec(select(Portfolio)).one()
            assert build_duty_reminders(session, portfolio, date(2022, 6, 13))
            return len(found)

    give(database)
    few = asked()
    for no in range(20):
        give(database, key=f"opgave-{no}", owner_id=1 + no)
    assert asked() == few <= 13
