"""Belastning: who sits in which bodies, and how many key persons each project has (domain.md R14, R15, 4F, J5).

What a person carries is always counted over the whole list, also when the filters show a part of it: nobody's load
becomes smaller by looking away. Outsiders are shown as a number and never by name.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from statistics import median
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session, col, or_, select

from app.i18n import N_, _, danish_order, in_danish_order
from app.models import Body, BodyProject, KeyPersons, Person, Portfolio, ReportingRound, Seat, Unit
from app.models.base import Choice, columns
from app.models.body import BodyType
from app.models.project import Confidentiality
from app.models.reporting_round import latest_rounds
from app.models.seat import Attendance, SeatFunction, seat_points
from app.tabs.filters import (
    Filters,
    Heading,
    ListedProject,
    Option,
    heading,
    matching,
    options,
    passes,
    projects_on_list,
)
from app.tabs.mark import ROUNDS_SHOWN, Mark, mark_now, marks_in

MOST_LOADED = 3
"""How many people the finding names."""

MANY_IN_TROUBLE = 3
"""So many red or yellow projects make one person a single point of failure (domain.md 4F)."""

LARGE, VERY_LARGE = 5, 12
"""A body with more members than this is large, or very large (domain.md 4F)."""


class Level(Choice):
    """How much a person carries (domain.md 4F)."""

    normal = "normal", N_("Normal")
    watch = "watch", N_("Watch")
    high = "high", N_("High")


class BodySize(Choice):
    normal = "normal", N_("Normal size")
    large = "large", N_("Large body")
    very_large = "very_large", N_("Very large body")


def load_level(seats: int, chairs: int, meetings: int) -> Level:
    """The level of a person's load (domain.md 4F): the highest of three counts decides.

    Seats up to 3 are normal, 6 and more are high; chair and owner seats up to 2 and from 4; more than 40 meetings a
    year deserve attention.
    """
    steps = [(seats > 3) + (seats > 5), (chairs > 2) + (chairs > 3), int(meetings > 40)]
    return list(Level)[max(steps)]


def body_size(members: int, attendance: int | None) -> BodySize:
    """A body's size by its fixed members and by how many usually attend (domain.md 4F; R36: meetings of 30)."""
    if max(members, attendance or 0) > VERY_LARGE:
        return BodySize.very_large
    return BodySize.large if members > LARGE else BodySize.normal


