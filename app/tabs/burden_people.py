"""The people of Belastning: what each carries over the whole list, most loaded first, and by unit."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from pydantic import BaseModel

from app.i18n import _, danish_order, in_danish_order
from app.models.portfolio import Thresholds
from app.models.seat import Attendance, SeatFunction
from app.tabs.burden_facts import BurdenFacts, HeldSeat
from app.tabs.filters import ListedProject
from app.tabs.load import MOST_LOADED, Level, load_level
from app.tabs.mark import Mark


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
    the bodies that have said how many; `bodies_without_meetings` have not. `points_before` are those of the edition
    before, 0 for somebody who had no seat then, None when there is no such edition.
    """

    id: int
    name: str
    title: str
    unit: str
    director: bool
    seats: int
    chairs: int
    meetings: int
    bodies_without_meetings: int
    points: float
    points_before: float | None
    level: Level
    rank: int
    places: list[Place]

    @property
    def by_column(self) -> dict[int, Place]:
        return {place.column: place for place in self.places}

    @property
    def change(self) -> float | None:
        """How many points more than in the edition before."""
        return None if self.points_before is None else self.points - self.points_before


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


class Loaded(BaseModel):
    """One of the people who carry most, with the bodies that cause it, the heaviest seats first."""

    id: int
    name: str
    points: float
    level: Level
    bodies: list[str]


class InTrouble(BaseModel):
    """Somebody who owns or leads many red or yellow projects."""

    id: int
    name: str
    projects: list[str]


def seats_by_person(facts: BurdenFacts) -> dict[int, list[HeldSeat]]:
    """The seats of everybody of the municipality."""
    of_person: dict[int, list[HeldSeat]] = defaultdict(list)
    for seat in facts.seats:
        if not seat.external:
            of_person[seat.person_id].append(seat)
    return of_person


def people_of(facts: BurdenFacts, places: Mapping[int, int], before: BurdenFacts | None) -> list[PersonBurden]:
    """Everybody of the municipality with a seat, most loaded first, chairs before the rest.

    `places` are the positions of the bodies shown, by key; `before` are the facts of the edition before, if any.
    """
    of_person = seats_by_person(facts)
    earlier = None if before is None else {key: _points(own) for key, own in seats_by_person(before).items()}
    ranks: dict[float, int] = {}
    for rank, points in enumerate(sorted(map(_points, of_person.values()), reverse=True), 1):
        ranks.setdefault(points, rank)
    people = [
        _person(own, facts, places, ranks, None if earlier is None else earlier.get(key, 0.0))
        for key, own in of_person.items()
    ]
    return sorted(people, key=lambda person: (-person.points, -person.chairs, danish_order(person.name)))


def _points(seats: Iterable[HeldSeat]) -> float:
    return sum(seat.points for seat in seats)


def _person(
    seats: list[HeldSeat],
    facts: BurdenFacts,
    places: Mapping[int, int],
    ranks: Mapping[float, int],
    points_before: float | None,
) -> PersonBurden:
    bodies = {seat.body_id: facts.served[seat.body_id][0] for seat in seats}
    meetings = [body.meetings_per_year for body in bodies.values()]
    known = sum(number for number in meetings if number is not None)
    chairs = sum(seat.function in (SeatFunction.chair, SeatFunction.owner) for seat in seats)
    points = _points(seats)
    return PersonBurden.model_construct(
        id=seats[0].person_id,
        name=seats[0].name,
        title=seats[0].title,
        unit=seats[0].unit or "",
        director=seats[0].director,
        seats=len(seats),
        chairs=chairs,
        meetings=known,
        bodies_without_meetings=meetings.count(None),
        points=points,
        points_before=points_before,
        level=load_level(len(seats), chairs, known, facts.thresholds),
        rank=ranks[points],
        places=[
            Place.model_construct(
                column=places[seat.body_id],
                body=bodies[seat.body_id].label,
                function=seat.function,
                attendance=seat.attendance,
                points=seat.points,
            )
            for seat in seats
            if seat.body_id in places
        ],
    )


def loads_of(facts: BurdenFacts, people: list[PersonBurden]) -> dict[str, Any]:
    """How the load is spread over everybody, most loaded first; there is no norm, so the median stands beside it."""
    counted = Counter(person.level for person in people)
    seats = seats_by_person(facts)
    return {
        "most_loaded": [
            Loaded(
                id=person.id,
                name=person.name,
                points=person.points,
                level=person.level,
                bodies=[facts.served[seat.body_id][0].label for seat in seats[person.id] if seat.points],
            )
            for person in people[:MOST_LOADED]
        ],
        "median_points": median(person.points for person in people) if people else None,
        "highest_points": max((person.points for person in people), default=0.0),
        "levels": {level: counted[level] for level in Level},
    }


def in_trouble(projects: Iterable[ListedProject], marks: Mapping[int, Mark], limits: Thresholds) -> list[InTrouble]:
    """Those who own or lead many red or yellow projects, most first; a project counts once for a person.

    One person's absence would then hit all of them: a single point of failure (domain.md 4F).
    """
    names: dict[int, str] = {}
    carried: dict[int, list[str]] = defaultdict(list)
    for project in projects:
        if marks[project.id] not in (Mark.red, Mark.yellow):
            continue
        people = {project.owner_id: project.owner, project.leader_id: project.leader}
        for person, name in people.items():
            if person is not None:
                names[person] = name or ""
                carried[person].append(project.number)
    many = [
        InTrouble(id=person, name=names[person], projects=numbers)
        for person, numbers in carried.items()
        if len(numbers) >= limits.many_in_trouble
    ]
    return sorted(many, key=lambda person: (-len(person.projects), danish_order(person.name)))


def groups_of(facts: BurdenFacts, people: list[PersonBurden]) -> list[PeopleGroup]:
    """The Direktion first, then the units in Danish order of their codes, then those without a unit."""
    names = {seat.unit: seat.unit_name or "" for seat in facts.seats if seat.unit}
    units = [*in_danish_order(names), ""]
    groups = [
        PeopleGroup(board=True, code="", name="", people=[person for person in people if person.director]),
        *(
            PeopleGroup(
                board=False,
                code=unit,
                name=names.get(unit, ""),
                people=[person for person in people if person.unit == unit and not person.director],
            )
            for unit in units
        ),
    ]
    return [group for group in groups if group.people]
