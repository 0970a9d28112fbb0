"""What leaves the house: without people, judgements and closed projects, confirmed, and written in the log."""

import hashlib
import io
import re
import types
from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import pytest
import time_machine
from openpyxl import load_workbook
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.demo.source import read, read_projects
from app.models import Event, Export, Person, Portfolio, Project, User
from app.models.export import Profile, Recipient, log_export
from app.models.project import Confidentiality
from app.models.seat import Attendance, SeatFunction
from app.models.success_criterion import Met
from app.papers.headline import classification
from app.papers.workbook import workbook
from app.settings import get_settings
from app.tabs.burden import Burden
from app.tabs.burden_bodies import BodyBurden, Member
from app.tabs.edition import tabs_of
from app.tabs.effects import Criterion, Effects
from app.tabs.external import INSTEAD, LEFT_OUT, STAYS, Tabs, external, external_tabs_of, field_names
from app.tabs.filters import Filters
from app.tabs.overview import Overview
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import forms, read_page
from tests.test_workbook import FIRST_ROW, with_texts

LIST = "/portfolios/direktionen"
FILES = f"{LIST}/exports"
GIVEN = {"profile": "external", "recipient": "housing", "note": "Domea, til styregruppens møde", "confirmed": "on"}
DECISION = Path(__file__).parent.parent / "docs" / "decisions" / "0011-what-leaves-the-house.md"
HEADINGS = {
    "Overblik": [
        *("Tema", "Nr.", "Projekt", "Type", "Program", "Center", "Fase", "Status", "Tendens", "Status sidst"),
        *("Sagsnr.", "Status godkendt den"),
    ],
    "Belastning": [
        *("Nr.", "Projekt", "Organ", "Formand", "Medlemmer (rolle, center)", "Antal medlemmer", "Møder pr. år"),
        *("Årsværk", "Heraf besatte årsværk", "Poster uden tal", "Behov i alt (kr.)", "Bevilget i alt (kr.)"),
        *("Indstillet i alt (kr.)", "Mangler i alt (kr.)", "Projektnr.", "Projektets titel", "År", "Behov (kr.)"),
        *("Bevilget (kr.)", "Indstillet (kr.)", "Mangler (kr.)"),
    ],
    "Effekter": [
        *("Nr.", "Projekt", "Overordnet mål", "Effektmål", "Indikatortype", "Enhed", "Baseline (værdi)"),
        *("Baseline (dato)", "Mål (værdi)", "Mål (dato)", "Seneste måling (værdi)", "Seneste måling (dato)"),
        *("Seneste måling (kilde)", "Andel af forventet sti", "Benchmark", "Gevinstejer", "Vigtigste succeskriterier"),
        "Opfølgning efter afslutning",
    ],
    "Målinger": [
        *("Nr.", "Projekt", "Tema", "Effektmål", "Indikatortype", "Enhed", "Tal fra", "Dato", "Værdi", "Kilde"),
    ],
}


@pytest.fixture
def secretariat(sign_in: SignIn, sekretariat: User) -> TestClient:
    return sign_in(sekretariat)


def exports(database: Engine) -> list[Export]:
    with Session(database) as session:
        return list(session.exec(select(Export).order_by(Export.id)))  # type: ignore[arg-type] # a column


def built(database: Engine, **wanted: str) -> Tabs:
    with Session(database) as session:
        return external_tabs_of(session, session.exec(select(Portfolio)).one(), Filters(**wanted))


def texts(content: bytes) -> list[str]:
    """Everything that a workbook says: its cells, headers, footers and properties."""
    book: Any = load_workbook(io.BytesIO(content))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    printed = [part.text for sheet in book for line in (sheet.oddHeader, sheet.oddFooter) for part in parts(line)]
    own = [str(each.value) for each in book.custom_doc_props.props]
    return [str(said) for said in (*cells, *printed, *own, *vars(book.properties).values()) if said is not None]


def parts(line: Any) -> list[Any]:
    return [line.left, line.center, line.right] if line else []


def employees() -> set[str]:
    return {person["name"] for person in read("organisation.toml")["person"]}


def closed_words() -> set[str]:
    found = [project for project in read_projects() if project["confidentiality"] == "closed"]
    return {word for p in found for word in (p["number"], p["title"], *p["case_numbers"], *p["externals"])}


# ------------------------------------------------------------------------------------------- every field is decided


