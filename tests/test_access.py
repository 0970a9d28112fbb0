"""Who may what: every route against everybody. The table is docs/permissions.md."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import Engine
from sqlmodel import SQLModel, create_engine
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from app.models import User
from tests.conftest import SignIn, one_database
from tests.databases import ROOT, fingerprint
from tests.page import read_page
from tests.writes import FORUM, JUNE, LOOK, TASK, TOPIC, WRITES, address, filled_in, send_to

TABLE = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8").split("```")[1]
HEADER, *LINES = [line.split() for line in TABLE.splitlines() if line.strip()]
ROUTES = {(method, path): dict(zip(HEADER, cells, strict=True)) for method, path, *cells in LINES}
READING = [path for method, path in ROUTES if method == "GET"]
WRITING = [path for method, path in ROUTES if method == "POST"]
TAKES_OUT = [
    "/portfolios/{slug}/export.xlsx",
    *(path for path in READING if path.startswith("/meetings/") and "." in path),
]
"""What is read is handed out as a file, and that is logged; reading changes nothing else."""
EXAMPLES = {
    "/people/{person_id}/registered": "/people/20/registered",
    "/people/{person_id}/registered.json": "/people/20/registered.json",
    "/error-reports/{key}/answer": "/error-reports/fejl-1/answer",
    "/static/*": "/static/app.css",
    "/projects/{number}/reports/{round}/edit": "/projects/P-005/reports/2022-06/edit",
    "/projects/{number}/task-force": "/projects/P-002/task-force",
    "/projects/{number}/follow-ups/new": "/projects/P-002/follow-ups/new",
    "/projects/{number}/follow-ups/{no}/edit": "/projects/P-002/follow-ups/1/edit",
    LOOK: "/projects/P-045/effect-targets/1/follow-ups/2",
    f"{LOOK}/edit": "/projects/P-045/effect-targets/1/follow-ups/2/edit",
    f"{LOOK}/waiver": "/projects/P-045/effect-targets/1/follow-ups/2/waiver",
    "/projects/{number}/proposals/new-listing": "/projects/P-009/proposals/new-listing",
    "/portfolios/{slug}/proposals/{key}": "/portfolios/direktionen/proposals/hjem-til-alle",
    "/portfolios/{slug}/proposals/{key}/rejection": "/portfolios/direktionen/proposals/hjem-til-alle/rejection",
    "/portfolios/{slug}/proposals/{key}/project": "/portfolios/direktionen/proposals/hjem-til-alle/project",
    "/portfolios/{slug}/scenarios/{key}": "/portfolios/direktionen/scenarios/udvalg-17-4",
    "/portfolios/{slug}/scenarios/{key}/edit": "/portfolios/direktionen/scenarios/udvalg-17-4/edit",
    "/portfolios/{slug}/scenarios/{key}/proposal": "/portfolios/direktionen/scenarios/udvalg-17-4/proposal",
    TASK: "/portfolios/direktionen/tasks/evaluering-2017",
    **{
        f"{TASK}/{way}": f"/portfolios/direktionen/tasks/{key}/{way}"
        for way, key in {
            "evidence": "aaben",
            "wish": "aaben",
            "postponement": "aaben",
            "refusal": "oensket",
            "lapse": "aaben",
            "reopening": "udfoert",
            "handover": "aaben",
        }.items()
    },
    "/users/{user_id}": "/users/2",
    "/portfolios/{slug}/questions/{key}": "/portfolios/direktionen/questions/red",
    "/api/v1/portfolios/{slug}/questions/{key}": "/api/v1/portfolios/direktionen/questions/red",
    TOPIC: "/portfolios/direktionen/topics/moeder-2018",
    f"{TOPIC}/edit": "/portfolios/direktionen/topics/moeder-2018/edit",
    f"{TOPIC}/meeting": "/portfolios/direktionen/topics/centerchefer-2022/meeting",
    f"{TOPIC}/outcome": "/portfolios/direktionen/topics/moeder-2018/outcome",
    f"{TOPIC}/tasks/new": "/portfolios/direktionen/topics/moeder-2018/tasks/new",
    f"{TOPIC}/lapse": "/portfolios/direktionen/topics/moeder-2018/lapse",
    f"{TOPIC}/reopening": "/portfolios/direktionen/topics/fora-2014/reopening",
    "/meetings/{meeting_id}/cancellation": f"/meetings/{FORUM}/cancellation",
    "/meetings/{meeting_id}/agenda.docx": f"/meetings/{FORUM}/agenda.docx",
    "/meetings/{meeting_id}/agenda.pdf": f"/meetings/{FORUM}/agenda.pdf",
    "/meetings/{meeting_id}/recommendations/{subject}/edit": f"/meetings/{JUNE}/recommendations/attention/edit",
    "/meetings/{meeting_id}/recommendations/{subject}/addition": f"/meetings/{JUNE}/recommendations/forum/addition",
    "/meetings/{meeting_id}/candidates/{source}/{ref}/edit": f"/meetings/{JUNE}/candidates/red/P-028/edit",
    "/meetings/{meeting_id}/decisions/{key}/tasks/new": "/meetings/12/decisions/opmaerk-2022/tasks/new",
    "/meetings/{meeting_id}/decisions/{key}/annulment": "/meetings/12/decisions/opmaerk-2022/annulment",
    "/portfolios/{slug}/rounds/{key}/freeze": "/portfolios/closed_for_leaders/rounds/2023-01/freeze",
    "/portfolios/{slug}/rounds/{key}/addenda/new": "/portfolios/direktionen/rounds/2022-01/addenda/new",
}


def example(path: str) -> str:
    """An address of a route that reads, of something that exists."""
    return EXAMPLES.get(path) or address(path, WRITES.get(path))


def walk(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every method and path, through included routers and mounted applications, with its endpoint or route."""
    for context in iter_route_contexts(list(routes)):
        route = context.original_route
        if isinstance(route, Mount):
            below = getattr(route.app, "routes", None)
            if below is None:
                yield "GET", f"{prefix}{route.path}/*", route
            else:
                yield from walk(below, prefix + route.path)
            continue
        for method in sorted(set(context.methods or {"WEBSOCKET"}) - {"HEAD"}):
            yield method, prefix + str(context.path), route


