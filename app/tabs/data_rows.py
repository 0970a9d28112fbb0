"""Rows of any table in words: what a key points to is said by its name, choices by their labels."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, SQLModel, select

from app.i18n import _, show_date, show_moment, show_number
from app.models import Meeting, Project
from app.models.base import Choice
from app.models.data_description import Description, Field, Sort, described
from app.models.event import ACTIONS, SUBJECTS, Event
from app.models.role import Role

NAMED_BY = ("name", "title", "text", "file_name", "subject_name", "subject", "function", "area", "purpose", "code")
"""The fields that may say which row it is, the likeliest first."""


class Said(BaseModel):
    """What a field is called, and what it holds."""

    field: str
    value: str


class Rows:
    """What rows are called, for one reader. Each table that something points to is read once, as the reader may see
    it: what points to something else points to nothing."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[str, dict[Any, SQLModel]] = {}

    @cached_property
    def units(self) -> dict[int, str]:
        return {key: self.name(row, described("unit")) for key, row in self.all_of("unit").items()}

    def all_of(self, table: str) -> dict[Any, SQLModel]:
        if table not in self.known:
            rows = self.session.exec(select(described(table).kind)).all()
            self.known[table] = {getattr(row, "id", None): row for row in rows}
        return self.known[table]

    def pointed_at(self, field: Field, key: Any) -> SQLModel | None:
        return self.all_of(field.points_to).get(key) if key is not None else None

    def name(self, row: SQLModel, of: Description) -> str:
        """What a row is called: by itself, or else by what it points to."""
        if of.name == "project":
            return f"{row.number} {row.title}"  # type: ignore[attr-defined] # a project
        if of.name == "user":
            return str(row.email)  # type: ignore[attr-defined] # a user
        if isinstance(row, Event):
            return row.sentence
        if isinstance(row, Meeting):
            return str(row)
        own = next((str(value) for name in NAMED_BY if (value := getattr(row, name, None))), "")
        return own if own and of.name != "seat" else self.belongs_to(row, of)

    def belongs_to(self, row: SQLModel, of: Description) -> str:
        """The names of what a row points to, except of people: »P-006 Fælles plan, januar 2022«."""
        names = (self.at(row, field) for field in of.fields if field.points_to and field.sort is not Sort.person)
        return ", ".join(filter(None, names))

    def at(self, row: SQLModel, field: Field) -> str:
        """The name of what a field of a row points to; empty when it points to nothing that the reader may see."""
        found = self.pointed_at(field, getattr(row, field.name))
        if found is None:
            return ""
        above = self.all_of("project").get(getattr(found, "project_id", None))
        name = self.name(found, described(field.points_to))
        return f"{above.number}: {name}" if isinstance(above, Project) and above.number not in name else name

    def said(self, row: SQLModel, field: Field) -> str:
        """What a field holds, as a person reads it."""
        if field.points_to:
            return self.at(row, field)
        return in_words(getattr(row, field.name), field)

    def in_full(self, row: SQLModel, of: Description, *, without: str = "") -> list[Said]:
        """Every field that holds something and is not the system's own, `without` one."""
        wanted = [field for field in of.fields if field.sort is not Sort.technical and field.name != without]
        said = (Said(field=field.title, value=self.said(row, field)) for field in wanted)
        return [each for each in said if each.value]


def in_words(value: Any, field: Field) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return show_moment(value)
    if isinstance(value, date):
        return show_date(value)
    if isinstance(value, int | float):
        return show_number(value, decimals=6) if isinstance(value, float) else str(value)
    if isinstance(value, Choice):
        return str(value)
    if field.column.table.name == "user" and field.name == "roles":
        return ", ".join(str(Role(role)) for role in value)
    if isinstance(value, list):
        return ", ".join(in_words(each, field) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {in_words(each, field)}" for key, each in value.items())
    if field.column.table.name == "event" and field.name in ("action", "subject"):
        return _((ACTIONS if field.name == "action" else SUBJECTS).get(value, value))
    return str(value)
