from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, SQLModel, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Row, long_text, one_of, texts
from app.models.effect_target import EffectPath, TargetFigures
from app.models.event import change
from app.settings import now, today

if TYPE_CHECKING:
    from app.models.effect_target import EffectTarget
    from app.models.user import User


class WhyChanged(SQLModel):
    """A baseline or target changes only with a reason, and where it was decided (invariant I11, domain.md R93)."""

    reason: str = long_text(min_length=10, max_length=400, title=N_("Why baseline or target changes"))
    decision: str = Field(default="", max_length=160, title=N_("Decided by"))


class NewVersionForm(WhyChanged, TargetFigures):
    """What a target is to be from now on, and why. A field of the last class stands first on the page."""


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
    worded_on: date | None = None
    path: EffectPath = one_of(EffectPath)
    waypoints: list[str] = texts()

    effect_target: "EffectTarget" = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.no}"


FIGURES = tuple(TargetFigures.model_fields)


def change_target(session: Session, by: "User", target: "EffectTarget", form: NewVersionForm) -> TargetVersion:
    """What the form says holds from now on; what held until now is kept under the target's next number.

    DomainError when nothing differs: a reason without a change would be lost.
    """
    before = {name: getattr(target, name) for name in FIGURES}
    if before == {name: getattr(form, name) for name in FIGURES}:
        raise DomainError(_("Baseline, target and path are as they were. There is nothing to change."))
    highest = session.exec(
        select(sa.func.max(TargetVersion.no)).where(TargetVersion.effect_target_id == target.pk)
    ).one()
    why = form.model_dump(include=set(WhyChanged.model_fields))
    kept = TargetVersion(
        **before,
        **why,
        effect_target_id=target.pk,
        no=1 + (highest or 0),
        until_on=today(),
        changed_at=now(),
        changed_by=str(by),
    )
    session.add(kept)
    change(session, by, target, form, project_id=target.project_id, extra=({}, {k: v for k, v in why.items() if v}))
    return kept
