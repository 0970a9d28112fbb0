"""Effect targets, their expected path, and how good the target itself is (domain.md 1H, 4B, 3C I10-I13)."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Optional, Self

from pydantic import field_validator, model_validator
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_, gettext
from app.models.assessment import Colour
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of, texts, wrong
from app.models.milestone import months_after
from app.models.relative_date import resolve
from app.models.waypoint import Step, read_step, write_step
from app.settings import today

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

    @property
    def is_effect(self) -> bool:
        """Whether it says that something has changed. What was delivered does not, and context has nothing to reach."""
        return self not in (IndicatorType.output, IndicatorType.context)


class Direction(Choice):
    up = "up", N_("Up")
    down = "down", N_("Down")
    hold = "hold", N_("Hold")


class EffectPath(Choice):
    """How the change is expected to come: evenly, in steps by dates, or all of it by the target date."""

    linear = "linear", N_("Evenly until the target date")
    steps = "steps", N_("In steps, by the dates below")
    at_end = "at_end", N_("Not before the target date")


class Frequency(Choice):
    """How often a figure is due. Once is on the target date."""

    monthly = "monthly", N_("Every month")
    quarterly = "quarterly", N_("Every quarter")
    half_yearly = "half_yearly", N_("Every half-year")
    yearly = "yearly", N_("Every year")
    once = "once", N_("Once, on the target date")


class TargetSubject(SQLModel):
    """What is measured."""

    name: str = Field(min_length=3, max_length=120, title=N_("Effect target"))
    definition: str = long_text(default="", max_length=400, title=N_("Definition"))
    indicator_type: IndicatorType = one_of(IndicatorType, default=IndicatorType.effect, title=N_("Indicator type"))
    unit_of_measure: str = Field(min_length=1, max_length=40, title=N_("Unit of measure"))
    direction: Direction = one_of(Direction, default=Direction.up, title=N_("Wanted direction"))


class TargetFigures(SQLModel):
    """From what to what by when. Once a target exists these change only as a new version (invariant I11)."""

    baseline_value: float | None = Field(default=None, title=N_("Baseline"))
    baseline_on: date | None = Field(default=None, title=N_("Baseline measured on"))
    target_value: float | None = Field(default=None, title=N_("Target figure"))
    target_on: date | None = Field(default=None, title=N_("Target date"))
    target_wording: str = Field(default="", max_length=200, title=N_("Target in words"))
    worded_on: date | None = Field(default=None, title=N_("The words were said on"))
    path: EffectPath = one_of(EffectPath, default=EffectPath.linear, title=N_("Expected path"))
    waypoints: list[str] = texts(title=N_("Steps, one a line: 31-12-2022: 60"))

    @field_validator("waypoints")
    @classmethod
    def _dated_figures(cls, lines: list[str]) -> list[str]:
        """In the order of their dates, each written the same way."""
        try:
            found = sorted(map(read_step, lines))
        except ValueError:
            raise wrong("waypoints", N_("Write each step as a date and a figure, for example 31-12-2022: 60")) from None
        if any(one[0] == other[0] for one, other in pairwise(found)):
            raise wrong("waypoints", N_("Write only one step for each date"))
        return [write_step(*step) for step in found]

    @model_validator(mode="after")
    def _words_become_a_date(self) -> Self:
        """»Om 10 år« is counted from the day it was said, today when nothing else is known (invariant I13)."""
        if self.target_on is None and not self.waypoints:
            self.target_on = resolve(self.target_wording, self.worded_on or today())
            if self.target_on:
                self.worded_on = self.worded_on or today()
        return self

    @model_validator(mode="after")
    def _steps_lead_to_the_target(self) -> Self:
        if self.path is not EffectPath.steps:
            if self.waypoints:
                raise wrong("waypoints", N_("Choose the path in steps, or delete the steps"))
            return self
        if not self.waypoints:
            raise wrong("waypoints", N_("Write the steps, the last one being the target"))
        *_before, (on, value) = steps_of(self.waypoints)
        self.target_on = on if self.target_on is None else self.target_on
        self.target_value = value if self.target_value is None else self.target_value
        if (self.target_on, self.target_value) != (on, value):
            raise wrong("waypoints", N_("The last step must have the target's date and figure"))
        return self

    @model_validator(mode="after")
    def _in_one_direction(self) -> Self:
        """Dates and figures go from the baseline to the target and never back."""
        if self.baseline_on and self.target_on and self.target_on <= self.baseline_on:
            raise wrong("target_on", N_("The target date must lie after the baseline"))
        steps = steps_of(self.waypoints)
        if self.baseline_on and steps and steps[0][0] <= self.baseline_on:
            raise wrong("waypoints", N_("The first step must lie after the baseline"))
        values = [value for value in (self.baseline_value, *(value for _on, value in steps)) if value is not None]
        if values not in (sorted(values), sorted(values, reverse=True)):
            raise wrong("waypoints", N_("Each step must lie between the one before it and the target"))
        return self


class TargetKeeping(SQLModel):
    """Who follows the target, and with what."""

    owner_unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Unit that owns the effect"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", title=N_("Effect owner"))
    source: str = Field(default="", max_length=120, title=N_("Source of the figures"))
    frequency: Frequency | None = one_of(Frequency, default=None, nullable=True, title=N_("How often it is measured"))
    attribution_note: str = long_text(default="", max_length=400, title=N_("What else affects the figure"))
    withdrawn: bool = Field(default=False, title=N_("No longer applies"))


class EffectTargetForm(TargetKeeping, TargetFigures, TargetSubject):
    """A new target. A field of the last class stands first on the page."""


class TargetDescriptionForm(TargetKeeping, TargetSubject):
    """What may be corrected at any time: everything but baseline, target and path."""


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

    no_baseline = "no_baseline", N_("No baseline")
    no_number = "no_number", N_("No target figure")
    no_date = "no_date", N_("No target date")
    not_measured = "not_measured", N_("Not measured yet")
    not_due = "not_due", N_("Not due yet")


class Standing(Choice):
    """How a target stands, in one word that somebody who has never seen the list understands."""

    on_path = "on_path", N_("On the path")
    behind = "behind", N_("Behind the path")
    far_behind = "far_behind", N_("Far behind the path")
    not_measured = "not_measured", N_("Not measured")
    not_due = "not_due", N_("Not due")
    not_measurable = "not_measurable", N_("Cannot be measured")


def standing(share: float | NoShare) -> Standing:
    """A share of the path, or why there is none, as a word: what lacks a baseline, figure or date is not measurable."""
    if isinstance(share, NoShare):
        return _WITHOUT_SHARE.get(share, Standing.not_measurable)
    return _OF_COLOUR[path_colour(share)]


_WITHOUT_SHARE = {NoShare.not_measured: Standing.not_measured, NoShare.not_due: Standing.not_due}
_OF_COLOUR = {
    Colour.green: Standing.on_path,
    Colour.yellow: Standing.behind,
    Colour.red: Standing.far_behind,
    None: Standing.not_measurable,
}


class Quality(Choice):
    """What a target must have before anybody can tell whether it is reached (domain.md R79-R80, I10)."""

    baseline = "baseline", N_("Baseline")
    target_figure = "target_figure", N_("Target figure")
    target_date = "target_date", N_("Target date")
    source = "source", N_("Source")
    owner = "owner", N_("Effect owner")
    effect = "effect", N_("Measures an effect")
    definition = "definition", N_("Definition")
    on_time = "on_time", N_("Measured on time")

    @property
    def lacking(self) -> str:
        """What is wrong when it is not there, in the reader's language."""
        return gettext(_LACKING[self])


