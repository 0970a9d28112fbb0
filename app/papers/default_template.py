"""Our own Word template of the board paper, made by code: what a municipality starts from when it makes its own.

Real heading styles, real numbering, tables with a repeated header row and no merged cells, Danish everywhere, A4, a
header and a footer on each page (EN 301 549 clause 10; domain.md 3F, L3). Its codes are those that any may use.
"""

import io
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from docx import Document
from docx.document import Document as Made
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

FONT = "Arial"
"""Every reader has it, or one as wide."""

INK, HEAD = "1F3A5F", "E8F1FA"
"""The colour of headings, and the shade behind a table's header row (contrast 10:1)."""

HEADINGS = {1: (18, 18, 6), 2: (14, 18, 6), 3: (11.5, 14, 4), 4: (10.5, 10, 2)}
"""Points of each rank of heading: its size, and the space before and after it."""

WIDTH = 166
"""Millimetres between the margins of a page."""

DECIMAL, BULLET, HEADED, PLAIN = "decimal", "bullet", "headed", "plain"

LISTS = {
    "List Number": (1, 0),
    "List Bullet": (2, 0),
    "List Number 2": (3, 1),
    "List Number 3": (4, 0),
}
"""The paragraph styles that number or mark themselves: which list each belongs to, and on which level."""

BEGINS = "Beslutning ønskes"
"""The style after which the options are numbered from 1 again: it is the list's level above them, without a number."""


class Cell(NamedTuple):
    """A column: its heading, its width in millimetres, and the code that fills it."""

    heading: str
    width: float
    code: str
    bold: bool = False
    number: bool = False


@cache
def default_template() -> bytes:
    """The template as a Word file: always the same bytes but for the time in the archive."""
    return made_template(_write)


def made_template(write: Callable[["Writer"], None]) -> bytes:
    """A template in our looks, with what is written into it."""
    document = Document()
    _empty(document)
    _speak_danish(document)
    _be_of_today(document)
    _set_up_page(document)
    _style(document)
    _number(document)
    _head(document)
    write(Writer(document))
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


# ----------------------------------------------------------------------------------------------------- how it looks


def _empty(document: Made) -> None:
    """Takes out what the library's own template brings along: a picture of it, and whoever made it."""
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            package.rels.pop(key)
    core = document.core_properties
    core.author = core.comments = core.title = core.subject = core.keywords = ""


def _speak_danish(document: Made) -> None:
    """The language of all text, and of the settings that new text takes its language from."""
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "da-DK")
    document.settings.element.find(qn("w:themeFontLang")).set(qn("w:val"), "da-DK")


def _be_of_today(document: Made) -> None:
    """Says which Word it is made for; otherwise Word opens it as a file of 2007 and says so."""
    for each in document.settings.element.find(qn("w:compat")).iter(qn("w:compatSetting")):
        if each.get(qn("w:name")) == "compatibilityMode":
            each.set(qn("w:val"), "15")


def _set_up_page(document: Made) -> None:
    [section] = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    section.header_distance = section.footer_distance = Mm(12)


def _style(document: Made) -> None:
    for style in document.styles:
        for fonts in style.element.iter(qn("w:rFonts")):
            for name in list(fonts.attrib):
                if "Theme" in name:
                    del fonts.attrib[name]
    normal: Any = document.styles["Normal"]
    _font(normal, 10.5)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.15
    for rank, (size, before, after) in HEADINGS.items():
        heading: Any = document.styles[f"Heading {rank}"]
        _font(heading, size, bold=True, ink=INK)
        heading.font.italic = False
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(before), Pt(after)
        heading.paragraph_format.keep_with_next = True
    for name in ("Header", "Footer"):
        _font(document.styles[name], 8.5, ink="454545")
    for name, size, after in (
        ("Sagsoplysninger", 9.5, 2),
        ("Tabeltekst", 9, 0),
        ("Småt", 8.5, 4),
        ("Indledning", 10.5, 3),
        (BEGINS, 10.5, 6),
    ):
        made: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style, made.quick_style = normal, True
        _font(made, size)
        made.paragraph_format.space_after = Pt(after)
        made.paragraph_format.keep_with_next = name == "Indledning"
    document.styles["Tabeltekst"].paragraph_format.line_spacing = 1.0


