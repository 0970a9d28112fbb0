"""The live what-if, with the keyboard alone."""

import re

from playwright.sync_api import Locator, Page, expect

from app.models import User
from tests.browser.conftest import Visit
from tests.test_what_if import COMMITTEE, JONAS, LENE, METTE, PAGE


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until something has the focus."""
    handle = wanted.element_handle()
    for _press in range(80):
        if handle.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


def test_three_directors_come_when_needed_and_the_flag_is_gone_without_a_mouse(visit: Visit, sekretariat: User) -> None:
    page = visit(sekretariat)
    page.goto(PAGE)
    sums = page.locator(".what-if__sums")
    expect(sums).to_contain_text("Organer med hele Direktionen")
    seat, button = page.locator("#change-seat-seat"), page.locator("#try-change-seat")
    for person, name in ((METTE, "Mette Dall"), (LENE, "Lene Bruun"), (JONAS, "Jonas Bek")):
        tab_to(page, seat)
        for _press in range(300):
            if seat.input_value() == f"{person}:{COMMITTEE}":
                break
            page.keyboard.press("ArrowDown")
        tab_to(page, button)
        page.keyboard.press("Enter")
        expect(page.locator(".change").filter(has_text=name)).to_be_visible()
        expect(button).to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
    expect(page).to_have_url(re.compile(rf"\?change=change-seat:{METTE}:{COMMITTEE}::when_needed&change="))
    expect(page.locator("#live")).to_contain_text("3 ændringer. Organer med hele Direktionen: 1 før, 0 efter.")
    expect(sums.locator("dd").first).to_have_text(re.compile(r"1 →\s*til 0"))
    tab_to(page, page.locator("#undo-3"))
    page.keyboard.press("Enter")
    expect(page.locator(".change")).to_have_count(2)
    expect(page.locator("#changes-head")).to_be_focused()
    expect(page.locator("#live")).to_contain_text("2 ændringer. Organer med hele Direktionen: 1 før, 0 efter.")
    page.go_back()
    expect(page.locator(".change")).to_have_count(3)