def expected(answer: Any) -> str:
    """An answer as the table writes it. A form sent without a session is kept on a page that leads to the sign-in."""
    if answer.status_code == 303 and answer.headers["location"].partition("?")[0] == "/login":
        return "login"
    if answer.status_code == 401 and 'href="/login"' in answer.text:
        return "login"
    return str(answer.status_code)


def taken_from_request(dependant: Dependant) -> Iterator[Any]:
    """The types that a route and what it depends on read from body, query, headers and cookies."""
    for fields in (dependant.body_params, dependant.query_params, dependant.header_params, dependant.cookie_params):
        yield from (field.field_info.annotation for field in fields)
    for below in dependant.dependencies:
        yield from taken_from_request(below)


def test_the_walk_finds_routes_however_they_were_added() -> None:
    def answer() -> None: ...

    inner, outer, mounted, app = APIRouter(), APIRouter(), FastAPI(openapi_url=None), FastAPI(openapi_url=None)
    inner.add_api_route("/a", answer, methods=["GET", "POST"])
    outer.include_router(inner, prefix="/outer")
    outer.add_api_route("/b", answer, include_in_schema=False)
    outer.add_api_websocket_route("/socket", answer)
    app.include_router(outer, prefix="/v1")
    mounted.add_api_route("/c", answer)
    app.mount("/mounted", mounted)
    app.mount("/files", StaticFiles(directory="."))
    found = {(method, path) for method, path, _route in walk(app.routes) if not path.startswith(("/docs", "/redoc"))}
    assert found == {
        ("GET", "/v1/outer/a"),
        ("POST", "/v1/outer/a"),
        ("GET", "/v1/b"),
        ("WEBSOCKET", "/v1/socket"),
        ("GET", "/mounted/c"),
        ("GET", "/files/*"),
    }


def test_every_route_stands_in_the_table(application: FastAPI) -> None:
    found = {(method, path) for method, path, _route in walk(application.routes)}
    assert ("GET", "/portfolios/{slug}/overview") in found
    assert len(found) >= 60
    new, gone = sorted(found - ROUTES.keys()), sorted(ROUTES.keys() - found)
    assert not new, f"Add a line to docs/permissions.md saying who may: {new}"
    assert not gone, f"These stand in docs/permissions.md but no longer exist: {gone}"


