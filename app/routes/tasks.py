from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, OwnTask, VisiblePortfolio, VisibleTask
from app.db import SessionDep
from app.i18n import _
from app.models import Portfolio, Task, User
from app.models.task import CompletionForm, EvidenceForm, WishForm
from app.settings import today
from app.tabs.tasks import TaskFilters, Tasks, build_task_page, build_tasks
from app.web import Form, FormOf, Posted, asks_for, render, see_other, show_form

router = APIRouter()
TASKS = "/portfolios/{slug}/tasks"
ONE = f"{TASKS}/{{key}}"


@router.get(TASKS, name="tasks", include_in_schema=False)
def index(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[TaskFilters, Query()]
) -> Response:
    tab = build_tasks(session, portfolio, filters, today())
    page = "tasks/_tasks.html" if asks_for(request, "tasks") else "tasks/index.html"
    return render(request, page, portfolio=portfolio, tab=tab)


@router.get("/api/v1/portfolios/{slug}/tasks", name="api_tasks")
def read(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[TaskFilters, Query()]) -> Tasks:
    return build_tasks(session, portfolio, filters, today())


@router.get(ONE, name="task", include_in_schema=False)
def show(
    request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio, task: VisibleTask
) -> Response:
    return page(request, session, user, portfolio, task)


@router.post(f"{ONE}/completion", name="complete_task", include_in_schema=False)
def complete(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    task: OwnTask,
    posted: Posted,
) -> Response:
    form = Form.posted(CompletionForm, posted)
    if form.meant and form.meant.ended_on < task.given_on:
        form.errors["ended_on"] = _("It cannot have been done before it was given.")
    if form.invalid:
        return page(request, session, user, portfolio, task, form)
    task.complete(session, user, form.value)
    return back(request, portfolio, task)


@router.get(f"{ONE}/evidence", name="new_evidence", include_in_schema=False)
def new_evidence(request: Request, portfolio: VisiblePortfolio, task: OwnTask) -> Response:
    return documenting(request, portfolio, task, Form.blank(EvidenceForm))


@router.post(f"{ONE}/evidence", name="document_task", include_in_schema=False)
def document(
    request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio, task: OwnTask, posted: Posted
) -> Response:
    form = Form.posted(EvidenceForm, posted)
    if form.invalid:
        return documenting(request, portfolio, task, form)
    task.document(session, user, form.value.evidence)
    return back(request, portfolio, task)


@router.get(f"{ONE}/wish", name="new_wish", include_in_schema=False)
def new_wish(request: Request, portfolio: VisiblePortfolio, task: OwnTask) -> Response:
    task.require_open()
    return wishing(request, portfolio, task, Form.blank(WishForm))


@router.post(f"{ONE}/wish", name="ask_for_time", include_in_schema=False)
def wish(
    request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio, task: OwnTask, posted: Posted
) -> Response:
    form = Form.posted(WishForm, posted)
    if form.meant and form.meant.wished_on <= max(task.due_on, today()):
        form.errors["wished_on"] = _("Write a day to come, after the deadline")
    if form.invalid:
        return wishing(request, portfolio, task, form)
    task.wish(session, user, form.value)
    return back(request, portfolio, task)


def page(
    request: Request, session: Session, user: User, portfolio: Portfolio, task: Task, form: FormOf | None = None
) -> Response:
    """The task with what this reader may do about it."""
    tab = build_task_page(session, user, task, today())
    shown = form or Form.blank(CompletionForm, ended_on=today())
    return show_form(request, "tasks/show.html", shown, portfolio=portfolio, page=tab)


def documenting(request: Request, portfolio: Portfolio, task: Task, form: FormOf) -> Response:
    return form_page(request, portfolio, task, form, _("Say what came of it"), "document_task")


def wishing(request: Request, portfolio: Portfolio, task: Task, form: FormOf) -> Response:
    return form_page(request, portfolio, task, form, _("Ask for another deadline"), "ask_for_time")


def form_page(request: Request, portfolio: Portfolio, task: Task, form: FormOf, heading: str, action: str) -> Response:
    return show_form(request, "tasks/form.html", form, portfolio=portfolio, task=task, heading=heading, action=action)


def back(request: Request, portfolio: Portfolio, task: Task) -> Response:
    return see_other(request, "task", slug=portfolio.slug, key=task.key)
