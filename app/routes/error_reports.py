from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, ManagedErrorReport, SecretariatUser
from app.db import SessionDep
from app.models.error_report import AnswerForm, ErrorReportForm, error_reports, report_error
from app.web import Form, FormOf, Posted, own_path, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/error-reports", name="error_reports")
def index(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    """All of them for the secretariat; for everybody else what they have reported themselves."""
    reports = error_reports(session, None if user.can_run_the_list else user)
    return render(request, "error_reports/index.html", reports=reports)


@router.get("/error-reports/new", name="new_error_report")
def new(request: Request, user: CurrentUser) -> Response:
    """The form, about the page that the reader comes from."""
    page = own_path(urlsplit(request.headers.get("Referer", "")).path)
    return show_form(request, "error_reports/new.html", Form.blank(ErrorReportForm, page=page))


@router.post("/error-reports", name="create_error_report")
def create(request: Request, session: SessionDep, user: CurrentUser, posted: Posted) -> Response:
    form = Form.posted(ErrorReportForm, posted)
    if form.invalid:
        return show_form(request, "error_reports/new.html", form)
    report_error(session, user, form.value)
    return see_other(request, "error_reports")


@router.get("/error-reports/{key}/answer", name="answer_error_report")
def answer(request: Request, report: ManagedErrorReport) -> Response:
    return page(request, report, Form.blank(AnswerForm))


@router.post("/error-reports/{key}/answer", name="save_answer")
def save(
    request: Request, session: SessionDep, user: SecretariatUser, report: ManagedErrorReport, posted: Posted
) -> Response:
    form = Form.posted(AnswerForm, posted)
    if form.invalid:
        return page(request, report, form)
    report.give_answer(session, user, form.value)
    return see_other(request, "error_reports")


def page(request: Request, report: ManagedErrorReport, form: FormOf) -> Response:
    return show_form(request, "error_reports/answer.html", form, report=report)
