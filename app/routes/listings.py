from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import Proposer, VisiblePortfolio, VisibleProject
from app.db import SessionDep
from app.errors import DomainError
from app.models import Portfolio, Project
from app.models.listing import (
    IdeaForm,
    ListingForm,
    UnlistingForm,
    propose_idea,
    propose_listing,
    propose_removal,
    refuse_listing,
    refuse_removal,
)
from app.models.placement import off_list
from app.models.proposal import proposal_by_key, round_for_proposals
from app.models.removal import suggestions
from app.models.unit import units_on
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
IDEA = "/portfolios/{slug}/proposals/new-listing"
LISTING, REMOVAL = "/projects/{number}/proposals/new-listing", "/projects/{number}/proposals/new-removal"


@router.get(IDEA, name="new_idea")
def new(
    request: Request, session: SessionDep, user: Proposer, portfolio: VisiblePortfolio, again: str = ""
) -> Response:
    before = proposal_by_key(session, portfolio.pk, again) if again else None
    form = Form.of(IdeaForm, before, units(session)) if before else Form.blank(IdeaForm, units(session))
    return idea(request, session, portfolio, form)


@router.post(IDEA, name="propose_idea")
def create(
    request: Request, session: SessionDep, user: Proposer, portfolio: VisiblePortfolio, posted: Posted
) -> Response:
    form = Form.posted(IdeaForm, posted, units(session))
    if form.invalid:
        return idea(request, session, portfolio, form)
    try:
        proposal = propose_idea(session, user, portfolio.pk, form.value)
    except DomainError as no:
        form.refuse("title", no.message)
        return idea(request, session, portfolio, form)
    return see_other(request, "proposal", slug=portfolio.slug, key=proposal.key)


@router.get(LISTING, name="new_listing")
def new_listing(request: Request, session: SessionDep, user: Proposer, project: VisibleProject) -> Response:
    refuse_listing(session, project)
    return listing(request, session, project, Form.of(ListingForm, project))


@router.post(LISTING, name="propose_listing")
def create_listing(
    request: Request, session: SessionDep, user: Proposer, project: VisibleProject, posted: Posted
) -> Response:
    form = Form.posted(ListingForm, posted)
    if form.invalid:
        return listing(request, session, project, form)
    proposal = propose_listing(session, user, project, form.value)
    return see_other(request, "proposal", slug=project.portfolio.slug, key=proposal.key)


@router.get(REMOVAL, name="new_unlisting")
def new_removal(request: Request, session: SessionDep, user: Proposer, project: VisibleProject) -> Response:
    refuse_removal(session, project)
    return removal(request, session, project, Form.blank(UnlistingForm))


@router.post(REMOVAL, name="propose_removal")
def create_removal(
    request: Request, session: SessionDep, user: Proposer, project: VisibleProject, posted: Posted
) -> Response:
    form = Form.posted(UnlistingForm, posted)
    if form.invalid:
        return removal(request, session, project, form)
    proposal = propose_removal(session, user, project, form.value)
    return see_other(request, "proposal", slug=project.portfolio.slug, key=proposal.key)


def idea(request: Request, session: Session, portfolio: Portfolio, form: FormOf) -> Response:
    return show_form(
        request,
        "proposals/new_idea.html",
        form,
        portfolio=portfolio,
        round=round_for_proposals(session, portfolio.pk),
        off_list=off_list(session, portfolio.pk, today()),
    )


def listing(request: Request, session: Session, project: Project, form: FormOf) -> Response:
    round_ = round_for_proposals(session, project.portfolio_id)
    return show_form(request, "proposals/new_listing.html", form, project=project, round=round_)


def removal(request: Request, session: Session, project: Project, form: FormOf) -> Response:
    return show_form(
        request,
        "proposals/new_removal.html",
        form,
        project=project,
        round=round_for_proposals(session, project.portfolio_id),
        suggestions=suggestions(session, project, today()),
    )


def units(session: Session) -> Choices:
    return {"unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units_on(session, today())]}
