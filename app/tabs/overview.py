"""Overblik: every project on the list by theme with its colour, and first of all the red ones (domain.md R13, J3)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session, col, or_

from app.i18n import N_, _
from app.models import (
    Assessment,
    EffectTarget,
    Milestone,
    Portfolio,
    Project,
    Report,
    ReportingRound,
)
from app.models.assessment import Colour, Dimension, suggested, worst
from app.models.base import Choice, columns
from app.models.effect_target import NoShare, share_of_path
from app.models.measurement import latest_measurements
from app.models.milestone import last_day
from app.models.project import Confidentiality, Kind, Phase, descendants, family
from app.models.report import COUNTS, ApprovedAs, ReportState, Track
from app.models.reporting_round import latest_rounds
from app.models.signal import ReportFacts, Signal, signals_of, stands_first
from app.tabs.filters import (
    Filters,
    Heading,
    ListedProject,
    Option,
    among,
    heading,
    matching,
    options,
    passes,
    projects_on_list,
)

ROUNDS_SHOWN = 6


class Mark(Choice):
    """What stands where a colour would: a colour from an approved report, or why there is none (decision 5)."""

    red = "red", N_("Red")
    yellow = "yellow", N_("Yellow")
    green = "green", N_("Green")
    not_reported = "not_reported", N_("Not reported")
    not_assessed = "not_assessed", N_("Not yet assessed")
    finished = "finished", N_("Finished")
    absent = "absent", N_("Not on the list")

    @property
    def is_colour(self) -> bool:
        return self.value in ("red", "yellow", "green")


class Trend(Choice):
    better = "better", N_("Better")
    same = "same", N_("Unchanged")
    worse = "worse", N_("Worse")
    new = "new", N_("New on the list")


class Path(BaseModel):
    """The way back to green: what, who, when."""

    action: str
    who: str
    on: date | None


class DecisionWanted(BaseModel):
    """What the board must decide about a red project, by when, and on which of the three tracks."""

    question: str
    track: Track | None
    by_on: date | None
    options: list[str]


def why_no_status(mark: Mark, state: ReportState | None, leader: str) -> str:
    """Why there is no status to read, said without blame."""
    if mark is Mark.finished:
        return _("The project is finished and is not reported.")
    if mark is Mark.not_assessed:
        return _("New on the list; not reported yet.")
    if state is ReportState.submitted:
        return _("Submitted; awaits the project owner's approval.")
    if state is ReportState.returned:
        return _("Returned by the project owner to the project leader.")
    if not leader:
        return _("Status is missing; no project leader has been named.")
    return _("Status is missing from the project leader.")


class OverviewRow(BaseModel):
    number: str
    title: str
    kind: Kind
    programme: str
    theme: str
    owner: str
    leader: str
    unit: str
    phase: Phase
    closed: bool
    mark: Mark
    last_mark: Mark | None
    last_round: str
    history: list[Mark]
    trend: Trend | None
    rounds_in_colour: int
    cause_dimension: Dimension | None
    cause: str
    assessments: dict[Dimension, Colour | None]
    suggested: Colour | None
    path_to_green: Path | None
    decision: DecisionWanted | None
    summary: str
    report_state: ReportState | None
    signals: list[Signal]
    case_numbers: list[str]
    approved_on: date | None
    approved_as: ApprovedAs | None = None
    owner_mark: Mark | None = None
    owner_comment: str = ""
    worst_child: Colour | None
    red_children: int
    children: int

    @property
    def why_missing(self) -> str:
        return why_no_status(self.mark, self.report_state, self.leader)


class OverviewGroup(BaseModel):
    """One theme with its projects, in the order of their numbers."""

    theme: str
    rows: list[OverviewRow]
    marks: dict[Mark, int]


class Tile(BaseModel):
    """How many have a mark, and how that changed since the last round: same projects that moved, joined, left."""

    mark: Mark
    count: int
    before: int
    moved_in: int
    moved_out: int
    joined: int
    left: int


class Overview(BaseModel):
    """The whole tab. `groups` follows the filters; tiles and reds are always of the whole list."""

    portfolio: str
    slug: str
    case_number: str
    as_of: date
    round_key: str
    round_name: str
    previous_round_name: str
    board_on: date | None
    rounds: list[str]
    filters: Filters
    tiles: list[Tile]
    total: int
    joined: int
    left: int
    shown: int
    closed: int
    to_be_tested: int
    reds: list[OverviewRow]
    tested_first: list[OverviewRow] = Field(default_factory=list)
    groups: list[OverviewGroup]
    themes: list[Option] = Field(exclude=True)
    units: list[Option] = Field(exclude=True)
    owners: list[Option] = Field(exclude=True)
    kinds: list[Option] = Field(exclude=True)


@dataclass
class _Facts:
    """What the queries found beside the project rows, keyed by project."""

    marks: dict[int, dict[int, Mark]] = field(default_factory=dict)
    reports: dict[int, Any] = field(default_factory=dict)
    texts_before: dict[int, str] = field(default_factory=dict)
    colours: dict[int, dict[Dimension, tuple[Colour | None, str]]] = field(default_factory=lambda: defaultdict(dict))
    late: dict[int, tuple[str, int]] = field(default_factory=dict)
    shares: dict[int, list[tuple[str, float | NoShare]]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[int, int] = field(default_factory=dict)


class Gone(BaseModel):
    """A project that had a mark in the round before and is no longer on the list."""

    number: str
    title: str
    mark: Mark


class OverviewFacts(BaseModel):
    """What the tab is made of, before anybody filters: an edition keeps this. Keyed by project."""

    heading: Heading
    projects: list[ListedProject]
    rows: dict[int, OverviewRow]
    before: dict[int, Mark]
    gone: dict[int, Gone]

    def visible_to(self, known: set[int]) -> "OverviewFacts":
        """Without the projects that a reader may not know of today; titles of programmes included."""
        projects = [project for project in self.projects if project.id in known]
        for project in projects:
            if project.parent_id not in known:
                self.rows[project.id].programme = ""
        return self.model_copy(
            update={
                "projects": projects,
                "rows": {project.id: self.rows[project.id] for project in projects},
                "before": {key: mark for key, mark in self.before.items() if key in known},
                "gone": {key: gone for key, gone in self.gone.items() if key in known},
            }
        )


def build_overview(session: Session, portfolio: Portfolio, filters: Filters, day: date) -> Overview:
    """The tab as the session's reader may see it on a day. Thirteen queries, however many projects there are."""
    facts = read_overview(session, portfolio, day)
    return assemble_overview(facts, filters, matching(session, filters.q))


