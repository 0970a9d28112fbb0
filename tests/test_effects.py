"""Effekter: the rules of the expected path first, then the chart, then the page and what stands behind it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.i18n import _
from app.models import (
    Assessment,
    EffectTarget,
    Measurement,
    Placement,
    Portfolio,
    Project,
    Report,
    ReportingRound,
    SuccessCriterion,
    User,
)
from app.models.assessment import Colour, Dimension
from app.models.effect_target import (
    Direction,
    EffectPath,
    EffectTargetForm,
    IndicatorType,
    NoShare,
    Quality,
    expected_value,
    final_figure_missing,
    path_colour,
    quality,
    share_of_path,
    whole_percent,
)
from app.models.milestone import Precision, last_day, show_period
from app.models.success_criterion import Met
from app.settings import today
from app.tabs.effect_chart import AXIS, BOTTOM, LEFT, RIGHT, TOP, WIDTH, EffectChart, draw
from app.tabs.effects import Effects, TargetRow, build_effects, target_rows
from app.tabs.filters import Filters
from app.tabs.mark import Mark
from app.tabs.overview import build_overview
from tests.conftest import Queries, SignIn
from tests.page import Element, read_page

PAGE, API = "/portfolios/direktionen/effects", "/api/v1/portfolios/direktionen/effects"
DIGITAL_POST: dict[str, Any] = {
    "name": "Borgere tilmeldt Digital Post",
    "unit_of_measure": "procent",
    "baseline_value": 28,
    "baseline_on": date(2014, 1, 5),
    "target_value": 100,
    "target_on": date(2014, 11, 1),
}
PROCUREMENT: dict[str, Any] = {
    "name": "Realiseret indkøbseffektivisering",
    "unit_of_measure": "mio. kr.",
    "indicator_type": IndicatorType.benefit,
    "baseline_value": 0,
    "baseline_on": date(2017, 1, 1),
    "target_value": 3.2,
    "target_on": date(2017, 12, 31),
}


def form(**fields: Any) -> EffectTargetForm:
    return EffectTargetForm(**(DIGITAL_POST | fields))


# The expected path ----------------------------------------------------------------------------------------------------


def test_digital_post_has_reached_43_per_cent_of_its_path_and_is_red() -> None:
    share = share_of_path(form(), 54, date(2014, 9, 14))
    assert isinstance(share, float)
    assert expected_value(form(), date(2014, 9, 14)) == pytest.approx(28 + 72 * 252 / 300)
    assert share == pytest.approx(26 / 60.48)
    assert (whole_percent(share), path_colour(share)) == (43, Colour.red)


def test_digital_post_is_still_red_when_those_who_are_exempt_do_not_count() -> None:
    share = share_of_path(form(target_value=94.8), 54, date(2014, 9, 14))
    assert isinstance(share, float)
    assert (whole_percent(share), path_colour(share)) == (46, Colour.red)


@pytest.mark.parametrize(
    ("on", "value", "percent", "colour"),
    [
        (date(2017, 1, 9), 0.7, 995, Colour.green),
        (date(2017, 7, 2), 0.7, 44, Colour.red),
        (date(2017, 12, 31), 0.7, 22, Colour.red),
        (date(2017, 12, 31), 3.2, 100, Colour.green),
        (date(2018, 6, 1), 2.0, 62, Colour.yellow),
    ],
)
def test_the_procurement_saving_is_held_against_what_its_dates_expect(
    on: date, value: float, percent: int, colour: Colour
) -> None:
    share = share_of_path(EffectTargetForm(**PROCUREMENT), value, on)
    assert isinstance(share, float)
    assert (whole_percent(share), path_colour(share)) == (percent, colour)


@pytest.mark.parametrize("weekday", [date(2014, 9, 8) + timedelta(days=day) for day in range(7)])
def test_a_week_counts_to_its_sunday(weekday: date) -> None:
    assert last_day(weekday, Precision.week) == date(2014, 9, 14)
    assert share_of_path(form(), 54, last_day(weekday, Precision.week)) == pytest.approx(26 / 60.48)


def test_a_month_counts_to_its_last_day() -> None:
    on = last_day(date(2014, 9, 1), Precision.month)
    assert on == date(2014, 9, 30)
    assert expected_value(form(), on) == pytest.approx(28 + 72 * 268 / 300)


@pytest.mark.parametrize(
    ("fields", "value", "on", "why"),
    [
        ({"baseline_value": None}, 54, date(2014, 9, 14), NoShare.no_baseline),
        ({"baseline_on": None}, 54, date(2014, 9, 14), NoShare.no_baseline),
        ({"target_value": None}, 54, date(2014, 9, 14), NoShare.no_number),
        ({"target_on": None}, 54, date(2014, 9, 14), NoShare.no_date),
        ({}, None, date(2014, 9, 14), NoShare.not_measured),
        ({}, 28, date(2014, 1, 5), NoShare.not_measured),
        ({"path": EffectPath.at_end}, 54, date(2014, 10, 31), NoShare.not_due),
        ({"path": EffectPath.at_end}, None, date(2014, 10, 31), NoShare.not_due),
        ({"path": EffectPath.at_end}, None, date(2014, 11, 1), NoShare.not_measured),
    ],
)
def test_what_cannot_be_judged_says_why_and_is_never_zero(
    fields: dict[str, Any], value: float | None, on: date, why: NoShare
) -> None:
    share = share_of_path(form(**fields), value, on)
    assert share is why
    assert path_colour(share) is None


def test_a_change_that_comes_all_at_the_end_is_judged_from_the_target_date() -> None:
    at_end = form(path=EffectPath.at_end)
    assert expected_value(at_end, date(2014, 10, 31)) == 28
    assert share_of_path(at_end, 64, date(2014, 11, 1)) == 0.5


def test_a_figure_that_moves_the_wrong_way_has_a_share_below_zero() -> None:
    share = share_of_path(form(), 20, date(2014, 9, 14))
    assert isinstance(share, float)
    assert share < 0
    assert path_colour(share) is Colour.red


@pytest.mark.parametrize(
    ("direction", "value", "colour"),
    [
        (Direction.up, 28, Colour.green),
        (Direction.up, 27, Colour.red),
        (Direction.down, 20, Colour.green),
        (Direction.down, 29, Colour.red),
        (Direction.hold, 28, Colour.green),
        (Direction.hold, 30, Colour.green),
        (Direction.hold, 20, Colour.yellow),
        (Direction.hold, 60, Colour.red),
    ],
)
def test_where_nothing_is_to_change_the_figure_may_not_move_the_wrong_way(
    direction: Direction, value: float, colour: Colour
) -> None:
    level = form(target_value=28, direction=direction)
    assert path_colour(share_of_path(level, value, date(2014, 9, 14))) is colour


def test_green_begins_at_90_per_cent_and_yellow_at_60() -> None:
    assert [path_colour(share) for share in (1.2, 0.9, 0.8999, 0.6, 0.5999, 0, -1)] == [
        Colour.green,
        Colour.green,
        Colour.yellow,
        Colour.yellow,
        Colour.red,
        Colour.red,
        Colour.red,
    ]


figures = st.floats(min_value=-1e9, max_value=1e9).map(lambda value: round(value, 3))
days = st.dates(min_value=date(2010, 1, 1), max_value=date(2030, 1, 1))


@st.composite
def targets(draw_one: st.DrawFn) -> EffectTargetForm:
    """A complete target whose figure is to rise or to fall by at least a thousandth."""
    begins = draw_one(days)
    baseline, goal = draw_one(figures), draw_one(figures.filter(bool))
    if baseline == goal:
        goal += 1
    return form(
        baseline_value=baseline,
        baseline_on=begins,
        target_value=goal,
        target_on=begins + timedelta(days=draw_one(st.integers(min_value=1, max_value=4000))),
        direction=Direction.up if goal > baseline else Direction.down,
        path=draw_one(st.sampled_from([EffectPath.linear, EffectPath.at_end])),
    )


@given(targets(), days)
def test_the_expected_figure_lies_between_baseline_and_target(target: EffectTargetForm, on: date) -> None:
    expected = expected_value(target, on)
    assert target.baseline_value is not None
    assert target.target_value is not None
    assert expected is not None
    assert min(target.baseline_value, target.target_value) <= expected
    assert expected <= max(target.baseline_value, target.target_value)


@given(targets(), figures, figures, days)
def test_a_better_figure_never_has_a_smaller_share(
    target: EffectTargetForm, one: float, other: float, on: date
) -> None:
    worse, better = sorted((one, other), reverse=target.direction is Direction.down)
    low, high = share_of_path(target, worse, on), share_of_path(target, better, on)
    if isinstance(low, NoShare) or isinstance(high, NoShare):
        assert low is high
    else:
        assert low <= high


@given(targets(), figures, days)
def test_a_figure_that_is_to_fall_is_judged_as_its_mirror_image_that_is_to_rise(
    target: EffectTargetForm, value: float, on: date
) -> None:
    assert target.baseline_value is not None
    assert target.target_value is not None
    mirrored = target.model_copy(
        update={
            "baseline_value": -target.baseline_value,
            "target_value": -target.target_value,
            "direction": Direction.down if target.direction is Direction.up else Direction.up,
        }
    )
    assert share_of_path(mirrored, -value, on) == share_of_path(target, value, on)


@given(targets(), figures, days)
def test_a_change_at_the_end_has_no_share_before_its_date(target: EffectTargetForm, value: float, on: date) -> None:
    at_end = target.model_copy(update={"path": EffectPath.at_end})
    assert at_end.target_on is not None
    if on < at_end.target_on:
        assert share_of_path(at_end, value, on) is NoShare.not_due


@given(st.floats(min_value=-5, max_value=5))
def test_the_per_cent_that_is_shown_never_contradicts_the_colour(share: float) -> None:
    assert path_colour(whole_percent(share) / 100) is path_colour(share)
    assert abs(whole_percent(share) - share * 100) <= 1


def test_the_final_figure_is_missing_once_the_target_date_has_passed_without_one() -> None:
    target = form()
    assert final_figure_missing(target, date(2014, 9, 14), date(2014, 11, 2))
    assert final_figure_missing(target, None, date(2014, 11, 2))
    assert not final_figure_missing(target, date(2014, 9, 14), date(2014, 11, 1))
    assert not final_figure_missing(target, date(2014, 11, 2), date(2022, 6, 13))
    assert not final_figure_missing(form(target_on=None), None, date(2022, 6, 13))


def test_the_quality_of_a_target_is_seven_checks_and_whether_it_is_measured_on_time() -> None:
    complete = form(source="Digitaliseringsstyrelsen", owner_unit_id=1, definition="Andel af borgere over 15 år")
    assert all(quality(complete).values())
    assert {*quality(complete), Quality.on_time} == set(Quality)
    bare = EffectTargetForm(name="Boliger", unit_of_measure="boliger", indicator_type=IndicatorType.output)
    assert not any(quality(bare).values())
    assert not quality(form(baseline_on=None))[Quality.baseline]


def test_a_date_is_said_as_exactly_as_it_is_known() -> None:
    day = date(2014, 9, 14)
    assert show_period(day, Precision.day) == "14-09-2014"
    assert "37" in show_period(day, Precision.week)
    assert show_period(day, Precision.month) == "september 2014"
    assert "3" in show_period(day, Precision.quarter).removesuffix("2014")
    assert "2" in show_period(day, Precision.half).removesuffix("2014")
    assert show_period(day, Precision.year) == "2014"
    assert "2015" in show_period(date(2014, 12, 31), Precision.week)


# The chart ------------------------------------------------------------------------------------------------------------

BEGAN, AIM = (date(2014, 1, 5), 28.0), (date(2014, 11, 1), 100.0)


def chart(**more: Any) -> EffectChart:
    drawn = draw(**({"baseline": BEGAN, "target": AIM, "measured": [], "expected": None, "day": today()} | more))
    assert drawn is not None
    return drawn


def test_the_chart_draws_the_path_from_baseline_to_target() -> None:
    drawn = chart()
    assert drawn.path == f"M{LEFT} {BOTTOM}L{RIGHT} {TOP}"
    assert (drawn.line, drawn.gap, drawn.dots, drawn.latest_label) == ("", "", [], None)


def test_the_chart_draws_a_change_at_the_end_as_a_step() -> None:
    assert chart(at_end=True).path == f"M{LEFT} {BOTTOM}H{RIGHT}V{TOP}"


def test_the_chart_draws_the_measured_line_and_the_distance_to_the_path() -> None:
    drawn = chart(measured=[BEGAN, (date(2014, 9, 14), 54.0)], expected=88.48)
    x, y = drawn.dots[-1]
    assert drawn.line == f"{LEFT},{BOTTOM} {x},{y}"
    assert drawn.gap.startswith(f"M{x} ")
    assert drawn.gap.endswith(f"V{y}")
    assert drawn.latest_label is not None
    assert drawn.latest_label.text == "54"
    assert drawn.latest_label.y > y, "below the dot, on the side away from the path"


def test_a_measurement_of_the_baseline_itself_is_no_newest_figure() -> None:
    drawn = chart(measured=[BEGAN], expected=28)
    assert (drawn.latest_label, drawn.gap, drawn.line) == (None, "", "")


def test_figures_without_target_or_baseline_are_still_drawn() -> None:
    drawn = draw(None, None, [(date(2020, 12, 31), 39), (date(2021, 12, 31), 49)], None, today())
    assert drawn is not None
    assert (drawn.path, drawn.baseline, drawn.target) == ("", None, None)
    assert drawn.line == f"{LEFT},{BOTTOM} {RIGHT},{TOP}"


def test_there_is_no_chart_of_one_date_or_of_a_target_alone() -> None:
    assert draw(BEGAN, None, [], None, today()) is None
    assert draw(BEGAN, None, [BEGAN], None, today()) is None
    assert draw(None, AIM, [], None, today()) is None
    assert draw(None, None, [], None, today()) is None


def test_today_is_marked_only_while_the_path_is_under_way() -> None:
    assert chart(day=date(2014, 6, 1)).today is not None
    assert chart(day=date(2022, 6, 13)).today is None


def test_large_figures_are_written_short() -> None:
    drawn = draw((date(2021, 1, 1), 1_280_000), (date(2023, 1, 1), 0), [], None, today())
    assert drawn is not None
    assert drawn.baseline_label is not None
    assert drawn.baseline_label.text.startswith("1,28")


dated = st.tuples(days, figures)


@given(st.none() | dated, st.none() | dated, st.lists(dated, max_size=6).map(sorted), days)
def test_everything_in_the_chart_lies_inside_it(
    baseline: tuple[date, float] | None,
    target: tuple[date, float] | None,
    measured: list[tuple[date, float]],
    day: date,
) -> None:
    drawn = draw(baseline, target, measured, measured[-1][1] if measured else None, day)
    if drawn is None:
        return
    for x, y in [*drawn.dots, *(point for point in (drawn.baseline, drawn.target) if point)]:
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM
    for label in (drawn.baseline_label, drawn.target_label, drawn.latest_label):
        assert label is None or (0 <= label.x < WIDTH and 0 < label.y < AXIS)


# The tab --------------------------------------------------------------------------------------------------------------


def built(session: Session, **filters: str) -> Effects:
    portfolio = session.exec(select(Portfolio)).one()
    return build_effects(session, portfolio, Filters(**filters), today())


def key_of(session: Session, number: str) -> int:
    return session.exec(select(Project).where(Project.number == number)).one().pk


def add_target(session: Session, number: str, *measured: tuple[date, Precision, float], **fields: Any) -> EffectTarget:
    """A target on a project that has none, with what was measured."""
    target = EffectTarget(project_id=key_of(session, number), **(DIGITAL_POST | {"no": 1} | fields))
    session.add(target)
    session.flush()
    for no, (on, precision, value) in enumerate(measured, start=1):
        session.add(
            Measurement(
                effect_target_id=target.pk, no=no, measured_on=on, precision=precision, value=value, source="Status"
            )
        )
    session.flush()
    return target


def only_target(session: Session, number: str) -> TargetRow:
    [project] = built(session, q=number).projects
    [target] = project.targets
    return target


def test_the_tab_shows_the_projects_of_overblik_in_its_order(database: Engine) -> None:
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        for filters in (Filters(), Filters(colour="red"), Filters(unit="ISC"), Filters(q="bolig", kind="project")):
            overview = build_overview(session, portfolio, filters, today())
            tab = build_effects(session, portfolio, filters, today())
            rows = [row for group in overview.groups for row in group.rows]
            assert [project.number for project in tab.projects] == [row.number for row in rows]
            assert tab.shown == len(tab.projects) > 0


def test_a_target_carries_its_path_its_figures_and_its_share(database: Engine) -> None:
    with Session(database) as session:
        add_target(
            session,
            "P-005",
            (date(2014, 1, 5), Precision.week, 28),
            (date(2014, 9, 10), Precision.week, 54),
            target_wording="Alle borgere over 15 år",
            source="Digitaliseringsstyrelsen",
        )
        target = only_target(session, "P-005")
    assert (target.share_percent, target.colour, target.no_share) == (43, Colour.red, None)
    assert target.latest is not None
    assert (target.latest.value, target.latest.precision, target.latest.source) == (54, Precision.week, "Status")
    assert target.baseline_precision is Precision.week
    assert target.expected_then == pytest.approx(88.48)
    assert target.expected_now == 100
    assert target.final_figure_missing
    assert target.lacks == [Quality.owner, Quality.definition]
    assert target.chart is not None
    assert "28" in target.described
    assert "54" in target.described


def test_a_withdrawn_measurement_and_a_withdrawn_target_do_not_count(database: Engine) -> None:
    with Session(database) as session:
        target = add_target(
            session, "P-005", (date(2014, 9, 14), Precision.day, 54), (date(2014, 10, 1), Precision.day, 99)
        )
        session.exec(
            select(Measurement).where(Measurement.effect_target_id == target.pk, Measurement.no == 2)
        ).one().withdrawn = True
        session.flush()
        latest = only_target(session, "P-005").latest
        assert latest is not None
        assert latest.value == 54
        target.withdrawn = True
        session.flush()
        [project] = built(session, q="P-005").projects
        assert project.targets == []


def test_a_delivery_is_never_shown_as_effect(database: Engine) -> None:
    with Session(database) as session:
        before = built(session).numbers
        add_target(session, "P-005", (date(2014, 9, 14), Precision.day, 54), indicator_type=IndicatorType.output)
        tab = built(session, q="P-005")
    [project] = tab.projects
    assert project.effects == []
    [delivery] = project.others
    assert delivery.colour is None, "a delivery has a share of its plan, but no colour for effect"
    assert delivery.share_percent == 43
    assert tab.numbers.outputs == before.outputs + 1
    assert tab.numbers.targets == before.targets
    assert tab.numbers.projects_without == before.projects_without


def test_effects_stand_before_deliveries(database: Engine) -> None:
    with Session(database) as session:
        add_target(session, "P-005", indicator_type=IndicatorType.output)
        session.add(
            EffectTarget(project_id=key_of(session, "P-005"), **(DIGITAL_POST | {"no": 2, "name": "Tilmeldte"}))
        )
        session.flush()
        [project] = built(session, q="P-005").projects
    assert [target.no for target in project.targets] == [2, 1]


def test_the_numbers_add_up_and_are_of_the_whole_list(database: Engine) -> None:
    with Session(database) as session:
        everything, filtered = built(session), built(session, unit="BAC")
    numbers, rows = everything.numbers, [row for project in everything.projects for row in project.effects]
    assert numbers == filtered.numbers
    assert numbers.targets == len(rows)
    assert numbers.green + numbers.yellow + numbers.red + numbers.not_judged == numbers.targets
    assert numbers.projects_with + numbers.projects_without == everything.total == len(everything.projects)
    assert numbers.no_baseline == sum(Quality.baseline in row.lacks for row in rows)
    assert numbers.no_target_figure == sum(row.target_value is None for row in rows)


def test_the_colour_for_effect_is_that_of_the_approved_status_or_says_why_there_is_none(database: Engine) -> None:
    with Session(database) as session:
        tab = built(session)
        current = session.exec(select(ReportingRound).order_by(col(ReportingRound.as_of).desc())).first()
        assert current is not None
        said = {
            number: (report.counts, colour)
            for number, report, colour in session.exec(
                select(Project.number, Report, Assessment.colour)
                .join(Report, col(Report.project_id) == Project.id)
                .join(Assessment, col(Assessment.report_id) == Report.id)
                .where(Report.round_id == current.id, Assessment.dimension == Dimension.effect)
            )
        }
    assert {project.effect_mark for project in tab.projects} > {Mark.red, Mark.green, None, Mark.not_reported}
    for project in tab.projects:
        counts, colour = said.get(project.number, (False, None))
        if counts:
            assert project.effect_mark == (Mark(colour) if colour else None)
            assert project.summary
        else:
            assert project.effect_mark is not None
            assert not project.effect_mark.is_colour
            assert project.summary == ""
            assert project.why_missing


def test_the_success_criteria_keep_the_order_that_the_project_gave_them(database: Engine) -> None:
    with Session(database) as session:
        project = key_of(session, "P-035")
        for no, withdrawn in ((98, True), (99, False)):
            session.add(SuccessCriterion(project_id=project, no=no, text=f"Nr. {no}", met=Met.no, withdrawn=withdrawn))
        session.flush()
        [shown] = built(session, q="P-035").projects
    assert [criterion.text for criterion in shown.success_criteria][-1] == "Nr. 99"
    assert len(shown.success_criteria) == 3


def test_the_targets_of_one_project_can_be_asked_for_alone(database: Engine) -> None:
    with Session(database) as session:
        everything = target_rows(session, col(Project.portfolio_id).is_not(None), today())
        alone = target_rows(session, col(Project.number) == "P-035", today())
    assert alone == {"P-035": everything["P-035"]}


def test_one_and_a_hundred_projects_take_the_same_number_of_queries(database: Engine, queries: Queries) -> None:
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        listed = {placement.project_id: placement for placement in session.exec(select(Placement))}
        for placement in listed.values():
            placement.to_on = today()
        session.flush()
        _add_project(session, portfolio, 1)
        session.flush()
        with queries() as for_one:
            assert built(session).total == 1
        for more in range(2, 101):
            _add_project(session, portfolio, more)
        session.flush()
        with queries() as for_a_hundred:
            tab = built(session)
    assert (tab.total, tab.numbers.targets) == (100, 200)
    assert len(for_one) == len(for_a_hundred) <= 24


def _add_project(session: Session, portfolio: Portfolio, sequence: int) -> None:
    theme = session.exec(select(Project.theme_id)).first()
    assert theme is not None
    project = Project(
        portfolio_id=portfolio.pk,
        number=f"P-{900 + sequence}",
        series="P",
        sequence=900 + sequence,
        title=f"Projekt {sequence}",
        theme_id=theme,
    )
    session.add(project)
    session.flush()
    session.add(Placement(project_id=project.pk, no=1, from_on=date(2020, 1, 1), decision_in="Direktionen"))
    for no in (1, 2):
        target = EffectTarget(project_id=project.pk, no=no, **DIGITAL_POST)
        session.add(target)
        session.flush()
        session.add(
            Measurement(effect_target_id=target.pk, no=1, measured_on=date(2014, 9, 14), value=54, source="Status")
        )


# The page -------------------------------------------------------------------------------------------------------------


def card(html: str, number: str) -> Element:
    """A project's card on the page."""
    [found] = [element for element in read_page(html).all("article") if element.get("id") == number]
    return found


