"""»Hvad er registreret om mig«: everything on one person, for the person and the secretariat (domain.md L8)."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from app.models import Decision, Mail, Milestone, Person, Project, Seat, User
from app.models.error_report import ErrorReportForm, report_error
from app.models.event import about, record
from app.models.export import log_export
from app.models.mail import MailKind
from app.models.project import Confidentiality
from app.models.user import with_person
from app.settings import now
from app.tabs.registered import SAYS, pointing_to_people
from tests.conftest import SignIn, one_database
from tests.page import read_page


def test_every_field_that_points_to_a_person_or_an_account_is_told_in_words() -> None:
    told = {f"{of.name}.{field.name}" for of, field in pointing_to_people()}
    found = {
        f"{table.name}.{key.parent.name}"
        for table in SQLModel.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in ("person", "user")
    }
    assert told == found
    missing = found - SAYS.keys()
    assert not missing, f"Say in SAYS in app/tabs/registered.py what these tell of somebody: {sorted(missing)}"
    assert found == set(SAYS)


def registered(browser: Any, user: User) -> dict[str, Any]:
    answer = browser.get(f"/people/{user.person_id}/registered.json")
    assert answer.status_code == 200
    return dict(answer.json())


def places(found: dict[str, Any]) -> dict[str, list[str]]:
    return {place["key"]: [entry["name"] for entry in place["entries"]] for place in found["places"]}


def test_a_row_of_every_kind_that_points_to_somebody_is_found(sign_in: SignIn, leder: User, database: Engine) -> None:
    """Whatever table there is: a row of it that is made to point to the person is told to the person."""
    browser = sign_in(leder)
    with Session(database) as session:
        made_to_point = set()
        for of, field in pointing_to_people():
            key = leder.person_id if field.points_to == "person" else leder.id
            row = session.exec(select(of.kind)).first()
            if row is None or field.column.unique or of.name in ("event", "export"):
                continue
            setattr(row, field.name, key)
            made_to_point.add(f"{of.name}-{field.name}")
        session.add(
            Mail(
                kind=MailKind.opening,
                subject="Runden er åben",
                body="Kære Camilla Vang",
                portfolio_id=1,
                person_id=leder.person_id or 0,
                key="x:2022-06-13",
                address="leder@demo.example",
                written_at=now(),
            )
        )
        user = session.exec(select(User).where(User.id == leder.id).options(with_person())).one()
        report_error(session, user, ErrorReportForm(text="Jeg sidder der ikke."))
        log_export(session, user, 1, "liste.xlsx", b"")
        with about(session, session.exec(select(Person).where(Person.id == leder.person_id)).one()):
            record(session, None, "handed_over", user)
        session.commit()
    found = places(registered(browser, leder))
    written = {"mail-person_id", "error_report-reported_by_id", "user-person_id", "export-user_id"}
    assert made_to_point | written | {"event-user_id", "event-person_id"} <= found.keys()
    assert found["mail-person_id"] == ["Runden er åben"]
    assert len(made_to_point) >= 10


@one_database
def test_the_page_says_why_and_how_long_and_where_the_name_stands(
    sign_in: SignIn, leder: User, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        milestone = session.exec(select(Milestone)).first()
        assert milestone
        milestone.text = "Aftale med Camilla Vang"
        decision = session.exec(select(Decision)).first()
        assert decision
        decision.request = "Søren Ø og Camilla Vang skal svare"
        session.commit()
    here = f"/people/{leder.person_id}/registered"
    page = read_page(sign_in(leder).get(here).text)
    text = page.all("main")[0].text
    for words in ("Formål", "Retsgrundlag", "artikel 6", "arkivloven", "Få en fejl rettet", "juni 2018"):
        assert words in text
    mine, theirs = registered(sign_in(leder), leder), registered(sign_in(sekretariat), leder)
    assert [each["table"] for each in mine["mentions"]] == ["Beslutning", "Milepæl"]
    assert len(mine["editions"]) == 9
    assert mine["editions"][0]["tabs"] == ["Overblik", "Belastning"]
    assert len(theirs["mentions"]) >= len(mine["mentions"])
    for browser in (sign_in(leder), sign_in(sekretariat)):
        assert here in browser.get(f"/people/{leder.person_id}").text
    assert here in sign_in(leder).get("/").text


@one_database
def test_neither_password_nor_token_nor_fingerprint_is_told(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    said = browser.get(f"/people/{leder.person_id}/registered.json").text
    assert "argon2" not in said
    with Session(database) as session:
        user = session.exec(select(User).where(User.id == leder.id)).one()
        assert user.password_hash not in said
    assert "Adgangskode" not in said


@pytest.mark.parametrize(("name", "telling"), [("lukket_medlem", "ejendomskøb til botilbud"), ("lukket_ejer", "L-01")])
@one_database
def test_whoever_belongs_to_a_closed_project_sees_it_and_whoever_has_left_it_does_not(
    name: str, telling: str, sign_in: SignIn, cast: dict[str, User], sekretariat: User, database: Engine
) -> None:
    user = cast[name]
    assert telling in str(registered(sign_in(user), user))
    with Session(database) as session:
        closed = session.exec(
            select(Project).where(Project.confidentiality == Confidentiality.closed, Project.number == "L-01")
        ).one()
        closed.owner_id = None
        for seat in session.exec(select(Seat).where(Seat.person_id == user.person_id)):
            seat.to_on = seat.from_on
        doer = session.exec(select(User).where(User.id == user.id).options(with_person())).one()
        record(session, doer, "changed", closed, project_id=closed.id)
        session.commit()
    mine, theirs = registered(sign_in(user), user), registered(sign_in(sekretariat), user)
    assert "L-01" not in str(mine)
    assert telling not in str(mine)
    assert telling in str(theirs)


@one_database
def test_a_name_is_looked_for_as_it_is_written(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    """Percent signs are no wildcards, and Danish letters are found in lists, where they are kept as JSON."""
    with Session(database) as session:
        odd = Person(name="Åse 100%_Ø", search_text="")
        session.add(odd)
        session.exec(select(Project).where(Project.number == "P-006")).one().externals = ["Hos Åse 100%_Ø"]
        session.exec(select(Project).where(Project.number == "P-007")).one().externals = ["Hos Åse 100 og Ø"]
        session.commit()
        key = session.exec(select(Person.id).where(col(Person.name).startswith("Åse"))).one()
    found = sign_in(sekretariat).get(f"/people/{key}/registered.json").json()
    assert [each["table"] for each in found["mentions"]] == ["Projekt"]
