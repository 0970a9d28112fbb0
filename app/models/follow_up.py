from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.i18n import N_, show_date
from app.models.base import BelongsToProject, Row, long_text, wrong
from app.models.milestone import months_after
from app.settings import today

QUARTER = 3
"""How many calendar months lie between two follow-ups (domain.md R53)."""


class FollowUpForm(SQLModel):
    """What was said when a task force was followed up, and what shows it."""

    held_on: date = Field(title=N_("Held on"))
    body: str = Field(min_length=2, max_length=120, title=N_("Where"))
    conclusion: str = long_text(min_length=3, max_length=600, title=N_("What was concluded"))
    evidence: str = long_text(default="", max_length=300, title=N_("How we know"))

    @model_validator(mode="after")
    def _has_been_held(self) -> Self:
        if self.held_on > today():
            raise wrong("held_on", N_("The date lies in the future"))
        return self


class FollowUp(FollowUpForm, BelongsToProject, Row, table=True):
    """One quarterly follow-up of a task force (kvartalsopfølgning), domain.md R53."""

    def __str__(self) -> str:
        return f"{self.body}, {show_date(self.held_on)}"


def next_follow_up(held: Iterable[date], starts_on: date | None) -> date | None:
    """When a task force must be followed up next: a quarter after the last time, or after its start (domain.md R53).

    A quarter is three calendar months; from a day that the month does not have, its last day (30 November gives the
    last of February). None when neither is known.
    """
    last = max(held, default=starts_on)
    return None if last is None else months_after(last, QUARTER)
