"""The walk through a meeting: one thing at a time, red first, and the others' screens follow."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Candidate, Meeting, Project, User
from app.models.candidate import CandidateState, Source
from app.models.recommendation import Subject
from app.models.visibility import read_as
from app.tabs.mark import Mark
from app.tabs.meeting import build_meeting
from app.tabs.walk import END, OPENING, build_walk
from tests.conftest import Queries, SignIn, one_database
from tests.page import form_on, read_page
from tests.writes import JUNE, the_board_meets_in_june

pytestmark = one_database
WALK, SCREEN = f"/meetings/{JUNE}/walk", f"/meetings/{JUNE}/screen"
PART = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#screen"}


@pytest.fixture(autouse=True)
def in_june(database: Engine) -> None:
    the_board_meets_in_june(database)


def steps(database: Engine, reader: User) -> list[str]:
    with Session(database) as session:
        meeting = session.exec(select(Meeting).where(Meeting.id == JUNE)).one()
        session.refresh(meeting, ["portfolio", "round"])
        read_as(session, reader)
        page = build_meeting(session, meeting.portfolio, meeting, meeting.held_on)
        walk = build_walk(page, "")
        marks = [step.mark for step in walk.steps if step.key.startswith("attention.") and step.mark]
        assert marks[0] is Mark.red
        assert Mark.green not in marks[: marks.count(Mark.red)], "the red ones come first"
        return [step.key for step in walk.steps]


def test_the_walk_begins_with_what_is_overdue_and_ends_with_what_was_decided(
    database: Engine, sekretariat: User
) -> None:
    found = steps(database, sekretariat)
    assert (found[0], found[-1]) == (OPENING, END)
    assert [key for key in found if key in ("attention", "listing", "removal", "forum")] == [
        "attention",
        "listing",
        "removal",
        "forum",
    ]


def test_from_the_first_step_on_the_words_stand_still(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    assert browser.post(WALK, data={"step": "attention"}).headers["location"] == WALK
    with Session(database) as session:
        kept = session.exec(select(Candidate).where(Candidate.meeting_id == JUNE)).all()
    assert kept
    assert all(each.state is CandidateState.accepted for each in kept)
    assert "opmærksomhedspunkter" in read_page(browser.get(WALK).text).text


def test_the_others_screens_follow_and_are_told_nothing_while_nothing_is_new(
    sign_in: SignIn, sekretariat: User, laeser: User
) -> None:
    leads, follows = sign_in(sekretariat), sign_in(laeser)
    leads.post(WALK, data={"step": "listing"})
    shown = follows.get(SCREEN)
    assert "nye projekter" in read_page(shown.text).text
    [screen] = [each for each in read_page(shown.text).all("div") if each.get("id") == "screen"]
    again = screen.get("hx-get")
    assert follows.get(again, headers=PART).status_code == 204
    leads.post(WALK, data={"step": "removal"})
    assert "fjernes af porteføljelisten" in read_page(follows.get(again, headers=PART).text).text


def test_a_decision_is_taken_down_on_the_spot_and_stands_on_every_screen(
    sign_in: SignIn, sekretariat: User, laeser: User
) -> None:
    leads = sign_in(sekretariat)
    leads.post(WALK, data={"step": "attention"})
    form = form_on(leads, WALK, f"/meetings/{JUNE}/decisions").values
    refused = leads.post(f"/meetings/{JUNE}/decisions", data=form | {"verb": "approved_with", "text": "det haster"})
    assert refused.status_code == 422
    assert "det haster" in refused.text
    taken = leads.post(f"/meetings/{JUNE}/decisions", data=form | {"verb": "discussed", "text": "Alle røde ses igen."})
    assert taken.headers["location"].startswith(f"{WALK}#")
    assert "Alle røde ses igen." in sign_in(laeser).get(SCREEN).text


def test_whoever_may_not_see_a_closed_project_is_shown_the_recommendation_above_it(
    sign_in: SignIn, sekretariat: User, laeser: User, database: Engine
) -> None:
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        point = Candidate(
            subject=Subject.attention,
            source=Source.own,
            ref="hemmelig",
            title="Hemmeligt køb af ejendom",
            meeting_id=JUNE,
            project_id=closed.id,
        )
        session.add(point)
        session.commit()
    leads = sign_in(sekretariat)
    leads.post(WALK, data={"step": "attention.own.hemmelig"})
    assert "Hemmeligt køb" in leads.get(SCREEN).text
    shown = sign_in(laeser).get(SCREEN).text
    assert "Hemmeligt" not in shown
    assert "opmærksomhedspunkter" in shown


def test_a_screen_that_waits_asks_little(sign_in: SignIn, sekretariat: User, laeser: User, queries: Queries) -> None:
    sign_in(sekretariat).post(WALK, data={"step": "listing"})
    follows = sign_in(laeser)
    [screen] = [each for each in read_page(follows.get(SCREEN).text).all("div") if each.get("id") == "screen"]
    with queries() as asked:
        assert follows.get(screen.get("hx-get"), headers=PART).status_code == 204
    assert len(asked) < 12
