"""What the executive board decided between rounds, taken down together with what rests on it (domain.md R23)."""

from datetime import date
from typing import TYPE_CHECKING

from sqlmodel import Field, Session, SQLModel

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import long_text
from app.models.decision import Decision, DecisionVerb
from app.models.event import record
from app.models.meeting import Meeting, MeetingBody, MeetingState, board_meeting_on
from app.models.project import Project
from app.models.proposal import Proposal
from app.settings import now, today

if TYPE_CHECKING:
    from app.models.user import User


class BoardDecisionForm(SQLModel):
    decided_on: date = Field(title=N_("The executive board's meeting on"))
    wording: str = long_text(min_length=3, max_length=1200, title=N_("Wording of the decision"))


def lacking_in_minutes(
    session: Session, portfolio_id: int, form: BoardDecisionForm, *, closed: bool = False
) -> dict[str, str]:
    """Why a decision cannot be taken down on its day, by field.

    A meeting that came to be with a closed project would tell of it: for one there must be a meeting already.
    """
    if form.decided_on > today():
        return {"decided_on": _("Write the day on which the board decided: that day is still to come")}
    if closed and board_meeting_on(session, portfolio_id, form.decided_on) is None:
        return {"decided_on": _("Plan the meeting first: one that came to be with a closed project would tell of it")}
    return {}


def take_down(
    session: Session,
    portfolio_id: int,
    form: BoardDecisionForm,
    *,
    verb: DecisionVerb = DecisionVerb.decided,
    project: Project | None = None,
    proposal: Proposal | None = None,
) -> Decision:
    """The decision at the board's meeting of that day, which is made when nobody planned it.

    Whoever takes it down records the event of the whole.
    """
    closed = project is not None and project.closed
    for sentence in lacking_in_minutes(session, portfolio_id, form, closed=closed).values():
        raise DomainError(sentence)
    meeting = board_meeting_on(session, portfolio_id, form.decided_on)
    if meeting is None:
        body, state = MeetingBody.executive_board, MeetingState.held
        meeting = Meeting(portfolio_id=portfolio_id, held_on=form.decided_on, body=body, state=state)
        session.add(meeting)
        session.flush()
    decision = Decision(
        verb=verb,
        text=form.wording,
        meeting_id=meeting.pk,
        meeting=meeting,
        proposal=proposal,
        project=project,
        candidate=None,
        recommendation=None,
        recorded_at=now(),
    )
    session.add(decision)
    session.flush()
    return decision


def reject(session: Session, by: "User", proposal: Proposal, form: BoardDecisionForm) -> Decision:
    """Takes down that the board rejected a proposal: it may be proposed again (domain.md 3D)."""
    if not proposal.stands:
        raise DomainError(_("The proposal is no longer before the executive board."))
    verb, project = DecisionVerb.rejected, proposal.project
    decision = take_down(session, proposal.portfolio_id, form, verb=verb, project=project, proposal=proposal)
    after = {"meeting": str(decision.meeting), "verb": decision.verb, "text": decision.text}
    record(session, by, "recorded", decision, project_id=proposal.project_id, after=after)
    return decision
