from datetime import date
from typing import TYPE_CHECKING, Optional, Self

from pydantic import model_validator
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, one_of, wrong

if TYPE_CHECKING:
    from app.models.person import Person


class DeputyFor(Choice):
    leader = "leader", N_("For the project leader")
    owner = "owner", N_("For the project owner")


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

    person: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return str(self.person) if self.person else ""

    def acts_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or self.to_on >= day)
