"""Effekter: what each project is to change, how far it has come, and how good its targets are (domain.md R16, R67-R82).

The projects, their order, their status and the filters are those of Overblik: the tab is built on its rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from app.i18n import _, show_date, show_number
from app.models import (
    Benchmark,
    EffectTarget,
    Measurement,
    Person,
    Portfolio,
    Project,
    SuccessCriterion,
    TargetVersion,
    Unit,
)
from app.models.assessment import Colour, Dimension
from app.models.base import columns
from app.models.effect_target import (
    Direction,
    EffectPath,
    EffectTargetForm,
    Frequency,
    IndicatorType,
    NoShare,
    Quality,
    Standing,
    expected_value,
    final_figure_missing,
    first_due_on,
    measured_on_time,
    path_colour,
    quality,
    share_of_path,
    standing,
    steps_of,
    whole_percent,
)
from app.models.milestone import Precision, last_day, show_period
from app.models.placement import on_list
from app.models.project import Kind, Phase
from app.models.relative_date import resolve
from app.models.report import ReportState
from app.models.success_criterion import Met
from app.tabs.after_project import After, AfterFacts, assemble_after, no_after, read_after
from app.tabs.benefits import BenefitLine, benefit_lines
from app.tabs.effect_chart import EffectChart, draw
from app.tabs.filters import Filters, Option
from app.tabs.implementation import ImplementationRow, read_implementation
from app.tabs.mark import Mark
from app.tabs.overview import Overview, build_overview
from app.tabs.overview_row import OverviewRow, why_no_status


class Figure(BaseModel):
    """A measurement: what was measured, for which period, and where the figure comes from."""

    no: int
    value: float
    on: date
    precision: Precision
    source: str

    @property
    def when(self) -> str:
        return show_period(self.on, self.precision)

    @property
    def last_day(self) -> date:
        """The day that the figure stands for: the end of its period."""
        return last_day(self.on, self.precision)


class Comparison(BaseModel):
    """What others have reached: a benchmark of the target, in its unit."""

    no: int
    name: str
    value: float
    on: date
    precision: Precision
    source: str

    @property
    def when(self) -> str:
        return show_period(self.on, self.precision)


class Course(BaseModel):
    """From what to what by when, as it stands or stood: all that a path is drawn from."""

    baseline_value: float | None
    baseline_on: date | None
    target_value: float | None
    target_on: date | None
    target_wording: str
    worded_on: date | None = None
    path: EffectPath
    waypoints: list[str] = []

    @property
    def resolves(self) -> bool:
        """Whether the target date is what the words mean, counted from the day on which they were said."""
        said_on = self.worded_on
        return said_on is not None and self.target_on == resolve(self.target_wording, said_on) is not None

    @property
    def steps(self) -> list[tuple[date, float]]:
        return steps_of(self.waypoints)

    @property
    def baseline(self) -> tuple[date, float] | None:
        return _dated(self.baseline_on, self.baseline_value)

    @property
    def target(self) -> tuple[date, float] | None:
        return _dated(self.target_on, self.target_value)


class FormerCourse(Course):
    """A version of the target that no longer holds, and why it was changed."""

    no: int
    until_on: date
    changed_by: str
    reason: str
    decision: str


class TargetRow(Course):
    """One effect target with its path. Figures are in `unit_of_measure`; `share` is 1.0 on the path.

    What has a default came later: editions that were frozen before do not have it.
    """

    no: int
    name: str
    definition: str
    indicator_type: IndicatorType
    unit_of_measure: str
    direction: Direction
    baseline_precision: Precision
    measurements: list[Figure]
    expected_then: float | None
    expected_now: float | None
    share: float | None
    colour: Colour | None
    no_share: NoShare | None
    final_figure_missing: bool
    benefit_owner: str
    owner_unit: str
    source: str
    attribution_note: str
    quality: dict[Quality, bool]
    day: date
    frequency: Frequency | None = None
    first_due_on: date | None = None
    benchmarks: list[Comparison] = []
    versions: list[FormerCourse] = []

    @property
    def standing(self) -> Standing | None:
        """How it stands, in a word; None for context, which has nothing to reach."""
        if self.indicator_type is IndicatorType.context:
            return None
        return standing(self.share if self.share is not None else self.no_share or NoShare.not_measured)

    @property
    def due_on(self) -> date | None:
        """The day until which nothing is due, where nothing is due yet."""
        return (self.first_due_on or self.target_on) if self.no_share is NoShare.not_due else None

    @property
    def compared(self) -> list[str]:
        """A line for each benchmark: »Landsgennemsnit 2014: 61 procent«."""
        return [
            f"{each.name} {each.when}: {show_number(each.value)} {self.unit_of_measure}" for each in self.benchmarks
        ]

    @property
    def is_effect(self) -> bool:
        return self.indicator_type.is_effect

    @property
    def latest(self) -> Figure | None:
        return self.measurements[-1] if self.measurements else None

    @property
    def share_percent(self) -> int | None:
        return None if self.share is None else whole_percent(self.share)

    @property
    def decimals(self) -> int:
        """How exactly an expected figure is said: it is reckoned, and must not look more certain than it is."""
        change = abs((self.target_value or 0) - (self.baseline_value or 0))
        return 2 if change < 10 else 1 if change < 1000 else 0

    @property
    def baseline_when(self) -> str:
        return show_period(self.baseline_on, self.baseline_precision) if self.baseline_on else ""

    @property
    def chart(self) -> EffectChart | None:
        measured = [(figure.last_day, figure.value) for figure in self.measurements]
        at_end = self.path is EffectPath.at_end
        return draw(self.baseline, self.target, measured, self.expected_then, self.day, at_end=at_end, steps=self.steps)

    @property
    def described(self) -> str:
        """The chart's figures in a sentence, for who cannot see it."""
        latest = self.latest
        said = [
            (_("baseline"), self.baseline_value, 2, self.baseline_when),
            (_("target"), self.target_value, 2, show_date(self.target_on)),
            (_("latest figure"), latest.value if latest else None, 2, latest.when if latest else ""),
            (_("expected then"), self.expected_then, self.decimals, ""),
        ]
        figures = [
            f"{label} {show_number(value, decimals)} {self.unit_of_measure}{f' ({when})' if when else ''}"
            for label, value, decimals, when in said
            if value is not None
        ]
        return f"{', '.join([*figures, *self.compared])}."

    @property
    def wanting(self) -> list[str]:
        """What a chart still needs, in the reader's language."""
        return [str(check) for check in self.lacks_to_be_measured] + ([] if self.latest else [_("Measurement")])

    @property
    def lacks_to_be_measured(self) -> list[Quality]:
        """Without these there is no path to be measured against."""
        needed = (Quality.baseline, Quality.target_figure, Quality.target_date)
        return [check for check in needed if not self.quality[check]]

    @property
    def lacks(self) -> list[Quality]:
        return [check for check, passed in self.quality.items() if not passed]


