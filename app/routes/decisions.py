from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.access import ManagedDecision, ManagedMeeting, SecretariatUser
from app.db import SessionDep
from app.errors import DomainError
from app.models import Decision, Meeting
from app.models.decision_entry import AnnulmentForm, DecisionEntry, TaskEntry, matter_of, offered, responsible
from app.models.meeting import MeetingState
from app.models.minutes import Matter, add_task, annul, decide, lacking_in
from app.settings import today
from app.tabs.meeting import build_meeting, decision_line
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
DECISIONS = "/meetings/{meeting_id}/decisions"


@router.get(f"{DECISIONS}/new", name="new_decision")
def new(request: Request, session: SessionDep, meeting: ManagedMeeting, on: str = "") -> Response:
    meeting.require(MeetingState.planned, MeetingState.held)
    form = Form.blank(DecisionEntry, offered(session, meeting), on=on)
    return page(request, meeting, form, matter_of(session, meeting, on))


@router.post(DECISIONS, name="create_decision")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting, posted: Posted
) -> Response:
    form = Form.posted(DecisionEntry, posted, offered(session, meeting))
    matter = matter_of(session, meeting, form.typed["on"], form.typed["project"])
    check(form, meeting, matter)
    if form.invalid:
        return again(request, session, meeting, form, matter, posted)
    try:
        decision = decide(session, user, meeting, matter, form.value.said, *form.value.tasks)
    except DomainError as no:
        form.refuse("verb", no.message)
        return again(request, session, meeting, form, matter, posted)
    if "another" in posted:
        return see_other(request, "new_decision_task", meeting_id=meeting.pk, key=decision.key)
    page_after = "walk" if "walking" in posted else "meeting"
    return see_other(request, page_after, meeting_id=meeting.pk, anchor=f"decision-{decision.key}")


@router.get(f"{DECISIONS}/{{key}}/tasks/new", name="new_decision_task")
def new_task(request: Request, session: SessionDep, meeting: ManagedMeeting, decision: ManagedDecision) -> Response:
    return below(request, meeting, decision, "task", Form.blank(TaskEntry, {"responsible": responsible(session)}))


@router.post(f"{DECISIONS}/{{key}}/tasks", name="create_decision_task")
def create_task(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    meeting: ManagedMeeting,
    decision: ManagedDecision,
    posted: Posted,
) -> Response:
    form = Form.posted(TaskEntry, posted, {"responsible": responsible(session)})
    if form.invalid:
        return below(request, meeting, decision, "task", form)
    add_task(session, user, decision, form.value.said)
    return see_other(request, "meeting", meeting_id=meeting.pk, anchor=f"decision-{decision.key}")


@router.get(f"{DECISIONS}/{{key}}/annulment", name="new_annulment")
def new_annulment(request: Request, meeting: ManagedMeeting, decision: ManagedDecision) -> Response:
    return below(request, meeting, decision, "annulment", Form.blank(AnnulmentForm))


@router.post(f"{DECISIONS}/{{key}}/annulment", name="annul_decision")
def create_annulment(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    meeting: ManagedMeeting,
    decision: ManagedDecision,
    posted: Posted,
) -> Response:
    form = Form.posted(AnnulmentForm, posted)
    if form.invalid:
        return below(request, meeting, decision, "annulment", form)
    annul(session, user, decision, form.value.reason)
    return see_other(request, "meeting", meeting_id=meeting.pk)


def check(form: Form[DecisionEntry], meeting: Meeting, matter: Matter) -> None:
    """What a decision lacks stands at its fields, with everything kept as it was typed (I19)."""
    if form.meant:
        said = form.meant.said
        form.errors |= lacking_in(said, meeting.held_on, has_task=bool(form.meant.task), alone=matter.alone)


def page(request: Request, meeting: Meeting, form: FormOf, matter: Matter, *, walking: bool = False) -> Response:
    context = {"portfolio": meeting.portfolio, "meeting": meeting, "walking": walking}
    return show_form(request, "meetings/decision.html", form, what=str(matter), **context)


def again(
    request: Request, session: Session, meeting: Meeting, form: FormOf, matter: Matter, posted: FormData
) -> Response:
    """What was typed, where it was typed: on the meeting's page, or on a page of its own."""
    if "inline" not in posted:
        return page(request, meeting, form, matter, walking="walking" in posted)
    tab = build_meeting(session, meeting.portfolio, meeting, today())
    context = {"portfolio": meeting.portfolio, "meeting": meeting, "blank": Form.blank(DecisionEntry, form.choices)}
    return show_form(request, "meetings/show.html", form, tab=tab, **context)


def below(request: Request, meeting: Meeting, decision: Decision, what: str, form: FormOf) -> Response:
    line = decision_line(decision, today())
    return show_form(
        request, f"meetings/{what}.html", form, portfolio=meeting.portfolio, meeting=meeting, decision=line
    )
