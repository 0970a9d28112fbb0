"""The accessibility statement: its date, whom to write to, and when it must be renewed (domain.md L1-L3)."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.settings import Settings

UPDATED_ON = date(2026, 11, 30)
"""When somebody last went through the statement (templates/accessibility/show.html) and docs/accessibility.md. Change
it with them: the authority fines old statements more often than faults."""

RENEWED_WITHIN = timedelta(days=365)


@dataclass(frozen=True)
class Statement:
    """What the page says beside its text. `was_url` is the municipality's own statement in WAS-Tool, if it has one."""

    updated_on: date
    mails: list[str]
    phones: list[str]
    was_url: str


def build_statement(settings: Settings) -> Statement:
    ways = [way.strip() for way in settings.accessibility_contact.split(",") if way.strip()]
    return Statement(
        updated_on=UPDATED_ON,
        mails=[way for way in ways if "@" in way],
        phones=[way for way in ways if "@" not in way],
        was_url=settings.was_url,
    )


def renew_by() -> date:
    """The last day on which the statement is not too old."""
    return UPDATED_ON + RENEWED_WITHIN


def too_old(day: date) -> bool:
    return day > renew_by()
