"""A programme rolled up over everything below it, at any depth (domain.md R28-R39, invariants I16, I17).

Its colour is reported and never averaged; the worst below stands beside it. Only what is on the list counts: what has
left it, or was never placed, is shown and not added up. Whoever may not see a project does not see it here either.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, or_

from app.i18n import danish_order
from app.models import Body, BodyProject, KeyPersons, Project
from app.models.base import columns
from app.models.body import BodyType
from app.models.project import Confidentiality, Kind, Phase
from app.tabs.funding import FundingFacts, FundingYear, funding_of_several, read_funding
from app.tabs.mark import Mark
from app.tabs.overview_row import OverviewRow
from app.tabs.staffing import StaffingLine, StaffingSum, read_staffing, staffing_sum


@dataclass(frozen=True)
class ProgrammeBody:
    """A body under the programme; `meetings` a year, None is unknown."""

    name: str
    type: BodyType
    meetings: int | None


@dataclass
class Burdens:
    """What a project, or several together, carries. A body that serves several of them counts once (R39)."""

    bodies: list[ProgrammeBody]
    key_persons: int | None
    staffing: StaffingSum
    funding: FundingYear | None

    @property
    def meetings(self) -> int:
        """Meetings a year of the bodies that have said how many."""
        return sum(body.meetings for body in self.bodies if body.meetings is not None)

    @property
    def without_meetings(self) -> int:
        """How many of the bodies have not."""
        return sum(body.meetings is None for body in self.bodies)


@dataclass
class Branch:
    """A project below the programme: `level` 1 stands directly below it. Without a mark it is not on the list."""

    number: str
    title: str
    kind: Kind
    phase: Phase
    closed: bool
    level: int
    mark: Mark | None
    own: Burdens


@dataclass
class Programme:
    """`total` is of the programme itself and of everything below it that is on the list.

    `key_persons_known` of the `counted` projects have stated their key persons, `needs_known` what they need.
    """

    branches: list[Branch]
    own: Burdens
    total: Burdens
    counted: int
    key_persons_known: int
    needs_known: int


@dataclass
class Facts:
    """What was read of the projects, by their keys."""

    bodies: dict[int, dict[int, ProgrammeBody]] = field(default_factory=lambda: defaultdict(dict))
    key_persons: dict[int, int] = field(default_factory=dict)
    staffing: dict[int, list[StaffingLine]] = field(default_factory=dict)
    funding: dict[int, FundingFacts] = field(default_factory=dict)

    def of(self, keys: Iterable[int], year: int) -> Burdens:
        """What these projects carry together."""
        projects = list(keys)
        bodies = {key: body for project in projects for key, body in self.bodies.get(project, {}).items()}
        known = [self.key_persons[project] for project in projects if project in self.key_persons]
        money = [self.funding[project] for project in projects if project in self.funding]
        return Burdens(
            bodies=sorted(bodies.values(), key=lambda body: danish_order(body.name)),
            key_persons=sum(known) if known else None,
            staffing=staffing_sum((line for project in projects for line in self.staffing.get(project, ())), year),
            funding=funding_of_several(money).total if money else None,
        )


def build_programme(
    session: Session, project: Project, below: set[int], rows: Mapping[int, OverviewRow], day: date
) -> Programme | None:
    """The programme on a day; None when nothing stands below. `rows` are Overblik's, of it and of everything below it.

    Seven queries, however much there is.
    """
    if not below:
        return None
    found = _read(session, below | {project.pk}, day)
    branches = [
        (row, level, rows[row.id].mark if row.id in rows else None)
        for row, level in _in_order(session, project.pk, below)
    ]
    counted = [project.pk, *(row.id for row, _level, mark in branches if mark)]
    return Programme(
        branches=[
            Branch(
                number=row.number,
                title=row.title,
                kind=row.kind,
                phase=row.phase,
                closed=row.confidentiality is Confidentiality.closed,
                level=level,
                mark=mark,
                own=found.of([row.id], day.year),
            )
            for row, level, mark in branches
        ],
        own=found.of([project.pk], day.year),
        total=found.of(counted, day.year),
        counted=len(counted),
        key_persons_known=sum(key in found.key_persons for key in counted),
        needs_known=sum(bool(found.funding[key].needs) for key in counted if key in found.funding),
    )


def _in_order(session: Session, top: int, below: set[int]) -> list[tuple[Any, int]]:
    """Everything below as a reader walks down it, with its level: what is part of it follows each, by number."""
    query = columns(
        Project.id,
        Project.parent_id,
        Project.number,
        Project.title,
        Project.kind,
        Project.phase,
        Project.confidentiality,
    ).where(col(Project.id).in_(below))
    children = defaultdict(list)
    for row in session.exec(query.order_by(col(Project.series).desc(), Project.sequence)):
        children[row.parent_id].append(row)
    walked: list[tuple[Any, int]] = []

    def walk(key: int, level: int) -> None:
        for row in children[key]:
            walked.append((row, level))
            walk(row.id, level + 1)

    walk(top, 1)
    return walked


def _read(session: Session, keys: set[int], day: date) -> Facts:
    found = Facts(staffing=read_staffing(session, keys, day), funding=read_funding(session, keys))
    bodies = (
        columns(BodyProject.project_id, Body.id, Body.name, Body.type, Body.meetings_per_year)
        .join(Body, col(Body.id) == BodyProject.body_id)
        .where(
            col(BodyProject.project_id).in_(keys),
            or_(col(Body.valid_from).is_(None), col(Body.valid_from) <= day),
            or_(col(Body.valid_to).is_(None), col(Body.valid_to) >= day),
        )
    )
    for project_id, body_id, name, kind, meetings in session.exec(bodies):
        found.bodies[project_id][body_id] = ProgrammeBody(name, kind, meetings)
    counts = columns(KeyPersons.project_id, KeyPersons.count).where(col(KeyPersons.project_id).in_(keys))
    for project_id, count in session.exec(counts):
        found.key_persons[project_id] = found.key_persons.get(project_id, 0) + count
    return found
