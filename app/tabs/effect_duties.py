"""What is to be done about effects whoever asks, on the list and after it: for the front page and for the letters."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, or_, select

from app.i18n import N_
from app.models import EffectFollowUp, EffectTarget, Placement, Portfolio, Project, User
from app.models.base import Choice, rel
from app.models.deputy import DeputyFor
from app.models.effect_follow_up import OPEN, FollowUpState
from app.models.effect_target import EffectPath, EffectTargetForm, Frequency, IndicatorType
from app.models.measurement import latest_measurements
from app.models.milestone import months_after
from app.models.placement import on_list
from app.models.role import Role

SOON = timedelta(days=30)
"""How long before its day a follow-up stands among the tasks of whoever owns the effect."""

TO_APPROVE = timedelta(days=14)
"""How long an approver has."""


MONTHS = {Frequency.monthly: 1, Frequency.quarterly: 3, Frequency.half_yearly: 6, Frequency.yearly: 12}
"""How many months lie between two figures. Where nothing is said, a year is the most."""


class EffectAsk(Choice):
    report = "report", N_("Say what came of the effect")
    correct = "correct", N_("Correct the returned follow-up")
    approve = "approve", N_("Approve or return the follow-up")
    measure = "measure", N_("See to it that the effect is measured")


@dataclass(frozen=True)
class EffectDuty:
    """One thing that these people must do about one effect target by a day. `reason` is why it came back."""

    ask: EffectAsk
    project_id: int
    number: str
    title: str
    closed: bool
    no: int
    target: str
    due_on: date
    follow_up_no: int | None = None
    people: list[int] = field(default_factory=list)
    reason: str = ""
    happened_at: datetime | None = None

    @property
    def address(self) -> str:
        if self.follow_up_no is None:
            return f"/projects/{self.number}"
        return f"/projects/{self.number}/effect-targets/{self.no}/follow-ups/{self.follow_up_no}"


def build_effect_duties(session: Session, portfolio: Portfolio, day: date) -> list[EffectDuty]:
    """The follow-ups that are due within 30 days, overdue, returned or await approval, as the session may see them.

    Three queries, however many projects.
    """
    query = (
        select(EffectFollowUp, EffectTarget, Project)
        .join(EffectTarget, col(EffectTarget.id) == EffectFollowUp.effect_target_id)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(
            Project.portfolio_id == portfolio.pk,
            col(EffectFollowUp.state).in_(OPEN),
            or_(EffectFollowUp.state != FollowUpState.planned, EffectFollowUp.due_on <= day + SOON),
        )
        .options(selectinload(rel(Project.deputies)))
        .order_by(col(EffectFollowUp.due_on), col(Project.number), col(EffectTarget.no))
    )
    found = session.exec(query).all()
    directors = _directors(session) if any(row.state is FollowUpState.reported for row, _t, _p in found) else []
    return [_duty(row, target, project, directors, day) for row, target, project in found]


def _duty(row: EffectFollowUp, target: EffectTarget, project: Project, directors: list[int], day: date) -> EffectDuty:
    owner = row.owner_id if row.owner_id is not None else project.owner_id
    ask, due_on, people = EffectAsk.report, row.due_on, [owner]
    if row.state is FollowUpState.returned:
        ask = EffectAsk.correct
    elif row.state is FollowUpState.reported:
        ask = EffectAsk.approve
        due_on = (row.reported_at.date() if row.reported_at else day) + TO_APPROVE
        people = _approvers(row, project, directors, day)
    return EffectDuty(
        ask=ask,
        project_id=project.pk,
        number=project.number,
        title=project.title,
        closed=project.closed,
        no=target.no,
        target=target.name,
        due_on=due_on,
        follow_up_no=row.no,
        people=[key for key in people if key is not None],
        reason=row.returned_reason,
        happened_at=row.reported_at if ask is EffectAsk.approve else None,
    )


def _approvers(row: EffectFollowUp, project: Project, directors: list[int], day: date) -> list[int | None]:
    """The project's owner and its deputies; the directors where that leaves nobody but the author (decision 8)."""
    deputies = [each.person_id for each in project.deputies if each.stands_for is DeputyFor.owner and each.acts_on(day)]
    people = [key for key in (project.owner_id, *deputies) if key is not None and key != row.reported_by_id]
    return [*people] or [key for key in directors if key != row.reported_by_id]


def _directors(session: Session) -> list[int]:
    users = session.exec(select(User).where(col(User.active), col(User.person_id).is_not(None)))
    return [user.person_id for user in users if user.has(Role.direktion) and user.person_id is not None]


def figure_due_on(target: EffectTargetForm, measured_until: date | None) -> date | None:
    """The day from which a figure is wanted: as often as the target says after the last one, or the target date when
    that comes first. Once is on the target date.

    The baseline counts as a figure. None when nothing is wanted any more, or when it cannot be reckoned.
    """
    if target.target_on and measured_until and measured_until >= target.target_on:
        return None
    if target.target_on and (target.path is EffectPath.at_end or target.frequency is Frequency.once):
        return target.target_on
    last = measured_until or target.baseline_on
    often = MONTHS.get(target.frequency or Frequency.yearly, 12)
    return min((each for each in (last and months_after(last, often), target.target_on) if each), default=None)


def figures_due(session: Session, portfolio: Portfolio, day: date) -> list[EffectDuty]:
    """The figures that their owners in operations must see to: as often as the target says, also after the list."""
    query = (
        select(EffectTarget, Project)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(
            Project.portfolio_id == portfolio.pk,
            col(EffectTarget.owner_id).is_not(None),
            or_(on_list(portfolio.pk, day), still_followed(day)),
            ~col(EffectTarget.withdrawn),
            EffectTarget.indicator_type != IndicatorType.context,
        )
        .order_by(col(Project.number), col(EffectTarget.no))
    )
    latest = latest_measurements(session, day)
    duties = []
    for target, project in session.exec(query):
        measured = latest.get(target.pk)
        due_on = figure_due_on(target, measured.last_day if measured else None)
        if due_on and due_on <= day and target.owner_id is not None:
            duties.append(
                EffectDuty(
                    ask=EffectAsk.measure,
                    project_id=project.pk,
                    number=project.number,
                    title=project.title,
                    closed=project.closed,
                    no=target.no,
                    target=target.name,
                    due_on=due_on,
                    people=[target.owner_id],
                )
            )
    return duties


def still_followed(day: date) -> sa.ColumnElement[bool]:
    """That a project has left the list and its effects are followed still."""
    return (
        select(Placement.id)
        .where(
            Placement.project_id == Project.id,
            col(Placement.to_on) <= day,
            col(Placement.follow_up),
            col(Placement.concluded_on).is_(None),
        )
        .exists()
    )
