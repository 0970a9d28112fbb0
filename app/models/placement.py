from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, or_, select

from app.errors import DomainError
from app.i18n import N_, _, show_date
from app.models.base import BelongsToProject, Row, long_text
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
    follow_up: bool = Field(default=False, title=N_("Its effects are still followed"))


class Placement(PlacementForm, BelongsToProject, Row, table=True):
    """A project's time on the list, with the decisions that opened and closed it (placering).

    `concluded_on` is the day on which the last effect follow-up was approved, or all were waived;
    `concluded_unmeasured` says that no effect was measured then (»lukket uden effektmåling«, domain.md 4E).
    """

    to_on: date | None = None
    decision_out: str = Field(default="", max_length=200)
    reason_out: str = long_text(default="", max_length=400)
    follow_up: bool = False
    concluded_on: date | None = None
    concluded_unmeasured: bool = False

    def __str__(self) -> str:
        return show_date(self.from_on)


def place(session: Session, by: "User", project: Project, form: PlacementForm) -> Placement:
    """Puts a project on the list. It stands there once at a time (invariant I1), and joins the round under way."""
    if project.placement:
        raise DomainError(_("The project is already on the list."))
    if any(past.to_on and form.from_on < past.to_on for past in project.placements):
        raise DomainError(_("The project was on the list on that day."))
    placement = add_below(session, by, project, Placement, form)
    lock_rounds(session, project.portfolio_id)
    if round_ := round_under_way(session, project.portfolio_id):
        open_reports(session, [project.pk], round_, last_texts(session, [project.pk]))
    return placement


def remove(session: Session, by: "User", project: Project, form: RemovalForm) -> None:
    """Takes a project off the list, with the decision and the reason."""
    placement = project.placement
    if placement is None:
        raise DomainError(_("The project is not on the list."))
    if form.to_on < placement.from_on:
        raise DomainError(_("The project cannot leave the list before it came on it."))
    for name in RemovalForm.model_fields:
        setattr(placement, name, getattr(form, name))
    record(session, by, "removed", project, project_id=project.pk, after=form.model_dump())


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
