import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Choice, Row, Table, columns, long_text, one_of, rel
from app.models.event import add, change, record
from app.models.person import Person
from app.models.project import BodyProject, Confidentiality, Project
from app.models.seat import Attendance, SeatFunction
from app.settings import now

if TYPE_CHECKING:
    from app.models.user import User


class TooManyClosed(DomainError):
    """A scenario touches more than one closed project."""


class ScenarioChangeKind(Choice):
    add_project = "add_project", N_("Take a project on the list")
    remove_project = "remove_project", N_("Take a project off the list")
    add_seat = "add_seat", N_("Add a seat")
    change_seat = "change_seat", N_("Change a seat")
    remove_seat = "remove_seat", N_("Remove a seat")
    merge = "merge", N_("Merge two bodies")


class SeatToAdd(SQLModel):
    person: str = Field(min_length=1, title=N_("Person"))
    body: str = Field(min_length=1, title=N_("Body"))
    function: SeatFunction = one_of(SeatFunction, default=SeatFunction.member, title=N_("Function"))
    attendance: Attendance = one_of(Attendance, default=Attendance.fixed, title=N_("Attendance"))


class SeatToRemove(SQLModel):
    seat: str = Field(min_length=1, title=N_("Seat"))


class SeatToChange(SeatToRemove):
    function: SeatFunction | None = one_of(SeatFunction, default=None, nullable=True, title=N_("Function"))
    attendance: Attendance = one_of(Attendance, default=Attendance.when_needed, title=N_("Attendance"))


class ProjectToMove(SQLModel):
    project: str = Field(min_length=1, title=N_("Project"))


class BodiesToMerge(SQLModel):
    body: str = Field(min_length=1, title=N_("Body that ends"))
    into: str = Field(min_length=1, title=N_("Body that it becomes part of"))


CHANGE_FORMS: dict[ScenarioChangeKind, type[SQLModel]] = {
    ScenarioChangeKind.change_seat: SeatToChange,
    ScenarioChangeKind.remove_seat: SeatToRemove,
    ScenarioChangeKind.add_seat: SeatToAdd,
    ScenarioChangeKind.merge: BodiesToMerge,
    ScenarioChangeKind.remove_project: ProjectToMove,
    ScenarioChangeKind.add_project: ProjectToMove,
}
"""What is asked for each kind of change, in the order in which it stands in an address."""


class ScenarioForm(SQLModel):
    name: str = Field(min_length=3, max_length=120, title=N_("Name"))
    note: str = long_text(default="", max_length=600, title=N_("Note"))


class ScenarioEntry(ScenarioForm):
    """The form: a scenario with its changes, as they stand in an address."""

    changes: list[str] = Field(default_factory=list, title=N_("Changes"))


class Scenario(ScenarioForm, Row, table=True):
    """Changes that somebody thought through and kept, without changing the list (scenarie).

    `key` is drawn at random: a running number would tell of scenarios that a reader may not see.
    """

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(max_length=16, unique=True)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    saved_at: datetime

    author: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    changes: list["ScenarioChange"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "ScenarioChange.no"}
    )

    def __str__(self) -> str:
        return self.name


