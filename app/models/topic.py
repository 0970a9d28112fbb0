"""A topic that the board sends to the management forum, what was asked, and what came of it (domain.md R21, R104)."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Optional, Self

from pydantic import model_validator
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, or_, select

from app.errors import DomainError
from app.i18n import N_, _, show_date
from app.models.base import Choice, Row, long_text, one_of, rel, texts, wrong
from app.models.decision import Decision
from app.models.event import Facts, add, change, facts, record
from app.models.meeting import Meeting, MeetingBody, MeetingState
from app.models.task import Task, TaskForm
from app.settings import today

if TYPE_CHECKING:
    from app.models.candidate import Candidate
    from app.models.person import Person
    from app.models.project import Project
    from app.models.proposal import Proposal
    from app.models.unit import Unit
    from app.models.user import User


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


class AgendaPlace(SQLModel):
    """On which meeting's agenda a topic stands, and how long it is given there."""

    meeting_id: int = Field(foreign_key="meeting.id", title=N_("Meeting"))
    minutes: int | None = Field(default=None, ge=1, le=480, title=N_("Minutes"))


class OutcomeForm(SQLModel):
    """What came of a topic. Every change that is proposed leads to a task with an owner and a date (domain.md J5)."""

    treated_on: date = Field(title=N_("Treated on"))
    outcome: str = long_text(min_length=3, max_length=1200, title=N_("Outcome"))
    no_follow_up: str = Field(default="", max_length=160, title=N_("No follow-up, because"))

    @model_validator(mode="after")
    def _has_been_treated(self) -> Self:
        if self.treated_on > today():
            raise wrong("treated_on", N_("The date lies in the future"))
        return self


class Turn(SQLModel):
    """One turn of a topic: where it stands on which agenda, and what came of it; or why it lapsed."""

    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True, title=N_("Meeting"))
    agenda_no: int | None = None
    minutes: int | None = Field(default=None, title=N_("Minutes"))
    outcome: str = long_text(default="", max_length=1200, title=N_("Outcome"))
    no_follow_up: str = Field(default="", max_length=160, title=N_("No follow-up, because"))
    treated_on: date | None = Field(default=None, title=N_("Treated on"))
    lapsed_on: date | None = Field(default=None, title=N_("Lapsed on"))
    lapsed_reason: str = Field(default="", max_length=160, title=N_("Why it lapsed"))


class EarlierTurn(Turn, Row, table=True):
    """A turn that is over: the topic came back and is treated again (tidligere behandling)."""

    topic_id: int = Field(foreign_key="topic.id", index=True)
    returned_on: date = Field(title=N_("Came back on"))
    returned_reason: str = Field(default="", max_length=160, title=N_("Why it came back"))

    meeting: Meeting | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    topic: "Topic" = Relationship(back_populates="earlier", sa_relationship_kwargs={"lazy": "raise"})


