"""Meetings, decisions and tasks made by hand."""

from datetime import date
from typing import Any

from sqlmodel import Session

from app.models import Decision, Meeting, Task
from app.models.decision import DecisionVerb
from app.models.meeting import MeetingBody, MeetingState
from app.settings import now


def a_meeting(session: Session, held_on: date, portfolio_id: int = 1, **more: Any) -> Meeting:
    """One that was held; of the executive board unless something else is said."""
    given: dict[str, Any] = {"body": MeetingBody.executive_board, "state": MeetingState.held} | more
    meeting = Meeting(portfolio_id=portfolio_id, held_on=held_on, **given)
    session.add(meeting)
    session.flush()
    return meeting


def a_decision(session: Session, meeting: Meeting, **more: Any) -> Decision:
    given: dict[str, Any] = {"verb": DecisionVerb.decided} | more
    decision = Decision(meeting_id=meeting.pk, recorded_at=now(), **given)
    session.add(decision)
    session.flush()
    return decision


def a_task(session: Session, decision: Decision, meeting: Meeting, due_on: date, **more: Any) -> Task:
    """Given by a decision on the day of its meeting."""
    given: dict[str, Any] = {"text": "Skriv en plan", "project_id": decision.project_id} | more
    task = Task(
        portfolio_id=meeting.portfolio_id, decision_id=decision.pk, given_on=meeting.held_on, due_on=due_on, **given
    )
    session.add(task)
    session.flush()
    return task
