"""Where an answer leads, under which names we answer, and how much may be sent (trust rows 21, 27, V3, V13)."""

import asyncio
import re
from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app import web
from app.main import create_app
from app.models import User
from app.routes import LARGEST_BODY
from app.settings import get_settings
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import form_on, read_page
from tests.test_access import strict

ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "\t//evil.example",
    " //evil.example",
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://evil.example",
    "evil.example",
    "@evil.example",
    "https://testserver@evil.example",
    "//testserver@evil.example",
    "/\x00/evil.example",
    "/ /evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "",
    "/" + "\\" * 2000,
)
LEADS = ("location", "hx-redirect", "hx-location", "hx-push-url", "hx-replace-url", "refresh", "content-location")


def leads_home(answer: Any) -> None:
    """Every header that moves the browser names a page of ours."""
    for name in LEADS:
        if name in answer.headers:
            path = answer.headers[name]
            assert path.startswith("/"), path
            assert not path.startswith(("//", "/\\")), path
            assert not urlsplit(path).netloc, path
    assert "evil" not in answer.headers.get("set-cookie", "")


@one_database
def test_no_answer_leads_anywhere_else(sign_in: SignIn, leder: User, anonymous: TestClient) -> None:
    browser = sign_in(leder)
    for wanted in ELSEWHERE:
        page = anonymous.get("/login", params={"next": wanted})
        kept = {each.get("value") for each in read_page(page.text).all("input") if each.get("name") == "next"}
        assert all(re.fullmatch(r"(/[^/\\\s][^\\\s]*)?", path) for path in kept), (wanted, kept)
        for answer in (
            browser.post("/language", data={"language": "da", "next": wanted}),
            anonymous.get(f"/people?q={quote(wanted)}", headers={"Referer": quote(wanted, safe="/:\\")}),
            anonymous.get("/", headers={"HX-Request": "true", "HX-Current-URL": quote(wanted)}),
        ):
            assert answer.status_code < 500, wanted
            leads_home(answer)
    what_if, part = "/portfolios/direktionen/what-if", {"HX-Request-Type": "partial", "HX-Target": "div#what-if"}
    for wanted in (*ELSEWHERE[::8], "\u2028€\r\nX: y"):
        for asked in ({"kind": "remove-seat", "scenario": wanted}, {"scenario": wanted, "change": wanted}):
            answer = browser.get(what_if, params=asked, headers=part)
            assert answer.status_code < 500, wanted
            leads_home(answer)
    for address in ("/people/", "/static", "//evil.example", "/%2f%2fevil.example"):
        answer = browser.get(f"http://testserver{address}")
        assert answer.status_code == 404, address
        leads_home(answer)


@one_database
def test_signing_in_leads_to_a_page_of_ours(anonymous: TestClient) -> None:
    for wanted in ELSEWHERE[::10]:
        leads_home(anonymous.post("/login", data={"email": "leder@demo.example", "password": "demo", "next": wanted}))
    answer = anonymous.post("/login", data={"email": "leder@demo.example", "password": "demo", "next": "/people?q=a"})
    assert answer.headers["location"] == "/people?q=a"


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, database: Engine) -> Iterator[TestClient]:
    """A browser at https://list.example, in production."""
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("BASE_URL", "https://list.example")
    get_settings.cache_clear()
    yield TestClient(create_app(database), base_url="https://list.example", follow_redirects=False)
    get_settings.cache_clear()


@one_database
def test_in_production_we_answer_under_our_own_name_and_ask_for_tls(production: TestClient) -> None:
    answer = production.get("/login")
    assert answer.status_code == 200
    strict(answer)
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    for host in ("evil.example", "list.example.evil.example", "list.example@evil.example", "[", ""):
        refused = production.get("/login", headers={"Host": host})
        assert refused.status_code == 400, host
        assert "evil" not in refused.text
        strict(refused)
    for host in ("list.example:443", "LIST.example", "127.0.0.1:8000", "[::1]:8000", "localhost"):
        assert production.get("/healthz", headers={"Host": host}).status_code == 200, host


