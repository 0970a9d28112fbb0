from fastapi import APIRouter, Request
from sqlmodel import Session, SQLModel
from starlette.responses import Response

from app.access import CurrentUser, EditableProject
from app.db import SessionDep
from app.models import Project, Unit
from app.models.key_persons import count_key_persons, counts_form, known_counts
from app.models.unit import units_on
from app.settings import today
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/key-persons", name="edit_key_persons")
def edit(request: Request, session: SessionDep, project: EditableProject) -> Response:
    kind, units = unit_fields(session)
    known = known_counts(session, project)
    form = Form.blank(kind, None, **{name: known.get(unit.pk) for name, unit in units.items()})
    form.version = project.version
    return page(request, project, form)


@router.post("/projects/{number}/key-persons", name="save_key_persons")
def save(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    kind, units = unit_fields(session)
    form = Form.posted(kind, posted)
    known = known_counts(session, project)
    saved = {name: known.get(unit.pk) for name, unit in units.items()}
    if form.conflicts_with(project, **saved) or form.invalid:
        return page(request, project, form)
    count_key_persons(session, user, project, [(unit, getattr(form.value, name)) for name, unit in units.items()])
    return see_other(request, "project", number=project.number, anchor="key-persons")


def unit_fields(session: Session) -> tuple[type[SQLModel], dict[str, Unit]]:
    """A form with one number for each unit of today, and which field is which unit's."""
    units = {f"unit_{unit.pk}": unit for unit in units_on(session, today())}
    return counts_form(units), units


def page(request: Request, project: Project, form: FormOf) -> Response:
    return show_form(request, "projects/key_persons.html", form, project=project)