class Topic(TopicForm, Turn, Row, table=True):
    """Something the management forum is to talk about (emne til Chefforum). Its own turn is the one that runs."""

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=32, unique=True)
    decision_id: int | None = Field(default=None, foreign_key="decision.id", index=True)
    candidate_id: int | None = Field(default=None, foreign_key="candidate.id")
    proposal_id: int | None = Field(default=None, foreign_key="proposal.id")
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    state: TopicState = one_of(TopicState, default=TopicState.sent, title=N_("State"))
    sent_on: date

    decision: Optional["Decision"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    meeting: Meeting | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner_unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    earlier: list[EarlierTurn] = Relationship(
        back_populates="topic", sa_relationship_kwargs={"lazy": "raise", "order_by": "EarlierTurn.id"}
    )
    tasks: list[Task] = Relationship(
        back_populates="topic", sa_relationship_kwargs={"lazy": "raise", "order_by": "Task.id"}
    )

    def __str__(self) -> str:
        return self.title

    @property
    def waits(self) -> bool:
        """Whether the management forum has yet to say something on it."""
        return self.state in (TopicState.sent, TopicState.planned)

    @property
    def forum(self) -> Meeting | None:
        """The meeting where it is or was treated; one that was cancelled is none. The meeting must be loaded."""
        on_agenda = self.state in (TopicState.planned, TopicState.treated)
        return self.meeting if on_agenda and self.meeting and self.meeting.takes_place else None

    def has_been_up(self, day: date) -> bool:
        """Whether its meeting is over, or it was treated without one; the meeting must be loaded."""
        over = self.forum is not None and (self.forum.state is MeetingState.held or self.forum.held_on < day)
        return self.state is TopicState.treated or over

    def lacks_outcome(self, day: date) -> bool:
        """»Intet resultat noteret«: its meeting is over, and nobody has taken down what came of it."""
        return self.has_been_up(day) and not self.outcome

    def tasks_since(self, day: date) -> list[Task]:
        """The tasks that were given on a day or later."""
        return [task for task in self.tasks if task.given_on >= day]

    def require(self, *states: TopicState) -> None:
        if self.state not in states:
            raise DomainError(
                _("This cannot be done now: the topic is %(state)s.") % {"state": str(self.state).lower()}
            )

    def put_on(self, session: Session, by: "User | None", meeting: Meeting, minutes: int | None = None) -> None:
        """On the agenda of a meeting of the management forum, as its last topic; one that has been up comes back."""
        self.require(TopicState.sent, TopicState.planned, TopicState.treated)
        if meeting.body is not MeetingBody.management_forum or meeting.portfolio_id != self.portfolio_id:
            raise DomainError(_("A topic is treated at a meeting of the management forum."))
        meeting.require(MeetingState.planned)
        before: Facts = {"state": self.state, "meeting_id": str(self.meeting) if self.meeting else None}
        before["minutes"] = self.minutes
        if self.has_been_up(today()):
            self._close_turn(session)
        if self.meeting_id != meeting.pk:
            last = session.exec(select(func.max(Topic.agenda_no)).where(Topic.meeting_id == meeting.pk)).one()
            self.agenda_no = 1 + (last or 0)
        self.meeting_id, self.meeting, self.minutes, self.state = meeting.pk, meeting, minutes, TopicState.planned
        after: Facts = {"state": self.state, "meeting_id": str(meeting), "minutes": minutes}
        self._record(session, by, "planned", before, after)

    def take_off(self, session: Session, by: "User") -> None:
        """Off the agenda again: it waits for another meeting."""
        self.require(TopicState.planned)
        before: Facts = {"meeting_id": str(self.meeting)}
        if self.has_been_up(today()):
            self._close_turn(session)
        self._begin_turn()
        self._record(session, by, "taken_off", before)

    def move(self, session: Session, by: "User", *, up: bool) -> None:
        """One place earlier or later on the agenda. The log names no places: they would tell how many there are."""
        self.require(TopicState.planned)
        on_agenda = _planned_at(session, self.meeting_id)
        here = on_agenda.index(self)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(on_agenda):
            raise DomainError(_("The topic is the first already.") if up else _("The topic is the last already."))
        on_agenda.insert(there, on_agenda.pop(here))
        for no, topic in enumerate(on_agenda, start=1):
            topic.agenda_no = no
        self._record(session, by, "moved")

    def lacking(self, form: OutcomeForm, *, has_task: bool) -> dict[str, str]:
        """What an outcome must say before it is taken down, by field; the meeting and the tasks must be loaded."""
        missing: dict[str, str] = {}
        if self.forum and form.treated_on < self.forum.held_on:
            missing["treated_on"] = _("The topic is on the agenda of %(day)s") % {"day": show_date(self.forum.held_on)}
        already = self.treated_on and self.tasks_since(self.treated_on)
        if not (has_task or already or form.no_follow_up):
            missing["no_follow_up"] = _("Add a task, or write why nothing is followed up")
        return missing

    def treat(self, session: Session, by: "User | None", form: OutcomeForm, *tasks: TaskForm) -> None:
        """Takes down what came of it, with its tasks, as one event; once more when it was written down wrongly."""
        self.require(TopicState.sent, TopicState.planned, TopicState.treated)
        if missing := self.lacking(form, has_task=bool(tasks)):
            raise DomainError(next(iter(missing.values())))
        rows = [self._task(each, form.treated_on) for each in tasks]
        session.add_all(rows)
        given: Facts = {"tasks": [f"{row.text} ({show_date(row.due_on)})" for row in rows]} if rows else {}
        if self.state is TopicState.treated:
            change(session, by, self, form, project_id=self.project_id, extra=({"tasks": []} if rows else {}, given))
            return
        for name, value in form:
            setattr(self, name, value)
        if self.forum is None:
            self.meeting_id = self.meeting = None
        self.state = TopicState.treated
        said = {name: value for name, value in form.model_dump().items() if value}
        self._record(session, by, "treated", after=said | given)

    def give_task(self, session: Session, by: "User", form: TaskForm) -> Task:
        """Something that somebody must do because of the topic; the tasks of an outcome come with it."""
        self.require(TopicState.sent, TopicState.planned, TopicState.treated)
        task = self._task(form, today())
        add(session, by, task, form, project_id=self.project_id)
        return task

    def lapse(self, session: Session, by: "User", reason: str) -> None:
        """It is not to be talked about after all."""
        self.require(TopicState.sent, TopicState.planned)
        before: Facts = {"state": self.state}
        if not self.has_been_up(today()):
            self._begin_turn()
        self.state, self.lapsed_on, self.lapsed_reason = TopicState.lapsed, today(), reason
        self._record(session, by, "lapsed", before, {"state": self.state, "lapsed_reason": reason})

    def reopen(self, session: Session, by: "User", reason: str) -> None:
        """It must be talked about again: what came of it so far stands as an earlier turn."""
        self.require(TopicState.treated, TopicState.lapsed)
        before: Facts = {"state": self.state}
        self._close_turn(session, reason)
        self._record(session, by, "reopened", before, {"state": self.state, "reason": reason})

    def _task(self, form: TaskForm, given_on: date) -> Task:
        return Task(
            **form.model_dump(),
            portfolio_id=self.portfolio_id,
            topic_id=self.pk,
            project_id=self.project_id,
            given_on=given_on,
        )

    def _close_turn(self, session: Session, reason: str = "") -> None:
        """Keeps the turn that is over, and begins the next."""
        over = {name: getattr(self, name) for name in Turn.model_fields}
        session.add(EarlierTurn(**over, topic_id=self.pk, returned_on=today(), returned_reason=reason))
        self._begin_turn()

    def _begin_turn(self) -> None:
        for name, value in Turn():
            setattr(self, name, value)
        self.meeting, self.state = None, TopicState.sent

    def _record(
        self, session: Session, by: "User | None", action: str, before: Facts | None = None, after: Facts | None = None
    ) -> None:
        record(session, by, action, self, project_id=self.project_id, before=before, after=after)


@dataclass(frozen=True)
class Origin:
    """Where a topic comes from, if not from the secretariat alone, and the project that it is about."""

    decision: Decision | None = None
    candidate: "Candidate | None" = None
    proposal: "Proposal | None" = None
    project: "Project | None" = None

    def keys(self, session: Session) -> dict[str, Any]:
        """The columns of a topic that say so; decision, candidate and proposal bring the project they are about."""
        project_id = self.project.pk if self.project else None
        for origin in (self.decision, self.candidate):
            project_id = project_id or (origin.project_id if origin else None)
        if project_id is None and self.proposal:
            project_id = self.proposal.told_with(session)
        return {
            "decision_id": self.decision.pk if self.decision else None,
            "candidate_id": self.candidate.pk if self.candidate else None,
            "proposal_id": self.proposal.pk if self.proposal else None,
            "project_id": project_id,
        }


def send(
    session: Session, by: "User | None", portfolio_id: int, form: TopicForm, origin: Origin | None = None
) -> Topic:
    """Sends a topic to the management forum: because of a decision, on the day of its meeting; otherwise today."""
    origin = origin or Origin()
    if origin.decision and not origin.decision.stands:
        raise DomainError(_("The decision has been annulled."))
    meeting = session.get(Meeting, origin.decision.meeting_id) if origin.decision else None
    day = meeting.held_on if meeting else today()
    topic = Topic(**form.model_dump(), **origin.keys(session), portfolio_id=portfolio_id, sent_on=day)
    session.add(topic)
    session.flush()
    names = {name for name in type(form).model_fields if getattr(topic, name) not in (None, "", [])}
    record(session, by, "sent", topic, project_id=topic.project_id, after=facts(session, topic, names))
    return topic


def change_topic(session: Session, by: "User", topic: Topic, form: TopicForm) -> None:
    change(session, by, topic, form, project_id=topic.project_id)


def topics_of(session: Session, portfolio_id: int) -> list[Topic]:
    """Every topic sent to the management forum, the newest first, with everything that is said of it."""
    query = select(Topic).where(Topic.portfolio_id == portfolio_id).options(*_with_everything())
    return list(session.exec(query.order_by(col(Topic.sent_on).desc(), col(Topic.id).desc())))


def topics_at(session: Session, meeting: Meeting) -> list[Topic]:
    """The topics that stand or stood on a meeting's agenda, also those that have come back since; in any order."""
    been = col(Topic.id).in_(select(EarlierTurn.topic_id).where(EarlierTurn.meeting_id == meeting.pk))
    query = select(Topic).where(or_(Topic.meeting_id == meeting.pk, been))
    return list(session.exec(query.options(*_with_everything())))


def topics_awaiting(session: Session, portfolio_id: int) -> list[Topic]:
    """The topics that nobody has talked about or written down an outcome of, with meeting and project."""
    waits = col(Topic.state).in_((TopicState.sent, TopicState.planned))
    query = select(Topic).where(Topic.portfolio_id == portfolio_id, waits)
    query = query.options(joinedload(rel(Topic.meeting)), joinedload(rel(Topic.project)))
    return list(session.exec(query.order_by(col(Topic.sent_on), col(Topic.id))))


def topic_by_key(session: Session, portfolio_id: int, key: str, *, for_update: bool = False) -> Topic | None:
    """A visible topic with everything that is said of it."""
    query = select(Topic).where(Topic.portfolio_id == portfolio_id, Topic.key == key).options(*_with_everything())
    return session.exec(query.with_for_update(of=Topic) if for_update else query).first()


def forum_meetings(session: Session, portfolio_id: int) -> list[Meeting]:
    """The meetings of the management forum that take place, in their order."""
    query = select(Meeting).where(
        Meeting.portfolio_id == portfolio_id,
        Meeting.body == MeetingBody.management_forum,
        Meeting.state != MeetingState.cancelled,
    )
    return list(session.exec(query.order_by(col(Meeting.held_on), col(Meeting.id))))


def _planned_at(session: Session, meeting_id: int | None) -> list[Topic]:
    """The topics that are to be treated at a meeting, in the order of its agenda."""
    query = select(Topic).where(Topic.meeting_id == meeting_id, Topic.state == TopicState.planned)
    return list(session.exec(query.order_by(col(Topic.agenda_no), col(Topic.id))))


def _with_everything() -> tuple[Any, ...]:
    """Who, where it comes from, when it is and was treated, and its tasks. Eight tables in three queries."""
    return (
        joinedload(rel(Topic.owner)),
        joinedload(rel(Topic.owner_unit)),
        joinedload(rel(Topic.project)),
        joinedload(rel(Topic.meeting)),
        joinedload(rel(Topic.decision)).joinedload(rel(Decision.meeting)),
        joinedload(rel(Topic.decision)).joinedload(rel(Decision.recommendation)),
        selectinload(rel(Topic.earlier)).joinedload(rel(EarlierTurn.meeting)),
        selectinload(rel(Topic.tasks)).options(joinedload(rel(Task.owner)), joinedload(rel(Task.owner_unit))),
    )
