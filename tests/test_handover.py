"""Handing over everything that somebody does, in one go and with a trace."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Body, Deputy, EffectFollowUp, EffectTarget, Event, Person, Project, Seat, Task, Topic, User
from app.models.deputy import DeputyFor, DeputyForm
from app.models.effect_follow_up import FollowUpState
from app.models.seat import Attendance, SeatFunction
from app.models.task import TaskState
from tests.conftest import SignIn, one_database
from tests.decided import a_decision, a_meeting, a_task
from tests.fields import assert_each_refused, part, said_at, send
from tests.page import form_on, read_page

HANNE, RIKKE, CAMILLA = 6, 19, 20
"""Hanne Skov owns P-003 to P-008 and sits in six bodies; Rikke Hald, who receives, sits in two of others."""
HERE = f"/people/{HANNE}/handover"
QUARTER = "Kvarterbestyrelsen for Taastrupgård og Blåkilde"
TOWN_HALL = "Styregruppen for Rådhuset"


def preview(browser: TestClient, **typed: str | list[str]) -> str:
    """What the page says would happen."""
    form = form_on(browser, HERE, HERE)
    answer = browser.post(HERE, data=form.values | typed | {"preview": "1"})
    assert answer.status_code == 200
    return listed(answer.text)


def listed(page: str) -> str:
    return next(each.text for each in read_page(page).all("section") if each.get("aria-labelledby") == "preview")


def hand_over(browser: TestClient, **typed: str | list[str]) -> None:
    answer = send(browser, HERE, HERE, reason="Fratræder", **typed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/people/{HANNE}#handovers")


def sitting(database: Engine, body: str, key: int | None, day: date) -> list[Seat]:
    with Session(database) as session:
        query = select(Seat).join(Body).where(Body.name == body, Seat.person_id == key).order_by(col(Seat.no))
        return [seat for seat in session.exec(query) if seat.valid_on(day)]


def owned(database: Engine, key: int | None) -> set[str]:
    with Session(database) as session:
        return set(session.exec(select(Project.number).where(Project.owner_id == key)))


def give_seat(database: Engine, body: str, key: int, **more: Any) -> None:
    usual: dict[str, Any] = {
        "no": 90,
        "from_on": date(2020, 1, 1),
        "function": SeatFunction.member,
        "attendance": Attendance.fixed,
    }
    with Session(database) as session:
        found = session.exec(select(Body).where(Body.name == body)).one()
        session.add(Seat(body_id=found.pk, person_id=key, **usual | more))
        session.commit()


TODAY, YESTERDAY = date(2022, 6, 13), date(2022, 6, 12)


def test_everything_passes_to_the_receiver_on_the_day(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    before = owned(database, HANNE)
    assert {"P-003", "P-006"} <= before
    said = preview(browser, receiver_id=str(RIKKE))
    assert said.startswith("Det går til Rikke Hald fra 13-06-2022")
    assert f"{QUARTER} , ejer går til modtageren siden 01-05-2016, skifter 13-06-2022" in said
    assert "P-006 Fælles plan for Charlottekvarteret og frasalg af 120 almene boliger går til modtageren" in said
    assert owned(database, HANNE) == before  # a look changes nothing
    hand_over(browser, receiver_id=str(RIKKE))
    assert owned(database, HANNE) == set()
    assert before <= owned(database, RIKKE)
    [last] = sitting(database, QUARTER, HANNE, YESTERDAY)
    [first] = sitting(database, QUARTER, RIKKE, TODAY)
    assert (last.to_on, first.from_on, first.to_on) == (YESTERDAY, TODAY, None)
    assert (first.function, first.attendance) == (SeatFunction.owner, Attendance.fixed)
    assert not sitting(database, QUARTER, HANNE, TODAY)
    assert listed(browser.get(HERE).text).startswith(
        "Det varetager Hanne Skov Intet: Personen har ingen pladser, projekter, effektmål eller opgaver."
    )


def test_without_a_receiver_the_seats_stand_empty_and_the_projects_lack_an_owner(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    hand_over(browser, receiver_id="0", on_day="01-07-2022")
    [empty] = sitting(database, QUARTER, None, date(2022, 7, 1))[1:]  # beside the one that stood empty already
    assert (empty.role, empty.unit_id, empty.function) == ("Centerchef", 3, SeatFunction.owner)
    assert [seat.to_on for seat in sitting(database, QUARTER, HANNE, date(2022, 6, 30))] == [date(2022, 6, 30)]
    assert owned(database, HANNE) == set()
    assert "Projektejer Mangler" in read_page(browser.get("/projects/P-006").text).all("main")[0].text


@one_database
def test_a_single_seat_can_be_left_empty(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    [seat] = sitting(database, TOWN_HALL, HANNE, TODAY)
    said = preview(browser, receiver_id=str(RIKKE), vacant_seat_ids=[str(seat.pk)])
    assert f"{TOWN_HALL} , medlem bliver ubesat" in said
    hand_over(browser, receiver_id=str(RIKKE), vacant_seat_ids=[str(seat.pk)])
    assert [each.role for each in sitting(database, TOWN_HALL, None, TODAY)] == ["Centerchef"]
    assert not sitting(database, TOWN_HALL, RIKKE, TODAY)
    assert sitting(database, QUARTER, RIKKE, TODAY)


def test_where_the_receiver_sits_already_the_old_seat_ends_and_the_stronger_function_stays(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    give_seat(database, QUARTER, RIKKE)  # a member, where Hanne Skov is the owner
    give_seat(database, TOWN_HALL, RIKKE, function=SeatFunction.chair)  # the chair, where she is a member
    said = preview(browser, receiver_id=str(RIKKE))
    assert f"{QUARTER} , ejer ophører: modtageren sidder der allerede og overtager funktionen" in said
    assert f"{TOWN_HALL} , medlem ophører: modtageren sidder der allerede siden" in said
    hand_over(browser, receiver_id=str(RIKKE))
    for body, function in ((QUARTER, SeatFunction.owner), (TOWN_HALL, SeatFunction.chair)):
        assert [seat.function for seat in sitting(database, body, RIKKE, TODAY)] == [function]
        assert not sitting(database, body, HANNE, TODAY)
    assert [seat.function for seat in sitting(database, QUARTER, RIKKE, YESTERDAY)] == [SeatFunction.member]


@one_database
def test_a_seat_that_has_not_begun_changes_hands_and_lapses_where_the_receiver_sits(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    august = date(2022, 8, 1)
    give_seat(database, "Styregruppen for rehabilitering", HANNE, from_on=august)
    give_seat(database, "Digitaliseringsforum", HANNE, from_on=august)
    give_seat(database, "Digitaliseringsforum", RIKKE, no=91)
    hand_over(browser, receiver_id=str(RIKKE))
    [seat] = sitting(database, "Styregruppen for rehabilitering", RIKKE, august)
    assert (seat.no, seat.from_on) == (90, august)
    assert [seat.no for seat in sitting(database, "Digitaliseringsforum", RIKKE, august)] == [91]
    with Session(database) as session:
        [lapsed] = [seat for seat in session.exec(select(Seat).where(Seat.person_id == HANNE)) if seat.lapsed]
    assert (lapsed.from_on, lapsed.to_on) == (august, date(2022, 7, 31))


@one_database
def test_deputyships_effect_targets_and_what_is_owed_of_them_follow_unless_the_receiver_has_a_role_there(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    with Session(database) as session:
        projects = {project.number: project for project in session.exec(select(Project))}
        projects["P-018"].owner_id = RIKKE
        for number in ("P-012", "P-018"):
            form = DeputyForm(stands_for=DeputyFor.leader, person_id=HANNE, from_on=date(2022, 6, 1))
            session.add(Deputy(project_id=projects[number].pk, no=80, **form.model_dump()))
        target = session.exec(select(EffectTarget).where(~col(EffectTarget.withdrawn))).first()
        assert target is not None
        key, target.owner_id = target.pk, HANNE
        owed = EffectFollowUp(effect_target_id=key, no=90, due_on=date(2023, 1, 1), owner_id=HANNE)
        done = EffectFollowUp(effect_target_id=key, no=91, due_on=TODAY, owner_id=HANNE, state=FollowUpState.approved)
        session.add_all([owed, done])
        session.commit()
        follow_ups = owed.pk, done.pk
    hand_over(browser, receiver_id=str(RIKKE))
    with Session(database) as session:
        numbers = {project.pk: project.number for project in session.exec(select(Project))}
        found = session.exec(select(Deputy).where(col(Deputy.person_id).in_([HANNE, RIKKE])).order_by(col(Deputy.id)))
        assert [(numbers[each.project_id], each.person_id, each.from_on, each.to_on) for each in found] == [
            ("P-012", HANNE, date(2022, 6, 1), YESTERDAY),
            ("P-018", HANNE, date(2022, 6, 1), YESTERDAY),
            ("P-012", RIKKE, TODAY, None),
        ]
        assert session.get_one(EffectTarget, key).owner_id == RIKKE
        assert [session.get_one(EffectFollowUp, follow_up).owner_id for follow_up in follow_ups] == [RIKKE, HANNE]


def test_each_row_that_changes_has_an_event_and_the_persons_page_tells_of_them(
    sign_in: SignIn, sekretariat: User, laeser: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)

    def rows() -> dict[tuple[type, int], int]:
        with Session(database) as session:
            kinds = (Seat, Project, Deputy, EffectTarget, Person)
            return {(kind, row.pk): row.version for kind in kinds for row in session.exec(select(kind))}

    before = rows()
    hand_over(browser, receiver_id=str(RIKKE), deactivate="on")
    after = rows()
    changed = [key for key in after if before.get(key) != after[key]]
    with Session(database) as session:
        told = session.exec(select(Event).where(Event.person_id == HANNE).order_by(col(Event.id))).all()
        assert not session.get_one(Person, HANNE).active
    assert len(told) == len(changed)
    last = told[-1]
    assert (last.subject, last.subject_name, last.action, last.project_id) == (
        "Person",
        "Hanne Skov",
        "handed_over",
        None,
    )
    assert last.after == {
        "on_day": "2022-06-13",
        "receiver_id": "Rikke Hald",
        "reason": "Fratræder",
        "active": False,
    }
    page = part(browser.get(f"/people/{HANNE}").text, "handovers")
    assert "Person »Hanne Skov« overdraget" in page
    assert f"Plads »Hanne Skov, {QUARTER}« rettet" in page
    assert "Projektejer: Hanne Skov → Rikke Hald" in page
    assert 'id="handovers"' not in sign_in(laeser).get(f"/people/{HANNE}").text
    assert "ejer@demo.example tilhører en person, der ikke længere er aktiv" in browser.get(f"/people/{HANNE}").text


@pytest.mark.parametrize("name", ["admin", "laeser"])
@one_database
def test_the_trace_of_a_closed_project_is_not_told_to_those_who_may_not_know_of_it(
    name: str, sign_in: SignIn, cast: dict[str, User]
) -> None:
    closed_owner = cast["lukket_ejer"].person_id
    here = f"/people/{closed_owner}/handover"
    browser = sign_in(cast["sekretariat"])
    assert "L-01" in listed(browser.get(here).text)
    assert send(browser, here, here, receiver_id=str(RIKKE), reason="Fratræder").status_code == 303
    assert "ejendomskøb" in part(browser.get(f"/people/{closed_owner}").text, "handovers")
    other = sign_in(cast[name])
    for address in ("/events", f"/people/{closed_owner}", f"/people/{RIKKE}", "/portfolios/direktionen/burden"):
        page = other.get(address).text
        assert "L-01" not in page
        assert "ejendomskøb" not in page.casefold()
    assert sign_in(cast["direktion"]).get("/projects/L-01").status_code == 200


@one_database
def test_what_waits_for_approval_follows_the_new_owner(
    sign_in: SignIn, sekretariat: User, ejer: User, anden_ejer: User
) -> None:
    browser = sign_in(sekretariat)
    approval = "/projects/P-008/reports/2022-06/approval"
    assert sign_in(ejer).get(approval).status_code == 200
    assert "1 status, der venter på godkendelse, følger projektejeren af sig selv." in preview(browser, receiver_id="0")
    hand_over(browser, receiver_id=str(anden_ejer.person_id))
    assert sign_in(ejer).get(approval).status_code == 403
    assert sign_in(anden_ejer).get(approval).status_code == 200


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    too_early = "Deaktivér først personen på dagen eller senere: Indtil da tæller pladserne stadig"
    assert_each_refused(
        browser,
        HERE,
        HERE,
        [
            (
                {"on_day": ""},
                {"on_day": "Udfyld »Fra«", "receiver_id": "Udfyld »Modtager«", "reason": "Udfyld »Begrundelse«"},
            ),
            (
                {"receiver_id": "0", "reason": "Fratræder", "on_day": "01-07-2022", "deactivate": "on"},
                {"on_day": too_early},
            ),
        ],
    )
    form = form_on(browser, HERE, HERE)
    assert browser.post(HERE, data=form.values | {"preview": "1"}).status_code == 422  # of whom?
    options = [option.get("value") for option in read_page(browser.get(HERE).text).all("option")]
    assert str(HANNE) not in options  # nobody hands over to themselves


@one_database
def test_what_was_not_shown_is_not_handed_over(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, HERE, HERE)
    give_seat(database, "Digitaliseringsforum", HANNE)
    answer = browser.post(HERE, data=form.values | {"receiver_id": str(RIKKE), "reason": "Fratræder"})
    assert answer.status_code == 409
    assert "Noget er ændret, siden siden blev åbnet." in answer.text
    assert "Digitaliseringsforum" in listed(answer.text)
    assert said_at(read_page(answer.text), "receiver_id") == ""
    assert owned(database, HANNE)


def duties(database: Engine) -> tuple[Task, Topic]:
    with Session(database) as session:
        return (
            session.exec(select(Task).where(Task.key == "hannes")).one(),
            session.exec(select(Topic).where(Topic.key == "hannes")).one(),
        )


@pytest.fixture
def owes(database: Engine) -> None:
    """A task that is open, one that is done, and a topic for the management forum: all of Hanne Skov, of BURC."""
    with Session(database) as session:
        board = a_meeting(session, date(2022, 5, 2))
        decision = a_decision(session, board, project_id=1)
        a_task(session, decision, board, date(2022, 9, 1), key="hannes", text="Skriv planen om", owner_id=HANNE)
        done = {"state": TaskState.done, "ended_on": date(2022, 6, 1)}
        a_task(session, decision, board, date(2022, 9, 1), key="gjort", text="Gjort", owner_id=HANNE, **done)
        session.add(
            Topic(
                portfolio_id=board.portfolio_id,
                key="hannes",
                title="Møder i programmet",
                owner_id=HANNE,
                sent_on=date(2022, 5, 2),
                decision_id=decision.pk,
                project_id=1,
            )
        )
        session.commit()


@one_database
def test_open_tasks_and_topics_pass_to_the_receiver_with_an_event_each(
    owes: None, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    said = preview(browser, receiver_id=str(RIKKE))
    assert "Skriv planen om, 01-09-2022 går til modtageren" in said
    assert "Møder i programmet går til modtageren" in said
    assert "Gjort" not in said
    hand_over(browser, receiver_id=str(RIKKE))
    assert [duty.owner_id for duty in duties(database)] == [RIKKE, RIKKE]
    with Session(database) as session:
        assert session.exec(select(Task).where(Task.key == "gjort")).one().owner_id == HANNE
        for subject in ("Task", "Topic"):
            [event] = session.exec(select(Event).where(Event.subject == subject, Event.person_id == HANNE)).all()
            assert (event.before, event.after) == ({"owner_id": "Hanne Skov"}, {"owner_id": "Rikke Hald"})
            assert event.project_id == 1


@one_database
def test_without_a_receiver_the_persons_unit_has_the_tasks(
    owes: None, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        unit = session.get_one(Person, HANNE).unit_id
    assert unit
    hand_over(sign_in(sekretariat), receiver_id="0")
    assert [(duty.owner_id, duty.owner_unit_id) for duty in duties(database)] == [(None, unit), (None, unit)]
