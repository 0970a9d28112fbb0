from datetime import date
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator
from sqlmodel import Field, Relationship, Session, SQLModel, col, or_, select

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, one_of, wrong
from app.models.event import add_below, change
from app.models.person import Person

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


class DeputyFor(Choice):
    leader = "leader", N_("Project leader")
    owner = "owner", N_("Project owner")


class DeputyForm(SQLModel):
    stands_for: DeputyFor = one_of(DeputyFor, default=DeputyFor.leader, title=N_("Stands in for"))
    person_id: int = Field(foreign_key="person.id", title=N_("Deputy"))
    from_on: date = Field(title=N_("From"))
    to_on: date | None = Field(default=None, title=N_("To"))

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.to_on and self.to_on < self.from_on:
            raise wrong("to_on", N_("The end lies before the start"))
        return self


class Deputy(DeputyForm, BelongsToProject, Row, table=True):
    """Somebody who may act for a project's leader or owner for a time (stedfortræder); the trace says who did."""

    person: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return str(self.person) if self.person else ""

    def acts_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or self.to_on >= day)

    def overlaps(self, from_on: date, to_on: date | None) -> bool:
        """Whether it and another period have a day in common; given up before it began, it has none."""
        last = self.to_on or date.max
        return self.from_on <= last and self.from_on <= (to_on or date.max) and from_on <= last


def name_deputy(session: Session, by: "User", project: "Project", form: DeputyForm) -> Deputy:
    """Lets somebody act for the project's leader or owner for a time."""
    return add_below(session, by, project, Deputy, form, person=session.get(Person, form.person_id))


def change_deputy(session: Session, by: "User", deputy: Deputy, form: DeputyForm) -> None:
    deputy.person = session.get(Person, form.person_id)
    change(session, by, deputy, form, project_id=deputy.project_id)


def stands_in(person_id: int | None, day: date, *roles: DeputyFor) -> Any:
    """The keys of the projects in which a person is a deputy on a day, in one of these roles; as a subquery."""
    return select(Deputy.project_id).where(
        Deputy.person_id == person_id,
        col(Deputy.stands_for).in_(roles or DeputyFor),
        Deputy.from_on <= day,
        or_(col(Deputy.to_on).is_(None), col(Deputy.to_on) >= day),
    )
