"""An extract of the database as a workbook, or as text files in a zip file: the extract in, bytes out."""

import csv
import io
import json
from datetime import UTC, date, datetime, time

from xlsxwriter.workbook import Workbook

from app.papers.looks import FONT, Looks
from app.papers.sheet import Cell, Column, Sheet, clean
from app.papers.zipped import zipped
from app.tabs.extract import Extract, ExtractTable, Value

ZIP = "application/zip"
LONGEST_NAME = 31
"""Characters that the name of a sheet may have."""

WIDEST = 40.0
_FORMULA_LIKE = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula when a text file is opened in it (L21)."""


def extract_name(extract: Extract, kind: str) -> str:
    """»dataudtraek-2022-06-13.xlsx«."""
    return f"dataudtraek-{extract.made_on}.{'zip' if kind == 'csv' else kind}"


def extract_workbook(extract: Extract) -> bytes:
    """A sheet that says what the extract is, and one for each table. The same extract gives the same bytes."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": dict(FONT),
    }
    title = clean(f"Dataudtræk af {extract.portfolio}")
    with Workbook(file, options) as book:
        looks = Looks(book)
        created = datetime.combine(extract.made_on, time(), UTC)
        book.set_properties({"title": title[:255], "author": "Porteføljelisten", "created": created})
        book.set_custom_property("Language", "da-DK")
        about = Sheet(book, looks, "Om udtrækket", [Column("Hvad", 30), Column("Felt", 34), Column("Forklaring", 90)])
        about.head(title, f"Pr. {extract.made_on:%d-%m-%Y}")
        for heading, text in extract.said:
            about.add([(heading, looks.strong), ("", looks.text), (text, looks.text)])
        for table in extract.tables:
            about.add([(table.noun, looks.strong), ("", looks.text), (_explained(table), looks.text)])
            for heading, kind, form in table.fields:
                about.add([("", looks.text), (heading, looks.text), (f"{kind}, {form}", looks.text)])
        about.close()
        for table, name in zip(extract.tables, _sheet_names(extract), strict=True):
            columns = [Column(heading, _width(table, at)) for at, (heading, _kind, _form) in enumerate(table.fields)]
            sheet = Sheet(book, looks, name, columns or [Column("–", 20)])
            sheet.head(title, clean(_explained(table)))
            for row in table.rows:
                sheet.add([_cell(value, looks) for value in row])
            sheet.close()
    return file.getvalue()


def extract_zip(extract: Extract) -> bytes:
    """A text file for each table (UTF-8, semicolons), and what the extract is as JSON."""
    about = {
        "titel": f"Dataudtræk af {extract.portfolio}",
        "dato": extract.made_on.isoformat(),
        "om": dict(extract.said),
        "tabeller": [
            {
                "fil": f"{table.name}.csv",
                "tabel": table.noun,
                "om": table.about,
                "grundlag": table.basis,
                "felter": [{"felt": heading, "slags": kind, "format": form} for heading, kind, form in table.fields],
            }
            for table in extract.tables
        ],
    }
    said = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    files = [(f"{table.name}.csv", _csv(table).encode("utf-8-sig")) for table in extract.tables]
    return zipped([("om-udtraekket.json", said.encode()), *files])


def _csv(table: ExtractTable) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([heading for heading, _kind, _form in table.fields])
    writer.writerows([[_plain(value) for value in row] for row in table.rows])
    return text.getvalue()


def _plain(value: Value) -> str:
    """A value as it stands in a text file: dates as ISO 8601, numbers the Danish way, and never a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_LIKE) else value
    return value.isoformat() if isinstance(value, date) else str(value).replace(".", ",")


def _explained(table: ExtractTable) -> str:
    return f"{table.about}. Grundlag: {table.basis.lower()}. {len(table.rows)} rækker."


def _sheet_names(extract: Extract) -> list[str]:
    """The nouns, as a sheet can be called; two that begin alike are told apart by a number."""
    names: list[str] = []
    for table in extract.tables:
        name = table.noun[:LONGEST_NAME]
        names.append(name if name not in names else f"{name[: LONGEST_NAME - 3]} {len(names)}")
    return names


def _width(table: ExtractTable, at: int) -> float:
    longest = max((len(str(row[at] or "")) for row in table.rows), default=0)
    return min(WIDEST, max(12.0, float(longest)))


def _cell(value: Value, looks: Looks) -> Cell:
    if isinstance(value, date):
        return value, looks.date
    return value, looks.text if value is None or isinstance(value, str) else looks.number(value)
