from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Self

from pydantic import model_validator
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, Table, long_text, one_of, wrong
from app.models.unit import Unit

if TYPE_CHECKING:
    from app.models.project import Project


class ExistingFunding(Choice):
    """Whether a post is paid for already (domain.md R44)."""

    yes = "yes", N_("Existing funding")
    no = "no", N_("No existing funding")
    partly = "partly", N_("Partly funded")


class StaffingState(Choice):
    planned = "planned", N_("Planned")
    vacant = "vacant", N_("Vacant")
    filled = "filled", N_("Filled")


class StaffingForm(SQLModel):
    """One function on a project. How much of it is needed may be unknown, which is not zero (invariant I12)."""

    function: str = Field(min_length=2, max_length=120, title=N_("Function"))
    fte: float | None = Field(default=None, ge=0, le=100, title=N_("Full-time equivalents"))
    existing_funding: ExistingFunding = one_of(
        ExistingFunding, default=ExistingFunding.no, title=N_("Existing funding")
    )
    state: StaffingState = one_of(StaffingState, default=StaffingState.planned, title=N_("State"))
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True, title=N_("Home unit"))
    keeps_home_unit: bool = Field(default=False, title=N_("Stays employed in the home unit"))
    from_on: date | None = Field(default=None, title=N_("From"))
    to_on: date | None = Field(default=None, title=N_("To"))
    note: str = long_text(default="", max_length=300, title=N_("Note"))

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.from_on and self.to_on and self.to_on < self.from_on:
            raise wrong("to_on", N_("The end lies before the start"))
        return self


class StaffingShare(Table, table=True):
    """How much of a post one unit bears in one year (fordeling), in percent from 0 to 100 (domain.md R47)."""

    staffing_id: int = Field(foreign_key="staffing.id", primary_key=True)
    year: int = Field(primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True, index=True)
    percent: int = Field(ge=0, le=100)

    unit: Unit = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class Staffing(StaffingForm, BelongsToProject, Row, table=True):
    """A post, or a part of one, that a project needs or has (bemanding); in full-time equivalents (årsværk)."""

    project: "Project" = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    unit: Unit | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    shares: list[StaffingShare] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "StaffingShare.year"}
    )

    def __str__(self) -> str:
        return self.function

    def valid_on(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or self.to_on >= day)


def shares_in(split: Mapping[int, Mapping[str, int]], home_unit: str, year: int) -> dict[str, int]:
    """How many percent of a post each unit bears in a year, by the units' codes; always 100 in all (domain.md R47).

    The latest split of that year or an earlier one holds (»fra 2018 og frem«). Without any the home unit bears the
    whole post; an empty code stands for an unknown unit.
    """
    since = max((start for start in split if start <= year), default=None)
    if since is None:
        return {home_unit: 100}
    return {unit: percent for unit, percent in split[since].items() if percent}
