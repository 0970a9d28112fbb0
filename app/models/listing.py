"""Raising a proposal to list a project or to take one off the list, at any time (domain.md R01, R19, R20, R24)."""

import secrets
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _, search_key
from app.models.base import long_text, wrong
from app.models.event import add
from app.models.project import Project
from app.models.proposal import (
    Admission,
    Criteria,
    Proposal,
    ProposalKind,
    round_for_proposals,
    standing_proposal,
    with_fate,
)
from app.settings import now

if TYPE_CHECKING:
    from app.models.user import User


class ListingForm(Criteria):
    """Why a project that exists belongs on the list, or belongs there again."""

    reason: str = long_text(min_length=3, max_length=1000, title=N_("Why"))
    admission_reason: str = long_text(min_length=3, max_length=400, title=N_("Why it meets them"))

    @model_validator(mode="after")
    def _meets_a_criterion(self) -> Self:
        if not (self.large or self.cross_cutting or self.strategic):
            raise wrong("admission_reason", N_("Choose at least one of large, cross-cutting and strategic"))
        return self


class IdeaForm(ListingForm, Admission):
    """A project that does not exist yet. Owner, leader and effect targets may come later (domain.md R25)."""

    title: str = Field(min_length=3, max_length=120, title=N_("Title"))


class UnlistingForm(SQLModel):
    """Why a project should leave the list."""

    reason: str = long_text(min_length=3, max_length=1000, title=N_("Why"))


def propose_idea(session: Session, by: "User", portfolio_id: int, form: IdeaForm) -> Proposal:
    """Proposes a project that is not there yet. Who must know of it stands with the project, once there is one."""
    if sentence := known_as(session, portfolio_id, form.title):
        raise DomainError(sentence)
    proposal = _proposal(session, by, ProposalKind.listing, portfolio_id, **form.model_dump())
    add(session, by, proposal, form)
    return proposal


def propose_listing(session: Session, by: "User", project: Project, form: ListingForm) -> Proposal:
    """Proposes that a project comes on the list, or back on it after it left or was rejected."""
    refuse_listing(session, project)
    about = {"title": project.title, "project_id": project.pk, "unit_id": project.unit_id, "purpose": project.purpose}
    proposal = _proposal(session, by, ProposalKind.listing, project.portfolio_id, **form.model_dump(), **about)
    add(session, by, proposal, form, project_id=project.pk)
    return proposal


def propose_removal(session: Session, by: "User", project: Project, form: UnlistingForm) -> Proposal:
    """Proposes that a project leaves the list."""
    refuse_removal(session, project)
    about = {"title": project.title, "project_id": project.pk}
    proposal = _proposal(session, by, ProposalKind.removal, project.portfolio_id, **form.model_dump(), **about)
    add(session, by, proposal, form, project_id=project.pk)
    return proposal


def refuse_listing(session: Session, project: Project) -> None:
    """Only what is not on the list can be proposed for it, once at a time."""
    if project.placement:
        raise DomainError(_("The project is already on the list."))
    if standing_proposal(session, project, ProposalKind.listing):
        raise DomainError(_("It has already been proposed that the project comes on the list."))


def refuse_removal(session: Session, project: Project) -> None:
    """Only what stands on the list can be proposed to leave it, once at a time."""
    if project.placement is None:
        raise DomainError(_("The project is not on the list."))
    if project.placement.to_on:
        raise DomainError(_("It has already been decided that the project leaves the list."))
    if standing_proposal(session, project, ProposalKind.removal):
        raise DomainError(_("It has already been proposed that the project leaves the list."))


def known_as(session: Session, portfolio_id: int, title: str) -> str:
    """What to say when a title, or another name, is taken by a project or a proposal that stands; else nothing.

    Only what the reader may know of counts: to everybody else the name is free (product.md, decision 10).
    """
    wanted = search_key(title)
    titles = select(Project).where(Project.portfolio_id == portfolio_id, col(Project.search_text).contains(wanted))
    for project in session.exec(titles.order_by(col(Project.id))):
        if wanted in {search_key(name) for name in (project.title, *project.also_known_as)}:
            return _("%(project)s has this name already: propose it on its own page.") % {"project": project}
    raised = select(Proposal).where(Proposal.portfolio_id == portfolio_id, Proposal.kind == ProposalKind.listing)
    standing = (each for each in session.exec(raised.options(*with_fate())) if each.stands)
    if any(search_key(each.title) == wanted for each in standing):
        return _("A project with this title has already been proposed.")
    return ""


def _proposal(session: Session, by: "User", kind: ProposalKind, portfolio_id: int, **said: Any) -> Proposal:
    """For the meeting of the round that is next; without one, for the next meeting there is."""
    round_ = round_for_proposals(session, portfolio_id)
    return Proposal(
        **said,
        kind=kind,
        portfolio_id=portfolio_id,
        key=secrets.token_urlsafe(8),
        round_id=round_.pk if round_ else None,
        raised_by_id=by.person_id,
        raised_at=now(),
    )
