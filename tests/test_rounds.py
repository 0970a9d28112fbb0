"""The round as an object: planned, opened, closed for leaders, presented, concluded; and projects that are exempt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.i18n import gettext
from app.models import Edition, Event, Portfolio, Project, Report, ReportingRound, User
from app.models.meeting import MeetingState, meeting_on
from app.models.placement import keys_on_list
from app.models.report import ReportState
from app.models.reporting_round import RoundForm, RoundState, suggested_round
from app.settings import today
from app.tabs.edition import freeze
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, send
from tests.page import form_on
from tests.writes import a_meeting_on

ROUNDS = "/portfolios/direktionen/rounds"
OPEN = f"{ROUNDS}/2022-06"
NEXT = f"{ROUNDS}/2023-01"
EXEMPTION = "/projects/P-005/reports/2022-06/exemption"

STEPS = [
    ("opening", RoundState.planned, RoundState.open, "opened"),
    ("closing", RoundState.open, RoundState.closed_for_leaders, "closed_for_leaders"),
    ("extension", RoundState.closed_for_leaders, RoundState.open, "reopened"),
    ("presentation", RoundState.frozen, RoundState.presented, "held"),
    ("conclusion", RoundState.presented, RoundState.finished, "finished"),
]
"""The noun of each step, from where it leads where, and what the log calls it; it is the meeting that is held."""


def the_round(session: Session, key: str) -> ReportingRound:
    return session.exec(select(ReportingRound).where(ReportingRound.key == key)).one()


def stand(database: Engine, key: str, state: RoundState) -> None:
    """Puts a round in a state; the one of January 2023 is made where it is missing.

    After the freeze there is an edition, and a meeting on it, which has been held and has answered everything once it
    is presented.
    """
    with Session(database) as session:
        found = session.exec(select(ReportingRound).where(ReportingRound.key == key)).first()
        portfolio = session.exec(select(Portfolio)).one()
        form = suggested_round(date(2022, 6, 20), date(2022, 6, 13))
        found = found or ReportingRound(**form.model_dump(), portfolio_id=portfolio.pk)
        found.state = state
        session.add(found)
        session.flush()
        if found.is_frozen:
            if session.exec(select(Edition).where(Edition.round_id == found.pk)).first() is None:
                found.state = RoundState.closed_for_leaders
                freeze(session, None, found, today())
                found.state = state
            meeting = meeting_on(session, found.pk) or a_meeting_on(session, found, held=True)
            meeting.state = MeetingState.planned if state is RoundState.frozen else MeetingState.held
        session.commit()


def state_of(database: Engine, key: str) -> RoundState:
    with Session(database) as session:
        return the_round(session, key).state


def events(database: Engine, action: str, *subjects: str) -> list[Event]:
    """What the log tells of such rows; of rounds and the meetings on them where none are named."""
    with Session(database) as session:
        wanted = subjects or ("ReportingRound", "Meeting")
        query = select(Event).where(Event.action == action, col(Event.subject).in_(wanted))
        return list(session.exec(query.order_by(col(Event.id))))


def drafts(database: Engine, key: str) -> list[Report]:
    with Session(database) as session:
        return list(session.exec(select(Report).where(Report.round_id == the_round(session, key).pk)))


def at_once(times: int, press: Callable[[int], int]) -> list[int]:
    """The answers' statuses, in order, when so many press at the same time."""
    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(press, range(times)))


# ------------------------------------------------------------------------------------------------------------ planning