class Criterion(BaseModel):
    text: str
    met: Met
    evidence: str


class ProjectEffects(BaseModel):
    """One project on the tab. `effect_mark` is the approved status's colour for effect; None means »not relevant«."""

    number: str
    title: str
    kind: Kind
    theme: str
    owner: str
    leader: str
    unit: str
    phase: Phase
    closed: bool
    purpose: str
    mark: Mark
    report_state: ReportState | None
    effect_mark: Mark | None
    targets: list[TargetRow]
    success_criteria: list[Criterion]
    summary: str
    implementation: ImplementationRow | None = None
    benefits: list[BenefitLine] = Field(default_factory=list)

    @property
    def effects(self) -> list[TargetRow]:
        return [target for target in self.targets if target.is_effect]

    @property
    def others(self) -> list[TargetRow]:
        """What was delivered, and context: shown, but never as effect (invariant I10)."""
        return [target for target in self.targets if not target.is_effect]

    @property
    def why_missing(self) -> str:
        return why_no_status(self.mark, self.report_state, self.leader)


BelowTarget = TypeVar("BelowTarget", Comparison, FormerCourse)


class EffectNumbers(BaseModel):
    """How good the targets are and how many are on their path. Every count but the last two is of effect targets."""

    targets: int
    projects_with: int
    projects_without: int
    no_baseline: int
    no_target_figure: int
    green: int
    yellow: int
    red: int
    not_judged: int
    not_measured: int
    not_due: int
    not_measurable: int
    measured_late: int
    final_figure_missing: int
    outputs: int
    context: int


