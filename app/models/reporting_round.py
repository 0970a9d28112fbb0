from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from app.i18n import N_
from app.models.base import Choice, Row, one_of


class RoundState(Choice):
    planned = "planned", N_("Planned")
    open = "open", N_("Open")
    closed_for_leaders = "closed_for_leaders", N_("Closed for leaders")
    frozen = "frozen", N_("Frozen")
    presented = "presented", N_("Presented")
    finished = "finished", N_("Concluded")


class ReportingRound(Row, table=True):
    """A half-year in which every project on the list is reported (statusrunde), with a key like 2018-01."""

    __table_args__ = (sa.UniqueConstraint("portfolio_id", "key"),)

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(max_length=12)
    name: str = Field(max_length=40)
    as_of: date
    opens_on: date
    leader_deadline_on: date
    owner_deadline_on: date
    board_on: date | None = None
    state: RoundState = one_of(RoundState, default=RoundState.planned)
    frozen_at: datetime | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def under_way(self) -> bool:
        """Reports can still change: colours that are missing now may still come."""
        return self.state in (RoundState.open, RoundState.closed_for_leaders)


def latest_rounds(session: Session, portfolio_id: int, count: int) -> list[ReportingRound]:
    """The last `count` rounds that have been opened, newest first; the first of them is the current one."""
    query = (
        select(ReportingRound)
        .where(ReportingRound.portfolio_id == portfolio_id, ReportingRound.state != RoundState.planned)
        .order_by(col(ReportingRound.as_of).desc())
        .limit(count)
    )
    return list(session.exec(query))
