from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Body, BodyProject, Person, Project, User
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
    assert "Digitaliseringsforum, Datasikkerhedsforum" in offered  # found under its old name, too
    assert not [name for name in offered if "Styregruppen for indkøb" in name]  # ended in 2018
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


def main(browser: TestClient, address: str) -> str:
    page = browser.get(address)
    assert page.status_code == 200
    return read_page(page.text).all("main")[0].text


@one_database
def test_a_body_of_every_type_is_formed_and_stands_on_its_page_as_it_was_written(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    for no, kind in enumerate(BodyType, start=2):
        typed = {
            "name": f"Organet nr. {no}",
            "type": kind.value,
            "meetings_per_year": "4",
            "typical_attendance": "30",
            "aliases": f"Opgave{no}\r\nO{no}",
            "valid_from": "01-05-2016",
            "valid_to": "31-12-2022",
        }
        assert send(browser, NEW, BODIES, **typed).status_code == 303
        page = main(browser, f"{BODIES}/{no}")
        assert f"Organet nr. {no} {kind} · også kendt som Opgave{no}, O{no}" in page
        assert "Møder pr. år 4 Sædvanligt antal deltagere 30 Eksterne medlemmer ikke oplyst" in page
        assert "Nedsat den 01-05-2016 Nedlagt den 31-12-2022" in page


@one_database
def test_a_bodys_page_says_who_sits_there_and_what_it_serves(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    page = main(browser, f"{BODIES}/1")
    assert "Kvarterbestyrelsen for Gadehavegård og Charlotteager" in page
    assert "5 pladser i dag" in page
    assert "Camilla Vang Projektleder, BURC Medlem Efter behov – 01-08-2018" in page
    assert "Betjener 3 projekter" in page
    addresses = [link.get("href") for link in read_page(browser.get(f"{BODIES}/1").text).all("a")]
    assert {"/projects/P-005", "/projects/P-006", "/projects/P-018"} <= set(addresses)
    assert not [address for address in addresses if "edit" in address]


def ttf(database: Engine) -> str:
    """The page of »Tværgående task force«, below the first of its projects."""
    number, no = served(database, "Tværgående task force")[0]
    return f"/projects/{number}/bodies/{no}"


@one_database
def test_a_bodys_page_says_which_units_have_named_somebody_and_which_have_not(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, here = sign_in(sekretariat), ttf(database)
    page = main(browser, here)
    assert "9 pladser i dag 2 står tomme" in page
    assert "Ubesat Kontaktperson (FKC udpeger) Medlem Fast FKC 01-03-2022" in page
    assert "6 af 8 centre har udpeget" in page
    assert "FKC Center for Fritid og Kultur har ikke udpeget" in page
    assert send(browser, f"{here}/seats/8/edit", person_id="20").status_code == 303
    page = main(browser, here)
    assert "7 af 8 centre har udpeget" in page
    assert "FKC Center for Fritid og Kultur har udpeget" in page


@one_database
def test_former_and_coming_seats_stand_apart_from_todays(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    send(browser, f"{BODIES}/1/seats/4/edit", to_on="31-05-2022")
    send(browser, f"{BODIES}/1/seats/new", f"{BODIES}/1/seats", person_id="19", from_on="01-07-2022")
    page = main(browser, f"{BODIES}/1")
    assert "4 pladser i dag" in page
    assert "Kommende pladser Rikke Hald , medlem 01-07-2022 –" in page
    assert "Tidligere pladser Camilla Vang , medlem, efter behov 01-08-2018 – 31-05-2022" in page


@one_database
def test_the_page_of_a_body_that_has_ended_is_found_from_a_former_members_page(
    sign_in: SignIn, laeser: User, database: Engine
) -> None:
    browser = sign_in(laeser)
    number, no = served(database, "Styregruppen for indkøb")[0]
    here = f"/projects/{number}/bodies/{no}"
    assert "nedlagt den 29-01-2018" in main(browser, here)
    with Session(database) as session:
        chair = session.exec(select(Person.id).where(Person.name == "Ole Bramming")).one()
    links = [link.get("href") for link in read_page(browser.get(f"/people/{chair}").text).all("a")]
    assert here in links
