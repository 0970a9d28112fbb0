"""A relation with its dates: what must come first, what waits, and the days between (domain.md R56, R57, 5B Q12, Q13).

Both ends have a date, the last day of the period that is known: a milestone its own, otherwise the other project its
planned end, a decision outside the day it is expected. What waits without a milestone is the project's start, or its
planned end once it has begun. Slack is the whole days between them; less than zero is a collision. What is open and
overdue counts as late until today.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, or_, select

from app.i18n import N_, _
from app.models import EffectTarget, Milestone, Project, Relation
from app.models.base import Choice, columns
from app.models.effect_target import Direction
from app.models.milestone import MilestoneKind, Precision, last_day, show_period
from app.models.project import Phase
from app.models.relation import RelationKind, with_both_sides

OVER = (Phase.realisation, Phase.finished)
"""The phases in which a project has delivered what others wait for."""


class PointState(Choice):
    done = "done", N_("Done")
    open = "open", N_("Open")
    late = "late", N_("Late")
    dropped = "dropped", N_("Dropped")


class Point(BaseModel):
    """Something with a date that another thing waits for, or that waits. `key` is unique on the list."""

    key: str
    number: str
    title: str
    label: str
    on: date | None
    on_text: str
    first_promised_on: date | None
    days_late: int
    state: PointState
    external: bool

    @property
    def open(self) -> bool:
        return self.state in (PointState.open, PointState.late)

    @property
    def days_moved(self) -> int:
        """How many days later than first promised an open date now is."""
        return (self.on - self.first_promised_on).days if self.open and self.on and self.first_promised_on else 0


class Link(BaseModel):
    """A dependency with dates. `no` is the relation's number below the project that waits; slack in days."""

    number: str
    no: int
    kind: RelationKind
    text: str
    first: Point
    waits: Point
    slack: int | None
    settled: bool

    @property
    def key(self) -> str:
        """Unique on the list: the relation's number below its project."""
        return f"{self.number}.{self.no}"

    @property
    def collides(self) -> bool:
        return self.slack is not None and self.slack < 0

    @property
    def external(self) -> bool:
        return self.first.external

    @property
    def projects(self) -> set[str]:
        """The numbers of the projects at its ends; a decision outside stands at the project that awaits it."""
        return {self.first.number or self.number, self.waits.number}


class Aim(BaseModel):
    """An effect target and which way it is to move."""

    name: str
    direction: Direction


def link_of(relation: Relation, day: date) -> Link:
    """A dependency or a decision that is awaited, with its dates as they stand on a day."""
    if relation.other:
        first = _point_of(relation.other, relation.other_milestone, day, waits=False)
    else:
        first = _decision(relation, day)
    waits = _point_of(relation.project, relation.milestone, day, waits=True)
    settled = not waits.open or first.state is PointState.done
    known = not settled and first.on is not None and waits.on is not None
    return Link(
        number=relation.project.number,
        no=relation.no,
        kind=relation.kind,
        text=relation.text,
        first=first,
        waits=waits,
        slack=days_between(first.on, waits.on) - first.days_late if known else None,
        settled=settled,
    )


def days_between(first: date | None, last: date | None) -> int:
    return (last - first).days if first and last else 0


def _point_of(project: Project, milestone: Milestone | None, day: date, *, waits: bool) -> Point:
    if milestone:
        return milestone_point(project, milestone, day)
    if waits and project.starts_on and project.starts_on > day:
        return start_of(project)
    return end_of(project, day)


def milestone_point(project: Any, milestone: Any, day: date) -> Point:
    """A milestone on the day it is due, or was done."""
    due = last_day(milestone.due_on, milestone.precision)
    state = PointState.late if due < day else PointState.open
    if milestone.done_on or milestone.dropped_on:
        state = PointState.done if milestone.done_on else PointState.dropped
    return Point(
        key=f"{project.number}.milestone.{milestone.no}",
        number=project.number,
        title=project.title,
        label=milestone.text,
        on=None if milestone.dropped_on else milestone.done_on or due,
        on_text=show_period(milestone.done_on, Precision.day)
        if milestone.done_on
        else show_period(milestone.due_on, milestone.precision),
        first_promised_on=last_day(milestone.baseline_on, milestone.precision),
        days_late=(day - due).days if state is PointState.late else 0,
        state=state,
        external=milestone.kind is MilestoneKind.external_approval,
    )


