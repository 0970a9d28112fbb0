"""The front page: what each person must do, in the order of the deadlines, and nothing else."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.i18n import gettext as _
from app.models import EffectTarget, Measurement, Milestone, Person, Placement, Project, Report, ReportingRound, User
from app.models.effect_target import EffectPath, EffectTargetForm
from app.models.report import ReportState
from app.models.reporting_round import RoundState
from app.tabs.effect_duties import figure_due_on
from tests.conftest import Queries, SignIn, one_database
from tests.databases import ACCOUNTS
from tests.decided import a_decision, a_meeting, a_task
from tests.page import read_page

DAY = date(2022, 6, 13)


def todos(page: str) -> list[tuple[str, str]]:
    """What stands on the list, as address and words."""
    [section] = [element for element in read_page(page) if element.get("id") == "todos"]
    return [(item.all("a")[0].get("href"), item.text) for item in section.all("li")]


def addresses(page: str) -> list[str]:
    return [address for address, _words in todos(page)]


def report_in(session: Session, number: str, key: str = "2022-06") -> Report:
    query = (
        select(Report)
        .join(Project, col(Project.id) == Report.project_id)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(Project.number == number, ReportingRound.key == key)
    )
    return session.exec(query).one()


def the_project(session: Session, number: str) -> Project:
    return session.exec(select(Project).where(Project.number == number)).one()


@one_database
def test_a_leader_writes_the_status_and_follows_up_what_is_late(sign_in: SignIn, leder: User) -> None:
    found = todos(sign_in(leder).get("/").text)
    assert [address for address, _words in found] == [
        "/projects/P-005/milestones/3/edit",
        "/projects/P-005/reports/2022-06/edit",
    ]
    words = found[-1][1]
    assert _("Write the status for %(round)s") % {"round": "juni 2022"} in words
    assert "10-06-2022" in words
    assert "P-005" in words


@one_database
def test_what_was_returned_says_why_and_by_when(sign_in: SignIn, leder: User, database: Engine) -> None:
    with Session(database) as session:
        report = report_in(session, "P-005")
        report.state, report.returned_reason = ReportState.returned, "Skriv, hvad det koster."
        session.commit()
    words = dict(todos(sign_in(leder).get("/").text))["/projects/P-005/reports/2022-06/edit"]
    assert _("Correct the status for %(round)s") % {"round": "juni 2022"} in words
    assert _("Returned: %(reason)s") % {"reason": "Skriv, hvad det koster."} in words
    assert "17-06-2022" in words  # the leaders' deadline has passed: it is due with the owners'


@one_database
def test_a_draft_is_not_asked_for_once_leaders_are_shut_out(sign_in: SignIn, leder: User, database: Engine) -> None:
    with Session(database) as session:
        round_ = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
        round_.state = RoundState.closed_for_leaders
        session.commit()
    assert "/projects/P-005/reports/2022-06/edit" not in addresses(sign_in(leder).get("/").text)


@one_database
def test_an_owner_approves_and_is_asked_for_nothing_else(sign_in: SignIn, ejer: User) -> None:
    page = sign_in(ejer).get("/").text
    assert addresses(page) == ["/projects/P-008/reports/2022-06/approval"]
    assert "Steen Aaby 02-06-2022" in todos(page)[0][1]
    assert "/approvals" in page


@one_database
def test_a_director_is_told_what_awaits_others_but_not_asked(sign_in: SignIn, direktion: User) -> None:
    page = sign_in(direktion).get("/").text
    assert not [address for address in addresses(page) if address.endswith("/approval")]
    assert "/approvals#on-behalf" in page


@one_database
def test_the_secretariat_sees_to_names_and_to_the_round(sign_in: SignIn, sekretariat: User) -> None:
    found = todos(sign_in(sekretariat).get("/").text)
    round_, tasks = "/portfolios/direktionen/rounds/2022-06", "/portfolios/direktionen/tasks/"
    topics = "/portfolios/direktionen/topics/"
    task_force = ["/projects/P-002/edit", "/projects/P-002/follow-ups/new"]
    overdue = "/projects/P-045/effect-targets/1/follow-ups/2"
    assert [address for address, _words in found if not address.startswith((tasks, topics))] == [
        *task_force,
        overdue,
        round_,
        round_,
        round_,
        "/projects/P-039/edit",
    ]
    assert [words.rpartition("2022")[0][-6:] for address, words in found if address == round_] == [
        "10-06-",
        "17-06-",
        "20-06-",
    ]
    assert _("Name a project leader") in found[-1][1]


@one_database
def test_the_evaluation_that_was_ordered_in_2017_stands_first_with_the_secretariat(
    sign_in: SignIn, sekretariat: User
) -> None:
    address, words = todos(sign_in(sekretariat).get("/").text)[0]
    assert address == "/portfolios/direktionen/tasks/evaluering-2017"
    assert "Følg op på opgaven »Evaluering af taskforcens indsats og organisering«" in words
    assert "Ansvarlig: FKC" in words
    assert "09-01-2018" in words
    assert "1616 dage over frist" in words


@pytest.mark.parametrize(
    ("due_on", "due_from", "shown"),
    [
        (date(2022, 6, 1), None, True),
        (date(2022, 12, 13), None, True),
        (date(2022, 12, 14), None, False),
        (date(2029, 1, 31), None, False),
        (date(2029, 1, 31), date(2022, 6, 13), True),
        (date(2029, 1, 31), date(2022, 6, 14), False),
    ],
)
@one_database
def test_a_task_from_a_decision_stands_with_whoever_is_responsible_half_a_year_before_it_is_due(
    due_on: date, due_from: date | None, shown: bool, sign_in: SignIn, anden_leder: User, database: Engine
) -> None:
    with Session(database) as session:
        board = a_meeting(session, date(2022, 5, 2))
        facts: dict[str, Any] = {"key": "min", "owner_id": anden_leder.person_id, "due_from": due_from}
        a_task(session, a_decision(session, board), board, due_on, **facts)
        session.commit()
    assert ("/portfolios/direktionen/tasks/min" in addresses(sign_in(anden_leder).get("/").text)) is shown


@pytest.mark.parametrize(
    ("state", "board_on", "says"),
    [
        (RoundState.planned, None, "Open the round"),
        (RoundState.frozen, date(2022, 6, 27), "Record that the round has been before the board"),
        (RoundState.frozen, date(2022, 6, 28), ""),
        (RoundState.presented, date(2022, 6, 27), ""),
    ],
)
@one_database
def test_the_next_step_of_a_round_is_the_secretariats(
    state: RoundState, board_on: date | None, says: str, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        round_ = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
        round_.state, round_.board_on, round_.opens_on = state, board_on, date(2022, 6, 27)
        session.commit()
    found = [words for address, words in todos(sign_in(sekretariat).get("/").text) if "2022-06" in address]
    assert len(found) == bool(says)
    assert not says or _(says) in found[0]


@one_database
def test_nothing_to_do_is_said(sign_in: SignIn, laeser: User) -> None:
    page = sign_in(laeser).get("/").text
    assert not todos(page)
    assert _("There is nothing you must do right now.") in page
    assert "/portfolios/direktionen/overview" in page


@pytest.mark.parametrize("name", ACCOUNTS)
@one_database
def test_every_demo_account_has_something_to_do(name: str, sign_in: SignIn, cast: dict[str, User]) -> None:
    assert todos(sign_in(cast[name]).get("/").text)


@one_database
def test_an_effect_owner_who_may_not_write_gives_the_leader_the_figure(sign_in: SignIn, chefforum: User) -> None:
    [(address, words)] = todos(sign_in(chefforum).get("/").text)
    assert address == "/projects/P-032"
    assert _("Give the project leader a figure for »%(target)s«") % {"target": "Unge med ungdomsuddannelse"} in words


@one_database
def test_an_administrator_gives_accounts_to_those_who_lead_or_own(
    sign_in: SignIn, admin: User, database: Engine
) -> None:
    browser = sign_in(admin)

    def missing() -> list[str]:
        [found] = read_page(browser.get("/users").text).all("section")
        return [item.all("a")[0].text for item in found.all("li")]

    names = missing()
    assert len(names) > 10
    assert {"Steen Aaby", "Sofie Dahlgren"} <= set(names)
    assert not {"Camilla Vang", "Hanne Skov"} & set(names)
    [(address, words)] = todos(browser.get("/").text)
    assert address == "/users#without"
    assert str(len(names)) in words
    with Session(database) as session:
        the_project(session, "L-01").leader_id = id_of(session, "Vibeke Stendal")  # of whom nobody may know here
        session.add(User(email="aaby@demo.example", password_hash="", person_id=id_of(session, "Steen Aaby")))
        session.commit()
    assert missing() == [name for name in names if name != "Steen Aaby"]


def id_of(session: Session, name: str) -> int | None:
    return session.exec(select(Person.id).where(Person.name == name)).one()


@one_database
def test_everything_stands_in_the_order_of_its_deadline(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    with Session(database) as session:
        project = the_project(session, "P-006")
        project.leader_id = sekretariat.person_id
        for no, due_on in ((90, date(2022, 6, 12)), (91, date(2022, 1, 3))):
            facts = {"text": f"Milepæl {no}", "due_on": due_on, "baseline_on": due_on}
            session.add(Milestone.model_validate(facts | {"project_id": project.pk, "no": no}))
        session.commit()
    [section] = [element for element in read_page(sign_in(sekretariat).get("/").text) if element.get("id") == "todos"]
    days = [element.get("datetime") for element in section.all("time")]
    assert len(days) >= 5
    assert days == sorted(days)


# ------------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("facts", "measured_until", "due_on"),
    [
        ({}, date(2021, 6, 13), date(2022, 6, 13)),
        ({}, None, date(2022, 1, 1)),
        ({"baseline_on": None}, None, date(2023, 1, 1)),
        ({"baseline_on": None, "target_on": None}, None, None),
        ({"target_on": None}, date(2021, 6, 13), date(2022, 6, 13)),
        ({"target_on": date(2022, 3, 1)}, date(2021, 12, 31), date(2022, 3, 1)),
        ({"target_on": date(2022, 3, 1)}, date(2022, 3, 1), None),
        ({"path": EffectPath.at_end}, date(2021, 1, 2), date(2023, 1, 1)),
        ({"path": EffectPath.at_end}, None, date(2023, 1, 1)),
        ({"frequency": "monthly"}, date(2022, 1, 31), date(2022, 2, 28)),
        ({"frequency": "quarterly"}, date(2022, 1, 31), date(2022, 4, 30)),
        ({"frequency": "half_yearly"}, None, date(2021, 7, 1)),
        ({"frequency": "yearly"}, date(2021, 6, 13), date(2022, 6, 13)),
        ({"frequency": "once"}, date(2021, 6, 13), date(2023, 1, 1)),
        ({"frequency": "once", "target_on": None}, date(2021, 6, 13), date(2022, 6, 13)),
    ],
)
def test_a_figure_is_due_as_often_as_the_target_says_or_on_the_target_date(
    facts: dict[str, Any], measured_until: date | None, due_on: date | None
) -> None:
    given: dict[str, Any] = {
        "name": "Målet",
        "unit_of_measure": "procent",
        "baseline_on": date(2021, 1, 1),
        "target_on": date(2023, 1, 1),
    }
    assert figure_due_on(EffectTargetForm(**(given | facts)), measured_until) == due_on


def add_target(session: Session, number: str, owner_id: int | None = None, **more: Any) -> EffectTarget:
    facts: dict[str, Any] = {
        "no": 90,
        "name": "Ventetid",
        "unit_of_measure": "dage",
        "baseline_on": date(2020, 1, 1),
    } | more
    project = the_project(session, number)
    target = EffectTarget(project_id=project.pk, owner_id=owner_id, **facts)
    session.add(target)
    session.commit()
    return target


@one_database
def test_a_figure_that_is_due_stands_with_its_leader_and_its_owner(
    sign_in: SignIn, leder: User, anden_leder: User, chefforum: User, database: Engine
) -> None:
    with Session(database) as session:
        target = add_target(session, "P-006", anden_leder.person_id)
        form = "/projects/P-006/effect-targets/90/measurements/new"
        assert form in addresses(sign_in(leder).get("/").text)
        mine = todos(sign_in(anden_leder).get("/").text)
        assert ("/projects/P-006", True) in [(address, "Ventetid" in words) for address, words in mine]
        assert "Ventetid" not in sign_in(chefforum).get("/").text
        session.add(
            Measurement(effect_target_id=target.pk, no=1, measured_on=date(2022, 5, 31), value=3, source="Optælling")
        )
        session.commit()
        assert form not in addresses(sign_in(leder).get("/").text)


@one_database
def test_the_final_figure_is_asked_for_as_such(sign_in: SignIn, leder: User, database: Engine) -> None:
    with Session(database) as session:
        target = add_target(session, "P-006", target_on=date(2022, 5, 1))
        session.add(
            Measurement(effect_target_id=target.pk, no=1, measured_on=date(2022, 4, 1), value=3, source="Optælling")
        )
        session.commit()
    [words] = [words for _address, words in todos(sign_in(leder).get("/").text) if "Ventetid" in words]
    assert _("The target date has passed and no figure stands for it.") in words
    assert "01-05-2022" in words


@one_database
def test_a_project_off_the_list_asks_only_for_effects_that_are_followed(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    with Session(database) as session:
        add_target(session, "P-006")
        place = session.exec(select(Placement).where(Placement.project_id == the_project(session, "P-006").pk)).one()
        place.to_on = date(2022, 6, 1)
        session.commit()
        browser = sign_in(leder)
        assert "Ventetid" not in browser.get("/").text
        place.follow_up = True
        session.commit()
        assert "Ventetid" in browser.get("/").text


# --------------------------------------------------------------------------------------------------------------- whole


@one_database
def test_a_closed_project_is_on_nobody_elses_front_page(
    sign_in: SignIn, leder: User, lukket_leder: User, database: Engine
) -> None:
    with Session(database) as session:
        add_target(session, "L-01", leder.person_id)
    assert "L-01" not in sign_in(leder).get("/").text
    assert "L-01" in sign_in(lukket_leder).get("/").text


@one_database
def test_the_front_page_asks_as_much_for_one_project_as_for_many(
    sign_in: SignIn, leder: User, database: Engine, queries: Queries
) -> None:
    browser = sign_in(leder)
    browser.get("/")
    with queries() as few:
        browser.get("/")
    with Session(database) as session:
        for project in session.exec(select(Project).where(Project.series == "P")):
            project.leader_id = leder.person_id
        session.commit()
    with queries() as many:
        page = browser.get("/").text
    assert len(todos(page)) > 10
    assert len(many) == len(few) <= 40
