from datetime import date
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa
from pydantic import model_validator
from sqlmodel import Field, Relationship, Session, SQLModel, func, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Choice, Row, one_of, wrong
from app.models.event import add, change
from app.models.person import Person
from app.models.unit import Unit

if TYPE_CHECKING:
    from app.models.body import Body
    from app.models.project import Project
    from app.models.user import User


class SeatTaken(DomainError):
    """The person already sits there then (invariant I15)."""


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
    """Who sits as what, and when. A chair that stands empty has no person, but says whom it is meant for."""

    person_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Person"))
    role: str = Field(default="", max_length=80, title=N_("Role, when nobody is named"))
    unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Unit that names somebody"))
    function: SeatFunction = one_of(SeatFunction, default=SeatFunction.member, title=N_("Function"))
    attendance: Attendance = one_of(Attendance, default=Attendance.fixed, title=N_("Attendance"))
    from_on: date = Field(title=N_("From"))
    to_on: date | None = Field(default=None, title=N_("To"))

    @model_validator(mode="after")
    def _names_somebody_or_a_role(self) -> Self:
        if self.person_id is None and not self.role:
            raise wrong("role", N_("Choose a person, or write the role that stands empty"))
        return self

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.to_on and self.to_on < self.from_on:
            raise wrong("to_on", N_("The end lies before the start"))
        return self


class Seat(SeatForm, Row, table=True):
    """One person's place in a body, for a time (plads); `no` runs within the body."""

    __table_args__ = (sa.UniqueConstraint("body_id", "no"),)

    body_id: int = Field(foreign_key="body.id", index=True)
    no: int

    body: "Body" = Relationship(back_populates="seats", sa_relationship_kwargs={"lazy": "raise"})
    person: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    unit: Unit | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.person or self.role}, {self.body}"

    def valid_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or self.to_on >= day)

    @property
    def lapsed(self) -> bool:
        """Whether it was given up before it began: nothing is deleted, so it ends the day before its first."""
        return self.to_on is not None and self.to_on < self.from_on

    def overlaps(self, from_on: date, to_on: date | None) -> bool:
        """Whether this seat's period and another have a day in common (invariant I15)."""
        return (
            not self.lapsed
            and (to_on is None or self.from_on <= to_on)
            and (self.to_on is None or from_on <= self.to_on)
        )


def seat_points(function: SeatFunction, attendance: Attendance) -> float:
    """Seat points (domain.md 4F): chair or owner 2, member or secretary 1, observer 0; when needed ½ at most."""
    points = {SeatFunction.chair: 2.0, SeatFunction.owner: 2.0, SeatFunction.observer: 0.0}.get(function, 1.0)
    return min(points, 0.5) if attendance is Attendance.when_needed else points


def take_seat(session: Session, by: "User", project_id: int | None, body: "Body", form: SeatForm) -> Seat:
    """Gives a person a seat, or sets an empty chair; the project is the one it was done on.

    One person's periods in a body never overlap.
    """
    _refuse_overlap(session, body, form, but_not=None)
    highest = session.exec(select(func.max(Seat.no)).where(Seat.body_id == body.pk)).one()
    seat = Seat(body_id=body.pk, no=1 + (highest or 0), **form.model_dump())
    seat.body, seat.person = body, session.get(Person, form.person_id) if form.person_id else None
    add(session, by, seat, form, project_id=project_id)
    return seat


def change_seat(session: Session, by: "User", project: "Project", body: "Body", seat: Seat, form: SeatForm) -> None:
    """Changes or ends a seat: who, as what, from when to when."""
    _refuse_overlap(session, body, form, but_not=seat)
    change(session, by, seat, form, project_id=project.pk)


def _refuse_overlap(session: Session, body: "Body", form: SeatForm, but_not: Seat | None) -> None:
    """Invariant I15. Empty chairs may stand side by side."""
    if form.person_id is None:
        return
    others = session.exec(select(Seat).where(Seat.body_id == body.pk, Seat.person_id == form.person_id))
    if any(seat.overlaps(form.from_on, form.to_on) for seat in others if seat is not but_not):
        raise SeatTaken(_("This person already has a seat in the body in that period."))
