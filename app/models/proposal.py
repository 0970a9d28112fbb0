import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Optional

from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Choice, Row, long_text, one_of, rel
from app.models.event import add, record
from app.models.person import Person
from app.models.reporting_round import UNDER_WAY, ReportingRound, RoundState, rounds_of
from app.models.scenario import Scenario, closed_project
from app.settings import now

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


MEETS_FIRST = (*UNDER_WAY, RoundState.frozen, RoundState.planned)
"""The states of a round that the executive board has yet to meet on, the one whose meeting is next first."""


class ProposalKind(Choice):
    scenario = "scenario", N_("Change of load")
    listing = "listing", N_("New on the list")
    removal = "removal", N_("Off the list")


class ProposalForm(SQLModel):
    title: str = Field(min_length=3, max_length=160, title=N_("What the executive board should decide"))
    reason: str = long_text(min_length=3, max_length=1000, title=N_("Why"))


class Admission(SQLModel):
    """Which criteria a proposed project meets, and where the idea comes from (domain.md R01, R24)."""

    large: bool = Field(default=False, title=N_("Large"))
    cross_cutting: bool = Field(default=False, title=N_("Cross-cutting"))
    strategic: bool = Field(default=False, title=N_("Strategic"))
    admission_reason: str = long_text(default="", max_length=400, title=N_("Why it meets them"))
    origin: str = Field(default="", max_length=160, title=N_("Where the idea comes from"))
    unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Responsible unit"))


class Proposal(Admission, ProposalForm, Row, table=True):
    """Something put to the executive board (forslag): a scenario, a project to list, or one to take off the list.

    `round_id` is the round at whose meeting it is treated; without one, at the next meeting there is. `project_id` is
    the project that it is about, when there is one already. `key` is drawn at random, as a scenario's.
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
    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    round: Optional["ReportingRound"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    raised_by: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.title

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None

    @property
    def withdrawable(self) -> bool:
        """Whether it stands and the board has not met on it; its round must be loaded."""
        return self.stands and awaits_the_meeting(self.round)

    def withdraw(self, session: Session, by: "User") -> None:
        """Takes it back before the meeting. It stays on the scenario's page, marked."""
        if not self.stands:
            raise DomainError(_("The proposal has already been withdrawn."))
        if not awaits_the_meeting(self.round):
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


def proposals_of(session: Session, scenario: Scenario) -> list[Proposal]:
    """Every proposal made of a scenario, the newest first."""
    query = select(Proposal).where(Proposal.scenario_id == scenario.pk)
    query = query.options(joinedload(rel(Proposal.round)), joinedload(rel(Proposal.raised_by)))
    return list(session.exec(query.order_by(col(Proposal.id).desc())))


def scenario_proposals_to(session: Session, round_: ReportingRound) -> list[Proposal]:
    """The proposals with a scenario that stand for the meeting of a round, in the order in which they were raised."""
    query = select(Proposal).where(Proposal.round_id == round_.pk, col(Proposal.withdrawn_at).is_(None))
    query = query.where(Proposal.kind == ProposalKind.scenario)
    query = query.options(
        joinedload(rel(Proposal.raised_by)), joinedload(rel(Proposal.scenario)).selectinload(rel(Scenario.changes))
    )
    return list(session.exec(query.order_by(col(Proposal.id))))


def proposal_by_key(session: Session, portfolio_id: int, key: str, *, for_update: bool = False) -> Proposal | None:
    """A visible proposal with its round and its scenario."""
    query = (
        select(Proposal)
        .where(Proposal.portfolio_id == portfolio_id, Proposal.key == key)
        .options(
            joinedload(rel(Proposal.round)), joinedload(rel(Proposal.scenario)).selectinload(rel(Scenario.changes))
        )
    )
    return session.exec(query.with_for_update(of=Proposal) if for_update else query).first()
