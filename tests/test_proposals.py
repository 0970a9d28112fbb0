"""A scenario put to the executive board: at which meeting, shown where, taken back by whom."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Event, Proposal, ReportingRound, User
from app.models.reporting_round import RoundState, suggested_round
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.test_scenarios import DEMO, saved
from tests.test_what_if import RELIEF

ROUND = "/portfolios/direktionen/rounds/2022-06"
SAID = {"title": "At én direktør deltager fast", "reason": "Det sparer 12 mødedeltagelser."}


def standing(database: Engine) -> list[Proposal]:
    with Session(database) as session:
        query = select(Proposal).where(col(Proposal.withdrawn_at).is_(None), col(Proposal.scenario_id).is_not(None))
        return list(session.exec(query.order_by(col(Proposal.id))))


def move(database: Engine, **states: RoundState) -> None:
    with Session(database) as session:
        for round_ in session.exec(select(ReportingRound)):
            name = f"r{round_.key.replace('-', '_')}"
            round_.state = states.get(name, round_.state)
        session.commit()


@pytest.mark.parametrize("name", ["sekretariat", "direktion", "chefforum"])
@one_database
def test_a_scenario_is_put_to_the_meeting_of_the_round_under_way_with_its_headline_numbers(
    name: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    here, browser = saved(sign_in, cast[name], *RELIEF), sign_in(cast[name])
    assert send(browser, f"{here}/proposal", **SAID).headers["location"] == f"{here}#proposals"
    found = standing(database)[-1]
    with Session(database) as session:
        round_ = session.get_one(ReportingRound, found.round_id)
        event = session.exec(select(Event).order_by(col(Event.id).desc())).first()
    assert (round_.key, found.raised_by_id) == ("2022-06", cast[name].person_id)
    assert event
    assert (event.action, event.subject, event.subject_name) == ("created", "Proposal", SAID["title"])
    assert SAID["reason"] in part(browser.get(here).text, "proposals")
    shown = part(browser.get(ROUND).text, "proposals")
    assert SAID["title"] in shown
    numbers = "526 → til 514" if name == "chefforum" else "558 → til 546"
    assert shown.count(f"Organer med hele Direktionen 1 → til 0 Mødedeltagelser pr. år {numbers}") == 2


@one_database
def test_the_demo_lists_proposal_stands_on_the_open_round(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    assert "At kun én direktør deltager fast i § 17.4-udvalget" in part(browser.get(ROUND).text, "proposals")
    assert 'id="proposals"' not in browser.get("/portfolios/direktionen/rounds/2022-01").text


@one_database
def test_what_the_board_should_decide_and_why_must_be_said(sign_in: SignIn, sekretariat: User) -> None:
    here = saved(sign_in, sekretariat, *RELIEF)
    assert_each_refused(
        sign_in(sekretariat),
        f"{here}/proposal",
        f"{here}/proposal",
        [
            (
                {"title": "", "reason": ""},
                {"title": "Udfyld »Hvad Direktionen skal beslutte«", "reason": "Udfyld »Hvorfor«"},
            )
        ],
    )


@one_database
def test_a_scenario_stands_as_one_proposal_at_a_time(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, f"{DEMO}/proposal", **SAID)
    assert answer.status_code == 409
    assert "Scenariet er allerede forelagt Direktionen" in answer.text
    assert len(standing(database)) == 1


@one_database
def test_whoever_raised_it_and_the_secretariat_take_it_back_and_nobody_else(
    sign_in: SignIn, sekretariat: User, chefforum: User, direktion: User, database: Engine
) -> None:
    for withdraws in (chefforum, sekretariat):
        here = saved(sign_in, chefforum, *RELIEF)
        send(sign_in(chefforum), f"{here}/proposal", **SAID)
        withdrawal = f"/portfolios/direktionen/proposals/{standing(database)[-1].key}/withdrawal"
        assert sign_in(direktion).post(withdrawal).status_code == 403
        assert sign_in(withdraws).post(withdrawal).status_code == 303
        assert sign_in(withdraws).post(withdrawal).status_code == 409
        assert SAID["title"] not in sign_in(direktion).get(ROUND).text
        assert "Trukket tilbage" in part(sign_in(direktion).get(here).text, "proposals")
        assert send(sign_in(chefforum), f"{here}/proposal", **SAID).status_code == 303
        sign_in(sekretariat).post(f"/portfolios/direktionen/proposals/{standing(database)[-1].key}/withdrawal")
    assert sign_in(direktion).post("/portfolios/direktionen/proposals/nobody/withdrawal").status_code == 404


@one_database
def test_without_a_round_under_way_it_waits_for_the_frozen_one_then_for_the_planned(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        known = session.exec(select(ReportingRound)).first()
        assert known
        form = suggested_round(date(2022, 6, 20), date(2022, 6, 13))
        session.add(ReportingRound(**form.model_dump(), portfolio_id=known.portfolio_id))
        session.commit()
    for state, key in ((RoundState.frozen, "2022-06"), (RoundState.presented, "2023-01")):
        move(database, r2022_06=state)
        here = saved(sign_in, sekretariat, *RELIEF)
        assert send(sign_in(sekretariat), f"{here}/proposal", **SAID).status_code == 303
        with Session(database) as session:
            assert session.get_one(ReportingRound, standing(database)[-1].round_id).key == key


@one_database
def test_when_no_meeting_is_ahead_a_sentence_says_so(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    here, browser = saved(sign_in, sekretariat, *RELIEF), sign_in(sekretariat)
    move(database, r2022_06=RoundState.presented)
    before = len(standing(database))
    answer = send(browser, f"{here}/proposal", **SAID)
    assert answer.status_code == 409
    assert "Der er ingen runde, som Direktionen mangler at mødes om." in answer.text
    assert len(standing(database)) == before


@one_database
def test_once_the_board_has_met_it_can_no_longer_be_taken_back(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    move(database, r2022_06=RoundState.presented)
    browser = sign_in(sekretariat)
    assert browser.post("/portfolios/direktionen/proposals/udvalg-17-4/withdrawal").status_code == 409
    assert "Træk forslaget tilbage" not in browser.get(DEMO).text
    assert len(standing(database)) == 1
