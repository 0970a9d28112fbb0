from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import SecretariatUser, VisiblePerson
from app.db import SessionDep
from app.i18n import _
from app.models import Person
from app.models.handover import Handover, HandoverForm, HandoverPlanForm, current_seats, hand_over, plan_handover
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
    offered = choices(session, person)
    form, wanted = Form.posted(HandoverForm, posted, offered), Form.posted(HandoverPlanForm, posted, offered)
    plan = planned(session, person, wanted)
    if "preview" in posted:
        form.errors = wanted.errors
        return page(request, form, plan)
    if form.meant and form.version != plan.version:
        form.refuse("", _("Something has changed since the page was opened. Look at the list below once more."))
    if form.invalid:
        return page(request, form, plan)
    hand_over(session, user, plan, form.value)
    return see_other(request, "person", person_id=person.pk, anchor="handovers")


def planned(session: Session, person: Person, form: FormOf) -> Handover:
    """What the form says would become of everything; of today while it says nothing valid."""
    if form.meant is None:
        return plan_handover(session, person, today(), None)
    wanted = form.value
    receiver = session.get(Person, wanted.receiver_id) if wanted.receiver_id else None
    return plan_handover(session, person, wanted.on_day, receiver, tuple(wanted.vacant_seat_ids), lock=True)


def choices(session: Session, person: Person) -> Choices:
    """Nobody, or anybody else who is active; and the person's own seats."""
    others = [each for each in active_people(session) if each.pk != person.pk]
    seats = current_seats(session, person, today())
    return {
        "receiver_id": [
            ("0", _("Nobody – everything becomes vacant")),
            *((str(each.pk), f"{each.name}, {each.title}") for each in others),
        ],
        "vacant_seat_ids": [(str(seat.pk), f"{seat.body.name}, {str(seat.function).lower()}") for seat in seats],
    }


def page(request: Request, form: FormOf, plan: Handover) -> Response:
    form.version = plan.version
    return show_form(request, "people/handover.html", form, plan=plan)
