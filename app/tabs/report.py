"""One half-yearly status: what its leader writes, what the list knows already, and how it will stand on Overblik."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.models import EffectTarget, Event, KeyPersons, Milestone, Project, Report
from app.models.assessment import Assessment, Colour, Dimension
from app.models.base import rel
from app.models.effect_target import IndicatorType, NoShare, figure_due
from app.models.event import recorded_of
from app.models.report import ReportForm, Track, report_before
from app.models.report_entry import DueFigure, Judgement, ReportEntry, entry_kind, figure_fields, stored
from app.models.submission import lacking, settled
from app.models.suggestion import LateMilestone, ProjectFacts, Suggestion, TargetFacts, suggest_all
from app.tabs.effects import TargetRow, target_rows
from app.tabs.mark import Mark
from app.tabs.overview_row import OverviewRow, project_row, row_if_approved


@dataclass(frozen=True)
class DueTarget(DueFigure):
    """A figure that the round asks for, with what is known of it."""

    target: TargetRow


@dataclass
class ReportPage:
    """A status of one round with the one before it, and what the facts suggest."""

    report: Report
    previous: Report | None
    suggestions: Mapping[Dimension, Suggestion]
    due: list[DueTarget]
    late: list[LateMilestone]
    next_milestone: Milestone | None
    key_persons: list[KeyPersons]
    targets: list[TargetRow]
    history: list[Mark]
    rounds: list[str]
    saved_at: datetime | None
    day: date

    @property
    def project(self) -> Project:
        return self.report.project

    @cached_property
    def kind(self) -> type[ReportEntry]:
        """The form of this status: with a field for each figure that is due."""
        return entry_kind(self.due)

    @property
    def entry(self) -> ReportEntry:
        """What is saved, as the form holds it."""
        return stored(self.report, self.due, self.kind)

    @property
    def saved(self) -> Any:
        """The same with its version, which a form is held against."""
        return SimpleNamespace(**dict(self.entry), version=self.report.version)

    @property
    def order(self) -> list[str]:
        """The fields in the order in which they stand on the page."""
        dimensions = [name for dimension in Dimension for name in (dimension.value, f"{dimension.value}_comment")]
        figures = [name for figure in self.due for name in figure_fields(figure.no)]
        path = ["colour", "deviation_reason", "path_action", "path_who", "path_on"]
        decision = ["decision_wanted", "decision_track", "options", "decision_by_on"]
        return [*dimensions, *path, *decision, "summary", "no_health_data", *figures]

    @property
    def before(self) -> dict[Dimension, Assessment]:
        return _by_dimension(self.previous)

    @property
    def now(self) -> dict[Dimension, Assessment]:
        return _by_dimension(self.report)

    @property
    def offered(self) -> list[tuple[str, Judgement]]:
        """What can be chosen for one dimension."""
        return [(choice.value, choice) for choice in Judgement]

    @property
    def colours(self) -> list[tuple[str, Colour]]:
        """What can be chosen as the overall colour, in the order of the dimensions' choices."""
        return [(colour.value, colour) for colour in (Colour.green, Colour.yellow, Colour.red)]

    @property
    def tracks(self) -> list[tuple[str, Track]]:
        return [(track.value, track) for track in Track]

    @property
    def most_days_late(self) -> int:
        return max((milestone.days for milestone in self.late), default=0)

    def fields_of(self, figure: DueFigure) -> tuple[str, str, str]:
        """The names of a figure's fields: value, date and source."""
        return figure_fields(figure.no)

    @property
    def days_moved(self) -> int | None:
        """How many days later than first promised the project now ends; None when either is unknown."""
        ends, first = self.project.planned_end_on, self.project.baseline_end_on
        return (ends - first).days if ends and first else None

    def lacking(self, entry: ReportEntry) -> dict[str, str]:
        return lacking(entry, self.suggestions, self.due, self.day)

    def settled(self, entry: ReportEntry) -> ReportEntry:
        return settled(entry, self.suggestions)


@dataclass
class Preview:
    """The status as it will stand on Overblik, and what it still lacks before it can be handed in."""

    row: OverviewRow | None
    rounds: tuple[str, ...]
    lacks: list[str]

    @property
    def reds(self) -> list[OverviewRow]:
        """The row again where it will also stand among the red ones."""
        return [self.row] if self.row and self.row.mark is Mark.red else []


