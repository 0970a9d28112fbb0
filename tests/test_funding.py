"""Funding: what is needed less what is granted; what is proposed is never counted as granted."""

from typing import Any

from app.tabs.funding import FundingFacts, funding_sum, together


def facts(*money: tuple[int, float | None, str], needs: tuple[tuple[int, float], ...] = ()) -> FundingFacts:
    return FundingFacts.model_validate(
        {
            "money": [
                {"no": no, "source": "Pulje", "year": year, "amount": amount, "approved": approved, "decision": ""}
                for no, (year, amount, approved) in enumerate(money, start=1)
            ],
            "needs": [
                {"no": no, "purpose": "Drift", "year": year, "amount": amount}
                for no, (year, amount) in enumerate(needs, start=1)
            ],
        }
    )


def gaps(found: Any) -> dict[int | None, float | None]:
    return {year.year: year.gap for year in [*found.years, found.total]}


def test_the_gap_is_what_is_needed_less_what_is_granted_in_each_year_and_in_all() -> None:
    found = funding_sum(
        facts((2022, 200, "yes"), (2022, 900, "proposed"), (2023, 50, "no"), needs=((2022, 500), (2023, 300)))
    )
    assert gaps(found) == {2022: 300, 2023: 300, None: 600}
    assert (found.total.granted, found.total.proposed, found.years_without_need) == (200, 900, [])
    assert not found.total.exceeds_need


def test_without_a_stated_need_the_gap_is_unknown() -> None:
    found = funding_sum(facts((2022, 200, "yes")))
    assert gaps(found) == {2022: None, None: None}
    assert found.years_without_need == [2022]


def test_more_money_than_needed_is_a_negative_gap_that_is_flagged() -> None:
    found = funding_sum(facts((2022, 700, "yes"), needs=((2022, 500),)))
    assert (found.total.gap, found.total.exceeds_need) == (-200, True)


def test_granted_money_without_an_amount_is_said_and_is_not_zero() -> None:
    found = funding_sum(facts((2022, None, "yes"), (2022, None, "proposed"), needs=((2022, 500),)))
    [year] = found.years
    assert (year.gap, year.gap_is_most, year.unknown, year.unknown_proposed) == (500, True, 1, 1)


def test_several_projects_are_added_up_as_one() -> None:
    found = funding_sum(together([facts((2022, 1, "yes"), needs=((2022, 3),)), facts((2022, 1, "yes"))]))
    assert found.total.gap == 1


def test_an_edition_can_keep_the_money_as_it_is() -> None:
    found = facts((2022, None, "yes"), needs=((2022, 500),))
    assert FundingFacts.model_validate_json(found.model_dump_json()) == found
