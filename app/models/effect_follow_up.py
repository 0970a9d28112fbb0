from datetime import date, datetime
from typing import TYPE_CHECKING, Optional, Self

import sqlalchemy as sa
from pydantic import model_validator
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_, show_date
from app.models.base import Choice, Row, long_text, one_of, wrong

if TYPE_CHECKING:
    from app.models.effect_target import EffectTarget
    from app.models.person import Person
    from app.models.unit import Unit


class FollowUpState(Choice):
    planned = "planned", N_("Planned")
    reported = "reported", N_("Reported")
    returned = "returned", N_("Returned")
    approved = "approved", N_("Approved")
    waived = "waived", N_("Not followed")


class FollowUpResult(Choice):
    """What came of an effect after the project (domain.md 4E)."""

    reached = "reached", N_("Reached")
    partly = "partly", N_("Partly reached")
    not_reached = "not_reached", N_("Not reached")
    too_early = "too_early", N_("Too early to tell")
    not_measured = "not_measured", N_("Not measured")


class FollowUpPlan(SQLModel):
    """When an effect is followed up after the project has left the list, and by whom in the line."""

    due_on: date = Field(title=N_("Follow up on"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Effect owner"))
    owner_unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Unit that owns the effect"))

    @model_validator(mode="after")
    def _has_an_owner(self) -> Self:
        if self.owner_id is None and self.owner_unit_id is None:
            raise wrong("owner_id", N_("Choose who follows up"))
        return self


class FollowUpReport(SQLModel):
    """What the effect owner says on the day."""

    result: FollowUpResult | None = one_of(FollowUpResult, default=None, nullable=True, title=N_("Result"))
    conclusion: str = long_text(default="", max_length=600, title=N_("What the figures show"))


class EffectFollowUp(FollowUpPlan, FollowUpReport, Row, table=True):
    """One look at an effect after its project has left the list (effektopfølgning); `no` runs within the target."""

    __table_args__ = (sa.UniqueConstraint("effect_target_id", "no"),)

    effect_target_id: int = Field(foreign_key="effect_target.id", index=True)
    no: int
    state: FollowUpState = one_of(FollowUpState, default=FollowUpState.planned)
    waived_reason: str = long_text(default="", max_length=400)
    reported_at: datetime | None = None
    reported_by_id: int | None = Field(default=None, foreign_key="person.id")
    approved_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
    returned_reason: str = long_text(default="", max_length=400)

    effect_target: "EffectTarget" = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "EffectFollowUp.owner_id"}
    )
    owner_unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    reported_by: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "EffectFollowUp.reported_by_id"}
    )
    approved_by: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "EffectFollowUp.approved_by_id"}
    )

    def __str__(self) -> str:
        return show_date(self.due_on)
