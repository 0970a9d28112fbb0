from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableDeputy, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import Deputy, Project, User
from app.models.deputy import DeputyFor, DeputyForm, change_deputy, name_deputy
from app.models.person import active_people
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/deputies/new", name="new_deputy")
def new(request: Request, session: SessionDep, user: CurrentUser, project: EditableProject) -> Response:
    offered = choices(session, user, project)
    first, _label = offered["stands_for"][0]
    return page(request, project, Form.blank(DeputyForm, offered, stands_for=first, from_on=today()))


@router.post("/projects/{number}/deputies", name="create_deputy")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(DeputyForm, posted, choices(session, user, project))
    if form.invalid:
        return page(request, project, form)
    name_deputy(session, user, project, form.value)
    return see_other(request, "project", number=project.number, anchor="deputies")


@router.get("/projects/{number}/deputies/{no}/edit", name="edit_deputy")
def edit(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, row: EditableDeputy
) -> Response:
    return page(request, project, Form.of(DeputyForm, row, choices(session, user, project, row)), row)


@router.post("/projects/{number}/deputies/{no}/edit", name="save_deputy")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableDeputy,
    posted: Posted,
) -> Response:
    form = Form.posted(DeputyForm, posted, choices(session, user, project, row))
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change_deputy(session, user, row, form.value)
    return see_other(request, "project", number=project.number, anchor="deputies")


def page(request: Request, project: Project, form: FormOf, row: Deputy | None = None) -> Response:
    heading = _("Change deputy") if row else _("New deputy")
    action, parts = ("save_deputy", {"no": row.no}) if row else ("create_deputy", {})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )


def choices(session: Session, user: User, project: Project, row: Deputy | None = None) -> Choices:
    """For whom this user may name a deputy, and whom: never the leader or the owner, who have a role already."""
    now = row.person_id if row else None
    named = {project.leader_id, project.owner_id} - {now}
    return {
        "stands_for": [(each.value, str(each)) for each in DeputyFor if user.can_name_deputy(project, each)],
        "person_id": [
            (str(person.pk), f"{person.name}, {person.title}")
            for person in active_people(session, now)
            if person.pk not in named
        ],
    }
