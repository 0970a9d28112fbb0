"""What somebody must do: everything on the list that waits for this person, in the order of the deadlines."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import Session, col, func, or_, select

from app.i18n import _, danish_order, ngettext, show_date
from app.models import (
    EffectTarget,
    Milestone,
    Person,
    Portfolio,
    Project,
    Proposal,
    Report,
    ReportingRound,
    Topic,
    User,
)
from app.models.access_review import due_on, latest_review
from app.models.base import columns, rel
from app.models.deputy import stands_in
from app.models.effect_target import IndicatorType, final_figure_missing
from app.models.error_report import errors_waiting
from app.models.measurement import Measured, latest_measurements
from app.models.milestone import last_day
from app.models.placement import on_list
from app.models.proposal import Fate, ProposalKind, all_proposals
from app.models.report import ApprovedAs, ReportState
from app.models.reporting_round import RoundState
from app.models.role import Role
from app.models.task import Task, TaskState
from app.models.topic import topics_awaiting
from app.tabs.accessibility import renew_by, too_old
from app.tabs.effect_duties import EffectAsk, EffectDuty, build_effect_duties, figure_due_on, still_followed
from app.tabs.task_duties import TaskAsk, TaskDuty, build_task_force_duties

TASK_SOON = timedelta(days=183)
"""How long before its deadline a task from a decision stands among the tasks of whoever is responsible: half a year, so
that it has been seen in a round. One with a window stands there from its first day."""

SOON = timedelta(days=14)
"""How long before it opens a planned round stands among the secretariat's tasks, and a topic among its owner's; and
the review of who may see what before it is due."""


@dataclass(frozen=True)
class Todo:
    """One thing to do: what, said as a request; for which project, if one; by when, if that is known; and where."""

    what: str
    address: str
    day: date
    due_on: date | None = None
    number: str = ""
    title: str = ""
    note: str = ""
    approves: bool = False

    @property
    def days_left(self) -> int | None:
        """Days to the deadline; negative when it has passed."""
        return (self.due_on - self.day).days if self.due_on else None

    @property
    def order(self) -> tuple[date, str, str]:
        """By deadline; what has none comes last."""
        return self.due_on or date.max, self.number, danish_order(self.what)


def build_todos(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """Everything that waits for the user on a day. A fixed number of queries, however many projects there are."""
    todos = []
    if user.can_run_the_list:
        todos = _of_the_round(session, portfolio, day) + _errors(session, day) + _access_review(session, day)
    if user.has(Role.admin):
        todos += _accounts(session, portfolio, day) + _statement(day)
    if user.can_run_the_list or user.person_id is not None:
        todos += _tasks(session, user, portfolio, day)
        todos += _topics(session, user, portfolio, day)
        todos += _task_forces(session, user, portfolio, day)
        todos += _effects(session, user, portfolio, day)
    if user.person_id is not None:
        todos += _statuses(session, user, portfolio, day)
        todos += _figures(session, user, portfolio, day)
        todos += _milestones(session, user, portfolio, day)
    return sorted(todos, key=lambda todo: todo.order)


def _statuses(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """What the user writes, corrects and approves in the round under way, as leader, owner or deputy."""
    query = (
        select(Report)
        .join(rel(Report.round))
        .join(rel(Report.project))
        .where(
            on_list(portfolio.pk, day),
            col(ReportingRound.state).in_((RoundState.open, RoundState.closed_for_leaders)),
            col(Report.state).in_((ReportState.draft, ReportState.returned, ReportState.submitted)),
            or_(
                Project.leader_id == user.person_id,
                Project.owner_id == user.person_id,
                col(Project.id).in_(stands_in(user.person_id, day)),
            ),
        )
        .options(
            contains_eager(rel(Report.round)),
            contains_eager(rel(Report.project)).selectinload(rel(Project.deputies)),
            contains_eager(rel(Report.project)).selectinload(rel(Project.placements)),
            contains_eager(rel(Report.project)).joinedload(rel(Project.owner)),
            joinedload(rel(Report.author)),
        )
    )
    found = (_status(report, user, day) for report in session.exec(query).unique())
    return [todo for todo in found if todo]


def _status(report: Report, user: User, day: date) -> Todo | None:
    project, round_ = report.project, report.round
    todo = partial(Todo, day=day, number=project.number, title=project.title)
    here, said = f"/projects/{project.number}/reports/{round_.key}", {"round": round_.name}
    if report.can_be_written and user.can_write_status(project):
        if not report.returned_reason:
            what = _("Write the status for %(round)s") % said
            return todo(what, f"{here}/edit", due_on=round_.leader_deadline_on)
        late = day > round_.leader_deadline_on
        due_on = round_.owner_deadline_on if late else round_.leader_deadline_on
        note = _("Returned: %(reason)s") % {"reason": report.returned_reason}
        return todo(_("Correct the status for %(round)s") % said, f"{here}/edit", due_on=due_on, note=note)
    acting_as = user.acts_as(project)
    mine = report.state is ReportState.submitted and acting_as in (ApprovedAs.owner, ApprovedAs.deputy)
    if not mine or not user.can_approve(report):
        return None
    note = _("Submitted by %(name)s %(day)s") % {"name": report.author or "?", "day": show_date(report.submitted_at)}
    if acting_as is ApprovedAs.deputy:
        note += " · " + _("you are the deputy of %(owner)s") % {"owner": project.owner or "?"}
    what = _("Approve the status for %(round)s") % said
    return todo(what, f"{here}/approval", due_on=round_.owner_deadline_on, note=note, approves=True)


def _figures(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """The figures that are due for effect targets that the user owns, and for those of projects the user leads.

    Also for a project that has left the list and whose effects are still followed.
    """
    query = (
        select(EffectTarget, Project)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(
            or_(EffectTarget.owner_id == user.person_id, Project.leader_id == user.person_id),
            or_(on_list(portfolio.pk, day), still_followed(day)),
            ~col(EffectTarget.withdrawn),
            EffectTarget.indicator_type != IndicatorType.context,
        )
    )
    latest = latest_measurements(session, day)
    todos = (_figure(target, project, latest.get(target.pk), user, day) for target, project in session.exec(query))
    return [todo for todo in todos if todo]


def _figure(target: EffectTarget, project: Project, measured: Measured | None, user: User, day: date) -> Todo | None:
    measured_until = measured.last_day if measured else None
    due_on = figure_due_on(target, measured_until)
    if due_on is None or due_on > day:
        return None
    if final_figure_missing(target, measured_until, day):
        note = _("The target date has passed and no figure stands for it.")
    elif measured_until:
        note = _("Last measured %(day)s") % {"day": show_date(measured_until)}
    else:
        note = _("Not measured since the baseline")
    page = f"/projects/{project.number}"
    form = f"{page}/effect-targets/{target.no}/measurements/new"
    enters = user.can_edit(project)
    what = _("Enter a figure for »%(target)s«") if enters else _("Give the project leader a figure for »%(target)s«")
    return Todo(
        what % {"target": target.name},
        form if enters else page,
        day,
        due_on,
        project.number,
        project.title,
        note,
    )


def _effects(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """The follow-ups of effects that the user owns or approves, and for the secretariat those that are overdue."""
    return [
        _effect(duty, day)
        for duty in build_effect_duties(session, portfolio, day)
        if user.person_id in duty.people or (user.can_run_the_list and duty.due_on < day)
    ]


def _effect(duty: EffectDuty, day: date) -> Todo:
    wanted = {
        EffectAsk.report: _("Say what came of »%(target)s«"),
        EffectAsk.correct: _("Correct the follow-up of »%(target)s«"),
        EffectAsk.approve: _("Approve the follow-up of »%(target)s«"),
    }
    what = wanted[duty.ask] % {"target": duty.target}
    note = _("Returned: %(reason)s") % {"reason": duty.reason} if duty.ask is EffectAsk.correct else ""
    return Todo(what, duty.address, day, duty.due_on, duty.number, duty.title, note)


def _milestones(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """The overdue milestones of projects that the user leads."""
    query = (
        select(Milestone, Project)
        .join(Project, col(Project.id) == Milestone.project_id)
        .where(
            Project.leader_id == user.person_id,
            on_list(portfolio.pk, day),
            col(Milestone.done_on).is_(None),
            col(Milestone.dropped_on).is_(None),
            Milestone.due_on < day,
        )
    )
    return [
        Todo(
            _("Follow up the milestone »%(milestone)s«") % {"milestone": milestone.text},
            f"/projects/{project.number}/milestones/{milestone.no}/edit",
            day,
            last_day(milestone.due_on, milestone.precision),
            project.number,
            project.title,
            _("Say that it is done, or move its date."),
        )
        for milestone, project in session.exec(query)
        if milestone.days_late(day)
    ]


def _tasks(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """The user's own tasks from decisions; for the secretariat also those of others that are overdue or must have an
    answer about their deadline."""
    query = (
        select(Task)
        .where(Task.portfolio_id == portfolio.pk, Task.state == TaskState.open)
        .options(joinedload(rel(Task.owner)), joinedload(rel(Task.owner_unit)), joinedload(rel(Task.project)))
    )
    return [todo for task in session.exec(query) for todo in _of_task(task, user, portfolio, day)]


def _of_task(task: Task, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    mine = user.is_responsible_for(task)
    who = ", ".join(str(each) for each in (task.owner, task.owner_unit) if each)
    project = task.project
    todo = partial(
        Todo,
        address=f"/portfolios/{portfolio.slug}/tasks/{task.key}",
        day=day,
        due_on=task.due_on,
        number=project.number if project else "",
        title=project.title if project else "",
        note="" if mine else _("Responsible: %(who)s") % {"who": who or _("nobody")},
    )
    said = {"task": task.text}
    begins_on = min(task.due_from or task.due_on, task.due_on - TASK_SOON)
    todos = []
    if user.can_run_tasks and task.wished_on:
        todos.append(todo(_("Answer the wish for another deadline: »%(task)s«") % said))
    if mine and begins_on <= day:
        todos.append(todo((_("Make the evaluation: »%(task)s«") if task.evaluation else "%(task)s") % said))
    elif user.can_run_tasks and task.due_on < day:
        todos.append(todo(_("Follow up the task »%(task)s«") % said))
    return todos


def _topics(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """The topics for the management forum that the user is responsible for, from 14 days before they are due; for the
    secretariat those without a meeting, and those of which nobody has written down what came (R104, Q15)."""
    found = (_topic(topic, user, portfolio, day) for topic in topics_awaiting(session, portfolio.pk))
    return [todo for todo in found if todo]


def _topic(topic: Topic, user: User, portfolio: Portfolio, day: date) -> Todo | None:
    meeting, project = topic.forum, topic.project
    held_on = meeting.held_on if meeting else None
    todo = partial(
        Todo,
        address=f"/portfolios/{portfolio.slug}/topics/{topic.key}",
        day=day,
        number=project.number if project else "",
        title=project.title if project else "",
    )
    said = {"topic": topic.title}
    if user.can_run_the_list and topic.has_been_up(day):
        return todo(_("Write what came of the topic »%(topic)s«") % said, due_on=held_on)
    if user.can_run_the_list and meeting is None:
        note = _("Sent %(day)s") % {"day": show_date(topic.sent_on)}
        return todo(_("Find a meeting for the topic »%(topic)s«") % said, due_on=topic.due_on, note=note)
    due_on = held_on if held_on and not topic.has_been_up(day) else topic.due_on
    if user.is_responsible_for(topic) and due_on and due_on <= day + SOON:
        what = _("Prepare the topic »%(topic)s«") if held_on == due_on else _("Have the topic »%(topic)s« treated")
        return todo(what % said, due_on=due_on, note=_("Management forum"))
    return None


def _task_forces(session: Session, user: User, portfolio: Portfolio, day: date) -> list[Todo]:
    """Task forces that are due for their quarterly follow-up, and whatever expires without a decision.

    For whoever sees to it, and for the secretariat all of them (domain.md R42, R53).
    """
    return [
        _task_force(duty, day)
        for duty in build_task_force_duties(session, portfolio, day)
        if (user.can_run_the_list or user.person_id in duty.people)
        and (duty.ask is TaskAsk.expiry or duty.due_on <= day)
    ]


def _task_force(duty: TaskDuty, day: date) -> Todo:
    if duty.ask is TaskAsk.expiry:
        what = _("Have it decided what happens when it expires")
        note = _("Record the decision as a new date, or end the project.")
    else:
        what = _("Follow up the task force")
        note = _("Never followed up")
        if duty.last_on:
            note = _("Last followed up %(day)s") % {"day": show_date(duty.last_on)}
    return Todo(what, duty.address, day, duty.due_on, duty.number, duty.title, note)


def _of_the_round(session: Session, portfolio: Portfolio, day: date) -> list[Todo]:
    """What the secretariat sees to: projects without a name, and what the current and the planned rounds wait for."""
    rounds = list(session.exec(select(ReportingRound).where(ReportingRound.portfolio_id == portfolio.pk)))
    current = max((each for each in rounds if each.was_opened), key=lambda each: each.as_of, default=None)
    counts: dict[int, Counter[ReportState]] = defaultdict(Counter)
    reports = (
        columns(Report.round_id, Report.state, func.count())
        .join(Project, col(Project.id) == Report.project_id)
        .where(on_list(portfolio.pk, day))
        .group_by(Report.round_id, Report.state)
    )
    for key, state, count in session.exec(reports):
        counts[key][state] = count
    todos = [
        todo
        for each in rounds
        if each is current or not each.was_opened
        for todo in _of_one_round(portfolio, each, counts[each.pk], day)
    ]
    nameless = select(Project).where(
        on_list(portfolio.pk, day), or_(col(Project.leader_id).is_(None), col(Project.owner_id).is_(None))
    )
    moves = [_move(portfolio, each, day) for each in all_proposals(session, portfolio.pk) if each.fate is Fate.agreed]
    return todos + [_name(project, day) for project in session.exec(nameless)] + [move for move in moves if move]


def _move(portfolio: Portfolio, proposal: Proposal, day: date) -> Todo | None:
    """What the board has agreed to and nobody has done: the project is still where it was."""
    asks = {
        ProposalKind.listing: _("Place »%(title)s« on the list"),
        ProposalKind.removal: _("Take »%(title)s« off the list"),
    }
    if proposal.kind not in asks:
        return None
    return Todo(
        asks[proposal.kind] % {"title": proposal.title},
        f"/portfolios/{portfolio.slug}/proposals/{proposal.key}",
        day,
        number=proposal.project.number if proposal.project else "",
        title=proposal.project.title if proposal.project else "",
        note=_("The executive board has agreed; the list has not been changed yet"),
    )


def _of_one_round(portfolio: Portfolio, round_: ReportingRound, counts: Counter[ReportState], day: date) -> list[Todo]:
    todo = partial(Todo, address=f"/portfolios/{portfolio.slug}/rounds/{round_.key}", day=day, title=round_.name)
    missing, waiting = counts[ReportState.draft] + counts[ReportState.returned], counts[ReportState.submitted]
    match round_.state:
        case RoundState.planned:
            soon = round_.opens_on <= day + SOON
            return [todo(_("Open the round"), due_on=round_.opens_on)] if soon else []
        case RoundState.open | RoundState.closed_for_leaders:
            todos = [todo(_("Freeze the round"), due_on=round_.as_of)]
            if waiting:
                awaits = ngettext(
                    "Follow up %(n)s status that awaits approval",
                    "Follow up %(n)s statuses that await approval",
                    waiting,
                )
                todos.append(todo(awaits % {"n": waiting}, due_on=round_.owner_deadline_on))
            if missing:
                lacks = ngettext(
                    "Follow up %(n)s status that is missing", "Follow up %(n)s statuses that are missing", missing
                )
                todos.append(todo(lacks % {"n": missing}, due_on=round_.leader_deadline_on))
            return todos
        case RoundState.frozen if round_.board_on and round_.board_on <= day + SOON:
            return [todo(_("Record that the round has been before the board"), due_on=round_.board_on)]
    return []


def _name(project: Project, day: date) -> Todo:
    """What a project without an owner or a leader asks of the secretariat."""
    if project.owner_id is None and project.leader_id is None:
        what = _("Name a project owner and a project leader")
    else:
        what = _("Name a project owner") if project.owner_id is None else _("Name a project leader")
    return Todo(what, f"/projects/{project.number}/edit", day, number=project.number, title=project.title)


def _errors(session: Session, day: date) -> list[Todo]:
    """What has been reported as wrong and waits for the secretariat."""
    count = errors_waiting(session)
    what = ngettext("Answer %(n)s reported error", "Answer %(n)s reported errors", count)
    return [Todo(what % {"n": count}, "/error-reports", day)] if count else []


def _access_review(session: Session, day: date) -> list[Todo]:
    """The review of who may see what, from 14 days before the half-year ends."""
    by = due_on(latest_review(session), day)
    return [Todo(_("Review who may see what"), "/access-review", day, by)] if by <= day + SOON else []


def _accounts(session: Session, portfolio: Portfolio, day: date) -> list[Todo]:
    """What an administrator sees to: whoever leads or owns a project must be able to sign in."""
    count = len(without_account(session, portfolio, day))
    what = ngettext(
        "Make an account for %(n)s person who leads or owns a project",
        "Make accounts for %(n)s people who lead or own a project",
        count,
    )
    return [Todo(what % {"n": count}, "/users#without", day)] if count else []


def _statement(day: date) -> list[Todo]:
    """What the law asks of whoever runs the list: a statement that is not older than a year."""
    if not too_old(day):
        return []
    note = _("It must be gone through every year. Bring the list up to date, or ask whoever runs it to.")
    return [Todo(_("Renew the accessibility statement"), "/accessibility", day, renew_by(), note=note)]


def without_account(session: Session, portfolio: Portfolio, day: date) -> list[Person]:
    """Who leads or owns a project on the list without an account that can sign in, in Danish order of the name."""
    signs_in = select(User.id).where(User.person_id == Person.id, col(User.active)).exists()
    query = (
        select(Person)
        .join(Project, or_(Project.leader_id == Person.id, Project.owner_id == Person.id))
        .where(on_list(portfolio.pk, day), ~signs_in)
        .distinct()
    )
    return sorted(session.exec(query), key=lambda person: danish_order(person.name))
