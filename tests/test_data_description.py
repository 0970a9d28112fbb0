"""The description of the data (offentlighedsloven § 12) says something of every table and every field there is."""

import re

import pytest
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from app.i18n import speaking
from app.models.data_catalogue import CATALOGUE, TITLES
from app.models.data_description import TECHNICAL, Sort, described, descriptions
from tests.conftest import one_database
from tests.page import read_page
from tests.test_readme import GLOSSARY

NAMES = sorted(SQLModel.metadata.tables)


def test_every_table_is_described_and_nothing_else() -> None:
    assert sorted(each.name for each in descriptions()) == NAMES
    missing, gone = set(NAMES) - CATALOGUE.keys(), CATALOGUE.keys() - set(NAMES)
    assert not missing, f"Say in CATALOGUE in app/models/data_catalogue.py what these hold: {sorted(missing)}"
    assert not gone, f"These are described in CATALOGUE but no longer exist: {sorted(gone)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_table_says_of_every_field_whether_it_is_fact_or_assessment_or_tells_of_a_person(name: str) -> None:
    of = described(name)
    said = [*of.said.facts.split(), *of.said.assessments.split(), *of.said.people.split()]
    assert len(said) == len(set(said)), "a field is said to be two things"
    names = {field.name for field in of.fields}
    assert set(said) <= names
    assert set(of.said.when.split()) <= names
    unsaid = {each.name for each in of.fields if each.sort is Sort.technical and not each.secret} - TECHNICAL
    assert not unsaid, f"Say in CATALOGUE what these fields of {name} are: {sorted(unsaid)}"
    untitled = [each.name for each in of.fields if each.title == each.name]
    assert not untitled, f"Say in TITLES what these fields of {name} are called: {untitled}"
    with speaking("da"):
        assert of.danish == GLOSSARY[of.kind.__name__]
        assert all(each.format for each in of.fields)


def test_no_title_is_kept_of_a_field_that_is_gone() -> None:
    fields = {field.name for of in descriptions() for field in of.fields}
    assert {name.rpartition(".")[2] for name in TITLES} <= fields


def test_what_proves_who_somebody_is_is_never_a_fact() -> None:
    secrets = {(of.name, field.name) for of in descriptions() for field in of.fields if field.secret}
    assert {("user", "password_hash"), ("user_session", "token_sha256")} <= secrets


@one_database
def test_everybody_can_read_the_description_and_it_holds_no_case(anonymous: TestClient) -> None:
    answer = anonymous.get("/data-description")
    assert answer.status_code == 200
    page = read_page(answer.text)
    headings = {heading.text for heading in page.all("h2")}
    with speaking("da"):
        for of in descriptions():
            assert of.noun in headings
            rows = [row.text for row in page.all("tr")]
            for field in of.fields:
                assert any(row.startswith(field.title) for row in rows), (of.name, field.name)
    assert not re.search(r"P-0\d\d|L-01|Camilla", answer.text)
