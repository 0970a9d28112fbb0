"""Every number of Belastning is the same on the screen, in the API, in the workbook and in an edition."""

import io
from datetime import date
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.i18n import show_number
from app.models import (
    Body,
    Funding,
    FundingNeed,
    KeyPersons,
    Person,
    Portfolio,
    ReportingRound,
    Seat,
    Staffing,
    StaffingShare,
    Unit,
    User,
)
from app.models.base import Choice
from app.models.funding import Approved
from app.models.placement import keys_on_list
from app.models.reporting_round import RoundState
from app.models.seat import Attendance, SeatFunction
from app.models.staffing import StaffingState
from app.settings import today
from app.tabs.edition import freeze
from tests.conftest import SignIn, one_database
from tests.page import Element, read_page

LIST = "/portfolios/direktionen"
START = date(2020, 1, 1)
Numbers = dict[str, dict[str, tuple[str, ...]]]
"""By kind of thing and by its name, the numbers that are said of it, as a Dane reads them."""


def shake(database: Engine, seed: int) -> None:
    """Replaces who sits where, what the units give and what the projects cost by something made up."""
    draw = Random(seed)  # noqa: S311 - no secret: the seed makes the same list every time
    with Session(database) as session:
        on_list = sorted(keys_on_list(session, session.exec(select(Portfolio.id)).one() or 0, today()))
        people = session.exec(select(Person).where(col(Person.active)).order_by(col(Person.id))).all()
        crowd = draw.sample(people, 16)  # few enough for the same people to meet again and again
        units = [unit.pk for unit in session.exec(select(Unit).order_by(col(Unit.id)))]
        for kind in (Seat, KeyPersons, StaffingShare, Staffing, Funding, FundingNeed):
            session.connection().execute(sa.delete(kind))
        for body in session.exec(select(Body).order_by(col(Body.id))):
            body.meetings_per_year = draw.choice([None, 0, 3, 7, 20])
            body.external_members = draw.choice([None, 0, 2, 14])
            chosen = draw.sample(crowd, draw.randint(0, 12))
            for no, person in enumerate(chosen, 1):
                seat = {"function": one(draw, SeatFunction), "attendance": one(draw, Attendance)}
                session.add(Seat(body_id=body.pk, no=no, person_id=person.pk, from_on=START, **seat))
            if draw.random() < 0.4:
                session.add(Seat(body_id=body.pk, no=90, role="Ubesat", unit_id=draw.choice(units), from_on=START))
        for key in on_list:
            for unit in draw.sample(units, draw.randint(0, 4)):
                session.add(KeyPersons(project_id=key, unit_id=unit, count=draw.randint(0, 9)))
            for no in range(1, draw.randint(1, 4)):
                fte = draw.choice([None, 0.25, 0.5, 1, 2])
                post = {"function": "Konsulent", "fte": fte, "state": one(draw, StaffingState)}
                session.add(Staffing(project_id=key, no=no, unit_id=draw.choice([None, *units]), **post))
                money = {"amount": draw.choice([None, 100_000, 1_280_000.5]), "approved": one(draw, Approved)}
                session.add(Funding(project_id=key, no=no, source="Pulje", year=2021 + no, **money))
                if draw.random() < 0.5:
                    session.add(FundingNeed(project_id=key, no=no, purpose="Drift", year=2021 + no, amount=500_000))
        session.commit()


def one(draw: Random, choices: type[Choice]) -> Any:
    return draw.choice(list(choices))


def shown(value: Any) -> str:
    """A number as it is read; a question mark is what nobody has said."""
    return "?" if value is None or value == "Ikke oplyst" else str(show_number(value))


def in_the_api(tab: dict[str, Any]) -> Numbers:
    people = [person for group in tab["groups"] for person in group["people"]]
    return {
        "people": {
            each["name"]: tuple(shown(each[name]) for name in ("seats", "chairs", "points", "rank")) for each in people
        },
        "units": {
            each["code"]: tuple(
                shown(each[name]) for name in ("key_persons", "seats", "chairs", "points", "empty_chairs")
            )
            for each in tab["units_carrying"]
        },
        "overlaps": {
            f"{each['first']} {each['second']}": (
                shown(each["meetings_saved"]),
                shown(None if each["meetings_saved"] is None else each["meetings_saved"] * len(each["people"])),
            )
            for each in tab["overlaps"]
        },
        "key persons": {
            each["number"]: (shown(None if each["key_persons"] is None else sum(each["key_persons"].values())),)
            for each in tab["projects"]
        },
        "money": {
            each["number"]: tuple(
                shown(each["funding"]["total"][name]) for name in ("needed", "granted", "proposed", "gap")
            )
            for each in tab["projects"]
            if each["funding"]
        },
    }


