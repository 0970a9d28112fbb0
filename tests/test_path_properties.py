"""The expected path as pure functions: monotone, bounded, the same in both directions, and never a made-up zero."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.effect_target import (
    Direction,
    EffectPath,
    EffectTargetForm,
    Frequency,
    NoShare,
    Standing,
    expected_value,
    first_due_on,
    measured_on_time,
    share_of_path,
    standing,
    steps_of,
)
from app.models.relative_date import resolve
from app.models.waypoint import read_step, write_step

figures = st.integers(min_value=-(10**9), max_value=10**9).map(lambda thousandths: thousandths / 1000)
days = st.dates(min_value=date(2010, 1, 1), max_value=date(2030, 1, 1))


def path(**fields: Any) -> EffectTargetForm:
    return EffectTargetForm(name="Udgift til genhusning", unit_of_measure="kr.", **fields)


@st.composite
def targets(draw: st.DrawFn) -> EffectTargetForm:
    """A complete target of any path whose figure is to rise, to fall or to be held, with up to five steps."""
    begins, kind = draw(days), draw(st.sampled_from(EffectPath))
    values = sorted(draw(st.lists(figures, min_size=2, max_size=6, unique=True)), reverse=draw(st.booleans()))
    direction = Direction.up if values[-1] > values[0] else Direction.down
    if draw(st.integers(min_value=0, max_value=5)) == 0:
        values, kind, direction = [values[0]] * 2, EffectPath.linear, Direction.hold
    due, on = [], begins
    for value in values[1:]:
        on += timedelta(days=draw(st.integers(min_value=1, max_value=900)))
        due.append((on, value))
    return path(
        baseline_value=values[0],
        baseline_on=begins,
        target_value=values[-1],
        target_on=on,
        direction=direction,
        path=kind,
        waypoints=[write_step(*step) for step in due] if kind is EffectPath.steps else [],
    )


def mirrored(target: EffectTargetForm) -> EffectTargetForm:
    """The same target upside down: what was to rise is to fall as much."""
    turned = {Direction.up: Direction.down, Direction.down: Direction.up, Direction.hold: Direction.hold}
    assert target.baseline_value is not None
    assert target.target_value is not None
    return target.model_copy(
        update={
            "baseline_value": -target.baseline_value,
            "target_value": -target.target_value,
            "direction": turned[target.direction],
            "waypoints": [write_step(on, -value) for on, value in steps_of(target.waypoints)],
        }
    )


@given(targets(), days, days)
def test_the_expected_figure_never_moves_the_wrong_way(target: EffectTargetForm, one: date, other: date) -> None:
    early, late = (expected_value(target, on) for on in sorted((one, other)))
    assert early is not None
    assert late is not None
    if target.direction is Direction.up:
        assert early <= late
    elif target.direction is Direction.down:
        assert early >= late
    else:
        assert early == late == target.target_value


@given(targets(), days)
def test_the_expected_figure_lies_between_baseline_and_target(target: EffectTargetForm, on: date) -> None:
    expected = expected_value(target, on)
    low, high = sorted(value for value in (target.baseline_value, target.target_value) if value is not None)
    assert expected is not None
    assert low <= expected <= high


@given(targets(), figures, days)
def test_a_target_upside_down_has_the_same_share(target: EffectTargetForm, value: float, on: date) -> None:
    assert share_of_path(mirrored(target), -value, on) == share_of_path(target, value, on)


@given(targets(), days)
def test_a_figure_on_the_path_has_a_share_of_one_exactly(target: EffectTargetForm, on: date) -> None:
    share = share_of_path(target, expected_value(target, on), on)
    assert share == 1.0 or share in (NoShare.not_due, NoShare.not_measured)


@given(targets(), figures, days, st.sampled_from(["baseline_value", "baseline_on", "target_value", "target_on"]))
def test_what_is_not_known_is_never_a_number(target: EffectTargetForm, value: float, on: date, lost: str) -> None:
    without = target.model_copy(update={lost: None})
    assert isinstance(share_of_path(without, value, on), NoShare)
    assert expected_value(without, on) is None
    assert isinstance(share_of_path(target, None, on), NoShare)


@given(days, figures)
def test_a_step_is_read_as_it_was_written(on: date, value: float) -> None:
    assert read_step(write_step(on, value)) == (on, value)


STEPS: dict[str, Any] = {
    "baseline_value": 40,
    "baseline_on": date(2021, 12, 31),
    "path": EffectPath.steps,
    "waypoints": ["31-12-2022: 60", "31.12.2023: 90"],
}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2022, 12, 30), 40),
        (date(2022, 12, 31), 60),
        (date(2023, 12, 30), 60),
        (date(2023, 12, 31), 90),
        (date(2025, 1, 1), 90),
    ],
)
def test_between_two_steps_the_expected_figure_stands_still(on: date, expected: float) -> None:
    assert expected_value(path(**STEPS), on) == expected


def test_nothing_is_due_before_the_first_step() -> None:
    target = path(**STEPS)
    assert share_of_path(target, 41, date(2022, 12, 30)) is NoShare.not_due
    assert share_of_path(target, 50, date(2022, 12, 31)) == 0.5
    assert first_due_on(target) == date(2022, 12, 31)
    assert first_due_on(path(baseline_value=1)) is None
    assert first_due_on(path(path=EffectPath.at_end, target_on=date(2022, 1, 1))) == date(2022, 1, 1)


def test_a_step_at_the_level_of_the_baseline_asks_for_no_change_yet() -> None:
    target = path(**STEPS | {"waypoints": ["30-06-2022: 40", "31-12-2023: 90"]})
    assert share_of_path(target, 41, date(2022, 7, 1)) == 1.0
    assert share_of_path(target, 39, date(2022, 7, 1)) == 0.0


def test_the_last_step_is_the_target_and_the_steps_are_put_in_order() -> None:
    target = path(**STEPS | {"waypoints": ["2023-12-31:1.250,5", "31/12 2022: 60"]})
    assert target.waypoints == ["31-12-2022: 60", "31-12-2023: 1.250,5"]
    assert (target.target_on, target.target_value) == (date(2023, 12, 31), 1250.5)


@pytest.mark.parametrize(
    ("share", "stands"),
    [
        (0.9, Standing.on_path),
        (0.6, Standing.behind),
        (-1.0, Standing.far_behind),
        (NoShare.not_measured, Standing.not_measured),
        (NoShare.not_due, Standing.not_due),
        (NoShare.no_baseline, Standing.not_measurable),
        (NoShare.no_number, Standing.not_measurable),
        (NoShare.no_date, Standing.not_measurable),
    ],
)
def test_a_share_is_said_in_one_word(share: float | NoShare, stands: Standing) -> None:
    assert standing(share) is stands


@pytest.mark.parametrize(
    ("fields", "measured_until", "day", "on_time"),
    [
        ({}, None, date(2030, 1, 1), None),
        ({"frequency": Frequency.yearly}, None, date(2022, 12, 31), None),
        ({"frequency": Frequency.yearly}, None, date(2023, 1, 31), None),
        ({"frequency": Frequency.yearly}, None, date(2023, 2, 1), False),
        ({"frequency": Frequency.monthly}, date(2022, 1, 31), date(2022, 3, 31), True),
        ({"frequency": Frequency.monthly}, date(2022, 1, 31), date(2022, 4, 1), False),
        ({"frequency": Frequency.quarterly}, date(2022, 3, 31), date(2022, 8, 1), False),
        ({"frequency": Frequency.half_yearly}, date(2022, 6, 30), date(2022, 12, 31), True),
        ({"frequency": Frequency.once}, None, date(2024, 1, 31), None),
        ({"frequency": Frequency.once}, None, date(2024, 2, 1), False),
        ({"frequency": Frequency.yearly, "path": EffectPath.at_end}, None, date(2023, 12, 31), None),
        ({"frequency": Frequency.yearly}, date(2024, 1, 1), date(2030, 1, 1), True),
        ({"frequency": Frequency.yearly, "baseline_on": None, "target_on": None}, None, date(2030, 1, 1), None),
    ],
)
def test_a_figure_is_late_a_month_after_its_frequency_asked_for_it(
    fields: dict[str, Any], measured_until: date | None, day: date, on_time: bool | None
) -> None:
    dates = {"baseline_on": date(2021, 12, 31), "target_on": date(2023, 12, 31)}
    assert measured_on_time(path(**dates | fields), measured_until, day) is on_time


@pytest.mark.parametrize(
    ("wording", "meant"),
    [
        ("Om 10 år", date(2027, 1, 1)),
        ("Om ti år skal kommunen ikke have boligområder på listen", date(2027, 1, 1)),
        ("inden for et halvt til et helt år", date(2018, 1, 1)),
        ("om halvandet år", date(2018, 7, 1)),
        ("i løbet af 2 år", date(2019, 1, 1)),
        ("inden 3 måneder", date(2017, 4, 1)),
        ("inden for 6 uger", date(2017, 2, 12)),
        ("Ved udgangen af 2023", date(2023, 12, 31)),
        ("inden udgangen af juni 2020", date(2020, 6, 30)),
        ("i løbet af 2019", date(2019, 12, 31)),
        ("medio 2022", date(2022, 6, 30)),
        ("primo 2020", date(2020, 1, 31)),
        ("ved årets udgang", date(2017, 12, 31)),
        ("næste år", date(2018, 12, 31)),
        ("Sættes i gang ultimo 2018", None),
        ("Alle borgere over 15 år", None),
        ("5-6 møder om året", None),
        ("Bedre udnyttelse af de 25 procent", None),
        ("Lavere end i 2016", None),
        ("om 99999 år", None),
        ("Nedbringes", None),
        ("", None),
    ],
)
def test_words_about_time_become_a_date_counted_from_the_day_they_were_said(wording: str, meant: date | None) -> None:
    assert resolve(wording, date(2017, 1, 1)) == meant


@given(st.text(max_size=60), days)
def test_whatever_is_written_is_a_date_or_none(wording: str, said_on: date) -> None:
    found = resolve(wording, said_on)
    assert found is None or isinstance(found, date)


def test_the_form_keeps_the_words_beside_the_date_that_they_mean() -> None:
    target = path(target_wording="Om 10 år", worded_on=date(2017, 1, 1))
    assert (target.target_on, target.target_wording) == (date(2027, 1, 1), "Om 10 år")
    today = path(target_wording="om 2 år")
    assert (today.worded_on, today.target_on) == (date(2022, 6, 13), date(2024, 6, 13))
    given = path(target_wording="Om 10 år", worded_on=date(2017, 1, 1), target_on=date(2026, 12, 31))
    assert given.target_on == date(2026, 12, 31), "a date that was given stands"
