from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableProject, EditableStaffing
from app.db import SessionDep
from app.i18n import _
from app.models import Project, Staffing, Unit
from app.models.event import add_below, change
from app.models.staffing import SplitForm, StaffingForm, shares_of, split_form
from app.models.unit import units_on
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
LAST_YEAR = 2100
Year = Annotated[int, Path(ge=2000, le=LAST_YEAR)]


@router.get("/projects/{number}/staffing/new", name="new_staffing")
def new(request: Request, session: SessionDep, project: EditableProject) -> Response:
    return page(request, project, Form.blank(StaffingForm, choices(session)))


@router.post("/projects/{number}/staffing", name="create_staffing")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(StaffingForm, posted, choices(session))
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, Staffing, form.value)
    return see_other(request, "project", number=project.number, anchor="staffing")


@router.get("/projects/{number}/staffing/{no}/edit", name="edit_staffing")
def edit(request: Request, session: SessionDep, project: EditableProject, row: EditableStaffing) -> Response:
    return page(request, project, Form.of(StaffingForm, row, choices(session, row)), row)


@router.post("/projects/{number}/staffing/{no}/edit", name="save_staffing")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableStaffing,
    posted: Posted,
) -> Response:
    form = Form.posted(StaffingForm, posted, choices(session, row))
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="staffing")


@router.get("/projects/{number}/staffing/{no}/split/{year}", name="edit_split")
def edit_split(
    request: Request, session: SessionDep, project: EditableProject, row: EditableStaffing, year: Year
) -> Response:
    kind, units = unit_fields(session, row)
    form = Form.blank(kind, None, **saved(session, row, year, units))
    form.version = row.version
    return split_page(request, session, project, row, year, form)


@router.post("/projects/{number}/staffing/{no}/split/{year}", name="save_split")
def save_split(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableStaffing,
    year: Year,
    posted: Posted,
) -> Response:
    kind, units = unit_fields(session, row)
    form = Form.posted(kind, posted)
    if form.conflicts_with(row, **saved(session, row, year, units)) or form.invalid:
        return split_page(request, session, project, row, year, form)
    row.split_between(session, user, year, [(unit, getattr(form.value, name)) for name, unit in units.items()])
    return see_other(request, "project", number=project.number, anchor="staffing")


def page(request: Request, project: Project, form: FormOf, row: Staffing | None = None) -> Response:
    heading = _("Change post") if row else _("New post")
    action, parts = ("save_staffing", {"no": row.no}) if row else ("create_staffing", {})
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )


def split_page(
    request: Request, session: Session, project: Project, row: Staffing, year: int, form: FormOf
) -> Response:
    years = sorted({*shares_of(session, row), min(year + 1, LAST_YEAR), today().year})
    return show_form(request, "projects/split.html", form, project=project, row=row, year=year, years=years)


def choices(session: Session, row: Staffing | None = None) -> Choices:
    """The units of today, and the one that the post has already."""
    units = units_on(session, today(), *([row.unit_id] if row else []))
    return {"unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units]}


def unit_fields(session: Session, row: Staffing) -> tuple[type[SplitForm], dict[str, Unit]]:
    """A form with a percentage for each unit of today and for those that bear the post already, and whose is which."""
    bear = {unit_id for shares in shares_of(session, row).values() for unit_id in shares}
    units = {f"unit_{unit.pk}": unit for unit in units_on(session, today(), *bear)}
    return split_form(units), units


def saved(session: Session, row: Staffing, year: int, units: dict[str, Unit]) -> dict[str, int | None]:
    """The percentages of a year as they are stored, by the names of the fields."""
    shares = shares_of(session, row).get(year, {})
    return {name: shares.get(unit.pk) for name, unit in units.items()}
