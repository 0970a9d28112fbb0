from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import ManagedReport, SecretariatUser
from app.db import SessionDep
from app.models import Report
from app.models.report import ExemptionForm
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/reports/{round}/exemption", name="new_exemption")
def new(request: Request, report: ManagedReport) -> Response:
    return page(request, report, Form.blank(ExemptionForm))


@router.post("/projects/{number}/reports/{round}/exemption", name="exempt_report")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, report: ManagedReport, posted: Posted
) -> Response:
    form = Form.posted(ExemptionForm, posted)
    if form.invalid:
        return page(request, report, form)
    report.exempt(session, user, form.value.reason)
    return see_other(request, "round", slug=report.project.portfolio.slug, key=report.round.key, anchor="exempt")


def page(request: Request, report: Report, form: FormOf) -> Response:
    return show_form(request, "rounds/exemption.html", form, report=report)
