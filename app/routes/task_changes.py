"""What the secretariat changes about a task: its deadline, who is responsible, whether it is to be done at all."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, ManagedTask, VisiblePortfolio
from app.db import SessionDep
from app.i18n import _
from app.models import Portfolio, Task
from app.models.person import active_people
from app.models.task import BecauseForm, PostponementForm, TaskOwner, due_lacks
from app.models.unit import units_on
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
ONE = "/portfolios/{slug}/tasks/{key}"


@router.get(f"{ONE}/postponement", name="new_postponement")
def new_postponement(request: Request, portfolio: VisiblePortfolio, task: ManagedTask) -> Response:
    task.require_open()
    given: dict[str, Any] = {
        "due_from": task.due_from,
        "due_on": task.wished_on or task.due_on,
        "reason": task.wished_reason,
    }
    return postponing(request, portfolio, task, Form.blank(PostponementForm, **given))


@router.post(f"{ONE}/postponement", name="postpone_task")
def postpone(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    task: ManagedTask,
    posted: Posted,
) -> Response:
    form = Form.posted(PostponementForm, posted)
    if form.meant and (lacks := due_lacks(form.meant, task, today())):
        form.errors["due_on"] = lacks
    if form.invalid:
        return postponing(request, portfolio, task, form)
    task.postpone(session, user, form.value)
    return back(request, portfolio, task)


@router.get(f"{ONE}/refusal", name="new_wish_refusal")
def new_refusal(request: Request, portfolio: VisiblePortfolio, task: ManagedTask) -> Response:
    return refusing(request, portfolio, task, Form.blank(BecauseForm))


@router.post(f"{ONE}/refusal", name="refuse_wish")
def refuse(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    task: ManagedTask,
    posted: Posted,
) -> Response:
    form = Form.posted(BecauseForm, posted)
    if form.invalid:
        return refusing(request, portfolio, task, form)
    task.keep_deadline(session, user, form.value.reason)
    return back(request, portfolio, task)


@router.get(f"{ONE}/lapse", name="new_lapse")
def new_lapse(request: Request, portfolio: VisiblePortfolio, task: ManagedTask) -> Response:
    task.require_open()
    return lapsing(request, portfolio, task, Form.blank(BecauseForm))


@router.post(f"{ONE}/lapse", name="lapse_task")
def lapse(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    task: ManagedTask,
    posted: Posted,
) -> Response:
    form = Form.posted(BecauseForm, posted)
    if form.invalid:
        return lapsing(request, portfolio, task, form)
    task.lapse(session, user, form.value.reason)
    return back(request, portfolio, task)


@router.get(f"{ONE}/reopening", name="new_task_reopening")
def new_reopening(request: Request, portfolio: VisiblePortfolio, task: ManagedTask) -> Response:
    return reopening(request, portfolio, task, Form.blank(BecauseForm))


@router.post(f"{ONE}/reopening", name="reopen_task")
def reopen(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    task: ManagedTask,
    posted: Posted,
) -> Response:
    form = Form.posted(BecauseForm, posted)
    if form.invalid:
        return reopening(request, portfolio, task, form)
    task.reopen(session, user, form.value.reason)
    return back(request, portfolio, task)


@router.get(f"{ONE}/handover", name="new_task_handover")
def new_handover(request: Request, session: SessionDep, portfolio: VisiblePortfolio, task: ManagedTask) -> Response:
    task.require_open()
    return handing_over(request, portfolio, task, Form.of(TaskOwner, task, choices(session, task)))


@router.post(f"{ONE}/handover", name="hand_over_task")
def hand_over(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    task: ManagedTask,
    posted: Posted,
) -> Response:
    form = Form.posted(TaskOwner, posted, choices(session, task))
    if form.conflicts_with(task) or form.invalid:
        return handing_over(request, portfolio, task, form)
    task.hand_over(session, user, form.value)
    return back(request, portfolio, task)


def postponing(request: Request, portfolio: Portfolio, task: Task, form: FormOf) -> Response:
    return form_page(request, portfolio, task, form, _("Give it another deadline"), "postpone_task")


def refusing(request: Request, portfolio: Portfolio, task: Task, form: FormOf) -> Response:
    return form_page(request, portfolio, task, form, _("Keep the deadline"), "refuse_wish")


def lapsing(request: Request, portfolio: Portfolio, task: Task, form: FormOf) -> Response:
    return form_page(request, portfolio, task, form, _("Let the task lapse"), "lapse_task")


def reopening(request: Request, portfolio: Portfolio, task: Task, form: FormOf) -> Response:
    return form_page(request, portfolio, task, form, _("Open the task again"), "reopen_task")


def handing_over(request: Request, portfolio: Portfolio, task: Task, form: FormOf) -> Response:
    return form_page(request, portfolio, task, form, _("Make somebody else responsible"), "hand_over_task")


def form_page(request: Request, portfolio: Portfolio, task: Task, form: FormOf, heading: str, action: str) -> Response:
    return show_form(request, "tasks/form.html", form, portfolio=portfolio, task=task, heading=heading, action=action)


def choices(session: Session, task: Task) -> Choices:
    """Who can be responsible: whoever is here today, and whoever is already."""
    units, people = units_on(session, today(), task.owner_unit_id), active_people(session, task.owner_id)
    return {
        "owner_id": [(str(person.pk), f"{person.name}, {person.title}") for person in people],
        "owner_unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units],
    }


def back(request: Request, portfolio: Portfolio, task: Task) -> Response:
    return see_other(request, "task", slug=portfolio.slug, key=task.key)
