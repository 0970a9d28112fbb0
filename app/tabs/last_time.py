"""»Det besluttede I sidst«: what the meetings before decided, and what came of it (domain.md R102, R103; 2C D10, D12).

A meeting on a round, and the paper for it, open with this: the decisions since the meeting on the round before, and of
all earlier ones whatever is still to be done, has been done since, or was deferred and not taken up again. So what was
ordered and forgotten comes back at every meeting until somebody says what came of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import Session, and_, col, or_, select

from app.i18n import N_, show_date
from app.models import Decision, Meeting, Portfolio, Recommendation, Task, Topic
from app.models.base import Choice, rel
from app.models.decision import MATTER, DecisionVerb
from app.models.meeting import MeetingBody, MeetingState
from app.models.task import TaskState
from app.tabs.tasks import TaskLine, agenda_items, decided_on, lines_by_decision, lines_where


class Outcome(Choice):
    """What came of a decision, in a word."""

    done = "done", N_("Done")
    late = "late", N_("Late")
    not_due = "not_due", N_("Not due yet")
    lapsed = "lapsed", N_("Lapsed")
    treated = "treated", N_("Treated")
    no_outcome = "no_outcome", N_("Discussed, no outcome")
    taken_up = "taken_up", N_("Taken up again")
    no_follow_up = "no_follow_up", N_("No follow-up")
    nothing_asked = "nothing_asked", N_("Nothing to follow up")
    lacking = "lacking", N_("Follow-up is missing")
    not_decided = "not_decided", N_("No decision recorded")


class LastTimeLine(BaseModel):
    """One thing that came of a decision, or a decision that nothing came of, or that is missing.

    `place` is where it stood on the agenda. `what` is the task or the topic for the management forum, whose address
    ends in `key` or `topic`. `days` are past the deadline, or left until it; `said` is the evidence, the outcome or the
    reason.
    """

    meeting_id: int
    held_on: date
    place: int
    item: str
    about: str = ""
    verb: DecisionVerb | None = None
    sentence: str = ""
    decision: str = ""
    number: str = ""
    title: str = ""
    closed: bool = False
    key: str = ""
    topic: str = ""
    what: str = ""
    evaluation: bool = False
    who: str = ""
    due_on: date | None = None
    ended_on: date | None = None
    outcome: Outcome
    days: int = 0
    said: str = ""

    def meeting(self, body: MeetingBody) -> str:
        """The meeting of a body that decided it, in words."""
        return f"{body} {show_date(self.held_on)}"

    def still_matters(self, since: date) -> bool:
        """Whether it is still to be done, or was done on a day or after it."""
        waits = self.outcome in (Outcome.late, Outcome.not_due)
        return waits or (self.ended_on is not None and self.ended_on >= since)


class LastTime(BaseModel):
    """`last` are of the meetings since the one on the round before, `earlier` what is left of all before those."""

    body: MeetingBody
    as_of: date
    previous_id: int | None
    previous_on: date | None
    last: list[LastTimeLine]
    earlier: list[LastTimeLine]

    @property
    def lines(self) -> list[LastTimeLine]:
        return self.last + self.earlier

    @property
    def decisions(self) -> int:
        """How many things were decided or concluded, however many tasks each gave."""
        return len({line.decision or f"{line.meeting_id}: {line.item}" for line in self.lines if line.sentence})

    @property
    def done(self) -> int:
        return self._count(Outcome.done, Outcome.treated)

    @property
    def late(self) -> int:
        return self._count(Outcome.late)

    @property
    def undecided(self) -> int:
        return self._count(Outcome.not_decided)

    def _count(self, *outcomes: Outcome) -> int:
        return sum(line.outcome in outcomes for line in self.lines)


def build_last_time(session: Session, portfolio: Portfolio, meeting: Meeting | None, day: date) -> LastTime:
    """What a meeting opens with, as it stands on a day; without a meeting, the executive board's next one.

    Eight queries, however much was decided, and three more for the management forum.
    """
    body = meeting.body if meeting else MeetingBody.executive_board
    before = _meetings_before(session, portfolio, body, meeting, day)
    previous = next((each for each in before if each.round_id is not None), before[0] if before else None)
    if previous is None:
        return LastTime(body=body, as_of=day, previous_id=None, previous_on=None, last=[], earlier=[])
    recent = {each.pk: each.held_on for each in before[: before.index(previous) + 1]}
    held = {each.pk: each.held_on for each in before}
    decisions = _decisions(session, held, recent)
    found = _Found(session, decisions, day)
    lines = [line for decision in decisions for line in found.lines_of(decision)]
    if body is MeetingBody.management_forum:
        lines += found.of_topics(session, held)
    last = [line for line in lines if line.meeting_id in recent] + found.undecided(session, recent)
    earlier = [line for line in lines if line.meeting_id not in recent and line.still_matters(previous.held_on)]
    return LastTime(
        body=body,
        as_of=day,
        previous_id=previous.pk,
        previous_on=previous.held_on,
        last=sorted(last, key=lambda line: (line.held_on, line.meeting_id, line.place)),
        earlier=sorted(earlier, key=lambda line: (line.due_on or line.held_on, line.place, line.key)),
    )


def _meetings_before(
    session: Session, portfolio: Portfolio, body: MeetingBody, meeting: Meeting | None, day: date
) -> list[Meeting]:
    """The body's meetings before this one, the newest first; without one, those until a day."""
    last = meeting.held_on - timedelta(days=1) if meeting else day
    query = select(Meeting).where(
        Meeting.portfolio_id == portfolio.pk,
        Meeting.body == body,
        Meeting.state != MeetingState.cancelled,
        Meeting.held_on <= last,
    )
    return list(session.exec(query.order_by(col(Meeting.held_on).desc(), col(Meeting.id).desc())))


