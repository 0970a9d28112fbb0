from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import Row, long_text, one_of, texts
from app.models.effect_target import EffectPath

if TYPE_CHECKING:
    from app.models.effect_target import EffectTarget


class WhyChanged(SQLModel):
    """A baseline or target changes only with a reason, and where it was decided (invariant I11, domain.md R93)."""

    reason: str = long_text(min_length=10, max_length=400, title=N_("Why baseline or target changes"))
    decision: str = Field(default="", max_length=160, title=N_("Decided by"))


class TargetVersion(WhyChanged, Row, table=True):
    """Baseline, target and path of an effect target as they stood until they were changed (målversion).

    `no` runs within the effect target from 1; the target itself carries what holds now. `until_on` is the day on which
    the change was decided. Never changed, never deleted.
    """

    __table_args__ = (sa.UniqueConstraint("effect_target_id", "no"),)

    effect_target_id: int = Field(foreign_key="effect_target.id", index=True)
    no: int
    until_on: date
    changed_at: datetime
    changed_by: str = Field(max_length=120)
    baseline_value: float | None = None
    baseline_on: date | None = None
    target_value: float | None = None
    target_on: date | None = None
    target_wording: str = Field(default="", max_length=200)
    path: EffectPath = one_of(EffectPath)
    waypoints: list[str] = texts()

    effect_target: "EffectTarget" = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.no}"
