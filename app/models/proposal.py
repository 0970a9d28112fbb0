"""What is put to the executive board, and what came of it: proposed, agreed or rejected, proposed again (3D)."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, or_, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Choice, Row, long_text, one_of, rel
from app.models.decision import MOVES, Decision, DecisionVerb
from app.models.event import add, record
from app.models.person import Person
from app.models.project import CaseNumber, Project
from app.models.reporting_round import UNDER_WAY, ReportingRound, RoundState, rounds_of
from app.models.scenario import Scenario, closed_project
from app.models.unit import Unit
from app.settings import now

if TYPE_CHECKING:
    from app.models.user import User


MEETS_FIRST = (*UNDER_WAY, RoundState.frozen, RoundState.planned)
"""The states of a round that the executive board has yet to meet on, the one whose meeting is next first."""
SETTLES = (*MOVES, DecisionVerb.rejected)
"""The decisions that answer a proposal; after any other it is still before the board."""


class ProposalKind(Choice):
    scenario = "scenario", N_("Change of load")
    listing = "listing", N_("New on the list")
    removal = "removal", N_("Off the list")


class Fate(Choice):
    """What has come of a proposal."""

    standing = "standing", N_("Awaits the executive board")
    agreed = "agreed", N_("Agreed")
    carried_out = "carried_out", N_("Carried out")
    rejected = "rejected", N_("Rejected")
    withdrawn = "withdrawn", N_("Withdrawn")


class ProposalForm(SQLModel):
    title: str = Field(min_length=3, max_length=160, title=N_("What the executive board should decide"))
    reason: str = long_text(min_length=3, max_length=1000, title=N_("Why"))


class Criteria(SQLModel):
    """Which criteria a proposed project meets, and where the idea comes from (domain.md R01, R24)."""

    large: bool = Field(default=False, title=N_("Large"))
    cross_cutting: bool = Field(default=False, title=N_("Cross-cutting"))
    strategic: bool = Field(default=False, title=N_("Strategic"))
    admission_reason: str = long_text(default="", max_length=400, title=N_("Why it meets them"))
    origin: str = Field(default="", max_length=160, title=N_("Where the idea comes from"))


class Admission(Criteria):
    """What is known of a project that does not exist yet."""

    purpose: str = long_text(default="", max_length=600, title=N_("Overall goal"))
    unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Responsible unit"))
    case_number: CaseNumber | None = Field(default=None, max_length=12, title=N_("Case number"))


class Proposal(Admission, ProposalForm, Row, table=True):
    """Something put to the executive board (forslag): a scenario, a project to list, or one to take off the list.

    `round_id` is the round at whose meeting it is treated; without one, at the next meeting there is. `project_id` is
    the project that it is about; that of an idea comes when the board has agreed. `key` is drawn at random.
    """

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    kind: ProposalKind = one_of(ProposalKind, default=ProposalKind.scenario, title=N_("Kind"))
    scenario_id: int | None = Field(default=None, foreign_key="scenario.id", index=True)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="reporting_round.id", index=True)
    raised_by_id: int | None = Field(default=None, foreign_key="person.id")
    raised_at: datetime
    withdrawn_at: datetime | None = None

    scenario: Optional["Scenario"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    project: Project | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    unit: Unit | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    round: Optional["ReportingRound"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    raised_by: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    decisions: list[Decision] = Relationship(
        back_populates="proposal", sa_relationship_kwargs={"lazy": "raise", "order_by": "Decision.id"}
    )

    def __str__(self) -> str:
        return self.title

    @property
    def withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def answer(self) -> Decision | None:
        """The last decision on it that is in force, also one that leaves it before the board; they must be loaded."""
        return next((decision for decision in reversed(self.decisions) if decision.stands), None)

    @property
    def settled_by(self) -> Decision | None:
        """The decision that agreed to it or rejected it."""
        return next((each for each in reversed(self.decisions) if each.stands and each.verb in SETTLES), None)

    @property
    def stands(self) -> bool:
        """Whether it is still before the board: neither taken back nor answered."""
        return not self.withdrawn and self.settled_by is None

    @property
    def fate(self) -> Fate:
        """What has come of it; its decisions and its project's places must be loaded (`with_fate`)."""
        settled = self.settled_by
        if self.withdrawn:
            return Fate.withdrawn
        if settled is None:
            return Fate.standing
        if settled.verb is DecisionVerb.rejected:
            return Fate.rejected
        moved = {key for place in self._places for key in (place.decision_in_id, place.decision_out_id)}
        return Fate.carried_out if settled.id in moved else Fate.agreed

    @property
    def _places(self) -> Any:
        return self.project.placements if self.project else ()

    @property
    def withdrawable(self) -> bool:
        """Whether it stands and may be taken back; its round and decisions must be loaded."""
        return self.stands and (self.kind is not ProposalKind.scenario or awaits_the_meeting(self.round))

    def withdraw(self, session: Session, by: "User") -> None:
        """Takes it back before it is answered. It stays on its pages, marked."""
        if self.withdrawn:
            raise DomainError(_("The proposal has already been withdrawn."))
        if self.settled_by:
            raise DomainError(_("The executive board has decided on the proposal: it can no longer be withdrawn."))
        if not self.withdrawable:
            raise DomainError(_("The executive board has met on this round: the proposal can no longer be withdrawn."))
        self.withdrawn_at = now()
        record(session, by, "withdrawn", self, project_id=self.told_with(session))

    def told_with(self, session: Session) -> int | None:
        """The project with which its log is hidden: the one that it is about, or a closed one of its scenario."""
        return closed_project(session, self.scenario.changes) if self.scenario else self.project_id


