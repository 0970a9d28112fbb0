"""What was sent once is done once: where it led to is kept for some days, and sending it again leads there too."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, Session, col, delete, select

from app.models.base import Table
from app.settings import now

KEPT = timedelta(days=7)


class Receipt(Table, table=True):
    """Where a form that was sent led to (kvittering). Of what was sent only a fingerprint is kept."""

    sha256: str = Field(primary_key=True, max_length=64)
    location: str = Field(sa_type=sa.Text)
    at: datetime = Field(index=True)


def receipt_of(session: Session, sha256: str) -> str:
    """Where this very thing led to when it was sent before; empty when it was not.

    Whoever sends it at the same time waits here: on PostgreSQL for this lock, on SQLite since the transaction began.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(int(sha256[:15], 16))))
    return session.exec(select(Receipt.location).where(Receipt.sha256 == sha256)).first() or ""


def keep_receipt(session: Session, sha256: str, location: str) -> None:
    """Part of the transaction that did what was sent: both are stored, or neither is."""
    session.add(Receipt(sha256=sha256, location=location, at=now()))


def forget_receipts(session: Session) -> None:
    """Nobody sends a page again that has been open for a week."""
    session.exec(delete(Receipt).where(col(Receipt.at) < now() - KEPT))
