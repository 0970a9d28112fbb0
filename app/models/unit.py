from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, Session, and_, col, or_, select

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


def units_on(session: Session, day: date, *and_these: int | None) -> list[Unit]:
    """The units that exist on `day`, and those already chosen, in Danish order of their code."""
    exists = and_(
        or_(col(Unit.valid_from).is_(None), col(Unit.valid_from) <= day),
        or_(col(Unit.valid_to).is_(None), col(Unit.valid_to) >= day),
    )
    units = session.exec(select(Unit).where(or_(exists, col(Unit.id).in_(and_these))))
    return sorted(units, key=lambda unit: danish_order(unit.code))
