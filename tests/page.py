"""A page as a reader of HTML sees it: elements, words, forms. Refuses markup that is not nested properly."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Optional

from starlette.testclient import TestClient

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SKIPPED = {"submit", "button", "image", "reset", "file"}
ONCE = "once"


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Optional["Element"] = None
    children: list["Element | str"] = field(default_factory=list)

    def __iter__(self) -> Iterator["Element"]:
        """This element and everything below it, in the order of the page."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]

    def all(self, *tags: str) -> list["Element"]:
        return [element for element in self if element.tag in tags]

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def text(self) -> str:
        """The words in it, with single spaces."""
        words = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(words).split())

    def inside(self, tag: str) -> bool:
        return self.parent is not None and (self.parent.tag == tag or self.parent.inside(tag))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.here.tag, f"line {self.getpos()[0]}: </{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


@lru_cache(maxsize=4)
def read_page(html: str) -> Element:
    """The page's root; an AssertionError when an element is not closed where it should be. Read once, asked often."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.here is reader.root, f"<{reader.here.tag}> is not closed"
    return reader.root


@dataclass(frozen=True)
class PageForm:
    """A form with what stands in it, as a browser would send it.

    Its once-only key stands apart: a test that sends a form twice asks the rules twice (test_once.py does not).
    """

    method: str
    action: str
    values: dict[str, str | list[str]]
    names: frozenset[str]
    other_actions: frozenset[str]
    """Where its buttons send it instead."""
    texts: frozenset[str]
    """The names of the fields in which anything may be typed: neither dates nor numbers."""
    once: str = ""

    def sends_to(self, address: str) -> bool:
        return address in {self.action.partition("?")[0], *self.other_actions}


def forms(html: str) -> list[PageForm]:
    return [
        PageForm(
            form.get("method").upper() or "GET",
            form.get("action"),
            _values(form),
            _names(form),
            frozenset(button.get("formaction") for button in form.all("button") if button.get("formaction")),
            frozenset(element.get("name") for element in form.all("input", "textarea") if _takes_text(element)),
            next((field.get("value") for field in form.all("input") if field.get("name") == ONCE), ""),
        )
        for form in read_page(html).all("form")
    ]


def _names(form: Element) -> frozenset[str]:
    names = frozenset(element.get("name") for element in form.all("input", "select", "textarea"))
    return names - {"", ONCE}


def _takes_text(element: Element) -> bool:
    if element.tag == "textarea":
        return True
    short = "input-width-s" in element.get("class") or "inputmode" in element.attributes
    return element.get("type") in ("text", "search", "email", "password") and not short


def _values(form: Element) -> dict[str, str | list[str]]:
    sent: dict[str, list[str]] = {}
    for element in form.all("input", "select", "textarea"):
        name, kind = element.get("name"), element.get("type")
        unchecked = kind in ("checkbox", "radio") and "checked" not in element.attributes
        if name in ("", ONCE) or kind in SKIPPED or unchecked:
            continue
        sent.setdefault(name, []).extend(_value(element))
    return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


def _value(element: Element) -> list[str]:
    if element.tag == "textarea":
        return ["".join(child for child in element.children if isinstance(child, str)).removeprefix("\n")]
    if element.tag == "select":
        options = element.all("option")
        chosen = [option for option in options if "selected" in option.attributes]
        if "multiple" not in element.attributes:
            chosen = chosen[-1:] or options[:1]
        return [option.get("value") for option in chosen]
    return [element.get("value") or ("on" if element.get("type") == "checkbox" else "")]


def form_on(browser: TestClient, address: str, action: str) -> PageForm:
    """The form on a page that posts to an address."""
    page = browser.get(address)
    assert page.status_code == 200, f"{address} answers {page.status_code}"
    found = [form for form in forms(page.text) if form.method == "POST" and form.sends_to(action)]
    assert found, f"{address} has no form that posts to {action}"
    return found[0]