def awaits_the_meeting(round_: ReportingRound | None) -> bool:
    return round_ is None or round_.state in MEETS_FIRST


def round_for_proposals(session: Session, portfolio_id: int) -> ReportingRound | None:
    """The round at whose meeting a new proposal is treated: the one under way, else one that is frozen, or planned."""
    waiting = [round_ for round_ in rounds_of(session, portfolio_id) if awaits_the_meeting(round_)]
    return min(waiting, key=lambda round_: MEETS_FIRST.index(round_.state), default=None)


def raise_proposal(session: Session, by: "User", scenario: Scenario, form: ProposalForm) -> Proposal:
    """Puts a scenario to the executive board, at the meeting of the round under way. One at a time stands."""
    round_ = round_for_proposals(session, scenario.portfolio_id)
    if round_ is None:
        raise DomainError(_("There is no round that the executive board has yet to meet on. Plan the next one first."))
    if any(each.stands and each.round_id == round_.pk for each in proposals_of(session, scenario)):
        raise DomainError(_("The scenario is already put to the executive board as a proposal."))
    proposal = Proposal(
        **form.model_dump(),
        portfolio_id=scenario.portfolio_id,
        key=secrets.token_urlsafe(8),
        scenario_id=scenario.pk,
        round_id=round_.pk,
        raised_by_id=by.person_id,
        raised_at=now(),
    )
    add(session, by, proposal, form, project_id=closed_project(session, scenario.changes))
    return proposal


def with_fate() -> tuple[Any, ...]:
    """What tells of a proposal what came of it, by whom it was raised and when it is treated."""
    return (
        joinedload(rel(Proposal.round)),
        joinedload(rel(Proposal.raised_by)),
        joinedload(rel(Proposal.unit)),
        joinedload(rel(Proposal.project)).selectinload(rel(Project.placements)),
        selectinload(rel(Proposal.decisions)).joinedload(rel(Decision.meeting)),
    )


