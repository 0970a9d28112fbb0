"""How cells look: every format of the workbook, made once and named by what it is for."""

from datetime import date
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from app.models.assessment import Colour
from app.models.milestone import Precision
from app.tabs.mark import Mark

Look = int
"""A format as a cell names it: by its position among the workbook's formats."""

FONT = {"font_name": "Arial", "font_size": 10, "font_scheme": False}
"""The workbook's own font, which the widths of columns count in: every reader has it, or one as wide."""

FONT_SIZE = 9
CELL = {"font_size": FONT_SIZE, "valign": "top", "border": 1, "border_color": "#C8C8C8", "text_wrap": True}
MIDDLE = CELL | {"align": "center"}
MUTED = {"italic": True, "font_color": "#5E5E5E"}
BAND = CELL | {"bold": True, "bg_color": "#E8F1FA", "text_wrap": False, "border": 0, "top": 1, "bottom": 1}
COLOURS = {
    Colour.red: {"bg_color": "#B3001B", "font_color": "#FFFFFF"},
    Colour.yellow: {"bg_color": "#FFD147", "font_color": "#332400"},
    Colour.green: {"bg_color": "#C9E9C2", "font_color": "#124A1E"},
}


class Looks:
    """The formats of one workbook. `quoted` has each one's twin for text that starts as a formula does."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.quoted: dict[Look, Look] = {}
        head = CELL | {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "border_color": "#FFFFFF"}
        self.title = book.add_format({"font_size": 16, "bold": True, "font_color": "#0059B3"})
        self.facts = book.add_format({"font_size": FONT_SIZE, "font_color": "#454545"})
        self.link = book.add_format({"font_size": FONT_SIZE, "font_color": "#0059B3", "underline": 1})
        self.heading = book.add_format(head)
        self.heading_turned = book.add_format(head | {"rotation": 90, "align": "center", "valign": "vcenter"})
        self.band = self._look(BAND)
        self.band_number = self._look(BAND | {"align": "center", "num_format": "#,##0"})
        self.muted_line = self._look(MUTED | {"font_size": FONT_SIZE})
        self.text = self._look(CELL)
        self.strong = self._look(CELL | {"bold": True})
        self.missing = self._look(CELL | {"bold": True, "font_color": "#9D0018"})
        self.muted = self._look(CELL | MUTED)
        self.muted_middle = self._look(MIDDLE | MUTED)
        self.muted_small = self._look(MIDDLE | MUTED | {"font_size": 7})
        self.count = self._look(MIDDLE | {"num_format": "#,##0"})
        self.at_least = self._look(MIDDLE | {"num_format": '"mindst "#,##0'})
        self.points = self._look(MIDDLE | {"num_format": "#,##0.0"})
        self.percent = self._look(MIDDLE | {"num_format": "0 %"})
        self.year_number = self._look(MIDDLE | {"num_format": "0"})
        self.whole = self._look(CELL | {"align": "right", "num_format": "#,##0"})
        self.fraction = self._look(CELL | {"align": "right", "num_format": "#,##0.0#####"})
        self.colours = {colour: self._look(MIDDLE | {"bold": True} | fill) for colour, fill in COLOURS.items()}
        no_colour = self._look(MIDDLE | MUTED | {"border": 3})
        self.marks = {mark: self.colours[Colour(mark.value)] if mark.is_colour else no_colour for mark in Mark}
        self._dates()

    def _dates(self) -> None:
        self.date = self._date("dd-mm-yyyy")
        self.month, self.year = self._date("[$-406]mmm yyyy"), self._date("yyyy")
        self.quarters = [self._date(f'"{n}. kvt. "yyyy') for n in (1, 2, 3, 4)]
        self.halves = [self._date(f'"{n}. halvår "yyyy') for n in (1, 2)]

    def _date(self, code: str) -> Look:
        return self._look(MIDDLE | {"num_format": code})

    def _look(self, properties: dict[str, Any]) -> Look:
        """A format, and its twin that stays text also when somebody edits the cell."""
        made, twin = self._index(properties), self._index(properties | {"quote_prefix": True})
        self.quoted[made] = twin
        return made

    def _index(self, properties: dict[str, Any]) -> Look:
        made: Format = self.book.add_format(properties)
        position: int = made._get_xf_index()
        return position

    def number(self, value: float) -> Look:
        """How a figure is shown: thousands separated, decimals only where there are any."""
        return self.whole if value == int(value) else self.fraction

    def on(self, day: date, precision: Precision) -> Look:
        """How a date is shown: as exactly as it is known (domain.md R80)."""
        match precision:
            case Precision.month:
                return self.month
            case Precision.quarter:
                return self.quarters[(day.month - 1) // 3]
            case Precision.half:
                return self.halves[(day.month - 1) // 6]
            case Precision.year:
                return self.year
        return self.date
