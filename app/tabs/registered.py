"""»What is registered about me«: everything the database holds on one person (GDPR art. 15; domain.md L8).

Found by the database's own structure, so that nothing is forgotten: every field that points to a person or to an
account, then every text in which the name stands, then the frozen editions. A closed project is found by those who may
see it.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, SQLModel, col, or_, select

from app.i18n import N_, _
from app.models import Edition, Person, User
from app.models.data_description import PEOPLE, Description, Field, Sort, described, descriptions
from app.models.visibility import sees_closed
from app.settings import today
from app.tabs.data_rows import Rows, Said
from app.tabs.named_editions import InEdition, editions_that_name
from app.tabs.processing import Told, told

SAYS = {
    "access_review.by_id": N_("Reviews of who may see what that the account has made"),
    "api_token.user_id": N_("Access keys of the account"),
    "deputy.person_id": N_("Deputy for a project's leader or owner"),
    "effect_follow_up.approved_by_id": N_("Follow-ups of effects that the person has approved"),
    "effect_follow_up.owner_id": N_("Effects that the person is to follow up"),
    "effect_follow_up.reported_by_id": N_("Follow-ups of effects that the person has reported"),
    "effect_target.owner_id": N_("Effects that the person owns"),
    "error_report.answered_by_id": N_("Reported errors that the account has answered"),
    "error_report.reported_by_id": N_("Errors that the account has reported"),
    "event.person_id": N_("Handovers from the person to somebody else"),
    "event.user_id": N_("What the account has done, from the log"),
    "export.user_id": N_("Files that the account has taken out"),
    "identity.user_id": N_("The account at the municipality's sign-on"),
    "mail.person_id": N_("Letters to the person"),
    "password_link.user_id": N_("Links for choosing a password"),
    "project.leader_id": N_("Projects that the person leads"),
    "project.owner_id": N_("Projects that the person owns"),
    "proposal.raised_by_id": N_("Proposals that the person has raised"),
    "report.approver_id": N_("Statuses that the person has approved"),
    "report.author_id": N_("Statuses that the person has written"),
    "scenario.author_id": N_("Scenarios that the person has saved"),
    "scenario_change.person_id": N_("Scenarios that move or seat the person"),
    "screen.shown_by_id": N_("Meetings whose screens the person has steered"),
    "seat.person_id": N_("Seats in bodies"),
    "second_factor.user_id": N_("Sign-in in two steps"),
    "status_note.author_id": N_("Running statuses that the person has written"),
    "task.owner_id": N_("Tasks from decisions"),
    "topic.owner_id": N_("Topics for the management forum that the person is responsible for"),
    "user.person_id": N_("The account"),
    "user_session.user_id": N_("When the account was signed in"),
}
"""What each field that points to a person or an account says of whoever it points to."""

OTHERS_ONLY = {"mail", "export", "error_report", "event"}
"""Tables whose texts are for those they are to, or for a few: a name is looked for in them by the secretariat only."""


class Entry(BaseModel):
    """One row: what it is called, what it belongs to, and everything that it holds."""

    name: str
    of: str
    on: date | datetime | None
    says: list[Said]


class Place(BaseModel):
    """All rows of one table that point to the person in one way."""

    key: str
    heading: str
    table: str
    entries: list[Entry]


class Mention(BaseModel):
    """A text in which the name stands: in which table and field, and what the row belongs to."""

    table: str
    field: str
    of: str
    on: date | datetime | None


class Registered(BaseModel):
    person: str
    as_of: date
    says: list[Said]
    places: list[Place]
    mentions: list[Mention]
    editions: list[InEdition]
    told: list[Told]


def build_registered(session: Session, reader: User, person: Person) -> Registered:
    """Everything on one person that the reader may see; about two queries a table, however much there is."""
    rows, account = Rows(session), session.exec(select(User).where(User.person_id == person.pk)).first()
    keys = {"person": person.pk, "user": account.pk if account else None}
    return Registered(
        person=person.name,
        as_of=today(),
        says=rows.in_full(person, described("person")),
        places=[place for of, field in pointing_to_people() if (place := _place(rows, of, field, keys))],
        mentions=list(_mentions(rows, reader, person)),
        editions=editions_that_name(session, person.name),
        told=told(),
    )


def pointing_to_people() -> Iterator[tuple[Description, Field]]:
    """Every field of every table that points to a person or to an account."""
    for of in descriptions():
        yield from ((of, field) for field in of.fields if field.points_to in PEOPLE)


def _place(rows: Rows, of: Description, field: Field, keys: dict[str, int | None]) -> Place | None:
    key = keys[field.points_to]
    if key is None:
        return None
    newest_first = (column.desc() for column in of.table.primary_key.columns)
    query = select(of.kind).where(_column(of, field) == key).order_by(*newest_first)
    entries = [_entry(rows, row, of, field) for row in rows.session.exec(query)]
    name = f"{of.name}.{field.name}"
    heading = _(SAYS[name]) if name in SAYS else f"{of.noun}: {field.title}"
    return Place(key=name.replace(".", "-"), heading=heading, table=of.noun, entries=entries) if entries else None


def _entry(rows: Rows, row: SQLModel, of: Description, field: Field) -> Entry:
    name, belongs_to = rows.name(row, of), rows.belongs_to(row, of)
    return Entry(
        name=name or of.noun,
        of="" if name == belongs_to else belongs_to,
        on=_date_of(row, of),
        says=rows.in_full(row, of, without=field.name),
    )


def _mentions(rows: Rows, reader: User, person: Person) -> Iterator[Mention]:
    """The texts of all tables in which the name stands, beside the person's own rows and the editions."""
    for of in descriptions():
        texts = [field for field in of.fields if field.holds_text and field.name != "search_text"]
        if of.kind in (Person, Edition) or not texts or (of.name in OTHERS_ONLY and not reader.can_run_the_list):
            continue
        query = select(of.kind).where(or_(*(_says(_column(of, field), person.name) for field in texts)))
        if of.name == "agenda_item" and not sees_closed(rows.session):
            query = query.where(~col(of.kind.closed))  # type: ignore[attr-defined] # an agenda item
        for row in rows.session.exec(query.order_by(*of.table.primary_key.columns)):
            for field in texts:
                if person.name in _text(getattr(row, field.name)):
                    belongs_to = rows.belongs_to(row, of) or rows.name(row, of)
                    yield Mention(table=of.noun, field=field.title, of=belongs_to, on=_date_of(row, of))


def _says(column: Any, name: str) -> Any:
    """Whether a text, or the JSON of a list, has a name in it; in JSON letters like ø may be written in ASCII."""
    text = sa.cast(column, sa.Text)
    return or_(*(text.contains(each, autoescape=True) for each in {name, json.dumps(name)[1:-1]}))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _date_of(row: SQLModel, of: Description) -> date | datetime | None:
    """The first date of a row that is not empty."""
    values = (getattr(row, field.name) for field in of.fields if field.sort is not Sort.technical)
    return next((value for value in values if isinstance(value, date)), None)


def _column(of: Description, field: Field) -> Any:
    return getattr(of.kind, field.name)
