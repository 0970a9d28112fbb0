from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, NotedProject
from app.db import SessionDep
from app.models import Project
from app.models.status_note import StatusNoteEntry, write_note
from app.settings import today
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/notes/new", name="new_status_note")
def new(request: Request, project: NotedProject) -> Response:
    return page(request, project, Form.blank(StatusNoteEntry, noted_on=today()))


@router.post("/projects/{number}/notes", name="create_status_note")
def create(request: Request, session: SessionDep, user: CurrentUser, project: NotedProject, posted: Posted) -> Response:
    form = Form.posted(StatusNoteEntry, posted)
    if form.invalid:
        return page(request, project, form)
    write_note(session, user, project, form.value)
    return see_other(request, "project", number=project.number, anchor="notes")


def page(request: Request, project: Project, form: FormOf) -> Response:
    return show_form(request, "reports/note.html", form, project=project)
