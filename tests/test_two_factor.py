"""Signing in in two steps: enrolling, the code at the sign-in, recovery codes, and who must."""

import re
from collections.abc import Iterator

import pyotp
import pytest
import time_machine
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Event, SecondFactor, User
from app.models.second_factor import STEP, hash_recovery
from app.settings import get_settings, now
from tests.conftest import SignIn, one_database
from tests.page import read_page

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LEDER = {"email": "leder@demo.example", "password": "demo"}
RECOVERY = "abcde-fghjk-mnpqr-stuvw-xyz23"


def code(steps: int = 0) -> str:
    """What the app shows, so many half minutes from now."""
    return str(pyotp.TOTP(SECRET).at(int(now().timestamp()) + steps * STEP))


@pytest.fixture
def enrolled(leder: User, database: Engine) -> User:
    with Session(database) as session:
        session.add(
            SecondFactor(user_id=leder.pk, secret=SECRET, enrolled_at=now(), recovery_sha256=[hash_recovery(RECOVERY)])
        )
        session.commit()
    return leder


def test_she_enrols_with_her_app_and_gets_ten_codes_that_are_shown_once(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert browser.get("/me/two-factor/qr.svg").status_code == 404
    assert browser.post("/me/two-factor").status_code == 303
    page = read_page(browser.get("/me/two-factor").text)
    secret = page.all("code")[0].text.replace(" ", "")
    assert len(secret) == 32
    picture = browser.get("/me/two-factor/qr.svg")
    assert (picture.headers["content-type"], picture.headers["cache-control"]) == ("image/svg+xml", "no-store")
    assert picture.text.lstrip().startswith("<?xml")
    for wrong in ("", "000000" if pyotp.TOTP(secret).now() != "000000" else "111111"):
        assert browser.post("/me/two-factor/confirmation", data={"code": wrong}).status_code == 422
    answer = browser.post("/me/two-factor/confirmation", data={"code": pyotp.TOTP(secret).now()})
    assert answer.status_code == 200
    codes = [each.text for each in read_page(answer.text).all("code")]
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z2-9]{5}-){4}[a-z2-9]{5}", each) for each in codes)
    later = browser.get("/me/two-factor").text
    assert not any(each in later for each in (*codes, secret))
    assert browser.get("/me/two-factor/qr.svg").status_code == 404
    assert browser.post("/me/two-factor").status_code == 409
    with Session(database) as session:
        assert not any(each in repr(session.exec(select(SecondFactor)).one()) for each in codes)
        last = session.exec(select(Event)).all()[-1]
        assert last.sentence == "Bruger »Camilla Vang« logger nu på i to trin"


def with_password(browser: TestClient) -> str:
    """Where the first step leads."""
    return str(browser.post("/login", data=LEDER | {"next": "/people"}).headers["location"])


