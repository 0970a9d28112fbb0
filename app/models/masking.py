"""Masking: the one exception to »never changes« (product.md, decision 15; invariant I5; domain.md L7).

What tells of somebody's health, and has been frozen or logged, is taken out character by character. Each masking says
which span of which row became `[maskeret]`, and the fingerprint of the row before and after, so that `verify` follows
the chain across it; the text itself is kept nowhere. The database lets exactly this change through and no other: the
span that the newest masking of the row names.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.i18n import N_, show_date
from app.models.base import Table, long_text, wrong
from app.models.event import Event
from app.models.visibility import sees_closed

MASK = "[maskeret]"
"""What stands in the place of a text that was masked."""


class MaskingForm(SQLModel):
    asks_about_health: ClassVar[bool] = False

    text: str = long_text(min_length=len(MASK), max_length=1000, title=N_("The text to be masked, letter by letter"))
    reason: str = Field(min_length=10, max_length=160, title=N_("Why it is masked"))
    confirmed: bool = Field(default=False, title=N_("I have seen where it stands. It cannot be undone."))

    @field_validator("text")
    @classmethod
    def _is_no_mask(cls, value: str) -> str:
        if MASK in value:
            raise wrong("text", N_("Write a text that has not been masked"))
        return value


class Masking(Table, table=True):
    """One span of a frozen edition or an event that was masked (maskering). Written once, never changed."""

    __table_args__ = (sa.UniqueConstraint("edition_id", "no"), sa.UniqueConstraint("event_id", "no"))

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=16, index=True)
    edition_id: int | None = None
    event_id: int | None = None
    """Keys without a foreign key, which would take over from the triggers that refuse to truncate."""
    field: str = Field(max_length=20)
    no: int
    starts_at: int
    length: int
    sha256_before: str = Field(max_length=64)
    sha256_after: str = Field(max_length=64)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32)
    masked_at: datetime
    masked_by: str = Field(max_length=120)
    reason: str = Field(max_length=160)
    closed: bool = False

    def __str__(self) -> str:
        return show_date(self.masked_at)

    @property
    def said(self) -> str:
        """Everything that it says, for its seal."""
        facts = self.model_dump(mode="json", exclude={"id", "masked_at"}) | {"masked_at": self.masked_at.isoformat()}
        return "\n".join(f"{name}={facts[name]}" for name in sorted(facts))


def seal(maskings: Iterable[Masking]) -> str:
    """What the event of a masking has of it: a SHA-256 that shows whether it is as it was written, and tells nothing
    of what it covers."""
    text = "\n\n".join(each.said for each in sorted(maskings, key=lambda each: each.id or 0))
    return hashlib.sha256(text.encode()).hexdigest()


def maskings_of_edition(session: Session, edition_id: int | None) -> list[Masking]:
    """One of each act of masking in an edition, oldest first. What was masked of closed projects only is not told to
    whoever may not see what is closed."""
    query = select(Masking).where(Masking.edition_id == edition_id).order_by(col(Masking.id))
    if not sees_closed(session):
        query = query.where(~col(Masking.closed))
    return list({each.key: each for each in session.exec(query)}.values())


def acts_of_masking(session: Session) -> list[Event]:
    """Every act of masking, from the log, the newest first."""
    query = select(Event).where(Event.action == "masked", Event.subject == "Masking")
    return list(session.exec(query.order_by(col(Event.id).desc())))


class Explained:
    """Which changes of frozen rows are maskings that stand in the log as they were written."""

    def __init__(self, session: Session) -> None:
        self.rows = session.exec(select(Masking).order_by(col(Masking.id))).all()
        self.counts = Counter((row.edition_id, row.event_id) for row in self.rows)
        logged = session.exec(select(Event).where(Event.action == "masked", Event.subject == "Masking"))
        self.seals = {event.after.get("seal") for event in logged}
        self.keys = {key for key in {row.key for row in self.rows} if self._is_logged(key)}

    def _is_logged(self, key: str) -> bool:
        return seal([row for row in self.rows if row.key == key]) in self.seals

    def unlogged(self) -> list[str]:
        """The maskings that the log does not know, as sentences."""
        return sorted(
            {
                f"The masking of {row} ({row.masked_by}) is not in the log."
                for row in self.rows
                if row.key not in self.keys
            }
        )

    def untouched(
        self, then: str, now: str, masked: int, *, edition_id: int | None = None, event_id: int | None = None
    ) -> bool:
        """Whether a row that says it was masked so often is what was written, but for those maskings."""
        if masked != self.counts[edition_id, event_id]:
            return False
        return then == now if not masked else self._leads(then, now, edition_id, event_id)

    def _leads(self, then: str, now: str, edition_id: int | None, event_id: int | None) -> bool:
        """Whether maskings, and nothing else, lead from one fingerprint of a row to another."""
        for row in self._of(edition_id, event_id):
            if row.sha256_before != then or row.key not in self.keys:
                return False
            then = row.sha256_after
        return then == now

    def _of(self, edition_id: int | None, event_id: int | None) -> Sequence[Masking]:
        return [row for row in self.rows if (row.edition_id, row.event_id) == (edition_id, event_id)]

    def told(self) -> list[str]:
        """What was masked when, by whom and why, as sentences."""
        acts = {row.key: row for row in self.rows}.values()
        return [f"Masked on {row.masked_at:%Y-%m-%d} by {row.masked_by}: {row.reason}" for row in acts]
