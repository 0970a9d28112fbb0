"""Every kind of page: nothing for axe to find, no sideways scrolling, at a desk and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.models import User
from tests.browser.conftest import Visit

PAGES = [
    "/",
    "/portfolios/direktionen/overview",
    "/portfolios/direktionen/overview?q=findes-ikke",
    "/portfolios/direktionen/burden",
    "/portfolios/direktionen/effects",
    "/projects/new",
    "/projects/P-006",
    "/projects/P-006/edit",
    "/projects/P-006/removal",
    "/projects/P-006/milestones/1/edit",
    "/projects/P-006/success-criteria/new",
    "/projects/P-006/effect-targets/1/edit",
    "/projects/P-006/effect-targets/1/measurements/new",
    "/projects/P-006/key-persons",
    "/projects/P-006/bodies/choose",
    "/projects/P-006/bodies/1/edit",
    "/projects/P-006/bodies/1/seats/1/edit",
    "/people",
    "/people/1",
    "/people/new",
    "/events",
    "/users",
    "/projects/P-999",
]


def findings(page: Page) -> list[str]:
    """What axe objects to, with the element."""
    response = Axe().run(page).response
    return [
        f"{rule['id']}: {node['html'][:200]} – {node['failureSummary']}"
        for rule in response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(path: str, visit: Visit, sekretariat: User) -> None:
    page = visit(sekretariat)
    page.goto(path)
    assert not findings(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert not findings(page)


def test_axe_finds_nothing_on_the_sign_in_page_before_and_after_a_wrong_password(visit: Visit) -> None:
    page = visit()
    page.goto("/login")
    assert not findings(page)
    page.get_by_label("E-mail").fill("leder@demo.example")
    page.get_by_label("Adgangskode").fill("forkert")
    page.locator("main").get_by_role("button").click()
    page.get_by_role("alert").wait_for()
    assert not findings(page)


def test_axe_finds_nothing_on_a_form_with_errors(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto("/projects/P-006/milestones/new")
    page.locator("main form button[type=submit]").first.click()
    page.locator("#errors").wait_for()
    assert not findings(page)


def test_no_page_scrolls_sideways_on_the_narrowest_phone(visit: Visit, sekretariat: User) -> None:
    page = visit(sekretariat, 320)
    too_wide = {}
    for path in PAGES:
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            too_wide[path] = width
    assert not too_wide
