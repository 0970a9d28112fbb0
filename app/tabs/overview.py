"""Overblik: every project on the list by theme with its colour, and first of all the red ones (domain.md R13, J3)."""

from collections import Counter, defaultdict, namedtuple
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlmodel import Session, col

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
from app.models.base import Choice, columns
from app.models.effect_target import IndicatorType, NoShare, share_of_path, whole_percent
from app.models.measurement import latest_measurements
from app.models.milestone import last_day
from app.models.project import Confidentiality, Kind, Phase, descendants, family
from app.models.report import COUNTS, ReportState, Track
from app.models.reporting_round import latest_rounds
from app.models.signal import SAME_TEXT, Signal, SignalKind, same_text, signal
from app.settings import COPENHAGEN
from app.tabs.filters import Filters, Option, among, matching, options, passes, projects_on_list

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
    if mark is Mark.not_assessed:
        return _("New on the list; not reported yet.")
    if state is ReportState.submitted:
        return _("Submitted; awaits the project owner's approval.")
    if state is ReportState.returned:
        return _("Returned by the project owner to the project leader.")
    if not leader:
        return _("Status is missing; no project leader has been named.")
    return _("Status is missing from the project leader.")


@dataclass
class OverviewRow:
    """One project. A plain class: a thousand of them are made for every page."""

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
    groups: list[OverviewGroup]
    themes: list[Option] = Field(exclude=True)
    units: list[Option] = Field(exclude=True)
    owners: list[Option] = Field(exclude=True)
    kinds: list[Option] = Field(exclude=True)


@dataclass
class _Facts:
    """What the queries found beside the project rows, keyed by project."""

    keys: list[int] = field(default_factory=list)
    """The keys of the rounds, newest first."""
    marks: dict[int, dict[int, Mark]] = field(default_factory=dict)
    reports: dict[int, Any] = field(default_factory=dict)
    late: dict[int, tuple[str, int]] = field(default_factory=dict)
    shares: dict[int, list[tuple[str, float | NoShare]]] = field(default_factory=lambda: defaultdict(list))


def build_overview(session: Session, portfolio: Portfolio, filters: Filters, day: date) -> Overview:
    """The tab as the session's reader may see it on a day. Twelve queries, however many projects there are."""
    rounds = latest_rounds(session, portfolio.pk, ROUNDS_SHOWN)
    current, previous = (rounds[0] if rounds else None), (rounds[1] if len(rounds) > 1 else None)
    projects = _plain(projects_on_list(session, portfolio.pk, day))
    found = _facts(session, rounds, day)
    rows = {project.id: _row(project, found, rounds) for project in projects}
    _roll_up(projects, rows)
    matched = matching(session, filters.q)
    shown = [
        rows[project.id]
        for project in projects
        if (matched is None or project.id in matched) and passes(project, rows[project.id].mark, filters)
    ]
    earlier = previous.pk if previous else 0
    before = {key: marks[earlier] for key, marks in found.marks.items() if earlier in marks}
    now = {key: row.mark for key, row in rows.items()}
    return Overview(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        case_number=portfolio.case_number,
        as_of=current.as_of if current else day,
        round_key=current.key if current else "",
        round_name=current.name if current else "",
        previous_round_name=previous.name if previous else "",
        board_on=current.board_on if current else None,
        rounds=[a_round.name for a_round in reversed(rounds)],
        filters=filters,
        tiles=[_tile(mark, now, before) for mark in (Mark.red, Mark.yellow, Mark.green, Mark.not_reported)],
        total=len(rows),
        joined=len(now.keys() - before.keys()),
        left=len(before.keys() - now.keys()),
        shown=len(shown),
        closed=sum(row.closed for row in rows.values()),
        to_be_tested=sum(1 for row in rows.values() if row.signals),
        reds=sorted(
            (row for row in rows.values() if row.mark is Mark.red),
            key=lambda row: (row.decision.by_on if row.decision and row.decision.by_on else date.max, row.number),
        ),
        groups=_groups(shown),
        **options(projects),
    )


def rows_of(
    session: Session, portfolio_id: int, day: date, only: set[int]
) -> tuple[dict[int, OverviewRow], list[ReportingRound]]:
    """Some projects as they stand on Overblik, by key (those that are not on the list are left out), and the rounds."""
    rounds = latest_rounds(session, portfolio_id, ROUNDS_SHOWN)
    projects = _plain(projects_on_list(session, portfolio_id, day, only))
    found = _facts(session, rounds, day, only)
    rows = {each.id: _row(each, found, rounds) for each in projects}
    _roll_up(projects, rows)
    return rows, rounds


