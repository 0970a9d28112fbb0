from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, Session, or_, select

from app.i18n import danish_order, search_key
from app.models.base import Row, texts


class Unit(Row, table=True):
    """A centre or smaller unit of the municipality (center); reorganisations end it, never delete it."""

    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    aliases: list[str] = texts()
    valid_from: date | None = None
    valid_to: date | None = None
    search_text: str = Field(default="", sa_type=sa.Text)

    def __str__(self) -> str:
        return self.code


def refresh_search_text(unit: Unit) -> None:
    unit.search_text = search_key(unit.code, unit.name, *unit.aliases)


def units_on(session: Session, day: date) -> list[Unit]:
    """The units that exist on `day`, in Danish order of their code."""
    query = select(Unit).where(
        or_(Unit.valid_from == None, Unit.valid_from <= day),  # type: ignore[operator] # noqa: E711
        or_(Unit.valid_to == None, Unit.valid_to >= day),  # type: ignore[operator] # noqa: E711
    )
    return sorted(session.exec(query), key=lambda unit: danish_order(unit.code))
