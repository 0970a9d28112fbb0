"""Proposing a project for the list, or that one leaves it: by whom, when, with what, and once at a time (R19, R20)."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Event, Project, Proposal, ReportingRound, Unit, User
from app.models.proposal import ProposalKind
from app.models.reporting_round import RoundState
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import forms, read_page

LIST = "/portfolios/direktionen/proposals"
IDEA = f"{LIST}/new-listing"
OFF, ON = "/projects/P-009/proposals/new-listing", "/projects/P-048/proposals/new-removal"
SAID = {
    "title": "Grønne skolegårde",
    "reason": "Skolegårdene er nedslidte.",
    "cross_cutting": "on",
    "admission_reason": "Tværgående: ISC og BURC skal bygge sammen.",
}
AGAIN = {"reason": "Det er stadig nødvendigt.", "large": "on", "admission_reason": "Stor: hele kommunen."}
MAY = ["leder", "ejer", "anden_leder", "sekretariat", "direktion", "chefforum"]


def newest(database: Engine) -> Proposal:
    with Session(database) as session:
        return session.exec(select(Proposal).order_by(col(Proposal.id).desc()).limit(1)).one()


def number_of(database: Engine, proposal: Proposal) -> str | None:
    with Session(database) as session:
        return session.get_one(Project, proposal.project_id).number


@pytest.fixture
def no_round_ahead(database: Engine) -> None:
    with Session(database) as session:
        for round_ in session.exec(select(ReportingRound)):
            round_.state = RoundState.finished
        session.commit()


@pytest.mark.parametrize("name", MAY)
@one_database
def test_leaders_owners_managers_directors_and_the_secretariat_propose_a_new_project(
    name: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    answer = send(sign_in(cast[name]), IDEA, **SAID, origin="Temadrøftelse 13-12-2021", purpose="Børn leger ude.")
    made = newest(database)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{made.key}")
    assert (made.kind, made.title, made.raised_by_id) == (ProposalKind.listing, SAID["title"], cast[name].person_id)
    assert (made.large, made.cross_cutting, made.strategic, made.project_id) == (False, True, False, None)
    page = read_page(sign_in(cast["laeser"]).get(f"{LIST}/{made.key}").text).all("main")[0].text
    for words in ("Afventer Direktionen", "tværgående", SAID["admission_reason"], "Temadrøftelse 13-12-2021"):
        assert words in page
    with Session(database) as session:
        event = session.exec(select(Event).order_by(col(Event.id).desc())).first()
        assert event
        assert (event.action, event.subject, event.subject_name) == ("created", "Proposal", SAID["title"])


@pytest.mark.parametrize("name", ["admin", "laeser"])
@one_database
def test_readers_and_administrators_may_not_and_are_told_why_and_see_no_way_there(
    name: str, sign_in: SignIn, cast: dict[str, User]
) -> None:
    browser = sign_in(cast[name])
    for address in (IDEA, OFF, ON):
        answer = browser.get(address)
        assert answer.status_code == 403
        assert "Kun projektledere og projektejere på listen, centerchefer, direktører og sekretariatet" in answer.text
    for address in ("/", "/portfolios/direktionen/overview", LIST, "/projects/P-048", "/projects/P-009"):
        assert "Foreslå" not in browser.get(address).text, address


@one_database
def test_the_ways_there_stand_on_the_pages_of_whoever_may(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    for address in ("/", "/portfolios/direktionen/overview", LIST):
        assert f'href="{IDEA}"' in browser.get(address).text, address
    assert f'href="{ON}"' in browser.get("/projects/P-048").text
    assert f'href="{OFF}"' in browser.get("/projects/P-009").text
    assert f'href="{OFF}"' in browser.get(IDEA).text  # what is here already but not on the list


@one_database
def test_a_proposal_needs_no_round_and_is_then_treated_at_the_next_meeting(
    sign_in: SignIn, chefforum: User, database: Engine, no_round_ahead: None
) -> None:
    browser = sign_in(chefforum)
    assert "Forslaget behandles på næste møde." in browser.get(IDEA).text
    for address, said in ((IDEA, SAID), (OFF, AGAIN), (ON, {"reason": "Driften har overtaget."})):
        assert send(browser, address, **said).status_code == 303
        assert newest(database).round_id is None
    assert browser.get(LIST).text.count("Næste møde") == 3


@one_database
def test_a_project_that_is_not_on_the_list_is_proposed_with_its_own_criteria_filled_in(
    sign_in: SignIn, chefforum: User, database: Engine
) -> None:
    browser = sign_in(chefforum)
    [form] = [form for form in forms(browser.get(OFF).text) if form.action == OFF]
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-009")).one()
        assert form.values["admission_reason"] == project.admission_reason
        assert ("strategic" in form.values) == project.strategic
    assert send(browser, OFF, **AGAIN).status_code == 303
    made = newest(database)
    assert (made.kind, made.title, number_of(database, made)) == (ProposalKind.listing, project.title, "P-009")
    assert "Foreslået på listen : Karsten Uhre" in part(browser.get("/projects/P-009").text, "places")
    assert f'href="{OFF}"' not in browser.get("/projects/P-009").text


@one_database
def test_a_removal_shows_each_effect_target_with_the_follow_up_that_is_suggested(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    follow_up = "Uddannelse og indkomst for tilflyttere"
    form = browser.get(ON)
    made = browser.get(send(browser, ON, reason="Brandingen er en del af driften.").headers["location"])
    for answer in (form, made):
        page = read_page(answer.text).all("main")[0].text
        assert follow_up in page
        assert "13-12-2022, 13-06-2023" in page
    assert (newest(database).kind, number_of(database, newest(database))) == (ProposalKind.removal, "P-048")


@pytest.mark.parametrize(
    ("address", "said", "sentence"),
    [
        (OFF, AGAIN, "Det er allerede foreslået, at projektet kommer på listen."),
        (ON, {"reason": "Slut."}, "Det er allerede foreslået, at projektet fjernes fra listen."),
    ],
)
@one_database
def test_one_proposal_stands_for_a_project_at_a_time(
    address: str, said: dict[str, str], sentence: str, sign_in: SignIn, leder: User, chefforum: User, database: Engine
) -> None:
    assert send(sign_in(leder), address, **said).status_code == 303
    assert sentence in sign_in(chefforum).get(address).text
    answer = sign_in(chefforum).post(address, data=said)
    assert (answer.status_code, sentence in answer.text) == (409, True)
    assert sign_in(leder).post(f"{LIST}/{newest(database).key}/withdrawal").status_code == 303
    assert send(sign_in(chefforum), address, **said).status_code == 303


@one_database
def test_only_what_is_off_the_list_is_proposed_for_it_and_only_what_is_on_it_to_leave(
    sign_in: SignIn, sekretariat: User
) -> None:
    browser = sign_in(sekretariat)
    for address, said, sentence in (
        (OFF.replace("P-009", "P-048"), AGAIN, "Projektet er allerede på listen."),
        (ON.replace("P-048", "P-009"), {"reason": "Slut."}, "Projektet er ikke på listen."),
    ):
        assert sentence in browser.get(address).text
        answer = browser.post(address, data=said)
        assert (answer.status_code, sentence in answer.text) == (409, True)
    decided = {"to_on": "27-06-2022", "decided_on": "13-06-2022", "wording": "Fjernes.", "reason_out": "Slut."}
    send(browser, "/projects/P-048/removal", **decided)
    assert "Det er allerede besluttet, at projektet udgår af listen." in browser.get(ON).text


@one_database
def test_what_is_missing_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    criteria = "Vælg mindst ét af kriterierne stor, tværgående og strategisk"
    assert_each_refused(
        sign_in(leder),
        IDEA,
        IDEA,
        [
            (
                {},
                {
                    "title": "Udfyld »Titel«",
                    "reason": "Udfyld »Hvorfor«",
                    "admission_reason": "Udfyld »Hvorfor det opfylder dem«",
                },
            ),
            (
                {"title": "Skolegårde", "reason": "De er nedslidte.", "admission_reason": "Det er de."},
                {"admission_reason": criteria},
            ),
            ({**SAID, "case_number": "1234"}, {"case_number": "Skriv sagsnummeret som 16/13808"}),
        ],
    )


@pytest.mark.parametrize(
    ("title", "taken"),
    [
        ("revision af BRANDINGSTRATEGIEN", True),
        ("Hjem til alle", True),
        ("Brandingstrategien", False),
        ("Køb af ejendom til botilbud", False),
    ],
)
@one_database
def test_a_name_that_the_reader_knows_of_is_taken_and_one_of_a_closed_project_is_free(
    title: str, taken: bool, sign_in: SignIn, leder: User, database: Engine
) -> None:
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        title = closed.title if title.startswith("Køb") else title
    answer = send(sign_in(leder), IDEA, **{**SAID, "title": title})
    assert answer.status_code == (409 if taken else 303)
    if taken:
        assert ("P-048 Revision" in answer.text) or ("Et projekt med denne titel er allerede foreslået." in answer.text)
        [form] = [form for form in forms(answer.text) if form.action == IDEA]
        assert (form.values["title"], form.values["reason"]) == (title, SAID["reason"])


@one_database
def test_a_proposal_about_a_closed_project_is_there_for_those_only_who_see_the_project(
    sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    address = "/projects/L-01/proposals/new-removal"
    assert sign_in(cast["leder"]).get(address).status_code == 404
    assert send(sign_in(cast["lukket_leder"]), address, reason="Købet er gennemført.").status_code == 303
    made = newest(database)
    for name, status in (("lukket_ejer", 200), ("direktion", 200), ("leder", 404), ("chefforum", 404), ("admin", 404)):
        browser = sign_in(cast[name])
        assert browser.get(f"{LIST}/{made.key}").status_code == status
        assert (made.title in browser.get(LIST).text) == (status == 200)
    assert made.title not in sign_in(cast["admin"]).get("/events").text


@one_database
def test_a_unit_can_be_chosen_and_what_was_rejected_stands_in_the_form_when_it_is_proposed_again(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    with Session(database) as session:
        unit = str(session.exec(select(Unit.id).where(Unit.code == "ISC")).one())
    send(sign_in(leder), IDEA, **SAID, unit_id=unit)
    here = f"{LIST}/{newest(database).key}"
    rejected = {"decided_on": "13-06-2022", "wording": "Det løses i skolerne."}
    assert send(sign_in(sekretariat), f"{here}/rejection", **rejected).status_code == 303
    again = f"{IDEA}?again={newest(database).key}"
    assert f'href="{again}"' in sign_in(leder).get(here).text
    assert send(sign_in(leder), again, IDEA).status_code == 303
    made = newest(database)
    assert (made.title, str(made.unit_id), made.admission_reason) == (SAID["title"], unit, SAID["admission_reason"])