class ChangeKeys(SQLModel):
    """A change by the keys of what it names; which are filled depends on its kind.

    `body_id` and `into_id` point to bodies, `person_id` to whose seat it is.
    """

    kind: ScenarioChangeKind = one_of(ScenarioChangeKind)
    project_id: int | None = Field(default=None, foreign_key="project.id")
    body_id: int | None = Field(default=None, foreign_key="body.id")
    into_id: int | None = Field(default=None, foreign_key="body.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    function: SeatFunction | None = one_of(SeatFunction, default=None, nullable=True)
    attendance: Attendance | None = one_of(Attendance, default=None, nullable=True)


class ScenarioChange(ChangeKeys, Table, table=True):
    """One change of a scenario (scenarieændring); `no` runs within the scenario."""

    __table_args__ = (sa.UniqueConstraint("scenario_id", "no"),)

    id: int | None = Field(default=None, primary_key=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    no: int


def save_scenario(
    session: Session, by: "User", portfolio_id: int, form: ScenarioForm, changes: Sequence[ChangeKeys]
) -> Scenario:
    """Keeps what somebody thought through. Its log is hidden with the closed project that it touches, if any."""
    closed = closed_project(session, changes)
    scenario = Scenario(
        portfolio_id=portfolio_id,
        key=secrets.token_urlsafe(8),
        author_id=by.person_id,
        saved_at=now(),
        name=form.name,
        note=form.note,
    )
    add(session, by, scenario, ScenarioForm(name=form.name, note=form.note), project_id=closed)
    _keep(session, scenario, changes)
    return scenario


def change_scenario(
    session: Session, by: "User", scenario: Scenario, form: ScenarioForm, changes: Sequence[ChangeKeys]
) -> None:
    """A new name, note or new changes. The log counts the changes, and never names what they are about."""
    before = [_keys(row) for row in scenario.changes]
    closed = closed_project(session, [*scenario.changes, *changes])
    counts = ({"changes": len(before)}, {"changes": len(changes)})
    altered = before != [_keys(row) for row in changes]
    new = ScenarioForm(name=form.name, note=form.note)
    if altered:
        flag_modified(scenario, "name")  # a new version also when only the changes, which have none, are others
        for row in scenario.changes:
            session.delete(row)
        session.flush()
        _keep(session, scenario, changes)
    if not change(session, by, scenario, new, project_id=closed, extra=counts if altered else ({}, {})) and altered:
        record(session, by, "changed", scenario, project_id=closed, before=counts[0], after=counts[1])


def _keep(session: Session, scenario: Scenario, changes: Sequence[ChangeKeys]) -> None:
    session.add_all(
        ScenarioChange(scenario_id=scenario.pk, no=no, **_keys(change)) for no, change in enumerate(changes, start=1)
    )
    session.flush()


def _keys(change: ChangeKeys) -> dict[str, Any]:
    return change.model_dump(include=set(ChangeKeys.model_fields))


def closed_project(session: Session, changes: Sequence[ChangeKeys]) -> int | None:
    """The closed project that the changes touch: itself, or a body that serves nothing else.

    Never more than one: the log of a scenario can be hidden with one project only.
    """
    projects = {change.project_id for change in changes}
    bodies = {key for change in changes for key in (change.body_id, change.into_id)} - {None}
    query = (
        columns(BodyProject.body_id, Project.id, Project.confidentiality)
        .join(Project, col(Project.id) == BodyProject.project_id)
        .where(col(BodyProject.body_id).in_(bodies))
    )
    served: dict[int, dict[int, bool]] = defaultdict(dict)
    for body, project, confidentiality in session.exec(query):
        served[body][project] = confidentiality is Confidentiality.closed
    theirs = {project for of in served.values() if all(of.values()) for project in of}
    own = select(Project.id).where(col(Project.id).in_(projects), Project.confidentiality == Confidentiality.closed)
    closed = sorted({key for key in session.exec(own) if key} | theirs)
    if len(closed) > 1:
        raise TooManyClosed(_("A scenario may touch one closed project only: save one for each of them."))
    return closed[0] if closed else None


def scenarios_of(session: Session, portfolio_id: int) -> list[Scenario]:
    """The visible scenarios of a list, the newest first."""
    query = select(Scenario).where(Scenario.portfolio_id == portfolio_id).options(joinedload(rel(Scenario.author)))
    return list(session.exec(query.order_by(col(Scenario.saved_at).desc(), col(Scenario.id).desc())))


def scenario_by_key(session: Session, portfolio_id: int, key: str, *, for_update: bool = False) -> Scenario | None:
    """A visible scenario with its author and its changes."""
    query = (
        select(Scenario)
        .where(Scenario.portfolio_id == portfolio_id, Scenario.key == key)
        .options(joinedload(rel(Scenario.author)), selectinload(rel(Scenario.changes)))
    )
    return session.exec(query.with_for_update(of=Scenario) if for_update else query).first()
