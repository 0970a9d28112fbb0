"""Opfølgning: what somebody must do because a meeting decided it, and what came of it (domain.md 2C D10, 5B Q11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from app.i18n import _, danish_order, show_date
from app.models import AgendaItem, Decision, Event, Meeting, Portfolio, Task, User
from app.models.decision import DecisionVerb
from app.models.event import events
from app.models.meeting import MeetingBody
from app.models.task import TaskState, tasks_of, with_sources
from app.tabs.filters import Option

EVENTS_SHOWN = 100


class TaskFilters(BaseModel):
    """What to show: a person by key or a unit by code, a body, a meeting by key. Unknown values show nothing."""

    responsible: str = ""
    body: str = ""
    meeting: str = ""

    @property
    def active(self) -> bool:
        return any(self.model_dump().values())


class GivenBy(BaseModel):
    """The meeting and the decision, by its key, that gave a task. `item` is what it was on, as the agenda names it."""

    meeting_id: int
    body: MeetingBody
    held_on: date
    decision: str
    item: str
    about: str
    verb: DecisionVerb
    sentence: str
    request: str

    @property
    def meeting(self) -> str:
        return f"{self.body} {show_date(self.held_on)}"


class TaskLine(BaseModel):
    """One task on a day. `days_late` and `days_left` are 0 unless it is open and past, or before, its deadline."""

    key: str
    text: str
    evaluation: bool
    state: TaskState
    responsible: str
    responsible_id: int | None
    unit: str
    due_from: date | None
    due_on: date
    first_due_on: date | None
    wished_on: date | None
    days_late: int
    days_left: int
    given_on: date
    given_by: GivenBy | None
    topic: str
    topic_key: str
    number: str
    title: str
    closed: bool
    evidence: str
    ended_on: date | None

    @property
    def who(self) -> str:
        """The person, and the unit where one is responsible; empty when nobody is."""
        return ", ".join(each for each in (self.responsible, self.unit) if each)


class Tasks(BaseModel):
    """The whole tab, as the filters say; `total` is how many there are without them."""

    portfolio: str
    slug: str
    as_of: date
    filters: TaskFilters
    total: int
    overdue: list[TaskLine]
    open: list[TaskLine]
    ended: list[TaskLine]
    people: list[Option] = Field(exclude=True)
    units: list[Option] = Field(exclude=True)
    bodies: list[Option] = Field(exclude=True)
    meetings: list[Option] = Field(exclude=True)

    @property
    def shown(self) -> int:
        return len(self.overdue) + len(self.open) + len(self.ended)


@dataclass
class TaskPage:
    """One task with everything that happened to it, the newest first, and what its reader may do about it."""

    task: Task
    line: TaskLine
    events: list[Event]
    mine: bool
    may_update: bool


def build_tasks(session: Session, portfolio: Portfolio, filters: TaskFilters, day: date) -> Tasks:
    """The tab as the session's reader may see it on a day. Two queries, however many tasks there are."""
    lines = task_lines(session, tasks_of(session, portfolio.pk), day)
    shown = [line for line in lines if _passes(line, filters)]
    ended = [line for line in shown if line.state is not TaskState.open]
    return Tasks(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        as_of=day,
        filters=filters,
        total=len(lines),
        overdue=[line for line in shown if line.days_late],
        open=[line for line in shown if line.state is TaskState.open and not line.days_late],
        ended=sorted(ended, key=lambda line: line.ended_on or line.due_on, reverse=True),
        **_options(lines),
    )


def build_task_page(session: Session, user: User, task: Task, day: date) -> TaskPage:
    """One task; its sources must be loaded. Two queries."""
    [line] = task_lines(session, [task], day)
    return TaskPage(
        task=task,
        line=line,
        events=events(session, of=task, limit=EVENTS_SHOWN),
        mine=user.is_responsible_for(task),
        may_update=user.can_update_task(task),
    )


def lines_where(session: Session, condition: Any, day: date) -> list[TaskLine]:
    """The tasks of which something is true, by deadline. Two queries."""
    return [line for _decision_id, line in lines_by_decision(session, condition, day)]


