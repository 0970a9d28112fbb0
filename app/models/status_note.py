from datetime import date
from typing import TYPE_CHECKING, Optional

from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of

if TYPE_CHECKING:
    from app.models.person import Person


class NoteKind(Choice):
    running = "running", N_("Running status")
    quarterly = "quarterly", N_("Quarterly follow-up")


class StatusNoteForm(SQLModel):
    kind: NoteKind = one_of(NoteKind, default=NoteKind.running, title=N_("Type"))
    noted_on: date = Field(title=N_("Date"))
    text: str = long_text(min_length=3, max_length=600, title=N_("Status"))


class StatusNote(StatusNoteForm, BelongsToProject, Row, table=True):
    """A status outside the rounds (løbende status): shown on the project, never part of an edition."""

    author_id: int | None = Field(default=None, foreign_key="person.id")

    author: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.text[:80]