@pytest.mark.parametrize(
    ("latest", "day", "key", "dates"),
    [
        # the habit of the list, as the demo list has it
        (date(2022, 6, 20), date(2022, 6, 13), "2023-01", "2022-12-01 2023-01-13 2023-01-20 2023-01-23 2023-01-30"),
        (date(2021, 6, 21), date(2021, 11, 1), "2022-01", "2021-12-01 2022-01-14 2022-01-21 2022-01-24 2022-01-31"),
        (date(2022, 1, 24), date(2022, 4, 1), "2022-06", "2022-05-01 2022-06-10 2022-06-17 2022-06-20 2022-06-27"),
        (date(2017, 6, 19), date(2017, 11, 1), "2018-01", "2017-12-01 2018-01-12 2018-01-19 2018-01-22 2018-01-29"),
        # no round yet, and rounds that nobody planned for years
        (None, date(2022, 6, 13), "2022-06", "2022-05-01 2022-06-10 2022-06-17 2022-06-20 2022-06-27"),
        (None, date(2022, 8, 1), "2023-01", "2022-12-01 2023-01-13 2023-01-20 2023-01-23 2023-01-30"),
        (date(2019, 1, 21), date(2022, 11, 5), "2023-01", "2022-12-01 2023-01-13 2023-01-20 2023-01-23 2023-01-30"),
    ],
)
def test_the_next_half_year_is_suggested(latest: date | None, day: date, key: str, dates: str) -> None:
    form = suggested_round(latest, day)
    found = (form.opens_on, form.leader_deadline_on, form.owner_deadline_on, form.as_of, form.board_on)
    assert (form.key, " ".join(str(each) for each in found)) == (key, dates)
    assert form.name == {"01": "januar", "06": "juni"}[key[-2:]] + f" {key[:4]}"


def test_a_suggestion_is_always_later_and_valid() -> None:
    for latest in (date(year, month, 20) for year in range(2018, 2040) for month in range(1, 13)):
        form = suggested_round(latest, latest)
        assert RoundForm.model_validate(form.model_dump()) == form
        assert form.key > f"{latest:%Y-%m}"
        assert form.board_on
        assert form.board_on.isoweekday() == 1