def test_every_writing_route_has_a_form_that_the_tests_can_fill_in() -> None:
    missing, gone = sorted(WRITING - WRITES.keys()), sorted(WRITES.keys() - set(WRITING))
    assert not missing, f"Add to WRITES in tests/writes.py where the form stands and what is typed: {missing}"
    assert not gone, f"These stand in WRITES in tests/writes.py but no longer exist: {gone}"


def test_nothing_is_changed_but_by_post(application: FastAPI) -> None:
    assert {method for method, _path, _route in walk(application.routes)} == {"GET", "POST"}


def test_no_route_takes_a_whole_table_row_from_a_request(application: FastAPI) -> None:
    """A table class checks nothing when it is made; a row in a signature would let anybody set any column."""
    for _method, path, route in walk(application.routes):
        if not isinstance(route, APIRoute):
            continue
        for kind in taken_from_request(route.dependant):
            is_table = isinstance(kind, type) and issubclass(kind, SQLModel) and kind.model_config.get("table")
            assert not is_table, f"{path} takes {kind} from the request"


def in_turn(paths: list[str], database: Engine) -> Iterator[list[str]]:
    """All the addresses that need nothing first, then one by one those for which something must be so before."""
    prepared = {path: WRITES[path].before for path in paths if path in WRITES and WRITES[path].before}
    yield [path for path in paths if path not in prepared]
    for path, prepare in prepared.items():
        if prepare:
            prepare(database)
        yield [path]


@one_database
def test_a_page_is_for_those_the_table_names(sign_in: SignIn, cast: dict[str, User], database: Engine) -> None:
    browsers = {name: sign_in(cast.get(name)) for name in HEADER}
    for paths in in_turn(READING, database):
        for path in paths:
            found = {name: expected(browsers[name].get(example(path))) for name in HEADER}
            assert found == ROUTES["GET", path], path


@one_database
def test_whoever_may_not_write_changes_nothing(sign_in: SignIn, cast: dict[str, User], database: Engine) -> None:
    openers = {name: sign_in(cast[name]) for name in {write.opener for write in WRITES.values()}}
    browsers = {name: sign_in(cast.get(name)) for name in HEADER}
    for paths in in_turn(WRITING, database):
        forms = {path: filled_in(openers[WRITES[path].opener], path) for path in paths}
        before = fingerprint(database)
        for path, form in forms.items():
            done = str(WRITES[path].answer)
            refused = {name: cell for name, cell in ROUTES["POST", path].items() if cell != done}
            found = {name: expected(send_to(browsers[name], path, form)) for name in refused}
            assert found == refused, path
        assert fingerprint(database) == before


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (path, name)
        for path in WRITING
        for name, cell in ROUTES["POST", path].items()
        if cell == str(WRITES[path].answer) and name != WRITES[path].opener  # of whom test_events.py asks more
    ],
)
@one_database
def test_whoever_may_write_does(path: str, name: str, sign_in: SignIn, cast: dict[str, User]) -> None:
    browser = sign_in(cast.get(name))
    assert send_to(browser, path, filled_in(browser, path)).status_code == WRITES[path].answer


FROM_ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "null"},
]