def _decisions(session: Session, before: Iterable[int], recent: Iterable[int]) -> list[Decision]:
    """Every decision of the recent meetings, and of the others those that gave something to do or were deferred."""
    gave_something = or_(
        select(Task.id).where(Task.decision_id == Decision.id).exists(),
        select(Topic.id).where(Topic.decision_id == Decision.id).exists(),
        Decision.verb == DecisionVerb.deferred,
    )
    query = select(Decision).where(
        col(Decision.meeting_id).in_(before),
        col(Decision.annulled_at).is_(None),
        or_(col(Decision.meeting_id).in_(recent), gave_something),
    )
    query = query.options(
        joinedload(rel(Decision.meeting)),
        joinedload(rel(Decision.recommendation)),
        joinedload(rel(Decision.candidate)),
        joinedload(rel(Decision.project)),
    )
    return list(session.exec(query.order_by(col(Decision.id))))


class _Found:
    """What came of some decisions, read once for all of them; as it stood on a day."""

    def __init__(self, session: Session, decisions: list[Decision], day: date) -> None:
        keys = [decision.pk for decision in decisions]
        self.day = day
        self.decisions = decisions
        self.items = agenda_items(session, decisions)
        self.tasks: dict[int, list[TaskLine]] = defaultdict(list)
        sent = select(Topic.id).where(col(Topic.decision_id).in_(keys))
        given = or_(col(Task.decision_id).in_(keys), col(Task.topic_id).in_(sent))
        for decision_id, line in lines_by_decision(session, and_(given, col(Task.given_on) <= day), day):
            self.tasks[decision_id].append(line)
        self.topics: dict[int, list[Topic]] = defaultdict(list)
        topics = select(Topic).where(col(Topic.decision_id).in_(keys), col(Topic.sent_on) <= day)
        topics = topics.options(
            joinedload(rel(Topic.owner)), joinedload(rel(Topic.owner_unit)), joinedload(rel(Topic.meeting))
        )
        for topic in session.exec(topics.order_by(col(Topic.id))):
            self.topics[topic.decision_id or 0].append(topic)
        self.answers = _answers(session, decisions, day)

    def lines_of(self, decision: Decision) -> list[LastTimeLine]:
        """A line for each task and each topic; one for the decision itself where there is neither."""
        came = [self._of_task(line) for line in self.tasks[decision.pk]]
        came += [self._of_topic(topic) for topic in self.topics[decision.pk]]
        project = decision.project
        common: dict[str, Any] = {
            "meeting_id": decision.meeting_id,
            "held_on": decision.meeting.held_on,
            "place": self._place(decision),
            "item": decided_on(decision, self.items),
            "about": decision.candidate.title if decision.candidate else "",
            "verb": decision.verb,
            "sentence": decision.sentence,
            "decision": decision.key,
            "number": project.number if project else "",
            "title": project.title if project else "",
            "closed": project.closed if project else False,
        }
        return [LastTimeLine(**common, **each) for each in came or [self._of_decision(decision)]]

    def undecided(self, session: Session, meetings: dict[int, date]) -> list[LastTimeLine]:
        """The recommendations of meetings that were not answered themselves, only of this or that under them, or not at
        all (domain.md 2C D12)."""
        decided = {each.recommendation_id for each in self.decisions if each.answers_all}
        query = select(Recommendation).where(col(Recommendation.meeting_id).in_(meetings))
        return [
            LastTimeLine(
                meeting_id=each.meeting_id,
                held_on=meetings[each.meeting_id],
                place=each.no,
                item=f"{each.no}. {each.subject}",
                outcome=Outcome.not_decided,
            )
            for each in session.exec(query.order_by(col(Recommendation.no)))
            if each.pk not in decided
        ]

    def of_topics(self, session: Session, meetings: dict[int, date]) -> list[LastTimeLine]:
        """What meetings of the management forum concluded on topics: a line for each task, or for the topic itself."""
        query = select(Topic).where(col(Topic.meeting_id).in_(meetings), col(Topic.sent_on) <= self.day)
        query = query.options(joinedload(rel(Topic.project))).order_by(col(Topic.agenda_no), col(Topic.id))
        topics = list(session.exec(query))
        given = and_(col(Task.topic_id).in_([topic.pk for topic in topics]), col(Task.given_on) <= self.day)
        tasks: dict[str, list[TaskLine]] = defaultdict(list)
        for line in lines_where(session, given, self.day):
            tasks[line.topic_key].append(line)
        found = []
        for topic in topics:
            project, meeting_id = topic.project, topic.meeting_id or 0
            common: dict[str, Any] = {
                "meeting_id": meeting_id,
                "held_on": meetings[meeting_id],
                "place": 200 + (topic.agenda_no or 0),
                "item": topic.title,
                "sentence": topic.outcome,
                "number": project.number if project else "",
                "title": project.title if project else "",
                "closed": project.closed if project else False,
            }
            came = [self._of_task(line) for line in tasks[topic.key]] or [_without_task(topic)]
            found += [LastTimeLine(**common, **each) for each in came]
        return found

    def _place(self, decision: Decision) -> int:
        """Where it stands on the agenda: recommendations first, then the other items."""
        if decision.recommendation:
            return decision.recommendation.no
        item = self.items.get(decision.agenda_item_id or 0)
        return 100 + (item.no if item else 0)

    def _of_task(self, line: TaskLine) -> dict[str, Any]:
        said: dict[str, Any] = {
            "key": line.key,
            "what": line.text,
            "evaluation": line.evaluation,
            "who": line.who,
            "due_on": line.due_on,
            "said": line.evidence,
        }
        if line.ended_on and line.ended_on <= self.day:
            outcome = Outcome.done if line.state is TaskState.done else Outcome.lapsed
            return said | {"outcome": outcome, "ended_on": line.ended_on}
        return said | self._waits(line.due_on)

    def _of_topic(self, topic: Topic) -> dict[str, Any]:
        said: dict[str, Any] = {
            "topic": topic.key,
            "what": topic.title,
            "who": ", ".join(str(each) for each in (topic.owner, topic.owner_unit) if each),
            "due_on": topic.due_on,
            "said": topic.outcome,
        }
        if topic.treated_on and topic.treated_on <= self.day:
            outcome = Outcome.treated if topic.outcome else Outcome.no_outcome
            return said | {"outcome": outcome, "ended_on": topic.treated_on}
        if topic.forum and topic.forum.held_on < self.day:
            return said | {"outcome": Outcome.no_outcome, "ended_on": topic.forum.held_on}
        if topic.lapsed_on and topic.lapsed_on <= self.day:
            return said | {"outcome": Outcome.lapsed, "ended_on": topic.lapsed_on, "said": topic.lapsed_reason}
        return said | (self._waits(topic.due_on) if topic.due_on else {"outcome": Outcome.not_due})

    def _of_decision(self, decision: Decision) -> dict[str, Any]:
        if decision.verb is DecisionVerb.deferred and decision.deferred_to:
            if answer := self.answers.get(decision.pk):
                return {"outcome": Outcome.taken_up, "ended_on": answer.meeting.held_on, "said": answer.sentence}
            return {"due_on": decision.deferred_to} | self._waits(decision.deferred_to)
        if decision.no_follow_up:
            return {"outcome": Outcome.no_follow_up, "said": decision.no_follow_up}
        return {"outcome": Outcome.lacking if decision.needs_follow_up else Outcome.nothing_asked}

    def _waits(self, due_on: date) -> dict[str, Any]:
        days = (due_on - self.day).days
        return {"outcome": Outcome.late if days < 0 else Outcome.not_due, "days": abs(days)}


