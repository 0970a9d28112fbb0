from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, ManagedMeeting, ManagedRound, SecretariatUser, VisibleMeeting, VisiblePortfolio
from app.db import SessionDep
from app.models import Meeting, Portfolio
from app.models.decision_entry import DecisionEntry, offered
from app.models.meeting import MeetingBody, MeetingForm, MeetingState, change_meeting, plan_meeting
from app.models.minutes import call_off
from app.models.preparation import NewMeeting, prepare, suggested_meeting
from app.settings import today
from app.tabs.candidates import fix_candidates
from app.tabs.meeting import MeetingPage, build_meeting
from app.tabs.meetings import Meetings, build_meetings
from app.web import Form, FormOf, Posted, render, see_other, show_form

router = APIRouter()
pages = APIRouter(include_in_schema=False)


@pages.get("/portfolios/{slug}/meetings", name="meetings")
def index(request: Request, session: SessionDep, portfolio: VisiblePortfolio) -> Response:
    tab = build_meetings(session, portfolio, today())
    return render(request, "meetings/index.html", portfolio=portfolio, tab=tab)


@router.get("/api/v1/portfolios/{slug}/meetings", name="api_meetings")
def read_all(session: SessionDep, portfolio: VisiblePortfolio) -> Meetings:
    return build_meetings(session, portfolio, today())


@pages.get("/portfolios/{slug}/meetings/new", name="new_meeting")
def new(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    body: MeetingBody = MeetingBody.executive_board,
) -> Response:
    suggested = suggested_meeting(session, portfolio, body, today())
    return page(request, portfolio, Form.of(NewMeeting, suggested, body=body))


@pages.post("/portfolios/{slug}/meetings", name="create_meeting")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, posted: Posted
) -> Response:
    form = Form.posted(NewMeeting, posted)
    if form.invalid:
        return page(request, portfolio, form)
    meeting = plan_meeting(session, user, portfolio.pk, form.value.body, form.value)
    return see_other(request, "meeting", meeting_id=meeting.pk)


@pages.post("/portfolios/{slug}/rounds/{key}/meeting", name="prepare_meeting")
def create_on_round(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    meeting = prepare(session, user, portfolio, round_)
    return see_other(request, "meeting", meeting_id=meeting.pk)


@pages.get("/meetings/{meeting_id}", name="meeting")
def show(request: Request, session: SessionDep, user: CurrentUser, meeting: VisibleMeeting) -> Response:
    tab = build_meeting(session, meeting.portfolio, meeting, today())
    form = Form.blank(DecisionEntry, offered(session, meeting) if user.can_run_the_list else {})
    return render(
        request,
        "meetings/show.html",
        portfolio=meeting.portfolio,
        meeting=meeting,
        tab=tab,
        form=form,
        blank=form,
    )


@router.get("/api/v1/meetings/{meeting_id}", name="api_meeting")
def read(session: SessionDep, user: CurrentUser, meeting: VisibleMeeting) -> MeetingPage:
    return build_meeting(session, meeting.portfolio, meeting, today())


@pages.get("/meetings/{meeting_id}/edit", name="edit_meeting")
def edit(request: Request, meeting: ManagedMeeting) -> Response:
    return page(request, meeting.portfolio, Form.of(MeetingForm, meeting), meeting)


@pages.post("/meetings/{meeting_id}/edit", name="save_meeting")
def save(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting, posted: Posted
) -> Response:
    form = Form.posted(MeetingForm, posted)
    if form.conflicts_with(meeting) or form.invalid:
        return page(request, meeting.portfolio, form, meeting)
    change_meeting(session, user, meeting, form.value)
    return see_other(request, "meeting", meeting_id=meeting.pk)


@pages.post("/meetings/{meeting_id}/holding", name="hold_meeting")
def hold(request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting) -> Response:
    fix_candidates(session, meeting)
    meeting.hold(session, user)
    return see_other(request, "meeting", meeting_id=meeting.pk)


@pages.get("/meetings/{meeting_id}/cancellation", name="new_cancellation")
def confirm(request: Request, meeting: ManagedMeeting) -> Response:
    meeting.require(MeetingState.planned)
    return render(request, "meetings/cancellation.html", portfolio=meeting.portfolio, meeting=meeting)


@pages.post("/meetings/{meeting_id}/cancellation", name="cancel_meeting")
def cancel(request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting) -> Response:
    call_off(session, user, meeting)
    return see_other(request, "meetings", slug=meeting.portfolio.slug)


def page(request: Request, portfolio: Portfolio, form: FormOf, meeting: Meeting | None = None) -> Response:
    return show_form(request, "meetings/form.html", form, portfolio=portfolio, meeting=meeting)


router.include_router(pages)
