"""The frozen list of a round, with a fingerprint that also covers the edition before it (product.md, decision 9)."""

import hashlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Row, Table, long_text, rel
from app.models.event import Event
from app.models.export import Export
from app.models.masking import Masking

if TYPE_CHECKING:
    from app.models.reporting_round import ReportingRound


class Edition(Table, table=True):
    """What the board reads: the three tabs of a round as data (udgave). Written once, never changed."""

    id: int | None = Field(default=None, primary_key=True)
    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    round_id: int = Field(foreign_key="reporting_round.id", unique=True)
    frozen_at: datetime
    frozen_by: str = Field(max_length=120)
    content: str = Field(sa_type=sa.Text)
    previous_sha256: str = Field(max_length=64)
    sha256: str = Field(default="", max_length=64)
    masked: int = 0
    """How many spans of it were masked (masking.py): the only thing that may ever be changed."""

    round: "ReportingRound" = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, over everything that the edition says, and the fingerprint of the one before."""
        return self.fingerprint_with(self.content)

    def fingerprint_with(self, content: str) -> str:
        """The fingerprint that it has with this content."""
        at = self.frozen_at.astimezone(UTC).isoformat()
        said = (self.previous_sha256, self.portfolio_id, self.round_id, at, self.frozen_by, content)
        return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()

    @property
    def is_whole(self) -> bool:
        """Whether it is what was frozen."""
        return self.fingerprint == self.sha256


class AddendumForm(SQLModel):
    text: str = long_text(min_length=10, max_length=600, title=N_("Addendum"))


class Addendum(AddendumForm, Row, table=True):
    """What must be said after the freeze, dated and shown beside the edition (tilføjelse)."""

    edition_id: int = Field(foreign_key="edition.id", index=True)
    added_on: date
    author: str = Field(max_length=120)

    edition: Edition | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.text[:80]


def editions_of(session: Session, portfolio_id: int) -> list[Edition]:
    """All editions of a list in the order they were frozen, with their rounds."""
    query = select(Edition).where(Edition.portfolio_id == portfolio_id).options(joinedload(rel(Edition.round)))
    return list(session.exec(query.order_by(col(Edition.id))))


GUARDS = {"sqlite": 3, "postgresql": 2}
"""How many triggers keep each of the four tables from being changed."""

_TRIGGERS = {
    "sqlite": "select tbl_name from sqlite_master where type = 'trigger'",
    "postgresql": "select relname from pg_trigger join pg_class on pg_class.oid = tgrelid "
    "where not tgisinternal and tgenabled in ('O', 'A')",
}


def unguarded(session: Session) -> list[str]:
    """The tables of editions, addenda, events and what was taken out that the database no longer refuses to change."""
    kind = session.get_bind().dialect.name
    found = list(session.connection().execute(sa.text(_TRIGGERS[kind])).scalars())
    tables = (str(guarded.__tablename__) for guarded in (Edition, Addendum, Export, Event, Masking))
    return [name for name in tables if found.count(name) < GUARDS[kind]]
