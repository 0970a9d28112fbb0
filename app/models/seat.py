from datetime import date
from typing import TYPE_CHECKING, Optional, Self

import sqlalchemy as sa
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import Choice, Row, one_of

if TYPE_CHECKING:
    from app.models.body import Body
    from app.models.person import Person


class SeatFunction(Choice):
    chair = "chair", N_("Chair")
    owner = "owner", N_("Owner")
    member = "member", N_("Member")
    secretary = "secretary", N_("Secretary")
    observer = "observer", N_("Observer")


class Attendance(Choice):
    fixed = "fixed", N_("Fixed")
    when_needed = "when_needed", N_("When needed")


class SeatForm(SQLModel):
    person_id: int = Field(foreign_key="person.id", index=True, title=N_("Person"))
    function: SeatFunction = one_of(SeatFunction, default=SeatFunction.member, title=N_("Function"))
    attendance: Attendance = one_of(Attendance, default=Attendance.fixed, title=N_("Attendance"))
    from_on: date = Field(title=N_("From"))
    to_on: date | None = Field(default=None, title=N_("To"))

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.to_on and self.to_on < self.from_on:
            raise PydanticCustomError("ends_before_start", N_("The end lies before the start"))
        return self


class Seat(SeatForm, Row, table=True):
    """One person's place in a body, for a time (plads); `no` runs within the body."""

    __table_args__ = (sa.UniqueConstraint("body_id", "no"),)

    body_id: int = Field(foreign_key="body.id", index=True)
    no: int

    body: "Body" = Relationship(back_populates="seats", sa_relationship_kwargs={"lazy": "raise"})
    person: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def overlaps(self, from_on: date, to_on: date | None) -> bool:
        """Whether this seat's period and another have a day in common (invariant I15)."""
        return (to_on is None or self.from_on <= to_on) and (self.to_on is None or from_on <= self.to_on)


def seat_points(function: SeatFunction, attendance: Attendance) -> float:
    """Seat points (domain.md 4F): chair or owner 2, member or secretary 1, observer 0; when needed ½ at most."""
    points = {SeatFunction.chair: 2.0, SeatFunction.owner: 2.0, SeatFunction.observer: 0.0}.get(function, 1.0)
    return min(points, 0.5) if attendance is Attendance.when_needed else points
