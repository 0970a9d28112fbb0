"""Forms and addresses survive nonsense, and only what stands on a form can be set (trust rows 3, 4, 9, 26)."""

import random
import re
from collections import Counter
from collections.abc import Callable

import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from app.models import User
from app.models.reporting_round import RoundState
from tests.conftest import SignIn, one_database, sign_in_again
from tests.databases import fingerprint
from tests.hostile import LONG, soak
from tests.page import form_on
from tests.sizes import tried
from tests.test_access import READING, WRITING, example
from tests.test_hostile_text import STEPS
from tests.writes import WRITES, a_list_with_a_round, address, filled_in, send_to

Typed = dict[str, str | list[str]]

NONSENSE = (
    "", " ", "0", "-1", "1.5", "1e309", "NaN", "0x1f", str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "1;2",
    "1,2", "null", "true", "[]", "{}", "[1]", "abc", "²", "٣", "\u202e1", "1\x00", "\r\n", "31-02-2022", "00-00-0000",
    "01-01-10000", "99999", "L-01", "P-999", "../..", "%", "' OR 1=1", LONG * 8,
)  # fmt: skip


def without_some(chance: random.Random, form: Typed) -> Typed:
    return {name: value for name, value in form.items() if chance.random() > 0.3}


def repeated(chance: random.Random, form: Typed) -> Typed:
    return {
        name: [*([value] if isinstance(value, str) else value), chance.choice(NONSENSE)] for name, value in form.items()
    }


def nonsense_in_some(chance: random.Random, form: Typed) -> Typed:
    return {name: chance.choice(NONSENSE) if chance.random() < 0.4 else value for name, value in form.items()}


def nonsense_everywhere(chance: random.Random, form: Typed) -> Typed:
    return {name: chance.choice(NONSENSE) for name in form}


def other_names(chance: random.Random, form: Typed) -> Typed:
    ends = ("[]", "[0]", "[id]", ".id", "__id", " ", "\x00", "".join(chance.choices("æøå[]{}.$", k=5)))
    return {name + chance.choice(ends) if chance.random() < 0.5 else name: value for name, value in form.items()}


CHANGES: tuple[Callable[[random.Random, Typed], Typed], ...] = (
    nonsense_in_some, repeated, nonsense_everywhere, without_some, other_names,
)  # fmt: skip


@one_database
def test_no_form_is_broken_by_what_is_sent(sign_in: SignIn, cast: dict[str, User], database: Engine) -> None:
    """At least five hundred answers, none of them a fault of ours."""
    browsers = {name: sign_in(cast[name]) for name in {write.opener for write in WRITES.values()}}
    forms = {path: filled_in(browsers[WRITES[path].opener], path) for path in WRITING}
    answers: Counter[int] = Counter()
    for path, form in forms.items():
        chance = random.Random(path)  # noqa: S311 # nosec - the same in every run, so that a fault can be seen again
        for number in range(soak(5, 60)):
            typed = CHANGES[number % len(CHANGES)](chance, form)
            opener = WRITES[path].opener
            sign_in_again(browsers[opener], database, cast[opener])  # some of what is sent ends every session
            status = send_to(browsers[opener], path, typed).status_code
            assert status < 500, (path, typed)
            answers[status] += 1
    assert answers.total() >= 500
    assert answers[422] >= 100
    tried("forms sent as no page sends them", answers.total())


PLANTED = 987_600_000
"""From here on, a number of its own for every form: found in the database, it says which form let it in."""

SIGNS_OUT = ("/login", "/logout", "/password", "/login/code")


@one_database
def test_a_form_sets_what_stands_on_it_and_nothing_else(
    sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    """Every column of every table is sent along with every form that works: none of them is set."""
    columns = {column.name for table in SQLModel.metadata.sorted_tables for column in table.columns} - {"version"}
    columns |= {"is_admin", "role", "admin", "frozen", "status", "confidential", "created_by", "deleted_at", "id[]"}
    browsers = {name: sign_in(cast[name]) for name in {write.opener for write in WRITES.values()}}
    paths = [path for path in WRITES if not path.endswith(STEPS) and not path.startswith(SIGNS_OUT)]
    forms = {path: (filled_in(browsers[WRITES[path].opener], path), on_the_page(browsers, path)) for path in paths}
    done = set()
    for number, (path, (sent, shown)) in enumerate(forms.items()):
        planted: Typed = {}
        for name in columns - sent.keys() - shown:
            planted[name] = str(PLANTED + number)
        status = send_to(sign_in(cast[WRITES[path].opener]), path, sent | planted).status_code
        assert status < 500, path
        if status == WRITES[path].answer:
            done.add(path)
    assert len(done) >= 60, sorted(set(forms) - done)
    assert where_planted(database) == []


def on_the_page(browsers: dict[str, TestClient], path: str) -> frozenset[str]:
    write = WRITES[path]
    if not write.form:
        return frozenset()
    return form_on(browsers[write.opener], address(write.form, write), address(path, write)).names


def where_planted(database: Engine) -> list[str]:
    """The columns that hold a planted number, with what they hold."""
    found = []
    with database.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, sa.LargeBinary):
                    text = sa.cast(column, sa.Text)
                    query = sa.select(text).where(text.contains(str(PLANTED)[:6]))
                    found += [f"{table.name}.{column.name}: {value[:80]}" for value in connection.scalars(query)]
    return found


GUESSES = ("0", "-1", str(2**31), str(2**63), "1;2", "1%00", "ukendt", "999999", "..%2f..", "L-01", "P-999", "٣")
NAME = re.compile(r"\{(\w+)\}")


@one_database
def test_what_is_guessed_in_an_address_names_nothing(
    sign_in: SignIn, cast: dict[str, User], database: Engine, app: FastAPI
) -> None:
    """The leader of one project, with every part of every address replaced: never another's row, and no fault."""
    a_list_with_a_round(RoundState.frozen)(database)
    browser, number, answers = sign_in(cast["leder"]), 0, Counter[int]()
    before = fingerprint(database)
    for method, path in [*(("GET", path) for path in READING), *(("POST", path) for path in WRITING)]:
        if "{" not in path:
            continue
        places = dict(zip(NAME.findall(path), named_in(path), strict=True))
        for name in places:
            for _guess in range(soak(1, len(GUESSES))):
                guess, number = GUESSES[number % len(GUESSES)], number + 1
                answer = browser.request(method, path.format(**(places | {name: guess})))
                assert answer.status_code in (303, 401, 403, 404, 409, 422), (
                    method,
                    path,
                    name,
                    guess,
                    answer.status_code,
                )
                answers[answer.status_code] += 1
        if any(f"/{kept}/{{key}}" in path for kept in ("tasks", "topics", "scenarios", "proposals")):
            other = browser.request(method, path.format(**(places | {"slug": "frozen"})))
            assert other.status_code in (403, 404), (method, path)
    assert answers[404] >= 150
    assert fingerprint(database) == before


def named_in(path: str) -> list[str]:
    """What stands in the places of a route's path in the address of its example."""
    pattern = NAME.sub("([^/]+)", path)
    found = re.fullmatch(pattern, example(path).partition("?")[0])
    assert found, (path, example(path))
    return list(found.groups())
