"""Benefits: totals are computed from the lines, what is unknown is counted, and a paper's totals stand beside."""

from typing import Any

import pytest

from app.i18n import speak
from app.models.benefit import Certainty
from app.models.stated_total import BenefitColumn
from app.tabs.benefits import (
    BenefitFacts,
    BenefitLine,
    BenefitSum,
    Totals,
    added,
    benefit_sum,
    benefits_of_several,
    show_millions,
    stated_line,
    whole_percent,
)

MILLION = 1_000_000
RANGES = ("potential", "not_analysed", "expected")
POTENTIAL, NOT_ANALYSED, EXPECTED = BenefitColumn.potential, BenefitColumn.not_analysed, BenefitColumn.expected
IDENTIFIED, REALISED, BUDGET = BenefitColumn.identified, BenefitColumn.realised, BenefitColumn.budget


def line(area: str = "Indkøb", year: int = 2017, no: int = 1, **more: Any) -> BenefitLine:
    """A line; a pair in million kroner is a range, a single figure is that figure, what is left out is unknown."""
    said: dict[str, Any] = {
        f"{name}_{end}": more[name][place] * MILLION if name in more else None
        for name in RANGES
        for place, end in enumerate(("min", "max"))
    }
    for name in ("identified", "realised", "budget"):
        said[name] = more[name] * MILLION if name in more else None
    rest = {name: value for name, value in more.items() if name not in {*RANGES, *said}}
    plain = {"full_year": True, "certainty": "likely", "treasury_percent": 80}
    return BenefitLine.model_validate(
        {"no": no, "area": area, "year": year, "split_reason": "", "measure": "", "note": ""} | plain | said | rest
    )


PROCUREMENT = [
    line("Psykologer", potential=(0.5, 0.5), expected=(0, 0), realised=0, budget=0.25),
    line("Compliance", no=2, potential=(0.7, 0.7), expected=(0.7, 0.7), realised=0.7, budget=0.7),
    line("Samling af køb", no=3, potential=(1, 2), not_analysed=(1, 2), budget=0.25),
    line("Legetøj", no=4, potential=(0.3, 0.3), expected=(0.2, 0.2), identified=0.2, budget=0),
    line(
        "Nye aftaler",
        no=5,
        potential=(1, 2),
        not_analysed=(0.5, 1),
        expected=(0.2, 0.2),
        identified=0.2,
        budget=0.75,
        full_year=False,
    ),
    line("Frit valg", no=6, potential=(0.5, 0.5), not_analysed=(0.5, 0.5), budget=0.25),
    line("Håndværkere", no=7, potential=(1, 1), not_analysed=(1, 1), budget=1),
]
"""The procurement saving as the board saw it on 9 January 2017."""


def shown(totals: Totals) -> list[str]:
    return [totals.amounts[column].shown for column in (POTENTIAL, NOT_ANALYSED, EXPECTED, REALISED, BUDGET)]


def stated(amount: float, column: str, areas: list[str], needs: list[Any] | None = None) -> Any:
    total = {"no": 1, "text": "Papiret", "source": "Sag", "column": column, "year": 2017, "amount": amount}
    return stated_line(total | {"areas": areas}, PROCUREMENT, needs or [])


# ---------------------------------------------------------------------------------------------------- how it is added


def test_the_procurement_saving_adds_up_as_the_paper_does() -> None:
    total = benefit_sum(PROCUREMENT).total
    assert shown(total) == ["5,0-7,0", "3,0-4,5", "1,1", "0,7", "3,2"]
    assert (total.percent, total.percent_with_identified) == (22, 34)
    assert total.coverage == pytest.approx(0.21875)
    assert total.coverage_with_identified == pytest.approx(0.34375)
    assert total.outstanding == pytest.approx(2_100_000)
    assert (total.surplus, total.part_year, total.lines) == (0, 1, 7)


def test_what_no_line_states_is_counted_and_is_not_zero() -> None:
    total = benefit_sum(PROCUREMENT).total
    assert (total.amounts[REALISED].known, total.amounts[REALISED].unknown) == (2, 5)
    assert total.outstanding_is_most
    nothing = benefit_sum([line()]).total
    assert shown(nothing) == ["", "", "", "", ""]
    assert (nothing.coverage, nothing.coverage_with_identified, nothing.outstanding, nothing.surplus) == (None,) * 4
    assert nothing.amounts[BUDGET].unknown == 1


def test_only_what_has_a_budget_covers_it() -> None:
    total = benefit_sum([line(realised=1, budget=2), line(no=2, realised=5, identified=5)]).total
    assert total.amounts[REALISED].least == 6 * MILLION
    assert (total.coverage, total.coverage_with_identified, total.outstanding) == (0.5, 0.5, MILLION)
    assert not total.outstanding_is_most


def test_a_budget_of_nothing_has_no_coverage_and_what_is_found_above_it_is_a_surplus() -> None:
    total = benefit_sum([line(budget=0, realised=1)]).total
    assert (total.coverage, total.outstanding, total.surplus) == (None, 0, MILLION)