def read_overview(session: Session, portfolio: Portfolio, day: date) -> OverviewFacts:
    """The facts of today, as the session's reader may see them."""
    rounds = latest_rounds(session, portfolio.pk, ROUNDS_SHOWN)
    previous = rounds[1] if len(rounds) > 1 else None
    projects = projects_on_list(session, portfolio.pk, day)
    found = _facts(session, rounds, day)
    rows = {project.id: _row(project, found, rounds) for project in projects}
    before = {key: marks[previous.pk] for key, marks in found.marks.items() if previous and previous.pk in marks}
    return OverviewFacts.model_construct(
        heading=heading(portfolio, rounds, day),
        projects=projects,
        rows=rows,
        before=before,
        gone=_gone(session, {key: mark for key, mark in before.items() if key not in rows}),
    )


def _gone(session: Session, marks: Mapping[int, Mark]) -> dict[int, Gone]:
    query = columns(Project.id, Project.number, Project.title).where(col(Project.id).in_(marks))
    return {
        key: Gone(number=number, title=title, mark=marks[key])
        for key, number, title in session.exec(query.order_by(Project.sequence))
    }


def assemble_overview(facts: OverviewFacts, filters: Filters, matched: set[int] | None) -> Overview:
    """The tab out of its facts, today's or an edition's. `matched` are the projects that the search found, if any."""
    rows = facts.rows
    _roll_up(facts.projects, rows)
    shown = [
        rows[project.id]
        for project in facts.projects
        if (matched is None or project.id in matched) and passes(project, rows[project.id].mark, filters)
    ]
    now = {key: row.mark for key, row in rows.items()}
    return Overview(
        **facts.heading.model_dump(exclude={"key_person_hours", "day"}),
        filters=filters,
        tiles=[_tile(mark, now, facts.before) for mark in (Mark.red, Mark.yellow, Mark.green, Mark.not_reported)],
        total=len(rows),
        joined=len(now.keys() - facts.before.keys()),
        left=len(facts.before.keys() - now.keys()),
        shown=len(shown),
        closed=sum(row.closed for row in rows.values()),
        to_be_tested=sum(1 for row in rows.values() if row.signals),
        reds=sorted(
            (row for row in rows.values() if row.mark is Mark.red),
            key=lambda row: (row.decision.by_on if row.decision and row.decision.by_on else date.max, row.number),
        ),
        tested_first=[row for row in rows.values() if row.mark is not Mark.red and stands_first(row.signals)],
        groups=_groups(shown),
        **options(facts.projects),
    )


