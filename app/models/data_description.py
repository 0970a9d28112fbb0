"""What the database holds, in words: its tables, their fields, formats and what they are built on.

Made of the models themselves, so that it cannot grow stale. It is the page that offentlighedsloven § 12 asks for (L11),
the choice of fields of an extract (§ 11), the description that goes with an archive, and what `/people/{id}/registered`
calls things. Facts stand apart from assessments, because the facts of a case must be given out (§ 28; L12).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from inspect import getdoc
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

import app.models  # noqa: F401 - makes every table known
from app.i18n import N_, _, danish_order, language
from app.models.base import Choice, table_of
from app.models.data_catalogue import CATALOGUE, TITLES, Basis, Described

PEOPLE = {"person", "user"}
"""The tables whose keys say who somebody is."""

SECRET = re.compile(r"password|token|secret|sha256|_hash")
"""Fields that nobody is shown and no file holds: what proves that somebody is who they say, or what was not changed."""

TECHNICAL = {
    "agenda_no",  # it counts what is closed too: a gap would tell of it
    "id",
    "version",
    "key",
    "no",
    "search_text",
    "series",
    "sequence",
    "subject_id",
    "content",
    "ref",
    "last_step",
    "salt",
}
"""Fields that only the system uses."""


class Sort(Choice):
    fact = "fact", N_("Fact")
    assessment = "assessment", N_("Assessment")
    person = "person", N_("About a person")
    technical = "technical", N_("Used by the system only")


@dataclass(frozen=True)
class Field:
    """One field of a table: the name of its column, what it is called, and what it may hold."""

    name: str
    sort: Sort
    column: sa.Column[Any]
    title_given: str
    choices: type[Choice] | None

    @property
    def title(self) -> str:
        return _(self.title_given)

    @property
    def secret(self) -> bool:
        return SECRET.search(self.name) is not None

    @property
    def holds_text(self) -> bool:
        """Whether it holds what somebody may have written: text, or a list or structure with text in it."""
        kind = self.column.type
        kind = kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind
        return isinstance(kind, sa.String | sa.JSON) and not isinstance(kind, sa.Enum) and not self.secret

    @property
    def points_to(self) -> str:
        """The table that it points to; empty when it holds a value of its own."""
        return next((key.column.table.name for key in self.column.foreign_keys), "")

    @property
    def format(self) -> str:
        """What the field may hold, as a person says it."""
        if self.points_to:
            return _("refers to %s") % described(self.points_to).noun.lower()
        if self.choices:
            return _("one of: %s") % ", ".join(str(choice) for choice in self.choices)
        kind = self.column.type
        kind = kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind
        if isinstance(kind, sa.String) and kind.length:
            return _("text of at most %s characters") % kind.length
        return next(_(words) for of, words in _FORMATS if isinstance(kind, of))


_FORMATS: list[tuple[type[Any], str]] = [
    (sa.JSON, N_("list or structure (JSON)")),
    (sa.String, N_("text")),
    (sa.Boolean, N_("yes or no")),
    (sa.Integer, N_("whole number")),
    (sa.Float, N_("number")),
    (sa.DateTime, N_("instant (UTC)")),
    (sa.Date, N_("date")),
    (sa.LargeBinary, N_("file")),
]


@dataclass(frozen=True)
class Description:
    """One table: its Danish noun, what it is about, what it is built on, and its fields."""

    kind: type[SQLModel]
    said: Described

    @property
    def table(self) -> sa.Table:
        return table_of(self.kind)

    @property
    def name(self) -> str:
        return self.table.name

    @cached_property
    def danish(self) -> str:
        """The Danish word that stands in the docstring of the table (README, glossary)."""
        found = re.search(r"\(([a-zæøå][^()]*)\)", getdoc(self.kind) or "")
        return found[1] if found else self.name

    @property
    def noun(self) -> str:
        """»Halvårlig status«; in English the name of the class in words."""
        words = self.danish if language() == "da" else self.name.replace("_", " ")
        return words[:1].upper() + words[1:]

    @property
    def about(self) -> str:
        return _(self.said.about)

    @property
    def basis(self) -> Basis:
        return self.said.basis

    @cached_property
    def fields(self) -> list[Field]:
        return [self._field(column) for column in self.table.columns]

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    @property
    def personal(self) -> bool:
        """Whether a row of it tells of a person."""
        return any(field.sort is Sort.person for field in self.fields)

    def _field(self, column: sa.Column[Any]) -> Field:
        info = self.kind.model_fields[column.name]
        title = TITLES.get(f"{self.name}.{column.name}") or info.title or TITLES.get(column.name) or column.name
        choices = getattr(column.type, "enum_class", None)
        return Field(column.name, self._sort(column), column, title, choices)

    def _sort(self, column: sa.Column[Any]) -> Sort:
        """What is said of a field in the catalogue; a field of which nothing is said is nobody's but the system's."""
        if SECRET.search(column.name):
            return Sort.technical
        if PEOPLE & {key.column.table.name for key in column.foreign_keys}:
            return Sort.person
        for sort, names in (
            (Sort.fact, self.said.facts),
            (Sort.assessment, self.said.assessments),
            (Sort.person, self.said.people),
        ):
            if column.name in names.split():
                return sort
        return Sort.fact if column.foreign_keys else Sort.technical


def _made() -> Iterator[Description]:
    for mapper in SQLModel._sa_registry.mappers:
        name = mapper.class_.__tablename__
        yield Description(mapper.class_, CATALOGUE.get(name, Described("", Basis.system)))


_DESCRIPTIONS: dict[str, Description] = {}


def described(table: str) -> Description:
    """The description of one table, by its name in the database."""
    if not _DESCRIPTIONS:
        _DESCRIPTIONS.update({each.name: each for each in _made()})
    return _DESCRIPTIONS[table]


def descriptions() -> list[Description]:
    """Every table of the database, in the order of what it is called."""
    described("person")
    return sorted(_DESCRIPTIONS.values(), key=lambda each: danish_order(each.noun))


def plain(value: Any) -> Any:
    """A value of a column as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Choice) else value
