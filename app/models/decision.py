"""What a meeting decided, word for word, on a recommendation or one of its candidates (domain.md R22, R101-R103)."""

import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING, Optional

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from app.i18n import N_, _, show_date
from app.models.agenda_item import AgendaItem
from app.models.base import Choice, Row, long_text, one_of, rel
from app.models.candidate import Candidate
from app.models.meeting import Meeting
from app.models.recommendation import Recommendation

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.proposal import Proposal
    from app.models.task import Task


class DecisionVerb(Choice):
    noted = "noted", N_("Noted")
    approved = "approved", N_("Approved")
    approved_with = "approved_with", N_("Approved, on the understanding that …")
    discussed = "discussed", N_("Discussed")
    decided = "decided", N_("Decided")
    deferred = "deferred", N_("Deferred to")
    rejected = "rejected", N_("Rejected")
    not_treated = "not_treated", N_("Not treated")


MOVES = (DecisionVerb.approved, DecisionVerb.approved_with, DecisionVerb.decided)
"""The decisions that may put a project on the list or take it off (product.md, decision 3 of domain.md 3D)."""


class DecisionForm(SQLModel):
    verb: DecisionVerb = one_of(DecisionVerb, title=N_("Decision"))
    text: str = long_text(default="", max_length=1200, title=N_("Wording of the decision"))
    request: str = long_text(default="", max_length=600, title=N_("What was asked for"))
    deferred_to: date | None = Field(default=None, title=N_("Deferred to"))
    no_follow_up: str = Field(default="", max_length=160, title=N_("No follow-up, because"))


class Decision(DecisionForm, Row, table=True):
    """A decision of a meeting (beslutning): on a recommendation, on one of its candidates, on another item, or alone.

    The recommendation may be an earlier meeting's: one that was deferred is decided at a later one (R102). `project_id`
    is the project that it is about, if one.
    """

    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    recommendation_id: int | None = Field(default=None, foreign_key="recommendation.id", index=True)
    agenda_item_id: int | None = Field(default=None, foreign_key="agenda_item.id", index=True)
    candidate_id: int | None = Field(default=None, foreign_key="candidate.id", index=True)
    proposal_id: int | None = Field(default=None, foreign_key="proposal.id", index=True)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    recorded_at: datetime
    annulled_at: datetime | None = None
    annulled_reason: str = Field(default="", max_length=160)

    meeting: Meeting = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    recommendation: Recommendation | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    candidate: Candidate | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    proposal: Optional["Proposal"] = Relationship(back_populates="decisions", sa_relationship_kwargs={"lazy": "raise"})
    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    tasks: list["Task"] = Relationship(
        back_populates="decision", sa_relationship_kwargs={"lazy": "raise", "order_by": "Task.id"}
    )

    def __str__(self) -> str:
        return self.sentence[:200]

    @property
    def stands(self) -> bool:
        return self.annulled_at is None

    @property
    def sentence(self) -> str:
        """The decision as minutes write it: »Udskudt til 30-01-2018.«, »Godkendt, idet …«."""
        if self.verb is DecisionVerb.deferred:
            opening = _("Deferred to %(day)s.") % {"day": show_date(self.deferred_to)}
        elif self.verb is DecisionVerb.approved_with:
            return _("Approved, on the understanding that %(text)s") % {"text": self.text}
        else:
            opening = f"{self.verb}."
        return f"{opening} {self.text}".strip()

    @property
    def about_move(self) -> str:
        """`listing` or `removal` when it is on whether a project should come or leave; what it is on must be loaded."""
        on = self.candidate or self.recommendation
        about = self.proposal.kind.value if self.proposal else on.subject.value if on else ""
        return about if about in ("listing", "removal") else ""

    @property
    def matter(self) -> tuple[int | None, ...]:
        """What it is on, by keys: decisions of several meetings on one matter have the same."""
        return tuple(getattr(self, name) for name in MATTER)

    @property
    def answers_all(self) -> bool:
        """Whether it is on a whole recommendation or item; as `ON_ITSELF` asks the database."""
        return self.candidate_id is None and self.proposal_id is None and self.project_id is None

    @property
    def needs_follow_up(self) -> bool:
        """Whether it has a condition or a request, and so needs a task or »ingen opfølgning« (invariant I19)."""
        return self.verb is DecisionVerb.approved_with or bool(self.request)


MATTER = ("recommendation_id", "agenda_item_id", "candidate_id", "proposal_id", "project_id")
"""The columns that say what a decision is on."""

ON_ITSELF = (
    col(Decision.candidate_id).is_(None),
    col(Decision.proposal_id).is_(None),
    col(Decision.project_id).is_(None),
)
"""That a decision answers a whole recommendation, not one of its candidates: such a one is about no project, so that
whoever may not see a closed project finds the same recommendations answered."""


def decisions_of(session: Session, meeting: Meeting) -> list[Decision]:
    """What was decided at a meeting and stands, in the order in which it was recorded, with tasks and project."""
    query = select(Decision).where(Decision.meeting_id == meeting.pk, col(Decision.annulled_at).is_(None))
    return _with_everything(session, query)


def decisions_on_the_list(session: Session, meeting: "Meeting") -> list[Decision]:
    """What was decided on a meeting's recommendations and their candidates, at whichever meeting (R102)."""
    recommended = select(Recommendation.id).where(Recommendation.meeting_id == meeting.pk)
    found = select(Candidate.id).where(Candidate.meeting_id == meeting.pk)
    of_either = or_(col(Decision.recommendation_id).in_(recommended), col(Decision.candidate_id).in_(found))
    query = select(Decision).where(of_either, col(Decision.annulled_at).is_(None))
    return _with_everything(session, query)


def decisions_about(session: Session, project: "Project") -> list[Decision]:
    """Every decision on a project that stands, the newest meeting first."""
    query = select(Decision).where(Decision.project_id == project.pk, col(Decision.annulled_at).is_(None))
    found = _with_everything(session, query)
    return sorted(found, key=lambda decision: decision.meeting.held_on, reverse=True)


def decision_by_key(session: Session, portfolio_id: int, key: str) -> Decision | None:
    """A visible decision of one of a list's meetings, with what it is on."""
    query = select(Decision).join(Meeting).where(Meeting.portfolio_id == portfolio_id, Decision.key == key)
    return next(iter(_with_everything(session, query)), None)


def decisions_on(session: Session, portfolio_id: int) -> list[Decision]:
    """Every decision of a list's meetings that stands, in the order in which they were recorded."""
    query = select(Decision).join(Meeting).where(Meeting.portfolio_id == portfolio_id)
    return _with_everything(session, query.where(col(Decision.annulled_at).is_(None)))


def on_closed_items(session: Session) -> set[int]:
    """The keys of the decisions on closed items of an agenda. Asks the tables: also of what a reader may not see."""
    decision, item = (sa.inspect(kind).local_table for kind in (Decision, AgendaItem))
    query = sa.select(decision.c.id).join(item, item.c.id == decision.c.agenda_item_id).where(item.c.closed)
    return set(session.connection().scalars(query))


def _with_everything(session: Session, query: SelectOfScalar[Decision]) -> list[Decision]:
    return list(
        session.exec(
            query.options(
                joinedload(rel(Decision.meeting)),
                joinedload(rel(Decision.recommendation)),
                joinedload(rel(Decision.candidate)),
                joinedload(rel(Decision.proposal)),
                joinedload(rel(Decision.project)),
                selectinload(rel(Decision.tasks)),
            ).order_by(col(Decision.id))
        )
    )
