from datetime import date

from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.access import session_cookie
from app.models import Deputy, Placement, Project, Report, ReportingRound, User
from app.models.decision import DecisionVerb
from app.models.reporting_round import RoundState
from app.models.user_session import start_session
from tests.conftest import Queries, SignIn, one_database
from tests.databases import House, upgrade
from tests.fields import send
from tests.page import read_page
from tests.test_proposals import answered
from tests.test_rounds import stand


def section(browser: TestClient, heading: str) -> str:
    page = read_page(browser.get("/").text)
    return next((each.text for each in page.all("section") if each.get("aria-labelledby") == heading), "")


def mine(browser: TestClient) -> dict[str, tuple[str, str, list[str]]]:
    """My projects by number: what I am to each, where its status has come to in the round, and what it lacks."""
    found = {}
    for table in read_page(browser.get("/").text).all("tbody"):
        for row in table.all("tr"):
            title, _status, _history, this_round, lacks = row.all("th", "td")
            number, _dot, role = title.all("span")[0].text.partition(" · ")
            sentences = [each.text for each in lacks.all("span") if each.get("class") == "fact"]
            found[number] = (role, this_round.text, sentences)
    return found


def test_the_leader_sees_her_projects_and_what_each_lacks_the_most_urgent_first(sign_in: SignIn, leder: User) -> None:
    found = mine(sign_in(leder))
    assert found.keys() == {"P-005", "P-006", "P-029"}
    assert found["P-005"] == ("du leder det", "Kladde", ["1 milepæl er over frist.", "Der er intet effektmål."])
    assert found["P-006"] == ("du leder det", "Godkendt 27-05-2022", [])


def test_the_owner_sees_what_waits_for_her(sign_in: SignIn, ejer: User) -> None:
    found = mine(sign_in(ejer))
    assert found.keys() == {"P-005", "P-006", "P-007", "P-008"}  # two that have left the list are not hers to mend
    assert found["P-008"][:2] == ("du ejer det", "Indsendt")


@one_database
def test_a_deputy_sees_the_project_as_one(sign_in: SignIn, anden_leder: User, database: Engine) -> None:
    browser = sign_in(anden_leder)
    assert "P-005" not in mine(browser)
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-005")).one()
        session.add(Deputy(project_id=project.pk, no=1, person_id=anden_leder.person_id or 0, from_on=date(2022, 6, 1)))
        session.commit()
    assert mine(browser)["P-005"][0] == "du er stedfortræder"