class Effects(BaseModel):
    """The whole tab. `projects` follows the filters; `numbers` are always of the whole list."""

    portfolio: str
    slug: str
    case_number: str
    as_of: date
    round_key: str
    round_name: str
    day: date
    filters: Filters
    numbers: EffectNumbers
    total: int
    shown: int
    closed: int
    projects: list[ProjectEffects]
    criteria: dict[Met, int] = Field(default_factory=dict)
    """How many success criteria of the whole list are met, partly met and so on."""
    after: After = Field(default_factory=no_after)
    themes: list[Option] = Field(exclude=True)
    units: list[Option] = Field(exclude=True)
    owners: list[Option] = Field(exclude=True)
    kinds: list[Option] = Field(exclude=True)


class EffectsFacts(BaseModel):
    """What the tab knows beside Overblik's facts, by project number: an edition keeps this."""

    purposes: dict[str, str]
    targets: dict[str, list[TargetRow]]
    criteria: dict[str, list[Criterion]]
    implementation: dict[str, ImplementationRow] = Field(default_factory=dict)
    """Empty in editions from before it was asked for."""
    benefits: dict[str, list[BenefitLine]] = Field(default_factory=dict)
    after: dict[int, AfterFacts] = Field(default_factory=dict)
    """Of the projects that have left the list, by key."""

    def visible_to(self, numbers: set[str], known: set[int] | frozenset[int] = frozenset()) -> "EffectsFacts":
        """Without the projects that a reader may not know of today; `known` are also those that have left the list."""
        return EffectsFacts.model_construct(
            purposes={number: purpose for number, purpose in self.purposes.items() if number in numbers},
            targets={number: rows for number, rows in self.targets.items() if number in numbers},
            criteria={number: rows for number, rows in self.criteria.items() if number in numbers},
            implementation={number: row for number, row in self.implementation.items() if number in numbers},
            benefits={number: lines for number, lines in self.benefits.items() if number in numbers},
            after={key: each for key, each in self.after.items() if key in known},
        )


def build_effects(session: Session, portfolio: Portfolio, filters: Filters, day: date) -> Effects:
    """The tab as the session's reader may see it on a day. Twelve queries more than Overblik, however many projects."""
    overview = build_overview(session, portfolio, filters, day)
    return assemble_effects(overview, read_effects(session, portfolio, day), day)


def read_effects(session: Session, portfolio: Portfolio, day: date) -> EffectsFacts:
    """The facts of today, as the session's reader may see them."""
    listed = on_list(portfolio.pk, day)
    return EffectsFacts.model_construct(
        purposes=dict(session.exec(columns(Project.number, Project.purpose).where(listed)).all()),
        targets=target_rows(session, listed, day),
        criteria=_criteria(session, listed),
        implementation=read_implementation(session, listed),
        benefits=benefit_lines(session, listed),
        after=read_after(session, portfolio, day),
    )


def assemble_effects(overview: Overview, facts: EffectsFacts, day: date) -> Effects:
    """The tab out of Overblik, filtered as it is, and its own facts, today's or an edition's."""
    return Effects(
        portfolio=overview.portfolio,
        slug=overview.slug,
        case_number=overview.case_number,
        as_of=overview.as_of,
        round_key=overview.round_key,
        round_name=overview.round_name,
        day=day,
        filters=overview.filters,
        numbers=_numbers(facts.purposes, facts.targets),
        total=overview.total,
        shown=overview.shown,
        closed=overview.closed,
        projects=[_project(row, facts) for group in overview.groups for row in group.rows],
        criteria=_criteria_by_outcome(facts.criteria.values()),
        after=assemble_after(facts.after, overview.filters, day),
        themes=overview.themes,
        units=overview.units,
        owners=overview.owners,
        kinds=overview.kinds,
    )


