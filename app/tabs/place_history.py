"""A project's place on the list through time: where the idea came from, each proposal, move and decision (R23, R24)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from app.i18n import _
from app.models import Decision, Meeting, Placement, Project, Proposal
from app.models.decision import decisions_about
from app.models.placement import placements_of
from app.models.proposal import ProposalKind, proposals_about
from app.settings import day_of


@dataclass(frozen=True)
class Step:
    """One thing that happened; the origin of an idea has no date. Words in `why` are somebody's own."""

    what: str
    on: date | None = None
    text: str = ""
    why: str = ""
    meeting: Meeting | None = None
    proposal: Proposal | None = None

    @property
    def order(self) -> date:
        return self.on or date.min


@dataclass(frozen=True)
class PlaceHistory:
    """The steps from the oldest on, and the proposals that still stand."""

    steps: list[Step]
    standing: list[Proposal]

    def stands(self, kind: str) -> bool:
        """Whether a proposal of a kind is before the board."""
        return any(proposal.kind.value == kind for proposal in self.standing)


def build_place_history(session: Session, project: Project) -> PlaceHistory:
    """Everything that is known of the project's way on the list and off it. Three queries and those they load with."""
    places, proposals = placements_of(session, project), proposals_about(session, project)
    carrying = {key for place in places for key in (place.decision_in_id, place.decision_out_id)}
    decisions = [each for each in decisions_about(session, project) if each.id not in carrying]
    steps = [
        *(step for proposal in proposals for step in _of_proposal(proposal)),
        *(step for place in places for step in _of_place(place)),
        *map(_of_decision, decisions),
    ]
    return PlaceHistory(sorted(steps, key=lambda step: step.order), [each for each in proposals if each.stands])


def _of_proposal(proposal: Proposal) -> Iterator[Step]:
    if proposal.origin:
        yield Step(_("Origin"), text=proposal.origin)
    listing = proposal.kind is ProposalKind.listing
    what = _("Proposed for the list") if listing else _("Proposed to leave the list")
    yield Step(what, day_of(proposal.raised_at), str(proposal.raised_by or ""), proposal.reason, proposal=proposal)
    if proposal.withdrawn:
        yield Step(_("The proposal was withdrawn"), day_of(proposal.withdrawn_at), proposal=proposal)


def _of_place(place: Placement) -> Iterator[Step]:
    yield Step(_("Came on the list"), place.from_on, *_decided(place.decided_in, place.decision_in))
    if place.to_on is None:
        return
    text, _why, meeting = _decided(place.decided_out, place.decision_out)
    yield Step(_("Left the list"), place.to_on, text, place.reason_out, meeting)
    if place.is_followed:
        yield Step(_("Its effects are still followed."), place.to_on)
    elif place.concluded_unmeasured:
        yield Step(_("Closed without a measured effect."), place.concluded_on)
    elif place.concluded_on:
        yield Step(_("Its effects have been followed to the end."), place.concluded_on)


def _of_decision(decision: Decision) -> Step:
    return Step(_("Decision"), decision.meeting.held_on, decision.sentence, meeting=decision.meeting)


def _decided(decision: Decision | None, words: str) -> tuple[str, str, Meeting | None]:
    """The decision as it was taken down, or the words that are known of it."""
    return (decision.sentence, "", decision.meeting) if decision else (words, "", None)
