"""What may be talked about under a recommendation: found by the list itself, taken up or dropped by the secretariat."""

import secrets
from typing import TYPE_CHECKING, Optional

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Choice, Row, long_text, one_of, rel
from app.models.event import add, change, record
from app.models.meeting import Meeting, MeetingState
from app.models.project import Project, closed_among
from app.models.recommendation import Subject

if TYPE_CHECKING:
    from app.models.proposal import Proposal
    from app.models.user import User


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
    topic = "topic", N_("Sent to the management forum before")
    own = "own", N_("Added by the secretariat")


class CandidateState(Choice):
    accepted = "accepted", N_("Taken up")
    dropped = "dropped", N_("Left out")


LONGEST = 2000
"""Characters of an explanation."""


class CandidateForm(SQLModel):
    title: str = Field(min_length=3, max_length=200, title=N_("What it is about"))
    text: str = long_text(default="", max_length=LONGEST, title=N_("Explanation"))


class OwnCandidateForm(CandidateForm):
    """What the secretariat adds by itself, about one project or none."""

    project_id: int | None = Field(default=None, foreign_key="project.id", title=N_("Project"))


class CandidateFacts(CandidateForm):
    """What is found or added: under which recommendation, how it is recognised, and what it says.

    `mark` is the one that the project has, as Overblik calls it; empty for what has none. `project_id` is the project
    that it is hidden with.
    """

    subject: Subject = one_of(Subject, title=N_("Recommendation"))
    source: Source = one_of(Source)
    ref: str = Field(max_length=80)
    mark: str = Field(default="", max_length=16)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    proposal_id: int | None = Field(default=None, foreign_key="proposal.id", index=True)


class Candidate(CandidateFacts, Row, table=True):
    """Something to talk about under a recommendation that the secretariat has taken up or left out (kandidat).

    What nobody has touched is found anew each time; `ref` is how it is recognised, as `red` and `P-017`. When the
    meeting has been held, everything that was not left out stands as a row, as it stood.
    """

    __table_args__ = (sa.UniqueConstraint("meeting_id", "source", "ref"),)

    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    state: CandidateState = one_of(CandidateState, default=CandidateState.accepted, title=N_("State"))

    project: Project | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    proposal: Optional["Proposal"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.title


_ACTIONS = {CandidateState.accepted: "taken_up", CandidateState.dropped: "left_out"}


def settle(session: Session, by: "User", meeting: Meeting, facts: CandidateFacts, state: CandidateState) -> None:
    """Takes a candidate up or leaves it out, before the meeting. What was only found is stored as it reads now."""
    meeting.require(MeetingState.planned)
    row = _stored(session, meeting, facts)
    if row is None:
        row = keep(session, meeting, facts, state)
    elif row.state is state:
        raise DomainError(_("»%(candidate)s« is %(state)s already.") % {"candidate": row, "state": str(state).lower()})
    row.state = state
    said = {name: getattr(row, name) for name in ("subject", "title", "text")}
    record(session, by, _ACTIONS[state], row, project_id=row.project_id, after=said)


def reword(session: Session, by: "User", meeting: Meeting, facts: CandidateFacts, form: CandidateForm) -> None:
    """Other words for a candidate. What was only found is taken up with them."""
    meeting.require(MeetingState.planned)
    row = _stored(session, meeting, facts)
    if row:
        change(session, by, row, form, project_id=row.project_id)
    else:
        settle(session, by, meeting, facts.model_copy(update=form.model_dump()), CandidateState.accepted)


def add_candidate(session: Session, by: "User", meeting: Meeting, subject: Subject, form: OwnCandidateForm) -> None:
    """Something that the list did not find."""
    meeting.require(MeetingState.planned)
    facts = CandidateFacts(**form.model_dump(), subject=subject, source=Source.own, ref=secrets.token_urlsafe(8))
    row = Candidate(**facts.model_dump(), meeting_id=meeting.pk)
    add(session, by, row, form, project_id=row.project_id)


def take_up_all(session: Session, by: "User", meeting: Meeting, subject: Subject, found: list[CandidateFacts]) -> None:
    """Takes up everything that was found under a recommendation. The one event names no closed project."""
    meeting.require(MeetingState.planned)
    for facts in found:
        keep(session, meeting, facts, CandidateState.accepted)
    closed = closed_among(session, {facts.project_id for facts in found})
    told = [facts.title for facts in found if facts.project_id not in closed]
    record(session, by, "taken_up", meeting, after={"subject": subject, "candidates": told})


def keep(session: Session, meeting: Meeting, facts: CandidateFacts, state: CandidateState) -> Candidate:
    """Stores what was found, as it reads; no event of its own."""
    row = Candidate(**facts.model_dump(), meeting_id=meeting.pk, state=state)
    session.add(row)
    session.flush()
    return row


def candidates_of(session: Session, meeting: Meeting) -> list[Candidate]:
    """What has been taken up or left out for a meeting, in the order in which it was; with project and proposal."""
    query = select(Candidate).where(Candidate.meeting_id == meeting.pk)
    query = query.options(joinedload(rel(Candidate.project)), joinedload(rel(Candidate.proposal)))
    return list(session.exec(query.order_by(col(Candidate.id))))


def _stored(session: Session, meeting: Meeting, facts: CandidateFacts) -> Candidate | None:
    query = select(Candidate).where(Candidate.meeting_id == meeting.pk)
    return session.exec(query.where(Candidate.source == facts.source, Candidate.ref == facts.ref)).first()
