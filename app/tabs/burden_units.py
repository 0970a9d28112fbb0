"""The units of Belastning: what each centre carries, and on which projects (domain.md 4F; question Q8)."""

from collections import Counter, defaultdict

from pydantic import BaseModel

from app.i18n import _, danish_order
from app.models.seat import SeatFunction
from app.tabs.burden_facts import BurdenFacts, HeldSeat
from app.tabs.staffing import Fte, staffing_sum


class UnitShare(BaseModel):
    """What a unit carries on one project; `key_persons` is None when the project has not said, which is not zero."""

    number: str
    title: str
    key_persons: int | None
    seats: int
    fte: Fte


class UnitBurden(BaseModel):
    """What a unit carries over the whole list; `code` is empty for people and posts without a unit.

    `key_persons` are those of the projects that have stated a number. `seats` are those of its people, and `chairs` the
    chair and owner seats among them; `empty_chairs` those that it is to fill. `staffing` is its part of the posts of
    the year, and `filled` of those that are filled. `…_before` are those of the edition before, None without one.
    """

    code: str
    name: str
    people: int
    seats: int
    chairs: int
    points: float
    empty_chairs: int
    key_persons: int
    staffing: Fte
    filled: Fte
    seats_before: int | None
    key_persons_before: int | None
    projects: list[UnitShare]

    @property
    def label(self) -> str:
        return self.code or _("Without a unit")

    @property
    def seats_change(self) -> int | None:
        return None if self.seats_before is None else self.seats - self.seats_before

    @property
    def key_persons_change(self) -> int | None:
        return None if self.key_persons_before is None else self.key_persons - self.key_persons_before


def units_of(facts: BurdenFacts, before: BurdenFacts | None) -> list[UnitBurden]:
    """Every unit that carries something, the one with most key persons first; those without a unit last."""
    seats = _seats_by_unit(facts)
    seats_before = {} if before is None else {unit: len(own) for unit, own in _seats_by_unit(before).items()}
    counts, counts_before = _key_persons(facts), {} if before is None else _key_persons(before)
    year = facts.heading.day.year
    posts = {
        each.unit: each
        for each in staffing_sum((line for own in facts.staffing.values() for line in own), year).by_unit
    }
    empty: dict[str, int] = defaultdict(int)
    for chair in facts.empty_chairs:
        empty[chair.unit or ""] += 1
    shares = _shares(facts, seats, year)
    names = facts.units | {seat.unit: seat.unit_name or "" for own in seats.values() for seat in own if seat.unit}
    units = [
        UnitBurden(
            code=unit,
            name=names.get(unit, ""),
            people=len({seat.person_id for seat in seats.get(unit, ())}),
            seats=len(seats.get(unit, ())),
            chairs=sum(seat.function in (SeatFunction.chair, SeatFunction.owner) for seat in seats.get(unit, ())),
            points=sum(seat.points for seat in seats.get(unit, ())),
            empty_chairs=empty.get(unit, 0),
            key_persons=counts.get(unit, 0),
            staffing=posts[unit].total if unit in posts else Fte(),
            filled=posts[unit].filled if unit in posts else Fte(),
            seats_before=None if before is None else seats_before.get(unit, 0),
            key_persons_before=None if before is None else counts_before.get(unit, 0),
            projects=shares.get(unit, []),
        )
        for unit in seats.keys() | counts.keys() | posts.keys() | empty.keys()
    ]
    return sorted(units, key=lambda unit: (not unit.code, -unit.key_persons, -unit.seats, danish_order(unit.code)))


def _seats_by_unit(facts: BurdenFacts) -> dict[str, list[HeldSeat]]:
    """The seats of the municipality's own, by the code of their unit."""
    found: dict[str, list[HeldSeat]] = defaultdict(list)
    for seat in facts.seats:
        if not seat.external:
            found[seat.unit or ""].append(seat)
    return found


def _key_persons(facts: BurdenFacts) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for counts in facts.key_persons.values():
        for unit, count in counts.items():
            found[unit] += count
    return found


def _shares(facts: BurdenFacts, seats: dict[str, list[HeldSeat]], year: int) -> dict[str, list[UnitShare]]:
    """On which projects each unit carries something, in the order of the list.

    A seat in a body that serves several projects stands at each of them.
    """
    seated: dict[int, Counter[str]] = defaultdict(Counter)
    for unit, own in seats.items():
        for seat in own:
            for served in facts.served[seat.body_id][1]:
                seated[served][unit] += 1
    found: dict[str, list[UnitShare]] = defaultdict(list)
    for project in facts.projects:
        lines, counts = facts.staffing.get(project.id), facts.key_persons.get(project.id)
        posts = {each.unit: each.total for each in staffing_sum(lines, year).by_unit} if lines else {}
        for unit in sorted({*posts, *(counts or ()), *seated[project.id]}, key=danish_order):
            share = UnitShare.model_construct(
                number=project.number,
                title=project.title,
                key_persons=None if counts is None else counts.get(unit, 0),
                seats=seated[project.id][unit],
                fte=posts.get(unit) or Fte(),
            )
            if share.key_persons or share.seats or share.fte.posts:
                found[unit].append(share)
    return found
