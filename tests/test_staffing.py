"""Staffing: posts with full-time equivalents that may be unknown, split between units by year."""

import pytest

from app.models.staffing import ExistingFunding, StaffingState, shares_in
from app.tabs.staffing import StaffingLine, staffing_sum

SPLIT = {2017: {"FKC": 45, "SHC": 55}, 2018: {"FKC": 75, "SHC": 25}}
"""»45 % til taskforcen og 55 % til SHC i 2017 … fra 2018 75/25« (domain.md R47)."""


def post(fte: float | None, state: str = "filled", **more: object) -> StaffingLine:
    facts = {"no": 1, "function": "Konsulent", "fte": fte, "state": state, "existing_funding": "yes", "unit": "SHC"}
    rest: dict[str, object] = {"keeps_home_unit": False, "from_on": None, "to_on": None, "note": "", "split": {}}
    return StaffingLine.model_validate(facts | rest | more)


@pytest.mark.parametrize(
    ("year", "shares"),
    [
        (2016, {"SHC": 100}),
        (2017, {"FKC": 45, "SHC": 55}),
        (2018, {"FKC": 75, "SHC": 25}),
        (2022, {"FKC": 75, "SHC": 25}),
    ],
)
def test_the_latest_split_holds_and_before_the_first_the_home_unit_bears_all(year: int, shares: dict[str, int]) -> None:
    assert shares_in(SPLIT, "SHC", year) == shares


def test_a_post_without_home_unit_and_split_is_borne_by_an_unknown_unit() -> None:
    assert shares_in({}, "", 2022) == {"": 100}
    [unit] = staffing_sum([post(1, unit="")], 2022).by_unit
    assert (unit.label, unit.total.known) == ("ukendt enhed", 1)


def test_a_unit_with_no_percent_of_a_split_bears_nothing() -> None:
    assert shares_in({2020: {"FKC": 100, "SHC": 0}}, "SHC", 2020) == {"FKC": 100}


def test_the_sum_shares_the_posts_among_the_units_and_tells_the_states_apart() -> None:
    lines = [post(1, split=SPLIT), post(0.5, "vacant", unit="BYC", existing_funding="no"), post(None, "planned")]
    found = staffing_sum(lines, 2022)
    assert (found.total.known, found.total.posts, found.total.unknown) == (1.5, 3, 1)
    assert {state: each.known for state, each in found.by_state.items()} == {
        StaffingState.planned: 0,
        StaffingState.vacant: 0.5,
        StaffingState.filled: 1,
    }
    assert {each.unit: (each.total.known, each.total.unknown, each.filled.known) for each in found.by_unit} == {
        "BYC": (0.5, 0, 0),
        "FKC": (0.75, 0, 0.75),
        "SHC": (0.25, 1, 0.25),
    }
    assert [each.unit for each in found.by_unit] == ["BYC", "FKC", "SHC"]
    assert found.without_funding.known == 0.5
    assert staffing_sum([post(2, existing_funding=ExistingFunding.partly)], 2022).partly_funded.known == 2


def test_a_total_never_takes_an_unknown_amount_for_zero() -> None:
    assert str(staffing_sum([post(3), post(0.5)], 2022).total) == "3,5 årsværk"
    assert str(staffing_sum([post(3.5), post(None), post(None)], 2022).total) == "mindst 3,5 årsværk, 2 poster uden tal"
    assert str(staffing_sum([post(None)], 2022).total) == "1 post uden tal"
    assert str(staffing_sum([], 2022).total) == "ingen"


def test_a_post_counts_in_the_years_in_which_it_is_there() -> None:
    line = post(1, from_on="2017-04-01", to_on="2019-02-28")
    assert [year for year in range(2015, 2022) if staffing_sum([line], year).total.posts] == [2017, 2018, 2019]


def test_an_edition_can_keep_a_post_as_it_is() -> None:
    line = post(1, split=SPLIT, from_on="2017-04-01")
    assert StaffingLine.model_validate_json(line.model_dump_json()) == line
