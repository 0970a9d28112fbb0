"""What Belastning is made of, before anybody filters: the seats, bodies, counts, posts and money of a day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, Field
from sqlmodel import Session, col, or_, select

from app.i18n import danish_order
from app.models import Body, BodyProject, KeyPersons, Person, Portfolio, ReportingRound, Seat, Unit
from app.models.base import columns
from app.models.body import BodyType
from app.models.portfolio import Thresholds
from app.models.reporting_round import latest_rounds
from app.models.seat import Attendance, SeatFunction, seat_points
from app.tabs.filters import Heading, ListedProject, heading, projects_on_list
from app.tabs.funding import FundingFacts, read_funding
from app.tabs.mark import ROUNDS_SHOWN, Mark, mark_now, marks_in
from app.tabs.staffing import StaffingLine, read_staffing

FactsT = TypeVar("FactsT")


class ServingBody(BaseModel):
    """A body that serves the list; `numbers` are its numbers below the projects, by their keys."""

    id: int
    name: str
    short: str
    type: BodyType
    meetings_per_year: int | None
    typical_attendance: int | None
    external_members: int | None
    numbers: dict[int, int] = Field(default_factory=dict)

    @property
    def label(self) -> str:
        return self.short or self.name


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

    @property
    def points(self) -> float:
        return seat_points(self.function, self.attendance)


class EmptyChair(BaseModel):
    """A seat that nobody holds on the day: the role that is missing, and the unit that is to name somebody."""

    body_id: int
    role: str
    function: SeatFunction
    attendance: Attendance
    unit: str | None


class BurdenFacts(BaseModel):
    """What the tab is made of, before anybody filters: an edition keeps this. Keyed by project or body.

    What was not kept when the oldest editions were frozen is empty in them.
    """

    heading: Heading
    thresholds: Thresholds = Field(default_factory=Thresholds)
    projects: list[ListedProject]
    marks: dict[int, Mark]
    served: dict[int, tuple[ServingBody, list[int]]]
    seats: list[HeldSeat]
    empty_chairs: list[EmptyChair] = Field(default_factory=list)
    directors: list[int]
    key_persons: dict[int, dict[str, int]]
    units: dict[str, str] = Field(default_factory=dict)
    staffing: dict[int, list[StaffingLine]] = Field(default_factory=dict)
    funding: dict[int, FundingFacts] = Field(default_factory=dict)

    def visible_to(self, known: set[int]) -> "BurdenFacts":
        """Without the projects that a reader may not know of today, and the bodies that serve nothing else."""
        narrowed = ((key, body, [each for each in of if each in known]) for key, (body, of) in self.served.items())
        served = {key: (body, of) for key, body, of in narrowed if of}
        return self.model_copy(
            update={
                "projects": [project for project in self.projects if project.id in known],
                "served": served,
                "seats": [seat for seat in self.seats if seat.body_id in served],
                "empty_chairs": [chair for chair in self.empty_chairs if chair.body_id in served],
                "key_persons": {key: counts for key, counts in self.key_persons.items() if key in known},
                "staffing": {key: lines for key, lines in self.staffing.items() if key in known},
                "funding": {key: money for key, money in self.funding.items() if key in known},
            }
        )


def read_burden(session: Session, portfolio: Portfolio, day: date) -> BurdenFacts:
    """The facts of a day, as the session's reader may see them. Fifteen queries, however many projects there are."""
    rounds = latest_rounds(session, portfolio.pk, ROUNDS_SHOWN)
    projects = projects_on_list(session, portfolio.pk, day)
    return BurdenFacts.model_construct(
        heading=heading(portfolio, rounds, day),
        thresholds=portfolio.thresholds,
        projects=projects,
        marks=_marks(session, projects, rounds),
        directors=sorted(_directors(session)),
        units=dict(session.exec(select(Unit.code, Unit.name)).all()),
        **belongings_of(session, {project.id for project in projects}, day),
    )


