"""A sheet of the workbook: title, facts, headings and rows, the way all sheets look and print.

Every cell is a typed value. Text is always written as text: nothing that a person has typed can become a formula, a
link or markup, and what the file format cannot hold is taken out or marked (V12).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import compress

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.papers.looks import Look, Looks

Value = str | float | date | None
Cell = tuple[Value, Look]

TITLE_ROW, FACTS_ROW, HEADING_ROW, FIRST_ROW = range(4)
"""The rows of a sheet, counted from 0."""

LONGEST = 32_767
"""The most UTF-16 units that a cell holds."""

HIGHEST, LINE = 409, 11.6
"""The most points that a row can be high, and what a line of text takes."""

CUT = " … (afkortet)"

DAY_ZERO = date(1899, 12, 30).toordinal()
"""The day that a date's serial number counts from; right for every day from March 1900."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA_LIKE = frozenset("=+-@|%\t\n")
_SUSPECT = _FORMULA_LIKE | {"<"}


def clean(text: str) -> str:
    """Text as a cell can hold it: without control characters, and cut with a mark when it is too long.

    What looks like the writer's own markup for rich text gets a space behind it and stays what was typed.
    """
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le")
    if len(units) > 2 * LONGEST:
        text = units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore") + CUT
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


@lru_cache(maxsize=10_000)
def lines_of(text: str, room: int) -> int:
    """How many lines a text takes where a line has room for so many characters; words longer than that are broken."""
    lines = 0
    for paragraph in text.split("\n"):
        lines += 1
        left = room
        for word in paragraph.split(" "):
            length = len(word)
            if length > left:
                lines += (left < room) + (length - 1) // room
                left = room - (length - 1) % room - 1
            else:
                left -= length
            left -= 1
    return lines


@dataclass(frozen=True)
class Column:
    """A heading, and a width in characters of the workbook's font. `internal` ones do not leave the house."""

    heading: str
    width: float
    turned: bool = False
    internal: bool = False

    @property
    def room(self) -> int:
        """How many characters of a cell's smaller font a line holds, with a little to spare."""
        return int(1.2 * self.width)

    @property
    def height(self) -> float:
        """The points that the heading needs, in bold and beside the filter's button."""
        return 5.6 * len(self.heading) if self.turned else LINE * lines_of(self.heading, int(self.width)) + 3


class Page(Worksheet):  # type: ignore[misc] # XlsxWriter is not typed
    """A worksheet whose rows are written as XML at once; title, facts and headings are written the library's way.

    The library keeps an object for every cell and writes it when the file is closed. For 10,000 projects that takes
    most of the time of an export.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.dim_rowmax: int | None

    def _write_rows(self) -> None:
        self.dim_rowmax, last = HEADING_ROW, self.dim_rowmax
        super()._write_rows()
        self.dim_rowmax = last
        self.fh.write("".join(self.lines))


class Sheet:
    """One sheet, filled from the top. `row` is the next free one, counted from 0.

    An `external` one has no internal columns: their cells are given as the others are, and left out.
    """

    def __init__(
        self, book: Workbook, looks: Looks, name: str, columns: Sequence[Column], *, external: bool = False
    ) -> None:
        self.page: Page = book.add_worksheet(name, worksheet_class=Page)
        self.book, self.looks, self.name, self.external = book, looks, name, external
        self.kept = [not (external and column.internal) for column in columns]
        self.columns = list(compress(columns, self.kept))
        self.row = FIRST_ROW
        self.room = [column.room for column in self.columns]
        self.letters = [xl_col_to_name(position) for position in range(len(self.columns))]

    @property
    def missing(self) -> Cell:
        """Something that the house should have; outsiders are not told what it has not done."""
        return ("", self.looks.text) if self.external else ("Mangler", self.looks.missing)

    def at(self, column: int) -> int:
        """Where one of all the columns stands in this sheet."""
        return sum(self.kept[:column])

    def head(self, title: str, facts: str, *, frozen_columns: int = 0) -> None:
        """Title, facts (both clean) and headings, which stay on the screen and head every page: A4, one page wide."""
        page, looks = self.page, self.looks
        for row, text, look, height in ((TITLE_ROW, title, looks.title, 24), (FACTS_ROW, facts, looks.facts, 15)):
            page.set_row(row, height)
            page.write_string(row, 0, text, look)
        for position, column in enumerate(self.columns):
            page.set_column(position, position, column.width)
            look = looks.heading_turned if column.turned else looks.heading
            page.write_string(HEADING_ROW, position, clean(column.heading), look)
        page.set_row(HEADING_ROW, max(column.height for column in self.columns))
        page.freeze_panes(FIRST_ROW, frozen_columns)
        page.repeat_rows(HEADING_ROW)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.6)
        printed = title[:90].replace("&", "&&")
        page.set_header(f"&L&9 {printed}&R&9 {self.name}", {"margin": 0.25})
        page.set_footer(f"&L&9 {printed}&R&9 side &P af &N", {"margin": 0.25})
        page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def add(self, cells: Iterable[Cell], first: int = 0, *, wraps: bool = True) -> None:
        """One row of typed cells, from the column `first` on, as high as its longest text. Empty cells keep their look.

        This is the innermost loop of the workbook: texts that are short and plain, nearly all, cost the least.
        """
        if self.external:
            cells, first = compress(cells, self.kept[first:]), self.at(first)
        row, letters, room, string = self.row + 1, self.letters, self.room, self.page.str_table._get_shared_string_index
        lines, written = 1, []
        for column, (value, look) in enumerate(cells, first):
            if value is None or value == "":
                written.append(f'<c r="{letters[column]}{row}" s="{look}"/>')
            elif isinstance(value, str):
                if not value.isprintable() or value[0] in _SUSPECT or len(value) > LONGEST // 2:
                    value = clean(value)
                    look = self.looks.quoted[look] if value[:1] in _FORMULA_LIKE else look
                    lines = max(lines, lines_of(value, room[column]))
                elif len(value) > room[column]:
                    lines = max(lines, lines_of(value, room[column]))
                written.append(f'<c r="{letters[column]}{row}" s="{look}" t="s"><v>{string(value)}</v></c>')
            else:
                number = value.toordinal() - DAY_ZERO if isinstance(value, date) else value
                written.append(f'<c r="{letters[column]}{row}" s="{look}"><v>{number}</v></c>')
        height = f' ht="{min(HIGHEST, LINE * lines + 3):g}" customHeight="1"' if wraps and lines > 1 else ""
        self.page.lines.append(f'<row r="{row}"{height}>{"".join(written)}</row>')
        self.row += 1

    def close(self) -> None:
        """Lets the reader filter every row that is there now."""
        last = max(self.row - 1, HEADING_ROW)
        self.page.dim_rowmax = last
        self.page.autofilter(HEADING_ROW, 0, last, len(self.columns) - 1)
