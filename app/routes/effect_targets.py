from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableEffectTarget, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import EffectTarget, Project
from app.models.effect_target import EffectTargetForm
from app.models.event import add_below, change
from app.models.person import active_people
from app.models.unit import units_on
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/effect-targets/new", name="new_effect_target")
def new(request: Request, session: SessionDep, project: EditableProject) -> Response:
    return page(request, project, Form.blank(EffectTargetForm, choices(session)))


@router.post("/projects/{number}/effect-targets", name="create_effect_target")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(EffectTargetForm, posted, choices(session))
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, EffectTarget, form.value)
    return see_other(request, "project", number=project.number, anchor="effect-targets")


@router.get("/projects/{number}/effect-targets/{no}/edit", name="edit_effect_target")
def edit(request: Request, session: SessionDep, project: EditableProject, row: EditableEffectTarget) -> Response:
    return page(request, project, Form.of(EffectTargetForm, row, choices(session, row)), row)


@router.post("/projects/{number}/effect-targets/{no}/edit", name="save_effect_target")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableEffectTarget,
    posted: Posted,
) -> Response:
    form = Form.posted(EffectTargetForm, posted, choices(session, row))
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="effect-targets")


def page(request: Request, project: Project, form: FormOf, row: EffectTarget | None = None) -> Response:
    heading = _("Change effect target") if row else _("New effect target")
    action, parts = ("save_effect_target", {"no": row.no}) if row else ("create_effect_target", {})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )


def choices(session: Session, row: EffectTarget | None = None) -> Choices:
    """What can be chosen: what exists today, and what the target has already."""
    units = units_on(session, today(), *([row.owner_unit_id] if row else []))
    people = active_people(session, *([row.owner_id] if row else []))
    return {
        "owner_unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units],
        "owner_id": [(str(person.pk), f"{person.name}, {person.title}") for person in people],
    }
