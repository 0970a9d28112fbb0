"""The candidates under each recommendation of a meeting: found by the list, taken up or left out by the secretariat.

What is found comes from the frozen edition of the meeting's round when there is one, otherwise from the list as it
stands. A row that is stored stands in place of what is found. Titles and texts are those of the paper, so in Danish.

Whatever is not about one project is found in the open projects only: it is stored and told to everybody as it reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from sqlmodel import Field, Session, col

from app.i18n import DEFAULT_LANGUAGE, N_, speaking
from app.models import Candidate, Meeting, Portfolio, Project, Proposal, ReportingRound, Task, Topic
from app.models.base import Choice, columns
from app.models.candidate import CandidateFacts, CandidateForm, CandidateState, Source, candidates_of, keep
from app.models.decision import on_closed_items
from app.models.meeting import MeetingBody, meeting_on
from app.models.placement import keys_on_list
from app.models.proposal import ProposalKind, all_proposals, scenario_keys, scenario_proposals_to
from app.models.recommendation import Subject
from app.models.scenario import TooManyClosed
from app.models.task import tasks_of
from app.models.topic import topics_of
from app.models.visibility import nothing_closed
from app.settings import today
from app.tabs.candidate import ORDER, About, Found, leading
from app.tabs.candidates_attention import attention, tasks_alone
from app.tabs.candidates_forum import forum
from app.tabs.candidates_load import load_findings, load_topics
from app.tabs.candidates_proposals import listings, scenarios
from app.tabs.candidates_removal import removal
from app.tabs.chain import ChainQuestion, ChainTab, build_chain
from app.tabs.changes import edition_before
from app.tabs.edition import Moment, overview_facts
from app.tabs.effects import target_rows
from app.tabs.mark import Mark
from app.tabs.overview import OverviewFacts
from app.tabs.what_if import WhatIf, proposals_with_effect

LEAD = 190
"""Characters of an explanation that are shown from the start, at most, unless its first sentence is longer."""


class PointState(Choice):
    found = "found", N_("Found")
    accepted = "accepted", N_("Taken up")
    dropped = "dropped", N_("Left out")


class Point(CandidateForm):
    """A candidate as the page and the paper show it; `source` and `ref` are its identity within the meeting.

    `number` is its project's. `key` and `version` are the stored row's, empty while it is only found; `proposal` and
    `scenario` are keys in addresses. What is not left out goes into the paper.
    """

    subject: Subject
    source: Source
    ref: str
    number: str | None = None
    mark: Mark | None = None
    state: PointState = PointState.found
    key: str = Field(default="", exclude=True)
    version: int = Field(default=0, exclude=True)
    proposal: str | None = None
    scenario: str | None = None
    project_id: int | None = Field(default=None, exclude=True)
    proposal_id: int | None = Field(default=None, exclude=True)

    @property
    def dropped(self) -> bool:
        return self.state is PointState.dropped

    @property
    def of_project(self) -> bool:
        """Whether its title is its project's own; others have a title of their own, and may name a project too."""
        named = self.source is not Source.proposal or self.subject is Subject.removal
        return self.number is not None and named and self.source not in (Source.own, Source.topic)

    @property
    def anchor(self) -> str:
        """Its id on a page."""
        return f"candidate-{self.source.value}-{self.ref}"

    @property
    def lead(self) -> str:
        """The first sentences of its text, about two lines; the rest can wait."""
        return leading(self.text, LEAD)

    @property
    def rest(self) -> str:
        return self.text[len(self.lead) :].strip()

    @property
    def facts(self) -> CandidateFacts:
        """What is stored of it."""
        said = {name: getattr(self, name) for name in CandidateFacts.model_fields if name != "mark"}
        return CandidateFacts(**said, mark=self.mark.value if self.mark else "")


Points = dict[Subject, list[Point]]


def build_candidates(session: Session, portfolio: Portfolio, meeting: Meeting, day: date) -> Points:
    """Every recommendation's candidates as the session's reader may see them on a day, the worst first.

    The meeting comes with its round. Only what is stored is shown once it is no longer planned, or is not the board's.
    As many queries for ten projects as for a thousand.
    """
    rows = candidates_of(session, meeting)
    keys = scenario_keys(session, [row.proposal_id for row in rows if row.proposal_id])
    if not meeting.is_planned or meeting.body is not MeetingBody.executive_board:
        return merged([], rows, keys)
    with speaking(DEFAULT_LANGUAGE):
        if meeting.round:
            found = _on_a_round(session, portfolio, meeting, meeting.round, day)
        else:
            found = _between(session, portfolio, meeting, day)
    return merged(found, rows, keys)