def test_a_round_is_planned_from_the_suggestion(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    suggested = form_on(browser, f"{ROUNDS}/new", ROUNDS).values
    assert suggested == {
        "name": "januar 2023",
        "key": "2023-01",
        "opens_on": "01-12-2022",
        "leader_deadline_on": "13-01-2023",
        "owner_deadline_on": "20-01-2023",
        "as_of": "23-01-2023",
        "board_on": "30-01-2023",
    }
    answer = send(browser, f"{ROUNDS}/new", ROUNDS, board_on="31-01-2023")
    assert (answer.status_code, answer.headers["location"]) == (303, NEXT)
    with Session(database) as session:
        planned = the_round(session, "2023-01")
        assert (planned.state, planned.name, planned.board_on) == (RoundState.planned, "januar 2023", date(2023, 1, 31))
    [event] = [event for event in events(database, "created") if event.subject_name == "januar 2023"]
    assert event.after["key"] == "2023-01"
    assert not drafts(database, "2023-01")
    assert browser.get(NEXT).status_code == 200
    assert form_on(browser, f"{ROUNDS}/new", ROUNDS).values["key"] == "2023-06"


@one_database
def test_what_cannot_be_a_round_is_refused_at_its_field(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    before = len(events(database, "created"))
    assert_each_refused(
        sign_in(sekretariat),
        f"{ROUNDS}/new",
        ROUNDS,
        [
            ({"key": "2022-06"}, {"key": gettext("There is already a round with this key.")}),
            ({"key": " 2018-01 "}, {"key": gettext("There is already a round with this key.")}),
            ({"key": "juni 22"}, {"key": gettext("Use letters, digits and hyphens only")}),
            ({"name": ""}, {"name": "Udfyld »Navn«"}),
            (
                {"leader_deadline_on": "30-11-2022"},
                {"leader_deadline_on": gettext("The leaders' deadline lies before the opening")},
            ),
            (
                {"owner_deadline_on": "12-01-2023"},
                {"owner_deadline_on": gettext("The owners' deadline lies before the leaders'")},
            ),
            ({"board_on": "19-01-2023"}, {"board_on": gettext("The board meets before the owners' deadline")}),
        ],
    )
    assert len(events(database, "created")) == before


def test_two_who_plan_the_same_round_make_one(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browsers = [sign_in(sekretariat) for _n in range(4)]
    form = form_on(browsers[0], f"{ROUNDS}/new", ROUNDS).values
    answers = at_once(4, lambda n: browsers[n].post(ROUNDS, data=form).status_code)
    assert answers == [303, 422, 422, 422]
    with Session(database) as session:
        the_round(session, "2023-01")


# ------------------------------------------------------------------------------------------------------ changing dates


def test_the_dates_of_an_open_round_can_be_changed(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    answer = send(sign_in(sekretariat), f"{OPEN}/edit", leader_deadline_on="15-06-2022")
    assert (answer.status_code, answer.headers["location"]) == (303, OPEN)
    with Session(database) as session:
        assert the_round(session, "2022-06").leader_deadline_on == date(2022, 6, 15)
    [event] = events(database, "changed")
    assert (event.before, event.after) == (
        {"leader_deadline_on": "2022-06-10"},
        {"leader_deadline_on": "2022-06-15"},
    )


@one_database
def test_the_key_of_an_opened_round_stands_and_the_one_of_a_planned_round_does_not(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, f"{OPEN}/edit", f"{OPEN}/edit").values
    assert browser.post(f"{OPEN}/edit", data=form | {"key": "2022-07"}).status_code == 409
    stand(database, "2023-01", RoundState.planned)
    form = form_on(browser, f"{NEXT}/edit", f"{NEXT}/edit").values
    assert browser.post(f"{NEXT}/edit", data=form | {"key": "2022-06"}).status_code == 422
    answer = browser.post(f"{NEXT}/edit", data=form | {"key": "2023-02"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROUNDS}/2023-02")


@one_database
@pytest.mark.parametrize("state", [RoundState.frozen, RoundState.presented, RoundState.finished])
def test_a_frozen_round_is_not_changed(sign_in: SignIn, sekretariat: User, database: Engine, state: RoundState) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, f"{OPEN}/edit", f"{OPEN}/edit").values
    stand(database, "2022-06", state)
    assert browser.get(f"{OPEN}/edit").status_code == 409
    assert browser.post(f"{OPEN}/edit", data=form | {"name": "Noget andet"}).status_code == 409
    with Session(database) as session:
        assert the_round(session, "2022-06").name == "juni 2022"


@one_database
def test_what_two_wrote_at_once_is_shown_side_by_side(sign_in: SignIn, sekretariat: User) -> None:
    one, other = sign_in(sekretariat), sign_in(sekretariat)
    opened = form_on(other, f"{OPEN}/edit", f"{OPEN}/edit").values
    assert send(one, f"{OPEN}/edit", board_on="28-06-2022").status_code == 303
    answer = other.post(f"{OPEN}/edit", data=opened | {"board_on": "29-06-2022"})
    assert answer.status_code == 409
    assert "28-06-2022" in answer.text
    assert "29-06-2022" in answer.text


# ----------------------------------------------------------------------------------------------------------- the steps


def prepare(database: Engine, start: RoundState) -> str:
    """A round in this state with nothing in its way: its address."""
    if start is RoundState.planned:
        stand(database, "2022-06", RoundState.frozen)
        stand(database, "2023-01", RoundState.planned)
        return NEXT
    stand(database, "2022-06", start)
    return OPEN


@pytest.mark.parametrize(("noun", "start", "end", "action"), STEPS)
def test_each_step_is_taken_once(
    sign_in: SignIn, sekretariat: User, database: Engine, noun: str, start: RoundState, end: RoundState, action: str
) -> None:
    page = prepare(database, start)
    key = page.rpartition("/")[2]
    browser = sign_in(sekretariat)
    answer = send(browser, page, f"{page}/{noun}")
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert state_of(database, key) is end
    [event] = events(database, action)
    told = ({"state": str(start.value)}, {"state": str(end.value)})
    if noun == "presentation":
        told = ({"state": "planned"}, {"state": "held", "round": "juni 2022"})
    assert (event.actor, event.before, event.after) == (str(sekretariat), *told)
    again = browser.post(f"{page}/{noun}")
    assert again.status_code == 409
    assert str(MeetingState.held if noun == "presentation" else end).lower() in again.text
    assert len(events(database, action)) == 1
    assert browser.get(page).status_code == 200


@one_database
def test_a_step_from_any_other_state_is_refused(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    for noun, start, _end, _action in STEPS:
        for state in set(RoundState) - {start}:
            stand(database, "2022-06", state)
            assert browser.post(f"{OPEN}/{noun}").status_code == 409, (noun, state)
            assert state_of(database, "2022-06") is state


@pytest.mark.parametrize(("noun", "start", "end", "action"), STEPS)
def test_of_many_who_press_at_once_exactly_one_succeeds(
    sign_in: SignIn, sekretariat: User, database: Engine, noun: str, start: RoundState, end: RoundState, action: str
) -> None:
    page = prepare(database, start)
    browsers = [sign_in(sekretariat) for _n in range(6)]
    answers = at_once(6, lambda n: browsers[n].post(f"{page}/{noun}").status_code)
    assert answers == [303] + [409] * 5
    assert state_of(database, page.rpartition("/")[2]) is end
    assert len(events(database, action)) == 1


# ------------------------------------------------------------------------------------------------------------- opening


def test_opening_gives_every_project_on_the_list_a_draft_with_its_last_text_and_no_colour(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    page = prepare(database, RoundState.planned)
    assert send(sign_in(sekretariat), page, f"{page}/opening").status_code == 303
    made = drafts(database, "2023-01")
    with Session(database) as session:
        on_list = keys_on_list(session, 1, today())
        closed = session.exec(select(Project.id).where(Project.number == "L-01")).one()
        last = session.exec(
            select(Report.summary)
            .join(ReportingRound)
            .join(Project)
            .where(Project.number == "P-006", ReportingRound.key == "2022-06")
        ).one()
        key = session.exec(select(Project.id).where(Project.number == "P-006")).one()
    assert sorted(report.project_id for report in made) == sorted(on_list)
    assert closed in on_list
    assert {(report.state, report.colour, report.submitted_at) for report in made} == {(ReportState.draft, None, None)}
    [text] = [report.summary for report in made if report.project_id == key]
    assert text == last != ""


def test_pressing_twice_at_once_makes_each_draft_once(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    page = prepare(database, RoundState.planned)
    browsers = [sign_in(sekretariat) for _n in range(2)]
    assert at_once(2, lambda n: browsers[n].post(f"{page}/opening").status_code) == [303, 409]
    made = [report.project_id for report in drafts(database, "2023-01")]
    assert len(made) == len(set(made)) == 38


def test_a_round_does_not_open_while_another_is_under_way(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    stand(database, "2023-01", RoundState.planned)
    for state in (RoundState.open, RoundState.closed_for_leaders):
        stand(database, "2022-06", state)
        answer = sign_in(sekretariat).post(f"{NEXT}/opening")
        assert answer.status_code == 409
        assert "juni 2022" in answer.text
    assert not drafts(database, "2023-01")


def test_of_two_planned_rounds_opened_at_once_one_opens(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    prepare(database, RoundState.planned)
    with Session(database) as session:
        june = suggested_round(date(2023, 1, 23), date(2022, 6, 13))
        session.add(ReportingRound(**june.model_dump(), portfolio_id=1))
        session.commit()
    browsers = [sign_in(sekretariat) for _n in range(2)]
    pages = [NEXT, f"{ROUNDS}/2023-06"]
    assert at_once(2, lambda n: browsers[n].post(f"{pages[n]}/opening").status_code) == [303, 409]
    states = {state_of(database, "2023-01"), state_of(database, "2023-06")}
    assert states == {RoundState.open, RoundState.planned}


@one_database
def test_a_round_of_an_earlier_day_than_one_that_was_opened_does_not_open(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    prepare(database, RoundState.planned)
    with Session(database) as session:
        the_round(session, "2023-01").as_of = date(2022, 6, 20)
        session.commit()
    answer = sign_in(sekretariat).post(f"{NEXT}/opening")
    assert answer.status_code == 409
    assert "juni 2022" in answer.text


@one_database
def test_before_it_opens_the_page_says_how_many_will_be_asked_and_only_the_secretariat_can(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    prepare(database, RoundState.planned)
    for user, asked, buttons in ((sekretariat, "38", 1), (leder, "37", 0)):
        page = sign_in(user).get(NEXT)
        assert page.text.count(f'action="{NEXT}/opening"') == buttons
        assert asked in page.text


# ---------------------------------------------------------------------------------------------------------- exemptions


def report(database: Engine, number: str = "P-005") -> Report:
    with Session(database) as session:
        query = select(Report).join(Project).join(ReportingRound)
        return session.exec(query.where(Project.number == number, ReportingRound.key == "2022-06")).one()


def test_a_project_is_exempt_with_a_reason(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, EXEMPTION, reason="Byrådet behandler sagen den 20. juni.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OPEN}#exempt")
    found = report(database)
    assert (found.state, found.exempt_reason) == (ReportState.exempt, "Byrådet behandler sagen den 20. juni.")
    [event] = events(database, "exempted", "Report")
    assert (event.project_id, event.actor) == (found.project_id, str(sekretariat))
    assert event.after == {"state": "exempt", "exempt_reason": "Byrådet behandler sagen den 20. juni."}
    page = browser.get(OPEN)
    assert "Byrådet behandler sagen den 20. juni." in page.text
    assert browser.post(EXEMPTION, data={"reason": "En gang til, med ny grund."}).status_code == 409
    assert len(events(database, "exempted", "Report")) == 1


@one_database
def test_an_exemption_needs_a_reason(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    assert_each_refused(
        browser,
        EXEMPTION,
        EXEMPTION,
        [
            ({"reason": ""}, {"reason": "Udfyld »" + gettext("Why the project is exempt") + "«"}),
            ({"reason": "Kort"}, {"reason": "Skriv mindst 10 tegn"}),
        ],
    )
    assert report(database).state is ReportState.draft


@one_database
def test_an_approved_status_is_not_exempted_nor_one_of_a_frozen_round(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, reason = sign_in(sekretariat), {"reason": "Byrådet behandler sagen først."}
    assert browser.post("/projects/P-006/reports/2022-06/exemption", data=reason).status_code == 409
    stand(database, "2022-06", RoundState.frozen)
    assert browser.post(EXEMPTION, data=reason).status_code == 409
    assert browser.post("/projects/P-005/reports/2099-01/exemption", data=reason).status_code == 404


def test_an_exemption_is_ended_by_reopening(sekretariat: User, sign_in: SignIn, database: Engine) -> None:
    assert send(sign_in(sekretariat), EXEMPTION, reason="Byrådet behandler sagen først.").status_code == 303
    with Session(database) as session:
        found = session.merge(report(database))
        session.refresh(found, ["round", "project"])
        found.reopen(session, sekretariat, "Byrådet har behandlet sagen.")
        session.commit()
    assert (report(database).state, report(database).exempt_reason) == (ReportState.returned, "")


def test_of_many_who_exempt_at_once_exactly_one_succeeds(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browsers, reason = [sign_in(sekretariat) for _n in range(4)], {"reason": "Byrådet behandler sagen først."}
    answers = at_once(4, lambda n: browsers[n].post(EXEMPTION, data=reason).status_code)
    assert answers == [303, 409, 409, 409]
    assert len(events(database, "exempted", "Report")) == 1