def lines_by_decision(session: Session, condition: Any, day: date) -> list[tuple[int, TaskLine]]:
    """The same, each with the key of the decision that gave it, or sent its topic; 0 where none did."""
    query = with_sources(select(Task).where(condition))
    tasks = list(session.exec(query.order_by(col(Task.due_on), col(Task.id))))
    lines = task_lines(session, tasks, day)
    return [
        (task.decision_id or (task.topic.decision_id if task.topic else None) or 0, line)
        for task, line in zip(tasks, lines, strict=True)
    ]


def task_lines(session: Session, tasks: Iterable[Task], day: date) -> list[TaskLine]:
    """Tasks with their sources loaded, as a page shows them on a day. One query."""
    tasks = list(tasks)
    items = agenda_items(session, [task.decision for task in tasks if task.decision])
    return [_line(task, items, day) for task in tasks]


def agenda_items(session: Session, decisions: Iterable[Decision]) -> dict[int, AgendaItem]:
    """The items of agendas that decisions were made on, by key."""
    keys = {decision.agenda_item_id for decision in decisions if decision.agenda_item_id is not None}
    return {item.pk: item for item in session.exec(select(AgendaItem).where(col(AgendaItem.id).in_(keys)))}


def decided_on(decision: Decision, items: dict[int, AgendaItem]) -> str:
    """What a decision was made on, as its agenda names it: »1. Opmærksomhedspunkter«, »Punkt 4: Budget«."""
    if decision.recommendation:
        return f"{decision.recommendation.no}. {decision.recommendation.subject}"
    item = items.get(decision.agenda_item_id or 0)
    if item is None:
        return ""
    return _("Item %(no)s: %(title)s") % {"no": item.no, "title": _("closed") if item.closed else item.title}


def _line(task: Task, items: dict[int, AgendaItem], day: date) -> TaskLine:
    decision, project = task.decision, task.project
    left = (task.due_on - day).days if task.is_open else 0
    return TaskLine(
        **task.model_dump(include=set(TaskLine.model_fields)),
        responsible=task.owner.name if task.owner else "",
        responsible_id=task.owner_id,
        unit=task.owner_unit.code if task.owner_unit else "",
        days_late=max(0, -left),
        days_left=max(0, left),
        given_by=_given_by(decision, decision.meeting, items) if decision else None,
        topic=task.topic.title if task.topic else "",
        topic_key=task.topic.key if task.topic else "",
        number=project.number if project else "",
        title=project.title if project else "",
        closed=project.closed if project else False,
    )


def _given_by(decision: Decision, meeting: Meeting, items: dict[int, AgendaItem]) -> GivenBy:
    return GivenBy(
        meeting_id=meeting.pk,
        body=meeting.body,
        held_on=meeting.held_on,
        decision=decision.key,
        item=decided_on(decision, items),
        about=decision.candidate.title if decision.candidate else "",
        verb=decision.verb,
        sentence=decision.sentence,
        request=decision.request,
    )


def _passes(line: TaskLine, filters: TaskFilters) -> bool:
    body = line.given_by.body.value if line.given_by else ""
    meeting = str(line.given_by.meeting_id) if line.given_by else ""
    return (
        filters.responsible in ("", str(line.responsible_id), line.unit or "-")
        and filters.body in ("", body)
        and filters.meeting in ("", meeting)
    )


def _options(lines: list[TaskLine]) -> dict[str, list[Option]]:
    """What the filters offer: only what stands in a task that the reader may see."""
    people = {str(line.responsible_id): line.responsible for line in lines if line.responsible}
    meetings = {line.given_by.meeting_id: line.given_by for line in lines if line.given_by}
    by_day = sorted(meetings.items(), key=lambda each: (each[1].held_on, each[0]), reverse=True)
    found = {given.body for given in meetings.values()}
    return {
        "people": [
            Option(value=key, label=name)
            for key, name in sorted(people.items(), key=lambda each: danish_order(each[1]))
        ],
        "units": [
            Option(value=code, label=code)
            for code in sorted({line.unit for line in lines if line.unit}, key=danish_order)
        ],
        "bodies": [Option(value=body.value, label=str(body)) for body in MeetingBody if body in found],
        "meetings": [Option(value=str(key), label=given.meeting) for key, given in by_day],
    }
