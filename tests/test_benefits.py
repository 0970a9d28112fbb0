"""Benefits: totals are computed from the lines, what is unknown is counted, and a paper's totals stand beside."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.i18n import show_millions, speak
from app.models import Benefit, Event, User
from app.models.benefit import BenefitForm, Certainty
from app.models.stated_total import BenefitColumn
from app.tabs.benefit_rollup import BenefitFilters
from app.tabs.benefits import (
    BenefitFacts,
    BenefitLine,
    BenefitSum,
    Totals,
    added,
    benefit_sum,
    benefits_of_several,
    stated_line,
    whole_percent,
)
from app.tabs.edition import benefits_of
from tests.conftest import Queries, SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.small_list import SmallList

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
    assert shown(total) == ["5,0–7,0", "3,0–4,5", "1,1", "0,7", "3,2"]
    assert (total.percent, total.percent_with_identified) == (22, 34)
    assert total.coverage == pytest.approx(0.21875)
    assert total.coverage_with_identified == pytest.approx(0.34375)
    assert total.outstanding == pytest.approx(2_100_000)
    assert (total.surplus, total.part_year, total.lines) == (0, 1, 7)


def test_what_no_line_states_is_counted_and_is_not_zero() -> None:
    total = benefit_sum(PROCUREMENT).total
    assert (total.amounts[REALISED].known, total.amounts[REALISED].unknown) == (2, 5)
    assert total.outstanding_is_most
    unstated = benefit_sum([line(identified=1, budget=2), line(no=2, budget=2)]).total
    assert (unstated.coverage, unstated.percent_with_identified, unstated.outstanding) == (None, 25, 3 * MILLION)
    nobody = benefit_sum([line(budget=2)]).total
    assert (nobody.coverage, nobody.coverage_with_identified, nobody.outstanding) == (None, None, 2 * MILLION)
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
    assert found.computed[POTENTIAL].shown == "2,5–3,5"
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


# ------------------------------------------------------------------------------------------------- on a project's page

HERE = "/projects/P-006"
AREA = "Grundejerbidrag fra solgte boliger"


def benefits_on(browser: TestClient, number: str) -> str:
    return part(browser.get(f"/projects/{number}").text, "benefits")


@one_database
def test_the_page_of_the_procurement_saving_shows_the_papers_own_table(sign_in: SignIn, laeser: User) -> None:
    page = benefits_on(sign_in(laeser), "P-051")
    assert "Eksternt potentiale Ikke analyseret Egen forventning Realiseret Identificeret Budget" in page
    assert "I alt 2017 5,0–7,0 3,0–4,5 3 ukendte 1,1 3 ukendte 0,7 5 ukendte 0,4 5 ukendte 3,2" in page
    assert "Af budgettet er 22 procent realiseret og 34 procent med det, der er identificeret." in page
    assert "2,1 mio. kr. udestår." in page
    assert "Det kan være mindre: Ikke alle linjer med budget oplyser, hvad der er realiseret." in page
    assert "Af det realiserede går 560.000 kr. til kommunekassen og 140.000 kr. til centrene." in page
    assert "1 linje har ikke helårseffekt." in page


@one_database
def test_the_totals_that_papers_state_stand_beside_the_computed_ones(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    page = benefits_on(browser, "P-051")
    assert "Papiret siger 1.500.000 kr. i kolonnen »Eksternt potentiale«." in page
    assert "Linjerne giver 2.500.000–3.500.000 kr.: afvigelse 1.000.000–2.000.000 kr." in page
    assert "Kolonnen »Budget« giver det, papiret siger." in page
    assert "Linjerne giver 3.200.000 kr. – det samme." in page
    assert "»Borgernes frie valg efter servicelovens § 112« indgår i flere af disse tal" in page
    prices = benefits_on(browser, "P-048")
    assert "Der er ikke registreret gevinster." in prices
    assert "Papiret siger 390.000 kr. i kolonnen »Finansieringsbehov«." in prices
    assert "Linjerne giver 390.200 kr.: afvigelse 200 kr." in prices


def test_more_realised_than_expected_is_saved_and_the_page_says_so(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert "Mere realiseret end forventet" not in benefits_on(browser, "P-006")
    answer = send(browser, f"{HERE}/benefits/1/edit", realised="300.000")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#benefits")
    page = benefits_on(browser, "P-006")
    assert "Mere realiseret end forventet" in page
    assert "300.000 kr. er realiseret, mere end de 200.000 kr., der højst var forventet." in page
    with Session(database) as session:
        [event] = session.exec(select(Event).where(Event.subject == "Benefit"))
    assert (event.action, event.before, event.after) == ("changed", {"realised": 0}, {"realised": 300000})


def test_a_new_line_is_added_and_one_that_no_longer_applies_is_left_out(sign_in: SignIn, leder: User) -> None:
    browser, rows = sign_in(leder), f"{HERE}/benefits"
    new = {"area": "Lavere drift", "year": "2024", "budget": "1.000.000", "treasury_percent": "100"}
    answer = send(browser, f"{rows}/new", rows, **new, split_reason="Fælles drift")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#benefits")
    assert "Lavere drift Sandsynlig · 100/0 (Fælles drift)" in benefits_on(browser, "P-006")
    assert send(browser, f"{rows}/3/edit", withdrawn="yes").status_code == 303
    assert "Lavere drift" not in benefits_on(browser, "P-006")


@one_database
def test_a_stated_total_is_written_down_and_corrected(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser, rows = sign_in(leder), f"{HERE}/stated-totals"
    new = {"text": "I alt 0,9 mio. kr.", "source": "Sag", "year": "2022", "amount": "900.000", "areas": AREA}
    answer = send(browser, f"{rows}/new", rows, **new)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#benefits")
    assert "Linjerne giver 200.000 kr.: afvigelse −700.000 kr." in benefits_on(browser, "P-006")
    assert send(browser, f"{rows}/2/edit", amount="200.000").status_code == 303
    assert "Linjerne giver 200.000 kr. – det samme." in benefits_on(browser, "P-006")
    with Session(database) as session:
        actions = session.exec(select(Event.action).where(Event.subject == "StatedTotal")).all()
    assert sorted(actions) == ["changed", "created"]


@one_database
def test_what_is_wrong_with_a_benefit_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    ends = "Udfyld begge ender, og skriv tallet to gange, hvis der kun er ét"
    named: dict[str, str | list[str]] = {"area": "Drift", "year": "2022"}
    assert_each_refused(
        sign_in(leder),
        f"{HERE}/benefits/new",
        f"{HERE}/benefits",
        [
            ({}, {"area": "Udfyld »Område«", "year": "Udfyld »Budgetår«"}),
            (named | {"expected_min": "5"}, {"expected_max": ends}),
            (named | {"potential_max": "5"}, {"potential_min": ends}),
            (
                named | {"expected_min": "5", "expected_max": "4"},
                {"expected_max": "Det højeste ligger under det laveste"},
            ),
            (named | {"budget": "-1"}, {"budget": "Skriv et tal, der er mindst 0"}),
            (named | {"treasury_percent": "70"}, {"split_reason": "Skriv, hvorfor fordelingen ikke er 80/20"}),
        ],
    )


# ---------------------------------------------------------------------------------------------- of the whole list

ALL = "/portfolios/direktionen/benefits"
JSON = "/api/v1/portfolios/direktionen/benefits"


@one_database
def test_the_edition_of_january_2018_still_tells_of_the_procurement_saving(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    words = part(browser.get(ALL, params={"round": "2018-01", "year": "2017"}).text, "main")
    assert "Frosset udgave: januar 2018" in words
    assert (
        "Af budgettet er 22 procent realiseret og 34 procent med det, der er identificeret. 2,1 mio. kr. udestår."
        in words
    )
    assert "P-051 · ØDC 5,0–7,0 3,0–4,5 3 ukendte 1,1 3 ukendte 0,7 5 ukendte 0,4 5 ukendte 3,2 22 % 34 % 2,1" in words
    found = browser.get(JSON, params={"round": "2018-01", "year": "2017"}).json()
    assert [project["number"] for project in found["projects"]] == ["P-051"]
    assert (found["sum"]["outstanding"], found["sum"]["coverage"]) == (2_100_000, 0.21875)
    assert browser.get(JSON, params={"year": "2017"}).json()["projects"] == []


@one_database
def test_benefits_roll_up_to_programme_unit_and_year(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    found = browser.get(JSON).json()
    assert [project["number"] for project in found["projects"]] == ["P-006", "P-043"]
    assert [(each["number"], each["level"]) for each in found["programmes"]] == [
        ("P-001", 0),
        ("P-021", 1),
        ("P-040", 0),
    ]
    budgets = {each["number"]: each["totals"]["amounts"]["budget"]["least"] for each in found["programmes"]}
    assert budgets == {"P-001": 800_000, "P-021": 800_000, "P-040": 1_900_000}
    assert [(unit["name"], unit["totals"]["outstanding"]) for unit in found["units"]] == [
        ("BAC", 1_300_000),
        ("BURC", 500_000),
    ]
    for parts in (found["years"].values(), [unit["totals"] for unit in found["units"]]):
        assert sum(each["amounts"]["budget"]["least"] for each in parts) == found["sum"]["amounts"]["budget"]["least"]
    assert (found["shown"], found["without"]) == (37, 35)


@one_database
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"unit": "BAC"}, ["P-043"]),
        ({"theme": "omdannelse-af-udsatte-boligomraader"}, ["P-006"]),
        ({"q": "ydelsessystem"}, ["P-043"]),
        ({"year": "2023"}, ["P-006", "P-043"]),
        ({"year": "2031"}, []),
        ({"year": "i år"}, []),
    ],
)
def test_the_page_shows_what_its_filters_ask_for(
    sign_in: SignIn, laeser: User, query: dict[str, str], numbers: list[str]
) -> None:
    browser = sign_in(laeser)
    assert [project["number"] for project in browser.get(JSON, params=query).json()["projects"]] == numbers
    page = browser.get(ALL, params=query)
    assert page.status_code == 200
    assert ("Ingen gevinster passer." in page.text) is not bool(numbers)


def test_benefits_take_as_many_queries_for_many_lines_as_for_none(small: SmallList, queries: Queries) -> None:
    needed = []
    for count in (0, 30):
        for no in range(count):
            project = small.project(f"Projekt {no}")
            small.add(
                Benefit(project_id=project.pk, no=1, **BenefitForm(area="Drift", year=2022, budget=5).model_dump())
            )
        with queries() as asked:
            found = benefits_of(small.session, small.portfolio, BenefitFilters())
        assert found.sum.lines == count
        needed.append(len(asked))
    assert needed[0] == needed[1]


@one_database
def test_nobody_learns_of_the_benefits_of_a_closed_project(sign_in: SignIn, laeser: User, direktion: User) -> None:
    least = sign_in(laeser).get(JSON).json()["sum"]["amounts"]["budget"]["least"]
    assert sign_in(direktion).get(JSON).json()["sum"]["amounts"]["budget"]["least"] == least + 1_600_000
