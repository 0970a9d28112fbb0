"""The frozen list of a round, with a fingerprint that also covers the edition before it (product.md, decision 9)."""

import hashlib
from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Row, Table, long_text

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
    sha256: str = Field(max_length=64)

    round: "ReportingRound" = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def is_whole(self) -> bool:
        """Whether the content is what was frozen."""
        return fingerprint(self.content, self.previous_sha256) == self.sha256


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


def fingerprint(content: str, previous_sha256: str) -> str:
    """SHA-256, in hexadecimal, over the fingerprint of the edition before and this one's content."""
    return hashlib.sha256(f"{previous_sha256}\n{content}".encode()).hexdigest()


def editions_of(session: Session, portfolio_id: int) -> list[Edition]:
    """All editions of a list in the order they were frozen."""
    return list(session.exec(select(Edition).where(Edition.portfolio_id == portfolio_id).order_by(col(Edition.id))))