def rows_of(
    session: Session, portfolio_id: int, day: date, only: set[int]
) -> tuple[dict[int, OverviewRow], list[ReportingRound]]:
    """Some projects as they stand on Overblik, by key (those that are not on the list are left out), and the rounds."""
    rounds = latest_rounds(session, portfolio_id, ROUNDS_SHOWN)
    projects = projects_on_list(session, portfolio_id, day, only)
    found = _facts(session, rounds, day, only)
    rows = {each.id: _row(each, found, rounds) for each in projects}
    _roll_up(projects, rows)
    return rows, rounds


def project_row(session: Session, project: Project, day: date) -> tuple[OverviewRow | None, list[str]]:
    """One project as it stands on Overblik (None when it is not on the list), and the names of the rounds shown."""
    below = descendants(family(session, project.portfolio_id), project.pk)
    rows, rounds = rows_of(session, project.portfolio_id, day, below | {project.pk})
    return rows.get(project.pk), [a_round.name for a_round in reversed(rounds)]


def signals_of_round(session: Session, portfolio_id: int, day: date, only: set[int]) -> dict[int, list[Signal]]:
    """The signals of some projects' reports in the current round, by key; also of those that await approval."""
    found = _facts(session, latest_rounds(session, portfolio_id, 2), day, only)
    return {
        project.id: _signals(project, report, found)
        for project in projects_on_list(session, portfolio_id, day, only)
        if (report := found.reports.get(project.id)) and report.colour
    }


def row_if_approved(
    session: Session,
    project: Project,
    written: Any,
    assessments: Mapping[Dimension, tuple[Colour | None, str]],
    day: date,
) -> tuple[OverviewRow | None, list[str]]:
    """One project as it will stand once this status of the current round is approved, and the names of the rounds.

    `written` has a report's columns.
    """
    rounds = latest_rounds(session, project.portfolio_id, ROUNDS_SHOWN)
    found = _facts(session, rounds, day, {project.pk})
    found.reports[project.pk] = written
    found.marks[project.pk][written.round_id] = Mark(written.colour.value)
    found.colours[project.pk] = dict(assessments)
    listed = projects_on_list(session, project.portfolio_id, day, {project.pk})
    names = [a_round.name for a_round in reversed(rounds)]
    return next((_row(each, found, rounds) for each in listed), None), names


def _facts(session: Session, rounds: list[ReportingRound], day: date, only: set[int] | None = None) -> _Facts:
    found = _Facts()
    if rounds:
        _find_reports(session, found, rounds, only)
    milestones = columns(Milestone.project_id, Milestone.text, Milestone.due_on, Milestone.precision).where(
        or_(col(Milestone.done_on).is_(None), col(Milestone.done_on) > day),
        or_(col(Milestone.dropped_on).is_(None), col(Milestone.dropped_on) > day),
        Milestone.due_on < day,
        among(Milestone.project_id, only),
    )
    for project_id, text, due_on, precision in session.exec(milestones):
        days = (day - last_day(due_on, precision)).days
        if days > found.late.get(project_id, ("", 0))[1]:
            found.late[project_id] = (text, days)
    ends = columns(Project.id, Project.planned_end_on, Project.baseline_end_on).where(
        col(Project.planned_end_on) > col(Project.baseline_end_on), among(Project.id, only)
    )
    found.moved = {project_id: (planned - first).days for project_id, planned, first in session.exec(ends)}
    targets = columns(
        EffectTarget.id,
        EffectTarget.project_id,
        EffectTarget.name,
        EffectTarget.direction,
        EffectTarget.path,
        EffectTarget.baseline_value,
        EffectTarget.baseline_on,
        EffectTarget.target_value,
        EffectTarget.target_on,
    ).where(~col(EffectTarget.withdrawn), among(EffectTarget.project_id, only))
    latest = latest_measurements(session, day)
    for target in session.exec(targets):
        measured = latest.get(target.id)
        share = share_of_path(target, measured.value if measured else None, measured.last_day if measured else day)
        found.shares[target.project_id].append((target.name, share))
    return found


