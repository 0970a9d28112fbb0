"""The tests find the faults that they are there to find: each is planted here, and a test of ours must fail.

A guard that is taken away is planted in test_guards.py, a leak of a closed project in test_closed.py, a trigger that is
dropped in test_verify.py.
"""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.db import get_session
from app.models import User, event
from tests.conftest import SignIn, one_database
from tests.test_events import test_a_write_that_succeeds_leaves_one_event_of_who_did_what as one_event
from tests.test_pages import faults

one_event.__test__ = False  # type: ignore[attr-defined] # here it is asked, not run
MILESTONES = "/projects/{number}/milestones"


def without_commit(request: Request) -> Iterator[Session]:
    with Session(request.app.state.engine, expire_on_commit=False) as session:
        yield session


@one_database
def test_a_commit_that_is_missing_is_found(
    sign_in: SignIn, cast: dict[str, User], database: Engine, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.dependency_overrides, get_session, without_commit)
    with pytest.raises(ValueError, match="not enough values to unpack"):
        one_event(MILESTONES, sign_in, cast, database)


@one_database
def test_a_write_that_forgets_its_event_is_found(
    sign_in: SignIn, cast: dict[str, User], database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event, "record", lambda *_what, **_more: None)
    with pytest.raises(ValueError, match="not enough values to unpack"):
        one_event(MILESTONES, sign_in, cast, database)


@one_database
def test_a_picture_that_loses_its_text_is_found(sign_in: SignIn, leder: User) -> None:
    page = sign_in(leder).get("/portfolios/direktionen/effects").text
    assert list(faults(page)) == []
    without = re.sub(r'(<svg[^>]* role="img"[^>]*) aria-labelledby="[^"]*"', r"\1", page, count=1)
    assert without != page
    assert list(faults(without)) == ["a picture without a text"]
