"""What is typed about a topic: where it comes from, and what came of it with the task that it leads to."""

from datetime import date
from typing import Any, Self

from pydantic import model_validator
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Session, SQLModel, col, select

from app.errors import NotFound
from app.i18n import N_, _
from app.models.base import rel, wrong
from app.models.candidate import Candidate, CandidateState
from app.models.decision import MOVES, Decision
from app.models.meeting import Meeting, MeetingBody, MeetingState
from app.models.person import active_people
from app.models.project import Project
from app.models.proposal import proposal_by_key
from app.models.recommendation import Recommendation, Subject
from app.models.task import TaskForm
from app.models.topic import Origin, OutcomeForm, Topic, TopicForm, forum_meetings
from app.models.unit import units_on
from app.settings import today


class TopicEntry(TopicForm):
    """A new topic: with the number of the project that it is about, and the key of what sends it, if anything does."""

    project: str | None = Field(default=None, title=N_("The project that it is about"))
    decision: str = ""
    candidate: str = ""
    proposal: str = ""

    @property
    def said(self) -> TopicForm:
        return TopicForm(**self.model_dump(include=set(TopicForm.model_fields)))


ORIGINS = ("decision", "candidate", "proposal")


class ReasonForm(SQLModel):
    reason: str = Field(min_length=3, max_length=160, title=N_("Reason"))


class MoveForm(SQLModel):
    up: bool = False


class OutcomeEntry(OutcomeForm):
    """What came of a topic, with one task; more tasks are given on the topic's page."""

    task: str = Field(default="", max_length=200, title=N_("Task"))
    owner_id: int | None = Field(default=None, title=N_("Responsible"))
    owner_unit_id: int | None = Field(default=None, title=N_("Responsible unit"))
    due_on: date | None = Field(default=None, title=N_("Deadline"))

    @model_validator(mode="after")
    def _whole_task(self) -> Self:
        if not self.task:
            if self.owner_id or self.owner_unit_id or self.due_on:
                raise wrong("task", N_("Write what the task is"))
        elif self.owner_id is None and self.owner_unit_id is None:
            raise wrong("owner_id", N_("Choose a person or a unit that is responsible"))
        elif self.due_on is None:
            raise wrong("due_on", N_("Write when it must be done"))
        return self

    @property
    def said(self) -> OutcomeForm:
        return OutcomeForm(**self.model_dump(include=set(OutcomeForm.model_fields)))

    @property
    def tasks(self) -> list[TaskForm]:
        if not self.task or self.due_on is None:
            return []
        return [TaskForm(text=self.task, owner_id=self.owner_id, owner_unit_id=self.owner_unit_id, due_on=self.due_on)]


def origin_of(
    session: Session,
    portfolio_id: int,
    *,
    project: str | None = None,
    decision: str = "",
    candidate: str = "",
    proposal: str = "",
) -> Origin:
    """What the keys of an address or a form mean; a key that names nothing is an error."""
    found = Origin(
        decision=_decision(session, portfolio_id, decision) if decision else None,
        candidate=_candidate(session, portfolio_id, candidate) if candidate else None,
        proposal=proposal_by_key(session, portfolio_id, proposal) if proposal else None,
        project=session.exec(select(Project).where(Project.number == project)).first() if project else None,
    )
    wanted = {"project": project, "decision": decision, "candidate": candidate, "proposal": proposal}
    if any(key and getattr(found, name) is None for name, key in wanted.items()):
        raise NotFound(_("What sends the topic does not exist."))
    return found


def responsible(session: Session, topic: Topic | None = None) -> dict[str, list[tuple[str, str]]]:
    """Who may be responsible for a topic or a task: people and units, also those who are already."""
    people = active_people(session, *([topic.owner_id] if topic else []))
    units = units_on(session, today(), *([topic.owner_unit_id] if topic else []))
    return {
        "owner_id": [(str(each.pk), each.name) for each in people],
        "owner_unit_id": [(str(each.pk), f"{each.code} · {each.name}") for each in units],
    }


def meetings_to_choose(session: Session, topic: Topic) -> list[Meeting]:
    """The meetings of the management forum that have not been held, the next first."""
    return [each for each in forum_meetings(session, topic.portfolio_id) if each.is_planned]


def suggested(origin: Origin) -> dict[str, Any]:
    """What a new topic begins with: the words of what sends it (domain.md R104: a decision with its questions)."""
    title, questions = "", []
    for source, words in ((origin.candidate, "text"), (origin.proposal, "reason"), (origin.decision, "request")):
        if source:
            title = title or (source.text if isinstance(source, Decision) else source.title)
            questions += getattr(source, words).splitlines()
    if origin.decision and origin.decision.candidate:
        title = origin.decision.candidate.title
    return {"title": title[:160], "questions": [line.strip() for line in questions if line.strip()]}


def decisions_for_forum(session: Session, portfolio_id: int) -> list[Decision]:
    """What the board has decided on which discussions to hold there, the newest first (recommendation 4, R21).

    What it only noted, discussed, deferred or rejected sends nothing, and what was seen to by tasks is seen to.
    """
    query = (
        select(Decision)
        .join(rel(Decision.recommendation))
        .join(rel(Decision.meeting))
        .where(
            Meeting.portfolio_id == portfolio_id,
            Recommendation.subject == Subject.forum,
            col(Decision.annulled_at).is_(None),
            col(Decision.verb).in_(MOVES),
        )
        .options(
            joinedload(rel(Decision.meeting)), joinedload(rel(Decision.candidate)), selectinload(rel(Decision.tasks))
        )
    )
    found = session.exec(query.order_by(col(Meeting.held_on).desc(), col(Decision.id).desc()))
    return [each for each in found if not each.tasks or any(task.is_open for task in each.tasks)]


def candidates_for_forum(session: Session, portfolio_id: int) -> list[Candidate]:
    """What has been taken up for the board's next decision on which discussions to hold there."""
    query = (
        select(Candidate)
        .join(Meeting, col(Meeting.id) == Candidate.meeting_id)
        .where(
            Meeting.portfolio_id == portfolio_id,
            Meeting.body == MeetingBody.executive_board,
            Meeting.state == MeetingState.planned,
            Candidate.subject == Subject.forum,
            Candidate.state == CandidateState.accepted,
        )
    )
    return list(session.exec(query.order_by(col(Candidate.id))))


def _decision(session: Session, portfolio_id: int, key: str) -> Decision | None:
    query = select(Decision).join(rel(Decision.meeting)).where(Meeting.portfolio_id == portfolio_id)
    query = query.options(joinedload(rel(Decision.meeting)), joinedload(rel(Decision.candidate)))
    return session.exec(query.where(Decision.key == key)).first()


def _candidate(session: Session, portfolio_id: int, key: str) -> Candidate | None:
    query = select(Candidate).join(Meeting, col(Meeting.id) == Candidate.meeting_id)
    return session.exec(query.where(Meeting.portfolio_id == portfolio_id, Candidate.key == key)).first()
