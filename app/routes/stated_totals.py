from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableProject, EditableStatedTotal
from app.db import SessionDep
from app.i18n import _
from app.models import Project, StatedTotal
from app.models.event import add_below, change
from app.models.stated_total import StatedTotalForm
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/stated-totals/new", name="new_stated_total")
def new(request: Request, project: EditableProject) -> Response:
    return page(request, project, Form.blank(StatedTotalForm))


@router.post("/projects/{number}/stated-totals", name="create_stated_total")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(StatedTotalForm, posted)
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, StatedTotal, form.value)
    return see_other(request, "project", number=project.number, anchor="benefits")


@router.get("/projects/{number}/stated-totals/{no}/edit", name="edit_stated_total")
def edit(request: Request, project: EditableProject, row: EditableStatedTotal) -> Response:
    return page(request, project, Form.of(StatedTotalForm, row), row)


@router.post("/projects/{number}/stated-totals/{no}/edit", name="save_stated_total")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableStatedTotal,
    posted: Posted,
) -> Response:
    form = Form.posted(StatedTotalForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="benefits")


def page(request: Request, project: Project, form: FormOf, row: StatedTotal | None = None) -> Response:
    heading = _("Change stated total") if row else _("New stated total")
    action, parts = ("save_stated_total", {"no": row.no}) if row else ("create_stated_total", {})
    hints = {"areas": _("As they are written on the lines, or among the funding needs.")}
    return show_form(
        request,
        "projects/row_form.html",
        form,
        project=project,
        heading=heading,
        action=action,
        parts=parts,
        hints=hints,
    )
