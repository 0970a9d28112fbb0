from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, ScenarioAuthor, VisiblePortfolio, VisibleScenario, WithdrawableProposal
from app.db import SessionDep
from app.models import Portfolio, Scenario
from app.models.proposal import ProposalForm, raise_proposal, round_for_proposals
from app.settings import today
from app.tabs.what_if import what_if_of
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
PROPOSAL = "/portfolios/{slug}/scenarios/{key}/proposal"


@router.get(PROPOSAL, name="new_proposal")
def new(
    request: Request, session: SessionDep, user: ScenarioAuthor, portfolio: VisiblePortfolio, scenario: VisibleScenario
) -> Response:
    form = Form.blank(ProposalForm, title=scenario.name, reason=scenario.note)
    return page(request, session, portfolio, scenario, form)


@router.post(PROPOSAL, name="create_proposal")
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


@router.post("/portfolios/{slug}/proposals/{key}/withdrawal", name="withdraw_proposal")
def withdraw(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    proposal: WithdrawableProposal,
) -> Response:
    proposal.withdraw(session, user)
    if proposal.scenario is None:
        return see_other(request, "rounds", slug=portfolio.slug)
    return see_other(request, "scenario", slug=portfolio.slug, key=proposal.scenario.key, anchor="proposals")


def page(request: Request, session: Session, portfolio: Portfolio, scenario: Scenario, form: FormOf) -> Response:
    [tab] = what_if_of(session, portfolio, [scenario], today())
    round_ = round_for_proposals(session, portfolio.pk)
    return show_form(
        request, "scenarios/proposal.html", form, portfolio=portfolio, scenario=scenario, tab=tab, round=round_
    )
