from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Body, BodyProject, Project, User
from app.models.body import BodyType
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

NEW, BODIES, CHOOSE = (f"/projects/P-006/bodies{rest}" for rest in ("/new", "", "/choose"))
FIRST = f"{BODIES}/1/edit"


def stored(database: Engine, name: str) -> Body:
    with Session(database) as session:
        return session.exec(select(Body).where(Body.name == name)).one()


def served(database: Engine, name: str) -> list[tuple[str, int]]:
    """The projects that a body serves, each with the body's number below it."""
    with Session(database) as session:
        query = select(Project.number, BodyProject.no).join(BodyProject).join(Body).where(Body.name == name)
        return list(session.exec(query.order_by(col(Project.number))))


def shown(browser: TestClient, number: str = "P-006") -> str:
    return part(browser.get(f"/projects/{number}").text, "bodies")


def test_a_new_body_serves_the_project_and_has_no_seats_yet(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    answer = send(
        browser,
        NEW,
        BODIES,
        name="Styregruppen for salget",
        type="forum",
        meetings_per_year="1",
        external_members="0",
        aliases="Salgsgruppen\r\nSG",
        valid_from="1/6 2022",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#bodies")
    made = stored(database, "Styregruppen for salget")
    assert (made.type, made.meetings_per_year, made.external_members, made.typical_attendance) == (
        BodyType.forum,
        1,
        0,
        None,
    )
    assert made.aliases == ["Salgsgruppen", "SG"]
    assert served(database, "Styregruppen for salget") == [("P-006", 2)]
    assert "Styregruppen for salget Forum · 1 møde om året" in shown(browser)
    assert "Ingen har en plads i dag." in shown(browser)


def test_a_body_that_exists_serves_one_more_project_with_the_seats_it_has(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    name = "Programstyregruppen for Nyt Fokus"
    browser = sign_in(leder)
    answer = send(browser, CHOOSE, body=name)
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#bodies")
    assert served(database, name) == [("P-001", 2), ("P-002", 1), ("P-006", 2)]
    assert name in shown(browser)
    assert "Jonas Bek" in shown(browser)


@one_database
def test_a_body_serves_a_project_once(sign_in: SignIn, leder: User, database: Engine) -> None:
    name = "Kvarterbestyrelsen for Gadehavegård og Charlotteager"
    answer = send(sign_in(leder), CHOOSE, body=name)
    assert answer.status_code == 409
    assert "Organet er allerede knyttet til projektet." in answer.text
    assert len(served(database, name)) == 3


@one_database
def test_only_bodies_that_exist_today_are_offered(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    offered = [option.text for option in read_page(browser.get(CHOOSE).text).all("option")]
    assert offered[0] == "–"
    assert "Digitaliseringsforum" in offered
    assert "Styregruppen for indkøb" not in offered  # ended in 2018
    ended = stored(database, "Styregruppen for indkøb")
    assert_each_refused(browser, CHOOSE, CHOOSE, [({}, {"body": "Udfyld »Organ«"})])
    answer = browser.post(CHOOSE, data={"body": ended.name})
    assert answer.status_code == 422
    assert "Vælg en af mulighederne" in answer.text


@one_database
def test_a_change_shows_on_every_project_that_the_body_serves(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    assert send(browser, FIRST, name="Kvarterbestyrelsen i syd", meetings_per_year="11").status_code == 303
    for number in ("P-005", "P-006", "P-018"):
        assert "Kvarterbestyrelsen i syd Kvarterbestyrelse · 11 møder om året · 6 eksterne" in shown(browser, number)


@one_database
def test_a_body_that_has_ended_leaves_the_page(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    send(browser, FIRST, valid_to="13-06-2022")
    assert "Kvarterbestyrelsen for Gadehavegård" in shown(browser)  # its last day
    send(browser, FIRST, valid_to="12-06-2022")
    assert "Intet organ er knyttet til projektet endnu." in shown(browser)
    body = stored(database, "Kvarterbestyrelsen for Gadehavegård og Charlotteager")
    assert body.valid_to == date(2022, 6, 12)


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    assert_each_refused(
        browser,
        NEW,
        BODIES,
        [
            ({}, {"name": "Udfyld »Navn«"}),
            (
                {"name": "En gruppe", "meetings_per_year": "367", "external_members": "-1", "typical_attendance": "to"},
                {
                    "meetings_per_year": "Skriv et tal, der er højst 366",
                    "external_members": "Skriv et tal, der er mindst 0",
                    "typical_attendance": "Skriv et tal, fx 1.250,5",
                },
            ),
            (
                {"name": "En gruppe", "valid_from": "13-06-2022", "valid_to": "12-06-2022"},
                {"valid_to": "Slutdatoen ligger før startdatoen"},
            ),
        ],
    )


@one_database
def test_of_two_who_change_a_body_from_two_projects_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, sekretariat: User, database: Engine
) -> None:
    form = form_on(sign_in(leder), FIRST, FIRST)
    name = "Kvarterbestyrelsen for Gadehavegård og Charlotteager"
    [from_there] = [no for number, no in served(database, name) if number == "P-018"]
    send(sign_in(sekretariat), f"/projects/P-018/bodies/{from_there}/edit", aliases="KB2")
    answer = sign_in(leder).post(FIRST, data=form.values | {"short": "KB"})
    assert answer.status_code == 409
    assert "Også kendt som KB2" in part(answer.text, "conflict")
    assert stored(database, name).aliases == ["KB2"]
