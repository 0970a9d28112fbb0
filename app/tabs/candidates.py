"""The candidates under each recommendation of a meeting: found by the list, taken up or left out by the secretariat.

What is found comes from the frozen edition of the meeting's round when there is one, otherwise from the list as it
stands. A row that is stored stands in place of what is found. Titles and texts are those of the paper, so in Danish.
"""

from datetime import date

from pydantic import BaseModel, Field
from sqlmodel import Session

from app.i18n import DEFAULT_LANGUAGE, N_, speaking
from app.models import Candidate, Meeting, Portfolio
from app.models.base import Choice
from app.models.candidate import CandidateState, Source, candidates_of
from app.models.recommendation import Subject
from app.tabs.candidate import ORDER, Found
from app.tabs.edition import overview_facts
from app.tabs.mark import Mark
from app.tabs.overview import OverviewFacts


class PointState(Choice):
    found = "found", N_("Found")
    accepted = "accepted", N_("Taken up")
    dropped = "dropped", N_("Left out")


class Point(BaseModel):
    """A candidate as the page and the paper show it; `source` and `ref` are its identity within the meeting.

    `number` is its project's. `key` is the stored row's, empty while it is only found; `proposal` and `scenario` are
    keys in addresses. What is not left out goes into the paper.
    """

    subject: Subject
    source: Source
    ref: str
    title: str
    text: str
    number: str | None = None
    mark: Mark | None = None
    state: PointState = PointState.found
    key: str = ""
    proposal: str | None = None
    scenario: str | None = None
    project_id: int | None = Field(default=None, exclude=True)
    proposal_id: int | None = Field(default=None, exclude=True)

    @property
    def dropped(self) -> bool:
        return self.state is PointState.dropped


def build_candidates(session: Session, portfolio: Portfolio, meeting: Meeting, day: date) -> dict[Subject, list[Point]]:
    """Every recommendation's candidates as the session's reader may see them on a day; the worst first.

    The meeting's round must be loaded. Of a meeting that is no longer planned only what is stored is shown.
    """
    rows = candidates_of(session, meeting)
    found: list[Found] = []
    if meeting.is_planned and meeting.round and meeting.round.was_opened:
        with speaking(DEFAULT_LANGUAGE):
            found = _reds(overview_facts(session, portfolio, meeting.round.key))
    return merged(found, rows)


def _reds(facts: OverviewFacts) -> list[Found]:
    return [
        Found(
            subject=Subject.attention,
            source=Source.red,
            ref=row.number,
            title=row.title,
            text=row.decision.question if row.decision else row.cause,
            project_id=key,
            number=row.number,
            mark=row.mark,
        )
        for key, row in facts.rows.items()
        if row.mark is Mark.red
    ]


def merged(found: list[Found], rows: list[Candidate]) -> dict[Subject, list[Point]]:
    """The points of each recommendation: a stored row overrides what is found, what has been added comes last."""
    stored = {(row.source, row.ref): row for row in rows}
    points = [
        _stored(stored.pop((each.source, each.ref)), each) if (each.source, each.ref) in stored else _found(each)
        for each in found
    ]
    points += [_stored(row, None) for row in stored.values()]
    points.sort(key=lambda point: ORDER[point.source])
    return {subject: [point for point in points if point.subject is subject] for subject in Subject}


def _found(found: Found) -> Point:
    return Point(**vars(found))


def _stored(row: Candidate, found: Found | None) -> Point:
    return Point(
        subject=row.subject,
        source=row.source,
        ref=row.ref,
        title=row.title,
        text=row.text,
        number=row.project.number if row.project else None,
        mark=found.mark if found else None,
        state=PointState.accepted if row.state is CandidateState.accepted else PointState.dropped,
        key=row.key,
        proposal=row.proposal.key if row.proposal else None,
        scenario=found.scenario if found else None,
        project_id=row.project_id,
        proposal_id=row.proposal_id,
    )
