"""The workbook: what it holds, for whom, and that it opens and prints."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

import pytest
from defusedxml.ElementTree import fromstring
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Portfolio, User
from app.models.assessment import Colour, Dimension
from app.models.milestone import Precision
from app.models.visibility import read_as
from app.papers import overview_sheet
from app.papers.sheet import CUT, LONGEST, clean, lines_of
from app.papers.workbook import workbook
from app.tabs.burden import Burden, build_burden
from app.tabs.effects import Effects, build_effects
from app.tabs.filters import Filters
from app.tabs.mark import Mark, Trend
from app.tabs.overview import Overview, build_overview
from app.tabs.overview_row import OverviewRow
from tests.conftest import SignIn
from tests.databases import House

ADDRESS = "/portfolios/direktionen/export.xlsx"
TODAY = date(2022, 6, 13)
TITLE = "Direktionens porteføljeliste pr. juni 2022"
FIRST_ROW = 4
TOLD = "Lukkede projekter indgår ikke"

OVERVIEW = [
    *("Tema", "Nr.", "Projekt", "Type", "Program", "Projektejer", "Projektleder", "Center", "Fase", "Status"),
    *("Tendens", "Status sidst", "Årsag (værste dimension)", "Tid", "Økonomi", "Ressourcer", "Leverance"),
    *("Implementering", "Effekt", "Vej til grøn", "Beslutning ønskes", "Sagsnr.", "Status godkendt den"),
]
BURDEN = [
    *("Nr.", "Projekt", "Organ", "Formand", "Medlemmer (rolle/navn, center)", "Antal medlemmer", "Møder pr. år"),
    "Nøglepersoner >5 t/uge i alt",
]
MEANS = [
    *("Årsværk", "Heraf besatte årsværk", "Poster uden tal", "Behov i alt (kr.)", "Bevilget i alt (kr.)"),
    *("Indstillet i alt (kr.)", "Mangler i alt (kr.)"),
]
PEOPLE = [
    *("Person", "Center", "Pladser", "Formandsposter", "Point", "Organer", "Møder", "Niveau", "Rang"),
    "Point i udgaven før",
]
UNITS = [
    *("Centerkode", "Centernavn", "Centrets nøglepersoner", "Centrets pladser", "Centrets formandsposter"),
    *("Centrets point", "Centrets ubesatte pladser", "Centrets årsværk", "Centrets besatte årsværk"),
    *("Centrets poster uden tal", "Centrets projekter"),
]
OVERLAPS = [
    *("Det ene organ", "Det andet organ", "De samme personer", "Sparede møder for hver", "Sparede mødedeltagelser"),
]
FUNDING = [
    *("Projektnr.", "Projektets titel", "År", "Behov (kr.)", "Bevilget (kr.)", "Indstillet (kr.)", "Mangler (kr.)"),
]
EFFECTS = [
    *("Nr.", "Projekt", "Overordnet mål", "Effektmål", "Indikatortype", "Enhed", "Baseline (værdi)", "Baseline (dato)"),
    *("Mål (værdi)", "Mål (dato)", "Seneste måling (værdi)", "Seneste måling (dato)", "Seneste måling (kilde)"),
    *("Andel af forventet sti", "Benchmark", "Gevinstejer", "Vigtigste succeskriterier", "Kort aktuel status"),
    "Opfølgning efter afslutning",
]
BENEFITS = [
    *("Nr.", "Projekt", "Tema", "Center", "Budgetår", "Område", "Eksternt potentiale, mindst (kr.)"),
    *("Eksternt potentiale, højst (kr.)", "Ikke analyseret, mindst (kr.)", "Ikke analyseret, højst (kr.)"),
    *("Egen forventning, mindst (kr.)", "Egen forventning, højst (kr.)", "Realiseret (kr.)", "Identificeret (kr.)"),
    *("Budget (kr.)", "Udestår (kr.)", "Realiseret af budget", "Realiseret og identificeret af budget"),
    *("Helårseffekt", "Sikkerhed", "Kommunekassens andel", "Realiseret, til kommunekassen (kr.)"),
    *("Realiseret, til centret (kr.)", "Budget, til kommunekassen (kr.)", "Budget, til centret (kr.)"),
    *("Begrundelse for delingen", "Tiltag", "Bemærkning"),
]
HOSTILE = ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", ";", ",", "'", '"', "<r>"]

ModelT = TypeVar("ModelT", bound=BaseModel)
Tabs = tuple[Overview, Burden, Effects]
Build = Callable[..., Tabs]


@pytest.fixture
def house(sqlite: House) -> House:
    """The tabs are tested on both databases; their workbook is the same."""
    return sqlite


@pytest.fixture
def build(database: Engine) -> Build:
    """The three tabs as somebody sees them through a filter; None sees everything."""

    def built(user: User | None = None, **wanted: str) -> Tabs:
        filters = Filters(**wanted)
        with Session(database) as session:
            portfolio = session.exec(select(Portfolio)).one()
            read_as(session, user)
            return (
                build_overview(session, portfolio, filters, TODAY),
                build_burden(session, portfolio, filters, TODAY),
                build_effects(session, portfolio, filters, TODAY),
            )

    return built


@pytest.fixture
def secretariat(sign_in: SignIn, sekretariat: User) -> TestClient:
    return sign_in(sekretariat)


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    """The rows below the headings, each by heading."""
    headings = [str(cell.value) for cell in sheet[3]]
    return [dict(zip(headings, row, strict=True)) for row in sheet.iter_rows(min_row=FIRST_ROW, values_only=True)]


def everything_in(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return "\n".join(file.read(name).decode() for name in file.namelist())


def typed(tabs: Tabs, text: str) -> bytes:
    """The workbook of a list in which somebody has typed this text wherever text can be typed."""
    overview, burden, effects = tabs
    return workbook(with_texts(overview, text), with_texts(burden, text), with_texts(effects, text))


def with_texts(model: ModelT, text: str) -> ModelT:
    """A copy in which every text that a person can have typed is this one."""

    def changed(value: Any) -> Any:
        if type(value) is str:
            return text
        if isinstance(value, list):
            return [changed(item) for item in value]
        if isinstance(value, dict):
            return {changed(key): item for key, item in value.items()}
        if isinstance(value, OverviewRow):
            return replace(value, **{name: changed(item) for name, item in vars(value).items()})
        return with_texts(value, text) if isinstance(value, BaseModel) else value

    fields = {name: changed(value) for name, value in model.__dict__.items() if name != "filters"}
    return model.model_copy(update=fields)


# ------------------------------------------------------------------------------------------------------ what it holds


def test_the_workbook_has_its_sheets_with_their_danish_headings(secretariat: TestClient) -> None:
    book = opened(secretariat.get(ADDRESS).content)
    assert book.sheetnames == ["Overblik", "Belastning", "Effekter", "Gevinster", "Målinger"]
    headings = {sheet.title: [cell.value for cell in sheet[3]] for sheet in book}
    assert headings["Overblik"] == OVERVIEW
    assert headings["Effekter"] == EFFECTS
    assert headings["Gevinster"] == BENEFITS
    burden = headings["Belastning"]
    assert burden[: len(BURDEN)] == BURDEN
    by_unit = [f"Heraf {unit}" for unit in burden_units(secretariat)]
    assert burden[len(BURDEN) :] == [*by_unit, *MEANS, *PEOPLE, *UNITS, *OVERLAPS, *FUNDING]


def burden_units(browser: TestClient) -> list[str]:
    units: list[str] = browser.get("/api/v1/portfolios/direktionen/burden").json()["key_person_units"]
    return units


def test_above_the_headings_stand_the_title_and_the_facts_of_the_edition(secretariat: TestClient) -> None:
    for sheet in opened(secretariat.get(ADDRESS).content):
        assert sheet["A1"].value == TITLE
        facts = str(sheet["A2"].value)
        for fact in ("Runde: juni 2022", "Sag 10/22743", "Klassifikation: Internt ·", "Filter: ingen", "Demodata"):
            assert fact in facts
        assert "38 projekter, heraf 1 lukket" in facts


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Filter: ingen · 38 projekter"),
        ({"q": "bolig"}, "Filter: søgning »bolig«"),
        ({"colour": "red"}, "Filter: status »Rød«"),
        ({"theme": "digitalisering", "unit": "BYC"}, "Filter: tema »Digitalisering«, center »BYC«"),
        ({"kind": "programme"}, "Filter: type »Program«"),
        ({"theme": "findes-ikke"}, "0 af 38 projekter"),
    ],
)
def test_the_rows_are_those_of_the_screen_in_its_order_with_its_filters(
    secretariat: TestClient, build: Build, query: dict[str, str], words: str
) -> None:
    overview, burden, effects = build(**query)
    book = opened(secretariat.get(ADDRESS, params=query).content)
    assert words in str(book["Overblik"]["A2"].value)
    shown: list[tuple[str, str | None]] = []
    for group in overview.groups:
        shown += [(group.theme, None), *((group.theme, row.number) for row in group.rows)]
    assert [(row["Tema"], row["Nr."]) for row in rows(book["Overblik"])] == shown
    numbers = [project.number for project in burden.projects for _ in project.bodies or [0]]
    assert [row["Nr."] for row in rows(book["Belastning"]) if row["Projekt"]] == numbers
    people = [person.name for person in burden.people]
    assert [row["Person"] for row in rows(book["Belastning"]) if row["Person"]] == people
    targets = []
    for project in effects.projects:
        targets += [] if project.effects else [(project.number, "Intet effektmål")]
        targets += [(project.number, target.name) for target in project.targets]
    targets += [(project.number, target.name) for project in effects.after.projects for target in project.targets]
    assert [(row["Nr."], row["Effektmål"]) for row in rows(book["Effekter"])] == targets


def test_the_budget_process_gets_every_line_of_benefits_in_kroner_with_the_sums_below(secretariat: TestClient) -> None:
    edition = {"round": "2018-01", "q": "P-051"}
    *lines, total = rows(opened(secretariat.get(ADDRESS, params=edition).content)["Gevinster"])
    assert [line["Nr."] for line in lines] == ["P-051"] * 7
    collected, new = lines[2], lines[4]
    potential = ("Eksternt potentiale, mindst (kr.)", "Eksternt potentiale, højst (kr.)")
    assert [collected[heading] for heading in potential] == [1_000_000, 2_000_000]
    assert (collected["Realiseret (kr.)"], collected["Budget (kr.)"], collected["Sikkerhed"]) == (
        None,
        250_000,
        "Usikker",
    )
    assert (new["Helårseffekt"], new["Identificeret (kr.)"], new["Kommunekassens andel"]) == ("Nej", 200_000, 0.8)
    assert (lines[1]["Realiseret, til kommunekassen (kr.)"], lines[1]["Realiseret, til centret (kr.)"]) == (
        560_000,
        140_000,
    )
    assert (total["Projekt"], total["Budgetår"], total["Område"]) == ("I alt 2017", 2017, "7 linjer")
    assert [total[heading] for heading in potential] == [5_000_000, 7_000_000]
    assert (total["Realiseret (kr.)"], total["Budget (kr.)"], total["Udestår (kr.)"]) == (700_000, 3_200_000, 2_100_000)
    assert (total["Realiseret af budget"], total["Realiseret og identificeret af budget"]) == (0.22, 0.34)
    assert total["Bemærkning"] == "5 linjer uden oplyst realiseret beløb"


def test_the_owner_in_the_filter_is_said_by_name(build: Build) -> None:
    owner = build()[0].owners[0]
    facts = str(opened(workbook(*build(owner=owner.value)))["Overblik"]["A2"].value)
    assert f"Filter: projektejer »{owner.label}«" in facts


def test_a_red_project_has_its_cause_its_way_back_and_the_decision_that_it_wants(build: Build) -> None:
    tabs = build(q="P-007")
    [red] = tabs[0].groups[0].rows
    row = rows(opened(workbook(*tabs))["Overblik"])[1]
    assert red.decision is not None
    assert red.path_to_green is not None
    assert (row["Status"], row["Tid"], row["Økonomi"], row["Effekt"]) == ("Rød", "Rød", "Gul", "Ikke relevant")
    assert row["Årsag (værste dimension)"] == f"Tid: {red.cause}"
    assert red.path_to_green.action in row["Vej til grøn"]
    assert "senest 01-09-2022" in row["Vej til grøn"]
    for words in (red.decision.question, "Senest 27-06-2022", *red.decision.options):
        assert words in row["Beslutning ønskes"]
    assert row["Tendens"] == "→ Uændret"
    assert row["Sagsnr."] == "16/13808"


def test_missing_people_and_colours_are_said_and_have_no_colour(build: Build) -> None:
    sheet = opened(workbook(*build(q="P-039")))["Overblik"]
    [_theme, row] = rows(sheet)
    assert (row["Projektleder"], row["Status"], row["Tid"]) == ("Mangler", "Endnu ikke vurderet", "–")
    assert row["Status godkendt den"] == "Ikke godkendt"
    assert sheet.cell(FIRST_ROW + 1, OVERVIEW.index("Status") + 1).fill.fill_type is None


def test_status_cells_have_the_colour_and_the_word(build: Build) -> None:
    fills = {"Rød": "FFB3001B", "Gul": "FFFFD147", "Grøn": "FFC9E9C2"}
    sheet = opened(workbook(*build()))["Overblik"]
    coloured = [OVERVIEW.index(heading) for heading in ("Status", "Status sidst", "Tid", "Økonomi", "Effekt")]
    seen = set()
    for row in sheet.iter_rows(min_row=FIRST_ROW):
        for cell in (row[position] for position in coloured if row[1].value):
            wanted = fills.get(str(cell.value))
            assert cell.fill.fgColor.rgb == wanted if wanted else cell.fill.fill_type is None
            seen.add(str(cell.value))
    assert seen >= {*fills, "Ikke indberettet", "Ikke relevant", "Ikke på listen"}


def test_an_older_colour_is_said_in_words_alone(build: Build) -> None:
    overview, burden, effects = build(q="P-005")
    [group] = overview.groups
    history = [Mark.green, Mark.not_reported, Mark.not_reported]
    older = replace(
        group.rows[0], history=history, last_mark=Mark.green, last_round="januar 2021", mark=Mark.not_reported
    )
    changed = overview.model_copy(update={"groups": [group.model_copy(update={"rows": [older]})]})
    sheet = opened(workbook(changed, burden, effects))["Overblik"]
    cell = sheet.cell(FIRST_ROW + 1, OVERVIEW.index("Status sidst") + 1)
    assert (cell.value, cell.fill.fill_type) == ("Ikke indberettet; sidst grøn, januar 2021", None)


def test_dates_are_dates_and_numbers_are_numbers_in_the_danish_format(build: Build) -> None:
    book = opened(workbook(*build()))
    approved = [row[-1] for row in book["Overblik"].iter_rows(min_row=FIRST_ROW) if isinstance(row[-1].value, datetime)]
    assert {cell.number_format for cell in approved} == {"dd-mm-yyyy"}
    assert len(approved) > 20
    dates = [row[EFFECTS.index("Mål (dato)")] for row in book["Effekter"].iter_rows(min_row=FIRST_ROW)]
    assert {type(cell.value) for cell in dates} == {datetime, type(None)}
    for heading in ("Baseline (værdi)", "Mål (værdi)", "Seneste måling (værdi)", "Andel af forventet sti"):
        cells = [row[EFFECTS.index(heading)] for row in book["Effekter"].iter_rows(min_row=FIRST_ROW)]
        numbers = [cell for cell in cells if cell.data_type == "n" and cell.value is not None]
        assert len(numbers) > 5
        assert {cell.number_format for cell in numbers} <= {"#,##0", "#,##0.0#####", "0 %"}
    points = [row["Point"] for row in rows(book["Belastning"]) if row["Person"]]
    assert points
    assert all(isinstance(value, int | float) for value in points)


@pytest.mark.parametrize(
    ("precision", "shown"),
    [
        (Precision.day, "dd-mm-yyyy"),
        (Precision.week, "dd-mm-yyyy"),
        (Precision.month, "[$-406]mmm yyyy"),
        (Precision.quarter, '"3. kvt. "yyyy'),
        (Precision.half, '"2. halvår "yyyy'),
        (Precision.year, "yyyy"),
    ],
)
def test_a_measurement_is_dated_as_exactly_as_it_is_known(build: Build, precision: Precision, shown: str) -> None:
    overview, burden, effects = build()
    project = next(each for each in effects.projects if any(target.latest for target in each.targets))
    [target] = [target for target in project.targets if target.latest][:1]
    figure = target.measurements[-1].model_copy(update={"on": date(2014, 9, 14), "precision": precision})
    project = project.model_copy(update={"targets": [target.model_copy(update={"measurements": [figure]})]})
    book = opened(workbook(overview, burden, effects.model_copy(update={"projects": [project]})))
    cells = next(iter(book["Effekter"].iter_rows(min_row=FIRST_ROW)))
    cell = cells[EFFECTS.index("Seneste måling (dato)")]
    assert (cell.value, cell.number_format) == (datetime(2014, 9, 14), shown)  # noqa: DTZ001 - a day in a sheet


def test_the_share_of_the_path_is_the_percentage_of_the_screen(build: Build) -> None:
    tabs = build()
    targets = [target for project in tabs[2].projects for target in project.targets]
    wanted = [target.share_percent / 100 for target in targets if target.share_percent is not None]
    shares = [row["Andel af forventet sti"] for row in rows(opened(workbook(*tabs))["Effekter"])]
    assert [share for share in shares if isinstance(share, int | float)] == wanted


def test_every_figure_has_a_row_of_its_own_with_its_date_value_and_source(build: Build) -> None:
    tabs = build()
    targets = [(project.number, target) for project in tabs[2].projects for target in project.targets]
    wanted: list[tuple[Any, ...]] = []
    for number, target in targets:
        wanted += [(number, target.name, "Måling", figure.value, figure.source) for figure in target.measurements]
        wanted += [(number, target.name, other.name, other.value, other.source) for other in target.benchmarks]
    names = ("Nr.", "Effektmål", "Tal fra", "Værdi", "Kilde")
    found = rows(opened(workbook(*tabs))["Målinger"])
    assert [tuple(row[name] for name in names) for row in found] == wanted
    assert wanted
    assert all(isinstance(row["Dato"], datetime) for row in found)


def test_a_sum_over_the_key_persons_counts_each_project_once(build: Build) -> None:
    tabs = build()
    projects = [row for row in rows(opened(workbook(*tabs))["Belastning"]) if row["Nr."]]
    place = next(place for place, row in enumerate(projects) if str(row["Nr."]).startswith("I alt"))
    members, total = projects[:place], projects[place]
    heading = "Nøglepersoner >5 t/uge i alt"
    counted = [row[heading] for row in members if isinstance(row[heading], int)]
    assert sum(counted) == total[heading] == sum(tabs[1].key_person_totals.values())
    for unit, count in tabs[1].key_person_totals.items():
        assert sum(row[f"Heraf {unit}"] or 0 for row in members) == total[f"Heraf {unit}"] == count


def test_what_is_unknown_about_a_body_is_said_and_never_zero(build: Build) -> None:
    burden = build()[1]
    by_name = {body.name: body for body in burden.bodies}
    for row in rows(opened(workbook(*build()))["Belastning"]):
        body = by_name.get(str(row["Organ"]))
        if body is None:
            continue
        assert row["Møder pr. år"] == ("Ikke oplyst" if body.meetings is None else body.meetings)
        if body.external_members is None:
            assert row["Antal medlemmer"] in (body.fixed_members or "Ikke oplyst", "Ikke oplyst")
        else:
            assert row["Antal medlemmer"] == body.fixed_members + body.external_members


def test_every_trend_has_a_symbol_and_every_dimension_a_heading() -> None:
    assert set(overview_sheet.SYMBOLS) == set(Trend)
    assert list(overview_sheet.DIMENSIONS) == list(Dimension)


def test_the_workbook_is_danish_for_an_english_reader(secretariat: TestClient) -> None:
    danish = secretariat.get(ADDRESS).content
    secretariat.cookies.set("language", "en")
    assert secretariat.get(ADDRESS).content == danish


def test_the_same_list_gives_the_same_bytes(build: Build) -> None:
    assert workbook(*build()) == workbook(*build())


def test_every_cell_is_in_arial_whatever_the_theme_of_the_program_says(build: Build) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(*build()))) as file:
        styles = file.read("xl/styles.xml").decode()
    assert styles.count("<font>") == styles.count('<name val="Arial"/>')
    assert "<scheme" not in styles


# ------------------------------------------------------------------------------------------------------------ for whom


def test_a_closed_project_leaves_no_trace_for_who_may_not_see_it(
    sign_in: SignIn, leder: User, sekretariat: User, build: Build
) -> None:
    closed = [row for group in build()[0].groups for row in group.rows if row.closed]
    names = [text for row in closed for text in (row.number, row.title)]
    assert names
    mine, all_of_it = (everything_in(sign_in(user).get(ADDRESS).content) for user in (leder, sekretariat))
    assert not [name for name in names if name in mine]
    assert not [name for name in names if name not in all_of_it]
    assert f"37 projekter · {TOLD}" in mine
    assert "lukket" not in mine
    assert TOLD not in all_of_it


def test_closed_projects_are_counted_only_where_they_stand(build: Build, lukket_leder: User, leder: User) -> None:
    def facts(user: User | None, **wanted: str) -> str:
        return str(opened(workbook(*build(user, **wanted)))["Overblik"]["A2"].value)

    assert "38 projekter, heraf 1 lukket" in facts(lukket_leder)
    assert TOLD in facts(None, theme="digitalisering")
    assert TOLD in facts(leder)


def test_the_answer_is_a_workbook_to_keep_named_after_the_round(secretariat: TestClient) -> None:
    answer = secretariat.get(ADDRESS)
    assert answer.headers["content-disposition"] == 'attachment; filename="portefoeljeliste-2022-06.xlsx"'
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_unknown_list_has_no_workbook(secretariat: TestClient) -> None:
    assert secretariat.get("/portfolios/findes-ikke/export.xlsx").status_code == 404


# ------------------------------------------------------------------------------------------------------ text stays text


@pytest.mark.parametrize("prefix", HOSTILE)
def test_what_people_type_never_becomes_a_formula_a_link_or_markup(build: Build, prefix: str) -> None:
    text = f'{prefix}HYPERLINK("http://x.example","a")&cmd|\' /C calc\'!A0</r>'
    content = typed(build(), text)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    assert all(fromstring(part) is not None for part in parts.values())
    assert not [name for name, part in parts.items() if b"<f>" in part or b"TargetMode" in part]
    expected = text.replace("\r", "\n")
    read = {
        cell.value: cell.data_type
        for sheet in opened(content)
        for row in sheet.iter_rows(min_row=FIRST_ROW)
        for cell in row
        if cell.value is not None
    }
    assert "f" not in read.values()
    assert read[expected + " " if prefix == "<r>" else expected] == "s"


def test_every_text_column_keeps_what_looks_like_a_formula_as_text(build: Build) -> None:
    """Also when somebody edits the cell: it is marked as text, the way an apostrophe does."""
    book = opened(typed(build(), "=1+1"))
    marked = {
        (sheet.title, sheet.cell(3, cell.column or 1).value)
        for sheet in book
        for row in sheet.iter_rows(min_row=FIRST_ROW)
        for cell in row
        if str(cell.value).startswith("=")
        if cell.data_type == "s" and cell.quotePrefix
    }
    for title, columns in {
        "Overblik": ["Projektejer", "Projektleder", "Center", "Program", "Vej til grøn"],
        "Belastning": ["Nr.", "Organ", "Formand", "Person", "Center"],
        "Effekter": ["Nr.", "Projekt", "Overordnet mål", "Effektmål", "Enhed", "Kort aktuel status"],
        "Gevinster": ["Nr.", "Projekt", "Tema", "Center", "Område", "Tiltag", "Bemærkning"],
    }.items():
        assert {(title, column) for column in columns} <= marked


def test_control_characters_are_taken_out_and_the_workbook_opens(build: Build) -> None:
    content = typed(build(), "a\x00\x08\x0b\x1f\ufffe\uffff\ud800b\r\nc_x0041_😀")
    assert opened(content)["Effekter"]["C4"].value == "ab\nc_x0041_😀"


def test_a_text_that_is_too_long_for_a_cell_is_cut_with_a_mark() -> None:
    assert clean("a" * LONGEST) == "a" * LONGEST
    for text in ("a" * (LONGEST + 1), "😀" * LONGEST):
        cut = clean(text)
        assert cut.endswith(CUT)
        assert len(cut.encode("utf-16-le")) // 2 in (LONGEST - 1, LONGEST)


def test_a_long_text_reaches_the_file_cut(build: Build) -> None:
    content = typed(build(q="P-001"), "x" * 40_000)
    assert str(opened(content)["Effekter"]["C4"].value).endswith(CUT)


def test_an_ampersand_in_the_name_of_the_list_stands_in_the_page_header(build: Build) -> None:
    overview, burden, effects = build(theme="digitalisering")
    renamed = overview.model_copy(update={"portfolio": "Plan & Byg"})
    header = opened(workbook(renamed, burden, effects))["Overblik"].oddHeader
    assert header is not None
    assert header.left.text == "Plan && Byg pr. juni 2022"


# ----------------------------------------------------------------------------------------------------- opens and prints


def test_headings_stay_are_filtered_and_are_repeated_on_a4_landscape_one_page_wide(build: Build) -> None:
    for sheet in opened(workbook(*build())):
        assert str(sheet.freeze_panes).endswith("4")
        assert sheet.auto_filter.ref == f"A3:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
        assert sheet.print_title_rows == "$3:$3"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter is not None
        assert "side &P af &N" in str(sheet.oddFooter.right.text)
        assert TITLE in str(sheet.oddHeader.left.text if sheet.oddHeader else "")


def test_the_blocks_of_belastning_share_neither_row_nor_column_and_print_apart(build: Build) -> None:
    tabs = build()
    sheet = opened(workbook(*tabs))["Belastning"]
    found = list(enumerate(rows(sheet), FIRST_ROW))
    printed = iter(str(sheet.print_area).split(","))
    column = len(BURDEN) + len(tabs[1].key_person_units) + len(MEANS)
    assert next(printed).split(":")[1].startswith(f"${get_column_letter(column)}$")
    before = 0
    for block in (PEOPLE, UNITS, OVERLAPS, FUNDING):
        filled = [(number, row) for number, row in found if row[block[0]]]
        assert all(value is None for _number, row in filled for name, value in row.items() if name not in block)
        assert filled[0][0] > before
        start = f"${get_column_letter(column + 1)}${filled[0][0]}"
        column, before = column + len(block), filled[-1][0]
        assert next(printed).split("!")[-1] == f"{start}:${get_column_letter(column)}${before}"


def test_the_document_says_its_title_subject_language_and_date(build: Build) -> None:
    overview = build()[0]
    book: Any = opened(workbook(*build()))
    assert book.properties.title == TITLE
    assert "Sag 10/22743" in str(book.properties.subject)
    assert book.properties.created == datetime.combine(overview.as_of, datetime.min.time())
    assert book.custom_doc_props["Language"].value == "da-DK"


def test_a_list_without_a_round_and_without_projects_is_a_workbook_too(build: Build) -> None:
    overview, burden, effects = build(q="findesikke")
    bare = overview.model_copy(update={"round_key": "", "round_name": "", "as_of": TODAY})
    book = opened(workbook(bare, burden, effects))
    assert book["Overblik"]["A1"].value == "Direktionens porteføljeliste pr. 13-06-2022"
    assert book["Overblik"].auto_filter.ref == "A3:W3"


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("kort", 10, 1),
        ("to ord her", 6, 2),
        ("enmegetlangsammensætning", 10, 3),
        ("a\nb", 10, 2),
        ("ab enmegetlang", 5, 4),
    ],
)
def test_a_row_is_as_high_as_its_longest_text(text: str, room: int, lines: int) -> None:
    assert lines_of(text, room) == lines


def test_every_colour_of_a_report_has_a_look(build: Build) -> None:
    overview = build()[0]
    worst = {colour for group in overview.groups for row in group.rows for colour in row.assessments.values()}
    assert {*Colour, None} == worst
