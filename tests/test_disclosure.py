"""A fault tells nothing, a log line is one line, no secret is logged, and the machine room's figures are its own."""

import json
import re
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from sqlmodel import create_engine
from starlette.testclient import TestClient

from app.access import session_cookie
from app.models import User
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.test_access import READING, WRITING, example, strict
from tests.test_errors import NUMBER, logged
from tests.writes import WRITES, address

SECRET = "SELECT hemmelighed FROM bruger /srv/liste/app.py"


@pytest.fixture
def every_route_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every endpoint raises, whatever it is asked, once whoever asks has been let in."""

    async def fails(**_how: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("fastapi.routing.run_endpoint_function", fails)


@one_database
def test_a_fault_in_any_route_tells_nothing_and_can_be_found_in_the_log(
    sign_in: SignIn, sekretariat: User, database: Engine, every_route_fails: None, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = sign_in(sekretariat)
    before, failed = fingerprint(database), {}
    for method, path in [*(("GET", path) for path in READING), *(("POST", path) for path in WRITING)]:
        place = example(path) if method == "GET" else address(path, WRITES[path])
        answer = browser.request(method, place)
        if answer.status_code in (404, 403):  # what the address names is not there, or is somebody else's
            continue
        if path in ("/static/*", "/api/openapi.json", "/login/code"):  # the last is for whoever is half signed in
            continue
        assert answer.status_code == 500, (method, path)
        strict(answer)
        number = NUMBER.search(answer.text)
        failed[answer.json()["id"] if path.startswith("/api/") else number and number[1]] = path
        for secret in ("hemmelighed", "Traceback", "RuntimeError", "/srv/", "app.py", "site-packages", "SELECT "):
            assert secret not in answer.text, path
    assert len(failed) >= 200
    assert failed.keys() <= {entry["request_id"] for entry in logged(capsys, "unexpected")}
    assert fingerprint(database) == before


@one_database
def test_whatever_is_sent_a_log_line_is_one_line_and_holds_no_secret(
    sign_in: SignIn, leder: User, anonymous: TestClient, app: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = sign_in(leder)
    capsys.readouterr()
    odd = 'x\r\n{"event": "forged"}\x1b[2J\u2028\u2029\x85 \u202e'
    secrets = ["hemmeligt-kodeord-1", "hemmeligt-kodeord-2", "hemmeligt-token-3", browser.cookies[session_cookie()]]
    for client in (browser, anonymous):
        client.get("/people", params={"q": odd, "token": secrets[0]})
        client.get(f"/people/{quote(odd)}")
        client.get("/", headers={"User-Agent": "x\x1b[31m", "Authorization": f"Bearer {secrets[2]}"})
        client.post("/login", data={"email": odd, "password": secrets[0]})
        client.post("/login", data={"email": f"{odd}@x.dk", "password": secrets[1]})
        client.post("/projects/P-006/milestones", data={"text": odd, "password": secrets[1]})
        client.get("/" + "x" * 20_000)
    app.state.engine = create_engine("sqlite:////nowhere/list.sqlite3")
    for client in (browser, anonymous):
        client.cookies.set(session_cookie(), secrets[3], domain="testserver.local")
        assert client.get("/readyz", headers={"Authorization": f"Bearer {secrets[2]}"}).status_code >= 500
        client.post("/login", data={"email": odd, "password": secrets[1]})
    said = capsys.readouterr()
    lines = said.out.splitlines()  # also at U+2028, as whoever reads a log may
    assert len(lines) >= 18
    for line in lines:
        entry = json.loads(line)
        assert entry["event"] in ("request", "unexpected", "gone", "database"), line
        assert re.fullmatch("[0-9a-f]{12}", entry["request_id"])
        assert line.isascii()
        assert "\x1b" not in line
    for secret in secrets:
        assert secret not in said.out + said.err


def at(app: FastAPI, host: str, named: str, **headers: str) -> tuple[int, str]:
    """What /metrics answers to a client at this address, asked under this name."""
    with TestClient(app, base_url=f"http://{named}", client=(host, 50000)) as browser:
        answer = browser.get("/metrics", headers=headers)
    return answer.status_code, answer.text


@one_database
def test_the_figures_are_for_this_machine_alone(app: FastAPI) -> None:
    for host in ("127.0.0.1", "::1"):
        assert at(app, host, "127.0.0.1:8000")[0] == 200
    assert at(app, "127.0.0.1", "localhost:8000")[0] == 200
    nowhere = re.sub(NUMBER, "", TestClient(app).get("/nowhere").text).replace("/nowhere", "/metrics")
    for host, named, headers in (
        ("10.0.0.7", "127.0.0.1", {}),
        ("127.0.0.1", "list.example", {}),
        ("127.0.0.1", "127.0.0.1.evil.example", {}),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", "localhost", {"Forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", "localhost", {"X-Real-IP": "127.0.0.1"}),
        ("127.0.0.1", "localhost", {"Via": "1.1 proxy"}),
        ("testclient", "testserver", {}),
    ):
        status, text = at(app, host, named, **headers)
        assert (status, re.sub(NUMBER, "", text)) == (404, nowhere), (host, named, headers)


@one_database
def test_the_figures_count_answers_by_route_and_name_nobody(app: FastAPI, sign_in: SignIn, leder: User) -> None:
    def figures() -> dict[tuple[str, ...], float]:
        text = at(app, "127.0.0.1", "localhost")[1]
        assert "P-006" not in text
        samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
        return {(each.name, *sorted(each.labels.values())): each.value for each in samples}

    before = figures()
    for _time in range(3):
        assert sign_in(leder).get("/projects/P-006").status_code == 200
    sign_in(leder).get("/projects/L-01")
    sign_in(leder).get("/a-page-that-nobody-has")
    after = figures()
    key = ("portefolje_requests_total", *sorted(("/projects/{number}", "200", "GET")))
    assert after[key] - before.get(key, 0) == 3
    assert after["portefolje_requests_total", *sorted(("/projects/{number}", "404", "GET"))] >= 1
    assert after["portefolje_requests_total", *sorted(("none", "404", "GET"))] >= 1
    assert after["portefolje_ready",] == 1
    assert after["portefolje_letters_waiting",] == 0
    app.state.engine = create_engine("sqlite:////nowhere/list.sqlite3")
    assert figures()["portefolje_ready",] == 0