@one_database
def test_a_form_on_another_site_changes_nothing(
    sign_in: SignIn, cast: dict[str, User], sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    sent = {path: filled_in(sign_in(cast[WRITES[path].opener]), path) for path in WRITING}
    before = fingerprint(database)
    for path, form in sent.items():
        for headers in FROM_ELSEWHERE:
            answer = send_to(browser, path, form, headers=headers)
            assert answer.status_code == 403, (path, headers)
            assert "set-cookie" not in answer.headers
    assert fingerprint(database) == before


@one_database
def test_a_form_of_our_own_is_accepted_from_a_browser(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    path = "/projects/{number}/edit"
    assert browser.post(address(path), data=filled_in(browser, path), headers=headers).status_code == 303


def test_reading_writes_nothing(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    before = fingerprint(database)
    for path in READING:
        if path not in TAKES_OUT:
            browser.get(example(path))
    assert fingerprint(database) == before


def test_taking_out_a_file_writes_its_line_in_the_log_and_nothing_else(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    for path in TAKES_OUT:
        before = fingerprint(database)
        assert browser.get(example(path)).status_code == 200, path
        after = fingerprint(database)
        assert {table for table in after if after[table] != before[table]} == {"export", "event"}, path


@one_database
def test_no_header_or_field_turns_one_method_into_another(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    before = fingerprint(database)
    for method in ("PUT", "PATCH", "DELETE"):
        assert browser.request(method, "/projects/P-006").status_code == 405
        browser.post("/projects/P-006", headers={"X-HTTP-Method-Override": method}, data={"_method": method})
    assert fingerprint(database) == before


POLICY = {
    "default-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
}


def strict(answer: Any) -> None:
    """The headers that every answer has."""
    headers = answer.headers
    assert {part.strip() for part in headers["content-security-policy"].split(";")} == POLICY, answer.url
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    assert "server" not in headers
    kept = answer.status_code == 200 and answer.request.url.path.startswith("/static/")
    assert headers["cache-control"] == ("public, max-age=31536000" if kept else "no-store"), answer.url


@one_database
def test_every_answer_forbids_what_our_pages_do_not_need(
    sign_in: SignIn, leder: User, anonymous: TestClient, app: FastAPI
) -> None:
    browser = sign_in(leder)
    milestones, choose = "/projects/P-006/milestones", "/projects/P-006/bodies/choose"
    known = {"body": "Styregruppen for Rådhuset"}
    assert browser.post(choose, data=known).status_code == 303
    answers = {
        "page": (200, browser.get("/")),
        "fragment": (200, browser.get("/", headers={"HX-Request": "true"})),
        "json": (200, browser.get("/api/v1/portfolios/direktionen/overview")),
        "file": (200, browser.get("/static/app.css")),
        "no file": (404, browser.get("/static/none.css")),
        "to the sign-in": (303, anonymous.get("/")),
        "htmx to the sign-in": (401, anonymous.get("/", headers={"HX-Request": "true"})),
        "forbidden": (403, browser.get("/projects/P-012/edit")),
        "not found": (404, browser.get("/none")),
        "wrong method": (405, browser.post("/")),
        "from elsewhere": (403, browser.post("/logout", headers={"Sec-Fetch-Site": "cross-site"})),
        "invalid": (422, browser.post(milestones, data={})),
        "written": (303, browser.post(milestones, data=filled_in(browser, "/projects/{number}/milestones"))),
        "a rule says no": (409, browser.post(choose, data=known)),
    }
    app.state.engine = create_engine("sqlite:////nowhere/list.sqlite3")
    answers["no database"] = (503, browser.get("/"))
    assert {name: answer.status_code for name, (_status, answer) in answers.items()} == {
        name: status for name, (status, _answer) in answers.items()
    }
    for _status, answer in answers.values():
        strict(answer)


@one_database
def test_a_page_answers_with_a_fragment_only_when_htmx_asks_for_that_part(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    address = "/portfolios/direktionen/overview"
    part = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#projects"}
    fragment = browser.get(address, headers=part)
    [root] = [child for child in read_page(fragment.text).children if not isinstance(child, str)]
    assert root.get("id") == "projects"
    for headers in (
        {"HX-Request": "true"},
        part | {"HX-Request-Type": "full"},
        part | {"HX-Target": "div#other"},
        part | {"HX-Target": "../error.html"},
    ):
        assert browser.get(address, headers=headers).text.lstrip().startswith("<!DOCTYPE html>")
    assert "HX-Target" in fragment.headers["vary"]


def test_every_mounted_folder_is_the_one_of_our_own_files(application: FastAPI) -> None:
    mounted = [route for _method, _path, route in walk(application.routes) if isinstance(route, Mount)]
    assert [route.path for route in mounted] == ["/static"]
    others = [
        path
        for _method, path, route in walk(application.routes)
        if isinstance(route, Route) and not isinstance(route, APIRoute)
    ]
    assert others == ["/api/openapi.json"]
