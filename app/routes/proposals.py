from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import (
    CurrentUser,
    ManagedProposal,
    MayPropose,
    ScenarioAuthor,
    SecretariatUser,
    VisiblePortfolio,
    VisibleProposal,
    VisibleScenario,
    WithdrawableProposal,
)
from app.db import SessionDep
from app.models import Portfolio, Proposal, Scenario
from app.models.board_decision import BoardDecisionForm, lacking_in_minutes, reject
from app.models.proposal import ProposalForm, all_proposals, raise_proposal, round_for_proposals
from app.models.removal import suggestions_for
from app.settings import today
from app.tabs.what_if import what_if_of
from app.web import Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)
PROPOSALS = "/portfolios/{slug}/proposals"
OF_SCENARIO = "/portfolios/{slug}/scenarios/{key}/proposal"


@router.get(PROPOSALS, name="proposals")
def index(request: Request, session: SessionDep, portfolio: VisiblePortfolio, may_propose: MayPropose) -> Response:
    found = all_proposals(session, portfolio.pk)
    return render(request, "proposals/index.html", portfolio=portfolio, proposals=found, may_propose=may_propose)


@router.get(OF_SCENARIO, name="new_proposal")
def new(
    request: Request, session: SessionDep, user: ScenarioAuthor, portfolio: VisiblePortfolio, scenario: VisibleScenario
) -> Response:
    form = Form.blank(ProposalForm, title=scenario.name, reason=scenario.note)
    return page(request, session, portfolio, scenario, form)


@router.post(OF_SCENARIO, name="create_proposal")
def create(
    request: Request,
    session: SessionDep,
    user: ScenarioAuthor,
    portfolio: VisiblePortfolio,
    scenario: VisibleScenario,
    posted: Posted,
) -> Response:
    form = Form.posted(ProposalForm, posted)
    if form.invalid:
        return page(request, session, portfolio, scenario, form)
    raise_proposal(session, user, scenario, form.value)
    return see_other(request, "scenario", slug=portfolio.slug, key=scenario.key, anchor="proposals")


@router.get(f"{PROPOSALS}/{{key}}", name="proposal")
def show(
    request: Request,
    session: SessionDep,
    portfolio: VisiblePortfolio,
    proposal: VisibleProposal,
    may_propose: MayPropose,
) -> Response:
    return render(
        request,
        "proposals/show.html",
        portfolio=portfolio,
        proposal=proposal,
        may_propose=may_propose,
        suggestions=suggestions_for(session, proposal, today()),
    )


@router.post(f"{PROPOSALS}/{{key}}/withdrawal", name="withdraw_proposal")
def withdraw(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    proposal: WithdrawableProposal,
) -> Response:
    proposal.withdraw(session, user)
    if proposal.scenario is None:
        return see_other(request, "proposal", slug=portfolio.slug, key=proposal.key)
    return see_other(request, "scenario", slug=portfolio.slug, key=proposal.scenario.key, anchor="proposals")


@router.get(f"{PROPOSALS}/{{key}}/rejection", name="new_rejection")
def new_rejection(request: Request, portfolio: VisiblePortfolio, proposal: ManagedProposal) -> Response:
    return rejection(request, portfolio, proposal, Form.blank(BoardDecisionForm))


@router.post(f"{PROPOSALS}/{{key}}/rejection", name="reject_proposal")
def create_rejection(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    proposal: ManagedProposal,
    posted: Posted,
) -> Response:
    form, closed = Form.posted(BoardDecisionForm, posted), bool(proposal.project and proposal.project.closed)
    if form.meant:
        form.errors |= lacking_in_minutes(session, portfolio.pk, form.meant, closed=closed)
    if form.invalid:
        return rejection(request, portfolio, proposal, form)
    reject(session, user, proposal, form.value)
    return see_other(request, "proposal", slug=portfolio.slug, key=proposal.key)


def rejection(request: Request, portfolio: Portfolio, proposal: Proposal, form: FormOf) -> Response:
    return show_form(request, "proposals/rejection.html", form, portfolio=portfolio, proposal=proposal)


def page(request: Request, session: Session, portfolio: Portfolio, scenario: Scenario, form: FormOf) -> Response:
    [tab] = what_if_of(session, portfolio, [scenario], today())
    round_ = round_for_proposals(session, portfolio.pk)
    return show_form(
        request, "scenarios/proposal.html", form, portfolio=portfolio, scenario=scenario, tab=tab, round=round_
    )
