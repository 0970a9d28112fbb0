from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import SecretariatUser, VisibleProject
from app.db import SessionDep
from app.errors import DomainError
from app.i18n import _
from app.models import EffectTarget, Project
from app.models.person import active_people
from app.models.placement import PlacementForm, place, remove, targets_to_follow
from app.models.removal import plan_fields, read_plans, removal_kind, suggested_plan
from app.models.unit import units_on
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/placement", name="new_placement")
def new(request: Request, user: SecretariatUser, project: VisibleProject) -> Response:
    return placing(request, project, Form.blank(PlacementForm, from_on=today()))


@router.post("/projects/{number}/placement", name="place_project")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, project: VisibleProject, posted: Posted
) -> Response:
    form = Form.posted(PlacementForm, posted)
    if form.invalid:
        return placing(request, project, form)
    try:
        place(session, user, project, form.value)
    except DomainError as refused:
        form.refuse("from_on", refused.message)
        return placing(request, project, form)
    return see_other(request, "project", number=project.number)


@router.get("/projects/{number}/removal", name="new_removal")
def leave(request: Request, session: SessionDep, user: SecretariatUser, project: VisibleProject) -> Response:
    targets, day = targets_to_follow(session, project), today()
    form = Form.blank(removal_kind(targets), choices(session, targets), to_on=day, **suggested_plan(targets, day))
    return removing(request, project, form, targets)


@router.post("/projects/{number}/removal", name="remove_project")
def destroy(
    request: Request, session: SessionDep, user: SecretariatUser, project: VisibleProject, posted: Posted
) -> Response:
    targets = targets_to_follow(session, project)
    form = Form.posted(removal_kind(targets), posted, choices(session, targets))
    plans, missing = read_plans(form.value, targets) if form.meant else ([], {})
    form.errors |= missing
    if form.invalid:
        return removing(request, project, form, targets)
    try:
        remove(session, user, project, form.value, plans)
    except DomainError as refused:
        form.refuse("to_on", refused.message)
        return removing(request, project, form, targets)
    return see_other(request, "project", number=project.number)


def placing(request: Request, project: Project, form: FormOf) -> Response:
    heading = _("Place on the list")
    return show_form(request, "projects/row_form.html", form, project=project, heading=heading, action="place_project")


def removing(request: Request, project: Project, form: FormOf, targets: list[EffectTarget]) -> Response:
    return show_form(request, "projects/removal.html", form, project=project, targets=targets, plan_fields=plan_fields)


def choices(session: Session, targets: list[EffectTarget]) -> Choices:
    """Who can follow up: whoever is here today, and whoever owns the effect already."""
    units = units_on(session, today(), *(target.owner_unit_id for target in targets))
    people = active_people(session, *(target.owner_id for target in targets))
    offered: dict[str, list[tuple[str, str]]] = {}
    for target in targets:
        _followed, _days, owner, unit, _reason = plan_fields(target.no)
        offered[owner] = [(str(person.pk), f"{person.name}, {person.title}") for person in people]
        offered[unit] = [(str(each.pk), f"{each.code} {each.name}") for each in units]
    return offered
