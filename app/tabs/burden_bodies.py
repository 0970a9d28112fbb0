"""The bodies of Belastning: who sits in each, how large it is, and which of them meet with the same people twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from pydantic import BaseModel

from app.i18n import _, danish_order
from app.models.body import BodyType
from app.models.portfolio import Thresholds
from app.models.seat import Attendance, SeatFunction
from app.tabs.burden_facts import BurdenFacts, HeldSeat, ServingBody
from app.tabs.load import SHARED, BodySize, body_size, saved_meetings


class Member(BaseModel):
    """Somebody of the municipality with a seat today."""

    name: str
    unit: str
    function: SeatFunction
    attendance: Attendance


class BodyBurden(BaseModel):
    """A body that serves a project shown; None stands for what is unknown and is never zero.

    `place` names it below a project (P-001.2). `fixed_members` are the municipality's own with a fixed seat, observers
    left out; `external_members` are all outsiders, with a named seat or without. `chair` names an outsider's
    organisation only. `directors` have a fixed seat; `empty_chairs` are the roles that nobody holds.
    """

    name: str
    short: str
    place: str
    type: BodyType
    projects: list[str]
    chair: str
    members: list[Member]
    empty_chairs: list[str]
    fixed_members: int
    external_members: int | None
    meetings: int | None
    typical_attendance: int | None
    size: BodySize
    size_is_least: bool
    directors: int
    whole_board: bool

    @property
    def label(self) -> str:
        return self.short or self.name

    @property
    def has_seats(self) -> bool:
        """Whether anybody sits in it by name; a body without stands beside its projects, not in the matrix."""
        return bool(self.members or self.chair)

    @property
    def all_members(self) -> int:
        """Fixed members and the outsiders that are known of."""
        return self.fixed_members + (self.external_members or 0)

    @property
    def attendances(self) -> int | None:
        """Meetings a year times the municipality's own fixed members; None when it has not said how often it meets."""
        return None if self.meetings is None else self.meetings * self.fixed_members


class Overlap(BaseModel):
    """Two bodies where many of the same people have fixed seats, and what one body instead of two would spare.

    `of_first` and `of_second` have fixed seats in each. `meetings_saved` are those a year of each of them,
    `attendances_saved` those of all together; None when a body has not said how often it meets.
    """

    first: str
    first_place: str
    second: str
    second_place: str
    people: list[str]
    of_first: int
    of_second: int
    meetings_saved: int | None

    @property
    def attendances_saved(self) -> int | None:
        return None if self.meetings_saved is None else self.meetings_saved * len(self.people)


def bodies_of(facts: BurdenFacts) -> dict[int, BodyBurden]:
    """Every body of the list by its key, the one with most seats first."""
    seated: dict[int, list[HeldSeat]] = defaultdict(list)
    for seat in facts.seats:
        seated[seat.body_id].append(seat)
    empty: dict[int, list[str]] = defaultdict(list)
    for chair in facts.empty_chairs:
        empty[chair.body_id].append(f"{chair.role} ({chair.unit})" if chair.unit else chair.role)
    served, numbers = facts.served, {project.id: project.number for project in facts.projects}
    order = sorted(served, key=lambda key: (-len(seated[key]), danish_order(served[key][0].name)))
    directors = set(facts.directors)
    return {key: _body(*served[key], numbers, seated[key], empty[key], directors, facts.thresholds) for key in order}


def place_of(body: ServingBody, of: list[int], numbers: Mapping[int, str]) -> str:
    """A body as it is addressed: its number below the first of its projects that is shown; empty in old editions."""
    first = next((project for project in of if project in numbers and project in body.numbers), None)
    return "" if first is None else f"{numbers[first]}.{body.numbers[first]}"


def _body(
    body: ServingBody,
    of: list[int],
    numbers: Mapping[int, str],
    seats: list[HeldSeat],
    empty_chairs: list[str],
    directors: set[int],
    limits: Thresholds,
) -> BodyBurden:
    fixed = [seat for seat in seats if seat.attendance is Attendance.fixed]
    members = [seat for seat in fixed if seat.function is not SeatFunction.observer]
    own = sum(not seat.external for seat in members)
    outsiders = len(members) - own
    externals = None if body.external_members is None else body.external_members + outsiders
    size = body_size(own + (outsiders if externals is None else externals), body.typical_attendance, limits)
    of_board = directors & {seat.person_id for seat in fixed}
    return BodyBurden.model_construct(
        name=body.name,
        short=body.short,
        place=place_of(body, of, numbers),
        type=body.type,
        projects=sorted(numbers[project] for project in of),
        chair=next((_chair(seat) for seat in seats if seat.function is SeatFunction.chair), ""),
        members=[
            Member.model_construct(
                name=seat.name, unit=seat.unit or "", function=seat.function, attendance=seat.attendance
            )
            for seat in seats
            if not seat.external
        ],
        empty_chairs=empty_chairs,
        fixed_members=own,
        external_members=externals,
        meetings=body.meetings_per_year,
        typical_attendance=body.typical_attendance,
        size=size,
        size_is_least=externals is None and size is not BodySize.very_large,
        directors=len(of_board),
        whole_board=len(directors) > 1 and of_board == directors,
    )


def _chair(seat: HeldSeat) -> str:
    """Who is in the chair; of an outsider only the organisation."""
    if seat.external:
        return seat.organisation or _("an outsider")
    return seat.name


def overlaps_of(facts: BurdenFacts, bodies: Mapping[int, BodyBurden]) -> list[Overlap]:
    """The pairs of bodies that meet with the same people twice, the one that would spare most first.

    Two bodies overlap when at least two of the municipality's own have fixed seats in both, and they are at least half
    of those of the larger one.
    """
    fixed: dict[int, dict[int, str]] = defaultdict(dict)
    for seat in facts.seats:
        if not seat.external and seat.attendance is Attendance.fixed:
            fixed[seat.body_id][seat.person_id] = seat.name
    found = [
        Overlap.model_construct(
            first=bodies[first].label,
            first_place=bodies[first].place,
            second=bodies[second].label,
            second_place=bodies[second].place,
            people=[fixed[first][person] for person in fixed[first] if person in shared],
            of_first=len(fixed[first]),
            of_second=len(fixed[second]),
            meetings_saved=saved_meetings(bodies[first].meetings, bodies[second].meetings),
        )
        for first, second in combinations([key for key in bodies if len(fixed[key]) >= SHARED], 2)
        if len(shared := fixed[first].keys() & fixed[second].keys()) >= SHARED
        and 2 * len(shared) >= max(len(fixed[first]), len(fixed[second]))
    ]
    return sorted(found, key=lambda pair: (-(pair.attendances_saved or 0), -len(pair.people)))


class LargeBody(BaseModel):
    name: str
    members: int
    typical_attendance: int | None
    meetings: int | None
    size: BodySize


def large_ones(bodies: Iterable[BodyBurden]) -> list[LargeBody]:
    """The large and very large bodies, largest first."""
    large = [
        LargeBody(
            name=body.label,
            members=body.all_members,
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
