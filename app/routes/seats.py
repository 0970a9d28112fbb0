from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableBody, EditableProject, EditableSeat
from app.db import SessionDep
from app.i18n import _
from app.models import Body, Project, Seat
from app.models.person import active_people
from app.models.seat import SeatForm, SeatTaken, change_seat, take_seat
from app.models.unit import units_on
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
SEATS = "/projects/{number}/bodies/{body_no}/seats"


@router.get(f"{SEATS}/new", name="new_seat")
def new(request: Request, session: SessionDep, project: EditableProject, body: EditableBody, body_no: int) -> Response:
    return page(request, project, body, body_no, Form.blank(SeatForm, choices(session), from_on=today()))


@router.post(SEATS, name="create_seat")
def create(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    body: EditableBody,
    body_no: int,
    posted: Posted,
) -> Response:
    form = Form.posted(SeatForm, posted, choices(session))
    if form.invalid:
        return page(request, project, body, body_no, form)
    try:
        take_seat(session, user, project.pk, body, form.value)
    except SeatTaken as taken:
        form.errors["person_id"] = taken.message
        return page(request, project, body, body_no, form)
    return see_other(request, "project", number=project.number, anchor="bodies")


@router.get(f"{SEATS}/{{seat_no}}/edit", name="edit_seat")
def edit(
    request: Request,
    session: SessionDep,
    project: EditableProject,
    body: EditableBody,
    body_no: int,
    seat: EditableSeat,
) -> Response:
    return page(request, project, body, body_no, Form.of(SeatForm, seat, choices(session, seat)), seat)


@router.post(f"{SEATS}/{{seat_no}}/edit", name="save_seat")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    body: EditableBody,
    body_no: int,
    seat: EditableSeat,
    posted: Posted,
) -> Response:
    form = Form.posted(SeatForm, posted, choices(session, seat))
    if form.conflicts_with(seat) or form.invalid:
        return page(request, project, body, body_no, form, seat)
    try:
        change_seat(session, user, project, body, seat, form.value)
    except SeatTaken as taken:
        form.errors["person_id"] = taken.message
        return page(request, project, body, body_no, form, seat)
    return see_other(request, "project", number=project.number, anchor="bodies")


def choices(session: Session, seat: Seat | None = None) -> Choices:
    """Everybody active, and whoever has the seat now; the units of today, and the one that names somebody."""
    people = active_people(session, *([seat.person_id] if seat else []))
    units = units_on(session, today(), *([seat.unit_id] if seat else []))
    return {
        "person_id": [(str(person.pk), f"{person.name}, {person.title}") for person in people],
        "unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units],
    }


def page(
    request: Request, project: Project, body: Body, body_no: int, form: FormOf, seat: Seat | None = None
) -> Response:
    heading = (_("Change seat in %s") if seat else _("New seat in %s")) % body.name
    action, parts = ("save_seat", {"seat_no": seat.no}) if seat else ("create_seat", {})
    hints = {
        "person_id": _("Nobody has two seats in a body at the same time. Leave it empty while the chair stands empty."),
        "unit_id": _("Also when somebody has been named, so that the body's page can count who has."),
    }
    return show_form(
        request,
        "projects/row_form.html",
        form,
        project=project,
        heading=heading,
        action=action,
        parts=parts | {"body_no": body_no},
        hints=hints,
    )