def proposals_of(session: Session, scenario: Scenario) -> list[Proposal]:
    """Every proposal made of a scenario, the newest first."""
    query = select(Proposal).where(Proposal.scenario_id == scenario.pk).options(*with_fate())
    return list(session.exec(query.order_by(col(Proposal.id).desc())))


def all_proposals(session: Session, portfolio_id: int) -> list[Proposal]:
    """Every visible proposal of a list, the newest first, with its scenario's name and all that tells its fate."""
    query = select(Proposal).where(Proposal.portfolio_id == portfolio_id)
    query = query.options(*with_fate(), joinedload(rel(Proposal.scenario)))
    return list(session.exec(query.order_by(col(Proposal.id).desc())))


def proposals_about(session: Session, project: Project) -> list[Proposal]:
    """The proposals to list a project or to take it off, in the order in which they were raised."""
    query = select(Proposal).where(Proposal.project_id == project.pk).options(*with_fate())
    return list(session.exec(query.order_by(col(Proposal.id))))


def proposals_to(session: Session, round_: ReportingRound, *kinds: ProposalKind) -> list[Proposal]:
    """The proposals of some kinds that still stand and are treated at the meeting of a round, the first raised first.

    Those of the round, those raised when there was none, and those that an earlier meeting did not answer.
    """
    due = select(ReportingRound.id).where(
        ReportingRound.portfolio_id == round_.portfolio_id, ReportingRound.as_of <= round_.as_of
    )
    query = select(Proposal).where(
        Proposal.portfolio_id == round_.portfolio_id,
        col(Proposal.kind).in_(kinds),
        col(Proposal.withdrawn_at).is_(None),
        or_(col(Proposal.round_id).is_(None), col(Proposal.round_id).in_(due)),
    )
    found = session.exec(query.options(*with_fate()).order_by(col(Proposal.id)))
    return [proposal for proposal in found if proposal.stands]


def standing_proposal(session: Session, project: Project, kind: ProposalKind) -> Proposal | None:
    """The proposal of a kind about a project that is before the board; there is one at a time."""
    return next((each for each in proposals_about(session, project) if each.kind is kind and each.stands), None)


def awaited_proposal(session: Session, project: Project, kind: ProposalKind) -> Proposal | None:
    """The proposal of a kind about a project that is before the board, or agreed to and not carried out."""
    awaits = (Fate.standing, Fate.agreed)
    return next((each for each in proposals_about(session, project) if each.kind is kind and each.fate in awaits), None)


def scenario_proposals_to(session: Session, round_: ReportingRound) -> list[Proposal]:
    """The proposals with a scenario that stand for the meeting of a round, in the order in which they were raised."""
    query = select(Proposal).where(Proposal.round_id == round_.pk, col(Proposal.withdrawn_at).is_(None))
    query = query.where(Proposal.kind == ProposalKind.scenario)
    query = query.options(
        joinedload(rel(Proposal.raised_by)), joinedload(rel(Proposal.scenario)).selectinload(rel(Scenario.changes))
    )
    return list(session.exec(query.order_by(col(Proposal.id))))


def scenario_keys(session: Session, proposals: Collection[int]) -> dict[int, str]:
    """The keys in addresses of the scenarios that some proposals have, by proposal."""
    query = select(col(Proposal.id), Scenario.key).join(Scenario, col(Scenario.id) == Proposal.scenario_id)
    return dict(session.exec(query.where(col(Proposal.id).in_(proposals))).all())  # type: ignore[arg-type] # stored rows have a key


def proposal_by_key(session: Session, portfolio_id: int, key: str, *, for_update: bool = False) -> Proposal | None:
    """A visible proposal with its round, its scenario and all that tells its fate."""
    query = (
        select(Proposal)
        .where(Proposal.portfolio_id == portfolio_id, Proposal.key == key)
        .options(*with_fate(), joinedload(rel(Proposal.scenario)).selectinload(rel(Scenario.changes)))
    )
    return session.exec(query.with_for_update(of=Proposal) if for_update else query).first()
