"""A topic that the board sends to the management forum, what was asked, and what came of it (domain.md R21, R104)."""

import secrets
from datetime import date
from typing import TYPE_CHECKING, Optional

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Choice, Row, long_text, one_of, rel, texts

if TYPE_CHECKING:
    from app.models.decision import Decision
    from app.models.meeting import Meeting
    from app.models.person import Person
    from app.models.project import Project
    from app.models.task import Task
    from app.models.unit import Unit


class TopicState(Choice):
    sent = "sent", N_("Sent")
    planned = "planned", N_("On an agenda")
    treated = "treated", N_("Treated")
    lapsed = "lapsed", N_("Lapsed")


class TopicForm(SQLModel):
    title: str = Field(min_length=3, max_length=160, title=N_("Topic"))
    questions: list[str] = texts(title=N_("What was asked"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Responsible"))
    owner_unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Responsible unit"))
    due_on: date | None = Field(default=None, title=N_("To be treated by"))


class Topic(TopicForm, Row, table=True):
    """Something the management forum is to talk about (emne til Chefforum)."""

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    decision_id: int | None = Field(default=None, foreign_key="decision.id", index=True)
    candidate_id: int | None = Field(default=None, foreign_key="candidate.id")
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True)
    state: TopicState = one_of(TopicState, default=TopicState.sent, title=N_("State"))
    sent_on: date
    outcome: str = long_text(default="", max_length=1200, title=N_("Outcome"))
    treated_on: date | None = Field(default=None, title=N_("Treated on"))

    decision: Optional["Decision"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    meeting: Optional["Meeting"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner_unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    tasks: list["Task"] = Relationship(
        back_populates="topic", sa_relationship_kwargs={"lazy": "raise", "order_by": "Task.id"}
    )

    def __str__(self) -> str:
        return self.title


def topics_of(session: Session, portfolio_id: int) -> list[Topic]:
    """Every topic sent to the management forum, the newest first, with who, when it was treated and its tasks."""
    query = select(Topic).where(Topic.portfolio_id == portfolio_id)
    query = query.options(
        joinedload(rel(Topic.owner)),
        joinedload(rel(Topic.owner_unit)),
        joinedload(rel(Topic.project)),
        joinedload(rel(Topic.meeting)),
        joinedload(rel(Topic.decision)),
        selectinload(rel(Topic.tasks)),
    )
    return list(session.exec(query.order_by(col(Topic.sent_on).desc(), col(Topic.id).desc())))
