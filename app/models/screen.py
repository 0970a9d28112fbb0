"""What a meeting looks at just now, so that the others' screens follow."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Field, Session, col, func, select

from app.models.base import Table
from app.models.decision import Decision
from app.models.event import record
from app.models.meeting import Meeting, MeetingState
from app.models.task import Task
from app.settings import now

if TYPE_CHECKING:
    from app.models.user import User


class Screen(Table, table=True):
    """What a meeting looks at just now (skærm); `showing` is the key of a step of its walk (tabs/walk.py)."""

    meeting_id: int = Field(foreign_key="meeting.id", primary_key=True)
    showing: str = Field(default="", max_length=120)
    shown_at: datetime
    shown_by_id: int | None = Field(default=None, foreign_key="person.id")


def screen_of(session: Session, meeting: Meeting) -> Screen | None:
    """The meeting's screen; None until the meeting is walked through."""
    return session.get(Screen, meeting.pk)


def show(session: Session, by: "User", meeting: Meeting, step: str, project_id: int | None) -> None:
    """Turns everybody's screen to a step. What is told of a closed project is hidden with it, in the log as well."""
    meeting.require(MeetingState.planned, MeetingState.held)
    screen = screen_of(session, meeting) or Screen(meeting_id=meeting.pk, shown_at=now())
    screen.showing, screen.shown_at, screen.shown_by_id = step, now(), by.person_id
    session.add(screen)
    record(session, by, "shown", meeting, project_id=project_id)


def seen(session: Session, meeting: Meeting, showing: str) -> str:
    """Changes whenever the reader's screen has something new to show: another step, decision or task."""
    decisions = select(func.count(), func.max(Decision.recorded_at), func.count(col(Decision.annulled_at)))
    tasks = select(func.count()).select_from(Task).join(Decision).where(Decision.meeting_id == meeting.pk)
    told = session.exec(decisions.where(Decision.meeting_id == meeting.pk)).one()
    return "-".join(str(each) for each in (showing, *told, session.exec(tasks).one()))
