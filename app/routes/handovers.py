from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import SecretariatUser, VisiblePerson
from app.db import SessionDep
from app.i18n import _
from app.models import Person
from app.models.handover import Handover, HandoverForm, current_seats, hand_over, plan_handover
from app.models.person import active_people
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
HANDOVER = "/people/{person_id}/handover"


@router.get(HANDOVER, name="new_handover")
def new(request: Request, session: SessionDep, user: SecretariatUser, person: VisiblePerson) -> Response:
    form = Form.blank(HandoverForm, choices(session, person), on_day=today())
    return page(request, form, plan_handover(session, person, today(), None))


@router.post(HANDOVER, name="hand_over")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, person: VisiblePerson, posted: Posted
) -> Response:
    form = Form.posted(HandoverForm, posted, choices(session, person))
    plan = planned(session, person, form)
    if form.meant and "preview" not in posted and form.version != plan.version:
        form.refuse("", _("Something has changed since the page was opened. Look at the list below once more."))
    if form.invalid or "preview" in posted:
        return page(request, form, plan)
    hand_over(session, user, plan, form.value)
    return see_other(request, "person", person_id=person.pk, anchor="handovers")


def planned(session: Session, person: Person, form: FormOf) -> Handover:
    """What the form says would become of everything; of today while the form is not valid."""
    if form.meant is None:
        return plan_handover(session, person, today(), None)
    wanted = form.value
    receiver = session.get(Person, wanted.receiver_id) if wanted.receiver_id else None
    return plan_handover(session, person, wanted.on_day, receiver, tuple(wanted.vacant_seat_ids), lock=True)


def choices(session: Session, person: Person) -> Choices:
    """Everybody else who is active, and the person's own seats."""
    return {
        "receiver_id": [
            (str(each.pk), f"{each.name}, {each.title}") for each in active_people(session) if each.pk != person.pk
        ],
        "vacant_seat_ids": [
            (str(seat.pk), f"{seat.body.name} ({seat.function})") for seat in current_seats(session, person, today())
        ],
    }


def page(request: Request, form: FormOf, plan: Handover) -> Response:
    form.version = plan.version
    return show_form(request, "people/handover.html", form, plan=plan)
