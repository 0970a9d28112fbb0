"""Who may know of what: the one place where closed projects are kept from those who may not see them.

A session reads as somebody (`read_as`). From then on every query of that session that touches a project, a row that
belongs to one, or a body that serves only hidden ones, is narrowed by SQLAlchemy itself, so that no query has to
remember it (product.md, decision 10).
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, SQLModel, col, or_

from app.models.assessment import Assessment
from app.models.body import Body
from app.models.deputy import Deputy
from app.models.effect_target import EffectTarget
from app.models.event import Event
from app.models.key_persons import KeyPersons
from app.models.measurement import Measurement
from app.models.milestone import Milestone
from app.models.placement import Placement
from app.models.project import BodyProject, Confidentiality, Project
from app.models.report import Report
from app.models.seat import Seat
from app.models.status_note import StatusNote
from app.models.success_criterion import SuccessCriterion
from app.models.user import User
from app.settings import today

_BELONG_TO_A_PROJECT: tuple[type[SQLModel], ...] = (
    Placement,
    Milestone,
    Report,
    EffectTarget,
    SuccessCriterion,
    KeyPersons,
    BodyProject,
    Deputy,
    StatusNote,
)


def hidden_projects(person_id: int | None) -> Any:
    """The closed projects that a person without a seeing role may not know of, as a subquery of keys.

    Owner, leader and whoever sits in one of the project's bodies today may see it. Written against the tables, not
    the mapped classes, so that the narrowing does not narrow itself.
    """
    project, link, seat = _table(Project), _table(BodyProject), _table(Seat)
    person = -1 if person_id is None else person_id
    day = today()
    sits = (
        sa.select(link.c.project_id)
        .join(seat, seat.c.body_id == link.c.body_id)
        .where(
            seat.c.person_id == person,
            seat.c.from_on <= day,
            or_(seat.c.to_on.is_(None), seat.c.to_on >= day),
        )
    )
    return sa.select(project.c.id).where(
        project.c.confidentiality == Confidentiality.closed,
        project.c.owner_id.is_distinct_from(person),
        project.c.leader_id.is_distinct_from(person),
        project.c.id.not_in(sits),
    )


def _hidden_bodies(hidden: Any) -> Any:
    """The bodies that serve hidden projects and nothing else."""
    link = _table(BodyProject)
    return (
        sa.select(link.c.body_id)
        .group_by(link.c.body_id)
        .having(sa.func.sum(sa.case((link.c.project_id.in_(hidden), 0), else_=1)) == 0)
    )


def _rows_of(model: type[SQLModel], hidden: Any) -> Any:
    """The keys of the rows of one kind that belong to hidden projects."""
    table = _table(model)
    return sa.select(table.c.id).where(table.c.project_id.in_(hidden))


def _table(model: type[SQLModel]) -> sa.Table:
    table: sa.Table = model.__table__  # type: ignore[attr-defined] # every table class has one
    return table


def read_as(session: Session, user: User | None) -> None:
    """From here on the session shows what this user may see; None (the command line) shows everything."""
    if user is None or user.sees_closed:
        session.info.pop("narrowed", None)
        return
    hidden = hidden_projects(user.person_id)
    bodies = _hidden_bodies(hidden)
    session.info["narrowed"] = (
        with_loader_criteria(Project, col(Project.id).not_in(hidden), include_aliases=True),
        with_loader_criteria(Body, col(Body.id).not_in(bodies), include_aliases=True),
        with_loader_criteria(Seat, col(Seat.body_id).not_in(bodies), include_aliases=True),
        with_loader_criteria(
            Event,
            or_(col(Event.project_id).is_(None), col(Event.project_id).not_in(hidden)),
            include_aliases=True,
        ),
        with_loader_criteria(
            Measurement, col(Measurement.effect_target_id).not_in(_rows_of(EffectTarget, hidden)), include_aliases=True
        ),
        with_loader_criteria(
            Assessment, col(Assessment.report_id).not_in(_rows_of(Report, hidden)), include_aliases=True
        ),
        *(
            with_loader_criteria(model, model.project_id.not_in(hidden), include_aliases=True)  # type: ignore[attr-defined]
            for model in _BELONG_TO_A_PROJECT
        ),
    )


@event.listens_for(Session, "do_orm_execute")
def _narrow(execution: ORMExecuteState) -> None:
    narrowed = execution.session.info.get("narrowed")
    if narrowed and execution.is_select:
        execution.statement = execution.statement.options(*narrowed)
