"""What is typed when a decision is taken down: on what it is, what was decided, and the task that comes of it (I19)."""

from datetime import date
from typing import Self, TypeVar

from pydantic import model_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.errors import NotFound
from app.i18n import N_, _
from app.models.agenda_item import AgendaItem, agenda_item
from app.models.base import wrong
from app.models.candidate import Candidate
from app.models.decision import DecisionForm
from app.models.meeting import Meeting
from app.models.minutes import Matter, deferred_to
from app.models.person import active_people
from app.models.project import Project
from app.models.proposal import Proposal
from app.models.recommendation import Recommendation
from app.models.task import TaskForm
from app.models.unit import units_on
from app.settings import today

Offered = dict[str, list[tuple[str, str]]]
FoundT = TypeVar("FoundT")


class TaskEntry(SQLModel):
    """One more task: `responsible` is a person or a unit, by key: p12 or u3."""

    task: str = Field(min_length=3, max_length=160, title=N_("Task"))
    responsible: str = Field(min_length=1, title=N_("Responsible"))
    due_from: date | None = Field(default=None, title=N_("Not before"))
    due_on: date = Field(title=N_("Deadline"))
    evaluation: bool = Field(default=False, title=N_("It is an evaluation that was ordered"))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.due_from and self.due_from > self.due_on:
            raise wrong("due_on", N_("The deadline lies before the first day"))
        return self

    @property
    def said(self) -> TaskForm:
        key = int(self.responsible[1:])
        return TaskForm(
            text=self.task,
            owner_id=key if self.responsible[0] == "p" else None,
            owner_unit_id=key if self.responsible[0] == "u" else None,
            due_from=self.due_from,
            due_on=self.due_on,
            evaluation=self.evaluation,
        )


class DecisionEntry(DecisionForm):
    """A decision with its first task, if it has one. `on` says on what it is: see `matter_of`."""

    project: str | None = Field(default=None, title=N_("The project that it is about"))
    task: str = Field(default="", max_length=160, title=N_("Task"))
    responsible: str | None = Field(default=None, title=N_("Responsible"))
    due_from: date | None = Field(default=None, title=N_("Not before"))
    due_on: date | None = Field(default=None, title=N_("Deadline"))
    evaluation: bool = Field(default=False, title=N_("It is an evaluation that was ordered"))
    on: str = ""

    @model_validator(mode="after")
    def _whole_task(self) -> Self:
        if not self.task:
            if self.responsible or self.due_from or self.due_on or self.evaluation:
                raise wrong("task", N_("Write what the task is"))
        elif not self.responsible:
            raise wrong("responsible", N_("Choose a person or a unit that is responsible"))
        elif self.due_on is None:
            raise wrong("due_on", N_("Write when it must be done"))
        elif self.due_from and self.due_from > self.due_on:
            raise wrong("due_on", N_("The deadline lies before the first day"))
        return self

    @property
    def said(self) -> DecisionForm:
        return DecisionForm(**self.model_dump(include=set(DecisionForm.model_fields)))

    @property
    def tasks(self) -> list[TaskForm]:
        return [TaskEntry(**self.model_dump(include=set(TaskEntry.model_fields))).said] if self.task else []


class AnnulmentForm(SQLModel):
    reason: str = Field(min_length=3, max_length=160, title=N_("Reason"))


def responsible(session: Session) -> list[tuple[str, str]]:
    """Who may be given a task today: units by code, then people by name."""
    units = [(f"u{unit.pk}", f"{unit.code} · {unit.name}") for unit in units_on(session, today())]
    return units + [
        (f"p{each.pk}", ", ".join(filter(None, (each.name, each.title)))) for each in active_people(session)
    ]


def offered(session: Session, meeting: Meeting) -> Offered:
    """What the form of a decision lets one choose: who is responsible, and the visible projects, also off the list."""
    query = select(Project).where(Project.portfolio_id == meeting.portfolio_id)
    projects = session.exec(query.order_by(col(Project.series).desc(), col(Project.sequence)))
    return {
        "responsible": responsible(session),
        "project": [(each.number, f"{each.number} {each.title}") for each in projects],
    }


def matter_of(session: Session, meeting: Meeting, on: str, number: str | None = None) -> Matter:
    """What a decision of a meeting is on: `recommendation-2`, `item-3` or `candidate-KEY` of its own; `deferral-KEY`,
    what the decision with this key deferred; or nothing, for one that stands alone. NotFound for anything else."""
    project = session.exec(select(Project).where(Project.number == number)).first() if number else None
    kind, _dash, key = on.partition("-")
    matter = Matter(project=project)
    if kind == "recommendation":
        matter = Matter(recommendation=_recommendation(session, meeting, key), project=project)
    elif kind == "item":
        matter = Matter(agenda_item=_item(session, meeting, key), project=project)
    elif kind == "candidate":
        matter = _of_candidate(session, meeting, key)
    elif kind == "deferral":
        matter = _deferred(session, meeting, key)
    elif on:
        raise NotFound(_("There is nothing of this kind to decide on."))
    return matter


def deferred_item(session: Session, meeting: Meeting, on: str) -> AgendaItem:
    """The item of an earlier meeting that a deferral put off to this one, by what it is called in forms."""
    return _found(_deferred(session, meeting, on.removeprefix("deferral-")).agenda_item)


def _recommendation(session: Session, meeting: Meeting, no: str) -> Recommendation:
    query = select(Recommendation).where(Recommendation.meeting_id == meeting.pk, Recommendation.no == _number(no))
    return _found(session.exec(query).first())


def _item(session: Session, meeting: Meeting, no: str) -> AgendaItem:
    """The item that decisions are kept with: what was deferred to this meeting is decided on as the earlier item."""
    item = _found(agenda_item(session, meeting, _number(no)))
    return _found(session.get(AgendaItem, item.decided_as))


def _of_candidate(session: Session, meeting: Meeting, key: str) -> Matter:
    query = select(Candidate).where(Candidate.meeting_id == meeting.pk, Candidate.key == key)
    candidate = _found(session.exec(query).first())
    under = select(Recommendation).where(
        Recommendation.meeting_id == meeting.pk, Recommendation.subject == candidate.subject
    )
    return Matter(recommendation=session.exec(under).first(), candidate=candidate)


def _deferred(session: Session, meeting: Meeting, key: str) -> Matter:
    decision = _found(next((each for each in deferred_to(session, meeting) if each.key == key), None))
    item = session.get(AgendaItem, decision.agenda_item_id) if decision.agenda_item_id else None
    proposal = session.get(Proposal, decision.proposal_id) if decision.proposal_id else None
    return Matter(decision.recommendation, item, decision.candidate, proposal, decision.project)


def _number(no: str) -> int:
    return int(no) if no.isascii() and no.isdecimal() and len(no) < 5 else 0


def _found(row: FoundT | None) -> FoundT:
    if row is None:
        raise NotFound(_("There is nothing of this kind to decide on."))
    return row