def kinds_that_go_out(kind: type, found: dict[type, set[str]]) -> dict[type, set[str]]:
    """The models that can be reached through fields that stay, with all their fields."""
    if kind not in found:
        found[kind] = field_names(kind)
        hints = get_type_hints(kind)
        for name in STAYS.get(kind, "").split():
            for below in leaves(hints[name]):
                if is_dataclass(below) or (isinstance(below, type) and issubclass(below, BaseModel)):
                    kinds_that_go_out(cast(type, below), found)
    return found


def leaves(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (list, tuple, dict, Union, types.UnionType):
        for part in get_args(annotation):
            yield from leaves(part)
    else:
        yield annotation


def every_kind() -> dict[type, set[str]]:
    found: dict[type, set[str]] = {}
    for tab in (Overview, Burden, Effects):
        kinds_that_go_out(tab, found)
    return found


def test_somebody_has_decided_about_every_field_of_the_three_tabs() -> None:
    found = every_kind()
    assert len(found) > 20
    for kind, names in found.items():
        decided = [*STAYS.get(kind, "").split(), *LEFT_OUT.get(kind, ()), *INSTEAD.get(kind, ())]
        assert sorted(decided) == sorted(names), (
            f"Say in app/tabs/external.py and in {DECISION.name} whether outsiders may have it: {kind.__name__}"
        )
    assert STAYS.keys() == found.keys()


def test_the_decision_note_says_field_by_field_what_the_code_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|(.*)\|(.*)\|$", DECISION.read_text(encoding="utf-8"), re.MULTILINE)
    told = {kind: [set(re.findall(r"`(\w+)`", cell)) for cell in cells] for kind, *cells in rows}
    assert told == {
        kind.__name__: [set(stays.split()), set(LEFT_OUT.get(kind, ())), set(INSTEAD.get(kind, ()))]
        for kind, stays in STAYS.items()
    }


def test_a_field_that_nobody_has_decided_about_is_refused() -> None:
    class Reasoned(Criterion):
        doubt: str = "Vi tror ikke på det."

    STAYS[Reasoned] = STAYS[Criterion]
    try:
        with pytest.raises(LookupError, match=r"Reasoned goes out with .*doubt"):
            external(Reasoned(text="Alle har en plan", met=Met.no, evidence=""))
    finally:
        del STAYS[Reasoned]


# --------------------------------------------------------------------------------------------- what is in the file


def test_the_external_workbook_has_no_name_no_closed_project_and_nothing_that_is_missing(
    secretariat: TestClient,
) -> None:
    for wanted in ({}, {"round": "2018-01"}, {"round": "2022-01"}, {"q": "Jonas Bek"}, {"q": "L-01"}):
        answer = secretariat.post(FILES, params=wanted, data=GIVEN)
        assert answer.status_code == 200
        said = texts(answer.content)
        assert len(said) > 40
        everything = "\n".join(said)
        assert not [name for name in employees() if name in everything]
        assert not [word for word in closed_words() if word in everything]
        assert "Mangler" not in said
        assert "Lukkede projekter indgår ikke" in everything
        assert "lukket" not in everything.lower().replace("lukkede projekter indgår ikke", "")


@one_database
def test_the_headings_of_what_is_left_out_are_gone(secretariat: TestClient) -> None:
    book = load_workbook(io.BytesIO(secretariat.post(FILES, data=GIVEN).content))
    found = {sheet.title: [cell.value for cell in sheet[3]] for sheet in book}
    assert {title: found[title] for title in HEADINGS} == HEADINGS
    assert found["Gevinster"][-1] == "Tiltag"
    assert "Begrundelse for delingen" not in found["Gevinster"]
    for sheet in book:
        assert sheet.auto_filter.ref == f"A3:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
        facts = str(sheet["A2"].value)
        assert "Klassifikation: Ekstern – afgivet til boligorganisationer ·" in facts
        assert "37 projekter · Lukkede projekter indgår ikke" in facts


@one_database
def test_facts_stay_and_judgements_do_not(database: Engine) -> None:
    overview, burden, effects = built(database)
    with Session(database) as session:
        inside = tabs_of(session, session.exec(select(Portfolio)).one(), Filters())
    red = next(row for row in inside[0].reds if row.decision and row.path_to_green)
    out = next(row for row in overview.reds if row.number == red.number)
    assert (out.mark, out.trend, out.approved_on, out.case_numbers) == (
        red.mark,
        red.trend,
        red.approved_on,
        red.case_numbers,
    )
    assert (out.cause, out.summary, out.decision, out.path_to_green, out.assessments) == ("", "", None, None, {})
    assert (burden.groups, burden.most_loaded, burden.overlaps, burden.key_person_totals) == ([], [], [], {})
    [money] = [project.funding for project in burden.projects if project.number == "P-006"]
    [all_of_it] = [project.funding for project in inside[1].projects if project.number == "P-006"]
    assert money
    assert all_of_it
    assert money.model_dump() == all_of_it.model_dump()
    assert overview.total == inside[0].total - inside[0].closed
    measured = [figure for project in effects.projects for target in project.targets for figure in target.measurements]
    assert measured
    assert {criterion.evidence for project in effects.projects for criterion in project.success_criteria} == {""}
    assert {project.purpose for project in effects.projects} <= {project.purpose for project in inside[2].projects}


@one_database
def test_a_body_says_roles_and_units_and_of_an_outsider_in_the_chair_the_organisation(database: Engine) -> None:
    bodies = {body.name: body for body in built(database)[1].bodies}
    program = bodies["Programstyregruppen for Nyt Fokus"]
    assert program.chair == "DIR"
    assert {member.name for member in program.members} == {""}
    assert "formand, DIR; " in "".join(texts(workbook(*built(database), profile=Profile.external)))
    ours = Member(name="Bo Dam", unit="", function=SeatFunction.chair, attendance=Attendance.fixed)
    body = program.model_copy(update={"chair": "Bo Dam", "members": [ours]})
    assert external(body).chair == "Formand"
    theirs: BodyBurden = external(program.model_copy(update={"chair": "Realdania", "members": []}))
    assert theirs.chair == "Realdania"


@one_database
def test_names_are_taken_out_of_the_texts_that_stay(database: Engine) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-006")).one()
        project.purpose = "Aftalt med jonas\nbek og Jonas Beks center; se Bo Bekkevold og Jonas Bekker."
        project.title = "Planen (Mette Dall)"
        session.commit()
    effects = built(database)[2]
    [project_out] = [project for project in effects.projects if project.number == "P-006"]
    assert project_out.purpose == (
        "Aftalt med (navn udeladt) og (navn udeladt) center; se Bo Bekkevold og Jonas Bekker."
    )
    assert project_out.title == "Planen ((navn udeladt))"


@one_database
def test_a_name_that_somebody_had_when_the_edition_was_frozen_is_taken_out_too(database: Engine) -> None:
    with Session(database) as session:
        for person in session.exec(select(Person)):
            person.name = f"Nyt Navn {person.id}"
        session.commit()
    said = "\n".join(texts(workbook(*built(database, round="2022-01"), profile=Profile.external)))
    assert not [name for name in employees() if name in said]


@one_database
def test_a_project_that_was_closed_when_the_edition_was_frozen_stays_out_of_it(database: Engine) -> None:
    with Session(database) as session:
        for project in session.exec(select(Project).where(Project.confidentiality == Confidentiality.closed)):
            project.confidentiality = Confidentiality.open
        session.commit()
        portfolio = session.exec(select(Portfolio)).one()
        assert "L-01" in {row.number for group in tabs_of(session, portfolio, FROZEN)[0].groups for row in group.rows}
    overview, burden, effects = built(database, round="2022-01")
    for numbers in (
        [row.number for group in overview.groups for row in group.rows],
        [project.number for project in burden.projects],
        [project.number for project in effects.projects],
    ):
        assert numbers
        assert "L-01" not in numbers


FROZEN = Filters(round="2022-01")


@one_database
def test_what_is_filtered_by_is_said_without_the_name_and_the_log_says_it_all(
    secretariat: TestClient, database: Engine
) -> None:
    with Session(database) as session:
        owner = session.exec(select(Person).where(Person.name == "Jonas Bek")).one()
    content = secretariat.post(FILES, params={"owner": str(owner.id), "unit": "FKC"}, data=GIVEN).content
    facts = load_workbook(io.BytesIO(content))["Overblik"]["A2"].value
    assert "Filter: center »FKC«, projektejer »udeladt«" in str(facts)
    assert exports(database)[-1].filters == "center »FKC«, projektejer »Jonas Bek«"


@one_database
def test_what_people_type_stays_text_for_outsiders_too(database: Engine) -> None:
    overview, burden, effects = built(database)
    for text in ("=1+1", "+1+1", "@1+1", "\t1+1"):
        typed = with_texts(overview, text), with_texts(burden, text), with_texts(effects, text)
        book = load_workbook(io.BytesIO(workbook(*typed, profile=Profile.external)))
        rows = (row for sheet in book for row in sheet.iter_rows(min_row=FIRST_ROW))
        cells = [cell for row in rows for cell in row if cell.value is not None]
        assert text.strip() in {str(cell.value).strip() for cell in cells}
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


def test_every_recipient_has_its_words() -> None:
    assert classification(Profile.internal, Recipient.board) == "Internt"
    assert classification(Profile.internal, Recipient.authority) == "Internt – afgivet til en anden myndighed"
    for recipient in Recipient:
        assert classification(Profile.external, recipient).startswith("Ekstern – ")
        assert ("afgivet til" in classification(Profile.external, recipient)) == recipient.outside


# -------------------------------------------------------------------------------------------------------- handing out


def test_a_file_is_in_the_log_when_it_is_handed_out(
    secretariat: TestClient, sekretariat: User, database: Engine
) -> None:
    answer = secretariat.post(FILES, params={"round": "2022-01", "unit": "BURC"}, data=GIVEN)
    assert answer.headers["content-disposition"] == 'attachment; filename="portefoeljeliste-2022-01-ekstern.xlsx"'
    [row] = exports(database)
    assert (row.actor, row.file_name, row.profile, row.recipient, row.note, row.reason) == (
        str(sekretariat),
        "portefoeljeliste-2022-01-ekstern.xlsx",
        Profile.external,
        Recipient.housing,
        "Domea, til styregruppens møde",
        "",
    )
    assert (row.round_key, row.filters, row.size) == ("2022-01", "center »BURC«", len(answer.content))
    assert row.sha256 == hashlib.sha256(answer.content).hexdigest()
    with Session(database) as session:
        event = session.exec(select(Event).where(Event.action == "exported")).one()
    assert event.after == {"profile": "external", "recipient": "housing", "round_key": "2022-01"}


def test_the_workbook_that_everybody_takes_is_in_the_log_as_internal(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    content = sign_in(leder).get(f"{LIST}/export.xlsx?round=2022-06").content
    [row] = exports(database)
    assert (row.actor, row.profile, row.recipient, row.round_key) == (
        "Camilla Vang",
        Profile.internal,
        Recipient.own_use,
        "",  # the round is under way: this is no edition
    )
    assert row.sha256 == hashlib.sha256(content).hexdigest()


@one_database
@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"confirmed": ""}, ["confirmed"]),
        ({"note": ""}, ["note"]),
        ({"recipient": ""}, ["recipient"]),
        ({"profile": "internal"}, ["reason"]),
        ({"profile": "internal", "reason": "Fordi"}, ["reason"]),
        ({"profile": "internal", "note": "", "confirmed": ""}, ["note", "reason", "confirmed"]),
    ],
    ids=str,
)
def test_what_leaves_the_house_must_be_confirmed_with_a_reason(
    secretariat: TestClient, database: Engine, sent: dict[str, str], wrong: list[str]
) -> None:
    before = fingerprint(database)
    answer = secretariat.post(f"{FILES}?unit=BURC", data={k: v for k, v in (GIVEN | sent).items() if v})
    assert answer.status_code == 422
    page = read_page(answer.text)
    assert [each.get("id") for each in page if each.get("id").endswith("-error")] == [f"{name}-error" for name in wrong]
    [form] = [form for form in forms(answer.text) if form.action.startswith(FILES)]
    assert form.action == f"{FILES}?unit=BURC"
    assert form.values["note"] == (GIVEN | sent)["note"]
    assert fingerprint(database) == before


