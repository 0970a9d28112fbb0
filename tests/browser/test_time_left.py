"""The session is about to end: the page says so in time, one press keeps it, and what was typed stays (WCAG 2.2.1)."""

from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import User, UserSession
from app.models.user_session import IDLE
from app.settings import now
from tests.browser.conftest import Visit
from tests.browser.crawl import faults
from tests.browser.test_journeys import log_in
from tests.browser.test_pages import findings
from tests.browser.test_status import sign_everybody_out

TYPED = "Licitation, som jeg er midt i at skrive"


def idle_for(database: Engine, so_long: timedelta) -> None:
    with Session(database) as session:
        for row in session.exec(select(UserSession)):
            row.last_seen_at = now() - so_long
        session.commit()


def test_whoever_writes_is_told_goes_on_and_loses_nothing(visit: Visit, leder: User, database: Engine) -> None:
    page = visit(leder)
    page.clock.install()
    page.goto("/projects/P-006/milestones/new")
    text, bar = page.locator("#text"), page.locator(".session-end")
    text.fill(TYPED)
    idle_for(database, IDLE - timedelta(seconds=115))
    page.clock.fast_forward("27:30")
    expect(page.locator("#alert")).to_contain_text("Du bliver logget af om 2 minutter")
    expect(text).to_be_focused()
    assert not findings(page)
    assert not faults(page)
    text.focus()  # the check of ours moves it about
    page.get_by_role("button", name="Fortsæt").click()
    expect(page.locator("#live")).to_have_text("Du er stadig logget på.")
    expect(bar).to_have_count(0)
    expect(text).to_be_focused()
    with Session(database) as session:
        assert session.exec(select(UserSession)).one().last_seen_at > now() - timedelta(minutes=1)

    sign_everybody_out(database)
    page.clock.fast_forward("27:30")
    expect(page.locator("#alert")).to_contain_text("Du er logget af")
    assert not findings(page)
    assert not faults(page)
    with page.context.expect_page() as opened:
        bar.get_by_role("link").click()
    log_in(opened.value, leder.email)
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(bar).to_have_count(0)
    expect(text).to_have_value(TYPED)
    page.locator("#due_on").fill("01-09-2022")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("#milestones")).to_contain_text(TYPED)