def marks_in(
    session: Session, rounds: Iterable[ReportingRound], only: set[int] | None = None
) -> dict[int, dict[int, Mark]]:
    """The marks of the reports in these rounds, by key of project and of round. A colour counts when approved."""
    query = columns(Report.project_id, Report.round_id, Report.state, Report.colour).where(
        col(Report.round_id).in_([a_round.pk for a_round in rounds]), among(Report.project_id, only)
    )
    marks: dict[int, dict[int, Mark]] = defaultdict(dict)
    for project_id, round_id, state, colour in session.exec(query):
        marks[project_id][round_id] = Mark(colour.value) if state in COUNTS and colour else Mark.not_reported
    return marks


def _find_reports(session: Session, found: _Facts, rounds: list[ReportingRound], only: set[int] | None) -> None:
    keys = [a_round.pk for a_round in rounds]
    found.marks = marks_in(session, rounds, only)
    reports = columns(
        Report.id,
        Report.project_id,
        Report.state,
        Report.colour,
        Report.summary,
        Report.path_action,
        Report.path_who,
        Report.path_on,
        Report.decision_wanted,
        Report.decision_track,
        Report.decision_by_on,
        Report.options,
        Report.submitted_at,
        Report.approved_at,
        Report.approved_as,
        Report.owner_colour,
        Report.owner_comment,
    ).where(Report.round_id == keys[0], among(Report.project_id, only))
    found.reports = {report.project_id: report for report in session.exec(reports)}
    assessments = (
        columns(Report.project_id, Assessment.dimension, Assessment.colour, Assessment.comment)
        .join(Report, col(Report.id) == Assessment.report_id)
        .where(Report.round_id == keys[0], among(Report.project_id, only))
    )
    for project_id, dimension, colour, comment in session.exec(assessments):
        found.colours[project_id][dimension] = (colour, comment)
    if len(keys) > 1:
        before = columns(Report.project_id, Report.summary).where(
            Report.round_id == keys[1], col(Report.state).in_(COUNTS), among(Report.project_id, only)
        )
        found.texts_before = dict(session.exec(before).all())


def _row(project: Any, found: _Facts, rounds: list[ReportingRound]) -> OverviewRow:
    marks = found.marks.get(project.id, {})
    history = [marks.get(a_round.pk, Mark.absent) for a_round in reversed(rounds)]
    report = found.reports.get(project.id)
    mark = mark_now(project.phase, marks, rounds[0] if rounds else None)
    if history:
        history[-1] = mark
    known = found.colours.get(project.id, {}) if report and report.state in COUNTS else {}
    colours = {dimension: known[dimension][0] for dimension in Dimension if dimension in known}
    dimension = worst(colours)
    counts = mark.is_colour
    last = next(((old, a_round) for old, a_round in zip(reversed(history), rounds, strict=True) if old.is_colour), None)
    return OverviewRow.model_construct(
        number=project.number,
        title=project.title,
        kind=project.kind,
        programme=project.programme or "",
        theme=project.theme,
        owner=project.owner or "",
        leader=project.leader or "",
        unit=project.unit or "",
        phase=project.phase,
        closed=project.confidentiality is Confidentiality.closed,
        mark=mark,
        last_mark=last[0] if last and not counts else None,
        last_round=last[1].name if last and not counts else "",
        history=history,
        trend=_trend(history),
        rounds_in_colour=_rounds_in_colour(history),
        cause_dimension=dimension if counts and mark is not Mark.green else None,
        cause=known[dimension][1] if counts and dimension and mark is not Mark.green else "",
        assessments=colours,
        suggested=suggested(colours),
        path_to_green=_path(report) if counts else None,
        decision=_decision(report) if mark is Mark.red else None,
        summary=report.summary if report and counts else "",
        report_state=report.state if report else None,
        signals=_signals(project, report, found) if counts else [],
        case_numbers=project.case_numbers,
        approved_on=report.approved_at.date() if report and counts and report.approved_at else None,
        approved_as=report.approved_as if report and counts else None,
        owner_mark=Mark(report.owner_colour.value) if report and counts and report.owner_colour else None,
        owner_comment=report.owner_comment if report and counts else "",
        worst_child=None,
        red_children=0,
        children=0,
    )


