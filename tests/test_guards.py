"""A guard that is taken away is found out: without it, somebody whom the table refuses gets in."""

import ast
import inspect
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.models import User
from tests.conftest import SignIn, one_database
from tests.databases import House
from tests.test_access import ROUTES, example, expected, in_turn, walk
from tests.writes import WRITES, filled_in, send_to

Guard = Callable[..., Any]
OF_A_STATE = {"visible_report", "approvable_report", "others_account"}
"""They refuse because of what stands in the row: who may read a draft, that its author does not approve it, and that
nobody changes their own account. The table's status is approved, and its account somebody else's;
tests/test_reports.py, tests/test_approvals.py and tests/test_users.py ask these three."""


class _WithoutRefusals(ast.NodeTransformer):
    """Takes every `if …: raise NotAllowed(…)` out of a function."""

    def visit_If(self, node: ast.If) -> Any:
        match node.body[0]:
            case ast.Raise(exc=ast.Call(func=ast.Name(id="NotAllowed"))):
                return ast.Pass()
        return self.generic_visit(node)


def refuses(guard: Guard) -> bool:
    return guard.__module__ == "app.access" and "NotAllowed" in guard.__code__.co_names


def lax(guard: Guard) -> Guard:
    """The same guard, which lets everybody pass who may know of the row."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(guard)))
    code = compile(ast.fix_missing_locations(_WithoutRefusals().visit(tree)), "without refusals", "exec")
    around = inspect.getclosurevars(guard).nonlocals
    names = guard.__globals__ | dict(around)
    exec(code, names)  # noqa: S102 - it is our own function, less a line
    found: Guard = names[guard.__name__]
    return found


def guards_of(dependant: Dependant) -> Iterator[Guard]:
    for below in dependant.dependencies:
        if below.call and refuses(below.call):
            yield below.call
        yield from guards_of(below)


def guarded(application: FastAPI) -> dict[tuple[str, str], set[Guard]]:
    """The routes at which the table refuses somebody, each with the guards that refuse."""
    found = {}
    for method, path, route in walk(application.routes):
        if isinstance(route, APIRoute) and "403" in ROUTES[method, path].values():
            found[method, path] = set(guards_of(route.dependant))
    return found


class Doors:
    """Tries a route as those whom the table refuses, while some guards are away."""

    def __init__(self, app: FastAPI, house: House, browsers: dict[str, TestClient], forms: dict[str, Any]) -> None:
        self.app, self.house, self.browsers, self.forms = app, house, browsers, forms

    def somebody_gets_in(self, method: str, path: str, away: set[Guard]) -> bool:
        """On a copy of the database: whoever gets in may change it."""
        engine: Engine = self.app.state.engine
        self.app.dependency_overrides = {guard: lax(guard) for guard in away}
        try:
            with self.house.copy(engine) as self.app.state.engine:
                return any(self.status(name, method, path) != "403" for name in self.refused(method, path))
        finally:
            self.app.dependency_overrides, self.app.state.engine = {}, engine

    def refused(self, method: str, path: str) -> list[str]:
        return [name for name, cell in ROUTES[method, path].items() if cell == "403"]

    def status(self, name: str, method: str, path: str) -> str:
        browser = self.browsers[name]
        return expected(browser.get(example(path)) if method == "GET" else send_to(browser, path, self.forms[path]))


@one_database
def test_no_route_and_no_guard_can_lose_what_refuses_without_the_table_noticing(
    sign_in: SignIn, app: FastAPI, house: House, cast: dict[str, User], database: Engine
) -> None:
    """Each route without all of its guards, and each guard on one of its routes that nothing else guards."""
    browsers = {name: sign_in(user) for name, user in cast.items()}
    routes, noticed = guarded(app), set[Guard]()
    assert len(routes) > 100
    assert not [route for route, guards in routes.items() if not guards], "what refuses there is no type of access.py"
    unnoticed = []
    for paths in in_turn([path for _method, path in routes], database):
        writing = [path for path in dict.fromkeys(paths) if ("POST", path) in routes]
        forms = {path: filled_in(browsers[WRITES[path].opener], path) for path in writing}
        doors = Doors(app, house, browsers, forms)
        for route in [route for route in routes if route[1] in paths]:
            guards = routes[route]
            if not doors.somebody_gets_in(*route, guards):
                unnoticed.append(route)
            elif len(guards) == 1:
                noticed |= guards
    assert not unnoticed
    shared: dict[Guard, list[tuple[str, str]]] = defaultdict(list)
    for route, guards in routes.items():
        for guard in guards - noticed:
            shared[guard].append(route)
    doors = Doors(app, house, browsers, {})
    idle = {
        guard.__qualname__
        for guard, its_routes in shared.items()
        if not any(doors.somebody_gets_in(*route, {guard}) for route in its_routes if route[0] == "GET")
    }
    assert idle == OF_A_STATE
