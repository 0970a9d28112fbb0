from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableFundingNeed, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import FundingNeed, Project
from app.models.event import add_below, change
from app.models.funding_need import FundingNeedForm
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/funding-needs/new", name="new_funding_need")
def new(request: Request, project: EditableProject) -> Response:
    return page(request, project, Form.blank(FundingNeedForm))


@router.post("/projects/{number}/funding-needs", name="create_funding_need")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(FundingNeedForm, posted)
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, FundingNeed, form.value)
    return see_other(request, "project", number=project.number, anchor="funding")


@router.get("/projects/{number}/funding-needs/{no}/edit", name="edit_funding_need")
def edit(request: Request, project: EditableProject, row: EditableFundingNeed) -> Response:
    return page(request, project, Form.of(FundingNeedForm, row), row)


@router.post("/projects/{number}/funding-needs/{no}/edit", name="save_funding_need")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableFundingNeed,
    posted: Posted,
) -> Response:
    form = Form.posted(FundingNeedForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="funding")


def page(request: Request, project: Project, form: FormOf, row: FundingNeed | None = None) -> Response:
    heading = _("Change funding need") if row else _("New funding need")
    action, parts = ("save_funding_need", {"no": row.no}) if row else ("create_funding_need", {})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )
