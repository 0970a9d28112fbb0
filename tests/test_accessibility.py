"""The accessibility statement: public, true to the settings, and not older than a year."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.main import warn_of_an_old_statement
from app.models import Portfolio, User
from app.settings import Settings, get_settings
from app.tabs.accessibility import UPDATED_ON, renew_by
from app.tabs.todo import build_todos
from tests.conftest import SignIn, one_database
from tests.page import read_page


@pytest.fixture(autouse=True)
def settings_read_anew() -> Iterator[None]:
    yield
    get_settings.cache_clear()


@one_database
def test_the_statement_is_reached_from_the_foot_of_the_sign_in_page_and_of_every_other(
    sign_in: SignIn, leder: User
) -> None:
    for browser, page in ((sign_in(None), "/login"), (sign_in(leder), "/"), (sign_in(leder), "/nowhere")):
        foot = [each for each in read_page(browser.get(page).text).all("a") if each.inside("footer")]
        assert ("Tilgængelighedserklæring", "/accessibility") in [(link.text, link.get("href")) for link in foot]
    assert browser.get("/accessibility").status_code == 200


@one_database
def test_the_statement_names_whom_to_write_to_and_leads_to_the_municipality_s_own(
    anonymous: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ikke angivet en kontakt endnu" in anonymous.get("/accessibility").text
    assert anonymous.get("/was").headers["location"] == "/accessibility"
    monkeypatch.setenv("ACCESSIBILITY_CONTACT", "adgang@kommune.example, 12 34 56 78")
    monkeypatch.setenv("WAS_URL", "https://was.example/kommune")
    get_settings.cache_clear()
    page = read_page(anonymous.get("/accessibility").text)
    links = {link.get("href") for link in page.all("a")}
    assert {"mailto:adgang@kommune.example", "tel:12345678", "https://was.example/kommune"} <= links
    assert f"{UPDATED_ON:%d-%m-%Y}" in page.all("main")[0].text
    assert anonymous.get("/was").headers["location"] == "https://was.example/kommune"


def test_an_address_of_the_municipality_s_statement_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="WAS_URL"):
        Settings(was_url="javascript:alert(1)")


def test_the_log_says_at_the_start_when_the_statement_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    for day, said in ((renew_by(), 0), (renew_by() + timedelta(days=1), 1)):
        monkeypatch.setenv("DEMO_DATE", day.isoformat())
        get_settings.cache_clear()
        with capture_logs() as lines:
            warn_of_an_old_statement(get_settings())
        assert [line["log_level"] for line in lines] == ["warning"] * said


def test_the_log_says_in_production_that_nobody_can_be_written_to() -> None:
    with capture_logs() as lines:
        warn_of_an_old_statement(Settings(environment="production", demo_date=UPDATED_ON))
    assert "accessibility statement without a contact" in [line["event"] for line in lines]


@one_database
def test_an_administrator_is_asked_to_renew_an_old_statement(database: Engine, admin: User, leder: User) -> None:
    late = renew_by() + timedelta(days=1)
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio).order_by(col(Portfolio.id))).first()
        assert portfolio
        asked = {
            (user.email, day): "/accessibility" in {todo.address for todo in build_todos(session, user, portfolio, day)}
            for user in (admin, leder)
            for day in (renew_by(), late)
        }
    assert [key for key, found in asked.items() if found] == [(admin.email, late)]
