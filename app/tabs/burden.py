"""Belastning: who sits in which bodies, and how many key persons each project has (domain.md R14, R15, 4F, J5).

What a person or a unit carries is always counted over the whole list, also when the filters show a part of it: nobody's
load becomes smaller by looking away. Outsiders are shown as a number and never by name.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from app.i18n import in_danish_order
from app.models import Portfolio
from app.models.portfolio import Thresholds
from app.models.project import Confidentiality
from app.tabs.burden_bodies import BodyBurden, LargeBody, Overlap, bodies_of, large_ones, overlaps_of
from app.tabs.burden_facts import BurdenFacts, read_burden
from app.tabs.burden_people import (
    InTrouble,
    Loaded,
    PeopleGroup,
    PersonBurden,
    groups_of,
    in_trouble,
    loads_of,
    people_of,
)
from app.tabs.burden_units import UnitBurden, units_of
from app.tabs.filters import Filters, ListedProject, Option, matching, options, passes
from app.tabs.funding import FundingSum, funding_of_several, funding_sum
from app.tabs.load import Level, heat
from app.tabs.staffing import StaffingSum, staffing_sum
from app.tabs.what_if_change import board_relief


class BoardBody(BaseModel):
    """A body in which the whole executive board has fixed seats; `place` names it below a project (P-001.2).

    `relief` are the changes of a what-if that leave one director there and the others when needed (domain.md R33).
    """

    name: str
    place: str
    relief: list[str]


class ProjectBurden(BaseModel):
    """One project: its bodies as positions in `Burden.bodies`, and its key persons by unit (None: unknown, not zero).

    `bodies_below` counts the different bodies of a programme and everything below it (domain.md R39); 0 when it has
    nothing below it. `staffing` is of the year of the list; None when no post, or no money, is registered.
    """

    number: str
    title: str
    closed: bool
    theme: str
    bodies: list[int]
    bodies_below: int
    key_persons: dict[str, int] | None
    staffing: StaffingSum | None
    funding: FundingSum | None

    @property
    def key_person_total(self) -> int | None:
        return None if self.key_persons is None else sum(self.key_persons.values())

    def heat(self, unit: str) -> int:
        return heat((self.key_persons or {}).get(unit, 0))


class Burden(BaseModel):
    """The whole tab. Bodies, people and projects follow the filters; the findings are always of the whole list.

    `before` names the edition that changes are counted from; it is empty when there is none.
    """

    portfolio: str
    slug: str
    case_number: str
    as_of: date
    day: date
    round_key: str
    round_name: str
    before: str
    filters: Filters
    thresholds: Thresholds
    total: int
    shown: int
    closed: int
    key_person_hours: int
    directors: int
    whole_board: list[BoardBody]
    most_loaded: list[Loaded]
    median_points: float | None
    highest_points: float
    levels: dict[Level, int]
    large_bodies: list[LargeBody]
    overlaps: list[Overlap]
    in_trouble: list[InTrouble]
    units_carrying: list[UnitBurden]
    bodies_total: int
    bodies: list[BodyBurden]
    groups: list[PeopleGroup]
    projects: list[ProjectBurden]
    key_person_units: list[str]
    key_person_totals: dict[str, int]
    key_persons_known: int
    staffing: StaffingSum
    funding: FundingSum
    themes: list[Option] = Field(exclude=True)
    units: list[Option] = Field(exclude=True)
    owners: list[Option] = Field(exclude=True)
    kinds: list[Option] = Field(exclude=True)

    @property
    def people(self) -> list[PersonBurden]:
        return [person for group in self.groups for person in group.people]

    @property
    def matrix(self) -> list[tuple[int, BodyBurden]]:
        """The bodies that are columns of the matrix, with their positions."""
        return [(column, body) for column, body in enumerate(self.bodies) if body.has_seats]

    @property
    def projects_by_key_persons(self) -> list[ProjectBurden]:
        """Most key persons first, those without a number last; otherwise in the order of the list."""
        return sorted(
            self.projects, key=lambda project: (project.key_persons is None, -(project.key_person_total or 0))
        )

    @property
    def staffed(self) -> list[ProjectBurden]:
        """The projects that have said something about posts or money."""
        return [project for project in self.projects if project.staffing or project.funding]

    def bodies_of(self, project: ProjectBurden) -> list[BodyBurden]:
        return [self.bodies[position] for position in project.bodies]


def build_burden(session: Session, portfolio: Portfolio, filters: Filters, day: date) -> Burden:
    """The tab as the session's reader may see it on a day, compared with no edition."""
    return assemble_burden(read_burden(session, portfolio, day), filters, matching(session, filters.q))


