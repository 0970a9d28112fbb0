from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.access import CurrentUser, VisibleReport, WritableReport
from app.db import SessionDep
from app.models.report import Report
from app.models.report_entry import ReportEntry, half_said, require_writing, save_draft, why_not_writable
from app.models.submission import hand_in, take_back
from app.post_office import announce_submission
from app.settings import now, today
from app.tabs.report import ReportPage, build_preview, build_report_page
from app.web import Form, FormOf, Posted, asks_for, render, see_other, show_form

router = APIRouter(include_in_schema=False)
STATUS = "/projects/{number}/reports/{round}"


@router.get(STATUS, name="report")
def show(request: Request, session: SessionDep, report: VisibleReport) -> Response:
    return render(request, "reports/show.html", page=build_report_page(session, report, today()))


@router.get(f"{STATUS}/edit", name="edit_report")
def edit(request: Request, session: SessionDep, report: WritableReport) -> Response:
    """The form; a status that cannot be written in now is shown instead."""
    if not report.can_be_written:
        return to(request, "report", report)
    page = build_report_page(session, report, today())
    return sheet(request, page, Form.of(page.kind, page.saved), page.entry)


@router.post(f"{STATUS}/edit", name="save_report")
def save(request: Request, session: SessionDep, user: CurrentUser, report: WritableReport, posted: Posted) -> Response:
    """Keeps the draft: as it is typed, or by the button. What cannot be understood stays on the page with its error."""
    page, form, entry = read(session, report, posted)
    refusal = why_not_writable(report)
    if not in_conflict(form, page) and not (refusal and asks_for(request, "autosave")):
        form.errors |= half_said(entry)
        save_draft(session, user, report, entry, page.due)
        form.version = report.version
    if asks_for(request, "autosave"):
        return autosaved(request, form, entry, refusal)
    if form.invalid or form.conflicts:
        return sheet(request, page, form, entry)
    return to(request, "preview_report" if posted.get("next") == "preview" else "edit_report", report)


@router.post(f"{STATUS}/submission", name="submit_report")
def submit(
    request: Request, session: SessionDep, user: CurrentUser, report: WritableReport, posted: Posted
) -> Response:
    require_writing(report)
    page, form, entry = read(session, report, posted)
    if not in_conflict(form, page):
        form.errors = page.lacking(entry) | form.errors
    if form.invalid or form.conflicts:
        return sheet(request, page, form, entry, submitting=True)
    hand_in(session, user, report, page.settled(entry), page.due)
    announce_submission(session, report)
    return to(request, "report", report)


@router.get(f"{STATUS}/submission", name="resume_report")
def resume(request: Request, report: WritableReport) -> Response:
    """Where a form that was not accepted stands in the address bar: back to the form."""
    return to(request, "edit_report", report)


@router.post(f"{STATUS}/withdrawal", name="withdraw_report")
def withdraw(request: Request, session: SessionDep, user: CurrentUser, report: WritableReport) -> Response:
    take_back(session, user, report)
    return to(request, "edit_report", report)


@router.get(f"{STATUS}/preview", name="preview_report")
def preview(request: Request, session: SessionDep, report: VisibleReport) -> Response:
    """The row of Overblik that a status will become; of a round that is over there is the status itself."""
    if not report.round.under_way:
        return to(request, "report", report)
    page = build_report_page(session, report, today())
    return render(request, "reports/preview.html", page=page, preview=build_preview(session, page, page.entry))


def read(session: Session, report: Report, posted: FormData) -> tuple[ReportPage, FormOf, ReportEntry]:
    """The page, what was sent, and what it means: where a field cannot be understood, what was saved before stands."""
    page = build_report_page(session, report, today())
    form = Form.posted(page.kind, posted)
    right = FormData([(name, value) for name, value in posted.multi_items() if name not in form.errors])
    entry: ReportEntry = Form.posted(page.kind, right).value
    saved = page.entry
    entry = entry.model_copy(update={name: getattr(saved, name) for name in form.errors})
    form.errors = {name: f"{form.label(name)}: {sentence}" for name, sentence in form.errors.items()}
    return page, form, entry


def in_conflict(form: FormOf, page: ReportPage) -> bool:
    """Whether something different was saved since the form was opened."""
    return form.conflicts_with(page.saved) and bool(form.conflicts)


def sheet(
    request: Request, page: ReportPage, form: FormOf, entry: ReportEntry, *, submitting: bool = False
) -> Response:
    context = {"page": page, "entry": entry, "submitting": submitting, "saved_at": page.saved_at}
    return show_form(request, "reports/edit.html", form, **context)


def autosaved(request: Request, form: FormOf, entry: ReportEntry, refusal: str) -> Response:
    """What became of the draft, the version that is saved now, and the colour that follows from it."""
    status = 409 if refusal or form.conflicts else 422 if form.invalid else 200
    context = {"form": form, "entry": entry, "refusal": refusal, "saved_at": now()}
    return render(request, "reports/_autosaved.html", status=status, **context)


def to(request: Request, name: str, report: Report) -> Response:
    return see_other(request, name, number=report.project.number, round=report.round.key)
