"""Overblik: every project on the list by theme with its colour, and first of all the red ones (domain.md R13, J3)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from json import dumps, loads
from typing import Any, NamedTuple

import sqlalchemy as sa
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
from app.models.assessment import Colour, Dimension, worst
from app.models.base import Choice, columns, packed, stored
from app.models.effect_target import IndicatorType, NoShare, share_of_path
from app.models.measurement import latest_measurements
from app.models.milestone import last_day
from app.models.project import Confidentiality, Kind, Phase, descendants, family
from app.models.report import AT_THE_FREEZE, COUNTS, IN_HAND, ApprovedAs, ReportState, Track
from app.models.reporting_round import latest_rounds
from app.models.signal import ReportFacts, Signal, signals_of, stands_first
from app.settings import COPENHAGEN
from app.tabs.filters import (
    KEPT,
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
    stored_date,
)

ROUNDS_SHOWN = 6


class Mark(Choice):
    """What stands where a colour would: a colour from an approved report, or why there is none (decision 5)."""

    red = "red", N_("Red")
    yellow = "yellow", N_("Yellow")
    green = "green", N_("Green")
    not_reported = "not_reported", N_("Not reported")
    not_assessed = "not_assessed", N_("Not yet assessed")
    exempt = "exempt", N_("Exempt")
    finished = "finished", N_("Finished")
    absent = "absent", N_("Not on the list")

    @property
    def is_colour(self) -> bool:
        return self in _COLOURS


_COLOURS = (Mark.red, Mark.yellow, Mark.green)


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
    if mark is Mark.exempt:
        return _("The project is exempt from this round.")
    if mark is Mark.not_assessed and state is not ReportState.submitted:
        return _("New on the list; not reported yet.")
    if state is ReportState.not_approved:
        return _("Not approved by the project owner.")
    if state is ReportState.submitted:
        return _("Submitted; awaits the project owner's approval.")
    if state is ReportState.returned:
        return _("Returned by the project owner to the project leader.")
    if not leader:
        return _("Status is missing; no project leader has been named.")
    return _("Status is missing from the project leader.")


@dataclass(frozen=True, eq=False)
class OverviewRow:
    """One project. What a row is made of makes the same row again, so that what was drawn of it can be kept."""

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
    worst_child: Colour | None = None
    red_children: int = 0
    children: int = 0

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


class Gone(BaseModel):
    """A project that had a mark in the round before and is no longer on the list."""

    number: str
    title: str
    mark: Mark


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
    rounds: tuple[str, ...]
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
    gone: list[Gone] = Field(default_factory=list)
    themes: list[Option] = Field(exclude=True)
    units: list[Option] = Field(exclude=True)
    owners: list[Option] = Field(exclude=True)
    kinds: list[Option] = Field(exclude=True)


@dataclass
class _Facts:
    """What the queries found beside the project rows, keyed by project."""

    rounds: tuple[str, ...] = ()
    """The names of the rounds, newest first."""
    marks: dict[int, tuple[Mark | None, ...]] = field(default_factory=dict)
    reports: dict[int, str] = field(default_factory=dict)
    late: dict[int, tuple[str, int]] = field(default_factory=dict)
    shares: dict[int, list[tuple[str, float | NoShare]]] = field(default_factory=lambda: defaultdict(list))


class _Known(NamedTuple):
    """Everything that a row is made of. Nothing else may change a row: equal facts are given the row made before."""

    project: ListedProject
    report: str | None
    marks: tuple[Mark | None, ...]
    """In the latest rounds, newest first."""
    rounds: tuple[str, ...]
    """Their names."""
    late: tuple[str, int] | None
    shares: tuple[tuple[str, float | NoShare], ...]


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
        rows = {project.id: self.rows[project.id] for project in projects}
        rows |= {each.id: replace(rows[each.id], programme="") for each in projects if each.parent_id not in known}
        return self.model_copy(
            update={
                "projects": projects,
                "rows": rows,
                "before": {key: mark for key, mark in self.before.items() if key in known},
                "gone": {key: gone for key, gone in self.gone.items() if key in known},
            }
        )


def build_overview(session: Session, portfolio: Portfolio, filters: Filters, day: date) -> Overview:
    """The tab as the session's reader may see it on a day. Twelve queries, however many projects there are."""
    facts = read_overview(session, portfolio, day)
    return assemble_overview(facts, filters, matching(session, filters.q))