_LACKING = {
    Quality.baseline: N_("Lacks baseline"),
    Quality.target_figure: N_("Lacks target figure"),
    Quality.target_date: N_("Lacks target date"),
    Quality.source: N_("Lacks source"),
    Quality.owner: N_("Lacks effect owner"),
    Quality.effect: N_("Does not measure an effect"),
    Quality.definition: N_("Lacks definition"),
    Quality.on_time: N_("Measured too late"),
}


def quality(target: EffectTargetForm) -> dict[Quality, bool]:
    """Which checks a target passes. A baseline without its date is none: nothing can be reckoned from it.

    A definition says what is counted: »49 dwellings« was two different figures (domain.md 2C D7). Whether it is
    measured on time depends on its figures: see `measured_on_time`.
    """
    return {
        Quality.baseline: target.baseline_value is not None and target.baseline_on is not None,
        Quality.target_figure: target.target_value is not None,
        Quality.target_date: target.target_on is not None,
        Quality.source: bool(target.source),
        Quality.owner: target.owner_unit_id is not None or target.owner_id is not None,
        Quality.effect: target.indicator_type.is_effect,
        Quality.definition: bool(target.definition),
    }


_MONTHS = {Frequency.monthly: 1, Frequency.quarterly: 3, Frequency.half_yearly: 6, Frequency.yearly: 12}
_TO_COUNT = timedelta(days=31)
"""How long after its period a figure may be there without being late."""


def measured_on_time(target: EffectTargetForm, measured_until: date | None, day: date) -> bool | None:
    """Whether a target has the figures that its frequency asks for; None when that cannot be told, or none is due yet.

    Each figure stands for the time until the last day of its period, `measured_until`; the baseline is the first. The
    next is due a month, quarter, half-year or year later, and late when it is missing 31 days after that. The target
    date's figure is the last one; a change that comes all at the end, and what is measured once, waits for it.
    """
    due_on = _next_due_on(target, measured_until)
    if due_on and day > due_on + _TO_COUNT:
        return False
    return True if measured_until and target.frequency else None


