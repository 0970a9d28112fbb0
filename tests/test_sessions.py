from urllib.parse import quote

import time_machine
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import User, UserSession
from app.models.user_session import digest
from app.settings import now
from tests.conftest import SignIn, one_database
from tests.page import read_page

LEDER = {"email": "leder@demo.example", "password": "demo"}


def test_the_leader_signs_in_with_her_password_and_comes_to_the_front_page(anonymous: TestClient) -> None:
    answer = anonymous.post("/login", data=LEDER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert anonymous.get("/").status_code == 200


def test_her_e_mail_may_be_written_with_capitals_and_spaces(anonymous: TestClient) -> None:
    assert anonymous.post("/login", data=LEDER | {"email": " Leder@Demo.Example "}).status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_the_database_keeps_only_its_hash(
    anonymous: TestClient, database: Engine
) -> None:
    answer = anonymous.post("/login", data=LEDER)
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = anonymous.cookies["session"]
    with Session(database) as session:
        stored = session.exec(select(UserSession)).one()
    assert stored.token_sha256 == digest(token)
    assert token not in repr(stored)


def test_each_sign_in_has_a_session_of_its_own(anonymous: TestClient) -> None:
    anonymous.post("/login", data=LEDER)
    first = anonymous.cookies["session"]
    anonymous.post("/login", data=LEDER)
    assert anonymous.cookies["session"] != first


def test_a_session_that_somebody_else_made_up_is_worth_nothing(anonymous: TestClient) -> None:
    anonymous.cookies.set("session", "made-up")
    assert anonymous.get("/").status_code == 303


def test_after_signing_out_a_copy_of_the_cookie_is_worth_nothing(sign_in: SignIn, leder: User) -> None:
    hers, thief = sign_in(leder), sign_in(None)
    thief.cookies.set("session", hers.cookies["session"])
    assert thief.get("/").status_code == 200
    assert hers.post("/logout").headers["location"] == "/login"
    assert thief.get("/").status_code == 303
    assert "session" not in hers.cookies


def test_signing_out_in_one_browser_leaves_the_other_signed_in(sign_in: SignIn, leder: User) -> None:
    here, there = sign_in(leder), sign_in(leder)
    here.post("/logout")
    assert there.get("/").status_code == 200


def test_nobody_learns_who_has_an_account(anonymous: TestClient) -> None:
    wrong = [LEDER | {"password": "wrong"}, LEDER | {"email": "nobody@demo.example"}]
    known, unknown = (anonymous.post("/login", data=typed) for typed in wrong)
    assert known.status_code == unknown.status_code == 422
    assert known.text.replace('value="leder@', 'value="nobody@') == unknown.text
    assert 'role="alert"' in known.text


def test_the_password_is_never_sent_back(anonymous: TestClient) -> None:
    answer = anonymous.post("/login", data=LEDER | {"password": "hemmeligt-ord"})
    assert "hemmeligt-ord" not in answer.text
    assert 'value="leder@demo.example"' in answer.text


def test_a_sign_in_without_fields_is_answered_with_the_page(anonymous: TestClient) -> None:
    answer = anonymous.post("/login", data={})
    assert answer.status_code == 422
    assert "<form" in answer.text


@one_database
def test_after_ten_attempts_the_account_rests_and_fifteen_minutes_later_the_right_password_works(
    anonymous: TestClient,
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        answers = [anonymous.post("/login", data=LEDER | {"password": "wrong"}).status_code for _ in range(10)]
        assert answers == [422] * 10
        assert anonymous.post("/login", data=LEDER).status_code == 429
        assert anonymous.post("/login", data=LEDER | {"email": "ejer@demo.example"}).status_code == 303
        clock.shift(15 * 60)
        assert anonymous.post("/login", data=LEDER).status_code == 303


def test_a_deactivated_account_is_out_at_the_next_request_and_cannot_sign_in(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert browser.get("/").status_code == 200
    with Session(database) as session:
        session.get_one(User, leder.id).active = False
        session.commit()
    assert browser.get("/").status_code == 303
    assert browser.post("/login", data=LEDER).status_code == 422


def test_whoever_is_sent_to_sign_in_comes_back_to_where_they_were_going(anonymous: TestClient) -> None:
    wanted = "/portfolios/direktionen/overview?colour=red&q=bolig+%26+b%C3%B8rn%23"
    page = read_page(anonymous.get(anonymous.get(wanted).headers["location"]).text)
    assert [field.get("value") for field in page.all("input") if field.get("name") == "next"] == [wanted, "/login"]
    answer = anonymous.post("/login", data=LEDER | {"next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, wanted)


ELSEWHERE = [
    "//evil.example",
    "//evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/ok\r\nSet-Cookie: a=b",
    " /portfolios",
    "",
]


@one_database
def test_nobody_is_sent_to_another_site_after_signing_in(anonymous: TestClient) -> None:
    for wanted in ELSEWHERE:
        page = anonymous.get(f"/login?next={quote(wanted)}")
        assert '<input type="hidden" name="next" value="">' in page.text, wanted
    for wanted in ELSEWHERE[:3]:
        answer = anonymous.post("/login", data=LEDER | {"next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), wanted


@one_database
def test_nobody_is_sent_to_another_site_after_changing_the_language(anonymous: TestClient) -> None:
    for wanted in ELSEWHERE:
        answer = anonymous.post("/language", data={"language": "en", "next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), wanted


def test_htmx_is_told_to_show_the_sign_in_page_as_a_whole_page(anonymous: TestClient) -> None:
    answer = anonymous.get("/portfolios/direktionen/overview", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"], answer.text) == (401, "/login", "")


def test_the_api_answers_401_and_not_a_page(anonymous: TestClient) -> None:
    answer = anonymous.get("/api/v1/portfolios/direktionen/overview")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json")


def test_the_language_follows_the_account_to_another_browser(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    browser.post("/language", data={"language": "en", "next": "/"})
    assert '<html lang="en">' in browser.get("/").text
    other = sign_in(None)
    other.post("/login", data=LEDER)
    assert '<html lang="en">' in other.get("/").text


def test_an_unknown_language_is_danish(anonymous: TestClient) -> None:
    anonymous.post("/language", data={"language": "xx", "next": "/login"})
    assert '<html lang="da">' in anonymous.get("/login").text
