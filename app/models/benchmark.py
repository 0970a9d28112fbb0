from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.i18n import N_, show_number
from app.models.base import Row, one_of
from app.models.milestone import Precision


class BenchmarkForm(SQLModel):
    """What others have reached: a municipality, a group of them, or the national average (domain.md R74, R75)."""

    name: str = Field(min_length=2, max_length=80, title=N_("Who it is compared with"))
    measured_on: date = Field(title=N_("Measured on"))
    precision: Precision = one_of(Precision, default=Precision.year, title=N_("How exact is the date"))
    value: float = Field(title=N_("Value"))
    source: str = Field(min_length=2, max_length=120, title=N_("Source"))
    withdrawn: bool = Field(default=False, title=N_("Withdrawn: the figure was wrong"))


class Benchmark(BenchmarkForm, Row, table=True):
    """A figure of others beside an effect target (sammenligningstal); `no` runs within the effect target."""

    __table_args__ = (sa.UniqueConstraint("effect_target_id", "no"),)

    effect_target_id: int = Field(foreign_key="effect_target.id", index=True)
    no: int

    def __str__(self) -> str:
        return f"{self.name}: {show_number(self.value)}"