def _next_due_on(target: EffectTargetForm, measured_until: date | None) -> date | None:
    if target.frequency is None or (target.target_on and measured_until and measured_until >= target.target_on):
        return None
    months, last = _MONTHS.get(target.frequency), measured_until or target.baseline_on
    if months is None or (target.path is EffectPath.at_end and target.target_on):
        return target.target_on
    wanted = (months_after(last, months) if last else None, target.target_on)
    return min((on for on in wanted if on), default=None)


def steps_of(waypoints: Sequence[str]) -> list[Step]:
    """The steps of a path as dates and figures, in the order of their dates."""
    return [read_step(line) for line in waypoints]


def expected_value(target: EffectTargetForm, on: date) -> float | None:
    """Where the path says the figure should be on a day, in the target's unit; None without baseline, target and dates.

    Linear: baseline + (target − baseline) × elapsed / total days, held at the ends (domain.md 4B).
    In steps: the figure of the last step whose date has come, before the first one the baseline.
    At the end: the baseline until the target date, then the target. A level to hold is the target every day.
    """
    baseline, goal = target.baseline_value, target.target_value
    if baseline is None or goal is None or target.baseline_on is None or target.target_on is None:
        return None
    if on >= target.target_on or target.direction is Direction.hold:
        return goal
    if on <= target.baseline_on or target.path is EffectPath.at_end:
        return baseline
    if target.path is EffectPath.steps:
        return next((value for due_on, value in reversed(steps_of(target.waypoints)) if due_on <= on), baseline)
    elapsed, total = (on - target.baseline_on).days, (target.target_on - target.baseline_on).days
    return baseline + (goal - baseline) * elapsed / total


def first_due_on(target: TargetFigures) -> date | None:
    """The first day on which the path asks for something: where it comes in steps or at the end; None otherwise."""
    if target.path is EffectPath.linear:
        return None
    steps = steps_of(target.waypoints)
    return steps[0][0] if steps else target.target_on


def share_of_path(target: EffectTargetForm, value: float | None, on: date) -> float | NoShare:
    """Achieved change divided by expected change, for a figure that stands for a day (1.0 is on the path).

    The Digital Post figures, 28 to 54 of 100 after 252 of 300 days, give 0.43 (domain.md 2B). Below zero the figure
    has moved the wrong way. A figure from the day of the baseline or before it says nothing about progress, and
    before the first step, or the target date of a change at the end, nothing is due.
    """
    if target.baseline_value is None or target.baseline_on is None:
        return NoShare.no_baseline
    if target.target_value is None:
        return NoShare.no_number
    if target.target_on is None:
        return NoShare.no_date
    due_on = first_due_on(target)
    if due_on and on < due_on:
        return NoShare.not_due
    if value is None or on <= target.baseline_on:
        return NoShare.not_measured
    if target.direction is Direction.hold:
        return _share_of_level(target.direction, target.target_value, value)
    expected = expected_value(target, on)
    if expected is None or expected == target.baseline_value:
        return _share_of_level(target.direction, target.baseline_value, value)
    return (value - target.baseline_value) / (expected - target.baseline_value)


def _share_of_level(direction: Direction, level: float, value: float) -> float:
    """Where nothing is to change: 1.0 while the figure has not moved the wrong way.

    A level to hold may move neither way; ten per cent off it is a share of 0.9.
    """
    if direction is Direction.up:
        return 1.0 if value >= level else 0.0
    if direction is Direction.down:
        return 1.0 if value <= level else 0.0
    if level == 0:
        return 1.0 if value == 0 else 0.0
    return max(0.0, 1 - abs(value - level) / abs(level))


def path_colour(share: float | NoShare) -> Colour | None:
    """Green from 90 % of the expected path, yellow from 60 %, red below (domain.md 4B)."""
    if isinstance(share, NoShare):
        return None
    exact = round(share, 9)
    if exact >= 0.9:
        return Colour.green
    return Colour.yellow if exact >= 0.6 else Colour.red


def whole_percent(share: float) -> int:
    """A share as whole per cent that never contradicts its colour: 89.7 % is yellow and reads 89, not 90."""
    percent = round(share * 100)
    return percent if path_colour(percent / 100) is path_colour(share) else percent - 1


def final_figure_missing(target: EffectTargetForm, measured_until: date | None, day: date) -> bool:
    """Whether the target date has passed and no figure stands for it: the question of success is unanswered."""
    if target.target_on is None or target.target_on >= day:
        return False
    return measured_until is None or measured_until < target.target_on


def figure_due(
    path: EffectPath, target_on: date | None, measured_until: date | None, since: date | None, day: date
) -> bool:
    """Whether a round on `day` asks for a figure: none stands for the time since the last round, `since`.

    Nothing is due once the target date has its figure, nor before it where all of the change comes by then.
    """
    if target_on and measured_until and measured_until >= target_on:
        return False
    if path is EffectPath.at_end and target_on and target_on > day:
        return False
    return measured_until is None or since is None or measured_until <= since
