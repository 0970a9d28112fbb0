"""A task force on its own page: its checklist, its quarterly follow-ups and its expiry (domain.md R40-R42, R53)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.i18n import N_
from app.models import FollowUp, Portfolio, Project
from app.models.base import Choice
from app.models.follow_up import next_follow_up
from app.models.milestone import Precision, last_day, show_period
from app.models.placement import on_list
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


SHOWN_QUARTERS = 8
"""How many quarters stand side by side: two years, of which the last is the one that runs."""


class QuarterState(Choice):
    held = "held", N_("Has been followed up")
    unproven = "unproven", N_("Without evidence")
    missing = "missing", N_("Missing")
    awaited = "awaited", N_("Not yet")
    before = "before", N_("Before its start")


class Quarter(BaseModel):
    """One quarter of a task force; `last_on` is the quarter's last day, `held_on` the last follow-up in it."""

    last_on: date
    state: QuarterState
    held_on: date | None

    @property
    def label(self) -> str:
        return show_period(self.last_on, Precision.quarter)


class FollowedTaskForce(BaseModel):
    """A task force with its follow-ups (domain.md R53, D11): the last with its evidence, the next, and every quarter.

    `days_left` is to the next follow-up, negative when it is overdue; None when it cannot be reckoned. `owed` are the
    quarters that are over since its start, `missing` those of them without a follow-up.
    """

    number: str
    title: str
    closed: bool
    body: str
    held_on: date | None
    conclusion: str
    evidence: str
    next_on: date | None
    days_left: int | None
    owed: int
    missing: int
    quarters: list[Quarter]

    @property
    def overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0


def quarters_of(held: Iterable[FollowUp], starts_on: date | None, day: date) -> list[Quarter]:
    """Every quarter in which a task force is to be followed up, from the one after its start until the one of `day`.

    A quarter that is over without a follow-up is missing; one whose follow-ups name no evidence is unproven (D11).
    """
    in_quarter: dict[date, list[FollowUp]] = defaultdict(list)
    for each in sorted(held, key=lambda each: each.held_on):
        in_quarter[last_day(each.held_on, Precision.quarter)].append(each)
    owed_from = next_follow_up([], starts_on)
    known = [*in_quarter, *([last_day(owed_from, Precision.quarter)] if owed_from else [])]
    if not known:
        return []
    found, last_on = [], min(known)
    while last_on <= last_day(day, Precision.quarter):
        found.append(_quarter(last_on, in_quarter[last_on], day))
        last_on = last_day(last_on + timedelta(days=1), Precision.quarter)
    return found


def _quarter(last_on: date, held: list[FollowUp], day: date) -> Quarter:
    if held:
        proven = any(each.evidence for each in held)
        return Quarter(
            last_on=last_on,
            state=QuarterState.held if proven else QuarterState.unproven,
            held_on=held[-1].held_on,
        )
    return Quarter(last_on=last_on, state=QuarterState.missing if last_on < day else QuarterState.awaited, held_on=None)


def build_followed(session: Session, portfolio: Portfolio, day: date) -> list[FollowedTaskForce]:
    """The task forces on the list that run, the one that is most overdue first. Three queries."""
    query = select(Project).where(
        on_list(portfolio.pk, day), Project.kind == Kind.task_force, col(Project.phase).not_in(ENDED)
    )
    projects = list(session.exec(query.order_by(col(Project.series).desc(), col(Project.sequence))))
    keys = [project.pk for project in projects]
    held: dict[int, list[FollowUp]] = defaultdict(list)
    for each in session.exec(select(FollowUp).where(col(FollowUp.project_id).in_(keys)).order_by(col(FollowUp.no))):
        held[each.project_id].append(each)
    bodies = select(TaskForce.project_id, TaskForce.follow_up_body).where(col(TaskForce.project_id).in_(keys))
    follow_up_bodies = dict(session.exec(bodies).all())
    found = [_followed(project, held[project.pk], follow_up_bodies.get(project.pk, ""), day) for project in projects]
    return sorted(found, key=lambda each: each.next_on or date.max)


def build_due(session: Session, portfolio: Portfolio, by: date, day: date) -> list[FollowedTaskForce]:
    """The task forces that must be followed up by a day, the one that is most overdue first."""
    return [each for each in build_followed(session, portfolio, day) if each.next_on and each.next_on <= by]


def _followed(project: Project, held: list[FollowUp], body: str, day: date) -> FollowedTaskForce:
    quarters = quarters_of(held, project.starts_on, day)
    next_on = next_follow_up((each.held_on for each in held), project.starts_on)
    last = max(held, key=lambda each: each.held_on, default=None)
    over = [quarter for quarter in quarters if quarter.last_on < day]
    return FollowedTaskForce(
        number=project.number,
        title=project.title,
        closed=project.closed,
        body=body,
        held_on=last.held_on if last else None,
        conclusion=last.conclusion if last else "",
        evidence=last.evidence if last else "",
        next_on=next_on,
        days_left=(next_on - day).days if next_on else None,
        owed=len(over),
        missing=sum(quarter.state is QuarterState.missing for quarter in over),
        quarters=_last_quarters(quarters, day),
    )


def _last_quarters(quarters: list[Quarter], day: date) -> list[Quarter]:
    """The quarters that are shown, the same for every task force."""
    known = {quarter.last_on: quarter for quarter in quarters}
    shown, last_on = [], last_day(day, Precision.quarter)
    for _step in range(SHOWN_QUARTERS):
        shown.append(known.get(last_on) or Quarter(last_on=last_on, state=QuarterState.before, held_on=None))
        last_on = last_on.replace(month=last_on.month - 2, day=1) - timedelta(days=1)
    return shown[::-1]