def build_report_page(session: Session, report: Report, day: date) -> ReportPage:
    """What the form and the page of a status show."""
    project = report.project
    milestones = _milestones(session, project)
    open_ones = [each for each in milestones if not each.done_on]
    late = [LateMilestone(each.text, each.days_late(day)) for each in open_ones if each.days_late(day)]
    targets = target_rows(session, col(Project.id) == project.pk, day).get(project.number, [])
    row, rounds = project_row(session, project, day)
    previous = report_before(session, report)
    facts = ProjectFacts(
        milestones=len(milestones),
        late=tuple(late),
        leader=project.leader.name if project.leader else "",
        owner=project.owner.name if project.owner else "",
        targets=tuple(_target_facts(target, day) for target in targets if target.is_effect),
        withdrawn_targets=_withdrawn(session, project),
    )
    return ReportPage(
        report=report,
        previous=previous,
        suggestions=suggest_all(facts),
        due=_due(targets, previous.round.as_of if previous else None, report.round.as_of),
        late=late,
        next_milestone=next((each for each in open_ones if not each.days_late(day)), None),
        key_persons=_key_persons(session, project),
        targets=targets,
        history=row.history if row else [],
        rounds=rounds,
        saved_at=_saved_at(session, report),
        day=day,
    )


def build_preview(session: Session, page: ReportPage, entry: ReportEntry) -> Preview:
    """The row of Overblik that this entry will become."""
    lacks = list(page.lacking(entry).values())
    will_be = page.settled(entry)
    if will_be.colour is None or page.project.placement is None:
        return Preview(None, tuple(page.rounds), lacks)
    written = {name: getattr(will_be, name) for name in ReportForm.model_fields}
    assessments = {dimension: (colour, will_be.comment(dimension)) for dimension, colour in will_be.colours.items()}
    row, rounds = row_if_approved(session, page.project, written, assessments, page.day)
    return Preview(row, tuple(rounds), lacks)


def _by_dimension(report: Report | None) -> dict[Dimension, Assessment]:
    found = {each.dimension: each for each in report.assessments} if report else {}
    return {dimension: found[dimension] for dimension in Dimension if dimension in found}


def _milestones(session: Session, project: Project) -> list[Milestone]:
    """Those that apply, in the order of their dates."""
    query = select(Milestone).where(Milestone.project_id == project.pk, col(Milestone.dropped_on).is_(None))
    return list(session.exec(query.order_by(col(Milestone.due_on), col(Milestone.no))))


def _withdrawn(session: Session, project: Project) -> int:
    query = select(EffectTarget.id).where(EffectTarget.project_id == project.pk, col(EffectTarget.withdrawn))
    return len(session.exec(query).all())


def _target_facts(target: TargetRow, day: date) -> TargetFacts:
    share: float | NoShare = target.share if target.share is not None else target.no_share or NoShare.not_measured
    overdue = (day - target.target_on).days if target.final_figure_missing and target.target_on else 0
    return TargetFacts(target.name, share, overdue)


def _due(targets: list[TargetRow], since: date | None, day: date) -> list[DueTarget]:
    """The figures that a round asks for. Context is followed, but nobody has to reach it."""
    return [
        DueTarget(no=target.no, name=target.name, source=target.source, target=target)
        for target in targets
        if target.indicator_type is not IndicatorType.context
        and figure_due(target.path, target.target_on, target.latest.last_day if target.latest else None, since, day)
    ]


def _key_persons(session: Session, project: Project) -> list[KeyPersons]:
    query = select(KeyPersons).where(KeyPersons.project_id == project.pk).options(joinedload(rel(KeyPersons.unit)))
    return list(session.exec(query.order_by(col(KeyPersons.count).desc())))


def _saved_at(session: Session, report: Report) -> datetime | None:
    """When the draft was last saved, by the real clock; also when that is being done now."""
    now = [each.at for each in recorded_of(session, "Report", "drafted") if each.subject_name == str(report)]
    if now:
        return now[-1]
    query = select(Event.at).where(
        Event.project_id == report.project_id,
        Event.subject == "Report",
        Event.subject_name == str(report),
        Event.action == "drafted",
    )
    return session.exec(query.order_by(col(Event.at).desc()).limit(1)).first()
