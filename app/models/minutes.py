"""Taking down what a meeting decided: what a decision must say first, and the tasks that come of it (I19, R103)."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from app.errors import DomainError
from app.i18n import _, show_date
from app.models.agenda_item import AgendaItem
from app.models.candidate import Candidate
from app.models.decision import Decision, DecisionForm, DecisionVerb
from app.models.event import Facts, record
from app.models.meeting import Meeting, MeetingState
from app.models.placement import moved_by
from app.models.project import Project
from app.models.proposal import Proposal
from app.models.recommendation import Recommendation
from app.models.task import Task, TaskForm
from app.settings import now

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


def lacking_in(form: DecisionForm, held_on: date, *, has_task: bool) -> dict[str, str]:
    """What a decision must say before it is taken down, by field; invariant I19 is the last."""
    missing: dict[str, str] = {}
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
    if missing := lacking_in(form, meeting.held_on, has_task=bool(tasks)):
        raise DomainError(next(iter(missing.values())))
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


def annul(session: Session, by: "User", decision: Decision, reason: str) -> None:
    """What was taken down by mistake stays in the log and is no longer a decision (decision 15 of product.md)."""
    if not decision.stands:
        raise DomainError(_("The decision has already been annulled."))
    if moved_by(session, decision):
        raise DomainError(_("A project's place on the list rests on the decision: it cannot be annulled."))
    decision.annulled_at, decision.annulled_reason = now(), reason
    record(session, by, "annulled", decision, project_id=decision.project_id, after={"reason": reason})
