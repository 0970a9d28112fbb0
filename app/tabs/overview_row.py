"""A row of Overblik: everything that the list says of one project, made of what the database has stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from json import dumps, loads
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_

from app.i18n import _
from app.models import (
    AgendaItem,
    Assessment,
    Decision,
    EffectTarget,
    Measurement,
    Milestone,
    Project,
    Report,
    ReportingRound,
    Task,
)
from app.models.assessment import Colour, Dimension, worst
from app.models.base import Choice, columns, packed, stored
from app.models.effect_target import Direction, EffectPath, EffectTargetForm, IndicatorType, NoShare, share_of_path
from app.models.milestone import Precision, last_day
from app.models.project import Confidentiality, Kind, Phase, descendants, family
from app.models.report import COUNTS, ApprovedAs, ReportState, Track
from app.models.reporting_round import latest_rounds
from app.models.signal import ReportFacts, Signal, signals_of
from app.settings import day_of
from app.tabs.filters import KEPT, ListedProject, among, projects_on_list, stored_date
from app.tabs.mark import ROUNDS_SHOWN, SEVERITY, Mark, Trend, mark_now, marks_in, rounds_in_colour, trend_of


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


@dataclass
class Facts:
    """What the queries found beside the project rows, keyed by project."""

    rounds: tuple[str, ...] = ()
    """The names of the rounds, newest first."""
    marks: dict[int, tuple[Mark | None, ...]] = field(default_factory=dict)
    reports: dict[int, str] = field(default_factory=dict)
    late: dict[int, tuple[str, int]] = field(default_factory=dict)
    late_tasks: dict[int, tuple[str, int]] = field(default_factory=dict)
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
    late_task: tuple[str, int] | None
    shares: tuple[tuple[str, float | NoShare], ...]


def rows_of(
    session: Session, portfolio_id: int, day: date, only: set[int]
) -> tuple[dict[int, OverviewRow], list[ReportingRound]]:
    """Some projects as they stand on Overblik, by key (those that are not on the list are left out), and the rounds."""
    rounds = latest_rounds(session, portfolio_id, ROUNDS_SHOWN)
    projects = projects_on_list(session, portfolio_id, day, only)
    found = find_facts(session, rounds, day, only)
    return rolled_up(projects, make_rows(projects, found)), rounds


def project_row(session: Session, project: Project, day: date) -> tuple[OverviewRow | None, list[str]]:
    """One project as it stands on Overblik (None when it is not on the list), and the names of the rounds shown."""
    below = descendants(family(session, project.portfolio_id), project.pk)
    rows, rounds = rows_of(session, project.portfolio_id, day, below | {project.pk})
    return rows.get(project.pk), [a_round.name for a_round in reversed(rounds)]


def signals_of_round(session: Session, portfolio_id: int, day: date, only: set[int]) -> dict[int, list[Signal]]:
    """The signals of some projects' reports in the current round, by key; also of those that await approval."""
    rounds = latest_rounds(session, portfolio_id, 2)
    found = find_facts(session, rounds, day, only)
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
    found = find_facts(session, rounds, day, {project.pk})
    known = _read(found.reports[project.pk])
    judged = [assessments.get(dimension) for dimension in Dimension]
    values: dict[str, Any] = {name: _as_text(written[name]) for name in _COLUMNS if name in written}
    values |= {"options": dumps(written["options"]), "state": ReportState.approved.value, "approved_at": None}
    values["colours"] = [each and (each[0].value if each[0] else "") for each in judged]
    values["comments"] = [each and each[1] for each in judged]
    found.reports[project.pk] = _pack(known._replace(**values))
    found.marks[project.pk] = (Mark(written["colour"]), *found.marks[project.pk][1:])
    listed = projects_on_list(session, project.portfolio_id, day, {project.pk})
    rows = make_rows(listed, found)
    return rows.get(project.pk), [a_round.name for a_round in reversed(rounds)]


def _as_text(value: Any) -> str | None:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.value if isinstance(value, Choice) else None if value is None else str(value)


def find_facts(session: Session, rounds: list[ReportingRound], day: date, only: set[int] | None = None) -> Facts:
    found = Facts()
    if rounds:
        _find_reports(session, found, rounds, only)
    for project_id, text, due_on, precision in session.exec(_of(only, _late_on(day), Milestone)):
        days = (day - last_day(due_on, precision)).days
        if days > found.late.get(project_id, ("", 0))[1]:
            found.late[project_id] = (text, days)
    for project_id, text, due_on in session.exec(_of(only, _late_tasks_on(day), Task)):
        found.late_tasks.setdefault(project_id, (text, (day - due_on).days))
    targets = {key: (owner, text) for key, owner, text in session.exec(_of(only, _targets_on(day), EffectTarget))}
    for project_id, text in targets.values():
        found.shares[project_id].append(_share(text, day))
    return found


def _of(only: set[int] | None, query: Any, kind: Any) -> Any:
    """A query for everything, or for what belongs to some projects."""
    return query if only is None else query.where(among(kind.project_id, only))


@lru_cache(maxsize=100)
def _late_on(day: date) -> Any:
    """The query for the milestones that were due before a day and open on it."""
    return columns(Milestone.project_id, Milestone.text, Milestone.due_on, Milestone.precision).where(
        or_(col(Milestone.done_on).is_(None), col(Milestone.done_on) > day),
        or_(col(Milestone.dropped_on).is_(None), col(Milestone.dropped_on) > day),
        Milestone.due_on < day,
    )


