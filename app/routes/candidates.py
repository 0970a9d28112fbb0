from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import KnownSubject, ManagedPoint, PreparedMeeting, SecretariatUser
from app.db import SessionDep
from app.models import Meeting
from app.models.candidate import (
    CandidateForm,
    CandidateState,
    OwnCandidateForm,
    add_candidate,
    reword,
    settle,
    take_up_all,
)
from app.models.recommendation import Subject
from app.settings import today
from app.tabs.candidates import Point, PointState, build_candidates
from app.tabs.filters import projects_on_list
from app.web import Choices, Form, FormOf, Posted, asks_for, render, see_other, show_form

router = APIRouter(include_in_schema=False)
RECOMMENDATION = "/meetings/{meeting_id}/recommendations/{subject}"
CANDIDATE = "/meetings/{meeting_id}/candidates/{source}/{ref}"


@router.post(f"{CANDIDATE}/acceptance", name="accept_candidate")
def accept(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: PreparedMeeting, point: ManagedPoint
) -> Response:
    settle(session, user, meeting, point.facts, CandidateState.accepted)
    return listed(request, session, meeting, point.subject, point)


@router.post(f"{CANDIDATE}/omission", name="drop_candidate")
def drop(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: PreparedMeeting, point: ManagedPoint
) -> Response:
    settle(session, user, meeting, point.facts, CandidateState.dropped)
    return listed(request, session, meeting, point.subject, point)


@router.get(f"{CANDIDATE}/edit", name="edit_candidate")
def edit(request: Request, meeting: PreparedMeeting, point: ManagedPoint) -> Response:
    return page(request, meeting, point.subject, Form.of(CandidateForm, point), point)


@router.post(f"{CANDIDATE}/edit", name="save_candidate")
def save(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    meeting: PreparedMeeting,
    point: ManagedPoint,
    posted: Posted,
) -> Response:
    form = Form.posted(CandidateForm, posted)
    if form.conflicts_with(point) or form.invalid:
        return page(request, meeting, point.subject, form, point)
    reword(session, user, meeting, point.facts, form.value)
    return see_other(request, "meeting", meeting_id=meeting.pk, anchor=point.anchor)


@router.get(f"{RECOMMENDATION}/addition", name="new_candidate")
def new(request: Request, session: SessionDep, meeting: PreparedMeeting, subject: KnownSubject) -> Response:
    return page(request, meeting, subject, Form.blank(OwnCandidateForm, choices(session, meeting)))


@router.post(f"{RECOMMENDATION}/addition", name="create_candidate")
def create(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    meeting: PreparedMeeting,
    subject: KnownSubject,
    posted: Posted,
) -> Response:
    form = Form.posted(OwnCandidateForm, posted, choices(session, meeting))
    if form.invalid:
        return page(request, meeting, subject, form)
    add_candidate(session, user, meeting, subject, form.value)
    return see_other(request, "meeting", meeting_id=meeting.pk, anchor=f"candidates-{subject.value}")


@router.post(f"{RECOMMENDATION}/acceptance", name="accept_candidates")
def accept_all(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: PreparedMeeting, subject: KnownSubject
) -> Response:
    points = build_candidates(session, meeting.portfolio, meeting, today())[subject]
    take_up_all(session, user, meeting, subject, [each.facts for each in points if each.state is PointState.found])
    return listed(request, session, meeting, subject)


def listed(
    request: Request, session: Session, meeting: Meeting, subject: Subject, touched: Point | None = None
) -> Response:
    """Back to the meeting's page; the list alone, with where one was, when htmx asks for it."""
    here = f"candidates-{subject.value}"
    anchor = touched.anchor if touched else here
    if not asks_for(request, here):
        return see_other(request, "meeting", meeting_id=meeting.pk, anchor=anchor)
    points = build_candidates(session, meeting.portfolio, meeting, today())[subject]
    return render(request, "meetings/_candidates.html", meeting=meeting, subject=subject, points=points, touched=anchor)


def choices(session: Session, meeting: Meeting) -> Choices:
    """The projects on the list, in the order of their numbers."""
    listed = projects_on_list(session, meeting.portfolio_id, today())
    named = sorted((each.number, each.title, str(each.id)) for each in listed)
    return {"project_id": [(key, f"{number} {title}") for number, title, key in named]}


def page(request: Request, meeting: Meeting, subject: Subject, form: FormOf, point: Point | None = None) -> Response:
    return show_form(request, "meetings/candidate.html", form, meeting=meeting, subject=subject, point=point)