def target_rows(
    session: Session, projects: sa.ColumnElement[bool], day: date, *, also_withdrawn: bool = False
) -> dict[str, list[TargetRow]]:
    """The targets of these projects by project number, effects first. Four queries.

    `projects` is a condition on Project: `Project.id == …` for one project's page; one on EffectTarget narrows further.
    """
    measurements = _measurements(session, projects, day)
    benchmarks, versions = _benchmarks(session, projects, day), _versions(session, projects)
    if not also_withdrawn:
        projects = sa.and_(projects, ~col(EffectTarget.withdrawn))
    query = (
        columns(
            *(getattr(EffectTarget, name) for name in ("id", "no", *EffectTargetForm.model_fields)),
            col(Project.number).label("number"),
            col(Person.name).label("person"),
            col(Unit.code).label("unit"),
        )
        .select_from(EffectTarget)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .outerjoin(Person, col(Person.id) == EffectTarget.owner_id)
        .outerjoin(Unit, col(Unit.id) == EffectTarget.owner_unit_id)
        .where(projects)
        .order_by(EffectTarget.project_id, EffectTarget.no)
    )
    rows: dict[str, list[TargetRow]] = defaultdict(list)
    for target in session.exec(query):
        row = _target(target, measurements.get(target.id, []), day)
        row.benchmarks, row.versions = benchmarks.get(target.id, []), versions.get(target.id, [])
        rows[target.number].append(row)
    return {number: sorted(members, key=lambda row: not row.is_effect) for number, members in rows.items()}


def _measurements(session: Session, projects: sa.ColumnElement[bool], day: date) -> dict[int, list[Figure]]:
    """What had been measured for each target on a day, oldest first, without what was withdrawn."""
    query = (
        columns(
            Measurement.effect_target_id,
            Measurement.no,
            Measurement.value,
            Measurement.measured_on,
            Measurement.precision,
            Measurement.source,
        )
        .join(EffectTarget, col(EffectTarget.id) == Measurement.effect_target_id)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(projects, ~col(Measurement.withdrawn), Measurement.measured_on <= day)
        .order_by(Measurement.measured_on, Measurement.no)
    )
    found: dict[int, list[Figure]] = defaultdict(list)
    for target_id, no, value, on, precision, source in session.exec(query):
        found[target_id].append(Figure.model_construct(no=no, value=value, on=on, precision=precision, source=source))
    return found


def _benchmarks(session: Session, projects: sa.ColumnElement[bool], day: date) -> dict[int, list[Comparison]]:
    """What others had reached on a day for each target, the newest first, without what was withdrawn."""
    names = [name for name in Comparison.model_fields if name != "on"]
    query = (
        columns(
            Benchmark.effect_target_id,
            col(Benchmark.measured_on).label("on"),
            *(getattr(Benchmark, name) for name in names),
        )
        .join(EffectTarget, col(EffectTarget.id) == Benchmark.effect_target_id)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(projects, ~col(Benchmark.withdrawn), Benchmark.measured_on <= day)
        .order_by(col(Benchmark.measured_on).desc(), Benchmark.no)
    )
    return _by_target(session, query, Comparison)


def _versions(session: Session, projects: sa.ColumnElement[bool]) -> dict[int, list[FormerCourse]]:
    """What held for each target before it was changed, the newest first."""
    query = (
        columns(TargetVersion.effect_target_id, *(getattr(TargetVersion, name) for name in FormerCourse.model_fields))
        .join(EffectTarget, col(EffectTarget.id) == TargetVersion.effect_target_id)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(projects)
        .order_by(col(TargetVersion.no).desc())
    )
    return _by_target(session, query, FormerCourse)


def _by_target(session: Session, query: Any, kind: type[BelowTarget]) -> dict[int, list[BelowTarget]]:
    """The rows of a query by the key of their target; its columns have the names of the fields."""
    found: dict[int, list[BelowTarget]] = defaultdict(list)
    for row in session.exec(query):
        found[row.effect_target_id].append(kind.model_construct(**{k: getattr(row, k) for k in kind.model_fields}))
    return found


def _criteria(session: Session, projects: sa.ColumnElement[bool]) -> dict[str, list[Criterion]]:
    """The success criteria that apply, by project number, the most important first: the order the project gave them."""
    query = (
        columns(Project.number, SuccessCriterion.text, SuccessCriterion.met, SuccessCriterion.evidence)
        .join(Project, col(Project.id) == SuccessCriterion.project_id)
        .where(projects, ~col(SuccessCriterion.withdrawn))
        .order_by(SuccessCriterion.project_id, SuccessCriterion.no)
    )
    found: dict[str, list[Criterion]] = defaultdict(list)
    for number, text, met, evidence in session.exec(query):
        found[number].append(Criterion.model_construct(text=text, met=met, evidence=evidence))
    return found