@one_database
def test_what_somebody_else_says_of_our_name_stands_in_no_page(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    said = {
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Forwarded-Prefix": "//evil.example",
    }
    for address in ("/", "/people", "/api/openapi.json"):
        for headers in (said, said | {"Host": "evil.example"}):
            assert "evil.example" not in browser.get(address, headers=headers).text


def chunks(count: int, size: int = 65536) -> Iterator[bytes]:
    for _chunk in range(count):
        yield b"a" * size


@one_database
def test_what_is_too_large_or_has_no_end_is_refused_in_danish(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, other = sign_in(sekretariat), sign_in(sekretariat)
    before = fingerprint(database)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    parts = {"Content-Type": "multipart/form-data; boundary=b"}
    header = b'--b\r\nContent-Disposition: form-data; name="title"; x="' + b"x" * 100_000 + b'"\r\n\r\nv\r\n--b--\r\n'
    many = [(f"f{number}", "x") for number in range(1001)]
    for path in ("/projects/P-006/edit", "/settings/paper-template", "/projects/P-006/milestones"):
        large = LARGEST_BODY + 2**16 if path != "/settings/paper-template" else 6 * 2**20
        for status, answer in (
            ((413,), browser.post(path, content=b"title=" + b"a" * large, headers=kind)),
            ((413,), browser.post(path, content=chunks(large // 65536 + 1), headers=kind)),
            ((413,), browser.post(path, content=b"x", headers=kind | {"Content-Length": "99999999999"})),
            ((400, 413, 422), browser.post(path, data=dict(many))),
            ((400,), browser.post(path, files=[("f", (None, "x"))] * 1001)),
            ((400, 422), browser.post(path, content=header, headers=parts)),
            ((400,), browser.post(path, content=b"--b\r\nno header", headers=parts)),
            ((400,), browser.post(path, content=b"x", headers={"Content-Type": "multipart/form-data"})),
            ((400, 409, 422), browser.post(path, content=b'{"title": "x"}', headers={"Content-Type": "text/plain"})),
            ((400, 409, 422), browser.post(path, content=b"\xff\xfe=%ff%00", headers=kind)),
        ):
            assert answer.status_code in status, (path, answer.request.headers, answer.text[:300])
            assert answer.headers["content-type"].startswith("text/html"), (
                path,
                answer.request.headers,
                answer.text[:300],
            )
            page = read_page(answer.text)
            assert page.all("html")[0].get("lang") == "da"
            strict(answer)
        assert other.get("/healthz").status_code == 200
    assert fingerprint(database) == before


@one_database
def test_who_sends_slowly_is_given_up_and_keeps_nobody_from_writing(
    app: FastAPI, sign_in: SignIn, sekretariat: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body never ends. Meanwhile somebody else saves: nothing may be locked before the whole has arrived."""
    browser = sign_in(sekretariat)
    form = form_on(browser, "/projects/P-006/edit", "/projects/P-006/edit")
    cookie = f"session={browser.cookies['session']}".encode()
    scope = {
        "type": "http", "method": "POST", "path": "/projects/P-006/edit", "raw_path": b"/projects/P-006/edit",
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("testserver", 80),
        "client": ("testclient", 1), "headers": [
            (b"host", b"testserver"), (b"cookie", cookie), (b"content-type", b"application/x-www-form-urlencoded"),
        ],
    }  # fmt: skip
    sent: list[MutableMapping[str, Any]] = []
    saved: list[int] = []

    async def never_ends() -> dict[str, Any]:
        if not saved:
            answer = await asyncio.to_thread(browser.post, form.action, data=form.values | {"title": "Skrevet imens"})
            saved.append(answer.status_code)
            return {"type": "http.request", "body": b"title=", "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def keep(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    monkeypatch.setattr(web, "PATIENCE", 3.0)
    asyncio.run(app(scope, never_ends, keep))
    assert saved == [303]
    assert sent[0]["status"] == 408
    assert "for længe" in b"".join(message.get("body", b"") for message in sent[1:]).decode()


@one_database
def test_a_method_that_an_address_does_not_have_is_told_which_it_has(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X" * 200):
        for address, allowed in (
            ("/", "GET"),
            ("/projects/P-006/removal", "GET"),
            ("/api/v1/portfolios/direktionen/overview", "GET"),
            ("/logout", "POST"),
        ):
            answer = browser.request(method, address)
            assert (answer.status_code, answer.headers.get("allow")) == (405, allowed), (method, address)
            assert "access-control-allow-origin" not in answer.headers
            strict(answer)


@one_database
def test_files_are_named_by_us_and_only_our_own_are_served(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    for wanted in ("../settings.py", "..%2fsettings.py", "%2e%2e/settings.py", "....//settings.py", "/etc/passwd",
                   "vendor/../../settings.py", "app.css%00.png", "", "vendor", "..\\settings.py"):  # fmt: skip
        answer = browser.get(f"/static/{wanted}")
        assert answer.status_code in (404, 405), wanted
        assert "pydantic" not in answer.text
        strict(answer)
    many = ",".join(f"{number}-{number}" for number in range(10_000))
    assert browser.get("/static/app.css", headers={"Range": f"bytes={many}"}).status_code in (200, 400, 416)