def test_areas_fill_in_for_each_other_within_a_budget_but_years_and_projects_do_not() -> None:
    too_much, too_little = line(realised=3, budget=1), line("Andet", no=2, realised=0, budget=2)
    together = benefit_sum([too_much, too_little]).total
    assert (together.outstanding, together.surplus) == (0, 0)
    next_year = line("Andet", 2018, no=2, realised=0, budget=2)
    apart = benefit_sum([too_much, next_year]).total
    assert (apart.outstanding, apart.surplus) == (2 * MILLION, 2 * MILLION)
    assert benefits_of_several([[too_much], [too_little]]).total == apart


def test_the_split_is_that_of_each_line_and_the_two_parts_are_the_whole() -> None:
    found = benefit_sum(
        [line(realised=1, budget=2), line("It", no=2, realised=1, budget=1, treasury_percent=100, split_reason="It")]
    ).total
    assert (found.realised_split.treasury, found.realised_split.centre) == (1.8 * MILLION, 0.2 * MILLION)
    assert (found.budget_split.treasury, found.budget_split.centre) == (2.6 * MILLION, 0.4 * MILLION)


def test_years_certainties_and_measures_each_add_up_to_the_whole_and_no_line_counts_twice() -> None:
    lines = [
        line(measure="Genudbud", certainty="certain", realised=1, budget=1),
        line("Frit valg", no=2, measure="Compliance", realised=2, budget=4),
        line("Frit valg", 2018, no=3, measure="Genudbud", realised=4, budget=5),
        line("Andet", 2018, no=4, realised=8, budget=9),
    ]
    found = benefit_sum(lines)
    assert list(found.years) == [2017, 2018]
    assert list(found.measures) == ["", "Compliance", "Genudbud"]
    assert list(found.certainties) == [Certainty.certain, Certainty.likely]
    for parts in (found.years, found.certainties, found.measures):
        assert sum(part.lines for part in parts.values()) == 4
        for column in (REALISED, BUDGET):
            assert sum(part.amounts[column].least for part in parts.values()) == found.total.amounts[column].least


def test_more_than_expected_is_worth_a_look_and_unknown_is_not() -> None:
    assert line(expected=(1, 2), realised=2.5).above_expectation
    assert not line(expected=(1, 2), realised=2).above_expectation
    assert not line(realised=2).above_expectation
    assert not line(expected=(1, 2)).above_expectation


@pytest.mark.parametrize(
    ("share", "percent"),
    [(0, 0), (0.001, 1), (0.21875, 22), (0.34375, 34), (0.125, 13), (0.999, 99), (1, 100), (1.004, 100), (1.5, 150)],
)
def test_a_share_reads_all_or_nothing_only_when_it_is(share: float, percent: int) -> None:
    assert whole_percent(share) == percent


@pytest.mark.parametrize(
    ("kroner", "words"),
    [(0, "0,0"), (2_100_000, "2,1"), (250_000, "0,25"), (5_000_000, "5,0"), (1_234_567, "1,235"), (400, "0,0004")],
)
def test_millions_are_said_with_a_decimal_and_small_amounts_never_read_as_nothing(kroner: float, words: str) -> None:
    speak("da")
    assert show_millions(kroner) == words


def test_an_edition_can_keep_the_lines_and_their_sums_as_they_are() -> None:
    for each in PROCUREMENT:
        assert BenefitLine.model_validate_json(each.model_dump_json()) == each
    found = benefit_sum(PROCUREMENT)
    assert BenefitSum.model_validate_json(found.model_dump_json()) == found


# --------------------------------------------------------------------------------------- what the papers themselves say


def test_a_total_that_the_paper_calls_potential_is_found_in_the_budget_column() -> None:
    found = stated(1_500_000, "potential", ["Samling af køb", "frit valg", "Håndværkere"])
    assert found.computed[POTENTIAL].shown == "2,5-3,5"
    assert (found.difference, found.agrees) == ((MILLION, 2 * MILLION), False)
    assert found.columns_that_agree == [BUDGET]


def test_a_total_without_areas_is_of_all_lines_and_one_of_an_area_that_is_not_there_says_so() -> None:
    whole = stated(3_200_000, "budget", [])
    assert (whole.agrees, whole.unknown_areas) == (True, [])
    strange = stated(600_000, "budget", ["Frit valg", "Findes ikke"])
    assert strange.unknown_areas == ["Findes ikke"]
    nothing = stated(600_000, "budget", ["Findes ikke"])
    assert (nothing.in_its_column, nothing.difference, nothing.agrees) == (None, None, False)


def test_an_area_that_two_stated_totals_name_is_pointed_out() -> None:
    totals = [stated(1_500_000, "potential", ["Frit valg", "Håndværkere"]), stated(600_000, "budget", ["Frit valg"])]
    assert BenefitFacts(lines=PROCUREMENT, stated=totals).counted_twice == ["Frit valg"]


def test_four_prices_that_do_not_come_to_the_stated_total_are_held_against_it() -> None:
    prices = [84_750, 147_750, 39_000, 118_700]
    found = stated(390_000, "need", [], [(f"Analyse {no}", 2017, price) for no, price in enumerate(prices)])
    assert found.in_its_column == added((price, price) for price in prices)
    assert (found.difference, found.agrees, found.columns_that_agree) == ((200, 200), False, [])
