from datetime import date, datetime
from typing import TYPE_CHECKING, Optional

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.assessment import Assessment, Colour
from app.models.base import Choice, Row, long_text, one_of, texts

if TYPE_CHECKING:
    from app.models.person import Person
    from app.models.reporting_round import ReportingRound


class ReportState(Choice):
    draft = "draft", N_("Draft")
    submitted = "submitted", N_("Submitted")
    returned = "returned", N_("Returned")
    approved = "approved", N_("Approved")
    frozen = "frozen", N_("Frozen")
    not_reported = "not_reported", N_("Not reported")


COUNTS = (ReportState.approved, ReportState.frozen)
"""The states in which a report's colour counts: an owner has approved it."""


class Track(Choice):
    """The three tracks out of red (Statens It-råd; product.md, decision 7)."""

    back_to_plan = "back_to_plan", N_("Back to plan")
    new_plan = "new_plan", N_("New plan")
    stop = "stop", N_("Stop")


class ReportForm(SQLModel):
    """What a project leader writes."""

    colour: Colour | None = one_of(Colour, default=None, nullable=True, title=N_("Overall colour"))
    summary: str = long_text(default="", max_length=400, title=N_("Short status"))
    deviation_reason: str = long_text(default="", max_length=400, title=N_("Why better than suggested"))
    path_action: str = long_text(default="", max_length=200, title=N_("Path to green: action"))
    path_who: str = Field(default="", max_length=80, title=N_("Path to green: who"))
    path_on: date | None = Field(default=None, title=N_("Path to green: when"))
    decision_wanted: str = long_text(default="", max_length=200, title=N_("What the executive board must decide"))
    decision_track: Track | None = one_of(Track, default=None, nullable=True, title=N_("Track"))
    decision_by_on: date | None = Field(default=None, title=N_("Decide by"))
    options: list[str] = texts(title=N_("Options, best first"))


class Report(ReportForm, Row, table=True):
    """One project's status in one round (halvårlig status)."""

    __table_args__ = (sa.UniqueConstraint("project_id", "round_id"),)

    project_id: int = Field(foreign_key="project.id", index=True)
    round_id: int = Field(foreign_key="reporting_round.id", index=True)
    state: ReportState = one_of(ReportState, default=ReportState.draft)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    submitted_at: datetime | None = None
    approver_id: int | None = Field(default=None, foreign_key="person.id")
    approved_at: datetime | None = None
    returned_reason: str = long_text(default="", max_length=400)

    round: "ReportingRound" = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    author: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Report.author_id"}
    )
    approver: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Report.approver_id"}
    )
    assessments: list[Assessment] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def counts(self) -> bool:
        return self.state in COUNTS
