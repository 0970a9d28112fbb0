from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableFunding, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import Funding, Project
from app.models.event import add_below, change
from app.models.funding import FundingForm
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/funding/new", name="new_funding")
def new(request: Request, project: EditableProject) -> Response:
    return page(request, project, Form.blank(FundingForm))


@router.post("/projects/{number}/funding", name="create_funding")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(FundingForm, posted)
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, Funding, form.value)
    return see_other(request, "project", number=project.number, anchor="funding")


@router.get("/projects/{number}/funding/{no}/edit", name="edit_funding")
def edit(request: Request, project: EditableProject, row: EditableFunding) -> Response:
    return page(request, project, Form.of(FundingForm, row), row)


@router.post("/projects/{number}/funding/{no}/edit", name="save_funding")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableFunding,
    posted: Posted,
) -> Response:
    form = Form.posted(FundingForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="funding")


def page(request: Request, project: Project, form: FormOf, row: Funding | None = None) -> Response:
    heading = _("Change funding") if row else _("New funding")
    action, parts = ("save_funding", {"no": row.no}) if row else ("create_funding", {})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )
