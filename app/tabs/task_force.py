"""A task force on its own page: its checklist, its quarterly follow-ups and its expiry (domain.md R40-R42, R53)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from app.models import FollowUp, Project
from app.models.follow_up import next_follow_up
from app.models.project import Kind, Phase, ProjectDetails
from app.models.task_force import Fulfilled, TaskForce, checks_of, task_force_of

ENDED = (Phase.finished, Phase.stopped)
EXPIRY_SOON = 90
"""So many days before it expires somebody must see to it that it is decided what then."""


def expires_undecided(project: ProjectDetails, day: date) -> bool:
    """Whether a project on the list expires within 90 days, or has expired, and still runs.

    The decision is recorded by another date of expiry, by ending the project or by taking it off the list.
    """
    return (
        project.expires_on is not None and (project.expires_on - day).days <= EXPIRY_SOON and project.phase not in ENDED
    )


@dataclass
class TaskForcePage:
    """`checks` are (English, translatable) questions and answers, what is not fulfilled first; follow-ups newest first.

    `days_left` is to the next follow-up, negative when it is overdue; None when it cannot be reckoned.
    """

    known: TaskForce | None
    checks: list[tuple[str, Fulfilled]]
    follow_ups: list[FollowUp]
    next_on: date | None
    days_left: int | None

    @property
    def fulfilled(self) -> int:
        return sum(answer is Fulfilled.yes for _question, answer in self.checks)


def build_task_force(session: Session, project: Project, day: date) -> TaskForcePage | None:
    """What the project's page says of it as a task force; None when it is none."""
    if project.kind is not Kind.task_force:
        return None
    held = select(FollowUp).where(FollowUp.project_id == project.pk)
    follow_ups = list(session.exec(held.order_by(col(FollowUp.held_on).desc(), col(FollowUp.no).desc())))
    known = task_force_of(session, project)
    next_on = next_follow_up((each.held_on for each in follow_ups), project.starts_on)
    return TaskForcePage(
        known=known,
        checks=checks_of(known),
        follow_ups=follow_ups,
        next_on=next_on,
        days_left=(next_on - day).days if next_on else None,
    )
