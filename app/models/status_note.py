from datetime import date
from typing import TYPE_CHECKING, Optional, Self

from pydantic import field_validator, model_validator
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of, rel, wrong
from app.models.event import add_below
from app.models.health_guard import health_words
from app.settings import today

if TYPE_CHECKING:
    from app.models.person import Person
    from app.models.project import Project
    from app.models.user import User


class NoteKind(Choice):
    running = "running", N_("Running status")
    quarterly = "quarterly", N_("Quarterly follow-up")


class StatusNoteForm(SQLModel):
    kind: NoteKind = one_of(NoteKind, default=NoteKind.running, title=N_("Type"))
    noted_on: date = Field(title=N_("Date"))
    text: str = long_text(min_length=3, max_length=600, title=N_("Status"))


class StatusNoteEntry(StatusNoteForm):
    """A note as somebody writes it: not of the future, and asked about where it looks like somebody's health."""

    no_health_data: bool = Field(default=False, title=N_("The text does not tell of anybody's health"))

    @field_validator("noted_on")
    @classmethod
    def _not_in_the_future(cls, day: date) -> date:
        if day > today():
            raise wrong("noted_on", N_("A status cannot lie in the future"))
        return day

    @model_validator(mode="after")
    def _asked_about_health(self) -> Self:
        if health_words(self.text) and not self.no_health_data:
            raise wrong("no_health_data", N_("Confirm that the text does not tell of anybody's health, or change it"))
        return self


class StatusNote(StatusNoteForm, BelongsToProject, Row, table=True):
    """A status outside the rounds (løbende status): shown on the project, never part of an edition."""

    author_id: int | None = Field(default=None, foreign_key="person.id")

    author: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.text[:80]


def write_note(session: Session, by: "User", project: "Project", entry: StatusNoteEntry) -> StatusNote:
    form = StatusNoteForm.model_validate(entry.model_dump())
    return add_below(session, by, project, StatusNote, form, author_id=by.person_id)


def notes_of(session: Session, project: "Project") -> list[StatusNote]:
    """A project's notes, newest first."""
    query = select(StatusNote).where(StatusNote.project_id == project.pk).options(joinedload(rel(StatusNote.author)))
    return list(session.exec(query.order_by(col(StatusNote.noted_on).desc(), col(StatusNote.no).desc())))
