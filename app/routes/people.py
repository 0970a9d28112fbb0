from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, SecretariatUser, VisiblePerson
from app.db import SessionDep
from app.i18n import _
from app.models import Person
from app.models.person import PersonForm, all_people, change_person, create_person
from app.models.unit import units_on
from app.settings import today
from app.tabs.edition import load_of_somebody
from app.tabs.person import build_person_page
from app.web import Choices, Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/people", name="people")
def index(request: Request, session: SessionDep) -> Response:
    return render(request, "people/index.html", people=all_people(session))


@router.get("/people/new", name="new_person")
def new(request: Request, session: SessionDep, user: SecretariatUser) -> Response:
    return page(request, Form.blank(PersonForm, choices(session)))


@router.post("/people", name="create_person")
def create(request: Request, session: SessionDep, user: SecretariatUser, posted: Posted) -> Response:
    form = Form.posted(PersonForm, posted, choices(session))
    if form.invalid:
        return page(request, form)
    person = create_person(session, user, form.value)
    return see_other(request, "person", person_id=person.pk)


@router.get("/people/{person_id}", name="person")
def show(request: Request, session: SessionDep, user: CurrentUser, person: VisiblePerson) -> Response:
    page = build_person_page(session, person, today(), with_events=user.can_read_events)
    portfolio = request.state.portfolio
    load = load_of_somebody(session, portfolio, person) if portfolio else None
    return render(request, "people/show.html", page=page, load=load)


@router.get("/people/{person_id}/edit", name="edit_person")
def edit(request: Request, session: SessionDep, user: SecretariatUser, person: VisiblePerson) -> Response:
    return page(request, Form.of(PersonForm, person, choices(session, person)), person)


@router.post("/people/{person_id}/edit", name="save_person")
def save(
    request: Request, session: SessionDep, user: SecretariatUser, person: VisiblePerson, posted: Posted
) -> Response:
    form = Form.posted(PersonForm, posted, choices(session, person))
    if form.conflicts_with(person) or form.invalid:
        return page(request, form, person)
    change_person(session, user, person, form.value)
    return see_other(request, "person", person_id=person.pk)


def choices(session: Session, person: Person | None = None) -> Choices:
    """The units of today, and the person's own."""
    units = units_on(session, today(), *([person.unit_id] if person else []))
    return {"unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units]}


def page(request: Request, form: FormOf, person: Person | None = None) -> Response:
    heading = _("Change %s") % person.name if person else _("New person")
    return show_form(request, "people/form.html", form, person=person, heading=heading)