def _target(target: Any, measurements: list[Figure], day: date) -> TargetRow:
    """One row out of a target's columns. The newest figure is held against the path on the last day of its period."""
    latest = measurements[-1] if measurements else None
    stands_for = latest.last_day if latest else None
    share = share_of_path(target, latest.value if latest else None, stands_for or day)
    on_time = measured_on_time(target, stands_for, day)
    return TargetRow.model_construct(
        no=target.no,
        name=target.name,
        definition=target.definition,
        indicator_type=target.indicator_type,
        unit_of_measure=target.unit_of_measure,
        direction=target.direction,
        baseline_value=target.baseline_value,
        baseline_on=target.baseline_on,
        baseline_precision=_baseline_precision(target.baseline_on, measurements),
        target_value=target.target_value,
        target_on=target.target_on,
        target_wording=target.target_wording,
        worded_on=target.worded_on,
        path=target.path,
        waypoints=target.waypoints,
        measurements=measurements,
        expected_then=expected_value(target, stands_for) if stands_for else None,
        expected_now=expected_value(target, day),
        share=None if isinstance(share, NoShare) else share,
        colour=path_colour(share) if target.indicator_type.is_effect else None,
        no_share=share if isinstance(share, NoShare) else None,
        final_figure_missing=final_figure_missing(target, stands_for, day),
        benefit_owner=target.person or "",
        owner_unit=target.unit or "",
        source=target.source,
        attribution_note=target.attribution_note,
        quality=quality(target) | ({} if on_time is None else {Quality.on_time: on_time}),
        day=day,
        frequency=target.frequency,
        first_due_on=first_due_on(target),
    )


def _baseline_precision(baseline_on: date | None, measurements: Iterable[Figure]) -> Precision:
    """The baseline is known as exactly as the measurement that was taken for it, if there is one."""
    return next((figure.precision for figure in measurements if figure.on == baseline_on), Precision.day)


def _dated(on: date | None, value: float | None) -> tuple[date, float] | None:
    return None if on is None or value is None else (on, value)


def _project(row: OverviewRow, facts: EffectsFacts) -> ProjectEffects:
    return ProjectEffects.model_construct(
        number=row.number,
        title=row.title,
        kind=row.kind,
        theme=row.theme,
        owner=row.owner,
        leader=row.leader,
        unit=row.unit,
        phase=row.phase,
        closed=row.closed,
        purpose=facts.purposes[row.number],
        mark=row.mark,
        report_state=row.report_state,
        effect_mark=_effect_mark(row),
        targets=facts.targets.get(row.number, []),
        success_criteria=facts.criteria.get(row.number, []),
        summary=row.summary,
        implementation=facts.implementation.get(row.number),
        benefits=facts.benefits.get(row.number, []),
    )


def _effect_mark(row: OverviewRow) -> Mark | None:
    """The approved colour for effect, or why there is none; None when the status says that effect is not relevant."""
    if not row.mark.is_colour:
        return row.mark
    if Dimension.effect not in row.assessments:
        return Mark.not_assessed
    colour = row.assessments[Dimension.effect]
    return Mark(colour.value) if colour else None


def _criteria_by_outcome(criteria: Iterable[Sequence[Criterion]]) -> dict[Met, int]:
    counted = Counter(criterion.met for of_project in criteria for criterion in of_project)
    return {met: counted[met] for met in Met if counted[met]}


def _numbers(projects: Iterable[str], targets: Mapping[str, Sequence[TargetRow]]) -> EffectNumbers:
    everything = [row for rows in targets.values() for row in rows]
    effects = [row for row in everything if row.is_effect]
    kinds, colours = Counter(row.indicator_type for row in everything), Counter(row.colour for row in effects)
    lacks = Counter(check for row in effects for check in row.lacks)
    stand = Counter(row.standing for row in effects)
    aimed = {number for number, rows in targets.items() if any(row.is_effect for row in rows)}
    return EffectNumbers(
        targets=len(effects),
        projects_with=len(aimed),
        projects_without=len(set(projects) - aimed),
        no_baseline=lacks[Quality.baseline],
        no_target_figure=lacks[Quality.target_figure],
        green=colours[Colour.green],
        yellow=colours[Colour.yellow],
        red=colours[Colour.red],
        not_judged=colours[None],
        not_measured=stand[Standing.not_measured],
        not_due=stand[Standing.not_due],
        not_measurable=stand[Standing.not_measurable],
        measured_late=lacks[Quality.on_time],
        final_figure_missing=sum(row.final_figure_missing for row in effects),
        outputs=kinds[IndicatorType.output],
        context=kinds[IndicatorType.context],
    )
