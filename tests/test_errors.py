import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event
from sqlmodel import create_engine
from starlette.testclient import TestClient

from app.models import User
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import form_on, read_page

NUMBER = re.compile(r"<code>([0-9a-f]{12})</code>")


@pytest.fixture
def broken(app: FastAPI, tmp_path: Path) -> Iterator[TestClient]:
    """A browser on an installation whose database lacks what the program asks it for."""
    app.state.engine = create_engine(f"sqlite:///{tmp_path}/nowhere.sqlite3")
    with TestClient(app, follow_redirects=False) as browser:
        browser.cookies.set("session", "x", domain="testserver.local")
        yield browser
    app.state.engine.dispose()


def logged(capsys: pytest.CaptureFixture[str], event: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def test_a_page_that_does_not_exist_says_so_in_danish_and_leads_home(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    for address in ("/nowhere", "/portfolios/none/overview", "/projects/P-999", "/people/0", "/people/abc"):
        answer = browser.get(address)
        page = read_page(answer.text)
        assert answer.status_code == 404, address
        assert page.all("html")[0].get("lang") == "da"
        assert any(link.get("href") == "/" for link in page.all("a") if link.inside("main"))
        assert NUMBER.search(answer.text)


def test_an_address_with_an_absurd_number_names_nothing(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    for absurd in ("99999999999999999999999", "-1", "1.5", "1e3", "%00", "٣"):
        for address in (
            f"/people/{absurd}",
            f"/projects/{absurd}",
            f"/projects/P-006/milestones/{absurd}/edit",
            f"/projects/P-006/effect-targets/1/measurements/{absurd}/edit",
        ):
            assert browser.get(address).status_code == 404, address


ODD = ("%00", "%", "_", "'", '"', "\\", "%ff", "a" * 3000, "&lt;b&gt;", "[](){}|^$", "%F0%9F%90%98", "%ED%A0%80")


@pytest.mark.parametrize("tab", ["overview", "burden", "effects"])
def test_whatever_stands_in_a_filter_the_answer_is_a_page(sign_in: SignIn, leder: User, tab: str) -> None:
    browser = sign_in(leder)
    elsewhere = [(name, value) for name in ("theme", "unit", "colour", "owner", "kind") for value in ("%00", "'")]
    for name, value in [*(("q", value) for value in ODD), *elsewhere]:
        answer = browser.get(f"/portfolios/direktionen/{tab}?{name}={value}")
        assert answer.status_code == (404 if value == "%00" else 200), (name, value)
        read_page(answer.text)


def test_a_null_character_in_a_text_is_left_out(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, "/projects/P-006/edit", "/projects/P-006/edit")
    answer = browser.post(form.action, data=form.values | {"title": "Ny\x00 titel"})
    assert answer.status_code == 303
    assert "Ny titel" in browser.get("/projects/P-006").text


def test_the_wrong_person_is_told_why(sign_in: SignIn, anden_leder: User) -> None:
    answer = sign_in(anden_leder).get("/projects/P-006/edit")
    assert answer.status_code == 403
    assert len(read_page(answer.text).all("h1")[0].text) > 20
    assert NUMBER.search(answer.text)


def test_an_address_used_the_wrong_way_is_a_405_that_names_the_right_one(sign_in: SignIn, leder: User) -> None:
    answer = sign_in(leder).post("/portfolios/direktionen/overview")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_fault_of_ours_is_a_page_with_a_number_that_is_in_the_log(
    broken: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = broken.get("/")
    assert answer.status_code == 500
    number = NUMBER.search(answer.text)
    assert number
    entry = logged(capsys, "unexpected")[0]
    assert entry["request_id"] == number[1]
    assert "no such table" in str(entry["exception"])


def test_the_log_of_a_fault_holds_no_cookie(broken: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    broken.cookies.set("session", "hemmeligt-token", domain="testserver.local")
    assert broken.get("/").status_code == 500
    [entry] = logged(capsys, "unexpected")
    assert "frames" in str(entry["exception"])
    assert "hemmeligt-token" not in str(entry)


def test_a_fault_in_the_middle_of_a_change_is_a_page_and_nothing_is_saved(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    form = form_on(browser, "/projects/P-006/edit", "/projects/P-006/edit")
    before = fingerprint(database)

    def disk_is_full(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO event"):
            raise OSError("No space left on device")

    event.listen(database, "before_cursor_execute", disk_is_full)
    answer = browser.post(form.action, data=form.values | {"title": "Ny titel"})
    event.remove(database, "before_cursor_execute", disk_is_full)
    assert answer.status_code == 500
    assert NUMBER.search(answer.text)
    assert fingerprint(database) == before


def test_a_fault_of_ours_tells_nothing_of_how_the_program_is_made(broken: TestClient) -> None:
    for address in ("/", "/api/v1/portfolios/direktionen/overview"):
        answer = broken.get(address)
        assert answer.status_code == 500
        for secret in ("Traceback", "sqlite", "select", "/app/", ".py", "nowhere"):
            assert secret not in answer.text


def test_a_fault_of_ours_is_a_page_for_htmx_too(broken: TestClient) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#projects"}
    answer = broken.get("/portfolios/direktionen/overview", headers=headers)
    assert answer.status_code == 500
    assert NUMBER.search(answer.text)


def test_the_api_says_no_in_json_with_the_number(sign_in: SignIn, leder: User, broken: TestClient) -> None:
    refused = sign_in(leder)
    for browser, address in ((refused, "/api/v1/none"), (broken, "/api/v1/portfolios/direktionen/overview")):
        answer = browser.get(address)
        assert answer.headers["content-type"] == "application/json"
        assert re.fullmatch("[0-9a-f]{12}", answer.json()["id"])
        assert answer.json()["detail"]


def test_the_log_has_one_line_for_each_request_whatever_its_address_says(
    anonymous: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    anonymous.get("/a%0Ab%0D%1B[31mc")
    line, end = capsys.readouterr().out.split("\n")
    assert json.loads(line)["status"] == 404
    assert end == ""


@one_database
def test_a_date_at_the_end_of_time_breaks_no_page(sign_in: SignIn, leder: User) -> None:
    browser, milestones = sign_in(leder), "/projects/P-006/milestones"
    form = form_on(browser, f"{milestones}/new", milestones)
    for day in ("31-12-9999", "01-01-0001"):
        for precision in ("day", "week", "quarter"):
            typed = {"text": "Engang", "due_on": day, "precision": precision}
            assert browser.post(milestones, data=form.values | typed).status_code == 303
    for address in (
        "/projects/P-006",
        *(f"/portfolios/direktionen/{tab}" for tab in ("overview", "burden", "effects")),
    ):
        assert browser.get(address).status_code == 200


@one_database
def test_a_form_that_no_browser_sends_is_refused_and_not_a_fault_of_ours(sign_in: SignIn, leder: User) -> None:
    browser, milestones = sign_in(leder), "/projects/P-006/milestones"
    assert browser.post(milestones, json={"text": "x"}).status_code == 422
    assert browser.post(milestones, files={"text": ("a.txt", b"x")}).status_code == 400
    assert browser.post(milestones, data={f"field{n}": "x" for n in range(600)}).status_code == 400
    assert browser.post(milestones, data={"text": "x" * 3_000_000}).status_code == 413
    milestone = {"text": "Engang", "due_on": "01-09-2022", "kind": "delivery", "precision": "day"}
    for version in ("", "x", "-1", "9" * 30):
        answer = browser.post(f"{milestones}/1/edit", data=milestone | {"version": version})
        assert answer.status_code == 409


@one_database
def test_what_somebody_writes_is_shown_as_it_was_written_and_never_run(sign_in: SignIn, leder: User) -> None:
    browser, written = sign_in(leder), "<script>alert(1)</script> {{ 7 * 7 }} %(days)s %s 100 % & \"'"
    form = form_on(browser, "/projects/P-006/edit", "/projects/P-006/edit")
    assert browser.post(form.action, data=form.values | {"title": written}).status_code == 303
    for address in (
        "/",
        "/projects/P-006",
        *(f"/portfolios/direktionen/{tab}" for tab in ("overview", "burden", "effects")),
    ):
        page = browser.get(address)
        assert "<script>alert" not in page.text
        assert written in read_page(page.text).text, address
