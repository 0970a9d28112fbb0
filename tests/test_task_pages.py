"""Opfølgning: what meetings have given somebody to do, who may say what of it, and what is kept of it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.i18n import gettext as _
from app.models import AgendaItem, Decision, Event, Meeting, Person, Project, ReportingRound, Task, Unit, User
from app.models.meeting import MeetingBody, MeetingState
from app.models.reporting_round import RoundState
from app.models.task import TaskState
from tests.conftest import Queries, SignIn, one_database
from tests.decided import a_decision, a_meeting, a_task
from tests.fields import assert_each_refused, send
from tests.page import Element, read_page

TASKS = "/portfolios/direktionen/tasks"
MINE = f"{TASKS}/lederens"
OWED = "evaluering-2017"
"""The evaluation of the task force, ordered on 9 January 2017, which nobody has made."""


def id_of(session: Session, name: str) -> int:
    return session.exec(select(Person).where(Person.name == name)).one().pk


@pytest.fixture
def given(database: Engine, leder: User) -> None:
    """A task of the leader's and one of a unit, given by two meetings this spring."""
    with Session(database) as session:
        unit = session.exec(select(Unit).where(Unit.code == "BURC")).one()
        project = session.exec(select(Project).where(Project.number == "P-006")).one()
        board = a_meeting(session, date(2022, 5, 2))
        decision = a_decision(session, board, text="Planen laves om.", request="En ny plan.", project_id=project.pk)
        a_task(session, decision, board, date(2022, 6, 20), key="lederens", owner_id=leder.person_id)
        forum = a_meeting(session, date(2022, 5, 16), body=MeetingBody.management_forum)
        other = a_decision(session, forum)
        a_task(session, other, forum, date(2022, 6, 1), key="centrets", text="Find lokaler", owner_unit_id=unit.pk)
        session.commit()


def the_task(database: Engine, key: str = "lederens") -> Task:
    with Session(database) as session:
        return session.exec(select(Task).where(Task.key == key)).one()


def last_event(database: Engine) -> Event:
    with Session(database) as session:
        return session.exec(select(Event).order_by(col(Event.id).desc()).limit(1)).one()


def listed(page: str, heading: str) -> list[str]:
    """The tasks under a heading of the page, by what they say."""
    section = part(page, heading)
    return [row.all("a")[0].text for row in section.all("tr")[1:]] if section else []


def part(page: str, heading: str) -> Element | None:
    found = [each for each in read_page(page).all("section", "details") if heading in each.get("aria-labelledby")]
    found += [each for each in read_page(page).all("details") if each.get("id") == heading]
    return found[0] if found else None


def move(browser: TestClient, way: str, key: str = "lederens", **typed: str) -> Any:
    here = f"{TASKS}/{key}/{way}"
    form = f"{TASKS}/{key}" if way == "completion" else here
    return send(browser, form, here, **typed)


# ----------------------------------------------------------------------------------------------------------- the list


@one_database
def test_what_is_overdue_stands_first_with_its_days_and_who_decided_it(
    given: None, sign_in: SignIn, laeser: User
) -> None:
    page = sign_in(laeser).get(TASKS).text
    late = listed(page, "overdue")
    assert late[0] == "Evaluering af taskforcens indsats og organisering"
    assert "Find lokaler" in late
    assert "Skriv en plan" in listed(page, "open")
    section = part(page, "overdue")
    assert section
    words = section.text
    assert "1616 dage over frist" in words
    assert "Bestilt evaluering" in words
    assert "09-07-2017 – 09-01-2018" in words
    assert "Direktionen 09-01-2017" in words
    assert "FKC" in words
    assert part(page, "ended")


