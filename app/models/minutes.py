"""Taking down what a meeting decided: what a decision must say first, and the tasks that come of it (I19, R103)."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlmodel import Session, and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from app.errors import DomainError
from app.i18n import _, show_date
from app.models.agenda_item import AgendaItem
from app.models.base import rel
from app.models.candidate import Candidate
from app.models.decision import MATTER, ON_ITSELF, Decision, DecisionForm, DecisionVerb, decisions_of, with_everything
from app.models.event import Facts, add, record
from app.models.meeting import Meeting, MeetingState, meeting_on
from app.models.placement import moved_by
from app.models.project import Project
from app.models.proposal import Proposal
from app.models.recommendation import Recommendation, recommendations_of
from app.models.reporting_round import ReportingRound, RoundState
from app.models.task import Task, TaskForm, TaskState
from app.settings import now, today

if TYPE_CHECKING:
    from app.models.user import User


@dataclass(frozen=True)
class Matter:
    """What a decision is on: a recommendation, or one of its candidates, or another item; and for which project."""

    recommendation: Recommendation | None = None
    agenda_item: AgendaItem | None = None
    candidate: Candidate | None = None
    proposal: Proposal | None = None
    project: Project | None = None

    def __str__(self) -> str:
        """What the page of a decision says that it is on; empty for one that stands alone."""
        on = self.candidate or self.agenda_item or self.recommendation or self.proposal
        return ": ".join(str(part) for part in (on, self.project) if part)

    @property
    def keys(self) -> dict[str, Any]:
        """The columns of a decision that say what it is on; a candidate brings its project and its proposal."""
        proposal_id = self.proposal.pk if self.proposal else self.candidate.proposal_id if self.candidate else None
        project_id = self.project.pk if self.project else self.candidate.project_id if self.candidate else None
        if project_id is None and self.proposal:
            project_id = self.proposal.project_id
        return {
            "recommendation_id": self.recommendation.pk if self.recommendation else None,
            "agenda_item_id": self.agenda_item.pk if self.agenda_item else None,
            "candidate_id": self.candidate.pk if self.candidate else None,
            "proposal_id": proposal_id,
            "project_id": project_id,
        }

    @property
    def alone(self) -> bool:
        """Whether it is on nothing that a later meeting could take up again."""
        return not any(key for name, key in self.keys.items() if name != "project_id")

    @property
    def once(self) -> bool:
        """Whether a meeting decides on it once: a recommendation, and a candidate; of an item it may decide more."""
        return self.recommendation is not None or self.candidate is not None


def lacking_in(form: DecisionForm, held_on: date, *, has_task: bool, alone: bool = False) -> dict[str, str]:
    """What a decision must say before it is taken down, by field; invariant I19 is the last.

    One that stands alone, on nothing that could be taken up again, defers nothing.
    """
    missing: dict[str, str] = {}
    if form.verb is DecisionVerb.deferred and alone:
        missing["verb"] = _("Only what is on an agenda can be deferred. Add it to the agenda first")
    if form.verb is DecisionVerb.approved_with and not form.text:
        missing["text"] = _("Write what it was approved on the understanding of")
    if form.verb is DecisionVerb.deferred and (form.deferred_to is None or form.deferred_to <= held_on):
        missing["deferred_to"] = _("Write a day after the meeting")
    asks = form.verb is DecisionVerb.approved_with or bool(form.request)
    if asks and not has_task and not form.no_follow_up:
        missing["no_follow_up"] = _("Add a task, or write why nothing is followed up")
    return missing


def decide(
    session: Session, by: "User | None", meeting: Meeting, matter: Matter, form: DecisionForm, *tasks: TaskForm
) -> Decision:
    """Takes down a decision with its tasks, as one event. The same matter may be decided again at another meeting."""
    meeting.require(MeetingState.planned, MeetingState.held)
    if missing := lacking_in(form, meeting.held_on, has_task=bool(tasks), alone=matter.alone):
        raise DomainError(next(iter(missing.values())))
    if matter.once and decided_already(session, meeting, matter):
        raise DomainError(_("The meeting has decided on it already. Annul that decision first."))
    given = form.model_dump() | {"deferred_to": form.deferred_to if form.verb is DecisionVerb.deferred else None}
    decision = Decision(**given, **matter.keys, meeting_id=meeting.pk, recorded_at=now())
    session.add(decision)
    session.flush()
    rows = [task_from(decision, meeting, each) for each in tasks]
    session.add_all(rows)
    session.flush()
    after: Facts = {name: value for name, value in given.items() if value not in (None, "")}
    if rows:
        after["tasks"] = [f"{row.text} ({show_date(row.due_on)})" for row in rows]
    record(session, by, "recorded", decision, project_id=decision.project_id, after=after)
    return decision


def task_from(decision: Decision, meeting: Meeting, form: TaskForm) -> Task:
    """The task that a decision gives somebody."""
    return Task(
        **form.model_dump(),
        portfolio_id=meeting.portfolio_id,
        decision_id=decision.pk,
        project_id=decision.project_id,
        given_on=meeting.held_on,
    )


def decided_already(session: Session, meeting: Meeting, matter: Matter) -> bool:
    """Whether a decision of this meeting on exactly this stands."""
    query = select(Decision.id).where(Decision.meeting_id == meeting.pk, col(Decision.annulled_at).is_(None))
    for column, key in matter.keys.items():
        query = query.where(getattr(Decision, column) == key)
    return session.exec(query.limit(1)).first() is not None


def add_task(session: Session, by: "User", decision: Decision, form: TaskForm) -> Task:
    """One more task that a decision gives somebody."""
    if not decision.stands:
        raise DomainError(_("The decision has been annulled."))
    task = task_from(decision, decision.meeting, form)
    add(session, by, task, form, project_id=decision.project_id)
    return task


def annul(session: Session, by: "User", decision: Decision, reason: str) -> None:
    """What was taken down by mistake stays in the log and is no longer a decision (decision 15 of product.md)."""
    if not decision.stands:
        raise DomainError(_("The decision has already been annulled."))
    if moved_by(session, decision):
        raise DomainError(_("A project's place on the list rests on the decision: it cannot be annulled."))
    if decision.answers_all and _concluded(session, decision):
        raise DomainError(_("The round is concluded: what was decided on its recommendations stands."))
    decision.annulled_at, decision.annulled_reason = now(), reason
    open_ones = select(Task).where(Task.decision_id == decision.pk, Task.state == TaskState.open)
    lapsed = list(session.exec(open_ones.order_by(col(Task.id))))
    for task in lapsed:
        task.state, task.ended_on = TaskState.lapsed, today()
        task.evidence = _("The decision was annulled: %(reason)s") % {"reason": reason}
    after: Facts = {"reason": reason} | ({"tasks": [str(task) for task in lapsed]} if lapsed else {})
    record(session, by, "annulled", decision, project_id=decision.project_id, after=after)


def _concluded(session: Session, decision: Decision) -> bool:
    """Whether it answers a recommendation of a round in which nothing more can happen."""
    query = select(ReportingRound.state).join(Meeting).join(Recommendation)
    return session.exec(query.where(Recommendation.id == decision.recommendation_id)).first() is RoundState.finished


def unanswered(session: Session, meeting: Meeting) -> list[Recommendation]:
    """The recommendations of a meeting on which nothing has been decided, at whichever meeting."""
    query = select(Decision.recommendation_id).where(*ON_ITSELF, col(Decision.annulled_at).is_(None))
    answered = set(session.exec(query.where(col(Decision.recommendation_id).is_not(None))))
    return [each for each in recommendations_of(session, meeting) if each.pk not in answered]


def hold_meeting_on(session: Session, by: "User", round_: ReportingRound) -> None:
    """The board has met on a round."""
    meeting = meeting_on(session, round_.pk, for_update=True)
    if meeting is None:
        raise DomainError(_("Prepare the meeting on the round first, and take down what it decided."))
    meeting.hold(session, by)


def conclude(session: Session, by: "User", round_: ReportingRound) -> None:
    """Nothing more can happen in the round: every recommendation of its meeting has an answer (domain.md 3D)."""
    meeting = meeting_on(session, round_.pk, for_update=True)
    if meeting is None:
        raise DomainError(_("Prepare the meeting on the round first, and take down what it decided."))
    round_.finish(session, by, [f"{each.no}. {each.subject}" for each in unanswered(session, meeting)])


def call_off(session: Session, by: "User", meeting: Meeting) -> None:
    """The meeting is cancelled, as long as nothing was decided at it."""
    if decisions_of(session, meeting):
        raise DomainError(_("The meeting has decided something. Annul its decisions first."))
    meeting.cancel(session, by)


def decisions_shown_at(session: Session, meeting: Meeting) -> list[Decision]:
    """What a meeting decided, and what others decided on its recommendations, items and candidates, the first first.

    With who is responsible for the tasks (domain.md R102).
    """
    own = select(Recommendation.id).where(Recommendation.meeting_id == meeting.pk)
    items = select(func.coalesce(AgendaItem.continues_id, AgendaItem.id)).where(AgendaItem.meeting_id == meeting.pk)
    query = select(Decision).where(
        col(Decision.annulled_at).is_(None),
        or_(
            Decision.meeting_id == meeting.pk,
            col(Decision.recommendation_id).in_(own),
            col(Decision.agenda_item_id).in_(items),
        ),
    )
    return _by_meeting(session, query)


def decisions_on_the_list(session: Session, meeting: Meeting) -> list[Decision]:
    """What was decided on a meeting's recommendations and their candidates, at whichever meeting (R102)."""
    recommended = select(Recommendation.id).where(Recommendation.meeting_id == meeting.pk)
    found = select(Candidate.id).where(Candidate.meeting_id == meeting.pk)
    of_either = or_(col(Decision.recommendation_id).in_(recommended), col(Decision.candidate_id).in_(found))
    query = select(Decision).where(of_either, col(Decision.annulled_at).is_(None))
    return with_everything(session, query)