def belongings_of(session: Session, projects: Collection[int], day: date) -> dict[str, Any]:
    """What belongs to some projects, as fields of the facts: bodies, seats, key persons, posts and money.

    Eight queries, however many there are.
    """
    served = _served(session, projects, day)
    return {
        "served": served,
        "seats": _seats(session, served, day),
        "empty_chairs": _empty_chairs(session, served, day),
        "key_persons": _among(projects, _key_persons(session)),
        "staffing": _among(projects, read_staffing(session, None, day)),
        "funding": _among(projects, read_funding(session, None)),
    }


def _among(wanted: Collection[int], found: Mapping[int, FactsT]) -> dict[int, FactsT]:
    return {key: facts for key, facts in found.items() if key in wanted}


def _marks(session: Session, projects: list[ListedProject], rounds: list[ReportingRound]) -> dict[int, Mark]:
    """Each project's mark of now, as on Overblik."""
    known = marks_in(session, rounds)
    return {project.id: mark_now(project.phase, known.get(project.id, ())) for project in projects}


def _served(session: Session, on_list: Collection[int], day: date) -> dict[int, tuple[ServingBody, list[int]]]:
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
            BodyProject.no,
        )
        .join(BodyProject, col(BodyProject.body_id) == Body.id)
        .where(
            or_(col(Body.valid_from).is_(None), col(Body.valid_from) <= day),
            or_(col(Body.valid_to).is_(None), col(Body.valid_to) >= day),
        )
        .order_by(BodyProject.project_id)
    )
    served: dict[int, tuple[ServingBody, list[int]]] = {}
    for *of_body, project_id, no in session.exec(query):
        if project_id not in on_list:
            continue
        if of_body[0] not in served:
            known = dict(zip(_OF_BODY, of_body, strict=True))
            served[of_body[0]] = ServingBody.model_construct(**known, numbers={}), []
        body, of = served[of_body[0]]
        body.numbers[project_id] = no
        of.append(project_id)
    return served


_OF_BODY = ("id", "name", "short", "type", "meetings_per_year", "typical_attendance", "external_members")


def _valid_on(day: date) -> tuple[Any, Any]:
    return (Seat.from_on <= day, or_(col(Seat.to_on).is_(None), col(Seat.to_on) >= day))


def _seats(session: Session, bodies: Collection[int], day: date) -> list[HeldSeat]:
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
        .where(*_valid_on(day))
    )
    best: dict[tuple[int, int], HeldSeat] = {}
    for row in session.exec(query):
        if row.body_id not in bodies:
            continue
        seat, key = HeldSeat.model_construct(**row._asdict()), (row.body_id, row.person_id)
        if key not in best or seat.points > best[key].points:
            best[key] = seat
    return sorted(best.values(), key=lambda seat: (-seat.points, danish_order(seat.name), seat.body_id))


def _empty_chairs(session: Session, bodies: Collection[int], day: date) -> list[EmptyChair]:
    query = (
        columns(Seat.body_id, Seat.role, Seat.function, Seat.attendance, col(Unit.code).label("unit"))
        .outerjoin(Unit, col(Unit.id) == Seat.unit_id)
        .where(col(Seat.person_id).is_(None), *_valid_on(day))
        .order_by(Seat.body_id, Seat.no)
    )
    return [EmptyChair.model_construct(**row._asdict()) for row in session.exec(query) if row.body_id in bodies]


def _directors(session: Session) -> set[int]:
    return {person.pk for person in session.exec(select(Person).where(col(Person.director), col(Person.active)))}


def _key_persons(session: Session) -> dict[int, dict[str, int]]:
    """The counts of the projects that have any, by project and unit."""
    query = columns(KeyPersons.project_id, Unit.code, KeyPersons.count).join(Unit, col(Unit.id) == KeyPersons.unit_id)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for project_id, code, count in session.exec(query):
        counts[project_id][code] = count
    return counts
