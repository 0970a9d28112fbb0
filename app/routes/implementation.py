from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import Project
from app.models.implementation import ImplementationForm, implementation_of, judge_implementation
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/implementation", name="edit_implementation")
def edit(request: Request, session: SessionDep, project: EditableProject) -> Response:
    known = implementation_of(session, project)
    return page(request, project, Form.of(ImplementationForm, known) if known else Form.blank(ImplementationForm))


@router.post("/projects/{number}/implementation", name="save_implementation")
def save(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(ImplementationForm, posted)
    known = implementation_of(session, project)
    if (known and form.conflicts_with(known)) or form.invalid:
        return page(request, project, form)
    judge_implementation(session, user, project, form.value)
    return see_other(request, "project", number=project.number, anchor="implementation")


def page(request: Request, project: Project, form: FormOf) -> Response:
    hints = {
        "state": _("Implemented in full: in use in every unit that is to use it, and operations have taken over."),
        "receiver": _("The centres that implement it in daily operations, not those that run the project."),
    }
    return show_form(
        request,
        "projects/row_form.html",
        form,
        project=project,
        heading=_("How far is it implemented?"),
        action="save_implementation",
        hints=hints,
    )
