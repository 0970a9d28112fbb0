"""Fills a Word template with plain data. A template is data that a stranger may have written: nothing in it is run.

A template may show a value, repeat with »for« and choose with »if«, and nothing else: each of its codes is read as a
tree and checked against what the paper has before Jinja's sandbox sees it (trust V15). Whatever in the file leads
somewhere else, runs something or reads another file is refused.

This file imports nothing of ours, so that it can be run alone: a template that is not our own is only ever opened in a
process of its own (`word_template.py`), with a limit on time and memory.
"""

import base64
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

if sys.platform != "win32":
    import resource

Data = Mapping[str, Any]
Shape = Any
"""What a paper has: a mapping of names to shapes, a list with one shape, or None for a text or number."""

DEEPEST = 4
"""How many repetitions may stand within each other: recommendations, candidates, and two to spare."""

LARGEST_TEXT = 20_000_000
"""Characters of the finished paper's body; one of sixty projects has a fiftieth of that."""

SECONDS, MEMORY = 10, 1 << 30
"""What a template may use of the processor, and of memory in bytes."""

FILTERS = ("capitalize", "count", "d", "default", "first", "join", "last", "length", "lower", "trim", "upper")
TESTS = ("defined", "none", "undefined")
LOOP = dict.fromkeys(("index", "index0", "first", "last", "length", "revindex"))
PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
)
"""The parts of a code that are allowed whatever they hold. Names, attributes, loops and filters are looked at."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CONTENT_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONS = {
    *("officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail"),
    *("styles", "stylesWithEffects", "settings", "webSettings", "fontTable", "font", "theme", "numbering"),
    *("header", "footer", "footnotes", "endnotes", "image", "hyperlink", "customXml", "customXmlProps"),
    "glossaryDocument",
}
"""What a part may lead to, by the last word of the relationship's type."""

FIELDS = {
    *("PAGE", "NUMPAGES", "SECTIONPAGES", "SECTION", "TITLE", "SUBJECT", "AUTHOR", "DOCPROPERTY", "FILENAME"),
    *("STYLEREF", "TOC", "REF", "PAGEREF", "SEQ", "DATE", "CREATEDATE", "SAVEDATE", "PRINTDATE", "QUOTE", "="),
}
"""The fields that only tell of the document itself. INCLUDETEXT, DDE, LINK and their like are not among them."""

OUTWARD = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)
CODES = ("{{", "{%", "{#")
REFUSED_ELEMENTS = {"object", "altChunk", "control", "subDoc", "OLEObject", "movie", "contentPart"}


def N_(message: str) -> str:  # noqa: N802 - gettext's own name, as in i18n, which this file does not import
    return message


class Refused(Exception):
    """Why a template cannot be used: an English sentence to be translated, and what is put into it."""

    def __init__(self, sentence: str, **given: str) -> None:
        super().__init__(sentence % given)
        self.sentence, self.given = sentence, given


def fill(template: bytes, data: Data, properties: Mapping[str, str], made_at: str) -> bytes:
    """The template with the data in it, as a Word file. `data` is plain: texts, numbers, lists and mappings of them.

    `properties` are those of the document by the library's names, `made_at` is the instant (ISO 8601) that the file
    says it was made. Refused says what is wrong with the template.
    """
    document = _Strict(io.BytesIO(template))
    try:
        document.render(data, _environment(), autoescape=True)
    except UndefinedError as wrong:
        what = (re.findall("'([^']*)'", str(wrong)) or ["?"])[-1]
        raise Refused(
            N_("The template shows »%(what)s« of something that not every paper has. Put an »if« around it."), what=what
        ) from wrong
    except etree.XMLSyntaxError as wrong:
        raise Refused(BROKEN) from wrong
    core = document.docx.core_properties
    for name, value in properties.items():
        setattr(core, name, value)
    core.created = core.modified = datetime.fromisoformat(made_at).astimezone(UTC)
    core.revision = 1
    finished = io.BytesIO()
    document.save(finished)
    return finished.getvalue()


BROKEN = N_(
    "The codes do not fit the paragraphs and tables around them. A »for« and its »endfor« must stand in paragraphs "
    "(%%p) or table rows (%%tr) of their own."
)


class _Strict(DocxTemplate):  # type: ignore[misc] # the library is not typed
    """The library mends what does not fit together, and loses text; here it is an error."""

    def fix_tables(self, xml: str) -> Any:
        if len(xml) > LARGEST_TEXT:
            raise Refused(N_("The finished paper would be far too long. Look for a »for« within another »for«."))
        etree.fromstring(xml)
        return super().fix_tables(xml)

    def render_footnotes(self, context: Data, jinja_env: Any = None) -> None:
        """Nothing: the library would fill in footnotes once a section, and so read what it has put in itself."""


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


# ------------------------------------------------------------------------------------------------------- its codes


