"""What is true of every page for everybody who may open it: found by following every link from the front page."""

import re
from collections import Counter
from collections.abc import Iterator
from gettext import NullTranslations
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app import i18n
from app.models import Unit, User
from app.web import HERE
from tests.conftest import SignIn, one_database
from tests.page import Element, form_on, read_page
from tests.test_access import READING, ROUTES
from tests.writes import WRITES, address

ENGLISH = {"the", "and", "of", "with", "your", "this", "please", "must", "when", "which", "has", "not", "you", "or"}
FEW = 3
NOT_LINKED = {"/healthz", "/readyz", "/metrics", "/login", "/api/openapi.json", "/static/*"} | {
    "/login/code",  # the password leads there
    "/me/two-factor/recovery-codes",  # the page of who signs in in two steps leads there
    "/me/two-factor/removal",  # the same
    "/password",  # the sign-in page leads there
    "/password/sent",  # whoever has asked for a link comes there
    "/password/{token}",  # the link leads there
    "/password/ready",  # whoever has used it comes there
    "/approvals",  # the front page leads there while something waits
    "/portfolios/{slug}/rounds/{key}/freeze",  # a round that is closed for leaders leads there
    "/meetings/{meeting_id}/recommendations/{subject}/edit",  # a planned meeting on a round leads there
    "/meetings/{meeting_id}/recommendations/{subject}/addition",  # the same
    "/meetings/{meeting_id}/candidates/{source}/{ref}/edit",  # the same
    "/meetings/{meeting_id}/walk",  # the same
    "/meetings/{meeting_id}/screen",  # the same
    "/portfolios/{slug}/scenarios/{key}/proposal",  # a scenario that has not been proposed leads there
    "/projects/{number}/effect-targets/{no}/benchmarks/new",  # the page of a target that one may change leads there
    "/projects/{number}/effect-targets/{no}/benchmarks/{benchmark_no}/edit",  # the same, where there is one
    "/projects/{number}/deputies/{no}/edit",  # the project's page leads there while somebody is a deputy
    "/error-reports/{key}/answer",  # the page of reported errors leads there while one waits
    "/portfolios/{slug}/tasks/{key}/refusal",  # a task that another deadline is asked for leads there
    "/portfolios/{slug}/tasks/{key}/reopening",  # a task that has ended leads there
    "/portfolios/{slug}/tasks/{key}/evidence",  # the page of a task of one's own leads there
    "/portfolios/{slug}/tasks/{key}/wish",  # the same
    "/projects/{number}/reports/{round}/preview",  # a button of the form leads there
}
ICONS = set(re.findall(r'id="([^"]+)"', (HERE / "static" / "sprite.svg").read_text(encoding="utf-8")))
PATTERNS = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in READING}


