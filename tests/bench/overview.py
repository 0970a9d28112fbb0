"""The overview page, fresh after every write: against Datasette, against its own rows, and ten times as large."""

import re
import sqlite3
from contextlib import ExitStack
from pathlib import Path

from fastapi import FastAPI
from sqlmodel import Session, select
from starlette.requests import Request

from app.models import Portfolio, User
from app.models.user import with_person
from app.models.visibility import read_as
from app.settings import today
from app.tabs.edition import editions
from app.tabs.filters import Filters
from app.tabs.overview import Overview, build_overview
from app.web import render
from tests.bench.compare import Compared, Cost, Side, cost_of, in_turn, own_cost
from tests.bench.lists import ADDRESS, READER, GeneratedList
from tests.bench.servers import Server, datasette, our_server


def overview_fresh(small: GeneratedList, app: FastAPI, folder: Path) -> Compared:
    """The page of 1,000 projects over HTTP, one status committed before each request; Datasette's page of the rows."""
    flat = _flat_table(small, app, folder / "flat.db")
    with ExitStack() as running:
        ours = running.enter_context(our_server(small.folder))
        theirs = running.enter_context(datasette(folder / "flat.db", small.projects))
        ours.sign_in(READER)
        return in_turn("overview-fresh", 0.20, _fresh_page(ours, small), _fresh_table(theirs, flat, small))


def growth(small: GeneratedList, large: GeneratedList) -> Compared:
    """The same fresh page at 10,000 projects; at 1,000."""
    with ExitStack() as running:
        servers = [running.enter_context(our_server(each.folder)) for each in (large, small)]
        for server in servers:
            server.sign_in(READER)
        work, reference = (_fresh_page(server, each) for server, each in zip(servers, (large, small), strict=True))
        return in_turn("growth", 11, work, reference, rounds=9)


def overview_vs_rows(small: GeneratedList, app: FastAPI) -> Compared:
    """The whole page in process, from session to bytes; only fetching its rows with sqlite3."""
    statuses = small.statuses()
    statements = (Path(__file__).parent / "rows.sql").read_text().split(";\n")
    parameters = small.parameters()

    def page() -> Cost:
        with own_cost() as cost:
            body = page_in_process(app, small)
        _check_page(body.decode(), statuses)
        return cost

    def rows() -> Cost:
        with own_cost() as cost:
            fetched = [small.raw.execute(statement, parameters).fetchall() for statement in statements]
        assert len(fetched[0]) == len(statuses), f"{len(fetched[0])} rows"
        return cost

    return in_turn("overview-vs-rows", 6, page, rows)


def page_in_process(app: FastAPI, of: GeneratedList) -> bytes:
    """The page as its route makes it, without HTTP."""
    with Session(of.engine.execution_options(read_only=True), expire_on_commit=False) as session:
        user, portfolio = signed_in(session)
        tab = build_overview(session, portfolio, Filters(), today())
        state = {"user": user, "portfolio": portfolio}
        scope = {"type": "http", "method": "GET", "path": ADDRESS, "headers": [], "query_string": b"", "app": app}
        request = Request(scope | {"state": state, "server": ("bench", 80), "scheme": "http"})
        kept = editions(session, portfolio, "")
        return bytes(render(request, "overview/show.html", portfolio=portfolio, tab=tab, editions=kept).body)


def signed_in(session: Session) -> tuple[User, Portfolio]:
    """The reader and the list; from here on the session reads as the reader."""
    user = session.exec(select(User).where(User.email == READER).options(with_person())).one()
    read_as(session, user)
    return user, session.exec(select(Portfolio)).one()


def _fresh_page(server: Server, of: GeneratedList) -> Side:
    """Asks for the page after a write; the answer must hold every status and what was written."""
    statuses = of.statuses()

    def page() -> Cost:
        written = of.commit_a_status()
        with cost_of(server.pid) as cost:
            body = server.get(ADDRESS)
        text = body.decode()
        assert written in text, "the page is stale"
        _check_page(text, statuses)
        return cost

    return page


_ROW = re.compile(r'<a class="cell-title" href="/projects/([^"]+)">')
_MARK = re.compile(r"#rag-(\w+)")


def _check_page(html: str, statuses: dict[str, list[str]]) -> None:
    """Every project once, with its status and its history."""
    table = html.partition('id="projects"')[2]
    shown = {}
    for row in table.split('<tr><th scope="row">')[1:]:
        number = _ROW.match(row)
        assert number, "a row without a project"
        status, *history = _MARK.findall(row.partition("</tr>")[0])
        assert status == history[-1], f"{number[1]} has two statuses"
        shown[number[1]] = history
    assert shown == statuses, f"{len(shown)} rows of {len(statuses)}, or a wrong status"


def _fresh_table(server: Server, flat: sqlite3.Connection, of: GeneratedList) -> Side:
    expected = sorted(marks[-1] for marks in of.statuses().values())

    def page() -> Cost:
        written = f"Status skrevet lige før siden, nr. {next(of.numbers)}."
        flat.execute("update overview set summary = ? where number = 'P-001'", (written,))
        with cost_of(server.pid) as cost:
            body = server.get("/flat/overview?_size=max")
        text = body.decode()
        assert written in text, "the page is stale"
        shown = sorted(re.findall(r'<td class="col-status type-str">(\w+)</td>', text))
        assert shown == expected, f"{len(shown)} rows of {len(expected)}, or a wrong status"
        return cost

    return page


def _flat_table(of: GeneratedList, app: FastAPI, file: Path) -> sqlite3.Connection:
    """The values that a row of the page shows, in one table without joins: what suits Datasette best."""
    with Session(of.engine) as session:
        _user, portfolio = signed_in(session)
        tab = build_overview(session, portfolio, Filters(), today())
    flat = sqlite3.connect(file, isolation_level=None)
    flat.execute("pragma journal_mode = wal")
    flat.execute(_FLAT)
    flat.executemany("insert into overview values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", _flat_rows(tab))
    return flat


_FLAT = """
create table overview (
    number primary key, title, kind, theme, owner, leader, unit, approved_on, summary, signals, trend, last_status,
    status_1, status_2, status_3, status_4, status_5, status
)
"""


def _flat_rows(tab: Overview) -> list[tuple[object, ...]]:
    return [
        (
            row.number,
            row.title,
            str(row.kind),
            row.theme,
            row.owner,
            row.leader,
            row.unit,
            row.approved_on and row.approved_on.isoformat(),
            row.summary or row.why_missing,
            "; ".join(map(str, row.signals)),
            row.trend and str(row.trend),
            row.last_mark and f"{row.last_mark}, {row.last_round}",
            *(mark.value for mark in row.history),
        )
        for group in tab.groups
        for row in group.rows
    ]
