"""Where somebody is signed in: how long a session lives, and how it ends."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Event, User, UserSession
from app.models.password_link import make_link
from app.models.user_session import IDLE, SESSION_LENGTH, browser_in_words
from app.settings import now
from tests.conftest import SignIn, one_database
from tests.page import Element, form_on, read_page

LEDER = {"email": "leder@demo.example", "password": "demo"}
SECOND = timedelta(seconds=1)
ALIVE, OVER = 200, 303


def ask(browser: TestClient) -> int:
    return browser.get("/me").status_code


def test_a_session_ends_after_thirty_minutes_in_which_nobody_did_anything(sign_in: SignIn, leder: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = sign_in(leder)
        clock.shift(IDLE - SECOND)
        assert ask(browser) == ALIVE
        clock.shift(IDLE - SECOND)
        assert ask(browser) == ALIVE, "what she did half an hour ago kept it alive"
        clock.shift(IDLE + SECOND)
        assert ask(browser) == OVER
        clock.shift(-IDLE)
        assert ask(browser) == ALIVE, "a clock that is set back signs nobody out"


@one_database
def test_a_session_ends_after_ten_hours_however_busy_its_user_is(sign_in: SignIn, leder: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = sign_in(leder)
        for _half_hour in range(20):
            assert ask(browser) == ALIVE
            clock.shift(SESSION_LENGTH / 20 - SECOND / 20)
        assert ask(browser) == ALIVE
        clock.shift(2 * SECOND)
        assert ask(browser) == OVER


@one_database
def test_what_a_page_asks_by_itself_does_not_keep_the_session_alive(sign_in: SignIn, leder: User) -> None:
    part = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#screen"}
    with time_machine.travel(now(), tick=False) as clock:
        browser = sign_in(leder)
        screen = browser.get("/meetings/12/screen").text
        asks = next(element for element in read_page(screen) if element.get("hx-trigger").startswith("every"))
        headers = part | dict(re.findall(r'"(\w+)": "([^"]*)"', asks.get("hx-headers")))
        for _ten_minutes in range(3):
            assert browser.get(asks.get("hx-get"), headers=headers).status_code in (200, 204)
            clock.shift(IDLE / 3)
        here = {"HX-Current-URL": "http://testserver/meetings/12/screen"}
        answer = browser.get(asks.get("hx-get"), headers=headers | here)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=/meetings/12/screen")


ASKS_BY_ITSELF = r'<[^>]*hx-trigger="(?:every|load|focus from:window)[^>]*'


def test_every_part_that_asks_by_itself_says_so() -> None:
    """Otherwise a page that is left open would stay signed in."""
    templates = (Path(__file__).parent.parent / "app" / "templates").rglob("*.html")
    polls = [tag for file in templates for tag in re.findall(ASKS_BY_ITSELF, file.read_text())]
    assert len(polls) == 3
    assert all('"Polling"' in tag for tag in polls)


def end_on(html: str) -> Element:
    """What a page, or that part of it, says of the end of the session."""
    [found] = [element for element in read_page(html) if element.get("id") == "session-end"]
    return found


def ask_again(browser: TestClient, part: Element) -> Any:
    """As the page does by itself when it is time, or whoever presses the button."""
    headers = dict(re.findall(r'"(\w+)": "([^"]*)"', part.get("hx-headers")))
    return browser.get(part.get("hx-get"), headers=PART | headers)


def seconds_until_asked(part: Element) -> int:
    [seconds] = re.findall(r"^load delay:(\d+)s$", part.get("hx-trigger"))
    return int(seconds)


PART = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#session-end"}


@one_database
def test_two_minutes_before_it_ends_the_page_says_so_and_one_press_keeps_it(sign_in: SignIn, leder: User) -> None:
    """WCAG 2.2.1. What the page asks by itself keeps nothing: whoever does nothing is told that it is over."""
    with time_machine.travel(now(), tick=False) as clock:
        browser = sign_in(leder)
        for presses in (True, False):
            browser.get("/me")
            part, waited = end_on(browser.get("/projects/P-006").text), 0
            while not part.all("section"):
                assert part.text == ""
                clock.shift(seconds_until_asked(part))
                waited += seconds_until_asked(part)
                part = end_on(ask_again(browser, part).text)
            assert timedelta(minutes=28) <= timedelta(seconds=waited) < timedelta(minutes=28, seconds=5)
            assert "Du bliver logget af om 2 minutter" in part.text
            [button] = part.all("button")
            if presses:
                clock.shift(timedelta(minutes=1))
                part = end_on(ask_again(browser, button).text)
                assert part.text == "Du er stadig logget på."
                assert part.all("section") == []
                clock.shift(timedelta(minutes=28))
                assert ask(browser) == ALIVE
        clock.shift(seconds_until_asked(part))
        over = ask_again(browser, part)
        assert ask(browser) == OVER
    assert (over.status_code, "hx-redirect" in over.headers) == (401, False)
    assert "Du er logget af" in end_on(over.text).text


@one_database
def test_at_the_end_of_the_working_day_the_page_says_so_and_offers_no_way_to_go_on(
    sign_in: SignIn, leder: User
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = sign_in(leder)
        while ask(browser) == ALIVE and not end_on(page := browser.get("/me").text).all("section"):
            clock.shift(timedelta(minutes=2))
        part = end_on(page)
        assert "en session varer højst ti timer" in part.text
        assert part.all("button") == []


@one_database
def test_only_the_page_asks_for_the_time_that_is_left(sign_in: SignIn, leder: User) -> None:
    answer = sign_in(leder).get("/me/time-left")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/sessions")


def seen(database: Engine) -> list[UserSession]:
    with Session(database) as session:
        return list(session.exec(select(UserSession)))


def test_it_is_written_down_once_a_minute_that_somebody_is_there_and_nothing_else_is(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = sign_in(leder)
        [started] = seen(database)
        for seconds in (30, 30, 2, 30):
            clock.shift(seconds)
            browser.get("/me")
            browser.post("/people", data={})  # writes wait for nobody, and nobody for them
        [later] = seen(database)
    assert later.last_seen_at - started.last_seen_at == timedelta(seconds=62)
    assert later.model_dump(exclude={"last_seen_at"}) == started.model_dump(exclude={"last_seen_at"})


def test_her_sessions_stand_on_her_page_with_what_is_known_of_each(sign_in: SignIn, leder: User) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    with time_machine.travel("2026-03-02T07:30:00+00:00", tick=False) as clock:
        other = sign_in(None)
        other.post("/login", data=LEDER, headers={"User-Agent": firefox})
        clock.shift(600)
        page = read_page(sign_in(leder).get("/me/sessions").text)
    rows = [[cell.text for cell in row.all("th", "td")][:3] for row in page.all("tbody")[0].all("tr")]
    assert rows == [
        ["Ukendt browser Denne", "02-03-2026 kl. 08.40", "02-03-2026 kl. 08.40"],
        ["Firefox, Windows", "02-03-2026 kl. 08.30", "02-03-2026 kl. 08.30"],
    ]


@one_database
def test_she_ends_one_session_or_all_others(sign_in: SignIn, leder: User, ejer: User, database: Engine) -> None:
    here, there, elsewhere, owner = sign_in(leder), sign_in(leder), sign_in(leder), sign_in(ejer)
    _here, second, _third, his = seen(database)
    assert here.post(f"/me/sessions/{his.key}/ending").status_code == 404
    assert here.post("/me/sessions/nowhere/ending").status_code == 404
    assert here.post(f"/me/sessions/{second.key}/ending").status_code == 303
    assert [ask(browser) for browser in (here, there, elsewhere, owner)] == [ALIVE, OVER, ALIVE, ALIVE]
    assert here.post(f"/me/sessions/{second.key}/ending").status_code == 404
    assert here.post("/me/sessions/others/ending").status_code == 303
    assert [ask(browser) for browser in (here, there, elsewhere, owner)] == [ALIVE, OVER, OVER, ALIVE]
    assert "Log af alle andre steder" not in here.get("/me/sessions").text
    assert here.post("/me/sessions/others/ending").status_code == 303
    with Session(database) as session:
        told = [event.sentence for event in session.exec(select(Event)) if event.user_id == leder.id][-2:]
    assert told == ["Session »Ukendt browser« afsluttet", "Bruger »Camilla Vang« logget af alle andre steder"]


@one_database
def test_signing_in_again_ends_the_session_that_the_browser_had(
    sign_in: SignIn, leder: User, anonymous: TestClient
) -> None:
    thief = sign_in(None)
    anonymous.post("/login", data=LEDER)
    thief.cookies.set("session", anonymous.cookies["session"])
    anonymous.post("/login", data=LEDER)
    assert (ask(anonymous), ask(thief)) == (ALIVE, OVER)


@one_database
def test_signing_out_tells_the_browser_to_forget_what_it_kept(sign_in: SignIn, leder: User) -> None:
    answer = sign_in(leder).post("/logout")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'


def test_an_old_cookie_is_worth_nothing_after_whatever_ends_a_session(
    sign_in: SignIn, leder: User, admin: User, database: Engine
) -> None:
    password = dict.fromkeys(("password", "again"), "gul cykel i regnvejr") | {"current": "demo"}
    account = f"/users/{leder.id}"
    administrator, worked = sign_in(admin), {}

    def chooses_by_link(_hers: TestClient) -> None:
        with Session(database) as session:
            token = make_link(session, session.get_one(User, leder.id))
            session.commit()
        sign_in(None).post(f"/password/{token}", data=password)

    def gets_another_role(_hers: TestClient) -> None:
        form = form_on(administrator, f"{account}/edit", f"{account}/edit").values
        administrator.post(f"{account}/edit", data=form | {"roles": "chefforum"})

    def ends_it_elsewhere(_hers: TestClient) -> None:
        sign_in(leder).post("/me/sessions/others/ending")

    for event in (
        lambda hers: hers.post("/logout"),
        lambda hers: hers.post("/me/password", data=password),
        chooses_by_link,
        gets_another_role,
        ends_it_elsewhere,
        lambda _hers: administrator.post(f"{account}/sessions/ending"),
        lambda _hers: administrator.post(f"{account}/deactivation"),
    ):
        hers, thief = sign_in(leder), sign_in(None)
        thief.cookies.set("session", hers.cookies["session"])
        assert ask(thief) == ALIVE
        event(hers)
        worked[event] = ask(thief)
    assert list(worked.values()) == [OVER] * 7


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_words(user_agent: str, words: str) -> None:
    assert browser_in_words(user_agent) == words
