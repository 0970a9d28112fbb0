from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableTaskForce
from app.db import SessionDep
from app.i18n import _
from app.models import Project
from app.models.task_force import TaskForceForm, assess_task_force, task_force_of
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/task-force", name="edit_task_force")
def edit(request: Request, session: SessionDep, project: EditableTaskForce) -> Response:
    known = task_force_of(session, project)
    return page(request, project, Form.of(TaskForceForm, known) if known else Form.blank(TaskForceForm))


@router.post("/projects/{number}/task-force", name="save_task_force")
def save(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableTaskForce, posted: Posted
) -> Response:
    form = Form.posted(TaskForceForm, posted)
    known = task_force_of(session, project)
    if (known and form.conflicts_with(known)) or form.invalid:
        return page(request, project, form)
    assess_task_force(session, user, project, form.value)
    return see_other(request, "project", number=project.number, anchor="task-force")


def page(request: Request, project: Project, form: FormOf) -> Response:
    heading = _("Is it a task force?")
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action="save_task_force"
    )
