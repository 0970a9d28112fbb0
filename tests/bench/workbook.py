"""The workbook of 10,000 projects over HTTP, from queries to styles; plain XlsxWriter with the same cells."""

import io
from datetime import datetime
from typing import Any

from openpyxl import load_workbook
from xlsxwriter.workbook import Workbook

from app.papers.overview_sheet import COLUMNS
from app.papers.sheet import FIRST_ROW
from app.tabs.mark import Mark
from tests.bench.compare import Compared, Cost, cost_of, in_turn, own_cost
from tests.bench.lists import EXPORT, READER, GeneratedList
from tests.bench.servers import our_server

Cells = dict[str, list[tuple[int, int, Any]]]
"""By sheet: row, column and value of every cell that holds something."""


def excel_10k(large: GeneratedList) -> Compared:
    with our_server(large.folder) as server:
        server.sign_in(READER)
        expected = server.get(EXPORT)
        cells = _read(expected)
        _check(cells, large)

        def styled() -> Cost:
            with cost_of(server.pid) as cost:
                body = server.get(EXPORT)
            assert body == expected, "the same list gave another workbook"
            return cost

        def plain() -> Cost:
            with own_cost() as cost:
                body = _write(cells)
            assert len(body) > len(expected) / 3, f"{len(body)} bytes are not the whole workbook"
            return cost

        return in_turn("excel-10k", 1.5, styled, plain, rounds=5)


def _read(body: bytes) -> Cells:
    book = load_workbook(io.BytesIO(body), read_only=True)
    return {
        sheet.title: [
            (row, column, cell)
            for row, values in enumerate(sheet.iter_rows(values_only=True))
            for column, cell in enumerate(values)
            if cell is not None
        ]
        for sheet in book.worksheets
    }


def _check(cells: Cells, of: GeneratedList) -> None:
    """Every project of the reader once on the first sheet, with its status."""
    headings = [column.heading for column in COLUMNS]
    number_column, status_column = headings.index("Nr."), headings.index("Status")
    rows: dict[int, dict[int, Any]] = {}
    for row, column, value in cells["Overblik"]:
        rows.setdefault(row, {})[column] = value
    projects = [row for place, row in rows.items() if place >= FIRST_ROW and number_column in row]
    shown = {row[number_column]: row[status_column] for row in projects}
    expected = {number: str(Mark(marks[-1])) for number, marks in of.statuses().items()}
    assert shown == expected, f"{len(shown)} rows of {len(expected)}, or a wrong status"


def _write(cells: Cells) -> bytes:
    """The cells, typed, in sheets of the same names; no style but the one that a date needs to be one."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        for name, filled in cells.items():
            page = book.add_worksheet(name)
            for row, column, value in filled:
                if isinstance(value, str):
                    page.write_string(row, column, value)
                elif isinstance(value, datetime):
                    page.write_datetime(row, column, value, day)
                else:
                    page.write_number(row, column, value)
    return file.getvalue()
