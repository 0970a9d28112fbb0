from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, or_, select

from app.errors import DomainError
from app.i18n import N_, _, show_date
from app.models.base import BelongsToProject, Row, long_text
from app.models.effect_follow_up import (
    EffectFollowUp,
    FollowUpPlan,
    conclude_when_done,
    end_follow_ups,
    follow_ups,
    waived,
)
from app.models.effect_target import EffectTarget
from app.models.event import add_below, record
from app.models.project import Project
from app.models.report import last_texts, open_reports
from app.models.reporting_round import lock_rounds, round_under_way

if TYPE_CHECKING:
    from app.models.user import User


class PlacementForm(SQLModel):
    from_on: date = Field(title=N_("On the list since"))
    decision_in: str = Field(min_length=3, max_length=200, title=N_("Decided by"))


class RemovalForm(SQLModel):
    to_on: date = Field(title=N_("Leaves the list on"))
    decision_out: str = Field(min_length=3, max_length=200, title=N_("Decided by"))
    reason_out: str = long_text(min_length=3, max_length=400, title=N_("Why it leaves the list"))


@dataclass(frozen=True)
class TargetPlan:
    """What comes of one effect target when its project leaves: its follow-ups, or why there are none (I9)."""

    target: EffectTarget
    follow_ups: list[FollowUpPlan] = field(default_factory=list)
    waived_reason: str = ""

    def rows(self, session: Session, left_on: date) -> list[EffectFollowUp]:
        if self.waived_reason:
            return waived(session, self.target, left_on, self.waived_reason)
        return follow_ups(session, self.target, self.follow_ups)

    def __str__(self) -> str:
        days = ", ".join(show_date(plan.due_on) for plan in self.follow_ups)
        return f"{self.target} ({days or self.waived_reason})"


class Placement(PlacementForm, BelongsToProject, Row, table=True):
    """A project's time on the list, with the decisions that opened and closed it (placering).

    `concluded_on` is the day on which the last effect follow-up was approved, or all were waived;
    `concluded_unmeasured` says that no effect was measured then (»lukket uden effektmåling«, domain.md 4E).
    `decision_in_id` and `decision_out_id` are the recorded decisions of the board; a place from before there were any
    has their words only.
    """

    to_on: date | None = None
    decision_in_id: int | None = Field(default=None, foreign_key="decision.id")
    decision_out_id: int | None = Field(default=None, foreign_key="decision.id")
    decision_out: str = Field(default="", max_length=200)
    reason_out: str = long_text(default="", max_length=400)
    follow_up: bool = False
    concluded_on: date | None = None
    concluded_unmeasured: bool = False

    @property
    def is_followed(self) -> bool:
        """Whether the effects are still looked at after the project has left."""
        return self.follow_up and self.concluded_on is None

    def __str__(self) -> str:
        return show_date(self.from_on)


def place(session: Session, by: "User", project: Project, form: PlacementForm) -> Placement:
    """Puts a project on the list. It stands there once at a time (invariant I1), and joins the round under way."""
    if project.placement:
        raise DomainError(_("The project is already on the list."))
    if any(past.to_on and form.from_on < past.to_on for past in project.placements):
        raise DomainError(_("The project was on the list on that day."))
    end_follow_ups(session, project, form.from_on)
    placement = add_below(session, by, project, Placement, form)
    lock_rounds(session, project.portfolio_id)
    if round_ := round_under_way(session, project.portfolio_id):
        open_reports(session, [project.pk], round_, last_texts(session, [project.pk]))
    return placement


def remove(session: Session, by: "User", project: Project, form: RemovalForm, plans: Iterable[TargetPlan] = ()) -> None:
    """Takes a project off the list, with the decision, the reason, and what comes of each effect target (I9).

    A project whose effects nobody follows is concluded at once (domain.md 3D).
    """
    placement = project.placement
    if placement is None:
        raise DomainError(_("The project is not on the list."))
    if form.to_on < placement.from_on:
        raise DomainError(_("The project cannot leave the list before it came on it."))
    said = {plan.target.pk: plan for plan in plans if plan.follow_ups or plan.waived_reason}
    if any(target.pk not in said for target in targets_to_follow(session, project)):
        raise DomainError(_("Say of each effect target by whom it is followed up, or why it is not."))
    for name in RemovalForm.model_fields:
        setattr(placement, name, getattr(form, name))
    placement.follow_up = any(plan.follow_ups for plan in said.values())
    session.add_all(row for plan in said.values() for row in plan.rows(session, form.to_on))
    conclude_when_done(session, project, form.to_on)
    after = {name: getattr(form, name) for name in RemovalForm.model_fields} | {
        "follow_up": placement.follow_up,
        "follow_ups": [str(plan) for plan in said.values()],
    }
    record(session, by, "removed", project, project_id=project.pk, after=after)


def targets_to_follow(session: Session, project: Project) -> list[EffectTarget]:
    """The effect targets that apply when a project leaves the list, in their order."""
    query = select(EffectTarget).where(EffectTarget.project_id == project.pk, ~col(EffectTarget.withdrawn))
    return list(session.exec(query.order_by(col(EffectTarget.no))))


def on_list(portfolio_id: int, day: date) -> sa.ColumnElement[bool]:
    """That a project stands on the portfolio's list on a day (it leaves the list on `to_on`)."""
    place = (
        select(Placement.id)
        .where(
            Placement.project_id == Project.id,
            Placement.from_on <= day,
            or_(col(Placement.to_on).is_(None), col(Placement.to_on) > day),
        )
        .exists()
    )
    return sa.and_(col(Project.portfolio_id) == portfolio_id, place)


def keys_on_list(session: Session, portfolio_id: int, day: date) -> list[int]:
    """The keys of the projects that stand on the list on a day."""
    return list(session.exec(select(col(Project.id)).where(on_list(portfolio_id, day))))  # type: ignore[arg-type] # stored


def projects_on_list(session: Session, portfolio_id: int, day: date) -> list[Project]:
    """The visible projects that stand on the list on a day, in the order of the numbers."""
    query = select(Project).where(on_list(portfolio_id, day))
    return list(session.exec(query.order_by(col(Project.series).desc(), col(Project.sequence))))