def _without_task(topic: Topic) -> dict[str, Any]:
    if topic.no_follow_up:
        return {"outcome": Outcome.no_follow_up, "said": topic.no_follow_up}
    return {"outcome": Outcome.nothing_asked if topic.outcome else Outcome.no_outcome}


def _answers(session: Session, decisions: Iterable[Decision], day: date) -> dict[int, Decision]:
    """Of what was deferred, by the decision's key, the first decision until a day that answered it (domain.md R102)."""
    deferred = [each for each in decisions if each.verb is DecisionVerb.deferred]
    if not deferred:
        return {}
    on = {name: {getattr(each, name) for each in deferred} for name in MATTER if name != "project_id"}
    query = (
        select(Decision)
        .join(rel(Decision.meeting))
        .where(
            or_(*(col(getattr(Decision, name)).in_(keys - {None}) for name, keys in on.items())),
            Decision.verb != DecisionVerb.deferred,
            col(Decision.annulled_at).is_(None),
            Meeting.held_on <= day,
        )
        .options(contains_eager(rel(Decision.meeting)))
        .order_by(col(Meeting.held_on), col(Decision.id))
    )
    later: dict[tuple[int | None, ...], list[Decision]] = defaultdict(list)
    for decision in session.exec(query):
        later[decision.matter].append(decision)
    answers = {}
    for each in deferred:
        after = (other for other in later[each.matter] if _when(other) > _when(each))
        if answer := next(after, None):
            answers[each.pk] = answer
    return answers


def _when(decision: Decision) -> tuple[date, int]:
    return decision.meeting.held_on, decision.meeting_id