def test_the_page_shows_digital_post_with_its_figures_as_text_and_as_a_chart(
    sign_in: SignIn, direktion: User, database: Engine
) -> None:
    with Session(database) as session:
        add_target(
            session,
            "P-005",
            (date(2014, 9, 14), Precision.week, 54),
            target_wording="Alle borgere over 15 år",
        )
        session.commit()
    shown = card(sign_in(direktion).get(PAGE).text, "P-005")
    for words in ("28 procent", "05-01-2014", "100 procent", "01-11-2014", "»Alle borgere over 15 år«", "54 procent"):
        assert words in shown.text
    assert "43" in shown.text
    assert str(Colour.red) in shown.text
    [svg] = [element for element in shown.all("svg") if element.get("role") == "img"]
    names = svg.get("aria-labelledby").split()
    said = [element for element in svg if element.get("id") in names]
    assert [element.tag for element in said] == ["title", "desc"]
    assert "88,5" in said[1].text


def test_a_project_without_an_effect_target_says_so_and_what_to_do(sign_in: SignIn, direktion: User) -> None:
    shown = card(sign_in(direktion).get(PAGE).text, "P-005")
    assert _("No effect target") in shown.text
    assert _(
        "Write at least one effect target with baseline, target figure and target date before the next round."
    ) in (shown.text)
    assert not shown.all("table")


