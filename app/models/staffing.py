from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from pydantic import create_model, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, Table, long_text, one_of, wrong
from app.models.event import record
from app.models.unit import Unit

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


class ExistingFunding(Choice):
    """Whether a post is paid for already (domain.md R44)."""

    yes = "yes", N_("Yes")
    no = "no", N_("No")
    partly = "partly", N_("Partly")


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

    def split_between(self, session: Session, by: "User", year: int, percents: list[tuple[Unit, int | None]]) -> None:
        """Says how many percent of the post each unit bears from a year on; without any, that year has no split."""
        before = shares_of(session, self).get(year, {})
        wanted = {unit.pk: percent for unit, percent in percents if percent}
        if wanted == before:
            return
        codes = {unit.pk: unit.code for unit, _percent in percents}
        rows = select(StaffingShare).where(StaffingShare.staffing_id == self.pk, StaffingShare.year == year)
        for row in session.exec(rows):
            session.delete(row)
        session.flush()
        session.add_all(
            StaffingShare(staffing_id=self.pk, year=year, unit_id=key, percent=percent)
            for key, percent in wanted.items()
        )
        flag_modified(self, "function")  # a new version of the post: its shares have none of their own
        record(
            session,
            by,
            "split",
            self,
            project_id=self.project_id,
            before={f"{codes[key]} {year}": percent for key, percent in before.items()},
            after={f"{codes[key]} {year}": percent for key, percent in wanted.items()},
        )


class SplitForm(SQLModel):
    """How many percent of a post each unit bears; all of it, or nothing is said."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        percents = [percent for name in type(self).model_fields if (percent := getattr(self, name)) is not None]
        if percents and sum(percents) != 100:
            sentence = N_("The percentages add up to %(sum)s. Make them 100, or leave all fields empty.")
            raise PydanticCustomError("rule", sentence, {"field": "", "sum": sum(percents)})
        return self


def split_form(units: Mapping[str, Unit]) -> type[SplitForm]:
    """A form with one percentage for each unit, under the field names given."""
    fields: dict[str, Any] = {
        name: (int | None, Field(default=None, ge=0, le=100, title=f"{unit.code} {unit.name}"))
        for name, unit in units.items()
    }
    return create_model("SplitForm", __base__=SplitForm, **fields)


def shares_of(session: Session, post: Staffing) -> dict[int, dict[int, int]]:
    """The splits of a post, oldest first: by the year from which they hold, the percent of each unit by its key."""
    found: dict[int, dict[int, int]] = {}
    query = select(StaffingShare).where(StaffingShare.staffing_id == post.pk).order_by(col(StaffingShare.year))
    for share in session.exec(query):
        found.setdefault(share.year, {})[share.unit_id] = share.percent
    return found


def shares_in(split: Mapping[int, Mapping[str, int]], home_unit: str, year: int) -> dict[str, int]:
    """How many percent of a post each unit bears in a year, by the units' codes; always 100 in all (domain.md R47).

    The latest split of that year or an earlier one holds (»fra 2018 og frem«). Without any the home unit bears the
    whole post; an empty code stands for an unknown unit.
    """
    since = max((start for start in split if start <= year), default=None)
    if since is None:
        return {home_unit: 100}
    return {unit: percent for unit, percent in split[since].items() if percent}
