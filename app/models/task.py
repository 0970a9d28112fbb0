"""What somebody must do because a meeting decided it (domain.md 3A Task, R63-R65, R103; 2C D10)."""

import secrets
from datetime import date
from typing import TYPE_CHECKING, Optional, Self

from pydantic import model_validator
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Choice, Row, long_text, one_of, rel, wrong
from app.models.decision import Decision
from app.models.event import Facts, change, facts, record
from app.settings import today

if TYPE_CHECKING:
    from app.models.person import Person
    from app.models.project import Project
    from app.models.topic import Topic
    from app.models.unit import Unit
    from app.models.user import User


class TaskState(Choice):
    open = "open", N_("Open")
    done = "done", N_("Done")
    lapsed = "lapsed", N_("Lapsed")


class TaskText(SQLModel):
    text: str = Field(min_length=3, max_length=200, title=N_("Task"))


class TaskOwner(SQLModel):
    """Who is responsible: a person, or a unit that has not named one."""

    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Responsible"))
    owner_unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Responsible unit"))

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.owner_id is None and self.owner_unit_id is None:
            raise wrong("owner_id", N_("Choose a person or a unit that is responsible"))
        return self


class TaskDates(SQLModel):
    """By when; the window begins on `due_from` when the decision said »between … and …« (domain.md R63)."""

    due_from: date | None = Field(default=None, title=N_("Not before"))
    due_on: date = Field(title=N_("Deadline"))

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        if self.due_from and self.due_from > self.due_on:
            raise wrong("due_on", N_("The deadline lies before the first day"))
        return self


class TaskForm(TaskDates, TaskOwner, TaskText):
    """What, who and by when. A field of the last class stands first on the page."""

    evaluation: bool = Field(default=False, title=N_("It is an evaluation that was ordered"))


class EvidenceForm(SQLModel):
    evidence: str = long_text(min_length=3, max_length=600, title=N_("What came of it"))


class CompletionForm(EvidenceForm):
    """What came of it, and on which day it was done."""

    ended_on: date = Field(title=N_("Carried out on"))

    @model_validator(mode="after")
    def _has_been_done(self) -> Self:
        if self.ended_on > today():
            raise wrong("ended_on", N_("The date lies in the future"))
        return self


class PostponementForm(TaskDates):
    """Another deadline or window, and why."""

    reason: str = long_text(min_length=3, max_length=300, title=N_("Reason"))


class WishForm(SQLModel):
    """The deadline that whoever is responsible asks for, and why."""

    wished_on: date = Field(title=N_("Wished deadline"))
    wished_reason: str = long_text(min_length=3, max_length=300, title=N_("Reason"))


class BecauseForm(SQLModel):
    """Why a task lapses or is opened again, or why its deadline is kept."""

    reason: str = long_text(min_length=3, max_length=300, title=N_("Reason"))


