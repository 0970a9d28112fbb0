"""A project's time on the list: on it and off it by a decision of the executive board only (domain.md 3D, R20, R23)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, or_, select

from app.errors import DomainError
from app.i18n import N_, _, show_date
from app.models.base import BelongsToProject, Row, long_text, rel
from app.models.board_decision import BoardDecisionForm, lacking_in_minutes, take_down
from app.models.decision import MOVES, Decision, decisions_about
from app.models.effect_follow_up import (
    EffectFollowUp,
    FollowUpPlan,
    conclude_when_done,
    end_follow_ups,
    follow_ups,
    waived,
)
from app.models.effect_target import EffectTarget
from app.models.event import facts, record
from app.models.meeting import MeetingBody
from app.models.portfolio import Portfolio
from app.models.project import Confidentiality, Project, ProjectEntry, create_project, project_by_number
from app.models.proposal import Fate, Proposal, ProposalKind, awaited_proposal
from app.models.report import last_texts, open_reports
from app.models.reporting_round import lock_rounds, round_under_way

if TYPE_CHECKING:
    from app.models.user import User


class PlacementForm(SQLModel):
    from_on: date = Field(title=N_("On the list since"))


class RemovalForm(SQLModel):
    to_on: date = Field(title=N_("Leaves the list on"))
    reason_out: str = long_text(min_length=3, max_length=400, title=N_("Why it leaves the list"))


class PlacementWithDecision(PlacementForm, BoardDecisionForm):
    """The same when the decision is taken down with it."""


class RemovalWithDecision(RemovalForm, BoardDecisionForm):
    """The same when the decision is taken down with it."""


class ProjectToPlace(ProjectEntry, PlacementForm):
    """A project that was proposed, and from when it stands on the list."""


class ProjectToPlaceWithDecision(ProjectToPlace, BoardDecisionForm):
    """The same when the decision is taken down with it."""


Ground = Decision | BoardDecisionForm
"""What a move rests on: a decision that was recorded, or the wording of one that is taken down in the same write."""


@dataclass(frozen=True)
class Move:
    """A project that comes on the list or leaves it on a day. An idea has a proposal, and no project yet."""

    kind: ProposalKind
    portfolio_id: int
    on: date
    closed: bool
    project_id: int | None = None
    proposal_id: int | None = None

    def refuse(self, session: Session, ground: Ground) -> None:
        """Only a decision of the executive board that agrees to this very move carries it, and one move only (3D)."""
        if isinstance(ground, BoardDecisionForm):
            decided_on = ground.decided_on
            for sentence in lacking_in_minutes(session, self.portfolio_id, ground, closed=self.closed).values():
                raise DomainError(sentence)
        else:
            decided_on = ground.meeting.held_on
            self._refuse_decision(session, ground)
        if self.on < decided_on:
            day = {"day": show_date(decided_on)}
            raise DomainError(_("The board decided it on %(day)s: write that day or a later one.") % day)

    def _refuse_decision(self, session: Session, decision: Decision) -> None:
        if not decision.stands:
            raise DomainError(_("The decision has been annulled."))
        if decision.meeting.body is not MeetingBody.executive_board:
            raise DomainError(_("Only the executive board decides what stands on the list."))
        if decision.verb not in MOVES:
            verb = {"verb": decision.verb}
            raise DomainError(_("»%(verb)s« moves no project: the board must approve it or decide it.") % verb)
        if not self._is_about(decision):
            raise DomainError(_("The decision is not about this project."))
        if decision.about_move and decision.about_move != self.kind.value:
            raise DomainError(_("The decision is about the opposite: whether the project should leave or come."))
        if carried := moved_by(session, decision):
            since = {"day": show_date(carried.from_on)}
            raise DomainError(_("The decision is used already, for the place on the list since %(day)s.") % since)

    def _is_about(self, decision: Decision) -> bool:
        if decision.project_id is not None:
            return decision.project_id == self.project_id
        return decision.proposal_id is not None and decision.proposal_id == self.proposal_id


@dataclass(frozen=True)
class TargetPlan:
    """What comes of one effect target when its project leaves: its follow-ups, or why there are none (I9)."""

    target: EffectTarget
    follow_ups: list[FollowUpPlan] = field(default_factory=list)
    waived_reason: str = ""

    def rows(self, session: Session, left_on: date) -> list[EffectFollowUp]:
        if self.waived_reason:
            return waived(session, self.target, left_on, self.waived_reason)
        return follow_ups(session, self.target, self.follow_ups)

    def __str__(self) -> str:
        days = ", ".join(show_date(plan.due_on) for plan in self.follow_ups)
        return f"{self.target} ({days or self.waived_reason})"


class Placement(PlacementForm, BelongsToProject, Row, table=True):
    """A project's time on the list, with the decisions that opened and closed it (placering).

    `concluded_on` is the day on which the last effect follow-up was approved, or all were waived;
    `concluded_unmeasured` says that no effect was measured then (»lukket uden effektmåling«, domain.md 4E).
    `decision_in` and `decision_out` are words, »Direktionen 28-02-2022«; `decided_in` and `decided_out` the decisions
    themselves, which a place from before decisions were recorded does not have.
    """

    to_on: date | None = None
    decision_in: str = Field(max_length=200, title=N_("Decided by"))
    decision_in_id: int | None = Field(default=None, foreign_key="decision.id")
    decision_out_id: int | None = Field(default=None, foreign_key="decision.id")
    decision_out: str = Field(default="", max_length=200)
    reason_out: str = long_text(default="", max_length=400)
    follow_up: bool = False
    concluded_on: date | None = None
    concluded_unmeasured: bool = False

    decided_in: Decision | None = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Placement.decision_in_id"}
    )
    decided_out: Decision | None = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Placement.decision_out_id"}
    )

    @property
    def is_followed(self) -> bool:
        """Whether the effects are still looked at after the project has left."""
        return self.follow_up and self.concluded_on is None

    def __str__(self) -> str:
        return show_date(self.from_on)


def place(session: Session, by: "User", project: Project, form: PlacementForm, ground: Ground) -> Placement:
    """Puts a project on the list, as the executive board decided (R23). It stands there once at a time (invariant I1),
    and joins the round under way."""
    if project.placement:
        raise DomainError(_("The project is already on the list."))
    if any(past.to_on and form.from_on < past.to_on for past in project.placements):
        raise DomainError(_("The project was on the list on that day."))
    decision = _decision(session, project, ProposalKind.listing, form.from_on, ground)
    end_follow_ups(session, project, form.from_on)
    no = 1 + max((past.no for past in project.placements), default=0)
    words = _in_words(session, project, decision)
    placement = Placement(
        project_id=project.pk, no=no, **form.model_dump(include={"from_on"}), decision_in=words, decided_in=decision
    )
    session.add(placement)
    session.flush()
    after = facts(session, placement, {"from_on", "decision_in"}) | {"sentence": decision.sentence}
    item = decision.agenda_item_id
    record(session, by, "created", placement, project_id=project.pk, agenda_item_id=item, after=after)
    lock_rounds(session, project.portfolio_id)
    if round_ := round_under_way(session, project.portfolio_id):
        open_reports(session, [project.pk], round_, last_texts(session, [project.pk]))
    return placement


def remove(
    session: Session,
    by: "User",
    project: Project,
    form: RemovalForm,
    ground: Ground,
    plans: Iterable[TargetPlan] = (),
) -> None:
    """Takes a project off the list, with the decision, the reason, and what comes of each effect target (I9).

    A project whose effects nobody follows is concluded at once (domain.md 3D).
    """
    placement = project.placement
    if placement is None:
        raise DomainError(_("The project is not on the list."))
    if form.to_on < placement.from_on:
        raise DomainError(_("The project cannot leave the list before it came on it."))
    said = {plan.target.pk: plan for plan in plans if plan.follow_ups or plan.waived_reason}
    if any(target.pk not in said for target in targets_to_follow(session, project)):
        raise DomainError(_("Say of each effect target by whom it is followed up, or why it is not."))
    decision = _decision(session, project, ProposalKind.removal, form.to_on, ground)
    placement.to_on, placement.reason_out = form.to_on, form.reason_out
    placement.decision_out, placement.decided_out = _in_words(session, project, decision), decision
    placement.follow_up = any(plan.follow_ups for plan in said.values())
    session.add_all(row for plan in said.values() for row in plan.rows(session, form.to_on))
    conclude_when_done(session, project, form.to_on)
    after = facts(session, placement, {"to_on", "decision_out", "reason_out", "follow_up"}) | {
        "sentence": decision.sentence,
        "follow_ups": [str(plan) for plan in said.values()],
    }
    item = decision.agenda_item_id
    record(session, by, "removed", project, project_id=project.pk, agenda_item_id=item, after=after)


def place_idea(
    session: Session, by: "User", portfolio: Portfolio, proposal: Proposal, form: ProjectToPlace, ground: Ground
) -> Project:
    """Makes the project that was proposed, and puts it on the list. From then on the proposal is about it."""
    if proposal.kind is not ProposalKind.listing or proposal.project_id is not None:
        raise DomainError(_("The project has been created already."))
    if proposal.fate not in (Fate.standing, Fate.agreed):
        raise DomainError(_("The proposal is no longer before the executive board."))
    closed = form.confidentiality is Confidentiality.closed
    move = Move(ProposalKind.listing, portfolio.pk, form.from_on, closed, proposal_id=proposal.pk)
    move.refuse(session, ground)
    made = create_project(session, by, portfolio, form)
    proposal.project_id = made.pk
    if isinstance(ground, Decision):
        ground.project_id = made.pk
    session.flush()
    project = project_by_number(session, made.number) or made
    place(session, by, project, form, ground)
    return project


def _decision(session: Session, project: Project, kind: ProposalKind, day: date, ground: Ground) -> Decision:
    """The decision that a move rests on; a proposal of the same that stands or was agreed to is answered by it."""
    proposal = awaited_proposal(session, project, kind)
    key = proposal.pk if proposal else None
    Move(kind, project.portfolio_id, day, project.closed, project.pk, key).refuse(session, ground)
    if isinstance(ground, BoardDecisionForm):
        return take_down(session, project.portfolio_id, ground, project=project, proposal=proposal)
    if ground.proposal_id is None and proposal:
        ground.proposal_id = proposal.pk
    return ground


def _in_words(session: Session, project: Project, decision: Decision) -> str:
    """The decision as the list's papers write it, in Danish: »Direktionen 28-02-2022«."""
    board = session.get_one(Portfolio, project.portfolio_id).owner_body
    return f"{board} {show_date(decision.meeting.held_on)}"