def point_of(session: Session, meeting: Meeting, source: str, ref: str, day: date) -> Point | None:
    """The one candidate that is recognised so, as it is on a day. The meeting comes with its list and its round."""
    points = build_candidates(session, meeting.portfolio, meeting, day).values()
    return next((each for own in points for each in own if (each.source.value, each.ref) == (source, ref)), None)


def fix_candidates(session: Session, meeting: Meeting) -> None:
    """Stores everything that was not left out, as it stands; no event of its own.

    Part of the write that says that the meeting has been held, before it does: afterwards nothing is found any more.
    The meeting comes with its list and its round.
    """
    for points in build_candidates(session, meeting.portfolio, meeting, today()).values():
        for point in points:
            if point.state is PointState.found:
                keep(session, meeting, point.facts, CandidateState.accepted)


def fix_candidates_on(session: Session, round_: ReportingRound) -> None:
    """The same for the meeting on a round, if it has one."""
    if meeting := meeting_on(session, round_.pk, for_update=True):
        fix_candidates(session, meeting)


def _between(session: Session, portfolio: Portfolio, meeting: Meeting, day: date) -> list[Found]:
    """Of a meeting between the rounds: what has been proposed and not decided, and overdue tasks."""
    proposals = _proposals(session, portfolio, meeting)
    leaving = proposals[ProposalKind.removal]
    by_number = target_rows(session, col(Project.id).in_([each.project_id for each in leaving]), day)
    targets = {each.project.pk: by_number.get(each.project.number, []) for each in leaving if each.project}
    return [
        *tasks_alone(_tasks(session, portfolio), day),
        *_listings(session, proposals[ProposalKind.listing]),
        *removal({}, (), leaving, {}, targets, meeting.held_on),
    ]


def _on_a_round(
    session: Session, portfolio: Portfolio, meeting: Meeting, round_: ReportingRound, day: date
) -> list[Found]:
    """Of the meeting on a round: everything, in its edition or in the list as it stands."""
    moment = Moment(session, portfolio, round_.key if round_.is_frozen else "")
    now, effects = moment.overview_facts, moment.effects_facts
    targets = {project.id: effects.targets.get(project.number, []) for project in now.projects}
    meets_on, proposals = meeting.held_on, _proposals(session, portfolio, meeting)
    # A project that leaves by a decision of this very meeting was on the list until then.
    here = set(keys_on_list(session, portfolio.pk, min(day, meets_on - timedelta(days=1))))
    with nothing_closed(session):
        told = _told_to_all(session, portfolio, round_, day)
    projects = {
        row.number: (key, About(row.number, row.title, row.mark)) for key, row in now.rows.items() if key in told.known
    }
    return [
        *attention(now, _before(session, portfolio, moment), targets, effects.after, _tasks(session, portfolio), day),
        *load_findings(moment.burden_facts.visible_to(told.known)),
        *_listings(session, proposals[ProposalKind.listing]),
        *_scenarios(session, round_, told.scenarios),
        *removal(
            {key: row for key, row in now.rows.items() if key in here},
            now.heading.rounds,
            proposals[ProposalKind.removal],
            _expiries(session, portfolio),
            targets,
            meets_on,
        ),
        *load_topics(moment.burden_facts.visible_to(told.known)),
        *forum(
            told.chain,
            [targets[project.id] for project in now.projects if project.id in told.known],
            told.topics,
            projects,
            meets_on,
        ),
    ]


def _proposals(session: Session, portfolio: Portfolio, meeting: Meeting) -> dict[ProposalKind, list[Proposal]]:
    """What is put to a meeting by its kind, the first raised first: what is neither taken back nor answered before it.

    On a round, what was raised for it or an earlier one; otherwise all there is.
    """
    found: dict[ProposalKind, list[Proposal]] = {kind: [] for kind in ProposalKind}
    for each in reversed(all_proposals(session, portfolio.pk)):
        answered = each.settled_by is not None and each.settled_by.meeting_id != meeting.pk
        later = each.round is not None and meeting.round is not None and each.round.as_of > meeting.round.as_of
        if not (each.withdrawn or answered or later):
            found[each.kind].append(each)
    return found


