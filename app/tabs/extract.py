"""An extract of the database: chosen tables and fields, of a period, never with closed projects (§ 11; L10, L12, L16).

Names become roles and assessments are left out unless somebody asks for them; what leaves the house has neither.
Statuses and follow-ups are there once they are approved, and closed items of an agenda never.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, col, or_, select

from app.i18n import _, show_date
from app.models import AgendaItem, Assessment, EffectFollowUp, Person, Portfolio, Report, User
from app.models.data_description import Description, Field
from app.models.effect_follow_up import FollowUpState
from app.models.export import Profile
from app.models.extract import ExtractForm, extractable
from app.models.report import ReportState
from app.models.visibility import nothing_closed
from app.settings import COPENHAGEN, today
from app.tabs.data_rows import Rows
from app.tabs.external import hiding

Value = str | float | date | None

_APPROVED = col(Report.state).in_((ReportState.approved, ReportState.frozen))
ONLY: dict[type[SQLModel], Any] = {
    Report: _APPROVED,
    Assessment: col(Assessment.report_id).in_(select(Report.id).where(_APPROVED)),
    EffectFollowUp: EffectFollowUp.state == FollowUpState.approved,
    AgendaItem: ~col(AgendaItem.closed),
}
"""Which rows of a table are in an extract, where not all are."""


@dataclass(frozen=True)
class ExtractTable:
    """The rows of one table: text, numbers and dates under their headings; `dated` whether the period narrows them."""

    name: str
    noun: str
    about: str
    basis: str
    fields: list[tuple[str, str, str]]
    """Heading, kind of information and format of each."""
    rows: list[list[Value]]
    dated: bool


@dataclass(frozen=True)
class Extract:
    portfolio: str
    made_on: date
    said: list[tuple[str, str]]
    """What was asked for and what is left out, as heading and text."""
    tables: list[ExtractTable]

    @property
    def in_words(self) -> str:
        return ". ".join(f"{heading}: {text}" for heading, text in self.said)


def build_extract(session: Session, portfolio: Portfolio, wanted: ExtractForm) -> Extract:
    """The extract that is asked for, whoever asks; about one query a table that is in it or is pointed to."""
    with nothing_closed(session):
        rows = Rows(session)
        names = [] if wanted.names else [*session.exec(select(Person.name))]
        hide = hiding(names)
        chosen = [each for each in extractable(wanted.profile) if each.name in wanted.tables]
        tables = [_table(rows, of, wanted, hide) for of in chosen]
    return Extract(portfolio.name, today(), _said(wanted, tables), tables)


def _table(rows: Rows, of: Description, wanted: ExtractForm, hide: Callable[[str], str]) -> ExtractTable:
    fields = [field for field in of.fields if wanted.has(of, field)]
    query = select(of.kind).order_by(*of.table.primary_key.columns)
    for condition in [ONLY[of.kind]] if of.kind in ONLY else []:
        query = query.where(condition)
    for condition in _within(of, wanted.from_on, wanted.to_on):
        query = query.where(condition)
    return ExtractTable(
        name=of.name,
        noun=of.noun,
        about=of.about,
        basis=str(of.basis),
        fields=[(field.title, str(field.sort), field.format) for field in fields],
        rows=[[_value(rows, row, field, wanted, hide) for field in fields] for row in rows.session.exec(query)],
        dated=bool(of.said.when),
    )


def _within(of: Description, from_on: date | None, to_on: date | None) -> list[Any]:
    """That a row's day, or some day of its period, is within the one asked for; both days included."""
    when = [getattr(of.kind, name) for name in of.said.when.split()]
    if not when:
        return []
    begins, ends = when[0], when[-1]
    open_end = len(when) == 2
    conditions = []
    if to_on:
        conditions.append(or_(begins.is_(None), begins < _bound(begins, to_on + timedelta(days=1))))
    if from_on:
        late = ends >= _bound(ends, from_on)
        conditions.append(or_(ends.is_(None), late) if open_end else late)
    return conditions


def _bound(column: Any, day: date) -> date | datetime:
    """The beginning of a day, as the column counts time."""
    is_date = column.type.python_type is date
    return day if is_date else datetime.combine(day, datetime.min.time(), COPENHAGEN)


def _value(rows: Rows, row: SQLModel, field: Field, wanted: ExtractForm, hide: Callable[[str], str]) -> Value:
    value = getattr(row, field.name)
    if field.points_to in ("person", "user") and not wanted.names:
        return _role(rows, rows.pointed_at(field, value))
    if isinstance(value, datetime):
        return value.astimezone(COPENHAGEN).date()
    if field.name == "year":
        return str(value)
    if isinstance(value, date) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value if not field.points_to else hide(rows.said(row, field))
    return hide(rows.said(row, field))


def _role(rows: Rows, found: SQLModel | None) -> str:
    """Somebody without a name: the unit, or for an outsider the organisation."""
    person = rows.all_of("person").get(found.person_id) if isinstance(found, User) else found
    if not isinstance(person, Person):
        return _("Somebody without a place in the organisation") if found else ""
    if person.external:
        return person.organisation or _("Outside the municipality")
    return rows.units.get(person.unit_id or 0) or _("Employee")


def _said(wanted: ExtractForm, tables: list[ExtractTable]) -> list[tuple[str, str]]:
    external = wanted.profile is Profile.external
    nouns = ", ".join(table.noun for table in tables) or "–"
    said = [(_("Tables"), nouns), (_("Profile"), str(wanted.profile))]
    if wanted.from_on or wanted.to_on:
        said.append((_("Period"), f"{show_date(wanted.from_on)} – {show_date(wanted.to_on)}"))
        if undated := ", ".join(table.noun for table in tables if not table.dated):
            said.append((_("Whole, because its rows have no date"), undated))
    said.append(
        (_("Names of people"), _("Yes") if wanted.names else _("Left out: the unit or the organisation stands instead"))
    )
    said.append((_("Assessments"), _("Yes") if wanted.assessments else _("Left out")))
    said.append((_("Closed projects"), _("Never part of an extract")))
    if external and (
        kept := [each.noun for each in extractable() if each.name in wanted.tables and not each.said.leaves]
    ):
        said.append((_("Stays in the house"), ", ".join(kept)))
    return said
