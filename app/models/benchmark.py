from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, select

from app.i18n import N_, show_number
from app.models.base import Row, one_of, wrong
from app.models.event import add
from app.models.milestone import Precision, show_period
from app.settings import today

if TYPE_CHECKING:
    from app.models.effect_target import EffectTarget
    from app.models.user import User


class BenchmarkForm(SQLModel):
    """What others have reached: a municipality, a group of them, or the national average (domain.md R74, R75)."""

    name: str = Field(min_length=2, max_length=80, title=N_("Who it is compared with"))
    measured_on: date = Field(title=N_("Measured on"))
    precision: Precision = one_of(Precision, default=Precision.year, title=N_("How exact is the date"))
    value: float = Field(title=N_("Value"))
    source: str = Field(min_length=2, max_length=120, title=N_("Source"))
    withdrawn: bool = Field(default=False, title=N_("Withdrawn: the figure was wrong"))

    @field_validator("measured_on")
    @classmethod
    def _not_in_the_future(cls, day: date) -> date:
        if day > today():
            raise wrong("measured_on", N_("A measurement cannot lie in the future"))
        return day


class Benchmark(BenchmarkForm, Row, table=True):
    """A figure of others beside an effect target (sammenligningstal); `no` runs within the effect target."""

    __table_args__ = (sa.UniqueConstraint("effect_target_id", "no"),)

    effect_target_id: int = Field(foreign_key="effect_target.id", index=True)
    no: int

    @property
    def when(self) -> str:
        return show_period(self.measured_on, self.precision)

    def __str__(self) -> str:
        return f"{self.name}: {show_number(self.value)}"


def compare(session: Session, by: "User", target: "EffectTarget", form: BenchmarkForm) -> Benchmark:
    """Adds a figure of others to an effect target."""
    highest = session.exec(select(sa.func.max(Benchmark.no)).where(Benchmark.effect_target_id == target.pk)).one()
    row = Benchmark(effect_target_id=target.pk, no=1 + (highest or 0), **form.model_dump())
    add(session, by, row, form, project_id=target.project_id)
    return row