@one_database
def test_the_list_is_filtered_by_responsible_body_and_meeting_in_the_address(
    given: None, sign_in: SignIn, leder: User, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(leder)

    def shown(query: str) -> set[str]:
        page = browser.get(f"{TASKS}?{query}").text
        return {*listed(page, "overdue"), *listed(page, "open"), *listed(page, "ended")}

    with Session(database) as session:
        meeting = session.exec(select(Meeting).where(Meeting.held_on == date(2022, 5, 2))).one()
        assert shown(f"meeting={meeting.pk}") == {"Skriv en plan"}
    mine = shown(f"responsible={leder.person_id}")
    assert "Skriv en plan" in mine
    assert "Find lokaler" not in mine
    assert "Find lokaler" in shown("responsible=BURC")
    assert "Find lokaler" in shown("body=management_forum")
    assert "Skriv en plan" not in shown("body=management_forum")
    nothing = browser.get(f"{TASKS}?responsible=nobody").text
    assert _("No task matches.") in nothing
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#tasks"}
    fragment = sign_in(sekretariat).get(f"{TASKS}?body=executive_board", headers=headers).text
    [root] = [child for child in read_page(fragment).children if not isinstance(child, str)]
    assert root.get("id") == "tasks"
    assert "L-01" in root.text  # a closed one, with its lock


@one_database
def test_the_list_is_there_as_json(given: None, sign_in: SignIn, laeser: User) -> None:
    found = sign_in(laeser).get("/api/v1/portfolios/direktionen/tasks?body=executive_board").json()
    [owed] = [line for line in found["overdue"] if line["key"] == OWED]
    assert (owed["days_late"], owed["evaluation"], owed["unit"], owed["number"]) == (1616, True, "FKC", "P-002")
    assert owed["given_by"]["held_on"] == "2017-01-09"
    [mine] = [line for line in found["open"] if line["key"] == "lederens"]
    assert (mine["days_left"], mine["responsible"]) == (7, "Camilla Vang")
    assert "people" not in found


@one_database
def test_a_list_without_tasks_says_where_they_come_from(sign_in: SignIn, laeser: User, database: Engine) -> None:
    with Session(database) as session:
        for task in session.exec(select(Task)):
            session.delete(task)
        session.commit()
    assert "Intet møde har givet nogen en opgave endnu" in sign_in(laeser).get(TASKS).text


@one_database
def test_a_task_of_a_closed_project_is_not_there_for_others(
    given: None, sign_in: SignIn, leder: User, lukket_leder: User, database: Engine
) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "L-01")).one()
        board = a_meeting(session, date(2022, 5, 9))
        decision = a_decision(session, board, project_id=project.pk)
        a_task(session, decision, board, date(2022, 6, 1), key="hemmelig", text="Køb det", owner_id=leder.person_id)
        session.commit()
    browser = sign_in(leder)
    assert browser.get(f"{TASKS}/hemmelig").status_code == 404
    assert "Køb det" not in browser.get(TASKS).text
    assert "Køb det" not in browser.get("/").text
    assert "Køb det" in sign_in(lukket_leder).get(TASKS).text


@one_database
def test_a_task_from_a_closed_item_is_there_for_whoever_is_responsible_but_not_its_decision(
    given: None, sign_in: SignIn, leder: User, anden_leder: User, admin: User, database: Engine
) -> None:
    with Session(database) as session:
        board = a_meeting(session, date(2022, 5, 9))
        item = AgendaItem(meeting_id=board.pk, no=1, title="Personsag", closed=True)
        session.add(item)
        session.flush()
        decision = a_decision(session, board, agenda_item_id=item.pk, text="Det tavse.")
        a_task(session, decision, board, date(2022, 6, 1), key="tavs", text="Tal med dem", owner_id=leder.person_id)
        session.commit()
    page = sign_in(leder).get(f"{TASKS}/tavs").text
    assert "Tal med dem" in page
    assert "Det tavse." not in page
    assert "Personsag" not in page
    assert _("The decision is closed.") in page
    assert sign_in(anden_leder).get(f"{TASKS}/tavs").status_code == 404
    assert move(sign_in(leder), "completion", "tavs", evidence="Der er talt sammen.").status_code == 303
    for reader in (anden_leder, admin):
        assert "Tal med dem" not in sign_in(reader).get(TASKS).text
    assert "Tal med dem" not in sign_in(admin).get("/events").text


@one_database
def test_the_list_asks_as_much_for_many_tasks_as_for_few(
    given: None, sign_in: SignIn, laeser: User, database: Engine, queries: Queries
) -> None:
    browser = sign_in(laeser)
    with queries() as few:
        browser.get(TASKS)
    with Session(database) as session:
        for no in range(40):
            board = a_meeting(session, date(2021, 1, 1 + no % 28))
            item = AgendaItem(meeting_id=board.pk, no=1, title="Et punkt")
            session.add(item)
            session.flush()
            decision = a_decision(session, board, agenda_item_id=item.pk)
            a_task(session, decision, board, date(2022, 5, 1), owner_id=1 + no % 20)
        session.commit()
    with queries() as many:
        page = browser.get(TASKS).text
    assert len(listed(page, "overdue")) > 40
    assert len(many) == len(few) <= 9