def moved_by(session: Session, decision: Decision) -> Placement | None:
    """The place on the list that a decision opened or closed."""
    query = select(Placement).where(
        or_(Placement.decision_in_id == decision.id, Placement.decision_out_id == decision.id)
    )
    return session.exec(query).first()


def leads_on_list(session: Session, person_id: int | None, day: date) -> bool:
    """Whether somebody leads or owns a project that stands on a list on a day."""
    mine = or_(Project.leader_id == person_id, Project.owner_id == person_id)
    query = select(Project.id).join(Placement, col(Placement.project_id) == Project.id).where(mine, _stands(day))
    return person_id is not None and session.exec(query.limit(1)).first() is not None


def placements_of(session: Session, project: Project) -> list[Placement]:
    """A project's times on the list, the first one first, with the decisions and their meetings."""
    query = select(Placement).where(Placement.project_id == project.pk)
    query = query.options(
        joinedload(rel(Placement.decided_in)).joinedload(rel(Decision.meeting)),
        joinedload(rel(Placement.decided_out)).joinedload(rel(Decision.meeting)),
    )
    return list(session.exec(query.order_by(col(Placement.from_on), col(Placement.no))))


def moves_decided(session: Session, project: Project, kind: ProposalKind) -> list[Decision]:
    """What the board has decided on whether a project should come or leave, and nothing has come of yet."""
    board = MeetingBody.executive_board
    found = [each for each in decisions_about(session, project) if each.about_move == kind.value]
    agreed = [each for each in found if each.verb in MOVES and each.meeting.body is board]
    return [each for each in agreed if moved_by(session, each) is None]


