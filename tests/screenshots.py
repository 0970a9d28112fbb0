"""Takes the pictures in docs/screenshots: `make screenshots`. Each page at 1366x900 and at 390x844."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launch

WIDTHS = {1366: 900, 390: 844}
PAGES = {
    "overview": ("sekretariat@demo.example", "/portfolios/direktionen/overview"),
    "burden": ("chefforum@demo.example", "/portfolios/direktionen/burden"),
    "what-if": ("chefforum@demo.example", "/portfolios/direktionen/scenarios/udvalg-17-4"),
    "map": ("chefforum@demo.example", "/portfolios/direktionen/burden/map?chosen=2"),
    "chain": ("sekretariat@demo.example", "/portfolios/direktionen/chain"),
    "programme": ("direktion@demo.example", "/projects/P-001"),
    "effects": ("direktion@demo.example", "/portfolios/direktionen/effects"),
    "project": ("ejer@demo.example", "/projects/P-007"),
    "form": ("leder@demo.example", "/projects/P-005/edit"),
    "start": ("leder@demo.example", "/"),
    "status": ("leder@demo.example", "/projects/P-005/reports/2022-06/edit"),
    "approval": ("ejer@demo.example", "/projects/P-008/reports/2022-06/approval"),
    "round": ("sekretariat@demo.example", "/portfolios/direktionen/rounds/2022-06"),
    "edition": ("direktion@demo.example", "/portfolios/direktionen/overview?round=2018-01"),
    "meeting": ("sekretariat@demo.example", "/meetings/12"),
    "tasks": ("sekretariat@demo.example", "/portfolios/direktionen/tasks"),
    "questions": ("direktion@demo.example", "/portfolios/direktionen/questions"),
    "forum": ("chefforum@demo.example", "/portfolios/direktionen/management-forum"),
    "changes": ("direktion@demo.example", "/portfolios/direktionen/changes?from=2021-06&to=2022-01"),
}


def main() -> None:
    folder = Path(__file__).parent.parent / "docs" / "screenshots"
    with demo_server() as base, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (email, path) in PAGES.items():
            for width, height in WIDTHS.items():
                take(browser, base, email, path, folder / f"{name}-{width}.png", width, height)
        browser.close()


def take(browser: Browser, base: str, email: str, path: str, file: Path, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="da-DK")
    page.goto(f"{base}/login")
    page.fill("#email", email)
    page.fill("#password", "demo")
    page.click("main button[type=submit]")
    page.goto(f"{base}{path}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    page.close()
    print(file.name)


@contextmanager
def demo_server() -> Iterator[str]:
    """The application as `make run` serves it, on a fresh database and a free port."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = os.environ | {"DATA_DIR": folder, "PORT": str(port), "LOG_LEVEL": "warning"}
        for command in ("migrate", "demo"):
            subprocess.run([sys.executable, "-m", "app", command], env=environment, check=True)
        server = subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment)
        try:
            yield wait_for(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(timeout=10)


def wait_for(base: str) -> str:
    for _attempt in range(100):
        try:
            urllib.request.urlopen(f"{base}/readyz", timeout=1)  # noqa: S310 - our own server on loopback
        except OSError:
            time.sleep(0.1)
        else:
            return base
    raise SystemExit("The server did not start.")


if __name__ == "__main__":
    main()
