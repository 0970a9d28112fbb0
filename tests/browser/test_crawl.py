"""Every page, its states, and what it answers to an empty form: judged by axe, by QualWeb and by ourselves."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Page
from sqlalchemy import Engine

from app.models import User
from tests.browser.conftest import Visit
from tests.browser.crawl import NARROW_RULES, axe_faults, faults, qualweb_faults
from tests.browser.test_pages import PAGES_OF
from tests.test_access import HEADER, READING, ROUTES, example, in_turn
from tests.writes import WRITES, address, the_leader_has_a_deputy

PAGES = [
    path
    for path in READING
    if "200" in ROUTES["GET", path].values()
    and "." not in path
    and not path.startswith(("/api/", "/static/", "/healthz", "/readyz"))
]
SEND_EMPTY = """(to) => {
  const leads = (button) => button.hasAttribute("formaction") && new URL(button.formAction).pathname === to;
  const form = [...document.forms].find((each) => each.method === "post" &&
    (new URL(each.action).pathname === to || [...each.elements].some(leads)));
  for (const field of form.elements) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else if (field.name && field.type !== "hidden") field.value = "";
  }
  form.action = to;
  form.submit();
}"""


class Crawler:
    """One window for everybody who opens something."""

    def __init__(self, visit: Visit, cast: dict[str, User]) -> None:
        self.visit, self.cast = visit, cast
        self.windows: dict[str, Page] = {}
        self.found: dict[str, list[str]] = {}

    def window(self, name: str) -> Page:
        if name not in self.windows:
            self.windows[name] = self.visit(self.cast.get(name))
        return self.windows[name]

    def open(self, name: str, path: str, status: int = 200) -> Page:
        page = self.window(name)
        answer = page.goto(path)
        assert answer
        assert answer.status == status, path
        return page

    def note(self, what: str, *wrong: Iterable[str]) -> None:
        if sentences := [sentence for some in wrong for sentence in some]:
            self.found[what] = sentences

    def send_empty(self, path: str) -> None:
        """The form of an address, with nothing in it: judged when that is an error."""
        write = WRITES[path]
        page, to = self.window(write.opener), address(path, write)
        page.goto(address(write.form, write))
        with page.expect_navigation() as answer:
            page.evaluate(SEND_EMPTY, to)
        if answer.value.status in (409, 422):
            self.note(f"{to} sent empty", faults(page))


def test_every_page_can_be_used_by_everybody_and_has_a_title_of_its_own(
    visit: Visit, cast: dict[str, User], database: Engine
) -> None:
    crawler = Crawler(visit, cast)
    titles: dict[str, set[str]] = {}
    for paths in in_turn(PAGES, database):
        for path in paths:
            name = next(name for name in ("sekretariat", *HEADER) if ROUTES["GET", path][name] == "200")
            page = crawler.open(name, example(path))
            titles.setdefault(page.title(), set()).add(urlsplit(page.url).path)
            crawler.note(path, faults(page), axe_faults(page), qualweb_faults(page))
    assert not crawler.found
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}


STATUS = {"/projects/P-999": 404, "/portfolios/direktionen/what-if?kind=merge": 422}
"""What is not there, and a change that does not say yet what is to be merged."""


def states() -> Iterator[tuple[str, str]]:
    """What PAGES does not open already."""
    opened = {example(path) for path in PAGES}
    return ((name, path) for name, path in PAGES_OF if path not in opened or name != "sekretariat")


def test_every_state_of_a_page_can_be_used_by_everybody(visit: Visit, cast: dict[str, User], database: Engine) -> None:
    the_leader_has_a_deputy(database)
    crawler = Crawler(visit, cast)
    for name, path in states():
        page = crawler.open(name, path, STATUS.get(path, 200))
        crawler.note(f"{name} {path}", faults(page), axe_faults(page))
        page.set_viewport_size({"width": 390, "height": 844})
        crawler.note(f"{name} {path} on a phone", axe_faults(page, NARROW_RULES))
        page.set_viewport_size({"width": 1366, "height": 768})
    assert not crawler.found


def test_every_page_that_says_what_is_wrong_can_be_used_by_everybody(
    visit: Visit, cast: dict[str, User], database: Engine
) -> None:
    crawler = Crawler(visit, cast)
    forms = [path for path, write in WRITES.items() if write.form and write.required]
    for paths in in_turn(forms, database):
        for path in paths:
            crawler.send_empty(path)
    assert not crawler.found
