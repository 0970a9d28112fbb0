"""A real browser on a real server, on a copy of the world of its own (SQLite only)."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect
from sqlalchemy import Engine
from sqlmodel import Session

from app.access import session_cookie
from app.models import User
from app.models.user_session import start_session
from tests.browser.chromium import launch
from tests.databases import House

Visit = Callable[..., Page]
expect.set_options(timeout=20_000)  # a machine that does much at once answers late, and what is right is seen at once


@pytest.fixture
def house(sqlite: House) -> House:
    return sqlite


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = launch(playwright)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def address(application: FastAPI) -> Iterator[str]:
    """Where the server answers: a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def visit(browser: Browser, address: str, app: FastAPI, database: Engine) -> Iterator[Visit]:
    """Opens a window in which somebody has signed in: `visit(leder, width=390)`. Its console must stay empty."""
    complaints: list[str] = []
    contexts = []

    def listen(message: ConsoleMessage) -> None:
        expected = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and (not expected or "/static/" in str(message.location)):
            complaints.append(f"{message.text} at {message.location}")

    def opened(user: User | None = None, width: int = 1366, height: int = 768, *, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            locale="da-DK",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        if user:
            with Session(database) as session:
                token = start_session(session, user)
                session.commit()
            context.add_cookies([{"name": session_cookie(), "value": token, "url": address}])
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints
