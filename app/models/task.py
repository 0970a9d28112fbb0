"""What somebody must do because a meeting decided it (domain.md 3A Task, R63-R65, R103; 2C D10)."""

import secrets
from datetime import date
from typing import TYPE_CHECKING, Optional, Self

from pydantic import model_validator
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Choice, Row, long_text, one_of, rel, wrong
from app.models.decision import Decision

if TYPE_CHECKING:
    from app.models.person import Person
    from app.models.project import Project
    from app.models.topic import Topic
    from app.models.unit import Unit


class TaskState(Choice):
    open = "open", N_("Open")
    done = "done", N_("Done")
    lapsed = "lapsed", N_("Lapsed")


class TaskForm(SQLModel):
    """What, who and by when; the window begins on `due_from` when the decision said »between … and …«."""

    text: str = Field(min_length=3, max_length=200, title=N_("Task"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Responsible"))
    owner_unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Responsible unit"))
    due_from: date | None = Field(default=None, title=N_("Not before"))
    due_on: date = Field(title=N_("Deadline"))
    evaluation: bool = Field(default=False, title=N_("It is an evaluation that was ordered"))

    @model_validator(mode="after")
    def _somebody_by_a_day(self) -> Self:
        if self.owner_id is None and self.owner_unit_id is None:
            raise wrong("owner_id", N_("Choose a person or a unit that is responsible"))
        if self.due_from and self.due_from > self.due_on:
            raise wrong("due_on", N_("The deadline lies before the first day"))
        return self


class Task(TaskForm, Row, table=True):
    """Something to be done because of a decision or a topic (opfølgning); overdue is an open one past its deadline."""

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    decision_id: int | None = Field(default=None, foreign_key="decision.id", index=True)
    topic_id: int | None = Field(default=None, foreign_key="topic.id", index=True)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    state: TaskState = one_of(TaskState, default=TaskState.open, title=N_("State"))
    given_on: date
    evidence: str = long_text(default="", max_length=600, title=N_("What came of it"))
    ended_on: date | None = Field(default=None, title=N_("Ended on"))

    decision: Decision | None = Relationship(back_populates="tasks", sa_relationship_kwargs={"lazy": "raise"})
    topic: Optional["Topic"] = Relationship(back_populates="tasks", sa_relationship_kwargs={"lazy": "raise"})
    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner_unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        return self.state is TaskState.open

    def days_late(self, day: date) -> int:
        """How many days an open task is past its deadline; 0 when it is not, or is no longer open."""
        return max(0, (day - self.due_on).days) if self.is_open else 0


def tasks_of(session: Session, portfolio_id: int, *, only_open: bool = False) -> list[Task]:
    """The tasks of a list, by deadline, with who, for which project, and the decision and meeting that gave them."""
    query = select(Task).where(Task.portfolio_id == portfolio_id)
    if only_open:
        query = query.where(Task.state == TaskState.open)
    query = query.options(
        joinedload(rel(Task.owner)),
        joinedload(rel(Task.owner_unit)),
        joinedload(rel(Task.project)),
        joinedload(rel(Task.topic)),
        joinedload(rel(Task.decision)).joinedload(rel(Decision.meeting)),
    )
    return list(session.exec(query.order_by(col(Task.due_on), col(Task.id))))