def check_codes(template: bytes, shape: Shape) -> None:
    """That every code of the template is one that it may have, and asks for something that a paper has."""
    environment = _environment()
    for source in _sources(template):
        try:
            tree = environment.parse(source)
        except TemplateSyntaxError as wrong:
            words = " ".join(re.sub("<[^>]*>", " ", " ".join(source.splitlines()[: wrong.lineno])).split())
            raise Refused(
                N_("A code of the template cannot be read. It stands here or before: »%(near)s«"), near=words[-120:]
            ) from wrong
        _Codes(shape).look_at(tree)


def _sources(template: bytes) -> Iterator[str]:
    """The texts that the library reads for codes, as Jinja will see them, a paragraph a line."""
    document = _Strict(io.BytesIO(template))
    document.render_init()
    yield _a_paragraph_a_line(document.patch_xml(document.get_xml()))
    for kind in (document.HEADER_URI, document.FOOTER_URI):
        for _key, part in document.get_headers_footers(kind):
            yield _a_paragraph_a_line(document.patch_xml(document.get_part_xml(part)))
    for name in ("author", "comments", "identifier", "language", "subject", "title"):
        yield getattr(document.docx.core_properties, name)


def _a_paragraph_a_line(xml: str) -> str:
    return re.sub("<w:p([ >])", r"\n<w:p\1", xml)


class _Codes:
    """The names that are known where a code stands: those of the paper, and of the repetitions around it."""

    def __init__(self, shape: Shape, depth: int = 0) -> None:
        self.known, self.depth = dict(shape), depth

    def look_at(self, node: nodes.Node) -> None:
        """Refuses what may not stand in a template, here and in everything below."""
        if isinstance(node, nodes.For):
            self._repeat(node)
            return
        if isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)):
            self._shape_of(node)
            return
        if isinstance(node, (nodes.Filter, nodes.Test)):
            allowed = FILTERS if isinstance(node, nodes.Filter) else TESTS
            if node.name not in allowed or node.kwargs or not all(isinstance(each, nodes.Const) for each in node.args):
                refuse(node.name)
        elif not isinstance(node, PLAIN):
            refuse(type(node).__name__)
        for child in node.iter_child_nodes():
            self.look_at(child)

    def _repeat(self, node: nodes.For) -> None:
        of = self._shape_of(node.iter)
        if not isinstance(of, list):
            raise Refused(N_("»%(what)s« is no list: it cannot be repeated."), what=written(node.iter))
        if node.recursive or not isinstance(node.target, nodes.Name) or node.target.name.startswith("_"):
            refuse("for")
        if self.depth == DEEPEST:
            raise Refused(N_("Too many repetitions stand within each other: at most %(most)s."), most=str(DEEPEST))
        inner = _Codes(self.known | {node.target.name: of[0], "loop": LOOP}, self.depth + 1)
        for child in (*node.body, *((node.test,) if node.test else ())):
            inner.look_at(child)
        for child in node.else_:
            self.look_at(child)

    def _shape_of(self, node: nodes.Node) -> Shape:
        """What a name or an attribute stands for; a sentence when the paper has no such thing."""
        if isinstance(node, nodes.Name):
            if node.name not in self.known:
                self._unknown(node, self.known)
            return self.known[node.name]
        if isinstance(node, nodes.Filter):  # »(list | default)« and its like
            self.look_at(node)
            return None
        if not isinstance(node, (nodes.Getattr, nodes.Getitem)):
            refuse(type(node).__name__)
        of = self._shape_of(node.node)
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        if isinstance(of, list) and isinstance(key, int) and not isinstance(key, bool):
            return of[0]
        if isinstance(of, list):
            raise Refused(N_("»%(what)s« is a list: repeat it with »for« first."), what=written(node.node))
        if not isinstance(of, dict) or key not in of:
            self._unknown(node, of)
        return of[key]

    def _unknown(self, node: nodes.Node, of: Shape) -> NoReturn:
        has = ", ".join(sorted(of)) if isinstance(of, dict) else ""
        if not has:
            raise Refused(N_("The paper has no »%(what)s«."), what=written(node))
        raise Refused(N_("The paper has no »%(what)s«. There it has: %(has)s."), what=written(node), has=has)


def refuse(what: str) -> NoReturn:
    raise Refused(
        N_("The template uses »%(what)s«. It may only show a value, repeat with »for« and choose with »if«."),
        what=what[:40],
    )


def written(node: nodes.Node) -> str:
    """A name or an attribute as somebody typed it."""
    if isinstance(node, nodes.Name):
        return node.name[:60]
    if isinstance(node, nodes.Getattr):
        return f"{written(node.node)}.{node.attr}"[:60]
    if isinstance(node, nodes.Getitem):
        return f"{written(node.node)}[{getattr(node.arg, 'value', '…')}]"[:60]
    return type(node).__name__


# -------------------------------------------------------------------------------------------------------- its parts


