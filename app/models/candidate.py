"""What may be talked about under a recommendation: found by the list itself, taken up or dropped by the secretariat."""

import secrets
from typing import TYPE_CHECKING, Optional

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Choice, Row, long_text, one_of, rel
from app.models.recommendation import Subject

if TYPE_CHECKING:
    from app.models.meeting import Meeting
    from app.models.project import Project
    from app.models.proposal import Proposal


class Source(Choice):
    """Why something is a candidate. The first nine are points of attention, in the order in which they are shown."""

    red = "red", N_("Red")
    worse = "worse", N_("Worse than last time")
    long_red = "long_red", N_("Red in several rounds")
    signals = "signals", N_("Signals")
    unreported = "unreported", N_("Not reported two rounds in a row")
    overdue_task = "overdue_task", N_("Overdue follow-up")
    load = "load", N_("Load")
    effect = "effect", N_("Effect off its path")
    proposal = "proposal", N_("Proposal")
    finished = "finished", N_("Finished")
    expired = "expired", N_("Expired")
    silent = "silent", N_("Nothing reported")
    dependency = "dependency", N_("Dependency")
    goal_conflict = "goal_conflict", N_("Goal conflict")
    own = "own", N_("Added by the secretariat")


class CandidateState(Choice):
    accepted = "accepted", N_("Taken up")
    dropped = "dropped", N_("Left out")


class CandidateForm(SQLModel):
    title: str = Field(min_length=3, max_length=200, title=N_("What it is about"))
    text: str = long_text(default="", max_length=1200, title=N_("Explanation"))


class Candidate(CandidateForm, Row, table=True):
    """Something to talk about under a recommendation that the secretariat has taken up or left out (kandidat).

    What nobody has touched is found anew each time; `ref` is how it is recognised, as `red` and `P-017`. When the
    meeting has been held, everything that was not left out stands as a row, as it stood.
    """

    __table_args__ = (sa.UniqueConstraint("meeting_id", "source", "ref"),)

    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    subject: Subject = one_of(Subject)
    source: Source = one_of(Source)
    ref: str = Field(max_length=80)
    state: CandidateState = one_of(CandidateState, default=CandidateState.accepted)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    proposal_id: int | None = Field(default=None, foreign_key="proposal.id", index=True)

    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    proposal: Optional["Proposal"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.title


def candidates_of(session: Session, meeting: "Meeting") -> list[Candidate]:
    """What has been taken up or left out for a meeting, in the order in which it was; with project and proposal."""
    query = select(Candidate).where(Candidate.meeting_id == meeting.pk)
    query = query.options(joinedload(rel(Candidate.project)), joinedload(rel(Candidate.proposal)))
    return list(session.exec(query.order_by(col(Candidate.id))))
