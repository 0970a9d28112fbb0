from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableEffectTarget, EditableProject, VisibleEffectTarget, VisibleProject
from app.db import SessionDep
from app.i18n import _
from app.models import EffectTarget, Project
from app.models.effect_target import EffectTargetForm, TargetDescriptionForm
from app.models.event import add_below, change
from app.models.person import active_people
from app.models.unit import units_on
from app.settings import today
from app.tabs.effect_target import build_target_page
from app.web import Choices, Form, FormOf, Posted, render, see_other, show_form

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


@router.get("/projects/{number}/effect-targets/{no}", name="effect_target")
def show(
    request: Request, session: SessionDep, user: CurrentUser, project: VisibleProject, target: VisibleEffectTarget
) -> Response:
    found = build_target_page(session, project, target, today())
    return render(request, "effects/target.html", page=found, may_edit=user.can_edit(project))


@router.get("/projects/{number}/effect-targets/{no}/edit", name="edit_effect_target")
def edit(request: Request, session: SessionDep, project: EditableProject, row: EditableEffectTarget) -> Response:
    return page(request, project, Form.of(TargetDescriptionForm, row, choices(session, row)), row)


@router.post("/projects/{number}/effect-targets/{no}/edit", name="save_effect_target")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableEffectTarget,
    posted: Posted,
) -> Response:
    form = Form.posted(TargetDescriptionForm, posted, choices(session, row))
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="effect-targets")


def page(request: Request, project: Project, form: FormOf, row: EffectTarget | None = None) -> Response:
    heading = _("Change effect target") if row else _("New effect target")
    action, parts = ("save_effect_target", {"no": row.no}) if row else ("create_effect_target", {})
    said: dict[str, Any] = {"project": project, "heading": heading, "action": action, "parts": parts}
    return show_form(request, "projects/row_form.html", form, hints=hints(), **said)


def hints() -> dict[str, str]:
    """What helps with the fields that are reckoned from others."""
    return {
        "target_on": _("dd-mm-yyyy. Leave it empty when the words say it: »om 10 år«, »ved udgangen af 2023«."),
        "worded_on": _("dd-mm-yyyy. »Om 10 år« is counted from this day, or from today."),
        "waypoints": _("Only for the path in steps. The last step is the target."),
    }


def choices(session: Session, row: EffectTarget | None = None) -> Choices:
    """What can be chosen: what exists today, and what the target has already."""
    units = units_on(session, today(), *([row.owner_unit_id] if row else []))
    people = active_people(session, *([row.owner_id] if row else []))
    return {
        "owner_unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units],
        "owner_id": [(str(person.pk), f"{person.name}, {person.title}") for person in people],
    }
