"""Approval: what waits for me, and one status with last time's beside it, what changed marked (domain.md 5A, J2)."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlmodel import Session, col, or_, select

from app.i18n import _
from app.models import Assessment, Project, Report, ReportingRound, User
from app.models.assessment import Colour, Dimension, suggested
from app.models.base import columns, rel
from app.models.deputy import DeputyFor, stands_in
from app.models.report import COUNTS, ApprovedAs, ReportState
from app.models.reporting_round import UNDER_WAY
from app.models.role import Role
from app.models.signal import Signal
from app.models.suggestion import Suggestion, better
from app.tabs.overview_row import signals_of_round
from app.tabs.report import ReportPage, build_report_page

SHORTEST_RUN = 2
"""An unchanged run of fewer words than this between two changes is marked with them: it reads better whole."""

LEAST_ALIKE = 0.25
"""A text of which less than this share is unchanged has been written anew, and is marked as a whole."""


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether the other text has it too."""

    text: str
    changed: bool

    @property
    def words(self) -> str:
        return self.text.rstrip()

    @property
    def gap(self) -> str:
        """The space after the words, which is never marked."""
        return self.text[len(self.words) :]


def compare(before: str, now: str) -> tuple[list[Piece], list[Piece]]:
    """Two texts cut where they differ, word by word. The pieces of each, joined, are the text."""
    old, new = _words(before), _words(now)
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False)
    changed_old, changed_new = [True] * len(old), [True] * len(new)
    for a, b, size in matcher.get_matching_blocks():
        between = a > 0 and a + size < len(old) and b > 0 and b + size < len(new)
        if size < SHORTEST_RUN and between:
            continue
        changed_old[a : a + size] = changed_new[b : b + size] = [False] * size
    if changed_new.count(False) < LEAST_ALIKE * max(len(old), len(new)):
        changed_old, changed_new = [True] * len(old), [True] * len(new)
    return _pieces(old, changed_old), _pieces(new, changed_new)


def _words(text: str) -> list[str]:
    """The words of a text, each with the space after it; a leading space is a word of its own."""
    return re.findall(r"\S+\s*|\s+", text)


def _pieces(words: list[str], changed: list[bool]) -> list[Piece]:
    pieces: list[Piece] = []
    for word, is_changed in zip(words, changed, strict=True):
        if pieces and pieces[-1].changed is is_changed:
            pieces[-1] = Piece(pieces[-1].text + word, is_changed)
        else:
            pieces.append(Piece(word, is_changed))
    return pieces


@dataclass
class Waiting:
    """A submitted status that this user may approve, and in what capacity."""

    report: Report
    acting_as: ApprovedAs
    before: Colour | None
    signals: list[Signal]
    day: date

    @property
    def project(self) -> Project:
        return self.report.project

    @property
    def due_on(self) -> date:
        return self.report.round.owner_deadline_on

    @property
    def days_left(self) -> int:
        """Days to the owners' deadline; negative when it has passed."""
        return (self.due_on - self.day).days


@dataclass
class Approvals:
    """What waits: what is mine to approve, and what a director may approve for an owner who is absent."""

    mine: list[Waiting]
    on_behalf: list[Waiting]

    def find(self, number: str) -> Waiting | None:
        return next((each for each in [*self.mine, *self.on_behalf] if each.project.number == number), None)

    def beside(self, report: Report) -> list[Waiting]:
        """The part that a report waits in; empty when it does not."""
        return next(
            (part for part in (self.mine, self.on_behalf) if report.pk in [each.report.pk for each in part]), []
        )

    def place_of(self, report: Report) -> int:
        """The report's place in its part, from 1; 0 when it does not wait."""
        keys = [each.report.pk for each in self.beside(report)]
        return keys.index(report.pk) + 1 if keys else 0

    def after(self, report: Report) -> Report | None:
        """The next one in the same part, the first again after the last; None when there is no other."""
        return _after(report, [each.report for each in self.beside(report)])


def build_approvals(session: Session, user: User, day: date) -> Approvals:
    """All submitted statuses that the user may approve, in the order they came in. A fixed number of queries a list."""
    reports = _awaiting(session, user, day)
    before = _colours_before(session, reports)
    signals: dict[int, list[Signal]] = {}
    for portfolio_id, keys in _by_portfolio(reports).items():
        signals |= signals_of_round(session, portfolio_id, day, keys)
    waiting = [
        Waiting(report, acting_as, before.get(report.project_id), signals.get(report.project_id, []), day)
        for report in reports
        if (acting_as := user.acts_as(report.project))
    ]
    return Approvals(
        mine=[each for each in waiting if each.acting_as is not ApprovedAs.director],
        on_behalf=[each for each in waiting if each.acting_as is ApprovedAs.director],
    )


def next_to_approve(session: Session, user: User, report: Report, day: date) -> Report | None:
    """The one that follows when this one has been decided: the user acts in the same way on both. Two queries."""
    director = user.acts_as(report.project) is ApprovedAs.director
    part = [
        each
        for each in _awaiting(session, user, day)
        if (user.acts_as(each.project) is ApprovedAs.director) is director
    ]
    return _after(report, part)


