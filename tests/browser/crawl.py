"""What tools and we ourselves find on a page, wherever it was come from: at a desk, greatly enlarged, widely spaced."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.databases import ROOT

HERE = Path(__file__).parent
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""axe's rules of WCAG 2.0 to 2.2 at A and AA, target size among them, which it leaves out unless it is asked for."""
NARROW_RULES = ["color-contrast", "target-size", "scrollable-region-focusable"]
"""axe's rules whose answer depends on how wide the page is."""
HALF, PHONE = 683, 320
"""A desk's 1366 pixels at 200 %, and 1280 pixels at 400 %."""
QUALWEB = [
    "qw-page/dist/qw-page.bundle.js",
    "util/dist/__webpack/util.bundle.js",
    "locale/dist/locale.bundle.js",
    "act-rules/dist/__webpack/act.bundle.js",
]
"""QualWeb is what the Danish agency tests with; its parts run in any browser, in this order."""
RUN_QUALWEB = """() => {
  const given = { sourceHtml: document.documentElement.outerHTML };
  const report = new ACTRulesRunner({}, "en").configure({}).test(given).getReport();
  return Object.values(report.assertions)
    .filter((rule) => rule.metadata["success-criteria"].some(({ level }) => level !== "AAA"))
    .flatMap((rule) => rule.results.filter(({ verdict }) => verdict === "failed")
      .map(({ elements = [] }) => `${rule.code} ${rule.name}: ${elements.map(({ htmlCode }) => htmlCode).join(" ")}`));
}"""


@cache
def script(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """What we ourselves look for on the page that is open, as sentences. It is as wide as before afterwards."""
    return [*page.evaluate(script(HERE / "faults.js")), *when_narrow(page)]


def when_narrow(page: Page) -> Iterator[str]:
    before = page.viewport_size
    for width in (HALF, PHONE):
        page.set_viewport_size({"width": width, "height": 640})
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            yield f"{needed} pixels wide on a screen of {width}"
    yield from page.evaluate(script(HERE / "spacing.js"))
    if before:
        page.set_viewport_size(before)


def axe_faults(page: Page, rules: list[str] | None = None) -> Iterator[str]:
    """What axe objects to, with the element: all of its rules at A and AA, or these."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": LEVELS}
    for rule in Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]:
        for node in rule["nodes"]:
            yield f"{rule['id']}: {node['html'][:200]} – {node['failureSummary']}"


def qualweb_faults(page: Page) -> list[str]:
    """What QualWeb's ACT rules at A and AA say has failed. It marks the elements of the page: run it last."""
    for part in QUALWEB:
        page.evaluate(script(ROOT / "node_modules" / "@qualweb" / part))
    found: list[str] = page.evaluate(RUN_QUALWEB)
    return found
