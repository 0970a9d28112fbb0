from typing import Self

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of, wrong


class Certainty(Choice):
    certain = "certain", N_("Certain")
    likely = "likely", N_("Likely")
    uncertain = "uncertain", N_("Uncertain")


RANGES = ("potential", "not_analysed", "expected")
AMOUNTS = (*(f"{name}_{end}" for name in RANGES for end in ("min", "max")), "identified", "realised", "budget")
"""The fields that hold kroner."""


class BenefitForm(SQLModel):
    """One area of a project's benefits in one budget year, in kroner (domain.md R83-R87, I21). Unknown is not zero."""

    area: str = Field(min_length=2, max_length=120, title=N_("Area"))
    year: int = Field(ge=2000, le=2100, title=N_("Budget year"))
    potential_min: float | None = Field(default=None, ge=0, title=N_("External potential, at least"))
    potential_max: float | None = Field(default=None, ge=0, title=N_("External potential, at most"))
    not_analysed_min: float | None = Field(default=None, ge=0, title=N_("Not analysed, at least"))
    not_analysed_max: float | None = Field(default=None, ge=0, title=N_("Not analysed, at most"))
    expected_min: float | None = Field(default=None, ge=0, title=N_("Own expectation, at least"))
    expected_max: float | None = Field(default=None, ge=0, title=N_("Own expectation, at most"))
    identified: float | None = Field(default=None, ge=0, title=N_("Identified, not yet realised"))
    realised: float | None = Field(default=None, ge=0, title=N_("Realised"))
    budget: float | None = Field(default=None, ge=0, title=N_("Budget"))
    full_year: bool = Field(default=True, title=N_("Full-year effect"))
    certainty: Certainty = one_of(Certainty, default=Certainty.likely, title=N_("Certainty"))
    treasury_percent: int = Field(default=80, ge=0, le=100, title=N_("Share of the treasury in percent"))
    split_reason: str = Field(default="", max_length=160, title=N_("Why not 80/20"))
    measure: str = Field(default="", max_length=120, title=N_("Measure that realises it"))
    note: str = long_text(default="", max_length=300, title=N_("Note"))
    withdrawn: bool = Field(default=False, title=N_("No longer applies"))

    @model_validator(mode="after")
    def _ranges_rise(self) -> Self:
        for name in RANGES:
            least, most = getattr(self, f"{name}_min"), getattr(self, f"{name}_max")
            if (least is None) != (most is None):
                missing = "max" if most is None else "min"
                raise wrong(f"{name}_{missing}", N_("Fill in both ends; the same figure twice when there is only one"))
            if least is not None and most is not None and most < least:
                raise wrong(f"{name}_max", N_("The highest lies below the lowest"))
        if self.treasury_percent != 80 and not self.split_reason:
            raise wrong("split_reason", N_("Write why the split is not 80/20"))
        return self


class Benefit(BenefitForm, BelongsToProject, Row, table=True):
    """A line of the table of benefits (gevinst): totals are computed from the lines and never typed."""

    def __str__(self) -> str:
        return f"{self.area}, {self.year}"