def _after(report: Report, part: list[Report]) -> Report | None:
    keys = [each.pk for each in part]
    place = keys.index(report.pk) if report.pk in keys else len(part)
    return next((each for each in [*part[place + 1 :], *part[:place]]), None)


def _awaiting(session: Session, user: User, day: date) -> list[Report]:
    return [report for report in session.exec(_submitted(user, day)).unique() if user.can_approve(report)]


def _submitted(user: User, day: date) -> Any:
    """The statuses that await somebody; for others than directors only those that await the user."""
    query = (
        select(Report)
        .join(rel(Report.round))
        .join(rel(Report.project))
        .where(Report.state == ReportState.submitted, col(ReportingRound.state).in_(UNDER_WAY))
        .options(
            contains_eager(rel(Report.round)),
            contains_eager(rel(Report.project)).options(
                joinedload(rel(Project.owner)), joinedload(rel(Project.leader)), selectinload(rel(Project.deputies))
            ),
            joinedload(rel(Report.author)),
            selectinload(rel(Report.assessments)),
        )
        .order_by(col(ReportingRound.owner_deadline_on), col(Report.submitted_at), col(Project.sequence))
    )
    if user.has(Role.direktion):
        return query
    deputy_in = stands_in(user.person_id, day, DeputyFor.owner)
    return query.where(or_(Project.owner_id == user.person_id, col(Project.id).in_(deputy_in)))


def _by_portfolio(reports: list[Report]) -> dict[int, set[int]]:
    keys: dict[int, set[int]] = defaultdict(set)
    for report in reports:
        keys[report.project.portfolio_id].add(report.project_id)
    return keys


def _colours_before(session: Session, reports: list[Report]) -> dict[int, Colour]:
    """The last approved colour of each project, by key of project."""
    query = (
        columns(Report.project_id, Report.colour)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(col(Report.project_id).in_([each.project_id for each in reports]), col(Report.state).in_(COUNTS))
        .order_by(col(ReportingRound.as_of))
    )
    return {project_id: colour for project_id, colour in session.exec(query) if colour}


@dataclass
class Judged:
    """One dimension as it was judged last time and now, and what the list itself knows about it."""

    dimension: Dimension
    before: Assessment | None
    now: Assessment
    facts: Suggestion

    @property
    def changed(self) -> bool:
        return self.before is not None and self.before.colour is not self.now.colour

    @property
    def better_than_facts(self) -> bool:
        return better(self.now.colour, self.facts.colour)


@dataclass
class Review:
    """One status as its approver reads it: what its own page knows, and what changed."""

    page: ReportPage
    acting_as: ApprovedAs | None
    text_before: list[Piece]
    text_now: list[Piece]
    signals: list[Signal]

    @property
    def report(self) -> Report:
        return self.page.report

    @property
    def project(self) -> Project:
        return self.page.project

    @property
    def before(self) -> Report | None:
        return self.page.previous

    @property
    def awaits(self) -> bool:
        """Whether it can be approved or returned now."""
        return self.report.state is ReportState.submitted and self.report.round.under_way

    @property
    def suggested(self) -> Colour | None:
        return suggested(self.report.colours)

    @property
    def dimensions(self) -> list[Judged]:
        before, facts = self.page.before, self.page.suggestions
        return [Judged(each, before.get(each), now, facts[each]) for each, now in self.page.now.items()]

    @property
    def disputed(self) -> int:
        """How many dimensions are reported better than the facts suggest."""
        return sum(row.better_than_facts for row in self.dimensions)

    @property
    def same_words(self) -> bool:
        """Whether the text says word for word what it said last time."""
        return self.before is not None and self.before.summary.split() == self.report.summary.split()

    @property
    def promise_is_due(self) -> bool:
        """Whether the day that last time's path to green named has passed."""
        return bool(self.before and self.before.path_on and self.before.path_on < self.page.day)


def build_review(session: Session, user: User, report: Report, day: date) -> Review:
    """A status beside the last approved one. A fixed number of queries."""
    page = build_report_page(session, report, day)
    project = report.project
    text_before, text_now = compare(page.previous.summary if page.previous else "", report.summary)
    signals = signals_of_round(session, project.portfolio_id, day, {project.pk}) if report.round.under_way else {}
    return Review(
        page=page,
        acting_as=user.acts_as(project),
        text_before=text_before,
        text_now=text_now if page.previous else [Piece(report.summary, changed=False)],
        signals=signals.get(project.pk, []),
    )


def receipt(session: Session, user: User, number: str) -> str:
    """What has become of a status that this user has approved or returned in the round; empty when it has not."""
    if not number:
        return ""
    query = (
        select(Report)
        .join(rel(Report.round))
        .join(rel(Report.project))
        .where(Project.number == number, col(ReportingRound.state).in_(UNDER_WAY))
        .options(contains_eager(rel(Report.project)).selectinload(rel(Project.deputies)))
    )
    report = session.exec(query).unique().first()
    said = {"project": str(report.project)} if report else {}
    if report and report.state is ReportState.approved and report.approver_id == user.person_id:
        return _("%(project)s: you have approved the status.") % said
    if report and report.state is ReportState.returned and user.acts_as(report.project):
        return _("%(project)s: the status has been returned to the project leader.") % said
    return ""