def _font(style: Any, size: float, *, bold: bool | None = None, ink: str = "") -> None:
    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:cs"), FONT)
    if ink:
        style.font.color.rgb = RGBColor.from_string(ink)


def _number(document: Made) -> None:
    """Real lists: recommendations, bullets, options that begin anew under each question, and annexes."""
    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    kinds = {1: [(DECIMAL, "%1.", 8)], 2: [(BULLET, "•", 6)], 3: [(PLAIN, "", 0), (DECIMAL, "%2.", 8)]}
    kinds[4] = [(DECIMAL, "Bilag %1:", 18)]
    for key, levels in kinds.items():
        numbering.append(_abstract(key, levels))
    for key in kinds:
        number = OxmlElement("w:num")
        number.set(qn("w:numId"), str(key))
        number.append(_valued("w:abstractNumId", str(key)))
        numbering.append(number)
    for name, (key, level) in {**LISTS, BEGINS: (3, 0)}.items():
        style: Any = document.styles[name]
        properties = style.element.get_or_add_pPr()
        for old in properties.findall(qn("w:numPr")):
            properties.remove(old)
        listed = properties.get_or_add_numPr()
        listed.get_or_add_ilvl().val, listed.get_or_add_numId().val = level, key
        style.paragraph_format.space_after = Pt(3)


def _abstract(key: int, levels: Sequence[tuple[str, str, float]]) -> Any:
    """One kind of list; each level with its format, its text, and its indent in millimetres."""
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), str(key))
    abstract.append(_valued("w:multiLevelType", "multilevel" if len(levels) > 1 else "singleLevel"))
    for place, (kind, text, indent) in enumerate(levels):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(place))
        level.append(_valued("w:start", "1"))
        level.append(_valued("w:numFmt", "none" if kind == PLAIN else kind))
        if kind == PLAIN:
            level.append(_valued("w:suff", "nothing"))
        level.append(_valued("w:lvlText", text))
        level.append(_valued("w:lvlJc", "left"))
        properties, indented = OxmlElement("w:pPr"), OxmlElement("w:ind")
        indented.set(qn("w:left"), str(Mm(indent).twips))
        indented.set(qn("w:hanging"), str(Mm(indent).twips))
        properties.append(indented)
        level.append(properties)
        abstract.append(level)
    return abstract


def _valued(tag: str, value: str) -> Any:
    element = OxmlElement(tag)
    element.set(qn("w:val"), value)
    return element


def _head(document: Made) -> None:
    """Case number and classification above each page, the title and »Side x af y« below it."""
    [section] = document.sections
    for name in ("Header", "Footer"):
        style: Any = document.styles[name]
        style.paragraph_format.tab_stops.clear_all()
        style.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    section.header.paragraphs[0].add_run("Sagsnr. {{ sagsnummer }}\t{{ klassifikation }}")
    section.footer.paragraphs[0].add_run("{{ titel }}\t")
    footer = section.footer.paragraphs[0]
    for text, field in (("Side ", "PAGE"), (" af ", "NUMPAGES")):
        footer.add_run(text)
        _add_field(footer, field)


