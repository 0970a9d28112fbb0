from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Row


class FundingNeedForm(SQLModel):
    """What a project needs in one year, in kroner."""

    purpose: str = Field(min_length=2, max_length=120, title=N_("What the money is for"))
    year: int = Field(ge=2000, le=2100, title=N_("Year"))
    amount: float = Field(ge=0, title=N_("Amount in kroner"))


class FundingNeed(FundingNeedForm, BelongsToProject, Row, table=True):
    """Money that a project needs, whoever will pay (finansieringsbehov).

    The gap is what is needed less what is granted (invariant I22, domain.md R92).
    """

    def __str__(self) -> str:
        return f"{self.purpose}, {self.year}"
