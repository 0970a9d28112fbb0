from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableBody, EditableProject, VisibleBody, VisibleProject
from app.db import SessionDep
from app.i18n import _
from app.models import Body, Project
from app.models.body import BodyChoice, BodyForm, bodies_of, form_body, let_serve
from app.models.event import change
from app.settings import today
from app.tabs.body import build_body_page
from app.web import Choices, Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/bodies/new", name="new_body")
def new(request: Request, project: EditableProject) -> Response:
    return page(request, project, Form.blank(BodyForm))


@router.post("/projects/{number}/bodies", name="create_body")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(BodyForm, posted)
    if form.invalid:
        return page(request, project, form)
    form_body(session, user, project, form.value)
    return see_other(request, "project", number=project.number, anchor="bodies")


@router.get("/projects/{number}/bodies/choose", name="choose_body")
def choose(request: Request, session: SessionDep, project: EditableProject) -> Response:
    return choosing(request, project, Form.blank(BodyChoice, others(session, project)))


@router.post("/projects/{number}/bodies/choose", name="link_body")
def link(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(BodyChoice, posted, others(session, project))
    if form.invalid:
        return choosing(request, project, form)
    let_serve(session, user, project, form.value.body)
    return see_other(request, "project", number=project.number, anchor="bodies")


@router.get("/projects/{number}/bodies/{body_no}", name="body")
def show(
    request: Request, session: SessionDep, user: CurrentUser, project: VisibleProject, body: VisibleBody, body_no: int
) -> Response:
    page = build_body_page(session, project, body_no, body, today())
    return render(request, "projects/body.html", page=page, may_edit=user.can_edit(project))


@router.get("/projects/{number}/bodies/{body_no}/edit", name="edit_body")
def edit(request: Request, project: EditableProject, body: EditableBody, body_no: int) -> Response:
    return page(request, project, Form.of(BodyForm, body), body_no)


@router.post("/projects/{number}/bodies/{body_no}/edit", name="save_body")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    body: EditableBody,
    body_no: int,
    posted: Posted,
) -> Response:
    form = Form.posted(BodyForm, posted)
    if form.conflicts_with(body) or form.invalid:
        return page(request, project, form, body_no)
    change(session, user, body, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="bodies")


def others(session: Session, project: Project) -> Choices:
    """The bodies of today by their names, each with what it is also called."""
    bodies: list[Body] = bodies_of(session, project.portfolio_id, today())
    return {"body": [(body.name, ", ".join([body.name, *body.aliases])) for body in bodies]}


def page(request: Request, project: Project, form: FormOf, body_no: int | None = None) -> Response:
    heading = _("New steering group or other body") if body_no is None else _("Change body")
    action, parts = ("create_body", {}) if body_no is None else ("save_body", {"body_no": body_no})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )


def choosing(request: Request, project: Project, form: FormOf) -> Response:
    heading = _("Let a body that exists serve the project")
    return show_form(request, "projects/row_form.html", form, project=project, heading=heading, action="link_body")
