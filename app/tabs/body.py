"""One body: what it is, which projects it serves, and who sits there."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.models import Body, Person, Project, Seat, Unit
from app.models.base import rel


@dataclass
class Nomination:
    """A unit that is to name somebody for a body, and whether it has (domain.md R124)."""

    unit: Unit
    named: bool


@dataclass
class BodyPage:
    """A body as it is seen from one of its projects, below which it has the number `no`."""

    project: Project
    no: int
    body: Body
    seats: list[Seat]
    coming: list[Seat]
    former: list[Seat]

    @property
    def vacant(self) -> int:
        """How many of today's chairs stand empty."""
        return sum(seat.person is None for seat in self.seats)

    @property
    def nominations(self) -> list[Nomination]:
        """Every unit that is to name somebody today; it has when at least one of its seats is filled."""
        named = {seat.unit_id for seat in self.seats if seat.person}
        units = {seat.unit.code: seat.unit for seat in self.seats if seat.unit}
        return [Nomination(unit, unit.pk in named) for _code, unit in sorted(units.items())]

    @property
    def named(self) -> int:
        return sum(each.named for each in self.nominations)


def build_body_page(session: Session, project: Project, no: int, body: Body, day: date) -> BodyPage:
    """Everything about the body on a day; the body comes with its projects. One query."""
    query = select(Seat).where(Seat.body_id == body.pk).order_by(col(Seat.from_on), col(Seat.no))
    names = (joinedload(rel(Seat.person)).joinedload(rel(Person.unit)), joinedload(rel(Seat.unit)))
    seats = list(session.exec(query.options(*names)))
    return BodyPage(
        project=project,
        no=no,
        body=body,
        seats=sorted((seat for seat in seats if seat.valid_on(day)), key=lambda seat: (list_order(seat), seat.no)),
        coming=[seat for seat in seats if seat.from_on > day and not seat.lapsed],
        former=[seat for seat in reversed(seats) if seat.lapsed or (seat.to_on is not None and seat.to_on < day)],
    )


def list_order(seat: Seat) -> int:
    """Chair first, then owner, member, secretary and observer."""
    return list(type(seat.function)).index(seat.function)
