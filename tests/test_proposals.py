"""What is put to the executive board: at which meeting, shown where, taken back by whom, and what came of it."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Decision, Event, Meeting, Placement, Portfolio, Project, Proposal, ReportingRound, User
from app.models.decision import DecisionForm, DecisionVerb
from app.models.meeting import MeetingBody, MeetingForm, plan_meeting
from app.models.minutes import Matter, decide
from app.models.proposal import Fate, ProposalKind, proposal_by_key, proposals_to
from app.models.reporting_round import RoundState, suggested_round
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page
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


# --------------------------------------------------------------------------- what comes on the list and what leaves it

LIST = "/portfolios/direktionen/proposals"
IDEA, OUT = f"{LIST}/hjem-til-alle", f"{LIST}/aktindsigt-ud"
DECIDED = {"decided_on": "10-06-2022", "wording": "Som foreslået."}


def fate(database: Engine, key: str) -> Fate:
    with Session(database) as session:
        found = proposal_by_key(session, session.exec(select(Portfolio)).one().pk, key)
        assert found
        return found.fate


def answered(database: Engine, key: str, verb: DecisionVerb, day: date = date(2022, 6, 10)) -> str:
    """The key of a decision that a meeting of the board took on a proposal."""
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        meeting = plan_meeting(session, None, portfolio.pk, MeetingBody.executive_board, MeetingForm(held_on=day))
        proposal = session.exec(select(Proposal).where(Proposal.key == key)).one()
        later = date(2022, 8, 29) if verb is DecisionVerb.deferred else None
        form = DecisionForm(verb=verb, text="Som foreslået.", deferred_to=later)
        made = decide(session, None, meeting, Matter(proposal=proposal), form)
        session.commit()
        return made.key


def words(page: str) -> str:
    return read_page(page).all("main")[0].text


@one_database
def test_everybody_sees_what_stands_what_was_decided_and_what_was_withdrawn(
    sign_in: SignIn, laeser: User, sekretariat: User, database: Engine
) -> None:
    answered(database, "hjem-til-alle", DecisionVerb.rejected)
    sign_in(sekretariat).post(f"{LIST}/digital-budget/withdrawal")
    page = words(sign_in(laeser).get(LIST).text)
    standing_ones, rest = page.split("Afgjort (2)")
    decided, withdrawn = rest.split("Trukket tilbage (1)")
    assert "Afventer Direktionen (2)" in standing_ones
    assert "Aktindsigtsløsning Af listen · P-042 Tina Falk 09-06-2022" in standing_ones
    assert "At kun én direktør deltager fast" in standing_ones
    assert "Afvist. Som foreslået. Direktionen 10-06-2022 Afvist" in decided
    assert "Civilsamfund og lokale fællesskaber" in decided
    assert "Digitaliseringsprogram i budgetprocessen" in withdrawn


@one_database
def test_a_proposal_that_the_board_rejected_is_settled_and_may_be_made_again(
    sign_in: SignIn, sekretariat: User, direktion: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    assert_each_refused(
        browser,
        f"{IDEA}/rejection",
        f"{IDEA}/rejection",
        [
            (
                {"decided_on": "14-06-2022", "wording": "Nej."},
                {"decided_on": "Skriv den dag, Direktionen besluttede det; den skrevne dag er endnu ikke kommet"},
            )
        ],
    )
    assert send(browser, f"{IDEA}/rejection", **DECIDED).headers["location"] == IDEA
    assert fate(database, "hjem-til-alle") is Fate.rejected
    assert "Afvist. Som foreslået." in words(browser.get(IDEA).text)
    assert browser.post(f"{IDEA}/withdrawal").status_code == 409
    assert browser.post(f"{IDEA}/rejection", data=DECIDED).status_code == 409
    again = f"{LIST}/new-listing?again=hjem-til-alle"
    assert f'href="{again}"' in sign_in(direktion).get(IDEA).text
    assert send(sign_in(direktion), again, f"{LIST}/new-listing").status_code == 303
    with Session(database) as session:
        event = session.exec(select(Event).where(Event.action == "recorded")).one()
        assert event.after == {"meeting": "Direktionen 10-06-2022", "verb": "rejected", "text": "Som foreslået."}


@one_database
def test_what_the_board_deferred_or_did_not_treat_still_stands_and_goes_to_the_next_meeting(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    answered(database, "hjem-til-alle", DecisionVerb.deferred)
    answered(database, "aktindsigt-ud", DecisionVerb.not_treated)
    move(database, r2022_06=RoundState.presented)
    page = words(sign_in(sekretariat).get(LIST).text)
    assert "Direktionen 10-06-2022 : Udskudt til 29-08-2022." in page
    with Session(database) as session:
        known = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
        form = suggested_round(known.as_of, date(2022, 6, 13))
        later = ReportingRound(**form.model_dump(), portfolio_id=known.portfolio_id)
        session.add(later)
        session.flush()
        listed = [each.key for each in proposals_to(session, later, ProposalKind.listing)]
        earlier = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-01")).one()
        assert listed == ["hjem-til-alle", "digital-budget"]
        assert proposals_to(session, earlier, ProposalKind.listing, ProposalKind.removal) == []
    assert sign_in(sekretariat).post(f"{OUT}/withdrawal").status_code == 303


@one_database
def test_an_idea_becomes_a_project_on_the_list_with_nothing_typed_again(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    key, browser = answered(database, "hjem-til-alle", DecisionVerb.approved), sign_in(sekretariat)
    assert fate(database, "hjem-til-alle") is Fate.agreed
    assert "Direktionen har tiltrådt forslaget, men listen er endnu ikke ændret" in words(browser.get(IDEA).text)
    form = form_on(browser, f"{IDEA}/project", f"{IDEA}/project")
    assert not {"decided_on", "wording"} & form.names
    assert (form.values["title"], form.values["case_numbers"]) == ("Hjem til Alle", "15/19948")
    assert (form.values["from_on"], form.values["large"]) == ("10-06-2022", "on")
    early = browser.post(f"{IDEA}/project", data=form.values | {"theme_id": "1", "from_on": "09-06-2022"})
    assert early.status_code == 409
    assert "Direktionen besluttede det 10-06-2022: Skriv den dag eller en senere." in early.text
    answer = browser.post(f"{IDEA}/project", data=form.values | {"theme_id": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-053")
    with Session(database) as session:
        made = session.exec(select(Project).where(Project.number == "P-053")).one()
        place = session.exec(select(Placement).where(Placement.project_id == made.pk)).one()
        decision = session.exec(select(Decision).where(Decision.key == key)).one()
        assert (place.from_on, place.decision_in, place.decision_in_id) == (
            date(2022, 6, 10),
            "Direktionen 10-06-2022",
            decision.id,
        )
        assert decision.project_id == made.pk
        assert (made.cross_cutting, made.admission_reason[:5]) == (True, "Stor:")
    assert fate(database, "hjem-til-alle") is Fate.carried_out
    assert browser.post(f"{IDEA}/project", data=form.values | {"theme_id": "1"}).status_code == 409


@one_database
def test_an_idea_that_is_made_a_closed_project_is_then_hidden_with_its_decision(
    sign_in: SignIn, sekretariat: User, laeser: User, direktion: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    given = {"theme_id": "1", "confidentiality": "closed", **DECIDED}
    refused = send(browser, f"{IDEA}/project", **given)
    assert refused.status_code == 422
    assert "Opret mødet først" in refused.text
    answered(database, "hjem-til-alle", DecisionVerb.decided)
    assert send(browser, f"{IDEA}/project", theme_id="1", confidentiality="closed").status_code == 303
    assert sign_in(laeser).get(IDEA).status_code == 404
    assert sign_in(direktion).get(IDEA).status_code == 200


@one_database
def test_a_removal_begins_with_the_reason_of_the_proposal_and_answers_it(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, address = sign_in(sekretariat), "/projects/P-042/removal"
    assert f'href="{address}"' in browser.get(OUT).text
    form = form_on(browser, address, address)
    assert str(form.values["reason_out"]).startswith("Løsningen er i drift inden sommerferien")
    assert browser.post(address, data=form.values | DECIDED).status_code == 303
    assert fate(database, "aktindsigt-ud") is Fate.carried_out
    history = part(browser.get("/projects/P-042").text, "places")
    assert "Foreslået fjernet fra listen : Tina Falk" in history
    assert "Udgik af listen · Direktionen 10-06-2022 : Besluttet. Som foreslået." in history
    assert "Forslaget : Gennemført" in history


@one_database
def test_a_recorded_decision_that_fits_is_offered_where_the_project_would_be_moved(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, key = sign_in(sekretariat), answered(database, "aktindsigt-ud", DecisionVerb.approved)
    with_it = f"/projects/P-042/removal?decision={key}"
    assert f'href="{with_it}"' in browser.get("/projects/P-042/removal").text
    assert f'href="{with_it}"' in browser.get(OUT).text
    assert send(browser, with_it, "/projects/P-042/removal").status_code == 303
    with Session(database) as session:
        assert len(session.exec(select(Meeting).where(Meeting.held_on == date(2022, 6, 10))).all()) == 1
    again = f"/projects/P-042/placement?decision={key}"
    answer = send(browser, again, "/projects/P-042/placement", from_on="13-06-2022")
    assert answer.status_code == 409
    assert "Beslutningen handler om det modsatte" in answer.text


@one_database
def test_a_scenario_is_not_answered_as_a_place_on_the_list(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert browser.get(f"{LIST}/udvalg-17-4").status_code == 200
    for page in ("rejection", "project"):
        assert browser.get(f"{LIST}/udvalg-17-4/{page}").status_code == 404


@one_database
def test_a_projects_page_tells_where_it_comes_from_and_every_decision_since(sign_in: SignIn, laeser: User) -> None:
    """R24: the theme discussion of 13-12-2021, the list in February 2022, the case, the decision of 04-04-2022."""
    history = part(sign_in(laeser).get("/projects/P-039").text, "places")
    steps = [
        "Oprindelse : Temadrøftelse om byudvikling og fællesskaber 13-12-2021",
        "14-02-2022 · Foreslået på listen : Lene Bruun",
        "28-02-2022 · Kom på listen · Direktionen 28-02-2022 : Besluttet. Et projekt om civilsamfund",
        "04-04-2022 · Beslutning · Direktionen 04-04-2022",
        "Sag : 22/5981",
    ]
    places = [history.index(step) for step in steps]
    assert places == sorted(places)
