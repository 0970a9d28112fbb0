from datetime import date

from sqlmodel import Field, SQLModel

from app.i18n import N_, show_date
from app.models.base import BelongsToProject, Row, long_text


class FollowUpForm(SQLModel):
    """What was said when a task force was followed up, and what shows it."""

    held_on: date = Field(title=N_("Held on"))
    body: str = Field(min_length=2, max_length=120, title=N_("Where"))
    conclusion: str = long_text(min_length=3, max_length=600, title=N_("Conclusion"))
    evidence: str = long_text(default="", max_length=300, title=N_("How we know"))


class FollowUp(FollowUpForm, BelongsToProject, Row, table=True):
    """One quarterly follow-up of a task force (kvartalsopfølgning; domain.md R53)."""

    def __str__(self) -> str:
        return f"{self.body}, {show_date(self.held_on)}"
