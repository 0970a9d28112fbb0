"""Everything about one effect target, for its own page (domain.md 1H, R79-R82, R93)."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.models import Benchmark, EffectTarget, Measurement, Project
from app.models.effect_target import NoShare, expected_value, path_colour, share_of_path, whole_percent
from app.models.milestone import last_day, show_period
from app.tabs.effects import TargetRow, target_rows
from app.tabs.mark import Mark
from app.tabs.target_chart import TargetChart, draw_large


@dataclass
class MeasuredRow:
    """A measurement beside what the path expected of it; `percent` and `mark` are None where it cannot be judged."""

    measurement: Measurement
    when: str
    expected: float | None
    percent: int | None
    mark: Mark | None
    no_share: NoShare | None


@dataclass
class TargetPage:
    project: Project
    target: TargetRow
    withdrawn: bool
    chart: TargetChart | None
    measurements: list[MeasuredRow]
    benchmarks: list[Benchmark]
    """Also those that were withdrawn, so that who may change them finds them again."""


def build_target_page(session: Session, project: Project, target: EffectTarget, day: date) -> TargetPage:
    """The page of a target on a day; what was measured or compared is newest first."""
    only = sa.and_(col(Project.id) == project.pk, col(EffectTarget.id) == target.pk)
    [row] = target_rows(session, only, day, also_withdrawn=True)[project.number]
    measured = select(Measurement).where(Measurement.effect_target_id == target.pk)
    compared = select(Benchmark).where(Benchmark.effect_target_id == target.pk)
    newest_first = (col(Measurement.measured_on).desc(), col(Measurement.no).desc())
    return TargetPage(
        project=project,
        target=row,
        withdrawn=target.withdrawn,
        chart=draw_large(row),
        measurements=[_measured(target, each) for each in session.exec(measured.order_by(*newest_first))],
        benchmarks=list(session.exec(compared.order_by(col(Benchmark.measured_on).desc(), col(Benchmark.no)))),
    )


def _measured(target: EffectTarget, measurement: Measurement) -> MeasuredRow:
    """A figure held against the path on the last day of its period."""
    on = last_day(measurement.measured_on, measurement.precision)
    share = share_of_path(target, measurement.value, on)
    colour = path_colour(share) if target.indicator_type.is_effect else None
    return MeasuredRow(
        measurement=measurement,
        when=show_period(measurement.measured_on, measurement.precision),
        expected=expected_value(target, on),
        percent=None if isinstance(share, NoShare) else whole_percent(share),
        mark=Mark(colour.value) if colour else None,
        no_share=share if isinstance(share, NoShare) else None,
    )