def check_parts(template: bytes) -> None:
    """That nothing in the file leads elsewhere, runs, or reads another file when somebody opens it."""
    with zipfile.ZipFile(io.BytesIO(template)) as parts:
        for name in parts.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            try:
                root = etree.fromstring(parts.read(name), etree.XMLParser(resolve_entities=False, no_network=True))
            except etree.XMLSyntaxError as wrong:
                raise Refused(N_("The file is damaged: »%(part)s« cannot be read."), part=name) from wrong
            if root.getroottree().docinfo.doctype:
                raise Refused(N_("The file is damaged: »%(part)s« cannot be read."), part=name)
            if name.endswith(".rels"):
                _check_relations(root)
            elif name == "[Content_Types].xml":
                _check_kind(root)
            else:
                _check_elements(root, name)


def _check_kind(root: Any) -> None:
    kinds = [each.get("ContentType", "") for each in root.iter(f"{CONTENT_TYPES}Override", f"{CONTENT_TYPES}Default")]
    if MAIN not in kinds:
        raise Refused(
            N_("The file is no Word document (.docx). A template with macros or a .dotx must be saved as .docx.")
        )
    for kind in kinds:
        if "macro" in kind.lower() or "vba" in kind.lower():
            raise Refused(N_("The file holds macros. Save it as a Word document without them."))


def _check_relations(root: Any) -> None:
    for each in root:
        kind, target = str(each.get("Type", "")).rpartition("/")[2], str(each.get("Target", ""))
        if kind == "attachedTemplate":
            raise Refused(
                N_("The document is tied to another template. In Word choose Normal under Developer, Template.")
            )
        if kind not in RELATIONS:
            raise Refused(N_("The file holds something that a paper may not have: »%(what)s«."), what=kind[:60])
        if each.get("TargetMode") == "External" and not (kind == "hyperlink" and OUTWARD.fullmatch(target)):
            raise Refused(
                N_("The file points to something outside it: »%(what)s«. Put pictures into the document itself."),
                what=target[:80],
            )


def _check_elements(root: Any, name: str) -> None:
    fields: list[str] = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2]
        if tag in REFUSED_ELEMENTS:
            raise Refused(N_("The file holds something that a paper may not have: »%(what)s«."), what=tag)
        if any(code in value for value in element.attrib.values() for code in CODES):
            raise Refused(N_("A code stands where only text may: in »%(part)s«."), part=name)
        if element.tag == DRAWN and not (element.get("descr") or element.get("title") or _decorative(element)):
            raise Refused(N_("A picture has no alternative text. In Word choose Edit alternative text."))
        if element.tag == f"{W}fldSimple":
            _check_field(element.get(f"{W}instr", ""))
        elif element.tag == f"{W}fldChar" and element.get(f"{W}fldCharType") == "begin":
            fields.append("")
        elif element.tag == f"{W}instrText":
            fields = fields or [""]
            fields[-1] += element.text or ""
        elif element.tag == f"{W}fldChar" and fields:
            if element.get(f"{W}fldCharType") == "separate":
                _check_field(fields[-1])
            else:
                _check_field(fields.pop())
    for field in fields:
        _check_field(field)
    if name.endswith(("footnotes.xml", "endnotes.xml")) and any(code in "".join(root.itertext()) for code in CODES):
        raise Refused(N_("A code stands where only text may: in »%(part)s«."), part=name)


def _decorative(element: Any) -> bool:
    return any(each.get("val") in ("1", "true") for each in element.iter(DECORATIVE))


def _check_field(instruction: str) -> None:
    """A field tells of the document itself, or leads to a page on the web when somebody presses it."""
    words = instruction.split() or ["="]
    link = words[0].upper() == "HYPERLINK" and len(words) > 1
    inert = link and (words[1] == "\\l" or OUTWARD.fullmatch(words[1].strip('"')))
    if any(code in instruction for code in CODES) or not (inert or words[0].upper() in FIELDS):
        raise Refused(N_("The file has a field that a paper may not have: »%(what)s«."), what=instruction.strip()[:60])


# ------------------------------------------------------------------------------------------------ in its own process


def main() -> None:
    """Reads a template and papers as JSON, and writes the filled papers, or what is wrong, as JSON."""
    _limit()
    asked = json.load(sys.stdin.buffer)
    template = base64.b64decode(asked["template"])
    try:
        check_parts(template)
        check_codes(template, asked["shape"])
        filled = [fill(template, *paper) for paper in asked["papers"]]
        for each in filled:
            check_parts(each)
    except Refused as refused:
        answer: dict[str, Any] = {"sentence": refused.sentence, "given": refused.given}
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError):
        answer = {
            "sentence": N_("The file cannot be read as a Word document."),
            "given": {},
        }
    else:
        answer = {"filled": [base64.b64encode(each).decode() for each in filled]}
    json.dump(answer, sys.stdout)


def _limit() -> None:
    """No more time and memory than a paper can need; nothing is written to any file."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
