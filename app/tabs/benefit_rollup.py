"""The benefits of the list rolled up: by project, programme, unit, budget year and certainty (domain.md R32, Q10).

The projects, their order and the filters are those of Overblik. The rules of adding up stand in benefits.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pydantic import BaseModel, Field

from app.i18n import danish_order
from app.models.benefit import Certainty
from app.models.project import Kind, ancestors
from app.tabs.benefits import BenefitLine, Totals, benefits_of_several
from app.tabs.filters import Filters, Option
from app.tabs.overview import Overview, OverviewFacts

Lines = Mapping[str, Sequence[BenefitLine]]


class BenefitFilters(Filters):
    """Overblik's filters, and a budget year."""

    year: str = ""


class ProjectBenefits(BaseModel):
    """One project's lines of the years that are shown, and what they come to."""

    number: str
    title: str
    kind: Kind
    theme: str
    unit: str
    programme: str
    closed: bool
    lines: list[BenefitLine]
    totals: Totals


class Rollup(BaseModel):
    """Several projects' benefits under one name. `number` is that of a programme, or empty."""

    name: str
    number: str
    level: int
    projects: int
    totals: Totals


class Benefits(BaseModel):
    """The whole page, of the projects that the filters show; `without` of them have no benefits in the years shown.

    `programmes` overlap: a focus area counts in its own row and in that of its programme. `level` 0 is the uppermost.
    """

    portfolio: str
    slug: str
    round_key: str
    round_name: str
    day: date
    filters: BenefitFilters
    total: int
    shown: int
    closed: int
    without: int
    sum: Totals
    projects: list[ProjectBenefits]
    programmes: list[Rollup]
    units: list[Rollup]
    years: dict[int, Totals]
    certainties: dict[Certainty, Totals]
    themes: list[Option] = Field(exclude=True)
    unit_options: list[Option] = Field(exclude=True)
    year_options: list[int] = Field(exclude=True)


def assemble_benefits(facts: OverviewFacts, overview: Overview, benefits: Lines, filters: BenefitFilters) -> Benefits:
    """The page out of Overblik, filtered as it is, and the lines by project number, today's or an edition's."""
    rows = [row for group in overview.groups for row in group.rows]
    listed = {project.number for project in facts.projects}
    chosen = {row.number: _of_year(benefits.get(row.number, ()), filters.year) for row in rows}
    having = {number: lines for number, lines in chosen.items() if lines}
    whole = benefits_of_several(having.values())
    return Benefits(
        portfolio=overview.portfolio,
        slug=overview.slug,
        round_key=overview.round_key,
        round_name=overview.round_name,
        day=facts.heading.day,
        filters=filters,
        total=overview.total,
        shown=overview.shown,
        closed=overview.closed,
        without=len(chosen) - len(having),
        sum=whole.total,
        projects=[
            ProjectBenefits(
                number=row.number,
                title=row.title,
                kind=row.kind,
                theme=row.theme,
                unit=row.unit,
                programme=row.programme,
                closed=row.closed,
                lines=having[row.number],
                totals=_sum([having[row.number]]),
            )
            for row in rows
            if row.number in having
        ],
        programmes=_programmes(facts, having),
        units=_units({row.number: row.unit for row in rows}, having),
        years=whole.years,
        certainties=whole.certainties,
        themes=overview.themes,
        unit_options=overview.units,
        year_options=sorted({line.year for number in listed for line in benefits.get(number, ())}),
    )


def _of_year(lines: Iterable[BenefitLine], year: str) -> list[BenefitLine]:
    return [line for line in lines if not year or str(line.year) == year]


def _sum(projects: Iterable[Sequence[BenefitLine]]) -> Totals:
    return benefits_of_several(projects).total


def _programmes(facts: OverviewFacts, having: Mapping[str, list[BenefitLine]]) -> list[Rollup]:
    """What has something with benefits below it, with itself and all of that; each under its own programme."""
    parents: dict[int, int | None] = {project.id: project.parent_id for project in facts.projects}
    known = {project.id: project for project in facts.projects}
    below: dict[int, list[str]] = defaultdict(list)
    for project in facts.projects:
        if project.number in having:
            for key in ancestors(parents, project.id):
                below[key].append(project.number)
    found = []
    for key in _in_order(parents, [project.id for project in facts.projects if below.get(project.id)]):
        project = known[key]
        numbers = [*([project.number] if project.number in having else []), *below[key]]
        found.append(
            Rollup(
                name=project.title,
                number=project.number,
                level=sum(above in known for above in ancestors(parents, key)),
                projects=len(numbers),
                totals=_sum(having[number] for number in numbers),
            )
        )
    return found


def _in_order(parents: Mapping[int, int | None], keys: list[int]) -> list[int]:
    """The keys as a reader walks down: what stands below something follows it."""
    walked: list[int] = []

    def walk(above: int | None) -> None:
        for key in keys:
            parent = parents.get(key)
            if (parent if parent in keys else None) == above:
                walked.append(key)
                walk(key)

    walk(None)
    return walked


def _units(unit_of: Mapping[str, str], having: Mapping[str, list[BenefitLine]]) -> list[Rollup]:
    """By the unit that is responsible for the project; projects without one come last."""
    members: dict[str, list[str]] = defaultdict(list)
    for number in having:
        members[unit_of[number]].append(number)
    return [
        Rollup(
            name=unit,
            number="",
            level=0,
            projects=len(members[unit]),
            totals=_sum(having[number] for number in members[unit]),
        )
        for unit in sorted(members, key=lambda name: (not name, danish_order(name)))
    ]
