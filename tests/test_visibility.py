"""Closed projects are narrowed away in one place, whatever a query is made of (product.md, decision 10)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlmodel import Session, col, select

from app.models import (
    Body,
    BodyProject,
    EffectTarget,
    Event,
    Measurement,
    Placement,
    Project,
    Proposal,
    Relation,
    Report,
    ScenarioChange,
    Seat,
    User,
)
from app.models.assessment import Assessment
from app.models.base import columns, rel
from app.models.event import record
from app.models.measurement import MeasurementForm, add_figure
from app.models.project import Confidentiality
from app.models.visibility import BELONG_TO_A_PROJECT, MAY_BE_ABOUT_A_PROJECT, read_as


def table(kind: Any) -> Any:
    return sa.inspect(kind).local_table


CLOSED = sa.select(table(Project).c.id).where(table(Project).c.confidentiality == Confidentiality.closed)
THEIR_BODIES = sa.select(table(BodyProject).c.body_id).where(table(BodyProject).c.project_id.in_(CLOSED))


def theirs(kind: Any) -> Any:
    """The keys of the rows of a kind that belong to closed projects, asked of the tables themselves."""
    return sa.select(table(kind).c.id).where(table(kind).c.project_id.in_(CLOSED))


TELL_OF_CLOSED_PROJECTS: list[tuple[Any, Callable[[Any], Any]]] = [
    (Project, lambda row: row.id.in_(CLOSED)),
    (Body, lambda row: row.id.in_(THEIR_BODIES)),
    (Seat, lambda row: row.body_id.in_(THEIR_BODIES)),
    (Measurement, lambda row: row.effect_target_id.in_(theirs(EffectTarget))),
    (Assessment, lambda row: row.report_id.in_(theirs(Report))),
    *((kind, lambda row: row.project_id.in_(CLOSED)) for kind in (Placement, Report, EffectTarget, BodyProject, Event)),
]


def measure_and_record(database: Engine) -> None:
    """A figure and an event of the closed project, which has neither."""
    with Session(database) as session:
        target = session.exec(select(EffectTarget).where(col(EffectTarget.project_id).in_(CLOSED))).first()
        assert target
        add_figure(session, target, MeasurementForm(measured_on=date(2022, 6, 1), value=1, source="Optælling"))
        record(session, None, "figure_added", target, project_id=target.project_id)
        session.commit()


@pytest.mark.parametrize(("kind", "tells"), TELL_OF_CLOSED_PROJECTS, ids=lambda value: getattr(value, "__name__", ""))
def test_no_query_by_class_or_by_alias_finds_what_tells_of_a_closed_project(
    database: Engine, anden_leder: User, sekretariat: User, kind: Any, tells: Callable[[Any], Any]
) -> None:
    measure_and_record(database)
    for reader, finds in ((sekretariat, True), (anden_leder, False), (sekretariat, True), (anden_leder, False)):
        with Session(database) as session:
            read_as(session, reader)
            for row in (kind, aliased(kind)):
                count = columns(sa.func.count()).select_from(row).where(tells(row))
                assert bool(session.exec(count).one()[0]) is finds, (reader, row)


def test_an_alias_that_is_joined_is_narrowed_as_well(database: Engine, anden_leder: User, sekretariat: User) -> None:
    above = aliased(Project)
    query = columns(Project.number, above.number).outerjoin(above, above.id == Project.parent_id)
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        session.exec(select(Project).where(Project.number == "P-006")).one().parent_id = closed.id
        session.commit()
        read_as(session, anden_leder)
        assert ("P-006", None) in session.exec(query).all()
        read_as(session, sekretariat)
        assert ("P-006", "L-01") in session.exec(query).all()


@pytest.mark.parametrize("how", [joinedload, selectinload])
def test_what_is_loaded_beside_a_row_is_narrowed_as_well(database: Engine, anden_leder: User, how: Any) -> None:
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        session.exec(select(Project).where(Project.number == "P-006")).one().parent_id = closed.id
        session.commit()
    with Session(database) as session:
        read_as(session, anden_leder)
        query = select(Project).where(Project.number == "P-006").options(how(rel(Project.parent)))
        assert session.exec(query).one().parent is None


def test_two_readers_in_turn_each_see_their_own(database: Engine, leder: User, anden_leder: User) -> None:
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        closed.leader_id = leder.person_id
        session.commit()
        for _ in range(2):
            for reader, finds in ((leder, True), (anden_leder, False)):
                read_as(session, reader)
                assert bool(session.exec(select(Project).where(Project.number == "L-01")).first()) is finds


def test_every_table_that_names_a_project_is_narrowed() -> None:
    named = {mapper.class_ for mapper in Project._sa_registry.mappers if "project_id" in mapper.columns}
    own_conditions = {Proposal, Relation, ScenarioChange}
    assert named == {*BELONG_TO_A_PROJECT, *MAY_BE_ABOUT_A_PROJECT, *own_conditions}
