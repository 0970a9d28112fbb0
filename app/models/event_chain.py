"""The audit log as a chain: each event's fingerprint also covers the one before it, so that a change breaks the chain.

What a transaction records is put into the chain when it commits, after everything else has been written: whoever
waits for the end of the chain then holds whatever else was wanted, and two who write never wait for each other.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import Session

from app.models.base import table_of
from app.models.event import RECORDED, Event
from app.models.masking import Explained

_EVENTS = table_of(Event)
_NOT_SAID = ("id", "sha256", "masked")
_ONE_AT_A_TIME = 0x506F7274  # PostgreSQL's lock has a number only: »Port«


def fingerprint(said: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, over everything that an event says, and the fingerprint of the one before.

    What is empty is left out, so that a column that is added one day leaves the fingerprints of before as they are.
    """
    known = {name: value for name, value in said.items() if name not in _NOT_SAID and value not in (None, "")}
    known["at"] = known["at"].astimezone(UTC).isoformat()
    text = json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def last_fingerprint(session: Session) -> str:
    """The fingerprint of the newest event; empty when there is none."""
    newest = sa.select(_EVENTS.c.sha256).order_by(_EVENTS.c.id.desc()).limit(1)
    return session.connection().execute(newest).scalar() or ""


@event.listens_for(Session, "before_commit")
def _append(session: Session) -> None:
    """Puts what was recorded at the end of the chain; one transaction at a time.

    SQLite has one writer anyway. On PostgreSQL the lock is held until the commit, which follows at once.
    """
    recorded: list[Event] = session.info.pop(RECORDED, [])
    if not recorded:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    before = last_fingerprint(session)
    for each in recorded:
        each.previous_sha256 = before
        each.sha256 = before = fingerprint({column.key: getattr(each, column.key) for column in _EVENTS.c})
    session.add_all(recorded)
    session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _rolled_back: object) -> None:
    """What did not happen is not recorded."""
    session.info.pop(RECORDED, None)


def broken_events(session: Session) -> Iterator[str]:
    """Every event that is not as it was recorded, or does not follow the one before it, as a sentence."""
    before, explained = "", Explained(session)
    query = _EVENTS.select().order_by(_EVENTS.c.id)
    for row in session.connection().execute(query, execution_options={"yield_per": 1000}).mappings():
        which = f"Event {row['id']} of {_moment(row['at'])} ({row['actor']}: {row['subject']} {row['action']})"
        if row["previous_sha256"] != before:
            yield f"{which} does not follow the one before it: something was taken out, put in or exchanged."
        now = fingerprint(dict(row))
        if not explained.untouched(row["sha256"], now, row["masked"], event_id=row["id"]):
            yield f"{which} is not what was recorded."
        before = row["sha256"]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def is_in_log(session: Session, sha256: str) -> bool:
    """Whether an event has this fingerprint: then everything that was recorded up to it is in the chain still."""
    return session.connection().execute(sa.select(_EVENTS.c.id).where(_EVENTS.c.sha256 == sha256)).first() is not None