def deferred_to(session: Session, meeting: Meeting) -> list[Decision]:
    """What earlier meetings of the same body put off and none of them has decided since: the last decision on each.

    It comes up at the next meeting and at every one after that until it is decided, so that it is never lost.
    """
    deferral = aliased(Decision)
    same = (col(getattr(deferral, name)).is_not_distinct_from(getattr(Decision, name)) for name in MATTER)
    put_off = select(deferral.id).where(
        deferral.verb == DecisionVerb.deferred, col(deferral.annulled_at).is_(None), *same
    )
    query = (
        select(Decision)
        .join(Meeting)
        .where(
            Meeting.portfolio_id == meeting.portfolio_id,
            Meeting.body == meeting.body,
            or_(
                Meeting.held_on < meeting.held_on,
                and_(Meeting.held_on == meeting.held_on, col(Meeting.id) < meeting.pk),
            ),
            col(Decision.annulled_at).is_(None),
            put_off.exists(),
        )
    )
    last = {decision.matter: decision for decision in _by_meeting(session, query)}
    return [decision for decision in last.values() if decision.verb is DecisionVerb.deferred]


def decision_at(session: Session, meeting: Meeting, key: str) -> Decision | None:
    """A decision of a meeting that stands, with its tasks and who is responsible for each."""
    query = select(Decision).where(Decision.meeting_id == meeting.pk, Decision.key == key)
    return next(iter(_by_meeting(session, query.where(col(Decision.annulled_at).is_(None)))), None)


def _by_meeting(session: Session, query: SelectOfScalar[Decision]) -> list[Decision]:
    who = (joinedload(rel(Task.owner)), joinedload(rel(Task.owner_unit)))
    found = session.exec(
        query.options(
            joinedload(rel(Decision.meeting)),
            joinedload(rel(Decision.recommendation)),
            joinedload(rel(Decision.candidate)),
            joinedload(rel(Decision.project)),
            selectinload(rel(Decision.tasks)).options(*who),
        )
    )
    return sorted(found, key=lambda each: (each.meeting.held_on, each.meeting_id, each.pk))
