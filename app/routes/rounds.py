from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.access import CurrentUser, ManagedRound, SecretariatUser, VisiblePortfolio, VisibleRound
from app.db import SessionDep
from app.i18n import _
from app.models import Portfolio, ReportingRound
from app.models.meeting import meeting_on
from app.models.minutes import conclude, hold_meeting_on, unanswered
from app.models.reporting_round import RoundForm, change_round, key_taken, next_round, plan_round
from app.models.round_opening import open_round
from app.post_office import announce_opening
from app.settings import today
from app.tabs.candidates import fix_candidates_on
from app.tabs.coverage import build_coverage, build_rounds
from app.tabs.last_time import build_last_time
from app.tabs.reminders import build_reminders
from app.tabs.what_if import proposals_with_effect
from app.web import Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/portfolios/{slug}/rounds", name="rounds")
def index(request: Request, session: SessionDep, portfolio: VisiblePortfolio) -> Response:
    rounds = build_rounds(session, portfolio, today())
    return render(request, "rounds/index.html", portfolio=portfolio, rounds=rounds)


@router.get("/portfolios/{slug}/rounds/new", name="new_round")
def new(request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio) -> Response:
    suggested = next_round(session, portfolio.pk, today())
    return page(request, portfolio, Form.of(RoundForm, suggested))


@router.post("/portfolios/{slug}/rounds", name="plan_round")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, posted: Posted
) -> Response:
    form = read(session, portfolio, posted)
    if form.invalid:
        return page(request, portfolio, form)
    return back(request, portfolio, plan_round(session, user, portfolio, form.value))


@router.get("/portfolios/{slug}/rounds/{key}", name="round")
def show(
    request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio, round_: VisibleRound
) -> Response:
    tab = build_coverage(session, portfolio, round_, today())
    reminders = build_reminders(session, portfolio, round_, today()) if user.can_run_the_list else None
    proposals = proposals_with_effect(session, portfolio, round_, today())
    meeting = meeting_on(session, round_.pk)
    last_time = build_last_time(session, portfolio, meeting, today()) if round_.awaits_the_board else None
    return render(
        request,
        "rounds/show.html",
        portfolio=portfolio,
        round=round_,
        tab=tab,
        reminders=reminders,
        proposals=proposals,
        last_time=last_time,
        meeting=meeting,
        lacking=unanswered(session, meeting) if meeting else [],
    )


@router.get("/portfolios/{slug}/rounds/{key}/edit", name="edit_round")
def edit(request: Request, portfolio: VisiblePortfolio, round_: ManagedRound) -> Response:
    round_.refuse_when_frozen()
    return page(request, portfolio, Form.of(RoundForm, round_), round_)


@router.post("/portfolios/{slug}/rounds/{key}/edit", name="save_round")
def save(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    round_: ManagedRound,
    posted: Posted,
) -> Response:
    round_.refuse_when_frozen()
    form = read(session, portfolio, posted, round_)
    if form.conflicts_with(round_) or form.invalid:
        return page(request, portfolio, form, round_)
    change_round(session, user, round_, form.value)
    return back(request, portfolio, round_)


@router.post("/portfolios/{slug}/rounds/{key}/opening", name="open_round")
def start(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    open_round(session, user, round_, today())
    announce_opening(session, round_)
    return back(request, portfolio, round_)


@router.post("/portfolios/{slug}/rounds/{key}/closing", name="close_round")
def close(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    round_.close_for_leaders(session, user)
    return back(request, portfolio, round_)


@router.post("/portfolios/{slug}/rounds/{key}/extension", name="extend_round")
def extend(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    round_.let_leaders_in_again(session, user)
    return back(request, portfolio, round_)


@router.post("/portfolios/{slug}/rounds/{key}/presentation", name="present_round")
def present(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    """The same as saying on the meeting's page that it has been held."""
    fix_candidates_on(session, round_)
    hold_meeting_on(session, user, round_)
    return back(request, portfolio, round_)


@router.post("/portfolios/{slug}/rounds/{key}/conclusion", name="conclude_round")
def end(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    conclude(session, user, round_)
    return back(request, portfolio, round_)


def read(session: Session, portfolio: Portfolio, posted: FormData, round_: ReportingRound | None = None) -> FormOf:
    """What was typed; a key that another round has is wrong at its field."""
    form = Form.posted(RoundForm, posted)
    if "key" not in form.errors and key_taken(session, portfolio.pk, form.typed["key"].strip(), round_):
        form.errors["key"] = _("There is already a round with this key.")
    return form


def page(request: Request, portfolio: Portfolio, form: FormOf, round_: ReportingRound | None = None) -> Response:
    return show_form(request, "rounds/form.html", form, portfolio=portfolio, round=round_)


def back(request: Request, portfolio: Portfolio, round_: ReportingRound) -> Response:
    return see_other(request, "round", slug=portfolio.slug, key=round_.key)
