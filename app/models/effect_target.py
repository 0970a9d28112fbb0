"""Effect targets, their expected path, and how good the target itself is (domain.md 1H, 4B, 3C I10-I13)."""

from datetime import date
from typing import TYPE_CHECKING, Optional, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.assessment import Colour
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of

if TYPE_CHECKING:
    from app.models.measurement import Measurement
    from app.models.person import Person
    from app.models.unit import Unit


class IndicatorType(Choice):
    effect = "effect", N_("Effect")
    productivity = "productivity", N_("Productivity")
    expenditure = "expenditure", N_("Expenditure")
    output = "output", N_("Output, not effect")
    benefit = "benefit", N_("Economic benefit")
    burden = "burden", N_("Burden")
    process = "process", N_("Process")
    context = "context", N_("Context")


class Direction(Choice):
    up = "up", N_("Up")
    down = "down", N_("Down")
    hold = "hold", N_("Hold")


class EffectPath(Choice):
    """How the change is expected to come: evenly, or all of it by the target date."""

    linear = "linear", N_("Evenly until the target date")
    at_end = "at_end", N_("Not before the target date")


class EffectTargetForm(SQLModel):
    name: str = Field(min_length=3, max_length=120, title=N_("Effect target"))
    definition: str = long_text(default="", max_length=400, title=N_("Definition"))
    indicator_type: IndicatorType = one_of(IndicatorType, default=IndicatorType.effect, title=N_("Indicator type"))
    unit_of_measure: str = Field(min_length=1, max_length=40, title=N_("Unit of measure"))
    direction: Direction = one_of(Direction, default=Direction.up, title=N_("Wanted direction"))
    baseline_value: float | None = Field(default=None, title=N_("Baseline"))
    baseline_on: date | None = Field(default=None, title=N_("Baseline measured on"))
    target_value: float | None = Field(default=None, title=N_("Target figure"))
    target_on: date | None = Field(default=None, title=N_("Target date"))
    target_wording: str = Field(default="", max_length=200, title=N_("Target in words"))
    path: EffectPath = one_of(EffectPath, default=EffectPath.linear, title=N_("Expected path"))
    owner_unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Unit that owns the effect"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", title=N_("Effect owner"))
    source: str = Field(default="", max_length=120, title=N_("Source of the figures"))
    frequency: str = Field(default="", max_length=60, title=N_("How often it is measured"))
    attribution_note: str = long_text(default="", max_length=400, title=N_("What else affects the figure"))
    withdrawn: bool = Field(default=False, title=N_("No longer applies"))

    @model_validator(mode="after")
    def _target_after_baseline(self) -> Self:
        if self.baseline_on and self.target_on and self.target_on <= self.baseline_on:
            raise PydanticCustomError("target_before_baseline", N_("The target date must lie after the baseline"))
        return self


class EffectTarget(EffectTargetForm, BelongsToProject, Row, table=True):
    """What a project is to change, from a baseline to a target by a date (effektmål)."""

    measurements: list["Measurement"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "Measurement.measured_on"}
    )
    owner_unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.name


class NoShare(Choice):
    """Why a target has no share of its path: said in words, never shown as zero (invariant I12)."""

    no_baseline = "no_baseline", N_("Cannot be judged: no baseline")
    no_number = "no_number", N_("Cannot be judged: no target figure")
    no_date = "no_date", N_("Cannot be judged: no target date")
    not_measured = "not_measured", N_("Not measured yet")
    not_due = "not_due", N_("Judged on the target date")


def expected_value(target: EffectTargetForm, on: date) -> float | None:
    """Where the path says the figure should be on a day, in the target's unit; None without baseline, target and dates.

    Linear: baseline + (target − baseline) × elapsed / total days, held at the ends (domain.md 4B).
    At the end: the baseline until the target date, then the target.
    """
    if (
        target.baseline_value is None
        or target.target_value is None
        or target.baseline_on is None
        or target.target_on is None
    ):
        return None
    total = (target.target_on - target.baseline_on).days
    elapsed = min(max((on - target.baseline_on).days, 0), total)
    if target.path is EffectPath.at_end and on < target.target_on:
        elapsed = 0
    return target.baseline_value + (target.target_value - target.baseline_value) * elapsed / total


def share_of_path(target: EffectTargetForm, value: float | None, on: date) -> float | NoShare:
    """Achieved change divided by expected change, for a measurement taken on a day (1.0 is on the path).

    The Digital Post figures, 28 to 54 of 100 after 252 of 300 days, give 0.43 (domain.md 2B). A target to hold, or
    one whose expected change is nothing, counts as reached (1.0) while the figure has not moved the wrong way.
    """
    if target.baseline_value is None or target.baseline_on is None:
        return NoShare.no_baseline
    if target.target_value is None:
        return NoShare.no_number
    if target.target_on is None:
        return NoShare.no_date
    if value is None:
        return NoShare.not_measured
    if target.path is EffectPath.at_end and on < target.target_on:
        return NoShare.not_due
    expected = expected_value(target, on)
    if expected is None or expected == target.baseline_value:
        wrong_way = value < target.baseline_value if target.direction is Direction.up else value > target.baseline_value
        return 0.0 if wrong_way else 1.0
    return (value - target.baseline_value) / (expected - target.baseline_value)


def path_colour(share: float | NoShare) -> Colour | None:
    """Green from 90 % of the expected path, yellow from 60 %, red below (domain.md 4B)."""
    if isinstance(share, NoShare):
        return None
    if share >= 0.9:
        return Colour.green
    return Colour.yellow if share >= 0.6 else Colour.red
