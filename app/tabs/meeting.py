"""A meeting as its page tells of it: agenda, recommendations, decisions and what came of them (R22, R102, R106-R110).

Closed projects and what was decided on closed items are kept out by the reader's own session; of a closed item itself
everybody is told the number and the case number (R106).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.models import AgendaItem, Decision, Meeting, Portfolio, Recommendation, Task
from app.models.agenda_item import agenda
from app.models.decision import DecisionVerb
from app.models.meeting import MeetingBody, MeetingState
from app.models.minutes import decisions_shown_at, deferred_to
from app.models.recommendation import Subject, recommendations_of
from app.models.reporting_round import RoundState
from app.models.task import TaskState
from app.models.visibility import sees_closed
from app.tabs.candidates import Point, build_candidates
from app.tabs.last_time import LastTime, build_last_time
from app.tabs.task_force import FollowedTaskForce, build_due
from app.tabs.topic import AgendaTopic, build_agenda


class MeetingTask(BaseModel):
    """What somebody must do because of a decision; `days_late` is 0 when it is done or not yet due."""

    key: str
    text: str
    who: str
    due_from: date | None
    due_on: date
    state: TaskState
    days_late: int
    ended_on: date | None
    evidence: str
    evaluation: bool


class MeetingDecision(BaseModel):
    """A decision that stands, with the meeting that made it. `about` is what it is on, where it is on one candidate."""

    key: str
    body: MeetingBody
    meeting_id: int
    held_on: date
    verb: DecisionVerb
    sentence: str
    request: str
    deferred_to: date | None
    no_follow_up: str
    about: str
    number: str
    project: str
    closed: bool
    candidate: str
    tasks: list[MeetingTask]


class MeetingRecommendation(BaseModel):
    """One of the four. `points` are its candidates; `decisions` answer the whole recommendation, `others` one candidate
    or project of it each."""

    no: int
    subject: Subject
    text: str
    points: list[Point]
    decisions: list[MeetingDecision]
    others: list[MeetingDecision]

    @property
    def on(self) -> str:
        return f"recommendation-{self.no}"

    @property
    def answer(self) -> MeetingDecision | None:
        """The last decision on it; None reads »Mangler afgørelse«."""
        return self.decisions[-1] if self.decisions else None


class MeetingItem(BaseModel):
    """An item of the agenda; without a title when it is closed to the reader, who then is told nothing more of it."""

    no: int
    title: str | None
    case_number: str | None
    closed: bool
    starts_at: str
    ends_at: str
    background: str
    annexes: list[str]
    treats_list: bool
    continues: bool
    decisions: list[MeetingDecision]

    @property
    def on(self) -> str:
        return f"item-{self.no}"


class DeferredMatter(BaseModel):
    """What an earlier meeting put off and none has decided since: the deferral, and what this meeting says of it."""

    title: str
    deferral: MeetingDecision
    is_item: bool
    decisions: list[MeetingDecision]

    @property
    def on(self) -> str:
        return f"deferral-{self.deferral.key}"


class MeetingRound(BaseModel):
    """The round whose edition it treats; before that is frozen, the list as it stands."""

    key: str
    name: str
    state: RoundState
    is_frozen: bool


class MeetingPage(BaseModel):
    """The whole page. `free` are decisions on nothing that is on the agenda; `topics` those of the management forum.

    `last_time` is what the body decided before, and what happened; `task_forces` are those that the management forum
    must follow up by the day of a meeting that is still to come (R53).
    """

    id: int
    slug: str
    body: MeetingBody
    state: MeetingState
    held_on: date
    starts_at: str
    ends_at: str
    place: str
    participants: list[str]
    apologies: list[str]
    case_number: str | None
    round: MeetingRound | None
    last_time: LastTime
    agenda: list[MeetingItem]
    recommendations: list[MeetingRecommendation]
    deferred: list[DeferredMatter]
    free: list[MeetingDecision]
    topics: list[AgendaTopic]
    task_forces: list[FollowedTaskForce]

    @property
    def topic_minutes(self) -> int:
        """What the topics are given together, of those that say it."""
        return sum(topic.minutes or 0 for topic in self.topics)

    @property
    def answered(self) -> int:
        return sum(each.answer is not None for each in self.recommendations)

    @property
    def lacking(self) -> list[MeetingRecommendation]:
        return [each for each in self.recommendations if each.answer is None]

    @property
    def list_item(self) -> MeetingItem | None:
        """The item under which the recommendations stand."""
        return next((item for item in self.agenda if item.treats_list), None)

    @property
    def timed(self) -> list[MeetingItem]:
        """The programme: the items that have a time, in the order of the clock."""
        return sorted((item for item in self.agenda if item.starts_at), key=lambda item: item.starts_at)

    @property
    def takes_decisions(self) -> bool:
        return self.state in (MeetingState.planned, MeetingState.held)


def build_meeting(session: Session, portfolio: Portfolio, meeting: Meeting, day: date) -> MeetingPage:
    """The page as the session's reader may see it on a day. A fixed number of queries, however much was decided.

    The meeting's round must be loaded.
    """
    shown = [(each, decision_line(each, day)) for each in decisions_shown_at(session, meeting)]
    here = [(each, line) for each, line in shown if each.meeting_id == meeting.pk]
    items, recommendations = agenda(session, meeting), recommendations_of(session, meeting)
    on_agenda = {item.decided_as for item in items}
    put_off = [each for each in deferred_to(session, meeting) if each.agenda_item_id not in on_agenda]
    titles = _titles_of(session, put_off)
    by_matter: dict[tuple[int | None, ...], list[MeetingDecision]] = defaultdict(list)
    for decision, line in here:
        by_matter[decision.matter].append(line)
    placed = {each.matter for each in put_off}
    own = {each.pk for each in recommendations}
    forum, closed = meeting.body is MeetingBody.management_forum, sees_closed(session)
    points = build_candidates(session, portfolio, meeting, day)
    return MeetingPage(
        **meeting.model_dump(include=set(MeetingPage.model_fields)),
        slug=portfolio.slug,
        round=_round(meeting),
        last_time=build_last_time(session, portfolio, meeting, min(day, meeting.held_on)),
        agenda=[_item(item, shown, sees_closed=closed) for item in items],
        recommendations=[_recommendation(each, points[each.subject], shown) for each in recommendations],
        deferred=[
            DeferredMatter(
                title=titles[each.pk],
                deferral=decision_line(each, day),
                is_item=each.agenda_item_id is not None,
                decisions=by_matter[each.matter],
            )
            for each in put_off
        ],
        free=[
            line
            for decision, line in here
            if decision.recommendation_id not in own
            and decision.agenda_item_id not in on_agenda
            and decision.matter not in placed
        ],
        topics=build_agenda(session, meeting, day) if forum else [],
        task_forces=build_due(session, portfolio, meeting.held_on, day) if forum and meeting.is_planned else [],
    )


def decision_line(decision: Decision, day: date) -> MeetingDecision:
    """A decision as it is shown anywhere; its meeting, candidate, project and tasks with who must be loaded."""
    project = decision.project
    return MeetingDecision(
        **decision.model_dump(include={"key", "meeting_id", "verb", "request", "deferred_to", "no_follow_up"}),
        sentence=decision.sentence,
        body=decision.meeting.body,
        held_on=decision.meeting.held_on,
        about=decision_about(decision),
        candidate=decision.candidate.key if decision.candidate else "",
        number=project.number if project else "",
        project=project.title if project else "",
        closed=bool(project and project.closed),
        tasks=[task_line(task, day) for task in decision.tasks],
    )


def task_line(task: Task, day: date) -> MeetingTask:
    """A task as it stands on a day; who is responsible must be loaded."""
    return MeetingTask(
        **task.model_dump(include=set(MeetingTask.model_fields)),
        who=str(task.owner or task.owner_unit or ""),
        days_late=task.days_late(day),
    )


Shown = list[tuple[Decision, MeetingDecision]]


def _item(item: AgendaItem, shown: Shown, *, sees_closed: bool) -> MeetingItem:
    title = item.title_for(sees_closed=sees_closed)
    told = item.model_dump(include=set(MeetingItem.model_fields) - {"title"})
    return MeetingItem(
        **(told if title is not None else told | {"background": "", "annexes": []}),
        title=title,
        continues=item.continues_id is not None,
        decisions=[line for decision, line in shown if decision.agenda_item_id == item.decided_as],
    )


def _recommendation(recommendation: Recommendation, points: list[Point], shown: Shown) -> MeetingRecommendation:
    under = [(each, line) for each, line in shown if each.recommendation_id == recommendation.pk]
    return MeetingRecommendation(
        **recommendation.model_dump(include={"no", "subject", "text"}),
        points=points,
        decisions=[line for decision, line in under if decision.answers_all],
        others=[line for decision, line in under if not decision.answers_all],
    )


def _round(meeting: Meeting) -> MeetingRound | None:
    if meeting.round is None:
        return None
    return MeetingRound(**meeting.round.model_dump(include={"key", "name", "state"}), is_frozen=meeting.round.is_frozen)


def _titles_of(session: Session, decisions: Iterable[Decision]) -> dict[int, str]:
    """What each of these is on: an item, a recommendation, or one candidate or project of it."""
    keys = [each.agenda_item_id for each in decisions]
    items = {item.pk: item.title for item in session.exec(select(AgendaItem).where(col(AgendaItem.id).in_(keys)))}
    return {each.pk: ": ".join(filter(None, _title(each, items))) for each in decisions}


def _title(decision: Decision, items: dict[int, str]) -> tuple[str, str]:
    recommendation = decision.recommendation
    on = str(recommendation.subject) if recommendation else items.get(decision.agenda_item_id or 0, "")
    return on, decision_about(decision)


def decision_about(decision: Decision) -> str:
    """The candidate or the project that a decision is on; empty when it is on the whole item or recommendation."""
    if decision.candidate:
        return decision.candidate.title
    return f"{decision.project.number} {decision.project.title}" if decision.project else ""