def heat(count: int) -> int:
    """The shade of a number of key persons: 0 for none, 1 up to two, 2 up to four, 3 from five."""
    return 0 if count == 0 else min(3, (count + 1) // 2)


class Member(BaseModel):
    """Somebody of the municipality with a seat today."""

    name: str
    unit: str
    function: SeatFunction
    attendance: Attendance


class BodyBurden(BaseModel):
    """A body that serves a project shown; None stands for what is unknown and is never zero.

    `fixed_members` are the municipality's own with a fixed seat, observers left out; `external_members` are all
    outsiders, with a named seat or without. `chair` names an outsider's organisation only.
    """

    name: str
    short: str
    type: BodyType
    projects: list[str]
    chair: str
    members: list[Member]
    fixed_members: int
    external_members: int | None
    meetings: int | None
    typical_attendance: int | None
    size: BodySize
    size_is_least: bool
    whole_board: bool

    @property
    def label(self) -> str:
        return self.short or self.name

    @property
    def has_seats(self) -> bool:
        """Whether anybody sits in it by name; a body without stands beside its projects, not in the matrix."""
        return bool(self.members or self.chair)


class Place(BaseModel):
    """One person's seat in one body: `column` is the body's position in `Burden.bodies`."""

    column: int
    body: str
    function: SeatFunction
    attendance: Attendance
    points: float


class PersonBurden(BaseModel):
    """What one person carries over the whole list; `places` are the seats in the bodies shown.

    A body that serves several projects is one seat. `chairs` are chair and owner seats. `meetings` are those a year of
    the bodies that have said how many; `bodies_without_meetings` have not.
    """

    id: int
    name: str
    title: str
    unit: str
    seats: int
    chairs: int
    meetings: int
    bodies_without_meetings: int
    points: float
    level: Level
    rank: int
    places: list[Place]

    @property
    def by_column(self) -> dict[int, Place]:
        return {place.column: place for place in self.places}


class PeopleGroup(BaseModel):
    """The people of the Direktion, or of one unit, most loaded first."""

    board: bool
    code: str
    name: str
    people: list[PersonBurden]

    @property
    def title(self) -> str:
        if self.board:
            return _("Executive board")
        return f"{self.code} · {self.name}" if self.code else _("Without a unit")

    @property
    def seats(self) -> int:
        return sum(person.seats for person in self.people)


class ProjectBurden(BaseModel):
    """One project: its bodies as positions in `Burden.bodies`, and its key persons by unit (None: unknown, not zero).

    `bodies_below` counts the different bodies of a programme and everything below it (domain.md R39); 0 when it has
    nothing below it.
    """

    number: str
    title: str
    closed: bool
    theme: str
    bodies: list[int]
    bodies_below: int
    key_persons: dict[str, int] | None

    @property
    def key_person_total(self) -> int | None:
        return None if self.key_persons is None else sum(self.key_persons.values())

    def heat(self, unit: str) -> int:
        return heat((self.key_persons or {}).get(unit, 0))


class Loaded(BaseModel):
    """One of the people who carry most."""

    id: int
    name: str
    points: float
    level: Level


class LargeBody(BaseModel):
    name: str
    members: int
    typical_attendance: int | None
    meetings: int | None
    size: BodySize


class InTrouble(BaseModel):
    """Somebody who owns or leads many red or yellow projects."""

    id: int
    name: str
    projects: list[str]


class Burden(BaseModel):
    """The whole tab. Bodies, people and projects follow the filters; the findings are always of the whole list."""

    portfolio: str
    slug: str
    case_number: str
    as_of: date
    day: date
    round_key: str
    round_name: str
    filters: Filters
    total: int
    shown: int
    closed: int
    key_person_hours: int
    directors: int
    whole_board: list[str]
    most_loaded: list[Loaded]
    median_points: float | None
    highest_points: float
    levels: dict[Level, int]
    large_bodies: list[LargeBody]
    in_trouble: list[InTrouble]
    bodies_total: int
    bodies: list[BodyBurden]
    groups: list[PeopleGroup]
    projects: list[ProjectBurden]
    key_person_units: list[str]
    key_person_totals: dict[str, int]
    key_persons_known: int
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

    def bodies_of(self, project: ProjectBurden) -> list[BodyBurden]:
        return [self.bodies[position] for position in project.bodies]


class ServingBody(BaseModel):
    """A body that serves the list, with the keys of its projects there."""

    id: int
    name: str
    short: str
    type: BodyType
    meetings_per_year: int | None
    typical_attendance: int | None
    external_members: int | None


class HeldSeat(BaseModel):
    """A seat that is filled on the day, with who holds it."""

    body_id: int
    person_id: int
    function: SeatFunction
    attendance: Attendance
    name: str
    title: str
    external: bool
    organisation: str
    director: bool
    unit: str | None
    unit_name: str | None


class BurdenFacts(BaseModel):
    """What the tab is made of, before anybody filters: an edition keeps this. Keyed by project or body."""

    heading: Heading
    projects: list[ListedProject]
    marks: dict[int, Mark]
    served: dict[int, tuple[ServingBody, list[int]]]
    seats: list[HeldSeat]
    directors: list[int]
    key_persons: dict[int, dict[str, int]]

    def visible_to(self, known: set[int]) -> "BurdenFacts":
        """Without the projects that a reader may not know of today, and the bodies that serve nothing else."""
        narrowed = ((key, body, [each for each in of if each in known]) for key, (body, of) in self.served.items())
        served = {key: (body, of) for key, body, of in narrowed if of}
        return self.model_copy(
            update={
                "projects": [project for project in self.projects if project.id in known],
                "served": served,
                "seats": [seat for seat in self.seats if seat.body_id in served],
                "key_persons": {key: counts for key, counts in self.key_persons.items() if key in known},
            }
        )


def build_burden(session: Session, portfolio: Portfolio, filters: Filters, day: date) -> Burden:
    """The tab as the session's reader may see it on a day. Eight queries, however many projects there are."""
    facts = read_burden(session, portfolio, day)
    return assemble_burden(facts, filters, matching(session, filters.q))


def read_burden(session: Session, portfolio: Portfolio, day: date) -> BurdenFacts:
    """The facts of today, as the session's reader may see them."""
    rounds = latest_rounds(session, portfolio.pk, ROUNDS_SHOWN)
    projects = projects_on_list(session, portfolio.pk, day)
    served = _served(session, {project.id for project in projects}, day)
    return BurdenFacts.model_construct(
        heading=heading(portfolio, rounds, day),
        projects=projects,
        marks=_marks(session, projects, rounds),
        served=served,
        seats=_seats(session, served, day),
        directors=sorted(_directors(session)),
        key_persons=_key_persons(session),
    )


def assemble_burden(facts: BurdenFacts, filters: Filters, matched: set[int] | None) -> Burden:
    """The tab out of its facts, today's or an edition's. `matched` are the projects that the search found, if any."""
    projects, served, seats = facts.projects, facts.served, facts.seats
    shown = [
        project
        for project in projects
        if (matched is None or project.id in matched) and passes(project, facts.marks[project.id], filters)
    ]
    bodies = _bodies(served, {project.id: project.number for project in projects}, seats, set(facts.directors))
    wanted = {project.id for project in shown}
    places = {key: position for position, key in enumerate(key for key in bodies if wanted & set(served[key][1]))}
    people = _people(seats, served, places)
    counts = {key: counts for key, counts in facts.key_persons.items() if key in wanted}
    return Burden(
        **facts.heading.model_dump(include=_HEADING),
        filters=filters,
        total=len(projects),
        shown=len(shown),
        closed=sum(project.confidentiality is Confidentiality.closed for project in projects),
        directors=len(facts.directors),
        whole_board=[body.label for body in bodies.values() if body.whole_board],
        **_loads(people),
        large_bodies=_large(bodies.values()),
        in_trouble=_in_trouble(projects, facts.marks),
        bodies_total=len(bodies),
        bodies=[bodies[key] for key in places],
        groups=_groups(seats, [person for person in people if person.places]),
        **_projects(projects, shown, served, places, counts),
        **options(projects),
    )


_HEADING = {"portfolio", "slug", "case_number", "as_of", "day", "round_key", "round_name", "key_person_hours"}


def _marks(session: Session, projects: list[Any], rounds: list[ReportingRound]) -> dict[int, Mark]:
    """Each project's mark of now, as on Overblik."""
    known = marks_in(session, rounds)
    return {project.id: mark_now(project.phase, known.get(project.id, ())) for project in projects}


def _served(session: Session, on_list: Collection[int], day: date) -> dict[int, tuple[Any, list[int]]]:
    """The bodies that exist on a day and serve a project on the list, each with the keys of those projects."""
    query = (
        columns(
            Body.id,
            Body.name,
            Body.short,
            Body.type,
            Body.meetings_per_year,
            Body.typical_attendance,
            Body.external_members,
            BodyProject.project_id,
        )
        .join(BodyProject, col(BodyProject.body_id) == Body.id)
        .where(
            or_(col(Body.valid_from).is_(None), col(Body.valid_from) <= day),
            or_(col(Body.valid_to).is_(None), col(Body.valid_to) >= day),
        )
        .order_by(BodyProject.project_id)
    )
    served: dict[int, tuple[Any, list[int]]] = {}
    for row in session.exec(query):
        if row.project_id in on_list:
            served.setdefault(row.id, (row, []))[1].append(row.project_id)
    return served


def _seats(session: Session, bodies: Collection[int], day: date) -> list[Any]:
    """The active seats (domain.md 4F): filled on a day, in a body that serves the list. One a person and body."""
    query = (
        columns(
            Seat.body_id,
            Seat.person_id,
            Seat.function,
            Seat.attendance,
            Person.name,
            Person.title,
            Person.external,
            Person.organisation,
            Person.director,
            col(Unit.code).label("unit"),
            col(Unit.name).label("unit_name"),
        )
        .join(Person, col(Person.id) == Seat.person_id)
        .outerjoin(Unit, col(Unit.id) == Person.unit_id)
        .where(Seat.from_on <= day, or_(col(Seat.to_on).is_(None), col(Seat.to_on) >= day))
    )
    best: dict[tuple[int, int], Any] = {}
    for seat in session.exec(query):
        key = (seat.body_id, seat.person_id)
        if seat.body_id in bodies and (key not in best or _points(seat) > _points(best[key])):
            best[key] = seat
    return sorted(best.values(), key=lambda seat: (-_points(seat), danish_order(seat.name), seat.body_id))


def _points(seat: Any) -> float:
    return seat_points(seat.function, seat.attendance)


def _directors(session: Session) -> set[int]:
    return set(session.exec(select(col(Person.id)).where(col(Person.director), col(Person.active))))  # type: ignore[arg-type]


def _key_persons(session: Session) -> dict[int, dict[str, int]]:
    """The counts of the projects that have any, by project and unit."""
    query = columns(KeyPersons.project_id, Unit.code, KeyPersons.count).join(Unit, col(Unit.id) == KeyPersons.unit_id)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for project_id, code, count in session.exec(query):
        counts[project_id][code] = count
    return counts


def _bodies(
    served: Mapping[int, tuple[Any, list[int]]], numbers: Mapping[int, str], seats: Iterable[Any], directors: set[int]
) -> dict[int, BodyBurden]:
    """Every body of the list by its key, the one with most seats first."""
    seated: dict[int, list[Any]] = defaultdict(list)
    for seat in seats:
        seated[seat.body_id].append(seat)
    order = sorted(served, key=lambda key: (-len(seated[key]), danish_order(served[key][0].name)))
    return {
        key: _body(served[key][0], sorted(numbers[project] for project in served[key][1]), seated[key], directors)
        for key in order
    }


def _body(body: Any, projects: list[str], seats: list[Any], directors: set[int]) -> BodyBurden:
    fixed = [seat for seat in seats if seat.attendance is Attendance.fixed]
    members = [seat for seat in fixed if seat.function is not SeatFunction.observer]
    own = sum(not seat.external for seat in members)
    outsiders = len(members) - own
    externals = None if body.external_members is None else body.external_members + outsiders
    size = body_size(own + (outsiders if externals is None else externals), body.typical_attendance)
    return BodyBurden.model_construct(
        name=body.name,
        short=body.short,
        type=body.type,
        projects=projects,
        chair=next((_chair(seat) for seat in seats if seat.function is SeatFunction.chair), ""),
        members=[
            Member.model_construct(
                name=seat.name, unit=seat.unit or "", function=seat.function, attendance=seat.attendance
            )
            for seat in seats
            if not seat.external
        ],
        fixed_members=own,
        external_members=externals,
        meetings=body.meetings_per_year,
        typical_attendance=body.typical_attendance,
        size=size,
        size_is_least=externals is None and size is not BodySize.very_large,
        whole_board=len(directors) > 1 and directors <= {seat.person_id for seat in fixed},
    )


def _chair(seat: Any) -> str:
    """Who is in the chair; of an outsider only the organisation."""
    if seat.external:
        return str(seat.organisation or _("an outsider"))
    return str(seat.name)


def _people(
    seats: Iterable[Any], served: Mapping[int, tuple[Any, list[int]]], places: Mapping[int, int]
) -> list[PersonBurden]:
    """Everybody of the municipality with a seat, most loaded first, chairs before the rest."""
    of_person: dict[int, list[Any]] = defaultdict(list)
    for seat in seats:
        if not seat.external:
            of_person[seat.person_id].append(seat)
    ranks: dict[float, int] = {}
    for rank, points in enumerate(sorted((sum(map(_points, own)) for own in of_person.values()), reverse=True), 1):
        ranks.setdefault(points, rank)
    people = [_person(own, served, places, ranks) for own in of_person.values()]
    return sorted(people, key=lambda person: (-person.points, -person.chairs, danish_order(person.name)))


def _person(
    seats: list[Any],
    served: Mapping[int, tuple[Any, list[int]]],
    places: Mapping[int, int],
    ranks: Mapping[float, int],
) -> PersonBurden:
    meetings = [served[seat.body_id][0].meetings_per_year for seat in seats]
    known = sum(number for number in meetings if number is not None)
    chairs = sum(seat.function in (SeatFunction.chair, SeatFunction.owner) for seat in seats)
    points = sum(map(_points, seats))
    return PersonBurden.model_construct(
        id=seats[0].person_id,
        name=seats[0].name,
        title=seats[0].title,
        unit=seats[0].unit or "",
        seats=len(seats),
        chairs=chairs,
        meetings=known,
        bodies_without_meetings=meetings.count(None),
        points=points,
        level=load_level(len(seats), chairs, known),
        rank=ranks[points],
        places=[
            Place.model_construct(
                column=places[seat.body_id],
                body=served[seat.body_id][0].short or served[seat.body_id][0].name,
                function=seat.function,
                attendance=seat.attendance,
                points=_points(seat),
            )
            for seat in seats
            if seat.body_id in places
        ],
    )


def _loads(people: list[PersonBurden]) -> dict[str, Any]:
    """How the load is spread over everybody, most loaded first; there is no norm, so the median stands beside it."""
    counted = Counter(person.level for person in people)
    return {
        "most_loaded": [
            Loaded(id=person.id, name=person.name, points=person.points, level=person.level)
            for person in people[:MOST_LOADED]
        ],
        "median_points": median(person.points for person in people) if people else None,
        "highest_points": max((person.points for person in people), default=0.0),
        "levels": {level: counted[level] for level in Level},
    }


def _large(bodies: Iterable[BodyBurden]) -> list[LargeBody]:
    """The large and very large bodies, largest first."""
    large = [
        LargeBody(
            name=body.label,
            members=body.fixed_members + (body.external_members or 0),
            typical_attendance=body.typical_attendance,
            meetings=body.meetings,
            size=body.size,
        )
        for body in bodies
        if body.size is not BodySize.normal
    ]
    return sorted(
        large,
        key=lambda body: (body.size is BodySize.large, -max(body.members, body.typical_attendance or 0)),
    )


def _in_trouble(projects: Iterable[Any], marks: Mapping[int, Mark]) -> list[InTrouble]:
    """Those who own or lead many red or yellow projects, most first; a project counts once for a person."""
    names: dict[int, str] = {}
    carried: dict[int, list[str]] = defaultdict(list)
    for project in projects:
        if marks[project.id] not in (Mark.red, Mark.yellow):
            continue
        people = {project.owner_id: project.owner, project.leader_id: project.leader}
        for person, name in people.items():
            if person is not None:
                names[person] = name
                carried[person].append(project.number)
    many = [
        InTrouble(id=person, name=names[person], projects=numbers)
        for person, numbers in carried.items()
        if len(numbers) >= MANY_IN_TROUBLE
    ]
    return sorted(many, key=lambda person: (-len(person.projects), danish_order(person.name)))


def _groups(seats: Iterable[Any], people: list[PersonBurden]) -> list[PeopleGroup]:
    """The Direktion first, then the units in Danish order of their codes, then those without a unit."""
    board = {seat.person_id for seat in seats if seat.director}
    names = {seat.unit: seat.unit_name for seat in seats if seat.unit}
    units = [*in_danish_order(names), ""]
    groups = [
        PeopleGroup(board=True, code="", name="", people=[person for person in people if person.id in board]),
        *(
            PeopleGroup(
                board=False,
                code=unit,
                name=names.get(unit, ""),
                people=[person for person in people if person.unit == unit and person.id not in board],
            )
            for unit in units
        ),
    ]
    return [group for group in groups if group.people]


def _projects(
    projects: list[Any],
    shown: list[Any],
    served: Mapping[int, tuple[Any, list[int]]],
    places: Mapping[int, int],
    counts: Mapping[int, dict[str, int]],
) -> dict[str, Any]:
    bodies_of: dict[int, list[int]] = defaultdict(list)
    for key, (_body, of_projects) in served.items():
        for project_id in of_projects:
            bodies_of[project_id].append(key)
    below = _bodies_below(projects, bodies_of)
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
                bodies=sorted(places[key] for key in bodies_of[project.id]),
                bodies_below=len(below.get(project.id, ())),
                key_persons=counts.get(project.id),
            )
            for project in shown
        ],
        "key_person_units": units,
        "key_person_totals": {unit: totals[unit] for unit in units},
        "key_persons_known": len(counts),
    }


def _bodies_below(projects: list[Any], bodies_of: Mapping[int, list[int]]) -> dict[int, set[int]]:
    """The different bodies of each project with others below it: its own and all of theirs (domain.md R39)."""
    parent_of = {project.id: project.parent_id for project in projects}
    below: dict[int, set[int]] = {}
    for project in projects:
        above = project.parent_id
        while above in parent_of:
            below.setdefault(above, set(bodies_of.get(above, ()))).update(bodies_of.get(project.id, ()))
            above = parent_of[above]
    return below
