"""The meetings of a list: when, on which round, how far the minutes have come, and what is still to be done."""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col, func

from app.models import Decision, Meeting, Portfolio, Recommendation, Task, Topic
from app.models.base import columns
from app.models.decision import ON_ITSELF
from app.models.meeting import MeetingBody, MeetingState, meetings_of
from app.models.task import TaskState


class MeetingLine(BaseModel):
    """One meeting. `asked` recommendations of which `answered` have a decision; open tasks, and those that are late."""

    id: int
    body: MeetingBody
    state: MeetingState
    held_on: date
    starts_at: str
    place: str
    round_key: str
    round_name: str
    asked: int
    answered: int
    open_tasks: int
    overdue_tasks: int


class Meetings(BaseModel):
    """All of them, of both bodies, the newest first."""

    portfolio: str
    slug: str
    day: date
    meetings: list[MeetingLine]


def build_meetings(session: Session, portfolio: Portfolio, day: date) -> Meetings:
    """The meetings as the session's reader may see them on a day. Five queries, however many there are."""
    recommended = _recommended(session, portfolio)
    tasks = _tasks(session, portfolio, day)
    return Meetings(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        day=day,
        meetings=[
            MeetingLine(
                **meeting.model_dump(include={"id", "body", "state", "held_on", "starts_at", "place"}),
                round_key=meeting.round.key if meeting.round else "",
                round_name=meeting.round.name if meeting.round else "",
                asked=recommended[meeting.pk][0],
                answered=recommended[meeting.pk][1],
                open_tasks=tasks[meeting.pk][0],
                overdue_tasks=tasks[meeting.pk][1],
            )
            for meeting in meetings_of(session, portfolio.pk)
        ],
    )


def _recommended(session: Session, portfolio: Portfolio) -> dict[int, tuple[int, int]]:
    """How many recommendations each meeting has, and how many of them have an answer of their own."""
    answered = columns(Decision.recommendation_id).where(*ON_ITSELF, col(Decision.annulled_at).is_(None))
    query = (
        columns(
            Recommendation.meeting_id,
            func.count(),
            func.sum(sa.case((col(Recommendation.id).in_(answered), 1), else_=0)),
        )
        .join(Meeting, col(Meeting.id) == Recommendation.meeting_id)
        .where(Meeting.portfolio_id == portfolio.pk)
        .group_by(Recommendation.meeting_id)
    )
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    return found | {key: (asked, answers) for key, asked, answers in session.exec(query)}


def _tasks(session: Session, portfolio: Portfolio, day: date) -> dict[int, tuple[int, int]]:
    """How many open tasks came of each meeting's decisions and topics, and how many of them are overdue."""
    by_decision = columns(Decision.meeting_id, *_counts(day)).join(Decision, col(Decision.id) == Task.decision_id)
    by_topic = columns(Topic.meeting_id, *_counts(day)).join(Topic, col(Topic.id) == Task.topic_id)
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for query, column in ((by_decision, Decision.meeting_id), (by_topic, Topic.meeting_id)):
        query = query.where(Task.portfolio_id == portfolio.pk, Task.state == TaskState.open)
        for key, count, late in session.exec(query.group_by(column)):
            found[key] = found[key][0] + count, found[key][1] + late
    return found


def _counts(day: date) -> tuple[Any, Any]:
    return func.count(), func.sum(sa.case((col(Task.due_on) < day, 1), else_=0))
