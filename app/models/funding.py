from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, one_of


class Approved(Choice):
    """Whether the money has been granted (domain.md R91)."""

    yes = "yes", N_("Granted")
    proposed = "proposed", N_("Proposed")
    no = "no", N_("Not granted")


class FundingForm(SQLModel):
    """Money from one source in one year. The amount is in kroner and may be unknown, which is not zero."""

    source: str = Field(min_length=2, max_length=120, title=N_("Source"))
    year: int = Field(ge=2000, le=2100, title=N_("Year"))
    amount: float | None = Field(default=None, ge=0, title=N_("Amount in kroner"))
    approved: Approved = one_of(Approved, default=Approved.proposed, title=N_("Granted"))
    decision: str = Field(default="", max_length=160, title=N_("Decision"))


class Funding(FundingForm, BelongsToProject, Row, table=True):
    """Where a project's money comes from, by year (finansiering)."""

    def __str__(self) -> str:
        return f"{self.source}, {self.year}"