def start_of(project: Project) -> Point:
    return _of_project(project, "start", _("Start"), project.starts_on, PointState.open)


def end_of(project: Project, day: date) -> Point:
    end = project.planned_end_on
    state = PointState.late if end and end < day else PointState.open
    if project.phase in OVER or project.phase is Phase.stopped:
        state = PointState.done if project.phase in OVER else PointState.dropped
    late = (day - end).days if end and state is PointState.late else 0
    return _of_project(project, "end", _("Planned end"), end, state, project.baseline_end_on, late)


def _of_project(
    project: Project,
    what: str,
    label: str,
    on: date | None,
    state: PointState,
    promised: date | None = None,
    late: int = 0,
) -> Point:
    return Point(
        key=f"{project.number}.{what}",
        number=project.number,
        title=project.title,
        label=label,
        on=on,
        on_text=show_period(on, Precision.day) if on else "",
        first_promised_on=promised or on,
        days_late=late,
        state=state,
        external=False,
    )


def _decision(relation: Relation, day: date) -> Point:
    """A decision outside the list: it is open until the relation is ended."""
    due = last_day(relation.due_on, relation.precision) if relation.due_on else None
    late = (day - due).days if due and due < day else 0
    return Point(
        key=f"{relation.project.number}.relation.{relation.no}",
        number="",
        title=relation.outside,
        label=relation.text,
        on=due,
        on_text=show_period(relation.due_on, relation.precision) if relation.due_on else "",
        first_promised_on=due,
        days_late=late,
        state=PointState.late if late else PointState.open,
        external=True,
    )


def aims_of(session: Session, keys: Collection[int]) -> dict[int, list[Aim]]:
    """What each project wants to reach: its effect targets that still apply, in their order."""
    query = columns(EffectTarget.project_id, EffectTarget.name, EffectTarget.direction).where(
        col(EffectTarget.project_id).in_(keys), col(EffectTarget.withdrawn).is_(False)
    )
    found: dict[int, list[Aim]] = defaultdict(list)
    for key, name, direction in session.exec(query.order_by(EffectTarget.project_id, EffectTarget.no)):
        found[key].append(Aim(name=name, direction=direction))
    return found


class ProjectRelation(BaseModel):
    """A relation as one of its projects sees it; `no` is there on the project it is registered on."""

    no: int | None
    kind: RelationKind
    number: str
    title: str
    text: str
    link: Link | None
    aims: list[Aim]
    other_aims: list[Aim]
    ended_on: date | None

    @property
    def words(self) -> str:
        """How it stands to the other, whose name follows; from the other's side the name comes first."""
        return str(self.kind) if self.no or self.kind.mutual else _(_SEEN_FROM_THE_OTHER[self.kind])


_SEEN_FROM_THE_OTHER = {
    RelationKind.depends_on: N_("depends on this project"),
    RelationKind.replaces: N_("replaces this project"),
    RelationKind.springs_from: N_("springs from this project"),
}


def relations_of(session: Session, project: Project, day: date) -> list[ProjectRelation]:
    """Both directions of a project's relations: its own first, what applies before what has ended. Two queries."""
    query = (
        select(Relation)
        .where(or_(Relation.project_id == project.pk, Relation.other_id == project.pk))
        .options(*with_both_sides())
        .order_by(col(Relation.project_id) != project.pk, col(Relation.no))
    )
    found = list(session.exec(query))
    conflicts = [each for each in found if each.kind is RelationKind.goal_conflict]
    aims = aims_of(session, {key for each in conflicts for key in (each.project_id, each.other_id) if key})
    seen = [_seen_from(project, each, aims, day) for each in found]
    return sorted(seen, key=lambda each: each.ended_on is not None)


def _seen_from(project: Project, relation: Relation, aims: Mapping[int, list[Aim]], day: date) -> ProjectRelation:
    own = relation.project_id == project.pk
    other = relation.other if own else relation.project
    conflict = relation.kind is RelationKind.goal_conflict
    return ProjectRelation(
        no=relation.no if own else None,
        kind=relation.kind,
        number=other.number if other else "",
        title=other.title if other else relation.outside,
        text=relation.text,
        link=link_of(relation, day) if relation.kind.waits else None,
        aims=aims.get(project.pk, []) if conflict else [],
        other_aims=aims.get(other.pk, []) if conflict and other else [],
        ended_on=None if relation.applies_on(day) else relation.ended_on,
    )