# ----------------------------------------------------------------------------------------------------- who may do what


@one_database
def test_whoever_is_responsible_says_that_it_is_done(
    given: None, sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = move(browser, "completion", evidence="Planen ligger på sagen 22/100.", ended_on="10-06-2022")
    assert (answer.status_code, answer.headers["location"]) == (303, MINE)
    task = the_task(database)
    assert (task.state, task.ended_on, task.evidence) == (
        TaskState.done,
        date(2022, 6, 10),
        "Planen ligger på sagen 22/100.",
    )
    event = last_event(database)
    assert (event.action, event.subject, event.subject_id, event.project_id) == (
        "done",
        "Task",
        task.pk,
        task.project_id,
    )
    assert event.before == {"state": "open"}
    page = browser.get(MINE).text
    assert "Planen ligger på sagen 22/100." in page
    assert "Opfølgning »Skriv en plan« udført" in page
    assert "Skriv en plan" in listed(browser.get(TASKS).text, "ended")
    again = browser.post(f"{MINE}/completion", data={"evidence": "En gang til", "ended_on": "11-06-2022"})
    assert again.status_code == 409
    assert the_task(database).ended_on == date(2022, 6, 10)


@one_database
def test_what_came_of_it_is_said_in_words_and_on_a_day_that_can_be(given: None, sign_in: SignIn, leder: User) -> None:
    done: dict[str, str | list[str]] = {"evidence": "Planen er lavet."}
    assert_each_refused(
        sign_in(leder),
        MINE,
        f"{MINE}/completion",
        [
            ({"evidence": ""}, {"evidence": _("Fill in »%(label)s«") % {"label": _("What came of it")}}),
            (done | {"ended_on": "14-06-2022"}, {"ended_on": _("The date lies in the future")}),
            (done | {"ended_on": "01-05-2022"}, {"ended_on": _("It cannot have been done before it was given.")}),
        ],
    )


@one_database
def test_what_is_said_along_the_way_is_kept_and_added_to(
    given: None, sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert move(browser, "evidence", evidence="Udkast er sendt ud.").status_code == 303
    assert move(browser, "completion", evidence="Vedtaget.").status_code == 303
    assert move(browser, "evidence", evidence="Referatet er lagt på sagen.").status_code == 303
    assert the_task(database).evidence == "Udkast er sendt ud.\nVedtaget.\nReferatet er lagt på sagen."
    with Session(database) as session:
        mine = select(Event.action).where(Event.subject == "Task", Event.subject_id == the_task(database).pk)
        assert list(session.exec(mine.order_by(col(Event.id)))) == ["documented", "done", "documented"]


@one_database
def test_the_manager_of_a_responsible_unit_may_and_others_of_the_unit_may_not(
    given: None, sign_in: SignIn, chefforum: User, anden_leder: User, database: Engine
) -> None:
    with Session(database) as session:
        unit = session.exec(select(Unit).where(Unit.code == "BURC")).one()
        for user in (chefforum, anden_leder):
            session.get_one(Person, user.person_id).unit_id = unit.pk
        session.commit()
    done = {"evidence": "Lokalerne er fundet.", "ended_on": "13-06-2022"}
    refused = sign_in(anden_leder).post(f"{TASKS}/centrets/completion", data=done)
    assert refused.status_code == 403
    assert the_task(database, "centrets").is_open
    assert "Find lokaler" in sign_in(chefforum).get("/").text
    assert move(sign_in(chefforum), "completion", "centrets", **done).status_code == 303
    with Session(database) as session:
        session.get_one(Person, chefforum.person_id).unit_id = None
        session.commit()
    assert sign_in(chefforum).get(f"{TASKS}/centrets/evidence").status_code == 403


@one_database
def test_a_deadline_is_moved_by_the_secretariat_and_the_first_one_is_kept(
    given: None, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    first = move(browser, "postponement", due_from="01-08-2022", due_on="01-09-2022", reason="Ferien")
    assert first.status_code == 303
    event = last_event(database)
    assert (event.action, event.before) == ("postponed", {"due_on": "2022-06-20"})
    assert event.after == {"due_from": "2022-08-01", "due_on": "2022-09-01", "reason": "Ferien"}
    assert (
        move(browser, "postponement", due_from="", due_on="01-10-2029", reason="Forsøget varer længe").status_code
        == 303
    )
    task = the_task(database)
    assert (task.due_from, task.due_on, task.first_due_on) == (None, date(2029, 10, 1), date(2022, 6, 20))
    page = browser.get(MINE).text
    assert "første frist 20-06-2022" in page
    assert "Ferien" in page
    assert_each_refused(
        browser,
        f"{MINE}/postponement",
        f"{MINE}/postponement",
        [
            ({"due_on": "12-06-2022", "reason": "Ny plan"}, {"due_on": _("Write a day to come")}),
            ({"reason": "Ny plan"}, {"due_on": _("This is the deadline already")}),
            (
                {"due_from": "02-12-2029", "due_on": "01-12-2029", "reason": "Ny plan"},
                {"due_on": _("The deadline lies before the first day")},
            ),
        ],
    )


@one_database
def test_whoever_is_responsible_asks_for_time_and_the_secretariat_answers(
    given: None, sign_in: SignIn, leder: User, sekretariat: User, database: Engine
) -> None:
    browser, secretariat = sign_in(leder), sign_in(sekretariat)
    assert_each_refused(
        browser,
        f"{MINE}/wish",
        f"{MINE}/wish",
        [
            (
                {"wished_on": "20-06-2022", "wished_reason": "Der mangler tal"},
                {"wished_on": _("Write a day to come, after the deadline")},
            )
        ],
    )
    assert move(browser, "wish", wished_on="01-07-2022", wished_reason="Der mangler tal").status_code == 303
    assert the_task(database).due_on == date(2022, 6, 20)
    assert "Tag stilling til ønsket om en ny frist: »Skriv en plan«" in secretariat.get("/").text
    assert "ønskes udskudt til 01-07-2022" in secretariat.get(TASKS).text
    assert move(secretariat, "refusal", reason="Direktionen skal bruge den").status_code == 303
    assert (the_task(database).wished_on, the_task(database).due_on) == (None, date(2022, 6, 20))
    assert secretariat.post(f"{MINE}/refusal", data={"reason": "Igen"}).status_code == 409
    assert move(browser, "wish", wished_on="08-07-2022", wished_reason="Stadig").status_code == 303
    assert move(secretariat, "postponement").status_code == 303  # as it stands: with the wished day and its reason
    task = the_task(database)
    assert (task.wished_on, task.wished_reason, task.due_on) == (None, "", date(2022, 7, 8))
    assert last_event(database).after == {"due_on": "2022-07-08", "reason": "Stadig"}


@one_database
def test_a_task_lapses_with_a_reason_and_is_opened_again_with_another(
    given: None, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    assert move(browser, "lapse", reason="Projektet er stoppet").status_code == 303
    task = the_task(database)
    assert (task.state, task.ended_on, task.evidence) == (TaskState.lapsed, date(2022, 6, 13), "Projektet er stoppet")
    for way in ("lapse", "postponement", "handover"):
        assert browser.get(f"{MINE}/{way}").status_code == 409
    assert move(browser, "reopening", reason="Det var en fejl").status_code == 303
    task = the_task(database)
    assert (task.state, task.ended_on) == (TaskState.open, None)
    assert last_event(database).after == {"state": "open", "reason": "Det var en fejl"}
    assert browser.post(f"{MINE}/reopening", data={"reason": "Igen"}).status_code == 409


@one_database
def test_somebody_else_is_made_responsible(
    given: None, sign_in: SignIn, sekretariat: User, leder: User, anden_leder: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    nobody = move(browser, "handover", owner_id="", owner_unit_id="")
    assert nobody.status_code == 422
    assert _("Choose a person or a unit that is responsible") in nobody.text
    assert move(browser, "handover", owner_id=str(anden_leder.person_id)).status_code == 303
    event = last_event(database)
    assert (event.action, event.before, event.after) == (
        "changed",
        {"owner_id": "Camilla Vang"},
        {"owner_id": "Signe Lyng"},
    )
    assert "Skriv en plan" not in sign_in(leder).get("/").text
    assert "Skriv en plan" in sign_in(anden_leder).get("/").text
    assert sign_in(leder).get(f"{MINE}/evidence").status_code == 403


@one_database
def test_the_page_offers_each_reader_what_they_may_do(
    given: None, sign_in: SignIn, leder: User, sekretariat: User, laeser: User
) -> None:
    def ways(user: User) -> set[str]:
        page = read_page(sign_in(user).get(MINE).text)
        found = [link.get("href") for link in page.all("a")] + [form.get("action") for form in page.all("form")]
        return {each.removeprefix(f"{MINE}/") for each in found if each.startswith(f"{MINE}/")}

    assert ways(laeser) == set()
    assert ways(leder) == {"completion", "evidence", "wish"}
    assert ways(sekretariat) == {"completion", "evidence", "postponement", "handover", "lapse"}


# ----------------------------------------------------------------------------------------------------- where they show


@one_database
def test_the_projects_page_tells_what_was_decided_and_what_came_of_it(
    given: None, sign_in: SignIn, laeser: User, database: Engine
) -> None:
    found = part(sign_in(laeser).get("/projects/P-006").text, "decisions-heading")
    assert found
    assert "Direktionen 02-05-2022 Besluttet. Planen laves om." in found.text
    assert "Skriv en plan" in found.text
    assert "Camilla Vang · Frist 20-06-2022" in found.text
    with Session(database) as session:
        for decision in session.exec(select(Decision)):
            decision.project_id = None
        for task in session.exec(select(Task)):
            task.project_id = None
        session.commit()
    found = part(sign_in(laeser).get("/projects/P-006").text, "decisions-heading")
    assert found
    assert _("No meeting has decided anything about the project yet.") in found.text


@one_database
def test_a_persons_page_lists_their_open_tasks(given: None, sign_in: SignIn, laeser: User, leder: User) -> None:
    found = part(sign_in(laeser).get(f"/people/{leder.person_id}").text, "tasks-heading")
    assert found
    assert "Skriv en plan" in found.text


@one_database
def test_the_round_opens_with_what_was_decided_until_the_board_has_met(
    sign_in: SignIn, laeser: User, database: Engine
) -> None:
    browser, here = sign_in(laeser), "/portfolios/direktionen/rounds/2022-06"
    found = part(browser.get(here).text, "last-time-heading")
    assert found
    heads = [cell.text for cell in found.all("thead")[0].all("th")]
    assert heads[0] == "Indstilling 31-01-2022"
    [owed] = [row.text for row in found.all("tr") if "Evaluering bestilt 09-01-2017" in row.text]
    assert "Evaluering af taskforcens indsats og organisering" in owed
    assert "FKC 09-01-2018 1616 dage over frist" in owed
    assert "2. Nye projekter – – – – Ingen beslutning noteret" in [row.text for row in found.all("tr")]
    with Session(database) as session:
        session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one().state = RoundState.presented
        session.commit()
    assert part(browser.get(here).text, "last-time-heading") is None


@one_database
def test_the_evaluation_of_2017_comes_back_at_the_next_meeting_until_it_is_done(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    with Session(database) as session:
        meetings = session.exec(select(Meeting).where(Meeting.body == MeetingBody.executive_board)).all()
        held = max(meetings, key=lambda meeting: meeting.held_on)
        coming = a_meeting(session, date(2022, 6, 27), state=MeetingState.planned)
        session.commit()
        addresses = [f"/meetings/{meeting.pk}" for meeting in (held, coming)]
    for address in addresses:
        found = part(browser.get(address).text, "last-time-heading")
        assert found
        assert "Evaluering bestilt 09-01-2017" in found.text
    assert move(browser, "completion", OWED, evidence="Evalueringen er forelagt.").status_code == 303
    found = part(browser.get(addresses[1]).text, "last-time-heading")
    assert found
    [done] = [row.text for row in found.all("tr") if "Evaluering bestilt 09-01-2017" in row.text]
    assert "Udført 13-06-2022 Evalueringen er forelagt." in done
    assert f"{TASKS}/{OWED}" not in browser.get("/").text
