from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableEffectTarget, EditableMeasurement, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import EffectTarget, Measurement, Project
from app.models.event import change
from app.models.measurement import MeasurementForm, measure
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
TARGET = "/projects/{number}/effect-targets/{no}/measurements"


@router.get(f"{TARGET}/new", name="new_measurement")
def new(request: Request, project: EditableProject, target: EditableEffectTarget) -> Response:
    return page(request, project, target, Form.blank(MeasurementForm, source=target.source))


@router.post(TARGET, name="create_measurement")
def create(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    target: EditableEffectTarget,
    posted: Posted,
) -> Response:
    form = Form.posted(MeasurementForm, posted)
    if form.invalid:
        return page(request, project, target, form)
    measure(session, user, project, target, form.value)
    return see_other(request, "project", number=project.number, anchor="effect-targets")


@router.get(f"{TARGET}/{{measurement_no}}/edit", name="edit_measurement")
def edit(
    request: Request, project: EditableProject, target: EditableEffectTarget, row: EditableMeasurement
) -> Response:
    return page(request, project, target, Form.of(MeasurementForm, row), row)


@router.post(f"{TARGET}/{{measurement_no}}/edit", name="save_measurement")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    target: EditableEffectTarget,
    row: EditableMeasurement,
    posted: Posted,
) -> Response:
    form = Form.posted(MeasurementForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, target, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="effect-targets")


def page(
    request: Request, project: Project, target: EffectTarget, form: FormOf, row: Measurement | None = None
) -> Response:
    heading = (_("Change measurement of »%s«") if row else _("New measurement of »%s«")) % target.name
    parts = {"no": target.no} | ({"measurement_no": row.no} if row else {})
    action = "save_measurement" if row else "create_measurement"
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )
