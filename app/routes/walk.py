from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, ManagedMeeting, SecretariatUser, VisibleMeeting
from app.db import SessionDep
from app.models import Meeting
from app.models.decision_entry import DecisionEntry, offered
from app.models.screen import screen_of, seen, show
from app.settings import today
from app.tabs.candidates import fix_candidates
from app.tabs.meeting import MeetingPage, build_meeting
from app.tabs.walk import OPENING, Walk, build_walk
from app.web import Form, Posted, asks_for, render, see_other

router = APIRouter(include_in_schema=False)


@router.get("/meetings/{meeting_id}/walk", name="walk")
def lead(request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting) -> Response:
    """The screen of whoever leads the meeting through: with the form for decisions, and the way on."""
    form = Form.blank(DecisionEntry, offered(session, meeting))
    walk = walk_of(session, meeting)
    return render(request, "meetings/walk.html", portfolio=meeting.portfolio, meeting=meeting, walk=walk, form=form)


@router.post("/meetings/{meeting_id}/walk", name="turn_to")
def turn(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting, posted: Posted
) -> Response:
    if meeting.is_planned:
        fix_candidates(session, meeting)  # from now on everybody talks about the same words
    walk = build_walk(page_of(session, meeting), str(posted.get("step", OPENING)))
    show(session, user, meeting, walk.step.key, walk.step.project_id)
    return see_other(request, "walk", meeting_id=meeting.pk)


@router.get("/meetings/{meeting_id}/screen", name="screen")
def follow(
    request: Request, session: SessionDep, user: CurrentUser, meeting: VisibleMeeting, known: str = ""
) -> Response:
    """The others' screens: they ask every two seconds whether there is something new, and are told so or nothing."""
    screen = screen_of(session, meeting)
    tag = seen(session, meeting, str(screen.shown_at) if screen else "")
    if asks_for(request, "screen") and known == tag:
        return Response(status_code=204)
    walk = walk_of(session, meeting)
    page = "meetings/_screen.html" if asks_for(request, "screen") else "meetings/screen.html"
    return render(request, page, portfolio=meeting.portfolio, meeting=meeting, walk=walk, tag=tag)


def walk_of(session: Session, meeting: Meeting) -> Walk:
    screen = screen_of(session, meeting)
    return build_walk(page_of(session, meeting), screen.showing if screen else OPENING)


def page_of(session: Session, meeting: Meeting) -> MeetingPage:
    return build_meeting(session, meeting.portfolio, meeting, today())
