"""Load over time: what people, units and bodies carried in each frozen edition, and carry today (domain.md 4F, J5).

Every number comes from the functions that make Belastning: an edition's column says what its own page says.
"""

from collections.abc import Sequence
from statistics import median

from pydantic import BaseModel

from app.i18n import danish_order
from app.models.project import Confidentiality
from app.tabs.burden_bodies import bodies_of
from app.tabs.burden_facts import BurdenFacts
from app.tabs.burden_people import PersonBurden, people_of
from app.tabs.burden_units import units_of
from app.tabs.load import Level


class Moment(BaseModel):
    """One column: an edition, or today; `key` is the round's, empty for today. `day` is the one it stands for.

    `seats` and `attendances` (meetings a year times fixed members, where known) are those of all the municipality's
    own; `whole_board` are the bodies with the whole executive board in fixed seats.
    """

    key: str
    name: str
    seats: int
    people: int
    median_points: float
    high: int
    watch: int
    attendances: int
    whole_board: list[str]


class Carried(BaseModel):
    """What somebody carried at one moment; None stands for no seat then."""

    points: float
    level: Level


class PersonOverTime(BaseModel):
    """One person, with what they carried at each moment."""

    id: int
    name: str
    title: str
    unit: str
    carried: list[Carried | None]

    @property
    def highest(self) -> float:
        return max(each.points for each in self.carried if each)

    @property
    def now(self) -> float:
        last = self.carried[-1]
        return last.points if last else 0.0


class UnitOverTime(BaseModel):
    """One unit, with its key persons and seats at each moment."""

    code: str
    name: str
    key_persons: list[int]
    seats: list[int]


class LoadOverTime(BaseModel):
    """The whole page: moments oldest first, the last is today; people by what they carry today, then at most."""

    portfolio: str
    slug: str
    moments: list[Moment]
    people: list[PersonOverTime]
    units: list[UnitOverTime]
    highest: float
    closed: int


def load_over_time(editions: Sequence[BurdenFacts], today: BurdenFacts) -> LoadOverTime:
    """The page out of the facts of every edition, oldest first, and of today."""
    every = [*editions, today]
    at_each = [people_of(facts, {}, None) for facts in every]
    people = _people(at_each)
    return LoadOverTime(
        portfolio=today.heading.portfolio,
        slug=today.heading.slug,
        moments=[_moment(facts, carrying, now=facts is today) for facts, carrying in zip(every, at_each, strict=True)],
        people=people,
        units=_units(every),
        highest=max((person.highest for person in people), default=0.0),
        closed=sum(project.confidentiality is Confidentiality.closed for project in today.projects),
    )


class PersonLoad(BaseModel):
    """What one person carries today among everybody, and what it was in each edition, oldest first.

    `now` is None for somebody without a seat in a body of the list; `then` has None for an edition without one.
    """

    now: PersonBurden | None
    people: int
    median_points: float
    then: list[tuple[str, str, Carried | None]]


def load_of_person(editions: Sequence[BurdenFacts], today: BurdenFacts, person_id: int) -> PersonLoad:
    """One person's part of Belastning: the same numbers as on the tab. `then` names each round by key and name."""
    everybody = people_of(today, {}, None)
    then = []
    for facts in editions:
        found = next((person for person in people_of(facts, {}, None) if person.id == person_id), None)
        carried = Carried(points=found.points, level=found.level) if found else None
        then.append((facts.heading.round_key, facts.heading.round_name, carried))
    return PersonLoad(
        now=next((person for person in everybody if person.id == person_id), None),
        people=len(everybody),
        median_points=median(person.points for person in everybody) if everybody else 0.0,
        then=then,
    )


def _moment(facts: BurdenFacts, people: list[PersonBurden], *, now: bool) -> Moment:
    bodies = bodies_of(facts).values()
    return Moment(
        key="" if now else facts.heading.round_key,
        name="" if now else facts.heading.round_name,
        seats=sum(person.seats for person in people),
        people=len(people),
        median_points=median(person.points for person in people) if people else 0.0,
        high=sum(person.level is Level.high for person in people),
        watch=sum(person.level is Level.watch for person in people),
        attendances=sum(body.attendances or 0 for body in bodies),
        whole_board=[body.label for body in bodies if body.whole_board],
    )


def _people(at_each: list[list[PersonBurden]]) -> list[PersonOverTime]:
    """Everybody who has ever had a seat, under the name and title of the last time."""
    latest = {person.id: person for people in at_each for person in people}
    carried = [
        {person.id: Carried(points=person.points, level=person.level) for person in people} for people in at_each
    ]
    found = [
        PersonOverTime(
            id=key,
            name=person.name,
            title=person.title,
            unit=person.unit,
            carried=[moment.get(key) for moment in carried],
        )
        for key, person in latest.items()
    ]
    return sorted(found, key=lambda person: (-person.now, -person.highest, danish_order(person.name)))


def _units(every: list[BurdenFacts]) -> list[UnitOverTime]:
    """Every unit that has ever carried something, in the order of today's key persons."""
    at_each = [{unit.code: unit for unit in units_of(facts, None)} for facts in every]
    names = {code: unit.name for units in at_each for code, unit in units.items()}
    found = [
        UnitOverTime(
            code=code,
            name=name,
            key_persons=[units[code].key_persons if code in units else 0 for units in at_each],
            seats=[units[code].seats if code in units else 0 for units in at_each],
        )
        for code, name in names.items()
    ]
    return sorted(
        found, key=lambda unit: (not unit.code, -unit.key_persons[-1], -unit.seats[-1], danish_order(unit.code))
    )
