"""Red, yellow and green are told apart by their shapes and words, with all colour taken away (WCAG 1.4.1)."""

from playwright.sync_api import Page

from app.models import User
from tests.browser.conftest import Visit

COLOURS = {"red": "Rød", "yellow": "Gul", "green": "Grøn"}
DRAIN = """() => {
  for (const element of document.querySelectorAll("*"))
    for (const [name, ink] of [["color", "black"], ["background", "white"], ["border-color", "black"]])
      element.style.setProperty(name, ink, "important");
  for (const drawing of document.querySelectorAll("svg")) drawing.style.setProperty("filter", "brightness(0)");
}"""
"""Not only grey: words in black on white, drawings as shadows, so that not even lightness tells one from another."""


def drained(page: Page, path: str) -> Page:
    page.goto(path)
    page.evaluate(DRAIN)
    return page


PLACE = """(drawing) => {
  for (const other of document.body.children) other.style.setProperty("visibility", "hidden", "important");
  document.body.append(drawing);
  drawing.style.setProperty("background", "none", "important");
  Object.assign(drawing.style, { position: "fixed", left: 0, top: 0, width: "48px", height: "48px" });
}"""
"""All in the same place and of one size: where it stands between two pixels changes a picture."""


def pictures(page: Page, of: str) -> set[bytes]:
    """What three of the same colour look like: one picture."""
    marks, seen = page.locator(of), set()
    assert marks.count() >= 3, of
    for _each in range(3):
        marks.first.evaluate(PLACE)
        seen.add(page.screenshot(clip={"x": 0, "y": 0, "width": 48, "height": 48}, animations="disabled"))
    return seen


def test_the_three_states_and_their_history_have_a_word_and_a_shape_each(visit: Visit, sekretariat: User) -> None:
    page = drained(visit(sekretariat), "/portfolios/direktionen/overview")
    for name, word in COLOURS.items():
        assert {text.strip() for text in page.locator(f"main .rag--{name}").all_inner_texts()} == {word}
    for kind in ("main .rag--{} .rag__symbol", "main .history__{}"):
        seen = [pictures(page, kind.format(name)) for name in COLOURS]
        assert [len(each) for each in seen] == [1, 1, 1], kind
        assert len(set.union(*seen)) == len(COLOURS), kind


def test_how_heavy_a_burden_is_stands_in_figures_that_grow_with_the_colour(visit: Visit, sekretariat: User) -> None:
    page = drained(visit(sekretariat), "/portfolios/direktionen/burden")
    steps = [[int(text) for text in page.locator(f"td.heat-{step}").all_inner_texts()] for step in (1, 2, 3)]
    assert all(steps)
    assert max(steps[0]) < min(steps[1])
    assert max(steps[1]) < min(steps[2])
