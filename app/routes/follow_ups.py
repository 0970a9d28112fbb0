from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableFollowUp, EditableTaskForce
from app.db import SessionDep
from app.i18n import _
from app.models import FollowUp, Project
from app.models.event import add_below, change
from app.models.follow_up import FollowUpForm
from app.models.task_force import task_force_of
from app.settings import today
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/follow-ups/new", name="new_follow_up")
def new(request: Request, session: SessionDep, project: EditableTaskForce) -> Response:
    known = task_force_of(session, project)
    return page(request, project, Form.blank(FollowUpForm, held_on=today(), body=known.follow_up_body if known else ""))


@router.post("/projects/{number}/follow-ups", name="create_follow_up")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableTaskForce, posted: Posted
) -> Response:
    form = Form.posted(FollowUpForm, posted)
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, FollowUp, form.value)
    return see_other(request, "project", number=project.number, anchor="task-force")


@router.get("/projects/{number}/follow-ups/{no}/edit", name="edit_follow_up")
def edit(request: Request, project: EditableTaskForce, row: EditableFollowUp) -> Response:
    return page(request, project, Form.of(FollowUpForm, row), row)


@router.post("/projects/{number}/follow-ups/{no}/edit", name="save_follow_up")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableTaskForce,
    row: EditableFollowUp,
    posted: Posted,
) -> Response:
    form = Form.posted(FollowUpForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="task-force")


def page(request: Request, project: Project, form: FormOf, row: FollowUp | None = None) -> Response:
    heading = _("Change follow-up") if row else _("New follow-up")
    action, parts = ("save_follow_up", {"no": row.no}) if row else ("create_follow_up", {})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )
