"""An extract of the database (offentlighedsloven § 11), made on the same day and never with closed projects."""

import csv
import io
import json
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import AgendaItem, Export, Milestone, Portfolio, Project, Report, User
from app.models.data_description import Sort
from app.models.export import Profile
from app.models.extract import ExtractForm, extractable
from app.models.report import ReportState
from app.tabs.extract import Extract, build_extract
from tests.conftest import SignIn, one_database

EVERYTHING = [each.name for each in extractable()]
CLOSED = re.compile(r"L-01|ejendomskøb", re.IGNORECASE)


def extract_of(database: Engine, **wanted: Any) -> Extract:
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        form = ExtractForm.model_validate({"recipient": "own_use", "tables": EVERYTHING} | wanted)
        return build_extract(session, portfolio, form)


def texts(extract: Extract) -> str:
    return "\n".join(str(value) for table in extract.tables for row in table.rows for value in row)


def test_an_extract_has_no_closed_project_whatever_is_asked_for(database: Engine) -> None:
    with Session(database) as session:
        session.add(AgendaItem(meeting_id=1, no=99, title="Hemmeligt punkt", case_number="22/1", closed=True))
        session.commit()
    everything = extract_of(database, profile="internal", names=True, assessments=True)
    said = texts(everything)
    assert {table.name for table in everything.tables} == set(EVERYTHING)
    assert "P-006" in said
    assert not CLOSED.search(said)
    assert "Hemmeligt punkt" not in said


def test_without_names_nobody_is_named_and_a_role_stands_instead(database: Engine) -> None:
    with Session(database) as session:
        milestone = session.exec(select(Milestone)).first()
        assert milestone
        milestone.text = "Aftale med  camilla vang og Camilla Vangs leder"
        session.commit()
        people = {project.number: project for project in session.exec(select(Project))}
        assert people["P-006"].leader_id
    for profile in Profile:
        said = extract_of(database, profile=profile)
        assert "vang" not in texts(said).lower()
        projects = next(table for table in said.tables if table.name == "project")
        headings = [heading for heading, _kind, _form in projects.fields]
        at = headings.index("Projektleder")
        row = next(row for row in projects.rows if "Charlottekvarteret" in str(row[0]))
        assert row[at] == "By-, Udviklings- og Ressourcecenteret"
    named = extract_of(database, profile="internal", names=True, tables=["project"])
    assert "Camilla Vang" in texts(named)


@one_database
def test_what_leaves_the_house_has_facts_only_and_drafts_are_never_there(database: Engine) -> None:
    with Session(database) as session:
        draft = session.exec(select(Report).where(Report.state == ReportState.draft)).first()
        assert draft
        draft.summary = "En kladde, som ingen har godkendt"
        session.commit()
    outside = extract_of(database, profile="external")
    kinds = {kind for table in outside.tables for _heading, kind, _form in table.fields}
    assert str(Sort.assessment) not in kinds
    inside = {each.name for each in extractable()}
    assert inside - {table.name for table in outside.tables} >= {"key_persons", "proposal", "scenario", "assessment"}
    with_assessments = extract_of(database, profile="internal", assessments=True)
    assert "En kladde" not in texts(with_assessments)
    assert str(Sort.assessment) in {kind for table in with_assessments.tables for _h, kind, _f in table.fields}


@one_database
def test_a_period_and_chosen_fields_narrow_what_is_there(database: Engine) -> None:
    wanted = {"tables": ["measurement", "seat"], "columns": ["measurement.measured_on", "measurement.value"]}
    found = extract_of(database, profile="internal", from_on=date(2021, 12, 31), to_on=date(2021, 12, 31), **wanted)
    measurements, seats = sorted(found.tables, key=lambda table: table.name)
    assert [heading for heading, _kind, _form in measurements.fields] == ["Målt den", "Værdi"]
    assert {row[0] for row in measurements.rows} == {date(2021, 12, 31)}
    assert not seats.fields
    in_2010 = extract_of(database, profile="internal", to_on=date(2010, 1, 1), tables=["seat"])
    assert not in_2010.tables[0].rows
    assert dict(found.said)["Periode"] == "31-12-2021 – 31-12-2021"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@one_database
def test_the_file_says_what_it_is_and_is_logged_as_it_was_handed_out(
    kind: str, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        milestone = session.exec(select(Milestone)).first()
        assert milestone
        milestone.text = "=2+2"
        session.commit()
    browser = sign_in(sekretariat)
    sent = {
        "tables": ["project", "milestone"],
        "profile": "external",
        "recipient": "public",
        "note": "En journalist",
        "file": kind,
    }
    refused = browser.post("/extracts", data=sent)
    assert refused.status_code == 422
    assert browser.post("/extracts", data=sent | {"names": "on", "confirmed": "on"}).status_code == 422
    files = [browser.post("/extracts", data=sent | {"confirmed": "on"}).content for _twice in range(2)]
    assert files[0] == files[1]
    with Session(database) as session:
        export = session.exec(select(Export).order_by(Export.id.desc())).first()  # type: ignore[union-attr] # a column
    assert export
    assert (export.note, export.size, export.profile) == ("En journalist", len(files[0]), Profile.external)
    assert "Milepæl" in export.filters
    if kind == "csv":
        with zipfile.ZipFile(io.BytesIO(files[0])) as parts:
            about = json.loads(parts.read("om-udtraekket.json"))
            rows = list(csv.reader(io.StringIO(parts.read("milestone.csv").decode("utf-8-sig")), delimiter=";"))
        assert [table["fil"] for table in about["tabeller"]] == ["milestone.csv", "project.csv"]
        assert any("'=2+2" in row for row in rows)
    else:
        book = load_workbook(io.BytesIO(files[0]))
        assert book.sheetnames == ["Om udtrækket", "Milepæl", "Projekt"]
        cells = [cell for row in book["Milepæl"].iter_rows() for cell in row if cell.value == "=2+2"]
        assert [cell.data_type for cell in cells] == ["s"]
