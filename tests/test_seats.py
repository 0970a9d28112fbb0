from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Body, Person, Seat, User
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, assert_refused, part, send
from tests.page import form_on, read_page

SEATS = "/projects/P-006/bodies/1/seats"
NEW = f"{SEATS}/new"
TAKEN = "Personen har allerede en plads i organet i den periode."
RIKKE, CAMILLA = 19, 20  # Rikke Hald has no seat in the body; Camilla Vang has no. 4 since 1 August 2018


def stored(database: Engine, no: int) -> Seat:
    with Session(database) as session:
        query = select(Seat).join(Body).where(Body.name == "Kvarterbestyrelsen for Gadehavegård og Charlotteager")
        return session.exec(query.where(Seat.no == no)).one()


def shown(browser: TestClient, number: str = "P-006") -> str:
    return part(browser.get(f"/projects/{number}").text, "bodies")


def person(browser: TestClient, key: int) -> str:
    return read_page(browser.get(f"/people/{key}").text).all("main")[0].text


def test_somebody_gets_a_seat_and_it_stands_on_every_project_of_the_body_and_on_their_own_page(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    before = person(browser, RIKKE)
    answer = send(browser, NEW, SEATS, person_id=str(RIKKE), function="secretary", from_on="1/6 2022")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#bodies")
    assert (stored(database, 6).person_id, stored(database, 6).from_on) == (RIKKE, date(2022, 6, 1))
    for number in ("P-005", "P-006", "P-018"):
        assert "Rikke Hald , sekretær" in shown(browser, number)
    page = person(browser, RIKKE)
    assert "2 pladser · 2 point" in before
    assert "3 pladser · 3 point" in page
    assert page.count("Kvarterbestyrelsen for Gadehavegård og Charlotteager , sekretær siden 01-06-2022") == 1


@one_database
def test_a_body_that_serves_several_projects_is_one_seat_that_names_them_all(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    page = read_page(browser.get(f"/people/{CAMILLA}").text)
    [seat] = [item for item in page.all("li") if "Kvarterbestyrelsen for Gadehavegård" in item.text]
    own_page, *projects = [link.get("href") for link in seat.all("a")]
    assert own_page == "/projects/P-005/bodies/2"
    assert sorted(projects) == ["/projects/P-005", "/projects/P-006", "/projects/P-018"]
    assert "medlem, efter behov" in seat.text
    assert "1 plads · 0,5 point" in page.text


def test_a_seat_that_has_ended_no_longer_counts_but_is_not_forgotten(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert "Camilla Vang , medlem, efter behov" in shown(browser)
    assert send(browser, f"{SEATS}/4/edit", to_on="12-06-2022").status_code == 303
    assert stored(database, 4).to_on == date(2022, 6, 12)
    page = person(browser, CAMILLA)
    assert "0 pladser · 0 point Ingen plads i dag. 1 tidligere eller kommende plads" in page
    assert "Charlotteager , medlem 01-08-2018 – 12-06-2022" in page
    assert "Camilla Vang , medlem" not in shown(browser)
    assert "Camilla Vang, medlem, 01-08-2018 – 12-06-2022" in shown(browser)


@one_database
def test_a_seat_counts_on_its_first_and_on_its_last_day(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    send(browser, f"{SEATS}/4/edit", to_on="13-06-2022")
    send(browser, NEW, SEATS, person_id=str(RIKKE), from_on="13-06-2022")
    assert "1 plads · 0,5 point" in person(browser, CAMILLA)
    assert "3 pladser" in person(browser, RIKKE)
    send(browser, f"{SEATS}/6/edit", from_on="14-06-2022")
    assert "2 pladser" in person(browser, RIKKE)
    assert "Rikke Hald, medlem, 14-06-2022 –" in shown(browser)


@pytest.mark.parametrize(
    ("from_on", "to_on", "taken"),
    [
        ("01-01-2019", "31-12-2019", True),  # within
        ("01-01-2018", "01-08-2018", True),  # until the first day
        ("01-01-2010", "", True),  # around
        ("13-06-2022", "", True),  # the seat is open-ended
        ("01-01-2018", "31-07-2018", False),  # until the day before
    ],
)
@one_database
def test_one_persons_periods_in_a_body_never_share_a_day(
    sign_in: SignIn, leder: User, from_on: str, to_on: str, taken: bool
) -> None:
    browser = sign_in(leder)
    form = form_on(browser, NEW, SEATS)
    sent = form.values | {"person_id": str(CAMILLA), "from_on": from_on, "to_on": to_on}
    answer = browser.post(SEATS, data=sent)
    if taken:
        assert_refused(answer, sent, {"person_id": TAKEN})
    else:
        assert answer.status_code == 303


@one_database
def test_a_seat_is_extended_over_itself_but_not_into_the_persons_next(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    send(browser, f"{SEATS}/4/edit", to_on="31-12-2021")
    assert send(browser, NEW, SEATS, person_id=str(CAMILLA), from_on="01-03-2022").status_code == 303
    assert send(browser, f"{SEATS}/4/edit", to_on="28-02-2022").status_code == 303
    form = form_on(browser, f"{SEATS}/4/edit", f"{SEATS}/4/edit")
    sent = form.values | {"to_on": "01-03-2022"}
    assert_refused(browser.post(form.action, data=sent), sent, {"person_id": TAKEN})
    sent = form.values | {"person_id": "6"}  # Hanne Skov sits there already
    assert_refused(browser.post(form.action, data=sent), sent, {"person_id": TAKEN})
    assert (stored(database, 4).person_id, stored(database, 4).to_on) == (CAMILLA, date(2022, 2, 28))


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    assert_each_refused(
        sign_in(leder),
        NEW,
        SEATS,
        [
            ({"from_on": ""}, {"from_on": "Udfyld »Fra«"}),
            ({"from_on": "13-06-2022"}, {"role": "Vælg en person, eller skriv, hvilken rolle pladsen er til"}),
            (
                {"person_id": str(RIKKE), "from_on": "13-06-2022", "to_on": "12-06-2022"},
                {"to_on": "Slutdatoen ligger før startdatoen"},
            ),
            (
                {"person_id": str(RIKKE), "from_on": "snart", "function": "observer"},
                {"from_on": "Skriv datoen som dd-mm-åååå, fx 13-06-2022"},
            ),
        ],
    )


@one_database
def test_whoever_has_left_gets_no_new_seat_but_the_one_they_have_can_be_ended(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    with Session(database) as session:
        session.get_one(Person, CAMILLA).active = False
        session.get_one(Person, RIKKE).active = False
        session.commit()
    assert "Rikke Hald" not in browser.get(NEW).text
    answer = browser.post(SEATS, data={"person_id": str(RIKKE), "from_on": "13-06-2022"})
    assert answer.status_code == 422
    assert "Vælg en af mulighederne" in answer.text
    assert send(browser, f"{SEATS}/4/edit", to_on="31-05-2022").status_code == 303
    assert stored(database, 4).person_id == CAMILLA


@one_database
def test_of_two_who_change_a_seat_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    address = f"{SEATS}/4/edit"
    form = form_on(sign_in(leder), address, address)
    send(sign_in(ejer), address, function="chair")
    answer = sign_in(leder).post(address, data=form.values | {"to_on": "31-12-2022"})
    assert answer.status_code == 409
    assert "Funktion Formand Medlem" in part(answer.text, "conflict")
    assert stored(database, 4).to_on is None


@one_database
def test_a_seat_is_found_only_below_its_own_body(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert browser.get("/projects/P-005/bodies/1/seats/6/edit").status_code == 200
    assert browser.get("/projects/P-006/bodies/1/seats/6/edit").status_code == 404
    assert browser.get("/projects/P-006/bodies/2/seats/1/edit").status_code == 404


def test_a_chair_can_stand_empty_until_a_unit_has_named_somebody(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = send(browser, NEW, SEATS, role="Sundhedsfaglig leder", unit_id="8", from_on="01-06-2022")
    assert answer.status_code == 303
    assert (stored(database, 6).person_id, stored(database, 6).role) == (None, "Sundhedsfaglig leder")
    assert "Ubesat Sundhedsfaglig leder (SOUC udpeger), medlem" in shown(browser)
    before = person(browser, RIKKE)
    assert send(browser, f"{SEATS}/6/edit", person_id=str(RIKKE)).status_code == 303
    assert "Rikke Hald , medlem" in shown(browser)
    assert "Ubesat" not in shown(browser)
    assert person(browser, RIKKE) != before
    assert stored(database, 6).unit_id == 8


@one_database
def test_empty_chairs_stand_side_by_side(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    for _each in range(2):
        assert send(browser, NEW, SEATS, role="Beboerrepræsentant", from_on="01-06-2022").status_code == 303
    assert shown(browser).count("Ubesat Beboerrepræsentant, medlem") == 2


@one_database
def test_a_seat_that_was_given_up_before_it_began_is_in_nobodys_way(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    send(browser, NEW, SEATS, person_id=str(RIKKE), from_on="01-09-2022")
    with Session(database) as session:
        session.get_one(Seat, stored(database, 6).pk).to_on = date(2022, 8, 31)
        session.commit()
    assert "Rikke Hald, medlem, fra 01-09-2022, bortfaldet før den begyndte" in shown(browser)
    assert send(browser, NEW, SEATS, person_id=str(RIKKE), from_on="01-07-2022").status_code == 303
