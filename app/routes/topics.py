from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, ManagedTopic, SecretariatUser, VisiblePortfolio, VisibleTopic
from app.db import SessionDep
from app.models import Portfolio, Topic
from app.models.placement import projects_on_list
from app.models.topic import TopicForm, change_topic, send
from app.models.topic_entry import ORIGINS, TopicEntry, origin_of, responsible, suggested
from app.settings import today
from app.tabs.topic import forum_topic
from app.web import Choices, Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)
TOPICS = "/portfolios/{slug}/topics"
Key = Annotated[str, Query(max_length=20)]


@router.get(f"{TOPICS}/new", name="new_topic")
def new(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    decision: Key = "",
    candidate: Key = "",
    proposal: Key = "",
) -> Response:
    keys = {"decision": decision, "candidate": candidate, "proposal": proposal}
    origin = origin_of(session, portfolio.pk, **keys)
    form = Form.blank(TopicEntry, sending(session, portfolio), **suggested(origin), **keys)
    return page(request, portfolio, form)


@router.post(TOPICS, name="create_topic")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, posted: Posted
) -> Response:
    form = Form.posted(TopicEntry, posted, sending(session, portfolio))
    if form.invalid:
        return page(request, portfolio, form)
    keys = {name: getattr(form.value, name) for name in ORIGINS}
    origin = origin_of(session, portfolio.pk, project=form.value.project, **keys)
    topic = send(session, user, portfolio.pk, form.value.said, origin)
    return see_other(request, "topic", slug=portfolio.slug, key=topic.key)


@router.get(f"{TOPICS}/{{key}}", name="topic")
def show(request: Request, portfolio: VisiblePortfolio, topic: VisibleTopic, user: CurrentUser) -> Response:
    return render(request, "topics/show.html", portfolio=portfolio, topic=forum_topic(topic, today()))


@router.get(f"{TOPICS}/{{key}}/edit", name="edit_topic")
def edit(request: Request, session: SessionDep, portfolio: VisiblePortfolio, topic: ManagedTopic) -> Response:
    return page(request, portfolio, Form.of(TopicForm, topic, responsible(session, topic)), topic)


@router.post(f"{TOPICS}/{{key}}/edit", name="save_topic")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    topic: ManagedTopic,
    posted: Posted,
) -> Response:
    form = Form.posted(TopicForm, posted, responsible(session, topic))
    if form.conflicts_with(topic) or form.invalid:
        return page(request, portfolio, form, topic)
    change_topic(session, user, topic, form.value)
    return see_other(request, "topic", slug=portfolio.slug, key=topic.key)


def sending(session: Session, portfolio: Portfolio) -> Choices:
    projects = projects_on_list(session, portfolio.pk, today())
    return {**responsible(session), "project": [(each.number, str(each)) for each in projects]}


def page(request: Request, portfolio: Portfolio, form: FormOf, topic: Topic | None = None) -> Response:
    return show_form(request, "topics/form.html", form, portfolio=portfolio, topic=topic)