def test_each_project_has_an_address_on_the_page_and_leads_to_its_own(sign_in: SignIn, direktion: User) -> None:
    page = read_page(sign_in(direktion).get(PAGE).text)
    cards = page.all("article")
    assert len(cards) > 30
    for shown in cards:
        assert f"/projects/{shown.get('id')}" in [link.get("href") for link in shown.all("a")]
    ids = [element.get("id") for element in page if element.get("id")]
    assert len(ids) == len(set(ids))


def test_nothing_on_the_page_is_styled_or_scripted_inline(sign_in: SignIn, direktion: User) -> None:
    page = read_page(sign_in(direktion).get(PAGE).text)
    assert not [element for element in page if "style" in element.attributes or element.tag == "style"]
    assert not [name for element in page for name in element.attributes if name.startswith("on")]


def test_the_filter_narrows_the_page_and_stands_in_the_address_of_the_export(sign_in: SignIn, direktion: User) -> None:
    page = read_page(sign_in(direktion).get(f"{PAGE}?unit=BAC").text)
    assert [shown.get("id") for shown in page.all("article")] == ["P-035", "P-043"]
    [export] = [link for link in page.all("a") if "data-follows-filter" in link.attributes]
    assert export.get("href").endswith("?unit=BAC")


def test_htmx_gets_the_projects_alone(sign_in: SignIn, direktion: User) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#effects"}
    answer = sign_in(direktion).get(f"{PAGE}?q=P-035", headers=headers)
    [fragment] = [child for child in read_page(answer.text).children if isinstance(child, Element)]
    assert fragment.get("id") == "effects"
    assert [shown.get("id") for shown in fragment.all("article")] == ["P-035"]
    assert "HX-Target" in answer.headers["Vary"]


