from calendar import monthrange
from datetime import date
from typing import Self

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.i18n import N_, _, show_date, show_month
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of, wrong
from app.settings import today


class Precision(Choice):
    """How exactly a date is known; a date stands for the last day of its period."""

    day = "day", N_("Day")
    week = "week", N_("Week")
    month = "month", N_("Month")
    quarter = "quarter", N_("Quarter")
    half = "half", N_("Half-year")
    year = "year", N_("Year")


def last_day(day: date, precision: Precision) -> date:
    """The last day of the period that `day` lies in: 14-03-2018 as a quarter is 31-03-2018."""
    if precision is Precision.week:
        return date.fromordinal(min(day.toordinal() + 7 - day.isoweekday(), date.max.toordinal()))
    months = {Precision.month: 1, Precision.quarter: 3, Precision.half: 6, Precision.year: 12}
    if precision not in months:
        return day
    length = months[precision]
    month = (day.month - 1) // length * length + length
    return date(day.year, month, monthrange(day.year, month)[1])


def months_after(day: date, months: int) -> date:
    """The same day so many calendar months later, or the last of a shorter month; no later than the calendar's end."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def show_period(day: date, precision: Precision) -> str:
    """A date as exactly as it is known: 14-09-2014, week 37 of 2014, quarter 3 of 2014, 2014 (domain.md R80)."""
    match precision:
        case Precision.week:
            year, week, _weekday = day.isocalendar()
            return _("week %(week)s of %(year)s") % {"week": week, "year": year}
        case Precision.month:
            return show_month(day)
        case Precision.quarter:
            return _("quarter %(n)s of %(year)s") % {"n": (day.month + 2) // 3, "year": day.year}
        case Precision.half:
            return _("half-year %(n)s of %(year)s") % {"n": (day.month + 5) // 6, "year": day.year}
        case Precision.year:
            return str(day.year)
    return show_date(day)


class MilestoneKind(Choice):
    delivery = "delivery", N_("Delivery")
    political_decision = "political_decision", N_("Political decision")
    external_approval = "external_approval", N_("External approval")
    board_discussion = "board_discussion", N_("Discussion in the executive board")
    evaluation = "evaluation", N_("Evaluation")
    end = "end", N_("End")


class MilestoneForm(SQLModel):
    text: str = Field(min_length=3, max_length=160, title=N_("Milestone"))
    kind: MilestoneKind = one_of(MilestoneKind, default=MilestoneKind.delivery, title=N_("Type"))
    due_on: date = Field(index=True, title=N_("Due"))
    precision: Precision = one_of(Precision, default=Precision.day, title=N_("How exact is the date"))
    done_on: date | None = Field(default=None, title=N_("Done on"))
    dropped_on: date | None = Field(default=None, title=N_("Dropped on"))
    dropped_reason: str = long_text(default="", max_length=200, title=N_("Why it was dropped"))

    @model_validator(mode="after")
    def _has_happened(self) -> Self:
        if self.done_on and self.done_on > today():
            raise wrong("done_on", N_("A milestone cannot be done in the future"))
        if self.done_on and self.dropped_on:
            raise wrong("dropped_on", N_("A milestone is either done or dropped"))
        if self.dropped_on and not self.dropped_reason:
            raise wrong("dropped_reason", N_("Write why the milestone was dropped"))
        return self


class Milestone(MilestoneForm, BelongsToProject, Row, table=True):
    """Something that must have happened by a date (milepæl); `baseline_on` is the date first promised."""

    baseline_on: date

    def __str__(self) -> str:
        return self.text

    def days_late(self, on: date) -> int:
        """How many days after its period an open milestone is; 0 when done, dropped or not yet due."""
        if self.done_on or self.dropped_on:
            return 0
        return max(0, (on - last_day(self.due_on, self.precision)).days)

    @property
    def due_text(self) -> str:
        return show_period(self.due_on, self.precision)

    @property
    def days_moved(self) -> int:
        """How many days later than first promised the date now is."""
        return (self.due_on - self.baseline_on).days