class _Told(NamedTuple):
    """What is told to everybody, whoever reads: of the open projects, whose keys are known."""

    known: set[int]
    chain: ChainTab
    topics: list[Topic]
    scenarios: list[tuple[Proposal, WhatIf]]


def _told_to_all(session: Session, portfolio: Portfolio, round_: ReportingRound, day: date) -> _Told:
    return _Told(
        known=set(session.exec(columns(Project.id).where(Project.portfolio_id == portfolio.pk)).scalars()),
        chain=build_chain(session, portfolio, ChainQuestion(), day),
        topics=topics_of(session, portfolio.pk),
        scenarios=proposals_with_effect(session, portfolio, round_, day),
    )


def _scenarios(session: Session, round_: ReportingRound, told: Sequence[tuple[Proposal, WhatIf]]) -> list[Found]:
    """The scenarios that everybody is told of, and those that are hidden with the closed project that they touch."""
    known = {proposal.pk for proposal, _effect in told}
    closed = {}
    for proposal in scenario_proposals_to(session, round_):
        if proposal.pk not in known and (project_id := _hidden_with(session, proposal)):
            closed[proposal] = project_id
    return scenarios([*told, *((each, None) for each in closed)], {each.pk: key for each, key in closed.items()})


def _listings(session: Session, proposals: Sequence[Proposal]) -> list[Found]:
    return listings(proposals, scenario_keys(session, [each.pk for each in proposals]))


def _hidden_with(session: Session, proposal: Proposal) -> int | None:
    """The closed project that a proposal touches; None also when it touches several by now, and cannot be hidden."""
    try:
        return proposal.told_with(session)
    except TooManyClosed:
        return None


def _before(session: Session, portfolio: Portfolio, moment: Moment) -> OverviewFacts | None:
    key = edition_before(moment.rounds, moment.key)
    return overview_facts(session, portfolio, key) if key else None


def _tasks(session: Session, portfolio: Portfolio) -> list[Task]:
    """The open tasks, but for those of closed items of an agenda: a point that is stored could not be hidden so."""
    closed = on_closed_items(session)
    return [task for task in tasks_of(session, portfolio.pk, only_open=True) if task.decision_id not in closed]


def _expiries(session: Session, portfolio: Portfolio) -> dict[int, date]:
    query = columns(Project.id, Project.expires_on).where(Project.portfolio_id == portfolio.pk)
    return dict(session.exec(query.where(col(Project.expires_on).is_not(None))).all())


def merged(
    found: Iterable[Found], rows: Iterable[Candidate], scenario_keys: Mapping[int, str] = MappingProxyType({})
) -> Points:
    """The points of each recommendation. A stored row stands in place of what is found, and what was added comes last.

    A project has one point under a recommendation: its row also stands in place of another, no worse reason that is
    found later. A worse one stands anew beside it, lest a project that has become red stay left out.
    `scenario_keys` are those of the rows' proposals.
    """
    stored = {(row.source, row.ref): row for row in rows}
    of_project = {(row.subject, row.project_id): row for row in stored.values() if row.source is not Source.own}
    points, used = [], set()
    for each in found:
        row = stored.get((each.source, each.ref))
        if row is None and each.project_id is not None:
            known = of_project.get((each.subject, each.project_id))
            row = known if known and ORDER[known.source] <= ORDER[each.source] else None
        if row is None:
            points.append(Point(**vars(each)))
        elif row.pk not in used:
            used.add(row.pk)
            points.append(_stored(row, each.mark, scenario_keys))
    points += [_stored(row, None, scenario_keys) for row in stored.values() if row.pk not in used]
    points.sort(key=lambda point: ORDER[point.source])
    return {subject: [point for point in points if point.subject is subject] for subject in Subject}


def _stored(row: Candidate, mark: Mark | None, scenario_keys: Mapping[int, str]) -> Point:
    """A stored row, with the mark that the project has now, or had when it was stored."""
    return Point(
        subject=row.subject,
        source=row.source,
        ref=row.ref,
        title=row.title,
        text=row.text,
        number=row.project.number if row.project else None,
        mark=mark or (Mark(row.mark) if row.mark else None),
        state=PointState.accepted if row.state is CandidateState.accepted else PointState.dropped,
        key=row.key,
        version=row.version,
        proposal=row.proposal.key if row.proposal else None,
        scenario=scenario_keys.get(row.proposal_id or 0),
        project_id=row.project_id,
        proposal_id=row.proposal_id,
    )
