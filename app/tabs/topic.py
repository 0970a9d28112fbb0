"""A topic for the management forum as its page, the meeting's page and the agenda paper tell of it (R21, R104, Q15)."""

from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel
from sqlmodel import Session

from app.i18n import _, show_date
from app.models import EarlierTurn, Meeting, Task, Topic
from app.models.task import TaskState
from app.models.topic import TopicState, Turn, topics_at


class TopicTask(BaseModel):
    """What somebody must do because of a topic; `days_late` is 0 when it is done or not yet due."""

    key: str
    text: str
    owner: str
    given_on: date
    due_on: date
    ended_on: date | None
    state: TaskState
    days_late: int
    evidence: str


class PastTurn(BaseModel):
    """What came of a topic the last times: at which meeting, if one, what was said, and why it came back."""

    meeting_id: int | None
    on: date | None
    outcome: str
    no_follow_up: str
    lapsed_reason: str
    returned_on: date
    returned_reason: str


class ForumTopic(BaseModel):
    """One topic. `decision` is the sentence of the minutes that sent it, empty once annulled, `decided_on` its day.

    `meeting_on` is the day on whose agenda it stands or stood; `days_waiting` are those since it was sent, as long as
    nobody has talked about it; `days_over` those past the day by which it was to be treated.
    """

    day: date
    key: str
    title: str
    questions: list[str]
    state: TopicState
    sent_on: date
    decision: str
    decided_on: date | None
    decided_at: int | None
    number: str
    project: str
    closed: bool
    owner_id: int | None
    owner: str
    due_on: date | None
    meeting_id: int | None
    meeting_on: date | None
    minutes: int | None
    outcome: str
    no_follow_up: str
    treated_on: date | None
    lapsed_on: date | None
    lapsed_reason: str
    been_up: bool
    days_waiting: int
    days_over: int
    tasks: list[TopicTask]
    earlier: list[PastTurn]

    @property
    def lacks_outcome(self) -> bool:
        """»Intet resultat noteret«."""
        return self.been_up and not self.outcome

    @property
    def is_due(self) -> bool:
        """Whether what came of it can be taken down now: it is the day of its meeting, or it has none."""
        return self.been_up or self.meeting_on is None or self.meeting_on <= self.day

    @property
    def lacks_meeting(self) -> bool:
        return self.state in (TopicState.sent, TopicState.planned) and self.meeting_on is None

    @property
    def open_tasks(self) -> list[TopicTask]:
        return [task for task in self.tasks if task.state is TaskState.open]

    @property
    def overdue(self) -> list[TopicTask]:
        return [task for task in self.tasks if task.days_late]

    @property
    def before(self) -> PastTurn | None:
        """What was said the last time, when it has been talked about and has come back."""
        return next((turn for turn in reversed(self.earlier) if turn.outcome), None)

    @property
    def why(self) -> str:
        """Why it comes: the decision with its date, or that the secretariat sent it."""
        if self.decided_on and not self.decision:
            return _("The decision of %(day)s that sent the topic has been annulled") % {
                "day": show_date(self.decided_on)
            }
        if self.decided_on:
            return _("The executive board on %(day)s: %(decision)s") % {
                "day": show_date(self.decided_on),
                "decision": self.decision,
            }
        return _("Sent by the secretariat on %(day)s") % {"day": show_date(self.sent_on)}


class AgendaTopic(BaseModel):
    """A topic at one meeting: what came of it there. `came_back` says that it has been sent once more since."""

    topic: ForumTopic
    minutes: int | None
    outcome: str
    no_follow_up: str
    came_back: bool


def agenda_of(topics: Iterable[Topic], meeting_id: int, day: date) -> list[AgendaTopic]:
    """The topics of one meeting out of many, in the order of its agenda."""
    turns: list[tuple[Turn, Topic]] = []
    for topic in topics:
        if topic.meeting_id == meeting_id and topic.state is not TopicState.lapsed:
            turns.append((topic, topic))
        turns += [(turn, topic) for turn in topic.earlier if turn.meeting_id == meeting_id]
    return [
        AgendaTopic(
            topic=forum_topic(topic, day),
            minutes=turn.minutes,
            outcome=turn.outcome,
            no_follow_up=turn.no_follow_up,
            came_back=turn is not topic,
        )
        for turn, topic in sorted(turns, key=lambda pair: (pair[0].agenda_no or 0, pair[1].pk))
    ]


def build_agenda(session: Session, meeting: Meeting, day: date) -> list[AgendaTopic]:
    """What a meeting of the management forum is to talk about, or talked about."""
    return agenda_of(topics_at(session, meeting), meeting.pk, day)


def forum_topic(topic: Topic, day: date) -> ForumTopic:
    """A topic as it stands on a day; everything that topic.topics_of loads must be loaded."""
    decision, meeting = topic.decision, topic.forum
    waits = topic.waits and not topic.has_been_up(day)
    return ForumTopic(
        day=day,
        key=topic.key,
        title=topic.title,
        questions=topic.questions,
        state=topic.state,
        sent_on=topic.sent_on,
        decision=decision.sentence if decision and decision.stands else "",
        decided_on=decision.meeting.held_on if decision else None,
        decided_at=decision.meeting_id if decision else None,
        number=topic.project.number if topic.project else "",
        project=topic.project.title if topic.project else "",
        closed=topic.project is not None and topic.project.closed,
        owner_id=topic.owner_id,
        owner=str(topic.owner or topic.owner_unit or ""),
        due_on=topic.due_on,
        meeting_id=meeting.id if meeting else None,
        meeting_on=meeting.held_on if meeting else None,
        minutes=topic.minutes,
        outcome=topic.outcome,
        no_follow_up=topic.no_follow_up,
        treated_on=topic.treated_on,
        lapsed_on=topic.lapsed_on,
        lapsed_reason=topic.lapsed_reason,
        been_up=topic.has_been_up(day),
        days_waiting=(day - topic.sent_on).days if waits else 0,
        days_over=max(0, (day - topic.due_on).days) if waits and topic.due_on else 0,
        tasks=[_task(task, day) for task in topic.tasks],
        earlier=[_past(turn) for turn in topic.earlier],
    )


def _task(task: Task, day: date) -> TopicTask:
    return TopicTask(
        key=task.key,
        text=task.text,
        owner=str(task.owner or task.owner_unit or ""),
        given_on=task.given_on,
        due_on=task.due_on,
        ended_on=task.ended_on,
        state=task.state,
        days_late=task.days_late(day),
        evidence=task.evidence,
    )


def _past(turn: EarlierTurn) -> PastTurn:
    return PastTurn(
        meeting_id=turn.meeting_id,
        on=turn.treated_on or (turn.meeting.held_on if turn.meeting else None),
        **turn.model_dump(include={"outcome", "no_follow_up", "lapsed_reason", "returned_on", "returned_reason"}),
    )