@lru_cache(maxsize=100)
def _late_tasks_on(day: date) -> Any:
    """The query for the tasks from decisions that were overdue on a day, the longest overdue first.

    Editions keep what it finds for everybody who knows the project, so nothing of a closed item is among it.
    """
    return (
        columns(Task.project_id, Task.text, Task.due_on)
        .join(Decision, col(Decision.id) == Task.decision_id)
        .outerjoin(AgendaItem, col(AgendaItem.id) == Decision.agenda_item_id)
        .where(
            col(Task.project_id).is_not(None),
            col(Decision.annulled_at).is_(None),
            col(AgendaItem.closed).is_not(True),
            or_(col(Task.ended_on).is_(None), col(Task.ended_on) > day),
            Task.due_on < day,
            Task.given_on <= day,
        )
        .order_by(Task.due_on, Task.id)
    )


class _Target(NamedTuple):
    """An effect target with its newest measurement, as they are stored."""

    name: str
    direction: str
    path: str
    baseline_value: float | None
    baseline_on: str | None
    target_value: float | None
    target_on: str | None
    waypoints: str
    value: float | None
    measured_on: str | None
    precision: str | None


_OTHER = aliased(Measurement)


@lru_cache(maxsize=100)
def _targets_on(day: date) -> Any:
    """The query for the packed effect targets on a day; of several measurements of one day the last counts."""
    newest = (
        sa.select(sa.func.max(col(_OTHER.measured_on)))
        .where(col(_OTHER.effect_target_id) == EffectTarget.id, ~col(_OTHER.withdrawn), col(_OTHER.measured_on) <= day)
        .correlate(EffectTarget)
        .scalar_subquery()
    )
    return (
        columns(
            EffectTarget.id,
            EffectTarget.project_id,
            packed(
                EffectTarget.name,
                stored(EffectTarget.direction),
                stored(EffectTarget.path),
                EffectTarget.baseline_value,
                stored(EffectTarget.baseline_on),
                EffectTarget.target_value,
                stored(EffectTarget.target_on),
                stored(EffectTarget.waypoints),
                Measurement.value,
                stored(Measurement.measured_on),
                stored(Measurement.precision),
            ),
        )
        .outerjoin(
            Measurement,
            sa.and_(
                col(Measurement.effect_target_id) == EffectTarget.id,
                col(Measurement.measured_on) == newest,
                ~col(Measurement.withdrawn),
            ),
        )
        .where(
            ~col(EffectTarget.withdrawn),
            col(EffectTarget.indicator_type).in_([kind for kind in IndicatorType if kind.is_effect]),
        )
        .order_by(EffectTarget.id, Measurement.no)
    )


@lru_cache(maxsize=KEPT)
def _share(text: str, day: date) -> tuple[str, float | NoShare]:
    """A target's name, and how much of its path it has come on a day."""
    stood = _Target._make(loads(text))
    target = EffectTargetForm.model_construct(
        direction=Direction(stood.direction),
        path=EffectPath(stood.path),
        baseline_value=stood.baseline_value,
        baseline_on=stored_date(stood.baseline_on),
        target_value=stood.target_value,
        target_on=stored_date(stood.target_on),
        waypoints=loads(stood.waypoints),
    )
    measured_on = stored_date(stood.measured_on)
    on = last_day(measured_on, Precision(stood.precision)) if measured_on and stood.precision else day
    return stood.name, share_of_path(target, stood.value, on)


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


def _find_reports(session: Session, found: Facts, rounds: list[ReportingRound], only: set[int] | None) -> None:
    """The reports of the current round, each with its six dimensions and the text of the round before: a row a project.

    A report is one packed text, and stays so until a row is made of it: nearly always that row has been made before.
    What hangs on a report is joined as a table: whoever may see the report may see it.
    """
    found.rounds = tuple(a_round.name for a_round in rounds)
    found.marks = marks_in(session, rounds, only)
    query = _reports_in(rounds[0].pk, rounds[1].pk if len(rounds) > 1 else None)
    found.reports = dict(session.exec(_of(only, query, Report)).all())


@lru_cache(maxsize=100)
def _reports_in(current: int, previous: int | None) -> Any:
    """The query for the packed reports of a round, by project."""
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
        .where(Report.round_id == current)
    )
    for dimension, one in _JUDGED.items():
        query = query.outerjoin(one, sa.and_(one.c.report_id == Report.id, one.c.dimension == dimension))
    return query


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


def make_rows(projects: Iterable[ListedProject], found: Facts) -> dict[int, OverviewRow]:
    return {project.id: _row(_known(project, found)) for project in projects}


def _known(project: ListedProject, found: Facts) -> _Known:
    key = project.id
    return _Known(
        project=project,
        report=found.reports.get(key),
        marks=found.marks.get(key) or (None,) * len(found.rounds),
        rounds=found.rounds,
        late=found.late.get(key),
        late_task=found.late_tasks.get(key),
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
        trend=trend_of(history),
        rounds_in_colour=rounds_in_colour(history),
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
        approved_on=day_of(_instant(report.approved_at)) if report and counts else None,
        approved_as=ApprovedAs(report.approved_as) if report and counts and report.approved_as else None,
        owner_mark=Mark(report.owner_colour) if report and counts and report.owner_colour else None,
        owner_comment=report.owner_comment if report and counts else "",
    )


_PLACE = {dimension: place for place, dimension in enumerate(Dimension)}


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
            late_task=known.late_task,
            one_person=project.owner_id is not None and project.owner_id == project.leader_id,
            submitted_at=_instant(report.submitted_at),
            approved_at=_instant(report.approved_at),
        )
    )


def rolled_up(projects: Iterable[Any], rows: dict[int, OverviewRow]) -> dict[int, OverviewRow]:
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
    worst_mark = max((mark for mark in marks if mark.is_colour), key=lambda mark: SEVERITY[mark], default=None)
    return replace(
        row,
        worst_child=Colour(worst_mark.value) if worst_mark else None,
        red_children=marks.count(Mark.red),
        children=len(marks),
    )
