from datetime import datetime

from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import Row, long_text
from app.models.person import Person
from app.models.reporting_round import ReportingRound
from app.models.scenario import Scenario


class ProposalForm(SQLModel):
    title: str = Field(min_length=3, max_length=160, title=N_("What the executive board should decide"))
    reason: str = long_text(min_length=3, max_length=1000, title=N_("Why"))


class Proposal(ProposalForm, Row, table=True):
    """Something put to the executive board at the meeting of a round, with the scenario that shows it (forslag).

    `key` is drawn at random, as a scenario's.
    """

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(max_length=16, unique=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    round_id: int = Field(foreign_key="reporting_round.id", index=True)
    raised_by_id: int | None = Field(default=None, foreign_key="person.id")
    raised_at: datetime
    withdrawn_at: datetime | None = None

    scenario: Scenario = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    round: ReportingRound = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    raised_by: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.title