class Task(TaskForm, Row, table=True):
    """Something to be done because of a decision or a topic (opfølgning); overdue is an open one past its deadline.

    `first_due_on` is the deadline that it was given with, once it has been moved; `evidence` has a paragraph for each
    time that somebody said what came of it.
    """

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    decision_id: int | None = Field(default=None, foreign_key="decision.id", index=True)
    topic_id: int | None = Field(default=None, foreign_key="topic.id", index=True)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    state: TaskState = one_of(TaskState, default=TaskState.open, title=N_("State"))
    given_on: date
    first_due_on: date | None = Field(default=None, title=N_("First deadline"))
    wished_on: date | None = Field(default=None, title=N_("Wished deadline"))
    wished_reason: str = long_text(default="", max_length=300, title=N_("Reason"))
    evidence: str = long_text(default="", title=N_("What came of it"))
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

    def complete(self, session: Session, by: "User | None", form: CompletionForm) -> None:
        """It has been done; the evidence says what came of it."""
        self.require_open()
        if form.ended_on < self.given_on:
            raise DomainError(_("It cannot have been done before it was given."))
        self._end(session, by, "done", TaskState.done, form.ended_on, {"evidence": form.evidence})

    def lapse(self, session: Session, by: "User | None", reason: str) -> None:
        """It is no longer to be done. The reason stands as what came of it."""
        self.require_open()
        self._end(session, by, "lapsed", TaskState.lapsed, today(), {"evidence": reason})

    def reopen(self, session: Session, by: "User", reason: str) -> None:
        """It was not done after all. What was said of it stays."""
        if self.is_open:
            raise DomainError(_("The task is open already."))
        before: Facts = {"state": self.state, "ended_on": self.ended_on}
        self.state, self.ended_on = TaskState.open, None
        self._record(session, by, "reopened", before, {"state": self.state, "reason": reason})

    def document(self, session: Session, by: "User", evidence: str) -> None:
        """Adds a paragraph about what came of it, also after it has ended."""
        self.evidence = f"{self.evidence}\n{evidence}".strip()
        self._record(session, by, "documented", {}, {"evidence": evidence})

    def postpone(self, session: Session, by: "User", form: PostponementForm) -> None:
        """Gives it another deadline. The first one is kept, and a wish for another is answered."""
        self.require_open()
        before = {name: getattr(self, name) for name in TaskDates.model_fields if getattr(self, name) is not None}
        if self.first_due_on is None and form.due_on != self.due_on:
            self.first_due_on = self.due_on
        self.due_from, self.due_on = form.due_from, form.due_on
        self.wished_on, self.wished_reason = None, ""
        after: Facts = {"due_from": form.due_from, "due_on": form.due_on, "reason": form.reason}
        self._record(session, by, "postponed", before, {name: said for name, said in after.items() if said})

    def wish(self, session: Session, by: "User", form: WishForm) -> None:
        """Asks the secretariat for another deadline; until it has answered, the one there is counts."""
        self.require_open()
        self.wished_on, self.wished_reason = form.wished_on, form.wished_reason
        after: Facts = {"wished_on": form.wished_on, "reason": form.wished_reason}
        self._record(session, by, "asked_for_time", {"due_on": self.due_on}, after)

    def keep_deadline(self, session: Session, by: "User", reason: str) -> None:
        """Says no to the wish for another deadline."""
        if self.wished_on is None:
            raise DomainError(_("Nobody has asked for another deadline."))
        before: Facts = {"wished_on": self.wished_on}
        self.wished_on, self.wished_reason = None, ""
        self._record(session, by, "kept_to_its_deadline", before, {"due_on": self.due_on, "reason": reason})

    def hand_over(self, session: Session, by: "User", form: TaskOwner) -> None:
        """Makes somebody else responsible; nothing is written when it is the same."""
        self.require_open()
        change(session, by, self, form, project_id=self.project_id)

    def require_open(self) -> None:
        if not self.is_open:
            raise DomainError(_("This cannot be done now: the task is %(state)s.") % {"state": str(self.state).lower()})

    def _end(
        self, session: Session, by: "User | None", action: str, state: TaskState, on: date, said: dict[str, str]
    ) -> None:
        before: Facts = {"state": self.state}
        self.state, self.ended_on = state, on
        self.wished_on, self.wished_reason = None, ""
        self.evidence = f"{self.evidence}\n{said['evidence']}".strip()
        self._record(session, by, action, before, facts(session, self, {"state", "ended_on"}) | said)

    def _record(self, session: Session, by: "User | None", action: str, before: Facts, after: Facts) -> None:
        session.flush()
        record(session, by, action, self, project_id=self.project_id, before=before, after=after)


def due_lacks(form: TaskDates, task: Task, day: date) -> str:
    """What is wrong with a new deadline, as a sentence; empty when nothing is."""
    if form.due_on < day:
        return _("Write a day to come")
    if form.due_on == task.due_on and form.due_from == task.due_from:
        return _("This is the deadline already")
    return ""


def tasks_of(session: Session, portfolio_id: int, *, only_open: bool = False) -> list[Task]:
    """The tasks of a list, by deadline, with who, for which project, and the decision and meeting that gave them."""
    query = select(Task).where(Task.portfolio_id == portfolio_id)
    if only_open:
        query = query.where(Task.state == TaskState.open)
    return list(session.exec(with_sources(query).order_by(col(Task.due_on), col(Task.id))))


def task_by_key(session: Session, portfolio_id: int, key: str, *, for_update: bool = False) -> Task | None:
    """One task with the same; None when there is none, or the reader may not know of it."""
    query = with_sources(select(Task).where(Task.portfolio_id == portfolio_id, Task.key == key))
    return session.exec(query.with_for_update(of=Task) if for_update else query).first()


def with_sources(query: SelectOfScalar[Task]) -> SelectOfScalar[Task]:
    """A query for tasks with who, for which project, and what gave them."""
    decided = joinedload(rel(Task.decision))
    return query.options(
        joinedload(rel(Task.owner)),
        joinedload(rel(Task.owner_unit)),
        joinedload(rel(Task.project)),
        joinedload(rel(Task.topic)),
        decided.joinedload(rel(Decision.meeting)),
        decided.joinedload(rel(Decision.recommendation)),
        decided.joinedload(rel(Decision.candidate)),
    )
