"""Accounts, and what each may do. The rules stand here once; routes and templates ask them."""

from typing import TYPE_CHECKING, Optional

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, select

from app.i18n import DEFAULT_LANGUAGE
from app.models.base import Row, rel
from app.models.deputy import DeputyFor
from app.models.report import ApprovedAs, ReportState
from app.models.role import Role
from app.settings import today

if TYPE_CHECKING:
    from app.models.effect_follow_up import EffectFollowUp
    from app.models.person import Person
    from app.models.project import Project
    from app.models.proposal import Proposal
    from app.models.report import Report
    from app.models.scenario import Scenario
    from app.models.task import Task
    from app.models.topic import Topic


class User(Row, table=True):
    """An account that can sign in (bruger)."""

    email: str = Field(max_length=120, unique=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", unique=True)
    password_hash: str = Field(default="", max_length=200)
    """Empty for who has not chosen a password yet, or signs in elsewhere."""
    roles: list[str] = Field(default_factory=list, sa_type=sa.JSON, nullable=False)
    language: str = Field(default=DEFAULT_LANGUAGE, max_length=2)
    active: bool = True

    person: Optional["Person"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.person.name if self.person else self.email

    def has(self, *roles: Role) -> bool:
        return any(role.value in self.roles for role in roles)

    @property
    def has_password(self) -> bool:
        return bool(self.password_hash)

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role)) for role in self.roles]

    @property
    def sees_closed(self) -> bool:
        """Direktion and secretariat see every closed project (product.md, decision 10)."""
        return self.has(Role.direktion, Role.secretariat)

    def leads_or_owns(self, project: "Project") -> bool:
        return self.person_id is not None and self.person_id in (project.leader_id, project.owner_id)

    def can_edit(self, project: "Project") -> bool:
        """Change what is known about a project: its leader, its owner, the secretariat (domain.md 3C)."""
        return self.has(Role.secretariat) or self.leads_or_owns(project)

    def can_write_status(self, project: "Project") -> bool:
        """Write the half-yearly status: the leader, a deputy of the leader, the owner while there is no leader.

        Never the secretariat: it may return a status, but not change what somebody has written (invariant I28).
        """
        if self.person_id is None:
            return False
        alone = project.leader_id is None and project.owner_id == self.person_id
        return (
            alone or project.leader_id == self.person_id or project.acts_for(DeputyFor.leader, self.person_id, today())
        )

    def acts_as(self, project: "Project") -> ApprovedAs | None:
        """In what capacity this user may approve the project's status: owner, deputy, another director; None if not.

        Not the author: that depends on the report (product.md, decision 8). Never the secretariat or an administrator
        in somebody else's place (invariant I4).
        """
        if self.person_id is None:
            return None
        if project.owner_id == self.person_id:
            return ApprovedAs.owner
        if self.has(Role.secretariat, Role.admin):
            return None
        if project.acts_for(DeputyFor.owner, self.person_id, today()):
            return ApprovedAs.deputy
        return ApprovedAs.director if self.has(Role.direktion) else None

    def can_approve(self, report: "Report") -> bool:
        return self.acts_as(report.project) is not None and report.author_id != self.person_id

    def can_read_status(self, report: "Report") -> bool:
        """A status that is approved is for everybody who sees the project; before, for those who work on it."""
        project = report.project
        return (
            report.state not in (ReportState.draft, ReportState.submitted, ReportState.returned)
            or self.has(Role.secretariat)
            or self.can_write_status(project)
            or self.leads_or_owns(project)
            or self.acts_as(project) is not None
        )

    def can_follow_up(self, follow_up: "EffectFollowUp", project: "Project") -> bool:
        """Report what came of an effect: the person who owns it; where a unit does, the project's owner and the
        secretariat."""
        if follow_up.owner_id is not None:
            return follow_up.owner_id == self.person_id
        return self.has(Role.secretariat) or (self.person_id is not None and project.owner_id == self.person_id)

    def can_approve_follow_up(self, follow_up: "EffectFollowUp", project: "Project") -> bool:
        """As a status: the project's owner, a deputy or another director, and never the author (decision 8)."""
        return self.acts_as(project) is not None and follow_up.reported_by_id != self.person_id

    def can_name_deputy(self, project: "Project", stands_for: DeputyFor) -> bool:
        """Leader and owner name their own deputies; the secretariat names both."""
        principal = project.leader_id if stands_for is DeputyFor.leader else project.owner_id
        return self.has(Role.secretariat) or (principal is not None and principal == self.person_id)

    @property
    def can_run_the_list(self) -> bool:
        """Create projects, place them on the list and off it, edit people, decide confidentiality."""
        return self.has(Role.secretariat)

    @property
    def can_save_scenarios(self) -> bool:
        """Keep a what-if for others, and put it to the executive board."""
        return self.has(Role.secretariat, Role.direktion, Role.chefforum)

    def can_change_scenario(self, scenario: "Scenario") -> bool:
        """Its author, as long as they may save one, and the secretariat."""
        own = self.person_id is not None and scenario.author_id == self.person_id
        return self.has(Role.secretariat) or (own and self.can_save_scenarios)

    def can_propose(self, *, leads_on_list: bool) -> bool:
        """Propose a project for the list, or that one leaves it: centre managers, directors, the secretariat, and
        whoever leads or owns a project on the list (domain.md 3C, 3D). Only the executive board decides."""
        return leads_on_list or self.has(Role.secretariat, Role.direktion, Role.chefforum)

    def can_withdraw(self, proposal: "Proposal") -> bool:
        """Whoever raised it, a scenario as long as they may raise one, and the secretariat."""
        own = self.person_id is not None and proposal.raised_by_id == self.person_id
        return self.has(Role.secretariat) or (own and (proposal.scenario_id is None or self.can_save_scenarios))

    @property
    def can_take_papers(self) -> bool:
        """Take the board paper, the minutes and their package out: the executive board and who writes them (L14)."""
        return self.has(Role.direktion, Role.secretariat)

    @property
    def can_take_agenda(self) -> bool:
        """Take the agenda of a meeting of the management forum out: its members too."""
        return self.can_take_papers or self.has(Role.chefforum)

    def manages(self, unit_id: int | None) -> bool:
        """Whether somebody manages a unit: of the management forum and employed there. The person must be loaded."""
        theirs = self.person.unit_id if self.person else None
        return self.has(Role.chefforum) and unit_id is not None and theirs == unit_id

    def is_responsible_for(self, duty: "Task | Topic") -> bool:
        """Whether a task or a topic is this person's, or that of the unit that the person manages."""
        own = self.person_id is not None and duty.owner_id == self.person_id
        return own or self.manages(duty.owner_unit_id)

    def can_update_task(self, task: "Task") -> bool:
        """Say what came of a task, and that it is done: whoever is responsible, and the secretariat (domain.md 3C)."""
        return self.has(Role.secretariat) or self.is_responsible_for(task)

    @property
    def can_run_tasks(self) -> bool:
        """Give a task another deadline or another person, let it lapse, open it again."""
        return self.has(Role.secretariat)

    def can_read_registered(self, person_id: int) -> bool:
        """See everything that is registered about somebody: oneself, and the secretariat that answers for it (L8)."""
        return self.person_id == person_id or self.has(Role.secretariat)

    @property
    def can_read_events(self) -> bool:
        return self.has(Role.secretariat, Role.admin)

    @property
    def can_read_users(self) -> bool:
        return self.has(Role.secretariat, Role.admin)

    @property
    def can_run_accounts(self) -> bool:
        """Make accounts, give them roles, close them, end their access keys: administrators."""
        return self.has(Role.admin)


def with_person() -> sa.orm.interfaces.LoaderOption:
    return sa.orm.joinedload(rel(User.person))


def all_users(session: Session) -> list[User]:
    return list(session.exec(select(User).options(with_person()).order_by(User.email)))
