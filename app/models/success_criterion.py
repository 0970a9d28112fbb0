from typing import Self

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of, wrong


class Met(Choice):
    yes = "yes", N_("Met")
    partly = "partly", N_("Partly met")
    no = "no", N_("Not met")
    too_early = "too_early", N_("Too early")
    not_assessed = "not_assessed", N_("Not assessed")


class SuccessCriterionForm(SQLModel):
    text: str = long_text(min_length=3, max_length=200, title=N_("Success criterion"))
    met: Met = one_of(Met, default=Met.not_assessed, title=N_("Is it met"))
    evidence: str = long_text(default="", max_length=300, title=N_("How we know"))
    withdrawn: bool = Field(default=False, title=N_("No longer applies"))

    @model_validator(mode="after")
    def _met_with_evidence(self) -> Self:
        """Whoever says that it is met, or partly, says how they know."""
        if self.met in (Met.yes, Met.partly) and not self.evidence:
            raise wrong("evidence", N_("Write how you know that it is met"))
        return self


class SuccessCriterion(SuccessCriterionForm, BelongsToProject, Row, table=True):
    """What must be true for the project to have succeeded (succeskriterium)."""

    def __str__(self) -> str:
        return self.text