@one_database
def test_with_a_reason_outsiders_get_the_internal_edition_and_it_says_so(
    secretariat: TestClient, database: Engine
) -> None:
    reason = "Retlige grunde: Ankestyrelsen har bedt om den."
    sent = GIVEN | {"profile": "internal", "recipient": "authority", "reason": reason}
    content = secretariat.post(FILES, data=sent).content
    facts = str(load_workbook(io.BytesIO(content))["Overblik"]["A2"].value)
    assert "Klassifikation: Internt – afgivet til en anden myndighed" in facts
    assert "38 projekter, heraf 1 lukket" in facts
    assert exports(database)[-1].reason == reason


@one_database
def test_what_stays_in_the_house_needs_no_confirmation(secretariat: TestClient) -> None:
    for recipient in ("own_use", "board"):
        assert secretariat.post(FILES, data={"profile": "external", "recipient": recipient}).status_code == 200


@one_database
def test_the_form_says_how_many_projects_each_edition_has_and_what_the_law_says(secretariat: TestClient) -> None:
    page = read_page(secretariat.get(f"{FILES}/new").text).all("main")[0].text
    assert "Ekstern: 37 af 38 projekter. Intern: alle 38." in page
    assert "offentlighedsloven § 23, stk. 2" in page
    assert secretariat.get(f"{FILES}/new?round=1999-01").status_code == 404