@one_database
def test_each_thing_that_is_missing_is_said_and_goes_when_it_is_there(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    address = send(browser, "/projects/new", "/projects", title="Et nyt projekt", theme_id="1", owner_id="14").headers[
        "location"
    ]
    assert mine(browser) == {}  # not on the list yet
    send(browser, f"{address}/placement", from_on="13-06-2022", decided_on="13-06-2022", wording="Ja.")
    assert mine(browser)["P-053"] == (
        "du ejer det",
        "Kladde",  # what joins the list while a round is open is asked too
        [
            "Der er intet effektmål.",
            "Der er ingen succeskriterier.",
            "Nøglepersoner er ikke oplyst.",
            "Projektleder er ikke udpeget.",
        ],
    )
    for kind, typed in (
        ("effect-targets", {"name": "Et mål", "unit_of_measure": "kr."}),
        ("success-criteria", {"text": "Det lykkes"}),
        ("milestones", {"text": "Først", "due_on": "12-06-2022"}),
        ("milestones", {"text": "Dernæst", "due_on": "01-05-2022", "precision": "month"}),
        ("milestones", {"text": "Sidst", "due_on": "13-06-2022"}),
    ):
        assert send(browser, f"{address}/{kind}/new", f"{address}/{kind}", **typed).status_code == 303
    send(browser, f"{address}/key-persons", unit_3="0")
    send(browser, f"{address}/edit", leader_id="14")
    assert mine(browser)["P-053"] == (
        "du ejer og leder det",
        "Kladde",
        [
            "2 milepæle er over frist.",
            "1 effektmål mangler baseline eller måltal.",
        ],
    )
    target = f"{address}/effect-targets/1/versions"
    send(browser, f"{target}/new", target, baseline_value="0", target_value="0", reason="Nu er det talt op.")
    for no in ("1", "2"):
        send(browser, f"{address}/milestones/{no}/edit", done_on="13-06-2022")
    assert mine(browser)["P-053"][2] == []
    assert "Intet mangler." in section(browser, "mine")


@one_database
def test_whoever_has_no_project_is_shown_the_lists(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    assert section(browser, "mine") == ""
    assert "Der er ikke noget, du skal gøre lige nu." in section(browser, "todo-heading")
    panel = next(
        each for each in read_page(browser.get("/").text).all("section") if each.get("aria-labelledby") == "list-1"
    )
    tabs = ["overview", "burden", "effects", "questions", "proposals", "management-forum", "tasks", "export.xlsx"]
    assert [link.get("href") for link in panel.all("a")] == [f"/portfolios/direktionen/{tab}" for tab in tabs]


@one_database
def test_between_rounds_nothing_is_said_of_a_round(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    assert "er åben" in browser.get("/").text
    with Session(database) as session:
        session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one().state = RoundState.frozen
        session.commit()
    assert "er åben" not in browser.get("/").text
    assert {this_round for _role, this_round, _lacks in mine(browser).values()} == {"–"}


@one_database
def test_a_round_that_is_closed_for_leaders_is_not_called_open(sign_in: SignIn, leder: User, database: Engine) -> None:
    stand(database, "2022-06", RoundState.closed_for_leaders)
    page = sign_in(leder).get("/").text
    assert "er åben" not in page
    assert "Runden juni 2022 er lukket for projektledere. Projektejere godkender senest 17-06-2022." in page


@one_database
def test_the_round_says_its_state_and_its_dates(sign_in: SignIn, laeser: User) -> None:
    assert section(sign_in(laeser), "round") == (
        "Runde juni 2022 Tilstand Åben Frist, projektledere 10-06-2022 Frist, projektejere 17-06-2022 "
        "Forelægges Direktionen 27-06-2022"
    )


@one_database
def test_the_page_takes_the_same_queries_for_one_project_and_for_thirty(
    sign_in: SignIn, leder: User, database: Engine, queries: Queries
) -> None:
    browser = sign_in(leder)
    with queries() as few:
        assert len(mine(browser)) == 3
    with Session(database) as session:
        listed = select(Project).join(Placement).where(Placement.to_on == None, Project.series == "P")  # noqa: E711
        for project in session.exec(listed):
            project.leader_id = leder.person_id
        session.commit()
    with queries() as many:
        assert len(mine(browser)) == 37
    assert len(many) == len(few)


@one_database
def test_a_draft_shows_no_colour_to_its_own_leader_either(sign_in: SignIn, leder: User, database: Engine) -> None:
    with Session(database) as session:
        query = select(Report).join(ReportingRound).join(Project, Project.id == Report.project_id)  # type: ignore[arg-type]
        report = session.exec(query.where(Project.number == "P-005", ReportingRound.as_of == date(2022, 6, 20))).one()
        report.colour = "red"  # type: ignore[assignment]
        session.commit()
    assert "du leder det Ikke indberettet" in section(sign_in(leder), "mine")


@one_database
def test_before_there_is_a_list_the_page_says_how_to_get_one(app: FastAPI, house: House) -> None:
    with house.empty() as engine:
        upgrade(engine)
        with Session(engine) as session:
            user = User(email="ny@demo.example", password_hash="", roles=["secretariat"])
            session.add(user)
            session.flush()
            token = start_session(session, user)
            session.commit()
        app.state.engine = engine
        browser = TestClient(app, follow_redirects=False)
        browser.cookies.set(session_cookie(), token, domain="testserver.local")
        for address in ("/", "/people", "/users", "/events"):
            assert browser.get(address).status_code == 200, address
        page = read_page(browser.get("/").text).all("main")[0].text
        assert "Der er ingen liste endnu" in page
        assert "python -m app demo" in page
        assert browser.get("/projects/new").status_code == 404


@one_database
def test_the_secretariat_is_told_what_the_board_agreed_to_until_it_is_done(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    answered(database, "aktindsigt-ud", DecisionVerb.approved)
    browser, removal = sign_in(sekretariat), "/projects/P-042/removal"
    assert "Fjern »Aktindsigtsløsning« fra listen" in section(browser, "todo-heading")
    assert "Fjern »Aktindsigtsløsning«" not in section(sign_in(leder), "todo-heading")
    send(browser, removal, decided_on="10-06-2022", wording="Ja.", reason_out="Den er i drift.")
    assert "Fjern »Aktindsigtsløsning«" not in section(browser, "todo-heading")