def read_overview(session: Session, portfolio: Portfolio, day: date) -> OverviewFacts:
    """The facts of today, as the session's reader may see them."""
    rounds = latest_rounds(session, portfolio.pk, ROUNDS_SHOWN)
    projects = projects_on_list(session, portfolio.pk, day)
    found = _facts(session, rounds, day)
    rows = _rows(projects, found)
    before = {key: mark for key, marks in found.marks.items() for mark in marks[1:2] if mark}
    return OverviewFacts.model_construct(
        heading=heading(portfolio, rounds, day),
        projects=projects,
        rows=rows,
        before=before,
        gone=_gone(session, {key: mark for key, mark in before.items() if key not in rows}),
    )


def _gone(session: Session, marks: Mapping[int, Mark]) -> dict[int, Gone]:
    if not marks:
        return {}
    query = columns(Project.id, Project.number, Project.title).where(col(Project.id).in_(marks))
    return {
        key: Gone(number=number, title=title, mark=marks[key])
        for key, number, title in session.exec(query.order_by(Project.sequence))
    }


def assemble_overview(facts: OverviewFacts, filters: Filters, matched: set[int] | None) -> Overview:
    """The tab out of its facts, today's or an edition's. `matched` are the projects that the search found, if any."""
    rows = _rolled_up(facts.projects, facts.rows)
    shown = [
        rows[project.id]
        for project in facts.projects
        if (matched is None or project.id in matched) and passes(project, rows[project.id].mark, filters)
    ]
    now = {key: row.mark for key, row in rows.items()}
    return Overview.model_construct(
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
        gone=list(facts.gone.values()),
        **options(facts.projects),
    )


def rows_of(
    session: Session, portfolio_id: int, day: date, only: set[int]
) -> tuple[dict[int, OverviewRow], list[ReportingRound]]:
    """Some projects as they stand on Overblik, by key (those that are not on the list are left out), and the rounds."""
    rounds = latest_rounds(session, portfolio_id, ROUNDS_SHOWN)
    projects = projects_on_list(session, portfolio_id, day, only)
    found = _facts(session, rounds, day, only)
    return _rolled_up(projects, _rows(projects, found)), rounds


def project_row(session: Session, project: Project, day: date) -> tuple[OverviewRow | None, list[str]]:
    """One project as it stands on Overblik (None when it is not on the list), and the names of the rounds shown."""
    below = descendants(family(session, project.portfolio_id), project.pk)
    rows, rounds = rows_of(session, project.portfolio_id, day, below | {project.pk})
    return rows.get(project.pk), [a_round.name for a_round in reversed(rounds)]


def signals_of_round(session: Session, portfolio_id: int, day: date, only: set[int]) -> dict[int, list[Signal]]:
    """The signals of some projects' reports in the current round, by key; also of those that await approval."""
    rounds = latest_rounds(session, portfolio_id, 2)
    found = _facts(session, rounds, day, only)
    return {
        project.id: _signals(_known(project, found))
        for project in projects_on_list(session, portfolio_id, day, only)
        if (report := found.reports.get(project.id)) and _read(report).colour
    }


