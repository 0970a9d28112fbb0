"""Without the policy that forbids it, nothing that stands in the database runs in a browser (trust row 19)."""

import sqlalchemy as sa
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from app.access import session_cookie
from app.models import User
from app.models.user_session import start_session

RUNS = (
    '"><img src=x onerror=xss()>',
    "<script>xss()</script>",
    "<svg onload=xss()>",
    "' autofocus onfocus=xss() '",
    "<b hx-get=/x hx-trigger=load hx-on:load=xss()>",
    "</textarea><img src=x onerror=xss()>",
    "</title><img src=x onerror=xss()>",
)
KEYS = {"key", "number", "slug", "code", "email", "password_hash", "token_hash", "sha256", "ref", "subject", "source"}
"""What is looked for by its text: pages would not find it."""
KEPT = {"edition", "event", "mail", "mail_text", "paper_template", "export", "stored_session", "api_key"}
"""Tables that nobody writes in, or whose texts are checked when they are read."""

PAGES = (
    "/",
    "/portfolios/direktionen/overview",
    "/portfolios/direktionen/overview?q=img",
    "/portfolios/direktionen/burden",
    "/portfolios/direktionen/burden/map",
    "/portfolios/direktionen/effects",
    "/portfolios/direktionen/chain",
    "/portfolios/direktionen/changes",
    "/portfolios/direktionen/questions",
    "/portfolios/direktionen/tasks",
    "/portfolios/direktionen/rounds/2022-06",
    "/portfolios/direktionen/management-forum",
    "/projects/P-006",
    "/projects/P-006/edit",
    "/projects/P-006/effect-targets/1",
    "/projects/P-005/reports/2022-06",
    "/meetings/12",
    "/people",
    "/people/1",
    "/users",
)


def poison(database: Engine) -> int:
    """Writes what would run into every text that people write, past every form. How many columns."""
    written = 0
    with database.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in KEPT:
                continue
            for column in table.columns:
                is_text = isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum)
                fits = [each for each in RUNS if len(each) <= (getattr(column.type, "length", None) or 1000)]
                if not is_text or column.unique or column.foreign_keys or column.name in KEYS or not fits:
                    continue
                filled = table.update().where(column != "")
                connection.execute(filled.values({column.name: fits[written % len(fits)]}))
                written += 1
    return written


def test_nothing_that_was_typed_runs(
    browser: Browser, address: str, app: object, database: Engine, direktion: User
) -> None:
    with Session(database) as session:
        token = start_session(session, direktion)
        session.commit()
    assert poison(database) >= 40
    context = browser.new_context(base_url=address, bypass_csp=True)
    context.add_init_script("window.ran = 0; window.xss = () => { window.ran += 1 }")
    context.add_cookies([{"name": session_cookie(), "value": token, "url": address}])
    page, shown = context.new_page(), 0
    for path in PAGES:
        answer = page.goto(path)
        assert answer, path
        assert answer.status in (200, 403), path
        assert page.evaluate("window.ran") == 0, path
        shown += "xss()" in page.locator("main").inner_text()
    assert shown >= 10
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=xss()>')")
    page.wait_for_function("window.ran === 1")  # so that we know that it would have been seen
    context.close()