def targets_to_follow(session: Session, project: Project) -> list[EffectTarget]:
    """The effect targets that apply when a project leaves the list, in their order."""
    query = select(EffectTarget).where(EffectTarget.project_id == project.pk, ~col(EffectTarget.withdrawn))
    query = query.options(joinedload(rel(EffectTarget.owner)), joinedload(rel(EffectTarget.owner_unit)))
    return list(session.exec(query.order_by(col(EffectTarget.no))))


def on_list(portfolio_id: int, day: date) -> sa.ColumnElement[bool]:
    """That a project stands on the portfolio's list on a day (it leaves the list on `to_on`)."""
    place = select(Placement.id).where(Placement.project_id == Project.id, _stands(day)).exists()
    return sa.and_(col(Project.portfolio_id) == portfolio_id, place)


def _stands(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(col(Placement.from_on) <= day, or_(col(Placement.to_on).is_(None), col(Placement.to_on) > day))


def off_list(session: Session, portfolio_id: int, day: date) -> list[Project]:
    """The visible projects that do not stand on the list on a day, in the order of their numbers."""
    query = select(Project).where(Project.portfolio_id == portfolio_id, ~on_list(portfolio_id, day))
    return list(session.exec(query.order_by(col(Project.series).desc(), col(Project.sequence))))


def keys_on_list(session: Session, portfolio_id: int, day: date) -> list[int]:
    """The keys of the projects that stand on the list on a day."""
    return list(session.exec(select(col(Project.id)).where(on_list(portfolio_id, day))))  # type: ignore[arg-type] # stored


def projects_on_list(session: Session, portfolio_id: int, day: date) -> list[Project]:
    """The visible projects that stand on the list on a day, in the order of the numbers."""
    query = select(Project).where(on_list(portfolio_id, day))
    return list(session.exec(query.order_by(col(Project.series).desc(), col(Project.sequence))))