def row_if_approved(
    session: Session,
    project: Project,
    written: Mapping[str, Any],
    assessments: Mapping[Dimension, tuple[Colour | None, str]],
    day: date,
) -> tuple[OverviewRow | None, list[str]]:
    """One project as it will stand once this status of the current round is approved, and the names of the rounds.

    `written` are the values of a report by the names of its columns.
    """
    rounds = latest_rounds(session, project.portfolio_id, ROUNDS_SHOWN)
    found = _facts(session, rounds, day, {project.pk})
    known = _read(found.reports[project.pk])
    judged = [assessments.get(dimension) for dimension in Dimension]
    values: dict[str, Any] = {name: _as_text(written[name]) for name in _COLUMNS if name in written}
    values |= {"options": dumps(written["options"]), "state": ReportState.approved.value, "approved_at": None}
    values["colours"] = [each and (each[0].value if each[0] else "") for each in judged]
    values["comments"] = [each and each[1] for each in judged]
    found.reports[project.pk] = _pack(known._replace(**values))
    found.marks[project.pk] = (Mark(written["colour"]), *found.marks[project.pk][1:])
    listed = projects_on_list(session, project.portfolio_id, day, {project.pk})
    rows = _rows(listed, found)
    return rows.get(project.pk), [a_round.name for a_round in reversed(rounds)]


def _as_text(value: Any) -> str | None:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.value if isinstance(value, Choice) else None if value is None else str(value)


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
    ).where(
        ~col(EffectTarget.withdrawn),
        col(EffectTarget.indicator_type).in_([kind for kind in IndicatorType if kind.is_effect]),
        among(EffectTarget.project_id, only),
    )
    latest = latest_measurements(session, day)
    for target in session.exec(targets):
        measured = latest.get(target.id)
        share = share_of_path(target, measured.value if measured else None, measured.last_day if measured else day)
        found.shares[target.project_id].append((target.name, share))
    return found


def marks_in(
    session: Session, rounds: Sequence[ReportingRound], only: set[int] | None = None
) -> dict[int, tuple[Mark | None, ...]]:
    """The marks of each project in these rounds, newest first, None where it has no report. Keyed by project.

    A colour counts when approved. In the newest round, what is still in hand is not yet assessed. Of a frozen round
    only what was frozen counts, as in its edition: a project that left before the freeze was not on the list.
    """
    written = stored(Report.state) + ":" + sa.func.coalesce(stored(Report.colour), "")
    query = (
        columns(
            Report.project_id,
            sa.func.aggregate_strings(sa.cast(col(Report.round_id), sa.Text) + ":" + written, " "),
        )
        .where(col(Report.round_id).in_([a_round.pk for a_round in rounds]), among(Report.project_id, only))
        .group_by(Report.project_id)
    )
    places = tuple((str(a_round.pk), a_round.is_frozen) for a_round in rounds)
    return {project_id: _marks(texts, places) for project_id, texts in session.exec(query)}


@lru_cache(maxsize=KEPT)
def _marks(texts: str, places: tuple[tuple[str, bool], ...]) -> tuple[Mark | None, ...]:
    """The marks of the rounds in `places` (key, is it frozen) out of texts: a round's key, a state and a colour."""
    reports = {key: (ReportState(state), colour) for key, state, colour in (text.split(":") for text in texts.split())}
    return tuple(
        _mark(*reports[key], frozen, newest=not place) if key in reports else None
        for place, (key, frozen) in enumerate(places)
    )


def _mark(state: ReportState, colour: str, frozen: bool, *, newest: bool) -> Mark | None:
    if frozen and state not in AT_THE_FREEZE:
        return None
    if state in COUNTS and colour:
        return Mark(colour)
    if state is ReportState.exempt:
        return Mark.exempt
    return Mark.not_assessed if newest and state in IN_HAND else Mark.not_reported


class _Report(NamedTuple):
    """A report as it is stored: every value is a text. Colours and comments are those of the six dimensions in order;

    a colour is empty where the dimension is not relevant, None where it was not judged.
    """

    state: str
    colour: str | None
    summary: str
    path_action: str
    path_who: str
    path_on: str | None
    decision_wanted: str
    decision_track: str | None
    decision_by_on: str | None
    options: str
    submitted_at: str | None
    approved_at: str | None
    approved_as: str | None
    owner_colour: str | None
    owner_comment: str
    text_before: str | None
    colours: list[str | None]
    comments: list[str | None]