def project_row(session: Session, project: Project, day: date) -> tuple[OverviewRow | None, list[str]]:
    """One project as it stands on Overblik (None when it is not on the list), and the names of the rounds shown."""
    below = descendants(family(session, project.portfolio_id), project.pk)
    rows, rounds = rows_of(session, project.portfolio_id, day, below | {project.pk})
    return rows.get(project.pk), [a_round.name for a_round in reversed(rounds)]


def _facts(session: Session, rounds: list[ReportingRound], day: date, only: set[int] | None = None) -> _Facts:
    found = _Facts()
    if rounds:
        _find_reports(session, found, rounds, only)
    milestones = columns(Milestone.project_id, Milestone.text, Milestone.due_on, Milestone.precision).where(
        col(Milestone.done_on).is_(None),
        col(Milestone.dropped_on).is_(None),
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
    latest = latest_measurements(session)
    for target in _plain(session.exec(targets)):
        measured = latest.get(target.id)
        share = share_of_path(target, measured.value if measured else None, measured.last_day if measured else day)
        found.shares[target.project_id].append((target.name, share))
    return found


def _plain(rows: Iterable[Any]) -> list[Any]:
    """A query's rows as named tuples: a value is read many times, and SQLAlchemy's own rows take ten times as long."""
    found = list(rows)
    return list(map(_named(found[0]._fields)._make, found)) if found else []


@cache
def _named(fields: tuple[str, ...]) -> Any:
    return namedtuple("_named", fields, rename=True)


def marks_in(
    session: Session, rounds: Iterable[ReportingRound], only: set[int] | None = None
) -> dict[int, dict[int, Mark]]:
    """The marks of the reports in these rounds, by key of project and of round. A colour counts when approved."""
    keys = [a_round.pk for a_round in rounds]
    counts = sa.and_(col(Report.state).in_(COUNTS), col(Report.colour).is_not(None))
    mark = sa.case((counts, _text(Report.colour)), else_=Mark.not_reported.value)
    query = (
        columns(Report.project_id, *(sa.func.max(sa.case((col(Report.round_id) == key, mark))) for key in keys))
        .where(col(Report.round_id).in_(keys), among(Report.project_id, only))
        .group_by(Report.project_id)
    )
    return {
        project_id: {key: _MARKS[text] for key, text in zip(keys, texts, strict=True) if text}
        for project_id, *texts in session.exec(query)
    }


_MARKS = {mark.value: mark for mark in Mark}


def _text(column: Any) -> Any:
    """An enumeration's column as the text that is stored: cheaper to read."""
    return sa.type_coerce(column, sa.String)


_BEFORE = sa.inspect(Report).local_table.alias()
_JUDGED = {dimension: sa.inspect(Assessment).local_table.alias() for dimension in Dimension}


def _find_reports(session: Session, found: _Facts, rounds: list[ReportingRound], only: set[int] | None) -> None:
    """The reports of the current round, each with its six dimensions and the text of the round before: a row a project.

    The last twelve columns are the dimensions' colours (empty when not relevant, None when not judged) and comments.
    What hangs on a report is joined as a table: whoever may see the report may see it.
    """
    found.keys = [a_round.pk for a_round in rounds]
    found.marks = marks_in(session, rounds, only)
    current, previous = found.keys[0], found.keys[1] if len(found.keys) > 1 else None
    query = (
        columns(
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
            Report.approved_at,
            _BEFORE.c.summary.label("text_before"),
            *(sa.case((one.c.id.is_not(None), sa.func.coalesce(_text(one.c.colour), ""))) for one in _JUDGED.values()),
            *(one.c.comment for one in _JUDGED.values()),
        )
        .outerjoin(_BEFORE, sa.and_(_BEFORE.c.project_id == Report.project_id, _BEFORE.c.round_id == previous))
        .where(Report.round_id == current, among(Report.project_id, only))
    )
    for dimension, one in _JUDGED.items():
        query = query.outerjoin(one, sa.and_(one.c.report_id == Report.id, one.c.dimension == dimension))
    found.reports = {report.project_id: report for report in _plain(session.exec(query))}


@cache
def _judge(texts: tuple[str | None, ...]) -> tuple[Mapping[Dimension, Colour | None], Dimension | None]:
    """Six stored colours as what they mean, and the dimension that decides."""
    known = {
        dimension: Colour(text) if text else None
        for dimension, text in zip(Dimension, texts, strict=True)
        if text is not None
    }
    return known, worst(known)


def _row(project: Any, found: _Facts, rounds: list[ReportingRound]) -> OverviewRow:
    marks = found.marks.get(project.id, {})
    report = found.reports.get(project.id)
    mark = mark_now(project.phase, marks, rounds[0] if rounds else None)
    history = [marks.get(key, Mark.absent) for key in reversed(found.keys)]
    if history:
        history[-1] = mark
    counts = mark.is_colour
    colours: dict[Dimension, Colour | None] = {}
    decisive = None
    if report and report.state in COUNTS:
        known, decisive = _judge(report[-12:-6])
        colours = dict(known)
    cause = decisive if counts and mark is not Mark.green else None
    last = None
    if not counts:
        last = next(
            ((old, a_round) for old, a_round in zip(reversed(history), rounds, strict=True) if old.is_colour), None
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
        last_round=last[1].name if last else "",
        history=history,
        trend=_trend(history),
        rounds_in_colour=_rounds_in_colour(history),
        cause_dimension=cause,
        cause=report[-6:][_PLACE[cause]] if report and cause else "",
        assessments=colours,
        suggested=colours[decisive] if decisive else None,
        path_to_green=_path(report) if counts else None,
        decision=_decision(report) if mark is Mark.red else None,
        summary=report.summary if report and counts else "",
        report_state=report.state if report else None,
        signals=_signals(project, mark, colours, decisive, report, found) if counts else [],
        case_numbers=project.case_numbers,
        approved_on=report.approved_at.astimezone(COPENHAGEN).date()
        if report and counts and report.approved_at
        else None,
        worst_child=None,
        red_children=0,
        children=0,
    )


_PLACE = {dimension: place for place, dimension in enumerate(Dimension)}


def mark_now(phase: Phase, marks: Mapping[int, Mark], current: ReportingRound | None) -> Mark:
    """The mark of now: the approved report's colour, or why there is none. No colour is carried over.

    `marks` are those that the project has had in the latest rounds, by key of round.
    """
    mark = marks.get(current.pk) if current else None
    if mark is not None:
        return mark
    if phase in (Phase.finished, Phase.stopped):
        return Mark.finished
    return Mark.not_reported if marks else Mark.not_assessed


_SEVERITY: dict[str, int] = {colour.value: colour.severity for colour in Colour}


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


def _approved_on(report: Any) -> date | None:
    """The day in Copenhagen on which the owner approved."""
    return report.approved_at.astimezone(COPENHAGEN).date() if report and report.approved_at else None


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


def _signals(
    project: Any,
    mark: Mark,
    colours: Mapping[Dimension, Colour | None],
    decisive: Dimension | None,
    report: Any,
    found: _Facts,
) -> list[Signal]:
    """The facts that do not fit this report (domain.md 4D, W1-W9 as far as the list knows them)."""
    signals = []
    worst_colour = colours[decisive] if decisive else None
    if worst_colour and _SEVERITY[mark] < _SEVERITY[worst_colour]:
        signals.append(signal(SignalKind.better_than_suggested))
    shares = found.shares.get(project.id, [])
    if mark is Mark.green:
        if project.id in found.late:
            milestone, days = found.late[project.id]
            signals.append(signal(SignalKind.overdue_milestone, milestone=milestone, days=days))
        for name, share in shares:
            if not isinstance(share, NoShare) and share < 0.8:
                signals.append(signal(SignalKind.behind_path, target=name, share=whole_percent(share)))
    if _may_be_same(report.summary, report.text_before) and same_text(report.summary, report.text_before):
        signals.append(signal(SignalKind.same_text))
    measurable = any(not isinstance(share, NoShare) or share in _MEASURABLE for _name, share in shares)
    if colours.get(Dimension.effect) is Colour.green and not measurable:
        signals.append(signal(SignalKind.no_measurable_target))
    if project.owner_id is not None and project.owner_id == project.leader_id:
        signals.append(signal(SignalKind.same_person))
    return signals


def _may_be_same(now: str, before: str | None) -> bool:
    """Whether comparing two texts letter by letter, which is slow, can find them the same; nearly always it cannot.

    Texts that are the same by `same_text` differ in a tenth of their letters together at most. Nor can the counts of
    their letters differ by more; and as each letter spoils at most one of the pieces that the newer text is cut into,
    every other piece stands in the older text as it is.
    """
    if not now or not before:
        return False
    spare = round((1 - SAME_TEXT) * (len(now) + len(before)), 6)
    return (
        abs(len(now) - len(before)) <= spare
        and sum(abs(now.count(letter) - before.count(letter)) for letter in set(now)) <= spare
        and sum(now[start : start + 4] not in before for start in range(0, len(now) - 3, 4)) <= spare
    )


_MEASURABLE = (NoShare.not_measured, NoShare.not_due)


def _roll_up(projects: list[Any], rows: Mapping[int, OverviewRow]) -> None:
    """Puts beside each programme the worst colour below it, and how many are red (invariant I17)."""
    parent_of = {project.id: project.parent_id for project in projects}
    for project in projects:
        colour = rows[project.id].mark
        above = project.parent_id
        while above in rows:
            parent = rows[above]
            parent.children += 1
            parent.red_children += colour is Mark.red
            if colour.is_colour and (parent.worst_child is None or _SEVERITY[colour] > _SEVERITY[parent.worst_child]):
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
