from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import ActingAs, ApprovableReport, CurrentUser, ManagedReport, SecretariatUser
from app.db import SessionDep
from app.i18n import _
from app.models import Report, User
from app.models.report import ApprovalForm, ReopeningForm, ReturnForm
from app.post_office import announce_return
from app.settings import today
from app.tabs.approval import build_approvals, build_review, next_to_approve, receipt
from app.web import Form, FormOf, Posted, asks_for, lead_to, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/approvals", name="approvals")
def index(request: Request, session: SessionDep, user: CurrentUser, review: str = "", done: str = "") -> Response:
    return listed(request, session, user, review, done)


@router.get("/projects/{number}/reports/{round}/approval", name="new_approval")
def new(request: Request, session: SessionDep, user: CurrentUser, report: ApprovableReport, done: str = "") -> Response:
    return page(request, session, user, report, done)


@router.post("/projects/{number}/reports/{round}/approval", name="approve_report")
def create(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    report: ApprovableReport,
    acting_as: ActingAs,
    posted: Posted,
) -> Response:
    form = Form.posted(ApprovalForm, posted)
    if form.meant and form.value.disagrees(report.colour) and not form.value.owner_comment:
        form.errors["owner_comment"] = _("Write why you see the project in another colour")
    if form.invalid:
        return page(request, session, user, report, approval=form)
    following = next_to_approve(session, user, report, today())
    report.approve(session, user, form.value, acting_as)
    return onward(request, session, user, report, following)


@router.post("/projects/{number}/reports/{round}/return", name="return_report")
def send_back(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    report: ApprovableReport,
    acting_as: ActingAs,
    posted: Posted,
) -> Response:
    form = Form.posted(ReturnForm, posted)
    if form.invalid:
        return page(request, session, user, report, returning=form)
    following = next_to_approve(session, user, report, today())
    report.send_back(session, user, form.value.reason, acting_as)
    announce_return(session, report)
    return onward(request, session, user, report, following)


@router.get("/projects/{number}/reports/{round}/reopening", name="new_reopening")
def new_reopening(request: Request, report: ManagedReport) -> Response:
    return show_form(request, "approvals/reopen.html", Form.blank(ReopeningForm), report=report)


@router.post("/projects/{number}/reports/{round}/reopening", name="reopen_report")
def reopen(
    request: Request, session: SessionDep, user: SecretariatUser, report: ManagedReport, posted: Posted
) -> Response:
    form = Form.posted(ReopeningForm, posted)
    if form.invalid:
        return show_form(request, "approvals/reopen.html", form, report=report)
    report.reopen(session, user, form.value.reason)
    announce_return(session, report)
    return see_other(request, "report", number=report.project.number, round=report.round.key)


def page(
    request: Request,
    session: Session,
    user: User,
    report: Report,
    done: str = "",
    approval: FormOf | None = None,
    returning: FormOf | None = None,
) -> Response:
    """One status beside last time's; as a part of the list where htmx asks for that."""
    if asks_for(request, "approvals"):
        return listed(request, session, user, report.project.number, done, approval, returning)
    return render(
        request,
        "approvals/show.html",
        status=422 if approval or returning else 200,
        approvals=build_approvals(session, user, today()),
        receipt=receipt(session, user, done),
        **reading(session, user, report, approval, returning),
    )


def listed(
    request: Request,
    session: Session,
    user: User,
    number: str,
    done: str,
    approval: FormOf | None = None,
    returning: FormOf | None = None,
) -> Response:
    """What waits, with one of them open to be read: the list's page, or the list alone where htmx asks for it."""
    approvals = build_approvals(session, user, today())
    waiting = approvals.find(number)
    return render(
        request,
        "approvals/_list.html" if asks_for(request, "approvals") else "approvals/index.html",
        status=422 if approval or returning else 200,
        approvals=approvals,
        receipt=receipt(session, user, done),
        **reading(session, user, waiting.report if waiting else None, approval, returning),
    )


def reading(
    session: Session, user: User, report: Report | None, approval: FormOf | None, returning: FormOf | None
) -> dict[str, Any]:
    """What a template needs to show one status with its two forms."""
    return {
        "review": build_review(session, user, report, today()) if report else None,
        "approval": approval or Form.blank(ApprovalForm),
        "returning": returning or Form.blank(ReturnForm),
    }


def onward(request: Request, session: Session, user: User, report: Report, following: Report | None) -> Response:
    """To the next one that waits; to the list when there is none."""
    number = report.project.number
    if asks_for(request, "approvals"):
        return listed(request, session, user, following.project.number if following else "", number)
    url = request.app.url_path_for
    address = (
        url("new_approval", number=following.project.number, round=following.round.key)
        if following
        else url("approvals")
    )
    return lead_to(request, f"{address}?done={number}")
