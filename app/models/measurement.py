from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.i18n import N_, show_date, show_number
from app.models.base import Row, columns, long_text, one_of, wrong
from app.models.event import add
from app.models.milestone import Precision, last_day
from app.settings import today

if TYPE_CHECKING:
    from app.models.effect_target import EffectTarget
    from app.models.project import Project
    from app.models.user import User


class MeasurementForm(SQLModel):
    measured_on: date = Field(title=N_("Measured on"))
    precision: Precision = one_of(Precision, default=Precision.day, title=N_("How exact is the date"))
    value: float = Field(title=N_("Value"))
    source: str = Field(min_length=2, max_length=120, title=N_("Source"))
    note: str = long_text(default="", max_length=300, title=N_("Note"))
    withdrawn: bool = Field(default=False, title=N_("Withdrawn: the figure was wrong"))

    @field_validator("measured_on")
    @classmethod
    def _not_in_the_future(cls, day: date) -> date:
        if day > today():
            raise wrong("measured_on", N_("A measurement cannot lie in the future"))
        return day


class Measurement(MeasurementForm, Row, table=True):
    """One figure on the way from baseline to target (måling); `no` runs within the effect target."""

    __table_args__ = (sa.UniqueConstraint("effect_target_id", "no"),)

    effect_target_id: int = Field(foreign_key="effect_target.id", index=True)
    no: int

    def __str__(self) -> str:
        return f"{show_number(self.value)} ({show_date(self.measured_on)})"


def measure(
    session: Session, by: "User", project: "Project", target: "EffectTarget", form: MeasurementForm
) -> Measurement:
    """Adds a figure to an effect target."""
    row = add_figure(session, target, form)
    add(session, by, row, form, project_id=project.pk)
    return row


def add_figure(session: Session, target: "EffectTarget", form: MeasurementForm) -> Measurement:
    """A new figure under the target's next number. Whoever adds it records the event."""
    highest = session.exec(select(sa.func.max(Measurement.no)).where(Measurement.effect_target_id == target.pk)).one()
    row = Measurement(effect_target_id=target.pk, no=1 + (highest or 0), **form.model_dump())
    session.add(row)
    return row


@dataclass(frozen=True)
class Measured:
    """The newest figure of an effect target; `last_day` is the end of the period that it was measured in."""

    value: float
    last_day: date
    measured_on: date
    precision: Precision
    source: str


def latest_measurements(session: Session, day: date) -> dict[int, Measured]:
    """The newest measurement on a day that has not been withdrawn, for every effect target, in one query."""
    newest = (
        select(Measurement.effect_target_id, sa.func.max(Measurement.measured_on).label("newest"))
        .where(~col(Measurement.withdrawn), Measurement.measured_on <= day)
        .group_by(col(Measurement.effect_target_id))
        .subquery()
    )
    query = (
        columns(
            Measurement.effect_target_id,
            Measurement.value,
            Measurement.measured_on,
            Measurement.precision,
            Measurement.source,
        )
        .join(
            newest,
            sa.and_(
                newest.c.effect_target_id == Measurement.effect_target_id,
                newest.c.newest == Measurement.measured_on,
            ),
        )
        .where(~col(Measurement.withdrawn))
        .order_by(col(Measurement.no))
    )
    return {
        target_id: Measured(value, last_day(measured_on, precision), measured_on, precision, source)
        for target_id, value, measured_on, precision, source in session.exec(query)
    }
