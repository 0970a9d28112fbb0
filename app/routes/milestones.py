from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableMilestone, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import Milestone, Project
from app.models.event import add_below, change
from app.models.milestone import MilestoneForm
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/milestones/new", name="new_milestone")
def new(request: Request, project: EditableProject) -> Response:
    return page(request, project, Form.blank(MilestoneForm))


@router.post("/projects/{number}/milestones", name="create_milestone")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(MilestoneForm, posted)
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, Milestone, form.value, baseline_on=form.value.due_on)
    return see_other(request, "project", number=project.number, anchor="milestones")


@router.get("/projects/{number}/milestones/{no}/edit", name="edit_milestone")
def edit(request: Request, project: EditableProject, row: EditableMilestone) -> Response:
    return page(request, project, Form.of(MilestoneForm, row), row)


@router.post("/projects/{number}/milestones/{no}/edit", name="save_milestone")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableMilestone,
    posted: Posted,
) -> Response:
    form = Form.posted(MilestoneForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="milestones")


def page(request: Request, project: Project, form: FormOf, row: Milestone | None = None) -> Response:
    heading = _("Change milestone") if row else _("New milestone")
    action, parts = ("save_milestone", {"no": row.no}) if row else ("create_milestone", {})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )
