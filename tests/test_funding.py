"""Funding: what is needed less what is granted; what is proposed is never counted as granted."""

from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Event, User
from app.models.visibility import read_as
from app.tabs.funding import FundingFacts, funding_of_several, funding_sum, read_funding
from tests.conftest import Queries, SignIn, one_database
from tests.fields import assert_each_refused, part, send


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


def test_money_of_a_project_without_a_stated_need_does_not_fill_the_gap_of_another() -> None:
    found = funding_of_several(
        [facts((2022, 100, "yes"), needs=((2022, 300),)), facts((2022, 900, "yes"), (2021, 5, "proposed"))]
    )
    assert gaps(found) == {2021: None, 2022: 200, None: 200}
    assert (found.total.needed, found.total.granted, found.total.proposed) == (300, 1000, 5)
    assert found.years_without_need == [2021]


def test_an_edition_can_keep_the_money_as_it_is() -> None:
    found = facts((2022, None, "yes"), needs=((2022, 500),))
    assert FundingFacts.model_validate_json(found.model_dump_json()) == found


HERE = "/projects/P-006"


def test_granted_money_closes_the_gap_and_proposed_money_does_not(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    page = part(browser.get(HERE).text, "funding")
    assert "2023 1.200.000 kr. 0 kr. 800.000 kr. 1.200.000 kr." in page
    assert "I alt 3.000.000 kr. 1.300.000 kr. 800.000 kr. 1.700.000 kr." in page
    answer = send(browser, f"{HERE}/funding/2/edit", approved="yes", amount="1.250.000,50")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#funding")
    page = part(browser.get(HERE).text, "funding")
    assert "2023 1.200.000 kr. 1.250.000,5 kr. 0 kr. −50.000,5 kr. bevilget mere end behovet" in page
    with Session(database) as session:
        [event] = session.exec(select(Event).where(Event.subject == "Funding"))
    assert (event.before, event.after) == (
        {"amount": 800000, "approved": "proposed"},
        {"amount": 1250000.5, "approved": "yes"},
    )


def test_money_without_an_amount_and_a_year_without_a_need_are_said(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    send(browser, f"{HERE}/funding/new", f"{HERE}/funding", source="Fond", year="2022", approved="yes")
    send(browser, f"{HERE}/funding/new", f"{HERE}/funding", source="Fond", year="2021", amount="5", approved="yes")
    page = part(browser.get(HERE).text, "funding")
    assert "2022 1.800.000 kr. 1.300.000 kr. 1 ukendt beløb 0 kr. højst 500.000 kr." in page
    assert "2021 ikke oplyst 5 kr. 0 kr. ikke oplyst" in page
    assert "Behovet er ikke oplyst for 2021." in page


def test_a_need_is_stated_and_corrected(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser, needs = sign_in(leder), f"{HERE}/funding-needs"
    answer = send(browser, f"{needs}/new", needs, purpose="Rådgivning", year="2024", amount="100.000")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#funding")
    assert send(browser, f"{needs}/3/edit", amount="90.000").status_code == 303
    assert "Rådgivning , 2024: 90.000 kr." in part(browser.get(HERE).text, "funding")
    with Session(database) as session:
        actions = session.exec(select(Event.action).where(Event.subject == "FundingNeed")).all()
    assert sorted(actions) == ["changed", "created"]


@one_database
def test_what_is_wrong_with_money_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    assert_each_refused(
        browser,
        f"{HERE}/funding/new",
        f"{HERE}/funding",
        [
            ({"source": "", "year": ""}, {"source": "Udfyld »Kilde«", "year": "Udfyld »År«"}),
            ({"source": "Fond", "year": "22"}, {"year": "Skriv et tal, der er mindst 2000"}),
            ({"source": "Fond", "year": "2022", "amount": "-5"}, {"amount": "Skriv et tal, der er mindst 0"}),
        ],
    )
    assert_each_refused(
        browser,
        f"{HERE}/funding-needs/new",
        f"{HERE}/funding-needs",
        [({"purpose": "Drift", "year": "2022", "amount": ""}, {"amount": "Udfyld »Beløb i kroner«"})],
    )


@one_database
def test_money_is_read_in_two_queries_and_nobody_learns_of_that_of_a_closed_project(
    database: Engine, queries: Queries, laeser: User, direktion: User
) -> None:
    needed = {}
    for user in (laeser, direktion):
        with Session(database) as session:
            read_as(session, user)
            with queries() as asked:
                found = read_funding(session, None)
            assert len(asked) == 2
            needed[user.email] = funding_of_several(found.values()).total.needed or 0
    assert needed[direktion.email] - needed[laeser.email] == 18_000_000
