"""Who may know of what: the one place where closed projects are kept from those who may not see them.

A session reads as somebody (`read_as`). From then on every query of that session that touches a project, a row that
belongs to one, or a body that serves only hidden ones, is narrowed by SQLAlchemy itself, so that no query has to
remember it (product.md, decision 10).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, SQLModel, or_

from app.models.agenda_item import AgendaItem
from app.models.assessment import Assessment
from app.models.base import table_of
from app.models.benchmark import Benchmark
from app.models.benefit import Benefit
from app.models.body import Body
from app.models.candidate import Candidate
from app.models.decision import Decision
from app.models.deputy import Deputy
from app.models.effect_follow_up import EffectFollowUp
from app.models.effect_target import EffectTarget
from app.models.event import Event
from app.models.follow_up import FollowUp
from app.models.funding import Funding
from app.models.funding_need import FundingNeed
from app.models.implementation import Implementation
from app.models.key_persons import KeyPersons
from app.models.measurement import Measurement
from app.models.milestone import Milestone
from app.models.person import Person
from app.models.placement import Placement
from app.models.project import BodyProject, Confidentiality, Project, ProjectUnit
from app.models.proposal import Proposal
from app.models.relation import Relation
from app.models.report import Report
from app.models.role import Role
from app.models.scenario import Scenario, ScenarioChange
from app.models.seat import Seat
from app.models.staffing import Staffing, StaffingShare
from app.models.stated_total import StatedTotal
from app.models.status_note import StatusNote
from app.models.strategy_theme import ProjectStrategy
from app.models.success_criterion import SuccessCriterion
from app.models.target_version import TargetVersion
from app.models.task import Task
from app.models.task_force import TaskForce
from app.models.topic import EarlierTurn, Topic
from app.models.user import User
from app.settings import today

BELONG_TO_A_PROJECT: tuple[type[SQLModel], ...] = (
    Placement,
    Milestone,
    Report,
    EffectTarget,
    SuccessCriterion,
    KeyPersons,
    BodyProject,
    ProjectUnit,
    Deputy,
    StatusNote,
    Staffing,
    Funding,
    FundingNeed,
    TaskForce,
    FollowUp,
    Benefit,
    StatedTotal,
    Implementation,
    ProjectStrategy,
)

MAY_BE_ABOUT_A_PROJECT: tuple[type[SQLModel], ...] = (Event, Candidate, Decision, Task, Topic)
"""Rows that name a project or none."""


def hidden_projects(person_id: int | None) -> Any:
    """The closed projects that a person without a seeing role may not know of, as a query for their keys.

    Owner, leader and whoever sits in one of the project's bodies today may see it. Written against the tables, not
    the mapped classes, so that the narrowing does not narrow itself.
    """
    project, link, seat = table_of(Project), table_of(BodyProject), table_of(Seat)
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


def _hidden_bodies(hidden: tuple[int, ...]) -> Any:
    """The bodies that serve hidden projects and nothing else, as a query for their keys."""
    link = table_of(BodyProject)
    theirs = sa.select(link.c.body_id).where(link.c.project_id.in_(hidden))
    return (
        sa.select(link.c.body_id)
        .where(link.c.body_id.in_(theirs))
        .group_by(link.c.body_id)
        .having(sa.func.sum(sa.case((link.c.project_id.in_(hidden), 0), else_=1)) == 0)
    )


_TARGETS, _REPORTS, _STAFFING, _TOPICS = table_of(EffectTarget), table_of(Report), table_of(Staffing), table_of(Topic)
_DECISIONS, _ITEMS, _PEOPLE = table_of(Decision), table_of(AgendaItem), table_of(Person)


def read_as(session: Session, user: User | None, *, closed: bool = True) -> None:
    """From here on the session shows what this user may see; None (the command line) shows everything.

    Without `closed` it shows nothing that is closed, whoever reads: as to somebody of no project. What is hidden is
    asked once: a session lives no longer than its request.
    """
    session.info.pop("narrowed", None)
    if not closed:
        _hide(session, None)
    elif user is not None and not user.sees_closed:
        _hide(session, user.person_id, manages=user.has(Role.chefforum))


def sees_closed(session: Session) -> bool:
    """Whether the session shows everything that is closed, whoever reads."""
    return "narrowed" not in session.info


@contextmanager
def nothing_closed(session: Session) -> Iterator[None]:
    """Meanwhile the session shows no closed project at all, whoever reads."""
    before = session.info.pop("narrowed", None)
    _hide(session, None)
    try:
        yield
    finally:
        session.info.pop("narrowed", None)
        if before:
            session.info["narrowed"] = before


def _hide(session: Session, person_id: int | None, *, manages: bool = False) -> None:
    """Narrows the session to what a person without a seeing role may see; None is somebody of no project."""
    keys = session.connection()
    hidden = tuple(keys.scalars(hidden_projects(person_id)))
    bodies = tuple(keys.scalars(_hidden_bodies(hidden))) if hidden else ()
    of_closed_items = _of_closed_items(person_id, manages)
    session.info["narrowed"] = of_closed_items + (_narrowed(hidden, bodies) if hidden else ())


@lru_cache(maxsize=1000)
def _narrowed(hidden: tuple[int, ...], bodies: tuple[int, ...]) -> tuple[Any, ...]:
    """Conditions on every class that could tell of a hidden project.

    Each is a lambda of the class that a query names, because only then does it reach an `aliased()` class too.
    """
    return (
        _on(Project, lambda row: row.id.not_in(hidden)),
        _on(Body, lambda row: row.id.not_in(bodies)),
        _on(Seat, lambda row: row.body_id.not_in(bodies)),
        *(
            _on(
                model,
                lambda row: row.effect_target_id.not_in(
                    sa.select(_TARGETS.c.id).where(_TARGETS.c.project_id.in_(hidden))
                ),
            )
            for model in (Measurement, Benchmark, TargetVersion, EffectFollowUp)
        ),
        _on(
            Assessment,
            lambda row: row.report_id.not_in(sa.select(_REPORTS.c.id).where(_REPORTS.c.project_id.in_(hidden))),
        ),
        _on(
            StaffingShare,
            lambda row: row.staffing_id.not_in(sa.select(_STAFFING.c.id).where(_STAFFING.c.project_id.in_(hidden))),
        ),
        _on(
            EarlierTurn,
            lambda row: row.topic_id.not_in(sa.select(_TOPICS.c.id).where(_TOPICS.c.project_id.in_(hidden))),
        ),
        _on(
            Relation,
            lambda row: sa.and_(
                row.project_id.not_in(hidden), or_(row.other_id.is_(None), row.other_id.not_in(hidden))
            ),
        ),
        _on(Scenario, lambda row: row.id.not_in(_telling(hidden, bodies))),
        _on(ScenarioChange, lambda row: row.scenario_id.not_in(_telling(hidden, bodies))),
        _on(
            Proposal,
            lambda row: sa.and_(
                or_(row.scenario_id.is_(None), row.scenario_id.not_in(_telling(hidden, bodies))),
                or_(row.project_id.is_(None), row.project_id.not_in(hidden)),
            ),
        ),
        *(
            _on(model, lambda row: or_(row.project_id.is_(None), row.project_id.not_in(hidden)))
            for model in MAY_BE_ABOUT_A_PROJECT
        ),
        *(_on(model, lambda row: row.project_id.not_in(hidden)) for model in BELONG_TO_A_PROJECT),
    )


def _of_open_items(item_id: Any) -> Any:
    """That a row is of no closed item of an agenda; of such an item everybody sees the case number only (R106)."""
    return or_(item_id.is_(None), item_id.not_in(sa.select(_ITEMS.c.id).where(_ITEMS.c.closed)))


def _of_open_decisions(decision_id: Any) -> Any:
    return or_(decision_id.is_(None), decision_id.not_in(_ON_CLOSED_ITEMS))


def _of_open_topics(topic_id: Any) -> Any:
    sent = sa.select(_TOPICS.c.id).where(_TOPICS.c.decision_id.in_(_ON_CLOSED_ITEMS))
    return or_(topic_id.is_(None), topic_id.not_in(sent))


def _unit_of(person_id: int) -> Any:
    return sa.select(_PEOPLE.c.unit_id).where(_PEOPLE.c.id == person_id, _PEOPLE.c.unit_id.is_not(None))


def _telling(hidden: tuple[int, ...], bodies: tuple[int, ...]) -> Any:
    """The scenarios that a hidden project or body is a part of, as a query for their keys: also a name would tell."""
    change = table_of(ScenarioChange)
    return sa.select(change.c.scenario_id).where(
        or_(change.c.project_id.in_(hidden), change.c.body_id.in_(bodies), change.c.into_id.in_(bodies))
    )


def _on(model: type[SQLModel], condition: Any) -> Any:
    return with_loader_criteria(model, condition, include_aliases=True)


_ON_CLOSED_ITEMS = (
    sa.select(_DECISIONS.c.id).join(_ITEMS, _ITEMS.c.id == _DECISIONS.c.agenda_item_id).where(_ITEMS.c.closed)
)


@lru_cache(maxsize=1000)
def _of_closed_items(person_id: int | None, manages: bool) -> tuple[Any, ...]:
    """Conditions on what was decided on the closed items of an agenda, and on what came of it.

    Whoever is responsible for a task knows of the task, but not of the decision: the person, or who `manages` the unit.
    """
    person = -1 if person_id is None else person_id
    manager = person if manages else -1
    return (
        _on(Decision, lambda row: _of_open_items(row.agenda_item_id)),
        _on(Event, lambda row: _of_open_items(row.agenda_item_id)),
        _on(
            Task,
            lambda row: or_(
                sa.and_(_of_open_decisions(row.decision_id), _of_open_topics(row.topic_id)),
                row.owner_id == person,
                row.owner_unit_id.in_(_unit_of(manager)),
            ),
        ),
        _on(Topic, lambda row: _of_open_decisions(row.decision_id)),
        _on(EarlierTurn, lambda row: _of_open_topics(row.topic_id)),
    )


@event.listens_for(Session, "do_orm_execute")
def _narrow(execution: ORMExecuteState) -> None:
    narrowed = execution.session.info.get("narrowed")
    if narrowed and execution.is_select:
        execution.statement = execution.statement.options(*narrowed)