class Untranslated(NullTranslations):
    """Stands behind the Danish catalogue and remembers what it was asked for."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked |= {message} - self.names
        return message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        self.asked.add(singular)
        return singular if n == 1 else plural


@pytest.fixture
def untranslated(database: Engine) -> Iterator[set[str]]:
    """What the pages say that has no Danish, however the text came to be; names of units need none."""
    with Session(database) as session:
        behind = Untranslated({f"{unit.code} {unit.name}" for unit in session.exec(select(Unit))})
    i18n._catalogue.cache_clear()
    i18n._catalogue("da").add_fallback(behind)
    yield behind.asked
    i18n._catalogue.cache_clear()


def route_of(path: str) -> str:
    """The route that answers a path; the one with fewest names when several do."""
    found = [route for route, pattern in PATTERNS.items() if pattern.fullmatch(path)]
    return min(found, key=lambda route: route.count("{"), default="")


def links(page: Element, here: str) -> list[str]:
    return [urljoin(here, link.get("href")) for link in page.all("a")]


def walk(browser: TestClient, all_of: set[str]) -> Iterator[tuple[str, str]]:
    """The pages that links lead to, with their addresses: all of some kinds, a few of the others."""
    waiting, seen, kinds = ["/"], {"/"}, Counter[str]()
    while waiting:
        here = waiting.pop(0)
        answer = browser.get(here)
        assert answer.status_code == 200, f"a link leads to {here}, which answers {answer.status_code}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        yield here, answer.text
        for link in links(read_page(answer.text), here):
            parts = urlsplit(link)
            assert not parts.netloc, f"{here} links to {link}"
            kind = route_of(parts.path)
            assert kind, f"{here} links to {link}, which is no page"
            key = f"{parts.path}?{parts.query}"
            if key not in seen and (kinds[kind] < FEW or kind in all_of):
                seen.add(key)
                kinds[kind] += 1
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))


def faults(html: str) -> Iterator[str]:
    """What no page may have, as sentences."""
    assert html.lstrip().startswith("<!DOCTYPE html>")
    page = read_page(html)
    if [heading.text != "" for heading in page.all("h1")] != [True]:
        yield f"{len(page.all('h1'))} headings of the first rank"
    if page.all("html")[0].get("lang") != "da":
        yield "the language is not said"
    if not re.fullmatch(r"\S.* – Porteføljelisten", page.all("title")[0].text):
        yield f"the title is {page.all('title')[0].text!r}"
    yield from faults_of_ids(page)
    yield from faults_of_forms(page)
    yield from faults_of_tables(page)
    yield from what_the_policy_forbids(page)
    for picture in page:
        drawn = picture.get("role") == "img" and not (picture.get("aria-label") or picture.get("aria-labelledby"))
        if drawn or (picture.tag == "img" and "alt" not in picture.attributes):
            yield "a picture without a text"
    for use in page.all("use"):
        if use.get("href").rpartition("#")[2] not in ICONS:
            yield f"there is no icon {use.get('href')}"
    for element in page.all("a", "button"):
        if not (element.text or element.get("aria-label")):
            yield f"a {element.tag} without words: {element.attributes}"
    if page.all("a") and any(not link.get("href") for link in page.all("a")):
        yield "a link to nowhere"


def faults_of_ids(page: Element) -> Iterator[str]:
    ids = Counter(element.get("id") for element in page if "id" in element.attributes)
    for key, count in ids.items():
        if count > 1 or not key:
            yield f"id {key!r} {count} times"
    for element in page:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "hx-target", "hx-include"):
            for key in element.get(name).split():
                if key.removeprefix("#") not in ids and key not in ("this",):
                    yield f"{name} points to {key!r}, which is not there"
        if element.tag == "a" and element.get("href").startswith("#") and element.get("href")[1:] not in ids:
            yield f"a link to {element.get('href')}, which is not there"


def faults_of_forms(page: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in page.all("label")}
    for field in page.all("input", "select", "textarea"):
        if field.get("type") == "hidden":
            continue
        named = field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
        if not named and not field.inside("label"):
            yield f"a field without a label: {field.attributes}"
        if not field.inside("form"):
            yield f"a field outside a form: {field.attributes}"
    for form in page.all("form"):
        if not form.get("action").startswith("/") or form.get("method") not in ("get", "post"):
            yield f"a form without a way: {form.attributes}"
        if not any(button.get("type") == "submit" for button in form.all("button")):
            yield f"a form without a button: {form.attributes}"
    for button in page.all("button"):
        if button.get("type") not in ("submit", "button"):
            yield f"a button of no type: {button.attributes}"


def faults_of_tables(page: Element) -> Iterator[str]:
    for table in page.all("table"):
        heads = table.all("th")
        if not heads:
            yield "a table without header cells"
        for head in heads:
            if head.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
                yield f"a header cell that does not say of what: {head.text!r}"


def what_the_policy_forbids(page: Element) -> Iterator[str]:
    for element in page:
        inline = [name for name in element.attributes if name == "style" or name.startswith(("on", "hx-on"))]
        if element.tag == "style" or inline:
            yield f"inline style or script in <{element.tag}>: {inline}"
        if element.tag == "script" and (element.text or not element.get("src").startswith("/static/")):
            yield f"a script of its own: {element.attributes}"
        for name in ("href", "src", "action", "formaction"):
            if element.get(name).strip().lower().startswith(("javascript:", "data:", "http:", "//")):
                yield f"{name} is {element.get(name)}"


def english_words(page: Element) -> set[str]:
    """English words in what is shown, outside what somebody typed."""
    words = re.findall(r"[^\W\d_]+", " ".join(_shown(page)).lower())
    return set(words) & ENGLISH


def _shown(element: Element) -> Iterator[str]:
    if element.get("lang") == "en":
        return
    yield from (element.get(name) for name in ("aria-label", "placeholder", "data-title", "content"))
    for child in element.children:
        if isinstance(child, str):
            yield child
        else:
            yield from _shown(child)


@pytest.mark.parametrize("name", ["leder", "admin", "laeser"])
@one_database
def test_every_page_that_a_link_leads_to_is_sound_and_in_danish(
    name: str, sign_in: SignIn, cast: dict[str, User], untranslated: set[str]
) -> None:
    look_at_everything(sign_in(cast[name]), name, set())
    assert not untranslated


@one_database
def test_every_page_of_every_project_and_person_is_sound_and_in_danish_for_the_secretariat(
    sign_in: SignIn, sekretariat: User, untranslated: set[str]
) -> None:
    look_at_everything(
        sign_in(sekretariat),
        "sekretariat",
        {"/projects/{number}", "/people/{person_id}", "/portfolios/{slug}/questions/{key}"},
    )
    assert not untranslated


def look_at_everything(browser: TestClient, name: str, all_of: set[str]) -> None:
    wrong, reached = {}, set()
    for here, html in walk(browser, all_of):
        reached.add(route_of(urlsplit(here).path))
        found = [*faults(html), *sorted(english_words(read_page(html)))]
        if found:
            wrong[here] = found
    assert not wrong
    may_read = {path for method, path in ROUTES if method == "GET" and ROUTES[method, path][name] == "200"}
    pages = {path for path in may_read - NOT_LINKED if not path.startswith("/api/") and "." not in path}
    not_reached = pages - reached
    assert not not_reached, "no link leads there"


@one_database
def test_the_sign_in_page_is_sound_and_in_danish(sign_in: SignIn, untranslated: set[str]) -> None:
    browser = sign_in(None)
    wrong_password = browser.post("/login", data={"email": "leder@demo.example", "password": "wrong"})
    for answer in (browser.get("/login"), wrong_password, browser.get("/nowhere")):
        assert [*faults(answer.text), *english_words(read_page(answer.text))] == []
    assert not untranslated


@pytest.mark.parametrize("path", [path for path, write in WRITES.items() if write.form and write.required])
@one_database
def test_a_page_that_says_what_is_wrong_is_sound_and_in_danish(
    path: str, sign_in: SignIn, cast: dict[str, User], database: Engine, untranslated: set[str]
) -> None:
    """Every form sent empty, sent with far too much, and sent after somebody else has saved."""
    write = WRITES[path]
    if write.before:
        write.before(database)
    browser = sign_in(cast[write.opener])
    to = address(path, write)
    form = form_on(browser, address(write.form, write), to)
    for typed in (
        dict.fromkeys(form.names, ""),
        dict.fromkeys(form.names, "x" * 999),
        form.values | {"version": "0"},
    ):
        answer = browser.post(to, data=typed)
        if answer.status_code != 303:
            assert answer.status_code in (404, 409, 422), path
            assert [*faults(answer.text), *english_words(read_page(answer.text))] == [], path
    assert not untranslated


@one_database
def test_the_pages_are_in_english_for_who_reads_english(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    browser.post("/language", data={"language": "en", "next": "/"})
    for here in ("/", "/portfolios/direktionen/overview", "/projects/P-006", "/projects/P-006/edit", "/people"):
        page = read_page(browser.get(here).text)
        assert page.all("html")[0].get("lang") == "en"
        assert not {"Overblik", "Ret", "Milepæl", "Gem"} & set(re.findall(r"\w+", page.all("main")[0].text))
