"""Passwords: what may be one, how it is changed, and the link for whoever has forgotten it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Event, PasswordLink, User
from app.models import password as password_module
from app.models.password import LEAKED, authenticate, too_easy
from app.models.password_link import make_link
from app.models.user_session import digest
from app.settings import get_settings, now
from tests.conftest import SignIn, one_database
from tests.mailbox import MailServer
from tests.page import read_page

GOOD = "gul cykel i regnvejr"
LEDER = "leder@demo.example"


AS_SERVED = password_module._hasher
"""Taken while the tests are collected, before it is replaced by a quick one."""


def typed(password: str, **more: str) -> dict[str, str]:
    return {"password": password, "again": password, "current": "demo"} | more


def test_a_hash_takes_memory_and_time_as_the_makers_of_argon2_recommend() -> None:
    assert AS_SERVED.hash("demo").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "qwertyuiop12",
        "password1234",
        "KommuneKommune",
        "portefølje123",
        "PORTEFØLJELISTEN",
        "kommune2026!",
        "camilla.vang12",
        "vangcamilla2026",
        "leder@demo.example",
    ],
)
def test_a_password_that_can_be_guessed_is_refused(password: str) -> None:
    assert too_easy(password, LEDER, "Camilla Vang")


def test_every_leaked_password_that_is_long_enough_is_refused() -> None:
    long = [password for password in LEAKED if len(password) >= 12]
    assert len(long) > 200
    assert all(too_easy(password) for password in long)


@pytest.mark.parametrize(
    "password",
    [GOOD, "rigtig hest i en kommune", "blå fæstning æder rødgrød", "🦊 over 🌉 ved natten", "x" * 3 + "Ω9!kz?p_mq"],
)
def test_whatever_cannot_be_guessed_may_be_one_without_rules_of_what_is_in_it(password: str) -> None:
    assert too_easy(password, LEDER, "Camilla Vang") == ""


def test_she_changes_her_password_and_is_signed_out_everywhere_else(
    sign_in: SignIn, leder: User, anonymous: TestClient, database: Engine
) -> None:
    here, there, thief = sign_in(leder), sign_in(leder), sign_in(None)
    thief.cookies.set("session", here.cookies["session"])
    long = (f" {GOOD}å" * 6)[:127] + " "
    answer = here.post("/me/password", data=typed(long))
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert [browser.get("/me").status_code for browser in (here, there, thief)] == [200, 303, 303]
    for wrong in ("demo", long[:-1], long.strip(), long[:72]):
        assert anonymous.post("/login", data={"email": LEDER, "password": wrong}).status_code == 422
    assert anonymous.post("/login", data={"email": LEDER, "password": long}).status_code == 303
    with Session(database) as session:
        last = session.exec(select(Event).order_by(col(Event.id).desc()).offset(1)).first()
        assert last
        assert (last.sentence, last.before, last.after) == ("Bruger »Camilla Vang« valgte en ny adgangskode", {}, {})


@one_database
def test_a_change_that_is_refused_changes_nothing_and_sends_nothing_back(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    for sent, says in (
        (typed("kort kode"), "Skriv mindst 12 tegn"),
        (typed("æ" * 129), "Skriv højst 128 tegn"),
        (typed(GOOD, again="noget andet"), "De to er ikke ens"),
        (typed(GOOD, current="forkert"), "Adgangskoden er forkert."),
        (typed("camilla.vang12"), "Den kan gættes."),
        (typed("qwerty123456"), "Den er blandt de adgangskoder, der er lækket oftest."),
    ):
        answer = browser.post("/me/password", data=sent)
        assert answer.status_code == 422
        assert says in answer.text
        assert not [
            field
            for field in read_page(answer.text).all("input")
            if field.get("type") == "password" and field.get("value")
        ]
    assert browser.get("/me").status_code == 200
    with Session(database) as session:
        assert authenticate(session, LEDER, "demo")


@one_database
def test_guessing_the_password_of_a_browser_that_stands_open_is_as_slow_as_at_the_sign_in(
    sign_in: SignIn, leder: User
) -> None:
    browser = sign_in(leder)
    guesses = [browser.post("/me/password", data=typed(GOOD, current=f"gæt {n}")).status_code for n in range(11)]
    assert guesses == [422] * 10 + [429]


@one_database
def test_the_fields_tell_a_password_manager_what_they_are(sign_in: SignIn, leder: User) -> None:
    page = read_page(sign_in(leder).get("/me/password").text)
    fields = {field.get("name"): field for field in page.all("input") if field.get("type") == "password"}
    assert {name: field.get("autocomplete") for name, field in fields.items()} == {
        "current": "current-password",
        "password": "new-password",
        "again": "new-password",
    }
    assert not any("maxlength" in field.attributes or "onpaste" in field.attributes for field in fields.values())


@one_database
def test_what_is_typed_after_the_session_has_ended_is_on_no_page(anonymous: TestClient) -> None:
    answer = anonymous.post("/me/password", data=typed(GOOD))
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert GOOD not in answer.text


def a_link(database: Engine, user: User) -> str:
    with Session(database) as session:
        token = make_link(session, session.get_one(User, user.id))
        session.commit()
        return f"/password/{token}"


def test_a_link_lets_whoever_has_it_choose_a_password_once(
    sign_in: SignIn, leder: User, anonymous: TestClient, database: Engine
) -> None:
    signed_in, old, link = sign_in(leder), a_link(database, leder), a_link(database, leder)
    assert anonymous.get(old).status_code == 404
    assert LEDER in anonymous.get(link).text
    assert anonymous.post(link, data=typed("leder@demo.example")).status_code == 422
    answer = anonymous.post(link, data=typed(GOOD))
    assert (answer.status_code, answer.headers["location"]) == (303, "/password/ready")
    assert "set-cookie" not in answer.headers
    assert signed_in.get("/me").status_code == 303
    assert anonymous.get(link).status_code == anonymous.post(link, data=typed(GOOD)).status_code == 404
    assert anonymous.post("/login", data={"email": LEDER, "password": GOOD}).status_code == 303
    with Session(database) as session:
        kept = session.exec(select(PasswordLink)).all()
    assert digest(link.removeprefix("/password/")) in {each.token_sha256 for each in kept}
    assert link.removeprefix("/password/") not in repr(kept)


@one_database
def test_a_link_is_worth_nothing_after_an_hour_or_when_the_account_is_closed(
    leder: User, anonymous: TestClient, database: Engine
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        link = a_link(database, leder)
        clock.shift(timedelta(minutes=60, seconds=-1))
        assert anonymous.get(link).status_code == 200
        clock.shift(2)
        assert anonymous.get(link).status_code == 404
        link = a_link(database, leder)
    with Session(database) as session:
        session.get_one(User, leder.id).active = False
        session.commit()
    assert anonymous.get(link).status_code == 404


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Any:
    with MailServer().up() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        monkeypatch.setenv("MAIL_FROM", "Porteføljelisten <liste@kommune.example>")
        monkeypatch.setenv("BASE_URL", "https://liste.kommune.example")
        get_settings.cache_clear()
        yield server
    get_settings.cache_clear()


@one_database
def test_whoever_asks_gets_the_same_answer_and_who_has_an_account_a_letter(
    mail: MailServer, anonymous: TestClient, database: Engine
) -> None:
    with Session(database) as session:
        session.exec(select(User).where(User.email == "ejer@demo.example")).one().active = False
        session.exec(select(User).where(User.email == "chefforum@demo.example")).one().password_hash = ""
        session.commit()
    asked = [
        anonymous.post("/password", data={"email": email})
        for email in (" Leder@demo.example", "nobody@demo.example", "ejer@demo.example", "chefforum@demo.example")
    ]
    assert {(answer.status_code, answer.headers["location"], answer.text) for answer in asked} == {
        (303, "/password/sent", "")
    }
    [letter] = mail.taken
    assert letter["To"] == LEDER
    [link] = re.findall(r"https://liste\.kommune\.example(/password/\S+)", letter.get_content())
    assert anonymous.post(link, data=typed(GOOD)).status_code == 303
    with Session(database) as session:
        assert authenticate(session, LEDER, GOOD)


@one_database
def test_asking_is_limited_too(anonymous: TestClient) -> None:
    for email in (LEDER, "nobody@demo.example"):
        asked = [anonymous.post("/password", data={"email": email}).status_code for _try in range(11)]
        assert asked == [303] * 10 + [429]


@one_database
def test_without_a_mail_server_the_page_says_who_can_help(anonymous: TestClient, database: Engine) -> None:
    anonymous.post("/password", data={"email": LEDER})
    assert "Administratoren kan se, at du har bedt om det" in anonymous.get("/password/sent").text
    with Session(database) as session:
        assert session.exec(select(PasswordLink)).all() == []


@one_database
def test_the_log_opens_nobodys_link(leder: User, anonymous: TestClient, database: Engine, capsys: Any) -> None:
    link = a_link(database, leder)
    anonymous.get(link)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"request"' in line]
    assert lines[-1]["path"] == "/password/…"