_COLUMNS = _Report._fields[:-3]
_BEFORE = sa.inspect(Report).local_table.alias()
_JUDGED = {dimension: sa.inspect(Assessment).local_table.alias() for dimension in Dimension}


def _find_reports(session: Session, found: _Facts, rounds: list[ReportingRound], only: set[int] | None) -> None:
    """The reports of the current round, each with its six dimensions and the text of the round before: a row a project.

    A report is one packed text, and stays so until a row is made of it: nearly always that row has been made before.
    What hangs on a report is joined as a table: whoever may see the report may see it.
    """
    found.rounds = tuple(a_round.name for a_round in rounds)
    found.marks = marks_in(session, rounds, only)
    current, previous = rounds[0].pk, rounds[1].pk if len(rounds) > 1 else None
    relevant = [
        sa.case((one.c.id.is_not(None), sa.func.coalesce(stored(one.c.colour), ""))) for one in _JUDGED.values()
    ]
    query = (
        columns(
            Report.project_id,
            packed(
                *(stored(getattr(Report, name)) for name in _COLUMNS),
                _BEFORE.c.summary,
                *relevant,
                *(one.c.comment for one in _JUDGED.values()),
            ),
        )
        .outerjoin(
            _BEFORE,
            sa.and_(
                _BEFORE.c.project_id == Report.project_id,
                _BEFORE.c.round_id == previous,
                _BEFORE.c.state.in_(COUNTS),
            ),
        )
        .where(Report.round_id == current, among(Report.project_id, only))
    )
    for dimension, one in _JUDGED.items():
        query = query.outerjoin(one, sa.and_(one.c.report_id == Report.id, one.c.dimension == dimension))
    found.reports = dict(session.exec(query).all())


def _read(report: str) -> _Report:
    values = loads(report)
    return _Report._make([*values[:-12], values[-12:-6], values[-6:]])


def _pack(report: _Report) -> str:
    return dumps([*report[:-2], *report.colours, *report.comments])


@cache
def _judge(texts: tuple[str | None, ...]) -> tuple[Mapping[Dimension, Colour | None], Dimension | None]:
    """Six stored colours as what they mean, and the dimension that decides."""
    known = {
        dimension: Colour(text) if text else None
        for dimension, text in zip(Dimension, texts, strict=True)
        if text is not None
    }
    return known, worst(known)


def _rows(projects: Iterable[ListedProject], found: _Facts) -> dict[int, OverviewRow]:
    return {project.id: _row(_known(project, found)) for project in projects}


def _known(project: ListedProject, found: _Facts) -> _Known:
    key = project.id
    return _Known(
        project=project,
        report=found.reports.get(key),
        marks=found.marks.get(key) or (None,) * len(found.rounds),
        rounds=found.rounds,
        late=found.late.get(key),
        shares=tuple(found.shares[key]) if key in found.shares else (),
    )


@lru_cache(maxsize=KEPT)
def _row(known: _Known) -> OverviewRow:
    project, report = known.project, _read(known.report) if known.report else None
    mark = mark_now(project.phase, known.marks)
    history = [each or Mark.absent for each in reversed(known.marks)]
    if history:
        history[-1] = mark
    counts = mark.is_colour
    colours, decisive = _judge(tuple(report.colours)) if report and report.state in COUNTS else ({}, None)
    cause = decisive if counts and mark is not Mark.green else None
    last = None
    if not counts:
        last = next(
            ((old, name) for old, name in zip(reversed(history), known.rounds, strict=True) if old.is_colour), None
        )
    return OverviewRow(
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
        last_mark=last[0] if last else None,
        last_round=last[1] if last else "",
        history=history,
        trend=_trend(history),
        rounds_in_colour=_rounds_in_colour(history),
        cause_dimension=cause,
        cause=report.comments[_PLACE[cause]] or "" if report and cause else "",
        assessments=dict(colours),
        suggested=colours[decisive] if decisive else None,
        path_to_green=_path(report) if report and counts else None,
        decision=_decision(report) if report and mark is Mark.red else None,
        summary=report.summary if report and counts else "",
        report_state=ReportState(report.state) if report else None,
        signals=_signals(known) if counts else [],
        case_numbers=project.case_numbers,
        approved_on=_day_of(_instant(report.approved_at)) if report and counts else None,
        approved_as=ApprovedAs(report.approved_as) if report and counts and report.approved_as else None,
        owner_mark=Mark(report.owner_colour) if report and counts and report.owner_colour else None,
        owner_comment=report.owner_comment if report and counts else "",
    )