@one_database
def test_overblik_and_the_settings_lead_there_for_the_secretariat_alone(
    secretariat: TestClient, sign_in: SignIn, direktion: User
) -> None:
    assert f'href="{FILES}/new?unit=BURC"' in secretariat.get(f"{LIST}/overview?unit=BURC").text
    assert f'href="{FILES}"' in secretariat.get("/settings").text
    assert f"{FILES}/new" not in sign_in(direktion).get(f"{LIST}/overview").text


def test_an_edition_is_the_same_file_at_every_request_and_on_another_day(
    sign_in: SignIn, sekretariat: User, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant I24."""
    for profile in ("internal", "external"):
        sent = {"profile": profile, "recipient": "board"}
        sign_in(sekretariat).post(f"{FILES}?round=2022-01", data=sent)
        with monkeypatch.context() as later:
            later.setattr(get_settings(), "demo_date", date(2022, 6, 21))
            with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
                sign_in(sekretariat).post(f"{FILES}?round=2022-01", data=sent)
    rows = exports(database)
    assert len(rows) == 4
    assert rows[0].sha256 == rows[1].sha256
    assert rows[2].sha256 == rows[3].sha256 != rows[0].sha256


# ------------------------------------------------------------------------------------------------------------ the log


@one_database
def test_the_log_is_empty_until_somebody_takes_out_a_file(secretariat: TestClient) -> None:
    page = read_page(secretariat.get(FILES).text).all("main")[0]
    assert "Ingen har taget et udtræk endnu." in page.text
    assert not page.all("table")


@one_database
def test_the_log_says_who_took_out_what_for_whom(secretariat: TestClient) -> None:
    content = secretariat.post(f"{FILES}?round=2022-01&unit=BURC", data=GIVEN).content
    secretariat.get(f"{LIST}/export.xlsx")
    newest, first = (row.text for row in read_page(secretariat.get(FILES).text).all("tr")[1:])
    assert "portefoeljeliste-2022-06.xlsx" in newest
    assert "Eget brug" in newest
    assert "Listen den dag" in newest
    for said in (
        *("portefoeljeliste-2022-01-ekstern.xlsx", "Line Thorup", "Ekstern", "Boligorganisationer", "2022-01"),
        *("Domea, til styregruppens møde", "center »BURC«", hashlib.sha256(content).hexdigest()),
    ):
        assert said in first


@one_database
@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (lambda known: f" {known.upper()[:30]} {known.upper()[30:]}\n", "Filen er taget ud én gang"),
        (lambda known: known[::-1], "Der er ikke taget en fil ud med dette fingeraftryk"),
        (lambda known: known[:40], "Det har 64 tegn, 0-9 og a-f; dette har 40."),
    ],
)
def test_a_fingerprint_tells_which_file_it_is(
    secretariat: TestClient, database: Engine, change: Any, answer: str
) -> None:
    secretariat.post(FILES, data=GIVEN)
    known = exports(database)[0].sha256
    page = read_page(secretariat.get(FILES, params={"sha256": change(known)}).text)
    [told] = [element for element in page if element.get("id") == "answer"]
    assert answer in told.text
    assert (GIVEN["note"] in told.text) == ("én gang" in answer)


@one_database
def test_a_file_that_is_not_written_in_the_log_is_not_handed_out(
    sign_in: SignIn, sekretariat: User, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, before = sign_in(sekretariat), fingerprint(database)

    def full(*_given: object, **_more: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("app.routes.exports.log_export", full)
    for answer in (browser.get(f"{LIST}/export.xlsx"), browser.post(FILES, data=GIVEN)):
        assert (answer.status_code, answer.content.startswith(b"PK")) == (500, False)
    assert fingerprint(database) == before


def test_logging_lets_go_of_what_was_read(database: Engine, sekretariat: User) -> None:
    """Nobody who writes meanwhile is kept waiting, and a reader's old picture of the list does not stop it."""
    with Session(database.execution_options(read_only=True)) as reading:
        reading.exec(select(Project)).all()
        with Session(database) as writing:
            writing.exec(select(Portfolio)).one().name = "Et andet navn"
            writing.commit()
        log_export(reading, None, 1, "liste.xlsx", b"PK")
        reading.commit()
    assert [row.actor for row in exports(database)] == ["python -m app"]