def assemble_burden(
    facts: BurdenFacts, filters: Filters, matched: set[int] | None, before: BurdenFacts | None = None
) -> Burden:
    """The tab out of its facts, today's or an edition's.

    `matched` are the projects that the search found, if any; `before` are the facts of the edition before, if any.
    """
    projects, served = facts.projects, facts.served
    shown = [
        project
        for project in projects
        if (matched is None or project.id in matched) and passes(project, facts.marks[project.id], filters)
    ]
    bodies = bodies_of(facts)
    wanted = {project.id for project in shown}
    places = {key: position for position, key in enumerate(key for key in bodies if wanted & set(served[key][1]))}
    people = people_of(facts, places, before)
    return Burden(
        **facts.heading.model_dump(include=_HEADING),
        before=before.heading.round_name if before else "",
        filters=filters,
        thresholds=facts.thresholds,
        total=len(projects),
        shown=len(shown),
        closed=sum(project.confidentiality is Confidentiality.closed for project in projects),
        directors=len(facts.directors),
        whole_board=[
            BoardBody(name=body.label, place=body.place, relief=board_relief(facts, key))
            for key, body in bodies.items()
            if body.whole_board
        ],
        **loads_of(facts, people),
        large_bodies=large_ones(bodies.values()),
        overlaps=overlaps_of(facts, bodies),
        in_trouble=in_trouble(projects, facts.marks, facts.thresholds),
        units_carrying=units_of(facts, before),
        bodies_total=len(bodies),
        bodies=[bodies[key] for key in places],
        groups=groups_of(facts, [person for person in people if person.places]),
        **_projects(facts, shown, places),
        **options(projects),
    )


_HEADING = {"portfolio", "slug", "case_number", "as_of", "day", "round_key", "round_name", "key_person_hours"}


def _projects(facts: BurdenFacts, shown: list[ListedProject], places: Mapping[int, int]) -> dict[str, Any]:
    """The projects shown, and what they come to together."""
    bodies_of_project: dict[int, list[int]] = defaultdict(list)
    for key, (_body, of_projects) in facts.served.items():
        for project_id in of_projects:
            bodies_of_project[project_id].append(key)
    below = _bodies_below(facts.projects, bodies_of_project)
    year, wanted = facts.heading.day.year, [project.id for project in shown]
    counts = {key: facts.key_persons[key] for key in wanted if key in facts.key_persons}
    posts = {key: facts.staffing[key] for key in wanted if key in facts.staffing}
    money = {key: facts.funding[key] for key in wanted if key in facts.funding}
    totals: Counter[str] = Counter()
    for by_unit in counts.values():
        totals.update(by_unit)
    units = in_danish_order(totals)
    return {
        "projects": [
            ProjectBurden.model_construct(
                number=project.number,
                title=project.title,
                closed=project.confidentiality is Confidentiality.closed,
                theme=project.theme,
                bodies=sorted(places[key] for key in bodies_of_project[project.id]),
                bodies_below=len(below.get(project.id, ())),
                key_persons=counts.get(project.id),
                staffing=staffing_sum(posts[project.id], year) if project.id in posts else None,
                funding=funding_sum(money[project.id]) if project.id in money else None,
            )
            for project in shown
        ],
        "key_person_units": units,
        "key_person_totals": {unit: totals[unit] for unit in units},
        "key_persons_known": len(counts),
        "staffing": staffing_sum((line for lines in posts.values() for line in lines), year),
        "funding": funding_of_several(money.values()),
    }


def _bodies_below(projects: list[ListedProject], bodies_of_project: Mapping[int, list[int]]) -> dict[int, set[int]]:
    """The different bodies of each project with others below it: its own and all of theirs (domain.md R39)."""
    parent_of = {project.id: project.parent_id for project in projects}
    below: dict[int, set[int]] = {}
    for project in projects:
        above = project.parent_id
        while above in parent_of:
            below.setdefault(above, set(bodies_of_project.get(above, ()))).update(bodies_of_project.get(project.id, ()))
            above = parent_of[above]
    return below
