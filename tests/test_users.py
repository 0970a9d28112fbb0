"""Accounts: who has one, and what an administrator does with somebody else's."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Event, Person, SecondFactor, User
from app.models.password import authenticate
from app.models.role import Role
from app.settings import now
from tests.conftest import SignIn, one_database
from tests.page import form_on, read_page

GOOD = dict.fromkeys(("password", "again"), "gul cykel i regnvejr")


def test_every_account_stands_there_with_person_roles_and_whether_it_can_sign_in(
    sign_in: SignIn, admin: User, database: Engine
) -> None:
    with Session(database) as session:
        session.get_one(User, 2).active = False
        session.get_one(User, 2).roles = ["direktion", "secretariat"]
        session.commit()
    page = read_page(sign_in(admin).get("/users").text)
    rows = [[cell.text for cell in row.all("th", "td")] for row in page.all("tbody")[0].all("tr")]
    assert len(rows) == 12
    assert rows == sorted(rows)
    assert next(row for row in rows if row[0] == "admin@demo.example")[3] != "–", "who is signed in has signed in"
    assert ["direktion@demo.example", "Mette Dall", "Direktionen, Sekretariat", "–", "Nej"] in rows
    assert ["laeser@demo.example", "–", "Læser", "–", "Ja"] in rows
    links = {link.text: link.get("href") for link in page.all("a")}
    assert links["Mette Dall"] == "/people/1"
    assert links["direktion@demo.example"] == "/users/2"


@one_database
def test_no_page_shows_a_password_or_its_hash(sign_in: SignIn, admin: User, sekretariat: User, leder: User) -> None:
    for person in (admin, sekretariat):
        browser = sign_in(person)
        for address in ("/users", f"/users/{leder.id}"):
            text = browser.get(address).text
            assert "argon2" not in text
            assert person.password_hash not in text
    assert "/users/new" not in sign_in(sekretariat).get("/users").text


def told(database: Engine, user: User) -> list[str]:
    """What the log says that somebody did, the newest last."""
    with Session(database) as session:
        events = session.exec(select(Event).where(Event.user_id == user.id).order_by(col(Event.id)))
        return [event.sentence for event in events]


def test_an_account_is_made_without_a_password_and_its_user_chooses_one(
    sign_in: SignIn, admin: User, database: Engine
) -> None:
    browser = sign_in(admin)
    with Session(database) as session:
        person = session.exec(select(Person).where(Person.name == "Nanna Brix")).one()
    form = form_on(browser, f"/users/new?person={person.id}", "/users")
    assert form.values["person_id"] == str(person.id)
    assert form.values["roles"] == "reader"
    typed = form.values | {"email": "Nanna.Brix@Kommune.Example", "roles": ["chefforum", "reader"]}
    made = browser.post("/users", data=typed)
    assert made.status_code == 303
    page = browser.get(made.headers["location"]).text
    assert "Brugeren har ingen adgangskode endnu" in page
    assert "Herfra kan der ikke sendes mail: du ser linket én gang og giver det selv videre." in page
    link = browser.post(f"{made.headers['location']}/password-link")
    [address] = re.findall(r"<code[^>]*>http://localhost:8000(/password/[\w-]{43})</code>", link.text)
    theirs = sign_in(None)
    assert theirs.post("/login", data={"email": "nanna.brix@kommune.example", "password": ""}).status_code == 422
    assert theirs.post(address, data=GOOD).status_code == 303
    signed_in = theirs.post("/login", data={"email": "nanna.brix@kommune.example"} | {"password": GOOD["password"]})
    assert signed_in.status_code == 303
    assert told(database, admin)[-2:] == [
        "Bruger »Nanna Brix« oprettet",
        "Bruger »Nanna Brix« fik et link til at vælge adgangskode",
    ]
    facts = read_page(browser.get(made.headers["location"]).text).text
    assert "Roller: Chefforum, Læser" in facts
    assert address.removeprefix("/password/") not in facts


@one_database
def test_an_account_that_cannot_be_is_answered_with_the_form(sign_in: SignIn, admin: User) -> None:
    browser = sign_in(admin)
    for typed, says in (
        ({"email": "ikke en adresse", "roles": "reader"}, "Det er ikke en e-mailadresse"),
        ({"email": "LEDER@demo.example", "roles": "reader"}, "En anden bruger har denne adresse"),
        ({"email": "ny@kommune.example"}, "Vælg mindst én rolle"),
        ({"email": "ny@kommune.example", "roles": "konge"}, "Vælg en af mulighederne"),
        ({"email": "ny@kommune.example", "roles": "reader", "person_id": "1"}, "Vælg en af mulighederne"),
    ):
        answer = browser.post("/users", data=typed)
        assert answer.status_code == 422, typed
        assert says in answer.text


def edited(sign_in: SignIn, by: User, user: User, **typed: object) -> int:
    browser = sign_in(by)
    address = f"/users/{user.id}/edit"
    return browser.post(address, data=form_on(browser, address, address).values | typed).status_code


def test_other_roles_hold_at_once_and_sign_the_account_out(
    sign_in: SignIn, admin: User, laeser: User, database: Engine
) -> None:
    browser = sign_in(laeser)
    assert edited(sign_in, admin, laeser) == 303
    assert browser.get("/settings").status_code == 403, "nothing was changed"
    assert edited(sign_in, admin, laeser, roles=["secretariat"]) == 303
    assert browser.get("/settings").status_code == 303
    assert sign_in(laeser).get("/settings").status_code == 200
    with Session(database) as session:
        last = session.exec(select(Event).order_by(col(Event.id).desc())).first()
        assert last
        assert last.differences == [("Roller", "Læser", "Sekretariat")]


def test_a_closed_account_is_out_at_once_and_comes_back_when_it_is_opened(
    sign_in: SignIn, admin: User, laeser: User, database: Engine
) -> None:
    hers, browser = sign_in(laeser), sign_in(admin)
    login = {"email": laeser.email, "password": "demo"}
    assert browser.post(f"/users/{laeser.id}/deactivation").status_code == 303
    assert hers.get("/").status_code == 303
    assert hers.post("/login", data=login).status_code == 422
    assert browser.post(f"/users/{laeser.id}/deactivation").status_code == 409
    assert browser.post(f"/users/{laeser.id}/reactivation").status_code == 303
    assert hers.get("/").status_code == 303, "an old session does not come back to life"
    assert hers.post("/login", data=login).status_code == 303
    assert browser.post(f"/users/{laeser.id}/reactivation").status_code == 409


@one_database
def test_all_sessions_of_an_account_are_ended(sign_in: SignIn, admin: User, leder: User, database: Engine) -> None:
    hers, also_hers, browser = sign_in(leder), sign_in(leder), sign_in(admin)
    assert browser.post(f"/users/{leder.id}/sessions/ending").status_code == 303
    assert [each.get("/").status_code for each in (hers, also_hers, browser)] == [303, 303, 200]
    assert told(database, admin)[-1] == "Bruger »Camilla Vang« logget af alle steder"
    assert "Ikke logget på lige nu" in browser.get(f"/users/{leder.id}").text


@one_database
def test_the_second_step_of_somebody_who_has_lost_the_telephone_is_removed(
    sign_in: SignIn, admin: User, leder: User, database: Engine
) -> None:
    with Session(database) as session:
        session.add(SecondFactor(user_id=leder.pk, secret="JBSWY3DPEHPK3PXP", enrolled_at=now()))
        session.commit()
    browser = sign_in(admin)
    assert browser.post(f"/users/{leder.id}/two-factor/removal").status_code == 303
    assert browser.post(f"/users/{leder.id}/two-factor/removal").status_code == 409
    assert sign_in(None).post("/login", data={"email": leder.email, "password": "demo"}).headers["location"] == "/"


@one_database
def test_nobody_changes_their_own_account(sign_in: SignIn, admin: User) -> None:
    browser = sign_in(admin)
    assert browser.get(f"/users/{admin.id}/edit").status_code == 403
    for way in ("edit", "deactivation", "reactivation", "sessions/ending", "password-link", "two-factor/removal"):
        assert browser.post(f"/users/{admin.id}/{way}").status_code == 403
    assert "edit" not in {
        link.get("href").rpartition("/")[2] for link in read_page(browser.get(f"/users/{admin.id}").text).all("a")
    }


def administrators(database: Engine) -> list[User]:
    with Session(database) as session:
        return [user for user in session.exec(select(User)) if user.active and user.has(Role.admin)]


def test_two_administrators_who_close_each_other_at_the_same_moment_leave_one(
    sign_in: SignIn, admin: User, laeser: User, database: Engine
) -> None:
    for way in ("deactivation", "edit"):
        with Session(database) as session:
            for user in (admin, laeser):
                row = session.get_one(User, user.id)
                row.active, row.roles = True, ["admin"]
            session.commit()
        pairs = [(sign_in(admin), laeser), (sign_in(laeser), admin)]
        edits = {
            other.id: form_on(browser, f"/users/{other.id}/edit", f"/users/{other.id}/edit") for browser, other in pairs
        }
        start = Barrier(2)

        def press(pair: tuple[TestClient, User], way: str = way, edits: Any = edits, start: Barrier = start) -> int:
            browser, other = pair
            start.wait()
            return browser.post(
                f"/users/{other.id}/{way}", data=edits[other.id].values | {"roles": "reader"}
            ).status_code

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(press, pairs))
        assert len(administrators(database)) == 1, way
        assert answers[0] == 303, way
        assert answers[1] in (303, 401, 403, 409), way  # signed out, no administrator any more, or the last one


@one_database
def test_the_last_administrator_stays_one(sign_in: SignIn, admin: User, laeser: User, database: Engine) -> None:
    """Another administrator is needed to try; whoever is not active does not count."""
    with Session(database) as session:
        session.get_one(User, laeser.id).roles = ["admin"]
        session.commit()
    browser = sign_in(laeser)
    with Session(database) as session:
        only = session.get_one(User, admin.id)
        assert authenticate(session, only.email, "demo")
        session.get_one(User, laeser.id).roles = ["admin", "reader"]
        session.commit()
    assert browser.post(f"/users/{admin.id}/deactivation").status_code == 303
    assert [user.id for user in administrators(database)] == [laeser.id]
    assert sign_in(laeser).post(f"/users/{laeser.id}/deactivation").status_code == 403
