from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, one_of, texts


class BenefitColumn(Choice):
    """What a total is of: a column of the table of benefits, or what is needed (domain.md 2C D1, D3)."""

    potential = "potential", N_("External potential")
    not_analysed = "not_analysed", N_("Not analysed")
    expected = "expected", N_("Own expectation")
    realised = "realised", N_("Realised")
    identified = "identified", N_("Identified")
    budget = "budget", N_("Budget")
    need = "need", N_("Funding need")


class StatedTotalForm(SQLModel):
    """A total that a paper states in kroner, and the lines that it is said to be of."""

    text: str = Field(min_length=3, max_length=160, title=N_("What the paper says"))
    source: str = Field(min_length=2, max_length=120, title=N_("Source"))
    column: BenefitColumn = one_of(BenefitColumn, default=BenefitColumn.budget, title=N_("Column"))
    year: int = Field(ge=2000, le=2100, title=N_("Budget year"))
    amount: float = Field(ge=0, title=N_("Amount in kroner"))
    areas: list[str] = texts(title=N_("Areas or purposes, one a line; none is all"))


class StatedTotal(StatedTotalForm, BelongsToProject, Row, table=True):
    """A total from a paper (angivet total): shown beside the one that is computed, and never instead of it."""

    def __str__(self) -> str:
        return self.text