_PLACE = {dimension: place for place, dimension in enumerate(Dimension)}


def mark_now(phase: Phase, marks: Sequence[Mark | None]) -> Mark:
    """The mark of now: the approved report's colour, or why there is none. No colour is carried over.

    `marks` are those that the project has had in the latest rounds, newest first.
    """
    if marks and marks[0] not in (None, Mark.not_assessed):
        return marks[0]
    if phase in (Phase.finished, Phase.stopped):
        return Mark.finished
    return Mark.not_reported if any(marks[1:]) else Mark.not_assessed


_SEVERITY: dict[str, int] = {colour.value: colour.severity for colour in Colour}


def _trend(history: list[Mark]) -> Trend | None:
    """The last round against the one before it, if any; new when the project was not on the list then."""
    if len(history) < 2 or not history[-1].is_colour:
        return None  # in the first round of all, everything is new and nothing worth saying so
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


def _days_moved(project: ListedProject) -> int:
    """How many days later than first promised the project now ends."""
    first, last = project.baseline_end_on, project.planned_end_on
    return (last - first).days if first and last else 0


def _instant(text: str | None) -> datetime | None:
    """SQLite stores an instant in UTC and does not say so."""
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _day_of(instant: datetime | None) -> date | None:
    """The day in Copenhagen."""
    return instant.astimezone(COPENHAGEN).date() if instant else None


def _path(report: _Report) -> Path | None:
    if not report.path_action:
        return None
    return Path(action=report.path_action, who=report.path_who, on=stored_date(report.path_on))


def _decision(report: _Report) -> DecisionWanted | None:
    if not report.decision_wanted:
        return None
    return DecisionWanted(
        question=report.decision_wanted,
        track=Track(report.decision_track) if report.decision_track else None,
        by_on=stored_date(report.decision_by_on),
        options=loads(report.options),
    )


def _signals(known: _Known) -> list[Signal]:
    """The facts that do not fit this report (domain.md 4D, W1-W9 as far as the list knows them)."""
    project, report = known.project, _read(known.report or "")
    colours, _decisive = _judge(tuple(report.colours))
    return signals_of(
        ReportFacts(
            colour=Colour(report.colour),  # type: ignore[arg-type] # only what has a colour has signals
            colours=colours,
            summary=report.summary,
            summary_before=report.text_before or "",
            late=known.late,
            days_moved=_days_moved(project),
            shares=known.shares,
            one_person=project.owner_id is not None and project.owner_id == project.leader_id,
            submitted_at=_instant(report.submitted_at),
            approved_at=_instant(report.approved_at),
        )
    )


def _rolled_up(projects: Iterable[Any], rows: dict[int, OverviewRow]) -> dict[int, OverviewRow]:
    """The rows with the worst colour below each programme, and how many there are red (invariant I17)."""
    parent_of = {project.id: project.parent_id for project in projects}
    below: dict[int, list[Mark]] = defaultdict(list)
    for key, above in parent_of.items():
        mark = rows[key].mark
        while above in rows:
            below[above].append(mark)
            above = parent_of[above]
    return rows | {key: _above(rows[key], tuple(marks)) for key, marks in below.items()}


@lru_cache(maxsize=KEPT)
def _above(row: OverviewRow, marks: tuple[Mark, ...]) -> OverviewRow:
    worst_mark = max((mark for mark in marks if mark.is_colour), key=lambda mark: _SEVERITY[mark], default=None)
    return replace(
        row,
        worst_child=Colour(worst_mark.value) if worst_mark else None,
        red_children=marks.count(Mark.red),
        children=len(marks),
    )


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