def _add_field(paragraph: Paragraph, instruction: str) -> None:
    """A field as Word writes it; »1« stands there until it is reckoned."""
    for kind, text in (("begin", ""), ("", instruction), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run(text if kind == "text" else "")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
        elif not kind:
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = f" {instruction} "
            run._element.append(words)


# ----------------------------------------------------------------------------------------------------- what it says


class Writer:
    """Writes paragraphs and tables one after the other. A code that repeats or chooses has a paragraph of its own."""

    def __init__(self, document: Made) -> None:
        self.document = document

    def heading(self, rank: int, text: str) -> None:
        self.document.add_paragraph(text, style=f"Heading {rank}")

    def text(self, text: str, style: str = "Normal", *, label: str = "") -> None:
        paragraph = self.document.add_paragraph(style=style)
        if label:
            paragraph.add_run(f"{label} ").bold = True
        paragraph.add_run(text)

    def code(self, code: str) -> None:
        self.document.add_paragraph(f"{{%p {code} %}}")

    def each(self, listed: str, style: str = "Normal") -> None:
        """A paragraph for each text of a list."""
        self.code(f"for linje in {listed}")
        self.text("{{ linje }}", style)
        self.code("endfor")

    def table(self, name: str, listed: str, cells: Sequence[Cell]) -> None:
        """A table with a header row that is repeated on each page, and a row for each of a list."""
        table = self.document.add_table(rows=4, cols=len(cells), style="Table Grid")
        table.autofit = False
        _describe(table, name)
        heads, first, row, last = table.rows
        _properties(heads).append(_valued("w:tblHeader", "true"))
        for each in (heads, row):
            _properties(each).append(_valued("w:cantSplit", "true"))
        first.cells[0].text, last.cells[0].text = f"{{%tr for linje in {listed} %}}", "{%tr endfor %}"
        for place, cell in enumerate(cells):
            table.columns[place].width = Mm(cell.width)
            for each in table.rows:
                each.cells[place].width = Mm(cell.width)
            self._fill(heads.cells[place].paragraphs[0], cell.heading, bold=True, number=cell.number)
            _shade(heads.cells[place], HEAD)
            self._fill(row.cells[place].paragraphs[0], cell.code, bold=cell.bold, number=cell.number)

    @staticmethod
    def _fill(paragraph: Paragraph, text: str, *, bold: bool, number: bool) -> None:
        paragraph.style = "Tabeltekst"
        paragraph.add_run(text).bold = bold
        if number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _properties(row: Any) -> Any:
    return row._tr.get_or_add_trPr()


def _shade(cell: Any, fill: str) -> None:
    shade = _valued("w:shd", "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), fill)
    cell._tc.get_or_add_tcPr().append(shade)


def _describe(table: Any, name: str) -> None:
    """What the table is, for who hears it; that its first row is its heading; a thin grey line and air around cells."""
    borders, air = OxmlElement("w:tblBorders"), OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = _valued(f"w:{side}", "single")
        for key, value in (("sz", "4"), ("space", "0"), ("color", "A6A6A6")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    for side, twips in (("top", "40"), ("left", "85"), ("bottom", "40"), ("right", "85")):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), twips)
        margin.set(qn("w:type"), "dxa")
        air.append(margin)
    look = _valued("w:tblLook", "0420")
    for key, value in (("firstRow", "1"), ("lastRow", "0"), ("firstColumn", "0"), ("noHBand", "0"), ("noVBand", "1")):
        look.set(qn(f"w:{key}"), value)
    indent = OxmlElement("w:tblInd")  # so that the lines stand on the edge of the text in every program
    indent.set(qn("w:w"), "0")
    indent.set(qn("w:type"), "dxa")
    properties = table._tbl.tblPr
    for old in properties.findall(qn("w:tblLook")):
        properties.remove(old)
    for each in (indent, borders):  # the format wants them in this order
        properties.find(qn("w:tblLayout")).addprevious(each)
    for each in (air, look, _valued("w:tblCaption", name), _valued("w:tblDescription", name)):
        properties.append(each)


STATUS = "{{% cellbg linje.{0}.farve %}}{{{{ linje.{0}.tegn }}}} {{{{ linje.{0}.ord }}}}"
PROJECT = Cell("Projekt", 60, "{{ linje.nr }} {{ linje.titel }}")


def _write(write: Writer) -> None:
    _minutes_head(write)
    write.heading(1, "{{ overskrift }}")
    write.text("{{ fakta }}", "Sagsoplysninger")
    write.each("bemærkninger", "Sagsoplysninger")
    write.heading(2, "Baggrund")
    write.each("baggrund")
    write.heading(2, "Indstilling")
    write.text("{{ indstiller }}", "Indledning")
    write.code("for indstilling in indstillinger")
    write.text("{{ indstilling.tekst }}", "List Number")
    write.code("endfor")
    _decisions(write)
    write.heading(2, "Sagsfremstilling")
    write.heading(3, "Formål")
    write.text("{{ formål_indledning }}", "Indledning")
    write.each("formål", "List Bullet")
    write.heading(3, "Proces")
    write.each("proces")
    write.code("if ikke_indberettet")
    write.text("Ikke indberettet:", "Indledning")
    write.each("ikke_indberettet", "List Bullet")
    write.code("endif")
    write.code("if tilføjelser")
    write.text("Tilføjelser til udgaven, efter at den blev frosset:", "Indledning")
    write.each("tilføjelser", "List Bullet")
    write.code("endif")
    _changes(write)
    _overview(write)
    write.code("for indstilling in indstillinger")
    write.heading(3, "{{ indstilling.overskrift }}")
    write.code("for forslag in indstilling.forslag")
    write.text(
        "{{ forslag.tekst }}",
        "List Bullet",
        label="{% if forslag.nr %}{{ forslag.nr }} {% endif %}{{ forslag.titel }}"
        "{% if forslag.status %} ({{ forslag.status.ord | lower }}){% endif %}{% if forslag.tekst %}:{% endif %}",
    )
    write.code("endfor")
    write.code("if indstilling.ingen")
    write.text("{{ indstilling.ingen }}")
    write.code("endif")
    write.code("endfor")
    _follow_up(write)
    _economy(write)
    write.heading(2, "Bilag")
    write.each("bilag", "List Number 3")
    write.text("{{ udgave }}", "Småt")


def _minutes_head(write: Writer) -> None:
    """Only in minutes: when and where, who, and the agenda (R109)."""
    write.code("if referat")
    write.heading(1, "{{ referat.overskrift }}")
    write.text("{{ møde.dato }} {{ møde.tid }}", label="Mødedato:")
    write.code("if møde.sted")
    write.text("{{ møde.sted }}", label="Mødested:")
    write.code("endif")
    for name, label in (("deltagere", "Mødedeltagere:"), ("afbud", "Afbud:")):
        write.code(f"if møde.{name}")
        write.text(f"{{{{ møde.{name} | join('; ') }}}}", label=label)
        write.code("endif")
    write.heading(2, "Dagsorden")
    write.table(
        "Dagsorden",
        "referat.dagsorden",
        [
            Cell("Punkt", 16, "{{ linje.nr }}", number=True),
            Cell("Titel", 90, "{{ linje.titel }}"),
            Cell("Sagsnr.", 26, "{{ linje.sagsnummer }}"),
            Cell("Tid", 34, "{{ linje.tid }}"),
        ],
    )
    write.code("endif")


def _decisions(write: Writer) -> None:
    """Only in minutes: what was decided on each recommendation and candidate, and who does what by when."""
    write.code("if referat")
    write.code("for møde_om in referat.beslutninger")
    write.heading(2, "{{ møde_om.overskrift }}")
    write.code("for punkt in møde_om.punkter")
    write.text("{{ punkt.tekst }}", label="{{ punkt.om }}")
    write.each("punkt.forslag", "List Bullet")
    write.code("endfor")
    write.code("endfor")
    write.heading(3, "Opgaver")
    write.code("if referat.opgaver")
    write.table(
        "Opgaver, som mødet gav",
        "referat.opgaver",
        [
            Cell("Opgave", 86, "{{ linje.opgave }}"),
            Cell("Ansvarlig", 46, "{{ linje.ansvarlig }}"),
            Cell("Frist", 34, "{{ linje.frist }}"),
        ],
    )
    write.code("else")
    write.text("{{ referat.ingen_opgaver }}")
    write.code("endif")
    write.code("if referat.andre_beslutninger")
    write.heading(3, "Andre beslutninger på mødet")
    write.each("referat.andre_beslutninger", "List Bullet")
    write.code("endif")
    write.code("endif")


def _changes(write: Writer) -> None:
    write.heading(3, "Ændringer siden sidst")
    write.each("ændringer.sætninger")
    write.code("if ændringer.flyttet")
    write.table(
        "Projekter, der har skiftet farve siden sidst",
        "ændringer.flyttet",
        [
            PROJECT,
            Cell("Sidst", 22, STATUS.format("sidst")),
            Cell("Nu", 22, STATUS.format("nu")),
            Cell("Årsag", 62, "{{ linje.årsag }}"),
        ],
    )
    write.code("endif")


def _overview(write: Writer) -> None:
    write.heading(3, "Overblik")
    write.each("overblik")
    write.table(
        "Antal projekter efter status, og hvordan antallet har ændret sig siden sidst",
        "antal",
        [
            Cell("Status", 40, STATUS.format("status")),
            Cell("{{ sidste_runde | capitalize }}", 22, "{{ linje.sidst }}", number=True),
            Cell("Skiftet hertil", 20, "{{ linje.flyttet_til }}", number=True),
            Cell("Skiftet herfra", 20, "{{ linje.flyttet_fra }}", number=True),
            Cell("Nye på listen", 20, "{{ linje.nye }}", number=True),
            Cell("Udgået", 20, "{{ linje.udgået }}", number=True),
            Cell("{{ denne_runde | capitalize }}", 24, "{{ linje.nu }}", number=True, bold=True),
        ],
    )
    write.heading(3, "Røde projekter, årsag og ønsket beslutning")
    write.code("if ingen_røde")
    write.text("{{ ingen_røde }}")
    write.code("endif")
    write.code("for projekt in røde")
    write.heading(
        4, "{{ projekt.status.tegn }} {{ projekt.nr }} {{ projekt.titel }} ({{ projekt.status.ord | lower }})"
    )
    write.text("{{ projekt.fakta }}", "Sagsoplysninger")
    write.text("{{ projekt.årsag }}", label="Årsag:")
    write.text("{{ projekt.vej_til_grøn }}", label="Vej til grøn:")
    write.text("{{ projekt.beslutning }}", BEGINS, label="Beslutning ønskes:")
    write.code("if projekt.muligheder")
    write.text("Handlemuligheder i prioriteret rækkefølge:", "Indledning")
    write.each("projekt.muligheder", "List Number 2")
    write.code("endif")
    write.code("endfor")


def _follow_up(write: Writer) -> None:
    write.heading(3, "Opfølgning på beslutninger fra sidst")
    write.text("{{ opfølgning_indledning }}")
    write.code("if opfølgning")
    write.table(
        "Opfølgning på beslutninger fra sidst",
        "opfølgning",
        [
            Cell("Beslutning", 52, "{{ linje.beslutning }}"),
            Cell("Opgave", 38, "{{ linje.opgave }}"),
            Cell("Ansvarlig", 22, "{{ linje.ansvarlig }}"),
            Cell("Frist", 24, "{{ linje.frist }}"),
            Cell("Hvad skete der?", 30, "{{ linje.status }}{% if linje.resultat %}: {{ linje.resultat }}{% endif %}"),
        ],
    )
    write.code("endif")


def _economy(write: Writer) -> None:
    write.code("if økonomi")
    write.heading(2, "Økonomi")
    write.each("økonomi.sætninger")
    write.table(
        "Projekter med gevinster, der udestår, eller finansiering, der mangler",
        "økonomi.projekter",
        [
            Cell("Projekt", 96, "{{ linje.nr }} {{ linje.titel }}"),
            Cell("Gevinster, der udestår (mio. kr.)", 35, "{{ linje.gevinster }}", number=True),
            Cell("Finansiering, der mangler (mio. kr.)", 35, "{{ linje.finansiering }}", number=True),
        ],
    )
    write.code("endif")
