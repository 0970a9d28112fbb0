from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Person, Unit, User
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

OVERVIEW = "/portfolios/direktionen/overview"
HANNE = "/people/6"
EDIT = f"{HANNE}/edit"


def stored(database: Engine, name: str) -> Person:
    with Session(database) as session:
        return session.exec(select(Person).where(Person.name == name)).one()


def main(browser: TestClient, address: str) -> str:
    return read_page(browser.get(address).text).all("main")[0].text


def section(browser: TestClient, address: str, heading: str) -> str:
    page = read_page(browser.get(address).text)
    return next(each.text for each in page.all("section") if each.get("aria-labelledby") == heading)


def test_a_new_person_stands_among_the_others_in_danish_order(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, "/people/new", "/people", name="Åse Aagaard", title="Udbudsjurist", unit_id="10")
    made = stored(database, "Åse Aagaard")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/people/{made.pk}")
    assert main(browser, f"/people/{made.pk}").startswith(
        "Åse Aagaard Udbudsjurist · Økonomi- og Digitaliseringscenteret (ØDC)"
    )
    table = read_page(browser.get("/people").text).all("tbody")[0]
    names = [row.all("a")[0].text for row in table.all("tr")]
    assert names[0] == "Allan Brogaard"
    assert names[-1] == "Åse Aagaard"  # å is the last letter
    assert len(names) == 41


@one_database
def test_a_guest_is_shown_with_where_they_come_from(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    typed = {"name": "Ib Dal", "external": "on", "organisation": "Domea"}
    address = send(browser, "/people/new", "/people", **typed).headers["location"]
    assert main(browser, address).startswith("Ib Dal · Domea")
    assert "Ib Dal Domea (ekstern)" in main(browser, "/people")


@one_database
def test_a_page_says_what_somebody_owns_leads_and_sits_in(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    assert section(browser, HANNE, "owns") == (
        "Projektejer for Strategisk udviklingsplan for tre udsatte boligområder P-003 · Projekt "
        "Byrumsplan for de udsatte byområder P-004 · Projekt "
        "Fysiske helhedsplaner for Taastrupgaard og Gadehavegård P-005 · Projekt "
        "Fælles plan for Charlottekvarteret og frasalg af 120 almene boliger P-006 · Projekt "
        "Omdannelse af Blåkildegård P-007 · Projekt Omlacering af 300 almene boliger P-008 · Projekt"
    )
    assert section(browser, HANNE, "leads") == "Projektleder for Ingen projekter."
    assert "Kvarterbestyrelsen for Taastrupgård og Blåkilde , ejer siden 01-05-2016" in section(browser, HANNE, "seats")
    assert "Ingen plads i dag." in section(browser, "/people/16", "seats")


def test_a_new_name_is_found_in_the_search_and_the_old_one_no_longer(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, EDIT, name="Hanne Åkjær", title="Direktør")
    assert (answer.status_code, answer.headers["location"]) == (303, HANNE)
    assert stored(database, "Hanne Åkjær").title == "Direktør"
    assert main(browser, HANNE).startswith("Hanne Åkjær Direktør")
    assert "Viser 4 af 38 projekter" in main(browser, f"{OVERVIEW}?q=aakjaer")
    assert "Viser 0 af 38 projekter" in main(browser, f"{OVERVIEW}?q=Hanne+Skov")
    assert "Projektejer Hanne Åkjær , direktør" in main(browser, "/projects/P-006")


@one_database
def test_whoever_has_left_stays_on_the_pages_but_cannot_be_given_a_project(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert send(browser, EDIT, active="").status_code == 303
    assert "Ikke aktiv" in main(browser, HANNE)
    assert "Hanne Skov Ikke aktiv" in main(browser, "/people")
    assert "Hanne Skov" not in browser.get("/projects/new").text
    assert "Projektejer Hanne Skov" in main(browser, "/projects/P-006")


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert_each_refused(
        browser,
        "/people/new",
        "/people",
        [
            ({"title": "Konsulent"}, {"name": "Udfyld »Navn«"}),
            (
                {"name": "n" * 81, "title": "t" * 90, "external": "on"},
                {"name": "Skriv højst 80 tegn (1 tegn for meget)", "title": "Skriv højst 80 tegn (10 tegn for meget)"},
            ),
        ],
    )
    answer = browser.post("/people", data={"name": "Ib Dal", "unit_id": "99"})
    assert answer.status_code == 422
    assert "Vælg en af mulighederne" in answer.text


@one_database
def test_a_person_keeps_a_unit_that_no_longer_exists(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    with Session(database) as session:
        session.get_one(Unit, 3).valid_to = date(2022, 5, 31)
        session.commit()
    assert send(browser, EDIT, title="Direktør").status_code == 303
    assert stored(database, "Hanne Skov").unit_id == 3


@one_database
def test_of_two_who_change_a_person_the_second_sees_what_the_first_saved(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    first, second = sign_in(sekretariat), sign_in(sekretariat)
    form = form_on(second, EDIT, EDIT)
    send(first, EDIT, title="Direktør")
    answer = second.post(EDIT, data=form.values | {"name": "Hanne Skov Jensen"})
    assert answer.status_code == 409
    assert "Stilling Direktør Centerchef" in part(answer.text, "conflict")
    assert stored(database, "Hanne Skov").title == "Direktør"


@one_database
def test_somebodys_page_says_what_they_carry_as_belastning_does_also_in_earlier_editions(
    sign_in: SignIn, laeser: User
) -> None:
    browser = sign_in(laeser)
    tab = browser.get("/api/v1/portfolios/direktionen/burden").json()
    for loaded in tab["most_loaded"]:
        person = next(each for group in tab["groups"] for each in group["people"] if each["id"] == loaded["id"])
        page = read_page(browser.get(f"/people/{person['id']}").text)
        text = next(section for section in page.all("section") if section.get("id") == "load").text
        assert f"nr. {person['rank']} af" in text
        assert f"{person['chairs']} som formand eller ejer" in text
        assert text.count("202") == 5  # two rounds in 2020, two in 2021, one in 2022
