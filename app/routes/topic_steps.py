"""What happens to a topic: put on an agenda, moved, taken off, treated, lapsed, reopened; and the tasks it gives."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, ManagedTopic, VisiblePortfolio
from app.db import SessionDep
from app.i18n import _
from app.models import Portfolio, Topic
from app.models.task import TaskForm
from app.models.topic import AgendaPlace, TopicState
from app.models.topic_entry import MoveForm, OutcomeEntry, ReasonForm, meetings_to_choose, responsible
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
TOPIC = "/portfolios/{slug}/topics/{key}"


@router.get(f"{TOPIC}/meeting", name="plan_topic")
def choose_meeting(request: Request, session: SessionDep, portfolio: VisiblePortfolio, topic: ManagedTopic) -> Response:
    topic.require(TopicState.sent, TopicState.planned, TopicState.treated)
    offered = meetings(session, topic)
    soonest = next((key for key, _label in offered["meeting_id"]), None)
    form = Form.blank(AgendaPlace, offered, meeting_id=soonest, minutes=topic.minutes)
    return placing(request, portfolio, topic, form)


@router.post(f"{TOPIC}/meeting", name="put_topic_on_agenda")
def put_on(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    topic: ManagedTopic,
    posted: Posted,
) -> Response:
    form = Form.posted(AgendaPlace, posted, meetings(session, topic))
    if form.invalid:
        return placing(request, portfolio, topic, form)
    [meeting] = [each for each in meetings_to_choose(session, topic) if each.pk == form.value.meeting_id]
    topic.put_on(session, user, meeting, form.value.minutes)
    return back(request, portfolio, topic)


@router.post(f"{TOPIC}/postponement", name="take_topic_off")
def take_off(
    request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio, topic: ManagedTopic
) -> Response:
    topic.take_off(session, user)
    return back(request, portfolio, topic)


@router.post(f"{TOPIC}/position", name="move_topic")
def move(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    topic: ManagedTopic,
    posted: Posted,
) -> Response:
    topic.move(session, user, up=Form.posted(MoveForm, posted).value.up)
    return see_other(request, "meeting", meeting_id=topic.meeting_id, anchor="topics")


@router.get(f"{TOPIC}/outcome", name="edit_outcome")
def write(request: Request, session: SessionDep, portfolio: VisiblePortfolio, topic: ManagedTopic) -> Response:
    topic.require(TopicState.sent, TopicState.planned, TopicState.treated)
    held_on = topic.forum.held_on if topic.forum and topic.forum.held_on < today() else today()
    form = Form.of(OutcomeEntry, topic, responsible(session), treated_on=topic.treated_on or held_on, **NO_TASK)
    return outcome(request, portfolio, topic, form)


@router.post(f"{TOPIC}/outcome", name="save_outcome")
def treat(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    topic: ManagedTopic,
    posted: Posted,
) -> Response:
    form = Form.posted(OutcomeEntry, posted, responsible(session))
    if form.meant:
        form.errors |= topic.lacking(form.meant, has_task=bool(form.meant.task))
    if form.conflicts_with(topic, **NO_TASK) or form.invalid:
        return outcome(request, portfolio, topic, form)
    topic.treat(session, user, form.value.said, *form.value.tasks)
    return back(request, portfolio, topic)


@router.get(f"{TOPIC}/tasks/new", name="new_topic_task")
def begin_task(request: Request, session: SessionDep, portfolio: VisiblePortfolio, topic: ManagedTopic) -> Response:
    topic.require(TopicState.sent, TopicState.planned, TopicState.treated)
    return task(request, portfolio, topic, Form.blank(TaskForm, responsible(session)))


@router.post(f"{TOPIC}/tasks", name="create_topic_task")
def give_task(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    topic: ManagedTopic,
    posted: Posted,
) -> Response:
    form = Form.posted(TaskForm, posted, responsible(session))
    if form.invalid:
        return task(request, portfolio, topic, form)
    topic.give_task(session, user, form.value)
    return back(request, portfolio, topic)


@router.get(f"{TOPIC}/lapse", name="confirm_lapse")
def ask_why(request: Request, portfolio: VisiblePortfolio, topic: ManagedTopic) -> Response:
    topic.require(TopicState.sent, TopicState.planned)
    return lapsing(request, portfolio, topic, Form.blank(ReasonForm))


@router.post(f"{TOPIC}/lapse", name="let_topic_lapse")
def lapse(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    topic: ManagedTopic,
    posted: Posted,
) -> Response:
    form = Form.posted(ReasonForm, posted)
    if form.invalid:
        return lapsing(request, portfolio, topic, form)
    topic.lapse(session, user, form.value.reason)
    return back(request, portfolio, topic)


@router.get(f"{TOPIC}/reopening", name="confirm_topic_reopening")
def ask_why_again(request: Request, portfolio: VisiblePortfolio, topic: ManagedTopic) -> Response:
    topic.require(TopicState.treated, TopicState.lapsed)
    return reopening(request, portfolio, topic, Form.blank(ReasonForm))


@router.post(f"{TOPIC}/reopening", name="reopen_topic")
def reopen(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    topic: ManagedTopic,
    posted: Posted,
) -> Response:
    form = Form.posted(ReasonForm, posted)
    if form.invalid:
        return reopening(request, portfolio, topic, form)
    topic.reopen(session, user, form.value.reason)
    return back(request, portfolio, topic)


NO_TASK: dict[str, Any] = {"task": "", "owner_id": None, "owner_unit_id": None, "due_on": None}
"""The topic has somebody responsible and a date too: a task begins without them."""


def meetings(session: Session, topic: Topic) -> Choices:
    return {"meeting_id": [(str(each.pk), str(each)) for each in meetings_to_choose(session, topic)]}


def back(request: Request, portfolio: Portfolio, topic: Topic) -> Response:
    return see_other(request, "topic", slug=portfolio.slug, key=topic.key)


def placing(request: Request, portfolio: Portfolio, topic: Topic, form: FormOf) -> Response:
    return step(request, portfolio, topic, form, _("Put on an agenda"), "put_topic_on_agenda")


def outcome(request: Request, portfolio: Portfolio, topic: Topic, form: FormOf) -> Response:
    return show_form(request, "topics/outcome.html", form, portfolio=portfolio, topic=topic)


def task(request: Request, portfolio: Portfolio, topic: Topic, form: FormOf) -> Response:
    return step(request, portfolio, topic, form, _("New task"), "create_topic_task")


def lapsing(request: Request, portfolio: Portfolio, topic: Topic, form: FormOf) -> Response:
    return step(request, portfolio, topic, form, _("Let the topic lapse"), "let_topic_lapse")


def reopening(request: Request, portfolio: Portfolio, topic: Topic, form: FormOf) -> Response:
    return step(request, portfolio, topic, form, _("Take the topic up again"), "reopen_topic")


def step(request: Request, portfolio: Portfolio, topic: Topic, form: FormOf, heading: str, action: str) -> Response:
    return show_form(
        request, "topics/step.html", form, portfolio=portfolio, topic=topic, heading=heading, action=action
    )
