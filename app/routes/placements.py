from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import SecretariatUser, VisibleProject
from app.db import SessionDep
from app.errors import DomainError
from app.i18n import _
from app.models import Project
from app.models.placement import PlacementForm, RemovalForm, place, remove
from app.settings import today
from app.web import Form, FormOf, Posted, see_other, show_form

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
def leave(request: Request, user: SecretariatUser, project: VisibleProject) -> Response:
    return removing(request, project, Form.blank(RemovalForm, to_on=today()))


@router.post("/projects/{number}/removal", name="remove_project")
def destroy(
    request: Request, session: SessionDep, user: SecretariatUser, project: VisibleProject, posted: Posted
) -> Response:
    form = Form.posted(RemovalForm, posted)
    if form.invalid:
        return removing(request, project, form)
    try:
        remove(session, user, project, form.value)
    except DomainError as refused:
        form.refuse("to_on", refused.message)
        return removing(request, project, form)
    return see_other(request, "project", number=project.number)


def placing(request: Request, project: Project, form: FormOf) -> Response:
    heading = _("Place on the list")
    return show_form(request, "projects/row_form.html", form, project=project, heading=heading, action="place_project")


def removing(request: Request, project: Project, form: FormOf) -> Response:
    heading = _("Take off the list")
    return show_form(request, "projects/row_form.html", form, project=project, heading=heading, action="remove_project")
