from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import ManagedAgendaItem, ManagedMeeting, SecretariatUser
from app.db import SessionDep
from app.models import AgendaItem, Meeting
from app.models.agenda_item import AgendaItemForm, add_agenda_item, change_agenda_item, continue_item
from app.models.decision_entry import deferred_item
from app.models.meeting import MeetingState
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
ITEMS = "/meetings/{meeting_id}/items"


@router.get(f"{ITEMS}/new", name="new_agenda_item")
def new(request: Request, meeting: ManagedMeeting) -> Response:
    meeting.require(MeetingState.planned, MeetingState.held)
    return page(request, meeting, Form.blank(AgendaItemForm))


@router.post(ITEMS, name="create_agenda_item")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting, posted: Posted
) -> Response:
    form = Form.posted(AgendaItemForm, posted)
    if form.invalid:
        return page(request, meeting, form)
    item = add_agenda_item(session, user, meeting, form.value)
    return see_other(request, "meeting", meeting_id=meeting.pk, anchor=f"item-{item.no}")


@router.get(f"{ITEMS}/{{no}}/edit", name="edit_agenda_item")
def edit(request: Request, meeting: ManagedMeeting, item: ManagedAgendaItem) -> Response:
    return page(request, meeting, Form.of(AgendaItemForm, item), item)


@router.post(f"{ITEMS}/{{no}}/edit", name="save_agenda_item")
def save(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    meeting: ManagedMeeting,
    item: ManagedAgendaItem,
    posted: Posted,
) -> Response:
    form = Form.posted(AgendaItemForm, posted)
    if form.conflicts_with(item) or form.invalid:
        return page(request, meeting, form, item)
    change_agenda_item(session, user, item, form.value)
    return see_other(request, "meeting", meeting_id=meeting.pk, anchor=f"item-{item.no}")


@router.post(f"{ITEMS}/continuation", name="continue_agenda_item")
def resume(
    request: Request, session: SessionDep, user: SecretariatUser, meeting: ManagedMeeting, posted: Posted
) -> Response:
    """Puts what an earlier meeting deferred on the agenda."""
    item = continue_item(session, user, meeting, deferred_item(session, meeting, str(posted.get("on", ""))))
    return see_other(request, "meeting", meeting_id=meeting.pk, anchor=f"item-{item.no}")


def page(request: Request, meeting: Meeting, form: FormOf, item: AgendaItem | None = None) -> Response:
    return show_form(request, "meetings/item.html", form, portfolio=meeting.portfolio, meeting=meeting, item=item)