def in_the_workbook(content: bytes) -> Numbers:
    sheet = load_workbook(io.BytesIO(content))["Belastning"]
    headings = [str(cell.value) for cell in sheet[3]]
    rows = [dict(zip(headings, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]
    projects = [row for row in rows if row["Projekt"] and row["Nøglepersoner >5 t/uge i alt"] != "Talt ovenfor"]

    def said(named: str, *columns: str) -> dict[str, tuple[str, ...]]:
        return {str(row[named]): tuple(shown(row[name]) for name in columns) for row in rows if row[named]}

    return {
        "people": said("Person", "Pladser", "Formandsposter", "Point", "Rang"),
        "units": {
            "" if name == "Uden center" else name: numbers
            for name, numbers in said(
                "Centerkode",
                *("Centrets nøglepersoner", "Centrets pladser", "Centrets formandsposter", "Centrets point"),
                "Centrets ubesatte pladser",
            ).items()
        },
        "overlaps": {
            f"{row['Det ene organ']} {row['Det andet organ']}": (
                shown(row["Sparede møder for hver"]),
                shown(row["Sparede mødedeltagelser"]),
            )
            for row in rows
            if row["Det ene organ"]
        },
        "key persons": {str(row["Nr."]): (shown(row["Nøglepersoner >5 t/uge i alt"]),) for row in projects},
        "money": {
            str(row["Nr."]): tuple(
                shown(row[f"{name} i alt (kr.)"]) for name in ("Behov", "Bevilget", "Indstillet", "Mangler")
            )
            for row in projects
            if row["Bevilget i alt (kr.)"] not in (None, "")
        },
    }


def on_the_screen(html: str) -> Numbers:
    page = read_page(html)

    def body_of(table: str) -> list[list[Element]]:
        """The cells of a table's rows, the head of the row first."""
        found = next(
            each for each in page.all("table") if table in (*each.get("class").split(), above(each).get("aria-label"))
        )
        return [row.all("th", "td") for row in found.all("tr") if above(row).tag == "tbody"]

    matrix = [cells for cells in body_of("matrix") if cells[0].get("scope") == "row" and cells[0].all("a")]
    return {
        "people": {
            cells[0].all("a")[0].text: tuple(first(cells[place]) for place in (-6, -5, -3, -2)) for cells in matrix
        },
        "units": {
            "" if first(cells[0]) == "Uden" else first(cells[0]): tuple(first(cell) for cell in cells[1:6])
            for cells in body_of("units")
        },
        "overlaps": {
            " ".join(link.text for link in cells[0].all("a")): (first(cells[2]), first(cells[3]))
            for cells in body_of("Tabel over organer med de samme personer")
        },
        "key persons": {number(cells[0]): (first(cells[-1]),) for cells in body_of("burden-projects")},
        "money": {
            number(cells[0]): tuple(first(cell) for cell in cells[4:8])
            for cells in body_of("Tabel over bemanding og finansiering")
            if len(cells) == 8
        },
    }


def above(element: Element) -> Element:
    assert element.parent
    return element.parent


def first(cell: Element) -> str:
    """The number that a cell begins with: small print says what has changed."""
    return cell.text.split()[0]


def number(cell: Element) -> str:
    return cell.all("a")[0].get("href").rpartition("/")[2]


def everywhere(browser: TestClient, query: str = "") -> tuple[Numbers, Numbers, Numbers]:
    return (
        in_the_api(browser.get(f"/api/v1{LIST}/burden{query}").json()),
        on_the_screen(browser.get(f"{LIST}/burden{query}").text),
        in_the_workbook(browser.get(f"{LIST}/export.xlsx{query}").content),
    )


@one_database
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_of_belastning_is_the_same_wherever_it_stands(
    sign_in: SignIn, sekretariat: User, database: Engine, seed: int
) -> None:
    shake(database, seed)
    browser = sign_in(sekretariat)
    api, screen, workbook = everywhere(browser)
    assert api["people"]
    assert api["overlaps"]
    assert api["money"]
    assert screen == api
    assert workbook == api
    with Session(database) as session:
        a_round = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
        a_round.state = RoundState.closed_for_leaders
        freeze(session, None, a_round, today())
        session.commit()
    shake(database, seed + 100)
    frozen = everywhere(browser, "?round=2022-06")
    assert frozen == (api, screen, workbook)


@one_database
def test_a_filter_leaves_everybodys_numbers_as_they_are(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    shake(database, 4)
    browser = sign_in(sekretariat)
    api, screen, workbook = everywhere(browser, "?theme=digitalisering")
    assert screen == workbook == api
    whole = everywhere(browser)[0]
    assert api["people"].items() <= whole["people"].items()
    assert (api["units"], api["overlaps"]) == (whole["units"], whole["overlaps"])
