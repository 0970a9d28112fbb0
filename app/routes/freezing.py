from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import ManagedRound, SecretariatUser, VisiblePortfolio
from app.db import SessionDep
from app.i18n import _
from app.models.edition import AddendumForm
from app.models.reporting_round import RoundState
from app.settings import today
from app.tabs.coverage import build_coverage
from app.tabs.edition import add_to, edition_of, freeze
from app.web import Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)
ROUND = "/portfolios/{slug}/rounds/{key}"


@router.get(f"{ROUND}/freeze", name="new_freeze")
def new(request: Request, session: SessionDep, portfolio: VisiblePortfolio, round_: ManagedRound) -> Response:
    """What the freeze will do, before it is done."""
    round_.require(RoundState.closed_for_leaders)
    coverage = build_coverage(session, portfolio, round_, today())
    return render(request, "rounds/freeze.html", portfolio=portfolio, round=round_, coverage=coverage)


@router.post(f"{ROUND}/freeze", name="freeze_round")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    freeze(session, user, round_, today())
    return see_other(request, "round", slug=portfolio.slug, key=round_.key)


@router.get(f"{ROUND}/addenda/new", name="new_addendum")
def write(request: Request, session: SessionDep, portfolio: VisiblePortfolio, round_: ManagedRound) -> Response:
    edition_of(session, round_)
    return page(request, portfolio, round_, Form.blank(AddendumForm))


@router.post(f"{ROUND}/addenda", name="create_addendum")
def add(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    round_: ManagedRound,
    posted: Posted,
) -> Response:
    form = Form.posted(AddendumForm, posted)
    if form.invalid:
        return page(request, portfolio, round_, form)
    add_to(session, user, edition_of(session, round_), form.value)
    return see_other(request, "round", slug=portfolio.slug, key=round_.key)


def page(request: Request, portfolio: VisiblePortfolio, round_: ManagedRound, form: FormOf) -> Response:
    heading = _("Addendum to the edition of %s") % round_.name
    return show_form(request, "rounds/addendum.html", form, portfolio=portfolio, round=round_, heading=heading)
