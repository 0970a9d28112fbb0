"""What somebody types who means harm: forty texts, and whether one of them became more than text in an answer."""

import io
import os
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.page import Element, read_page

MARK = "kanarie"
"""Stands in every payload: where it is found, something that was typed is shown."""

PAYLOADS = (
    # elements
    "<script>window.kanarie=1</script>",
    "<img src=x onerror=window.kanarie=1>",
    "<svg onload=window.kanarie=1>",
    "</textarea><kanarie onclick=kanarie()>",
    "</title></style><kanarie-a>",
    "<!-- kanarie --><iframe src=/kanarie>",
    "<details open ontoggle=window.kanarie=1>",
    "<a href=javascript:window.kanarie=1>k</a>",
    "<base href=//kanarie.example/>",
    "<style>@import'//kanarie.example'</style>",
    # attributes
    '" onmouseover="window.kanarie=1" x="',
    "' onfocus='window.kanarie=1' autofocus '",
    '" autofocus onfocus=window.kanarie=1 "',
    "x kanarie=1 onclick=window.kanarie=1",
    '"><kanarie-b hx-get="/kanarie">',
    # what htmx obeys
    "<b hx-on:load='window.kanarie=1'>k</b>",
    '" hx-post="/kanarie" hx-trigger="load',
    "<i data-hx-get=/kanarie>k</i>",
    "hx-vals='js:{a:window.kanarie=1}'",
    # templates
    "{{ 1299709 * 7 }} kanarie",
    "{% for x in kanarie %}{{ x }}{% endfor %}",
    "{{ kanarie.__class__.__mro__ }}",
    "%(kanarie)s %s {kanarie} {0.__class__}",
    "${7*7} #{kanarie} <%= kanarie %>",
    # formulas
    '=HYPERLINK("http://kanarie.example")',
    "+cmd|' /C kanarie'!A0",
    "-2+3+kanarie",
    "@SUM(kanarie)",
    "\t=1+kanarie",
    "=kanarie\r=2",
    # links
    "javascript:window.kanarie=1",
    "data:text/html,<b>kanarie</b>",
    "//kanarie.example/\\..\\x",
    # characters
    "kanarie\r\nSet-Cookie: kanarie=1",
    "kanarie\x1b[2J\x1b[31m \x0b\x07\x7f",
    "kanarie\u2028\u2029\u0085 \ufeff\ufffe",
    "\u202ekanarie \u2066x\u200f",
    "kanarie\x00 \U0001d173 \ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    # databases
    "' OR 1=1; DROP TABLE kanarie; --",
    "%_\\%kanarie% [a-z]* ((((",
)

LONG = f"{MARK} " * 1300
"""More than any field holds."""

COMPUTED = ("9097963", f"49 {MARK}", "jinja2.", "<class", "__main__")
"""What stands in an answer when a payload was computed instead of shown."""

OURS = {"script", "style", "iframe", "object", "embed", "base"}


def payloads(start: int, longest: int) -> str:
    """As many of them, from that one on, as fit into so many characters; always at least one."""
    found = PAYLOADS[start % len(PAYLOADS)]
    for step in range(1, len(PAYLOADS)):
        more = PAYLOADS[(start + step) % len(PAYLOADS)]
        if len(found) + 1 + len(more) > longest:
            break
        found += f" {more}"
    return found


def faults_of_page(html: str) -> Iterator[str]:
    """Where something that was typed is more than text on a page, as sentences."""
    for element in read_page(html) if MARK in html else ():
        if MARK in element.tag:
            yield f"an element <{element.tag}>"
        if element.tag in OURS and not (element.tag == "script" and element.get("src").startswith("/static/")):
            yield f"an element <{element.tag}>"
        if element.tag == "meta" and "http-equiv" in element.attributes:
            yield "a page that obeys a meta element"
        yield from faults_of_attributes(element)
    for computed in COMPUTED:
        if computed in html:
            yield f"{computed!r}: a payload was computed"


WORDS = {"value", "title", "aria-label", "content", "alt", "placeholder", "label", "data-title"}
"""Attributes that hold text and nothing else."""

ADDRESSES = {"href", "action", "formaction", "src", "hx-get", "hx-post", "hx-push-url"}


def faults_of_attributes(element: Element) -> Iterator[str]:
    for name, value in element.attributes.items():
        if MARK in name or name.startswith(("on", "hx-on", "data-hx", "hx-vals")) or name == "style":
            yield f"<{element.tag} {name}={value[:60]!r}>"
        elif MARK not in unquote(value) or name in WORDS:
            continue
        elif name not in ADDRESSES or not re.match(r"(/(?![/\\])|[?#])[^\s<>\"'\\]*$", value):
            yield f"<{element.tag} {name}={value[:80]!r}>"


def faults_of_workbook(content: bytes) -> Iterator[str]:
    """Cells that compute, links and what else a workbook could do by itself."""
    for sheet in load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield f"{sheet.title}!{cell.coordinate} is a formula: {str(cell.value)[:60]!r}"
                if cell.hyperlink and MARK in unquote(cell.hyperlink.target or ""):
                    yield f"{sheet.title}!{cell.coordinate} leads to {cell.hyperlink.target!r}"
    yield from faults_of_parts(content)


def faults_of_parts(content: bytes) -> Iterator[str]:
    """Markup that was typed in the parts of a Word file or workbook, and relations that lead out of it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            for element in etree.fromstring(archive.read(name)).iter(etree.Element):
                where = f"{name}: <{etree.QName(element).localname}>"
                if MARK in str(element.tag) or any(MARK in str(key) for key in element):
                    yield f"{where} was typed"
                if element.get("TargetMode") == "External" and MARK in unquote(element.get("Target", "")):
                    yield f"{where} leads to {element.get('Target')!r}"
                if where.endswith(("instrText>", "fldSimple>", "f>")) and MARK in (element.text or ""):
                    yield f"{where} computes {(element.text or '')[:60]!r}"


def faults_of_pdf(content: bytes) -> Iterator[str]:
    """Scripts, and links that somebody typed."""
    reader = PdfReader(io.BytesIO(content))
    for page in reader.pages:
        for note in page.get("/Annots") or []:
            action = note.get_object().get("/A", {})
            if action.get("/S") not in (None, "/URI", "/GoTo") or MARK in str(action.get("/URI", "")):
                yield f"a link to {action}"
    if b"/JavaScript" in content or b"/OpenAction" in content:
        yield "a script"


def soak(usual: int, thorough: int) -> int:
    """How many times something is tried: more before a release, with SOAK=1 in the environment."""
    return thorough if os.environ.get("SOAK") else usual
