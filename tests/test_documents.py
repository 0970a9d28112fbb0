"""Every file that somebody takes out can be read by everybody (EN 301 549, chapter 10): as the address hands it out."""

import io
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import Engine

from app.models import User
from app.models.export import Profile
from app.tabs.mark import Mark
from tests.conftest import SignIn, one_database
from tests.test_access import READING, ROUTES, example
from tests.test_board_paper import structure

FILES = [
    path
    for path in READING
    if path.endswith((".docx", ".pdf", ".xlsx")) and path.startswith(("/meetings/", "/portfolios/"))
]
"""A new file's address is judged as soon as it stands in the table of test_access.py. Word templates are no papers."""


def faults_of_word(content: bytes) -> Iterator[str]:
    document: Any = Document(io.BytesIO(content))
    core = document.core_properties
    if not core.title or core.language != "da-DK":
        yield f"its title is {core.title!r}, its language {core.language!r}"
    ranks = [int(p.style.name[-1]) for p in document.paragraphs if p.style.name.startswith("Heading")]
    if not ranks or any(after > before + 1 for before, after in zip([0, *ranks], ranks, strict=False)):
        yield f"its headings have the ranks {ranks}"
    for table in document.tables:
        if table.rows[0]._tr.find(qn("w:trPr")) is None or not table.rows[0]._tr.findall(f".//{qn('w:tblHeader')}"):
            yield f"a table does not repeat its headings: {table.rows[0].cells[0].text}"
    for drawing in document.element.body.iter(qn("wp:docPr")):
        if not drawing.get("descr"):
            yield "a picture without a text"


def faults_of_pdf(content: bytes) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(content))
    catalog: Any = reader.trailer["/Root"]
    if catalog.get("/Lang") != "da-DK":
        yield f"its language is {catalog.get('/Lang')}"
    if not catalog.get("/MarkInfo", {}).get("/Marked"):
        yield "it is not tagged"
    if not reader.metadata or not reader.metadata.title:
        yield "it has no title"
    if not catalog.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "its window shows the name of the file"
    tags = list(structure(catalog["/StructTreeRoot"]))
    if "/H1" not in tags:
        yield f"it has no heading: {sorted(set(tags))}"


def faults_of_workbook(content: bytes) -> Iterator[str]:
    book: Any = load_workbook(io.BytesIO(content))
    if not book.properties.title or book.custom_doc_props["Language"].value != "da-DK":
        yield f"its title is {book.properties.title!r}"
    for sheet in book.worksheets:
        if sheet.title.startswith("Sheet") or not sheet["A1"].value:
            yield f"the sheet {sheet.title!r} does not say what it is"
        heading = int((sheet.freeze_panes or "A1").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1
        if not heading or not all(isinstance(cell.value, str) for cell in sheet[heading] if cell.value is not None):
            yield f"{sheet.title} has no row of headings that stays"
        merged = [str(area) for area in sheet.merged_cells.ranges if area.max_row > heading]
        if merged:
            yield f"{sheet.title} has merged cells among its data: {merged}"


JUDGES = {"docx": faults_of_word, "pdf": faults_of_pdf, "xlsx": faults_of_workbook}


@one_database
def test_every_file_has_a_title_a_language_real_headings_and_tables_that_are_read_in_order(
    sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    browsers = {name: sign_in(cast[name]) for name in ("sekretariat", "chefforum")}
    assert len(FILES) >= 7
    wrong = {}
    for path in FILES:
        name = "sekretariat" if ROUTES["GET", path]["sekretariat"] == "200" else "chefforum"
        answer = browsers[name].get(example(path))
        assert answer.status_code == 200, path
        if found := list(JUDGES[path.rpartition(".")[2]](answer.content)):
            wrong[path] = found
    assert wrong == {}


@one_database
def test_the_external_workbook_is_as_readable_as_the_internal_one(sign_in: SignIn, sekretariat: User) -> None:
    typed = {"profile": Profile.external.value, "recipient": "housing", "note": "Til mødet", "confirmed": "on"}
    answer = sign_in(sekretariat).post("/portfolios/direktionen/exports", data=typed)
    assert answer.status_code == 200, answer.text
    assert list(faults_of_workbook(answer.content)) == []


@one_database
def test_a_status_in_the_workbook_is_a_word(sign_in: SignIn, sekretariat: User) -> None:
    answer = sign_in(sekretariat).get("/portfolios/direktionen/export.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content))["Overblik"]
    heading = int(str(sheet.freeze_panes).lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1
    column = next(cell.column for cell in sheet[heading] if cell.value == "Status")
    said = {str(sheet.cell(row, column).value) for row in range(heading + 1, sheet.max_row + 1)} - {"None", ""}
    assert said
    assert all(any(str(mark) in each for mark in Mark) for each in said), said
