"""Who must do what because a meeting decided it, or because a task force is due: for the front page and the letters."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, func, or_, select

from app.i18n import N_
from app.models import AgendaItem, Decision, FollowUp, Portfolio, Project, Task, User
from app.models.base import Choice, rel
from app.models.follow_up import next_follow_up
from app.models.placement import on_list
from app.models.project import Kind
from app.models.role import Role
from app.models.task import TaskState
from app.models.user import with_person
from app.tabs.task_force import ENDED, EXPIRY_SOON, expires_undecided

SOON = timedelta(days=14)
"""How long before its deadline somebody is told of a task, and of a task force's follow-up."""


class TaskAsk(Choice):
    do = "do", N_("Do what was decided")
    follow_up = "follow_up", N_("Follow up the task force")
    expiry = "expiry", N_("Have it decided what happens when it expires")


@dataclass(frozen=True)
class TaskDuty:
    """One thing that these people must do by a day. What is `closed` is told without its words.

    `given_on` is when a task was given, `last_on` when a task force was followed up last.
    """

    ask: TaskAsk
    project_id: int | None
    number: str
    title: str
    closed: bool
    what: str
    due_on: date
    address: str
    people: list[int] = field(default_factory=list)
    given_on: date | None = None
    last_on: date | None = None


def build_task_duties(session: Session, portfolio: Portfolio, day: date) -> list[TaskDuty]:
    """The open tasks from decisions that are due within 14 days or overdue, by deadline. Two queries.

    Whoever is responsible is told; for a unit its managers (role chefforum); where that leaves nobody, the secretariat.
    """
    query = (
        select(Task, col(AgendaItem.closed))
        .outerjoin(Decision, col(Decision.id) == Task.decision_id)
        .outerjoin(AgendaItem, col(AgendaItem.id) == Decision.agenda_item_id)
        .where(Task.portfolio_id == portfolio.pk, Task.state == TaskState.open, Task.due_on <= day + SOON)
        .options(joinedload(rel(Task.owner)), joinedload(rel(Task.project)))
        .order_by(col(Task.due_on), col(Task.id))
    )
    found = session.exec(query).all()
    users = list(session.exec(select(User).where(col(User.active)).options(with_person()).order_by(col(User.id))))
    return [
        TaskDuty(
            ask=TaskAsk.do,
            project_id=task.project_id,
            number=task.project.number if task.project else "",
            title=task.project.title if task.project else "",
            closed=bool(closed_item) or (task.project is not None and task.project.closed),
            what=task.text,
            due_on=task.due_on,
            address=f"/portfolios/{portfolio.slug}/tasks/{task.key}",
            people=_told(task, users),
            given_on=task.given_on,
        )
        for task, closed_item in found
    ]


def _told(task: Task, users: list[User]) -> list[int]:
    if task.owner and task.owner.active:
        return [task.owner.pk]
    managers = [user.person_id for user in users if user.manages(task.owner_unit_id)]
    secretariat = [user.person_id for user in users if user.has(Role.secretariat)]
    return [key for key in managers or secretariat if key is not None]


def build_task_force_duties(session: Session, portfolio: Portfolio, day: date) -> list[TaskDuty]:
    """Task forces whose quarterly follow-up is due within 14 days, and whatever expires without a decision within 90.

    The leader sees to it, else the owner (domain.md R42, R53). One query.
    """
    last = (
        select(FollowUp.project_id, func.max(FollowUp.held_on).label("held_on")).group_by(col(FollowUp.project_id))
    ).subquery()
    query = (
        select(Project, last.c.held_on)
        .outerjoin(last, last.c.project_id == Project.id)
        .where(
            on_list(portfolio.pk, day),
            col(Project.phase).not_in(ENDED),
            or_(Project.kind == Kind.task_force, col(Project.expires_on) <= day + timedelta(days=EXPIRY_SOON)),
        )
        .order_by(col(Project.number))
    )
    return [duty for project, held_on in session.exec(query) for duty in _of_task_force(project, held_on, day)]


def _of_task_force(project: Project, held_on: date | None, day: date) -> list[TaskDuty]:
    duty = partial(
        TaskDuty,
        project_id=project.pk,
        number=project.number,
        title=project.title,
        closed=project.closed,
        what="",
        people=[key for key in (project.leader_id or project.owner_id,) if key is not None],
        last_on=held_on,
    )
    here, next_on = f"/projects/{project.number}", next_follow_up([held_on] if held_on else [], project.starts_on)
    duties = []
    if project.kind is Kind.task_force and next_on and next_on <= day + SOON:
        duties.append(duty(ask=TaskAsk.follow_up, due_on=next_on, address=f"{here}/follow-ups/new"))
    if project.expires_on and expires_undecided(project, day):
        duties.append(duty(ask=TaskAsk.expiry, due_on=project.expires_on, address=f"{here}/edit"))
    return duties
