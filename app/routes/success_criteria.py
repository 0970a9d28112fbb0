from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableProject, EditableSuccessCriterion
from app.db import SessionDep
from app.i18n import _
from app.models import Project, SuccessCriterion
from app.models.event import add_below, change
from app.models.success_criterion import SuccessCriterionForm
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/success-criteria/new", name="new_success_criterion")
def new(request: Request, project: EditableProject) -> Response:
    return page(request, project, Form.blank(SuccessCriterionForm))


@router.post("/projects/{number}/success-criteria", name="create_success_criterion")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(SuccessCriterionForm, posted)
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, SuccessCriterion, form.value)
    return see_other(request, "project", number=project.number, anchor="success-criteria")


@router.get("/projects/{number}/success-criteria/{no}/edit", name="edit_success_criterion")
def edit(request: Request, project: EditableProject, row: EditableSuccessCriterion) -> Response:
    return page(request, project, Form.of(SuccessCriterionForm, row), row)


@router.post("/projects/{number}/success-criteria/{no}/edit", name="save_success_criterion")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableSuccessCriterion,
    posted: Posted,
) -> Response:
    form = Form.posted(SuccessCriterionForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="success-criteria")


def page(request: Request, project: Project, form: FormOf, row: SuccessCriterion | None = None) -> Response:
    heading = _("Change success criterion") if row else _("New success criterion")
    action, parts = ("save_success_criterion", {"no": row.no}) if row else ("create_success_criterion", {})
    hints = {"evidence": _("Must be filled in when it is met or partly met: a count, a report, minutes.")}
    context = {"heading": heading, "action": action, "parts": parts, "hints": hints}
    return show_form(request, "projects/row_form.html", form, project=project, **context)
