"""With the keyboard alone: nothing holds the focus, nothing lies over it, and the main tasks can be done."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from app.models import User
from app.models.reporting_round import RoundState
from tests.browser.conftest import Visit
from tests.browser.test_status import EDIT, button
from tests.test_rounds import OPEN, stand
from tests.writes import JUNE, the_board_meets_in_june

LIST = "/portfolios/direktionen"
WHERE = """async () => {
  await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)));
  const focused = document.activeElement;
  if (focused === document.body) return null;
  window.order ??= new Map();
  if (!order.has(focused)) order.set(focused, order.size);
  const shape = focused.labels?.[0] && getComputedStyle(focused).opacity === "0" ? focused.labels[0] : focused;
  const points = [...shape.getClientRects()].flatMap(({ left, right, top, bottom }) =>
    [[left + 2, top + 2], [right - 2, bottom - 2], [(left + right) / 2, (top + bottom) / 2]]);
  const seen = points.some(([x, y]) => {
    const there = document.elementFromPoint(x, y);
    return there && [focused, shape].some((each) => each.contains(there) || there.contains(each));
  });
  return [order.get(focused), seen ? "" : focused.outerHTML.slice(0, 160)];
}"""
"""Which of the page's elements has the focus, by number, and what it is when nothing of it can be seen."""


def tab_through(page: Page, presses: int) -> list[str]:
    """Presses Tab: what was covered. Fails when the focus stays where it is."""
    covered, last = [], None
    for _press in range(presses):
        page.keyboard.press("Tab")
        found = page.evaluate(WHERE)
        assert found is None or found[0] != last, f"the focus does not leave {found}"
        last = found[0] if found else None
        if found and found[1]:
            covered.append(found[1])
    return covered


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (320, 640)])
def test_nothing_holds_the_focus_and_nothing_lies_over_it(
    width: int, height: int, visit: Visit, sekretariat: User, leder: User
) -> None:
    page, leader = visit(sekretariat, width, height), visit(leder, width, height)
    wrong = {}
    for window, path, presses in (
        (page, f"{LIST}/overview", 200),
        (page, f"{LIST}/burden", 100),
        (page, f"{LIST}/rounds", 60),
        (page, "/projects/P-001", 80),
        (leader, EDIT, 80),
    ):
        window.goto(path)
        if covered := tab_through(window, presses):
            wrong[path] = covered
    assert wrong == {}


def reach(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Presses a key until something has the focus."""
    for _press in range(250):
        page.keyboard.press(key)
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Tab") -> None:
    reach(page, wanted, key)
    page.keyboard.press("Enter")


def write(page: Page, field: Locator, text: str) -> None:
    reach(page, field)
    page.keyboard.type(text)


def choose(page: Page, field: Locator, label: str) -> None:
    reach(page, field)
    for _press in range(100):
        if field.locator("option:checked").inner_text() == label:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{field} does not offer {label}")


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    write(page, page.get_by_label("E-mail"), email)
    write(page, page.get_by_label("Adgangskode"), "demo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Goddag")


def test_a_leader_signs_in_finds_her_red_project_and_changes_language_without_a_mouse(visit: Visit) -> None:
    page = visit()
    sign_in(page, "leder@demo.example")
    press(page, page.locator("main").get_by_role("link", name="Skriv status for juni 2022").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Status juni 2022")
    page.go_back()
    press(page, page.get_by_role("navigation", name="Hovedmenu").get_by_role("link", name="Overblik", exact=True))
    choose(page, page.locator("#filter-colour"), "Rød")
    expect(page.locator("#live")).to_contain_text("Viser")
    expect(page.locator("#filter-colour")).to_be_focused()
    export = page.get_by_role("link", name="Eksportér til Excel")
    with page.expect_download() as started:
        press(page, export, "Shift+Tab")
    assert started.value.suggested_filename.endswith(".xlsx")
    press(page, page.locator("#projects tbody th a").first)
    expect(page.locator("main .rag").first).to_contain_text("Rød")
    press(page, page.get_by_role("button", name="English"), "Shift+Tab")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_an_owner_approves_without_a_mouse(visit: Visit, ejer: User) -> None:
    page = visit(ejer)
    page.goto("/approvals")
    press(page, page.locator("#open-P-008"))
    expect(page.locator("#review")).to_be_visible()
    press(page, button(page, "Godkend"))
    expect(page.locator(".alert-success")).to_contain_text("P-008")


def test_the_secretariat_freezes_a_round_without_a_mouse(visit: Visit, sekretariat: User, database: Engine) -> None:
    stand(database, "2022-06", RoundState.closed_for_leaders)
    page = visit(sekretariat)
    page.goto(OPEN)
    press(page, page.locator("main").get_by_role("link", name="Frys runden"))
    press(page, page.locator("main").get_by_role("button", name="Frys runden"))
    expect(page.get_by_role("link", name="Udgaven", exact=True)).to_be_visible()


def test_a_decision_and_a_task_are_taken_down_in_the_walk_without_a_mouse(
    visit: Visit, sekretariat: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    page = visit(sekretariat)
    page.goto(f"/meetings/{JUNE}")
    press(page, button(page, "Gennemgå mødet"))
    expect(page.locator("#step")).to_contain_text("Møde: Direktionen")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_contain_text(re.compile(r"P-\d"))
    page.keyboard.press("F2")
    expect(page.locator("#verb")).to_be_focused()
    page.keyboard.type("Besluttet")
    expect(page.locator("#verb option:checked")).to_have_text("Besluttet")
    write(page, page.locator("#text"), "Sagen løftes til ministeren.")
    write(page, page.locator("#task"), "Løft sagen til ministeren")
    choose(page, page.locator("#responsible"), "BYC · Byrådscentret")
    write(page, page.locator("#due_on"), "01-09-2022")
    press(page, button(page, "Gem beslutningen"))
    expect(page.locator(".walk")).to_contain_text("Sagen løftes til ministeren.")
    expect(page.locator(".walk")).to_contain_text("Løft sagen til ministeren")
