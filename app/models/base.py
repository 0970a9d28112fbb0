"""What every table shares: key, version, names of constraints, enumerations with a label."""

import re
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import declared_attr
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Field, SQLModel

from app.i18n import gettext

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Choice(StrEnum):
    """A value out of a fixed few, with the (English, translatable) label that the screen shows."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return gettext(self.label)


def one_of(choices: type[Choice], **more: Any) -> Any:
    """A field that holds one value of an enumeration, stored as text on both databases."""
    column = sa.Enum(choices, native_enum=False, length=32, values_callable=lambda c: [m.value for m in c])
    return Field(sa_type=column, **more)


def texts(**more: Any) -> Any:
    """A field that holds a list of short texts (aliases, case numbers, options), stored as JSON."""
    return Field(default_factory=list, sa_type=sa.JSON, nullable=False, **more)


def long_text(**more: Any) -> Any:
    """A field for prose: shown as a text area, stored as text without a length in the database."""
    return Field(sa_type=sa.Text, **more)


class Table(SQLModel):
    """A table is named after its noun: ReportingRound is `reporting_round`."""

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Row(Table):
    """A row with a key and a version; a save based on an older version is refused (optimistic locking)."""

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=None, nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined] # exists once mapped

    @property
    def pk(self) -> int:
        """The primary key of a row that is stored."""
        if self.id is None:
            raise ValueError(f"{type(self).__name__} is not stored yet")
        return self.id


class BelongsToProject(SQLModel):
    """A row that belongs to one project and is addressed below it by its own running number `no`.

    Numbers run within the project, so that no address tells how many rows other projects have.
    """

    project_id: int = Field(foreign_key="project.id", index=True)
    no: int

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (sa.UniqueConstraint("project_id", "no"),)


def table_of(kind: type[SQLModel]) -> sa.Table:
    """The table behind a class: for what is asked past the mapped rows, and so past what a reader may see."""
    table: sa.Table = kind.__table__  # type: ignore[attr-defined] # every table class has one
    return table


def rel(attribute: Any) -> Any:
    """A relationship as SQLAlchemy sees it; SQLModel types it as the row it leads to."""
    return attribute


def columns(*wanted: Any) -> Any:
    """A query for columns instead of rows: much faster for a tab. SQLModel's own select() is typed for four of them."""
    return sa.select(*wanted)


def stored(column: Any) -> Any:
    """A column as the text that is stored, under its own name: cheaper to read than what it means."""
    of = sa.inspect(column).expression
    text = sa.type_coerce(of, sa.String) if isinstance(of.type, sa.String) else sa.cast(of, sa.Text)
    return text.label(of.key)


class packed(FunctionElement[str]):  # noqa: N801 - it reads like the database's own functions
    """Texts as one JSON array: one text to fetch and to compare instead of thirty values."""

    type = sa.String()
    inherit_cache = True


@compiles(packed)
def _packed(element: packed, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **how)})"


@compiles(packed, "postgresql")
def _packed_by_postgresql(element: packed, compiler: SQLCompiler, **how: Any) -> str:
    return f"cast(json_build_array({compiler.process(element.clauses, **how)}) as text)"


def wrong(field: str, sentence: str) -> PydanticCustomError:
    """What a form's rule raises: a (marked, English) sentence that is shown at the field."""
    return PydanticCustomError("rule", sentence, {"field": field})