def mark_now(phase: Phase, marks: Mapping[int, Mark], current: ReportingRound | None) -> Mark:
    """The mark of now: the approved report's colour, or why there is none. No colour is carried over.

    `marks` are those that the project has had in the latest rounds, by key of round.
    """
    if current and current.pk in marks:
        return marks[current.pk]
    if phase in (Phase.finished, Phase.stopped):
        return Mark.finished
    return Mark.not_reported if marks else Mark.not_assessed


_SEVERITY = {Mark.green: 0, Mark.yellow: 1, Mark.red: 2}


def _trend(history: list[Mark]) -> Trend | None:
    """The last round against the one before it; new when the project was not on the list then."""
    if len(history) < 2 or not history[-1].is_colour:
        return Trend.new if history and history[-1].is_colour else None
    before, now = history[-2], history[-1]
    if before is Mark.absent:
        return Trend.new if all(mark is Mark.absent for mark in history[:-1]) else None
    if not before.is_colour:
        return None
    difference = _SEVERITY[now] - _SEVERITY[before]
    if difference == 0:
        return Trend.same
    return Trend.worse if difference > 0 else Trend.better


def _rounds_in_colour(history: list[Mark]) -> int:
    """For how many rounds in a row, this one counted, the project has had its colour (at most the six shown)."""
    if not history or not history[-1].is_colour:
        return 0
    return next((n for n, mark in enumerate(reversed(history)) if mark is not history[-1]), len(history))


def _path(report: Any) -> Path | None:
    if not report.path_action:
        return None
    return Path(action=report.path_action, who=report.path_who, on=report.path_on)


def _decision(report: Any) -> DecisionWanted | None:
    if not report.decision_wanted:
        return None
    return DecisionWanted(
        question=report.decision_wanted,
        track=report.decision_track,
        by_on=report.decision_by_on,
        options=report.options,
    )


def _signals(project: Any, report: Any, found: _Facts) -> list[Signal]:
    """The facts that do not fit this report (domain.md 4D, W1-W9 as far as the list knows them)."""
    known = found.colours.get(project.id, {})
    return signals_of(
        ReportFacts(
            colour=report.colour,
            colours={dimension: colour for dimension, (colour, _comment) in known.items()},
            summary=report.summary,
            summary_before=found.texts_before.get(project.id, ""),
            late=found.late.get(project.id),
            days_moved=found.moved.get(project.id, 0),
            shares=found.shares.get(project.id, ()),
            one_person=project.owner_id is not None and project.owner_id == project.leader_id,
            submitted_at=report.submitted_at,
            approved_at=report.approved_at,
        )
    )


def _roll_up(projects: list[Any], rows: Mapping[int, OverviewRow]) -> None:
    """Puts beside each programme the worst colour below it, and how many are red (invariant I17)."""
    parent_of = {project.id: project.parent_id for project in projects}
    for row in rows.values():
        row.worst_child, row.red_children, row.children = None, 0, 0
    for project in projects:
        colour = rows[project.id].mark
        above = project.parent_id
        while above in rows:
            parent = rows[above]
            parent.children += 1
            parent.red_children += colour is Mark.red
            if colour.is_colour and (
                parent.worst_child is None or Colour(colour.value).severity > parent.worst_child.severity
            ):
                parent.worst_child = Colour(colour.value)
            above = parent_of[above]


def _tile(mark: Mark, now: Mapping[int, Mark], before: Mapping[int, Mark]) -> Tile:
    """Like for like (product.md, decision 11): the same projects that moved, those that joined, those that left."""
    here = {key for key, value in now.items() if value is mark}
    there = {key for key, value in before.items() if value is mark}
    return Tile(
        mark=mark,
        count=len(here),
        before=len(there),
        moved_in=len((here - there) & before.keys()),
        moved_out=len((there - here) & now.keys()),
        joined=len(here - before.keys()),
        left=len(there - now.keys()),
    )


def _groups(rows: Iterable[OverviewRow]) -> list[OverviewGroup]:
    by_theme: dict[str, list[OverviewRow]] = {}
    for row in rows:
        by_theme.setdefault(row.theme, []).append(row)
    return [
        OverviewGroup.model_construct(theme=theme, rows=members, marks=_mix(members))
        for theme, members in by_theme.items()
    ]


def _mix(rows: Iterable[OverviewRow]) -> dict[Mark, int]:
    """How many of each mark, in the order of the marks."""
    counted = Counter(row.mark for row in rows)
    return {mark: counted[mark] for mark in Mark if counted[mark]}
