"""States of pages that somebody must bring about first: nothing for axe to find, no sideways scrolling."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import Engine

from app.models import User
from app.models.reporting_round import RoundState
from tests.browser.conftest import Visit
from tests.test_rounds import OPEN, stand

PAGES = [
    "/",
    "/portfolios/direktionen/overview",
    "/portfolios/direktionen/overview?q=findes-ikke",
    "/portfolios/direktionen/burden",
    "/portfolios/direktionen/effects",
    "/projects/new",
    "/projects/P-006",
    "/projects/P-001",
    "/projects/P-002",
    "/projects/P-006/staffing/2/split/2022",
    "/projects/P-006/edit",
    "/projects/P-006/removal",
    "/projects/P-006/milestones/1/edit",
    "/projects/P-006/success-criteria/new",
    "/projects/P-006/effect-targets/1/edit",
    "/projects/P-006/effect-targets/1/versions/new",
    "/projects/P-006/effect-targets/1/benchmarks/new",
    "/projects/P-006/effect-targets/1/measurements/new",
    "/projects/P-034/effect-targets/1",
    "/projects/P-045/effect-targets/1",
    "/projects/P-006/key-persons",
    "/projects/P-006/bodies/choose",
    "/projects/P-006/bodies/1/edit",
    "/projects/P-006/bodies/1/seats/1/edit",
    "/projects/P-006/deputies/new",
    "/projects/P-006/deputies/1/edit",
    "/projects/P-006/reports/2022-06",
    "/projects/P-006/reports/2022-06/preview",
    "/projects/P-006/reports/2022-06/reopening",
    "/projects/P-005/reports/2022-06/exemption",
    "/portfolios/direktionen/overview?round=2022-01",
    "/portfolios/direktionen/burden?round=2022-01",
    "/portfolios/direktionen/burden/map",
    "/portfolios/direktionen/burden/map?chosen=2",
    "/portfolios/direktionen/burden/over-time",
    "/portfolios/direktionen/effects?round=2022-01",
    "/portfolios/direktionen/effects/coverage",
    "/portfolios/direktionen/strategy?year=2017",
    "/portfolios/direktionen/strategy/themes/new",
    "/projects/P-043/implementation",
    "/projects/P-043/strategy",
    "/portfolios/direktionen/chain",
    "/portfolios/direktionen/chain?project=P-007&delayed=P-029.relation.1&days=mange",
    "/projects/P-006/relations/1/edit",
    "/portfolios/direktionen/changes",
    "/portfolios/direktionen/changes?from=2021-06&to=2022-01",
    "/portfolios/direktionen/what-if",
    "/portfolios/direktionen/what-if?change=merge:P-002.3:P-001.2&change=remove-project:P-012&change=sell",
    "/portfolios/direktionen/what-if?kind=merge",
    "/portfolios/direktionen/scenarios",
    "/portfolios/direktionen/scenarios/new?change=remove-project:P-012",
    "/portfolios/direktionen/scenarios/udvalg-17-4",
    "/portfolios/direktionen/scenarios/udvalg-17-4/proposal",
    "/portfolios/direktionen/scenarios/comparison?a=udvalg-17-4&b=udvalg-17-4",
    "/portfolios/direktionen/proposals",
    "/portfolios/direktionen/proposals/new-listing",
    "/portfolios/direktionen/proposals/hjem-til-alle",
    "/portfolios/direktionen/proposals/hjem-til-alle/project",
    "/portfolios/direktionen/proposals/hjem-til-alle/rejection",
    "/portfolios/direktionen/proposals/aktindsigt-ud",
    "/projects/P-048/proposals/new-removal",
    "/projects/P-009/proposals/new-listing",
    "/projects/P-009/placement",
    "/portfolios/direktionen/rounds",
    "/portfolios/direktionen/rounds/new",
    "/portfolios/direktionen/rounds/2022-06/edit",
    "/portfolios/direktionen/rounds/2022-06/mails",
    "/portfolios/direktionen/rounds/2022-01/addenda/new",
    "/portfolios/direktionen/mail-texts",
    "/portfolios/direktionen/mail-texts/opening/edit",
    "/people",
    "/people/1",
    "/people/6/handover",
    "/settings",
    "/projects/P-006/bodies/1",
    "/people/new",
    "/events",
    "/users",
    "/projects/P-999",
]
"""For the secretariat, which may open nearly everything; test_crawl.py judges them, and every route beside them."""

PAGES_OF = [("sekretariat", path) for path in PAGES] + [
    ("leder", "/"),
    ("leder", "/projects/P-005/reports/2022-06/edit"),
    ("leder", "/projects/P-006/notes/new"),
    ("ejer", "/approvals"),
    ("ejer", "/approvals?review=P-008"),
    ("ejer", "/projects/P-008/reports/2022-06/approval"),
    ("direktion", "/approvals"),
]


def findings(page: Page) -> list[str]:
    """What axe objects to, with the element."""
    response = Axe().run(page).response
    return [
        f"{rule['id']}: {node['html'][:200]} – {node['failureSummary']}"
        for rule in response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("width", [1366, 320])
def test_axe_finds_nothing_in_any_state_of_a_round_and_nothing_scrolls_sideways(
    width: int, visit: Visit, sekretariat: User, database: Engine
) -> None:
    page = visit(sekretariat, width)
    for state in RoundState:
        stand(database, "2022-06", state)
        for path in [OPEN, f"{OPEN}/freeze"] if state is RoundState.closed_for_leaders else [OPEN]:
            page.goto(path)
            assert not findings(page), state
            assert page.evaluate("document.documentElement.scrollWidth") <= width, state


def test_axe_finds_nothing_on_the_sign_in_page_before_and_after_a_wrong_password(visit: Visit) -> None:
    page = visit()
    page.goto("/login")
    assert not findings(page)
    page.get_by_label("E-mail").fill("leder@demo.example")
    page.get_by_label("Adgangskode").fill("forkert")
    page.locator("main").get_by_role("button").click()
    page.locator("main").get_by_role("alert").wait_for()
    assert not findings(page)


def test_axe_finds_nothing_on_a_form_with_errors(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto("/projects/P-006/milestones/new")
    page.locator("main form button[type=submit]").first.click()
    page.locator("#errors").wait_for()
    assert not findings(page)
