"""The candidates under a meeting's recommendations: found in the demo list, taken up, worded, left out and fixed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import AgendaItem, Candidate, Decision, Event, Meeting, Portfolio, Project, Proposal, Task, User
from app.models.candidate import CandidateState, Source
from app.models.decision import DecisionVerb
from app.models.meeting import MeetingBody, MeetingState, meeting_by_id
from app.models.proposal import ProposalKind
from app.models.recommendation import Subject, recommend
from app.models.reporting_round import RoundState, round_by_key
from app.models.user import with_person
from app.models.visibility import read_as
from app.settings import now, today
from app.tabs.candidates import Point, Points, PointState, build_candidates, fix_candidates
from app.tabs.edition import freeze
from app.tabs.mark import Mark
from tests.conftest import Queries, SignIn, one_database
from tests.databases import ACCOUNTS, House, add_accounts, upgrade
from tests.fields import assert_each_refused, send
from tests.page import form_on
from tests.test_closed import CLOSED, MAY_SEE, load_without_closed
from tests.test_what_if import more

BOARD_ON = date(2022, 6, 27)
EVALUATION = "Evaluering af taskforcens indsats og organisering"


def plan(session: Session, key: str | None = "2022-06", body: MeetingBody = MeetingBody.executive_board) -> int:
    """A planned meeting on a round, or between the rounds. A round that has been met on loses its meeting."""
    portfolio = session.exec(select(Portfolio)).one()
    round_ = round_by_key(session, portfolio.pk, key) if key else None
    if round_:
        for held in session.exec(select(Meeting).where(Meeting.round_id == round_.pk)):
            held.round_id = None
        session.flush()
    meets_on = round_.board_on if round_ and round_.board_on else BOARD_ON
    meeting = Meeting(portfolio_id=portfolio.pk, body=body, round_id=round_.pk if round_ else None, held_on=meets_on)
    session.add(meeting)
    session.flush()
    recommend(session, meeting)
    session.commit()
    return meeting.pk


def read(session: Session, meeting_id: int) -> Points:
    meeting = meeting_by_id(session, meeting_id)
    assert meeting
    return build_candidates(session, meeting.portfolio, meeting, today())


def everything(points: Points) -> list[Point]:
    return [point for own in points.values() for point in own]


def the(points: Points, subject: Subject, source: Source) -> list[Point]:
    return [point for point in points[subject] if point.source is source]


@pytest.fixture
def planned(database: Engine) -> int:
    with Session(database) as session:
        return plan(session)


@one_database
def test_the_meeting_on_the_open_round_has_every_red_first_and_the_evaluation_of_2017(
    database: Engine, planned: int
) -> None:
    with Session(database) as session:
        points = read(session, planned)
    reds = the(points, Subject.attention, Source.red)
    assert [point.number for point in reds] == ["P-007", "P-011", "P-028", "P-037", "P-043"]
    assert points[Subject.attention][: len(reds)] == reds
    assert {point.mark for point in reds} == {Mark.red}
    assert "Rød i 4 runder i træk, siden januar 2021." in reds[0].text
    late = the(points, Subject.attention, Source.overdue_task)
    assert late[0].number == "P-002"
    assert late[0].text.startswith(
        f"»{EVALUATION}« skulle foreligge 09-01-2018 og er 1.616 dage over "
        "fristen. Besluttet på mødet: Direktionen 09-01-2017. Ansvarlig: FKC."
    )
    numbers = [point.number for point in points[Subject.attention] if point.number]
    assert len(numbers) == len(set(numbers))


@one_database
def test_what_was_decided_on_a_closed_item_is_no_candidate_because_a_stored_one_would_tell_of_it(
    database: Engine, planned: int
) -> None:
    with Session(database) as session:
        task = session.exec(select(Task).where(Task.text == EVALUATION)).one()
        decision = session.get_one(Decision, task.decision_id)
        session.get_one(AgendaItem, decision.agenda_item_id).closed = True
        session.commit()
        assert not [point for point in everything(read(session, planned)) if EVALUATION in point.text]


@one_database
def test_the_scenario_that_was_proposed_stands_among_the_points_of_attention(database: Engine, planned: int) -> None:
    with Session(database) as session:
        [point] = the(read(session, planned), Subject.attention, Source.proposal)
    assert (point.scenario, point.proposal) == ("udvalg-17-4", "udvalg-17-4")
    assert "Organer med hele Direktionen: 1 i dag, 0 bagefter." in point.text


@one_database
def test_the_task_force_that_has_expired_may_leave_the_list(database: Engine, planned: int) -> None:
    with Session(database) as session:
        [point] = the(read(session, planned), Subject.removal, Source.expired)
    assert point.number == "P-002"
    assert point.text.startswith("Udløb den 31-01-2022. Skal følges bagefter: ")


@one_database
def test_a_frozen_round_is_read_from_its_edition(database: Engine) -> None:
    with Session(database) as session:
        meeting_id = plan(session, "2018-01")
        session.exec(select(Project).where(Project.number == "P-051")).one().title = "Et nyt navn"
        session.commit()
        points = read(session, meeting_id)
    [red] = the(points, Subject.attention, Source.red)
    assert (red.number, red.title) == ("P-051", "Realisering af indkøbseffektivisering 2017")
    boards = [point.title for point in the(points, Subject.forum, Source.load) if "Hele Direktionen" in point.title]
    assert len(boards) == 2


def propose(session: Session, kind: ProposalKind, **more: Any) -> Proposal:
    portfolio = session.exec(select(Portfolio)).one()
    proposal = Proposal(
        portfolio_id=portfolio.pk, kind=kind, title=f"Forslag om {kind.value}", reason="Derfor", raised_at=now(), **more
    )
    session.add(proposal)
    session.flush()
    return proposal


@one_database
def test_a_meeting_between_the_rounds_has_proposals_that_wait_and_overdue_tasks_only(database: Engine) -> None:
    with Session(database) as session:
        meeting_id = plan(session, None)
        project = session.exec(select(Project).where(Project.number == "P-048")).one()
        propose(session, ProposalKind.listing)
        propose(session, ProposalKind.removal, project_id=project.pk)
        propose(session, ProposalKind.listing, withdrawn_at=now())
        decided = propose(session, ProposalKind.listing)
        decision = Decision(
            meeting_id=1, proposal_id=decided.pk, verb=DecisionVerb.rejected, text="Nej", recorded_at=now()
        )
        session.add(decision)
        session.commit()
        session.expire_all()
        points = read(session, meeting_id)
    assert {point.source for point in points[Subject.attention]} == {Source.overdue_task}
    assert [point.title for point in points[Subject.listing] if "Forslag om" in point.title] == ["Forslag om listing"]
    assert {point.source for point in points[Subject.listing] + points[Subject.removal]} == {Source.proposal}
    left = {point.number: point.text for point in points[Subject.removal]}
    assert left["P-048"].endswith("»Uddannelse og indkomst for tilflyttere« af BYC den 27-12-2022 og 27-06-2023.")
    assert points[Subject.forum] == []


@one_database
def test_the_management_forums_meeting_has_none(database: Engine) -> None:
    with Session(database) as session:
        assert everything(read(session, plan(session, None, MeetingBody.management_forum))) == []


@one_database
def test_the_meeting_that_has_been_held_keeps_what_was_not_left_out_as_it_stood(database: Engine, planned: int) -> None:
    with Session(database) as session:
        before = read(session, planned)
        meeting = meeting_by_id(session, planned)
        assert meeting
        left_out = before[Subject.attention][0]
        session.add(Candidate(meeting_id=planned, **left_out.facts.model_dump(), state=CandidateState.dropped))
        session.flush()
        fix_candidates(session, meeting)
        meeting.state = MeetingState.held
        session.exec(select(Task).where(Task.text == EVALUATION)).one().text = "Nej"
        session.commit()
        session.expire_all()
        after = read(session, planned)
    told = {(point.subject, point.source, point.ref): point for point in everything(after)}
    for point in everything(before):
        kept = told.pop((point.subject, point.source, point.ref))
        assert (kept.title, kept.text, kept.mark, kept.number) == (point.title, point.text, point.mark, point.number)
        assert kept.state is (PointState.dropped if point == left_out else PointState.accepted)
    assert not told


@one_database
def test_the_number_of_queries_is_the_same_for_ten_and_for_a_thousand_more_projects(
    database: Engine, planned: int, queries: Queries
) -> None:
    asked_of = []
    for numbers in (range(100, 110), range(110, 1100)):
        with Session(database) as session:
            more(session, numbers)
        with Session(database) as session, queries() as asked:
            assert read(session, planned)
        asked_of.append(len(asked))
    assert asked_of[0] == asked_of[1] <= 80


@contextmanager
def reading_as(engine: Engine, name: str) -> Iterator[Session]:
    """A session that shows what somebody of the cast may see."""
    with Session(engine) as session:
        email = ACCOUNTS.get(name, f"{name}@demo.example")
        read_as(session, session.exec(select(User).where(User.email == email).options(with_person())).one())
        yield session


def told(engine: Engine, name: str, meeting_id: int) -> list[Any]:
    with reading_as(engine, name) as session:
        points = everything(read(session, meeting_id))
    return [
        point.model_dump(include={"subject", "source", "title", "text", "number", "mark", "state"}) for point in points
    ]


@one_database
def test_whoever_may_not_see_the_closed_project_is_told_what_a_world_without_it_tells(
    database: Engine, planned: int, house: House
) -> None:
    with house.empty() as twin:
        upgrade(twin)
        with Session(twin) as session:
            load_without_closed(session)
            add_accounts(session)
            session.commit()
            other = plan(session)
        worlds = ((database, planned), (twin, other))
        for stored in (False, True):
            if stored:
                for engine, meeting_id in worlds:
                    with reading_as(engine, "sekretariat") as session:
                        meeting = meeting_by_id(session, meeting_id)
                        assert meeting
                        fix_candidates(session, meeting)
                        session.commit()
            for name in ("leder", "admin"):
                here, there = (told(engine, name, meeting_id) for engine, meeting_id in worlds)
                assert here == there, name
            for name in MAY_SEE:
                assert [each["source"] for each in told(database, name, planned) if each["number"] == CLOSED] == [
                    "overdue_task"
                ]


def act(browser: TestClient, meeting_id: int, what: str, **typed: str) -> Response:
    return browser.post(f"/meetings/{meeting_id}/candidates/{what}", data=typed)


def stored(database: Engine) -> list[Candidate]:
    with Session(database) as session:
        return list(session.exec(select(Candidate).order_by(col(Candidate.id))))


def last_event(database: Engine) -> Event:
    with Session(database) as session:
        return session.exec(select(Event).order_by(col(Event.id).desc()).limit(1)).one()


@one_database
def test_taking_up_fixes_the_wording_and_what_was_sent_is_never_trusted(
    sign_in: SignIn, sekretariat: User, database: Engine, planned: int
) -> None:
    browser = sign_in(sekretariat)
    answer = act(browser, planned, "red/P-007/acceptance", title="Forfalsket", text="Forfalsket", project_id="1")
    assert answer.headers["location"] == f"/meetings/{planned}#candidate-red-P-007"
    [row], event = stored(database), last_event(database)
    assert (row.subject, row.source, row.ref, row.state) == ("attention", "red", "P-007", "accepted")
    assert (row.title, row.mark) == ("Omdannelse af Blåkildegård", "red")
    assert row.text.startswith("Tid: Ministeriet har ikke svaret")
    assert (event.action, event.subject, event.subject_name, event.project_id) == (
        "taken_up",
        "Candidate",
        row.title,
        row.project_id,
    )
    with Session(database) as session:
        session.exec(select(Project).where(Project.number == "P-007")).one().title = "Et nyt navn"
        session.commit()
        assert read(session, planned)[Subject.attention][0].title == "Omdannelse af Blåkildegård"


@one_database
def test_what_is_left_out_is_folded_away_and_can_be_taken_back(
    sign_in: SignIn, sekretariat: User, database: Engine, planned: int
) -> None:
    browser = sign_in(sekretariat)
    assert act(browser, planned, "red/P-007/omission").status_code == 303
    assert last_event(database).action == "left_out"
    fragment = act_with_htmx(browser, planned, "red/P-011/omission")
    assert "<html" not in fragment
    assert "Udeladt (2)" in fragment
    assert act(browser, planned, "red/P-007/omission").status_code == 409
    assert act(browser, planned, "red/P-007/acceptance").status_code == 303
    assert [row.state for row in stored(database)] == ["accepted", "dropped"]


def act_with_htmx(browser: TestClient, meeting_id: int, what: str) -> str:
    asked = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#candidates-attention"}
    return browser.post(f"/meetings/{meeting_id}/candidates/{what}", headers=asked).text


@one_database
def test_other_words_take_it_up_and_a_wrong_title_is_refused_with_what_was_typed(
    sign_in: SignIn, sekretariat: User, database: Engine, planned: int
) -> None:
    browser = sign_in(sekretariat)
    here = f"/meetings/{planned}/candidates/red/P-007/edit"
    assert_each_refused(
        browser, here, here, [({"title": "", "text": "Mit"}, {"title": "Udfyld »Hvad det handler om«"})]
    )
    assert send(browser, here, title="Blåkildegård", text="Skal vi løfte sagen?").status_code == 303
    [row] = stored(database)
    assert (row.title, row.text, row.state) == ("Blåkildegård", "Skal vi løfte sagen?", "accepted")
    assert last_event(database).action == "taken_up"
    assert send(browser, here, text="Skal vi?").status_code == 303
    assert (last_event(database).action, last_event(database).after) == ("changed", {"text": "Skal vi?"})


@one_database
def test_two_who_word_it_at_the_same_time_are_shown_both_versions(
    sign_in: SignIn, sekretariat: User, planned: int
) -> None:
    browser, here = sign_in(sekretariat), f"/meetings/{planned}/candidates/red/P-007/edit"
    form = form_on(browser, here, here).values
    assert browser.post(here, data=form | {"text": "Den ene"}).status_code == 303
    answer = browser.post(here, data=form | {"text": "Den anden"})
    assert answer.status_code == 409
    assert "Den ene" in answer.text
    assert "Den anden" in answer.text


@one_database
def test_the_secretariat_adds_one_of_its_own_under_a_recommendation(
    sign_in: SignIn, sekretariat: User, database: Engine, planned: int
) -> None:
    browser, here = sign_in(sekretariat), f"/meetings/{planned}/recommendations/forum/addition"
    assert_each_refused(browser, here, here, [({"title": "x"}, {"title": "Skriv mindst 3 tegn"})])
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-006")).one()
    answer = send(browser, here, title="Fælles kalender", text="Drøft den", project_id=str(project.pk))
    assert answer.headers["location"] == f"/meetings/{planned}#candidates-forum"
    [row] = stored(database)
    assert (row.subject, row.source, row.project_id, row.title) == ("forum", "own", project.pk, "Fælles kalender")
    with Session(database) as session:
        assert read(session, planned)[Subject.forum][-1].title == "Fælles kalender"


@one_database
def test_all_are_taken_up_at_once_with_one_event_that_names_no_closed_project(
    sign_in: SignIn, sekretariat: User, database: Engine, planned: int
) -> None:
    browser = sign_in(sekretariat)
    act(browser, planned, "red/P-007/omission")
    with Session(database) as session:
        found = [point for point in read(session, planned)[Subject.attention] if not point.dropped]
        many = len(session.exec(select(Event)).all())
    assert browser.post(f"/meetings/{planned}/recommendations/attention/acceptance").status_code == 303
    with Session(database) as session:
        points, events = read(session, planned), session.exec(select(Event)).all()
    assert len(events) == many + 1
    assert {point.state for point in points[Subject.attention] if not point.dropped} == {PointState.accepted}
    assert {point.state for point in points[Subject.forum]} == {PointState.found}
    assert CLOSED in {point.number for point in found}
    assert events[-1].after["candidates"] == [point.title for point in found if point.number != CLOSED]


@one_database
@pytest.mark.parametrize("pressed", ["/meetings/{id}/holding", "/portfolios/direktionen/rounds/2022-06/presentation"])
def test_saying_that_the_meeting_has_been_held_fixes_the_candidates_with_one_event(
    pressed: str, sign_in: SignIn, sekretariat: User, database: Engine, planned: int
) -> None:
    browser = sign_in(sekretariat)
    act(browser, planned, "red/P-007/omission")
    with Session(database) as session:
        round_ = round_by_key(session, session.exec(select(Portfolio)).one().pk, "2022-06", for_update=True)
        assert round_
        round_.state = RoundState.closed_for_leaders
        freeze(session, None, round_, today())
        session.commit()
        before, many = everything(read(session, planned)), len(session.exec(select(Event)).all())
    assert browser.post(pressed.format(id=planned)).status_code == 303
    with Session(database) as session:
        after, events = everything(read(session, planned)), session.exec(select(Event)).all()
    assert (len(events), events[-1].action) == (many + 1, "held")
    shown = [(point.subject, point.source, point.ref, point.title, point.text, point.mark) for point in before]
    assert sorted(shown, key=str) == sorted(
        [(point.subject, point.source, point.ref, point.title, point.text, point.mark) for point in after], key=str
    )
    assert {point.state for point in after} == {PointState.accepted, PointState.dropped}


@one_database
def test_what_this_meeting_decides_does_not_take_its_candidates_away_before_it_has_been_held(
    database: Engine, planned: int
) -> None:
    with Session(database) as session:
        before = read(session, planned)[Subject.listing]
        proposal = session.exec(select(Proposal).where(Proposal.key == before[0].proposal)).one()
        decision = Decision(
            meeting_id=planned, proposal_id=proposal.pk, verb=DecisionVerb.rejected, text="Nej", recorded_at=now()
        )
        session.add(decision)
        session.commit()
        session.expire_all()
        assert [point.ref for point in read(session, planned)[Subject.listing]] == [point.ref for point in before]
        decision.meeting_id = 12
        session.commit()
        session.expire_all()
        assert proposal.key not in {point.proposal for point in read(session, planned)[Subject.listing]}


@one_database
def test_nothing_is_chosen_once_the_meeting_has_been_held(
    sign_in: SignIn, sekretariat: User, database: Engine, planned: int
) -> None:
    browser = sign_in(sekretariat)
    act(browser, planned, "red/P-007/acceptance")
    with Session(database) as session:
        session.get_one(Meeting, planned).state = MeetingState.held
        session.commit()
    for what in ("red/P-007/acceptance", "red/P-007/omission", "red/P-007/edit"):
        assert act(browser, planned, what, title="Nyt navn").status_code == 409
    assert browser.get(f"/meetings/{planned}/recommendations/forum/addition").status_code == 409
    assert len(stored(database)) == 1
    assert 'name="title"' not in browser.get(f"/meetings/{planned}").text


@one_database
@pytest.mark.parametrize("what", ["red/P-001/acceptance", "nothing/P-007/acceptance", "red/L-01/edit"])
def test_what_the_list_does_not_find_is_not_there(
    sign_in: SignIn, sekretariat: User, database: Engine, planned: int, what: str
) -> None:
    assert act(sign_in(sekretariat), planned, what).status_code == 404
    assert stored(database) == []