def test_a_search_without_a_result_says_so(sign_in: SignIn, direktion: User) -> None:
    assert _("No project matches. Try fewer words, or clear the filters.") in (
        sign_in(direktion).get(f"{PAGE}?q=findes-ikke").text
    )


def test_an_empty_list_says_so(sign_in: SignIn, direktion: User, database: Engine) -> None:
    with Session(database) as session:
        for placement in session.exec(select(Placement)):
            placement.to_on = placement.from_on
        session.commit()
    page = sign_in(direktion).get(PAGE)
    assert page.status_code == 200
    assert _("There are no projects on the list yet") in page.text


def test_the_api_gives_the_same_tab(sign_in: SignIn, direktion: User, database: Engine) -> None:
    answer = sign_in(direktion).get(f"{API}?unit=BAC").json()
    with Session(database) as session:
        tab = built(session, unit="BAC")
    assert answer == tab.model_dump(mode="json")
    [job] = [target for target in answer["projects"][0]["targets"] if target["baseline_value"] == 28]
    assert (job["colour"], job["target_value"], job["measurements"][-1]["value"]) == ("red", 40, 32.5)


def test_who_has_not_signed_in_sees_nothing(sign_in: SignIn) -> None:
    browser = sign_in(None)
    assert browser.get(PAGE).status_code == 303
    assert browser.get(API).status_code in (303, 401)


def test_a_closed_project_is_invisible_to_who_may_not_see_it(
    sign_in: SignIn, chefforum: User, direktion: User, database: Engine
) -> None:
    closed_to, open_to = sign_in(chefforum), sign_in(direktion)
    before = {address: closed_to.get(address).text for address in (PAGE, API)}
    with Session(database) as session:
        add_target(session, "L-01", (date(2014, 9, 14), Precision.day, 54), no=90, name="Hemmeligt mål")
        title = session.exec(select(Project.title).where(Project.number == "L-01")).one()
        session.commit()
    for address in (PAGE, API):
        hidden, seen = closed_to.get(address).text, open_to.get(address).text
        assert hidden == before[address], "the answer is the same as if the project did not exist"
        for words in ("Hemmeligt mål", "L-01", title):
            assert words not in hidden
            assert words in seen


def test_who_sits_in_the_steering_group_of_a_closed_project_sees_its_effects(
    sign_in: SignIn, lukket_medlem: User, admin: User
) -> None:
    assert "L-01" in sign_in(lukket_medlem).get(PAGE).text
    assert "L-01" not in sign_in(admin).get(PAGE).text
