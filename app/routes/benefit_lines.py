from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableBenefit, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import Benefit, Project
from app.models.benefit import AMOUNTS, BenefitForm
from app.models.event import add_below, change
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/benefits/new", name="new_benefit")
def new(request: Request, project: EditableProject) -> Response:
    return page(request, project, Form.blank(BenefitForm))


@router.post("/projects/{number}/benefits", name="create_benefit")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(BenefitForm, posted)
    if form.invalid:
        return page(request, project, form)
    add_below(session, user, project, Benefit, form.value)
    return see_other(request, "project", number=project.number, anchor="benefits")


@router.get("/projects/{number}/benefits/{no}/edit", name="edit_benefit")
def edit(request: Request, project: EditableProject, row: EditableBenefit) -> Response:
    return page(request, project, Form.of(BenefitForm, row), row)


@router.post("/projects/{number}/benefits/{no}/edit", name="save_benefit")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableBenefit,
    posted: Posted,
) -> Response:
    form = Form.posted(BenefitForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "project", number=project.number, anchor="benefits")


def page(request: Request, project: Project, form: FormOf, row: Benefit | None = None) -> Response:
    heading = _("Change benefit") if row else _("New benefit")
    action, parts = ("save_benefit", {"no": row.no}) if row else ("create_benefit", {})
    hints = dict.fromkeys(AMOUNTS, _("In kroner; leave it empty when it is unknown.")) | {
        "treasury_percent": _("The rest goes to the centre. The rule is 80/20."),
        "realised": _("In kroner; leave it empty when it is unknown, write 0 when nothing is realised."),
    }
    return show_form(
        request,
        "projects/row_form.html",
        form,
        project=project,
        heading=heading,
        action=action,
        parts=parts,
        hints=hints,
    )
