"""A form as somebody fills it in, and as it answers: what stands in each field, and what is said at it."""

from httpx2 import Response
from starlette.testclient import TestClient

from tests.page import Element, PageForm, form_on, forms, read_page


def send(browser: TestClient, address: str, action: str = "", **typed: str | list[str]) -> Response:
    """Opens the form at an address, types, and sends it; `action` is where it posts to when that is elsewhere."""
    form = form_on(browser, address, action or address)
    missing = typed.keys() - form.names
    assert not missing, f"the form at {address} has no {missing}"
    return browser.post(form.action, data=form.values | typed)


def form_in(answer: Response) -> PageForm:
    """The form on the page that answers, which is sent to where it was sent."""
    return next(form for form in forms(answer.text) if form.action == answer.request.url.path)


def said_at(page: Element, name: str) -> str:
    """The sentence that a screen reader says with a field; empty when nothing is wrong there."""
    fields = page.all("input", "select", "textarea", "fieldset")
    field = next(field for field in fields if name in (field.get("name"), field.get("id")))
    described = field.get("aria-describedby").split()
    return " ".join(
        element.text.removeprefix("Fejl: ")
        for element in page
        if element.get("id") in described and "form-error-message" in element.get("class")
    )


def assert_refused(answer: Response, sent: dict[str, str | list[str]], said: dict[str, str]) -> None:
    """The same page with 422, everything that was sent still in its field, and these sentences at these fields."""
    assert answer.status_code == 422
    page, form = read_page(answer.text), form_in(answer)
    assert form.values == sent
    found = {name: said_at(page, name) for name in form.names - {"version"}}
    assert {name: sentence for name, sentence in found.items() if sentence} == said
    assert page.all("title")[0].text.startswith("Fejl:")


def assert_each_refused(
    browser: TestClient, address: str, action: str, wrong: list[tuple[dict[str, str | list[str]], dict[str, str]]]
) -> None:
    """Each of these, typed into the form at an address, is refused with these sentences."""
    form = form_on(browser, address, action)
    for typed, said in wrong:
        sent = form.values | typed
        assert_refused(browser.post(action, data=sent), sent, said)


def part(page: str, key: str) -> str:
    """The words in the element with this id."""
    return next(element.text for element in read_page(page) if element.get("id") == key)
