"""After every swap of a part of a page: the focus is somewhere, and one sentence is said aloud, once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from app.models import User
from tests.browser.conftest import Visit
from tests.browser.test_status import EDIT, button, sign_everybody_out, summary
from tests.writes import JUNE, the_board_meets_in_june

LIST = "/portfolios/direktionen"
WATCH = """() => {
  window.said = [];
  for (const place of [document.getElementById("live"), document.getElementById("alert")])
    new MutationObserver(() => place.textContent && window.said.push(`${place.id}: ${place.textContent}`))
      .observe(place, { childList: true, characterData: true, subtree: true });
}"""
FORGET = """() => {
  document.getElementById("live").textContent = document.getElementById("alert").textContent = "";
  return new Promise((done) => setTimeout(() => done((window.said = [])), 0));
}"""
QUIET = "new Promise((done) => setTimeout(done, 150))"
"""Longer than htmx takes to settle a swap: a second message would have come by then."""


class Listener:
    """Somebody who hears what a page says, and knows where the focus is."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        page.goto(path)
        page.evaluate(WATCH)

    def hears(self, act: Callable[[], object], words: str, place: str = "live", *, pressed: bool = True) -> None:
        """`pressed`: whether this person did it, and so must not lose the focus."""
        self.page.evaluate(FORGET)
        act()
        expect(self.page.locator(f"#{place}")).to_contain_text(words)
        self.page.evaluate(QUIET)
        said = self.page.evaluate("window.said")
        assert len(said) == 1, said
        if pressed:
            assert self.page.evaluate("document.activeElement !== document.body"), f"the focus is lost: {said}"


@pytest.mark.parametrize(
    ("path", "field", "words"),
    [
        (f"{LIST}/overview", "colour", "projekter"),
        (f"{LIST}/effects", "colour", "projekter"),
        (f"{LIST}/burden", "unit", "projekter"),
        (f"{LIST}/burden/map", "theme", "personer"),
    ],
)
def test_a_filter_says_how_much_is_shown(path: str, field: str, words: str, visit: Visit, sekretariat: User) -> None:
    page = visit(sekretariat)
    listener = Listener(page, path)
    chosen = page.locator(f"#filter-{field}")

    def choose() -> None:
        chosen.focus()
        chosen.select_option(index=1)

    listener.hears(choose, words)
    expect(chosen).to_be_focused()
    listener.hears(
        lambda: page.locator("#q").fill("findes ikke"), f"0 {words}" if words == "personer" else "Viser 0 af"
    )
    expect(page.locator("#q")).to_be_focused()


def test_the_follow_up_says_how_many_tasks_are_shown(visit: Visit, sekretariat: User) -> None:
    page = visit(sekretariat)
    listener = Listener(page, f"{LIST}/tasks")
    chosen = page.locator("#filter-body")

    def choose() -> None:
        chosen.focus()
        chosen.select_option(index=1)

    listener.hears(choose, "opgaver")
    expect(chosen).to_be_focused()


def test_the_what_if_says_before_and_after_and_what_is_not_complete(visit: Visit, sekretariat: User) -> None:
    page = visit(sekretariat)
    listener = Listener(page, f"{LIST}/what-if?change=remove-project:P-012")
    listener.hears(lambda: page.locator("#undo-1").press("Enter"), "0 ændringer")
    expect(page.locator("#changes-head")).to_be_focused()
    listener.hears(lambda: page.locator("#try-change-seat").press("Enter"), "ikke fuldt udfyldt", "alert")
    expect(page.locator("#errors")).to_be_focused()


def test_the_status_form_says_that_it_is_saved_and_when_it_is_not(visit: Visit, leder: User, database: Engine) -> None:
    page = visit(leder)
    listener = Listener(page, EDIT)
    listener.hears(lambda: summary(page).fill("Skrevet. "), "Kladde gemt kl.")
    expect(summary(page)).to_be_focused()
    page.route("**/edit", lambda route: route.fulfill(status=403, body="<h1>Spærret</h1>"))
    listener.hears(lambda: summary(page).fill("Spærret. "), "Ikke gemt", "alert")
    page.unroute("**/edit")
    listener.hears(lambda: page.locator("#path_on").fill("i morgen"), "undtagen: Vej til grøn", "alert")
    sign_everybody_out(database)
    listener.hears(lambda: summary(page).fill("Logget af. "), "Du er logget af", "alert")
    expect(summary(page)).to_be_focused()


def test_the_list_of_approvals_says_what_is_open_what_is_wrong_and_what_was_done(visit: Visit, ejer: User) -> None:
    page = visit(ejer)
    listener = Listener(page, "/approvals")
    listener.hears(lambda: page.locator("#open-P-008").press("Enter"), "Åben til gennemgang")
    listener.hears(lambda: page.locator("#open-P-008").press("Enter"), "Lukket igen")
    expect(page.locator("#open-P-008")).to_be_focused()
    page.locator("#open-P-008").press("Enter")
    expect(page.locator("#review")).to_be_visible()
    listener.hears(lambda: button(page, "Returnér til leder").press("Enter"), "Der er en fejl", "alert")
    expect(page.locator("#errors")).to_be_focused()
    listener.hears(lambda: button(page, "Godkend").press("Enter"), "P-008")


def test_the_candidates_of_a_meeting_say_what_became_of_them(visit: Visit, sekretariat: User, database: Engine) -> None:
    the_board_meets_in_june(database)
    page = visit(sekretariat)
    listener = Listener(page, f"/meetings/{JUNE}")
    points = page.locator("#candidates-attention")
    listener.hears(lambda: points.get_by_role("button", name="Tag med").first.press("Enter"), "Taget med")
    listener.hears(lambda: points.get_by_role("button", name="Udelad").first.press("Enter"), "Udeladt")
    listener.hears(lambda: points.get_by_role("button", name="Tag alle med").press("Enter"), "Alle er taget med")


def test_a_screen_that_follows_a_meeting_says_each_new_step_and_nothing_else(
    visit: Visit, sekretariat: User, direktion: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    leads, follows = visit(sekretariat), visit(direktion)
    leads.goto(f"/meetings/{JUNE}")
    button(leads, "Gennemgå mødet").click()
    expect(leads.locator("#step")).to_contain_text("Møde: Direktionen")
    listener = Listener(follows, f"/meetings/{JUNE}/screen")
    with follows.expect_response("**/screen?known=*"):
        pass  # it asks every two seconds; what has not changed is not said again
    follows.evaluate(QUIET)
    assert follows.evaluate("window.said") == []
    listener.hears(lambda: leads.keyboard.press("ArrowRight"), "P-", pressed=False)