def test_the_password_alone_opens_nothing_and_a_code_opens_once(
    enrolled: User, anonymous: TestClient, sign_in: SignIn
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        assert with_password(anonymous) == "/login/code?next=/people"
        waiting = anonymous.cookies["session"]
        assert anonymous.get("/people").headers["location"] == "/login?next=/people"
        assert anonymous.get("/login/code?next=/people").status_code == 200
        for wrong in ("", "12", "abc" * 99, code(5), code(-5)):
            assert anonymous.post("/login/code", data={"code": wrong}).status_code == 422
        used = code()
        answer = anonymous.post("/login/code", data={"code": used, "next": "/people"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/people")
        assert anonymous.cookies["session"] != waiting
        assert anonymous.get("/people").status_code == 200
        other = sign_in(None)
        other.cookies.set("session", waiting)
        assert other.get("/people").status_code == other.get("/login/code").status_code == 303
        with_password(other)
        assert other.post("/login/code", data={"code": used}).status_code == 422, "a code works once"
        assert other.post("/login/code", data={"code": code(-1)}).status_code == 422, "and none before it any more"
        clock.shift(STEP)
        assert other.post("/login/code", data={"code": code(1)}).status_code == 303, "a clock may be half a minute off"


@one_database
def test_a_recovery_code_opens_once(enrolled: User, anonymous: TestClient) -> None:
    with_password(anonymous)
    assert anonymous.post("/login/code", data={"code": RECOVERY.upper().replace("-", " ")}).status_code == 303
    assert "0 nødkoder tilbage" in anonymous.get("/me/two-factor").text
    with_password(anonymous)
    assert anonymous.post("/login/code", data={"code": RECOVERY}).status_code == 422


def test_guessing_codes_is_limited_also_with_a_new_sign_in_each_time(enrolled: User, anonymous: TestClient) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        wrong = next(each for each in ("000000", "111111") if each not in {code(-1), code(), code(1)})
        answers = []
        for _guess in range(12):
            with_password(anonymous)
            answers.append(anonymous.post("/login/code", data={"code": wrong}).status_code)
        assert answers == [422] * 10 + [429] * 2
        assert anonymous.post("/login/code", data={"code": code()}).status_code == 429
        clock.shift(15 * 60)
        with_password(anonymous)
        assert anonymous.post("/login/code", data={"code": code()}).status_code == 303


@one_database
def test_whoever_lets_ten_minutes_pass_begins_again(enrolled: User, anonymous: TestClient) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        with_password(anonymous)
        clock.shift(601)
        answer = anonymous.post("/login/code", data={"code": code()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@one_database
def test_changing_how_one_signs_in_takes_the_password(enrolled: User, sign_in: SignIn, database: Engine) -> None:
    browser = sign_in(enrolled)
    for address in ("/me/two-factor/recovery-codes", "/me/two-factor/removal"):
        assert browser.post(address, data={"current": "forkert"}).status_code == 422
    renewed = browser.post("/me/two-factor/recovery-codes", data={"current": "demo"})
    assert len(read_page(renewed.text).all("code")) == 10
    with Session(database) as session:
        assert hash_recovery(RECOVERY) not in session.exec(select(SecondFactor)).one().recovery_sha256
    assert browser.post("/me/two-factor/removal", data={"current": "demo"}).status_code == 303
    assert browser.post("/me/two-factor/removal", data={"current": "demo"}).status_code == 409
    assert browser.post("/me/two-factor/recovery-codes", data={"current": "demo"}).status_code == 409
    assert with_password(sign_in(None)) == "/people"


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REQUIRE_TWO_FACTOR", "1")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@one_database
def test_an_administrator_with_a_password_enrols_before_anything_else(
    required: None, sign_in: SignIn, admin: User, leder: User, database: Engine
) -> None:
    browser = sign_in(admin)
    for address in ("/", "/users", "/me/password"):
        assert browser.get(address).headers["location"] == "/me/two-factor"
    assert browser.post(f"/users/{leder.id}/deactivation").headers["location"] == "/me/two-factor"
    assert browser.get("/api/v1/portfolios/direktionen/overview").status_code == 403
    assert browser.get("/me/two-factor").status_code == 200
    part = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#session-end"}
    assert browser.get("/me/time-left", headers=part).status_code == 200, "that page says when the session ends, too"
    assert browser.get("/users", headers=part).headers["location"] == "/me/two-factor"
    assert browser.post("/me/two-factor").status_code == 303
    assert sign_in(leder).get("/").status_code == 200
    with Session(database) as session:
        session.exec(select(SecondFactor)).one().enrolled_at = now()
        session.commit()
    assert browser.get("/users").status_code == 200


def test_it_is_required_in_production_unless_somebody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()
    assert not get_settings().two_factor_is_required
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()
    assert get_settings().two_factor_is_required
    monkeypatch.setenv("REQUIRE_TWO_FACTOR", "no")
    get_settings.cache_clear()
    assert not get_settings().two_factor_is_required
    get_settings.cache_clear()
