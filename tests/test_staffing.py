"""Staffing: posts with full-time equivalents that may be unknown, split between units by year."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Event, Project, Staffing, StaffingShare, Unit, User
from app.models.staffing import ExistingFunding, StaffingState, shares_in
from app.models.visibility import read_as
from app.tabs.staffing import StaffingLine, read_staffing, staffing_sum
from tests.conftest import Queries, SignIn, one_database
from tests.fields import assert_each_refused, form_in, part, send
from tests.page import read_page

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


HERE = "/projects/P-006"
NEW, POSTS, SPLIT_PAGE = f"{HERE}/staffing/new", f"{HERE}/staffing", f"{HERE}/staffing/2/split"


def lines(database: Engine, number: str) -> dict[str, StaffingLine]:
    """The posts of a project, by their function."""
    with Session(database) as session:
        key = session.exec(select(Project.id).where(Project.number == number)).one()
        found = read_staffing(session, {key or 0}, date(2022, 6, 13)).get(key or 0, [])
    return {line.function: line for line in found}


def field(database: Engine, code: str) -> str:
    """The name of a unit's field on the page of a split."""
    with Session(database) as session:
        return f"unit_{session.exec(select(Unit.id).where(Unit.code == code)).one()}"


def test_the_leader_adds_a_post_whose_size_nobody_knows_yet(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    answer = send(browser, NEW, POSTS, function="Tolke", state="planned", unit_id="")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#staffing")
    assert lines(database, "P-006")["Tolke"].fte is None
    page = part(browser.get(HERE).text, "staffing")
    assert "2022: mindst 2,25 årsværk, 1 post uden tal · planlagt: 1 post uden tal · ubesat: 1 årsværk" in page
    assert "Tolke Ret stillingen Tolke · Fordel på centre Tolke ikke oplyst Planlagt Nej ukendt enhed" in page
    with Session(database) as session:
        [event] = session.exec(select(Event).where(Event.subject == "Staffing"))
    assert (event.action, event.after["function"]) == ("created", "Tolke")


def test_a_post_that_ends_no_longer_counts_and_is_still_there(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    assert send(browser, f"{POSTS}/1/edit", to_on="12-06-2022").status_code == 303
    assert "Projektleder" not in lines(database, "P-006")
    page = part(browser.get(HERE).text, "staffing")
    assert page.startswith("Bemanding 2022: 1,5 årsværk")
    assert "0,75 Ophørt" in page


@one_database
def test_what_is_wrong_with_a_post_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    assert_each_refused(
        sign_in(leder),
        NEW,
        POSTS,
        [
            ({"function": ""}, {"function": "Udfyld »Funktion«"}),
            (
                {"function": "Tolk", "fte": "-1"},
                {"fte": "Skriv et tal, der er mindst 0"},
            ),
            (
                {"function": "Tolk", "from_on": "01-05-2022", "to_on": "30-04-2022"},
                {"to_on": "Slutdatoen ligger før startdatoen"},
            ),
        ],
    )


def test_a_split_holds_until_a_later_year_is_split_differently(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    burc, fkc, shc = (field(database, code) for code in ("BURC", "FKC", "SHC"))
    form = form_in(browser.get(f"{SPLIT_PAGE}/2021"))
    assert (form.values[burc], form.values[fkc], form.values[shc]) == ("60", "40", "")
    answer = send(browser, f"{SPLIT_PAGE}/2023", **{burc: "25", shc: "75"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}#staffing")
    post = lines(database, "P-006")["Planlægger"]
    assert post.shares_in(2022) == {"BURC": 60, "FKC": 40}
    assert post.shares_in(2024) == {"BURC": 25, "SHC": 75}
    assert (
        "Planlægger (konstrueret) Ret stillingen Planlægger · Fordel på centre Planlægger 0,5 Besat Delvist BURC 60 %"
        in part(browser.get(HERE).text, "staffing")
    )
    with Session(database) as session:
        [event] = session.exec(select(Event).where(Event.action == "split"))
    assert (event.before, event.after) == ({}, {"BURC 2023": 25, "SHC 2023": 75})


def test_a_split_that_is_emptied_is_gone_and_an_unchanged_one_leaves_no_trace(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    burc, fkc = (field(database, code) for code in ("BURC", "FKC"))
    assert send(browser, f"{SPLIT_PAGE}/2021").status_code == 303
    assert send(browser, f"{SPLIT_PAGE}/2021", **{burc: "", fkc: ""}).status_code == 303
    assert lines(database, "P-006")["Planlægger"].shares_in(2022) == {"BURC": 100}
    with Session(database) as session:
        [event] = session.exec(select(Event).where(Event.action == "split"))
    assert (event.before, event.after) == ({"BURC 2021": 60, "FKC 2021": 40}, {})


@one_database
def test_percentages_that_do_not_add_up_are_refused_at_the_form(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser, burc = sign_in(leder), field(database, "BURC")
    answer = send(browser, f"{SPLIT_PAGE}/2022", **{burc: "90"})
    assert answer.status_code == 422
    assert "Procenterne giver tilsammen 90." in part(answer.text, "errors")
    assert form_in(answer).values[burc] == "90"
    with Session(database) as session:
        assert not session.exec(
            select(StaffingShare).where(StaffingShare.year == 2022, StaffingShare.percent == 90)
        ).all()
    assert browser.get(f"{SPLIT_PAGE}/1999").status_code == 404


@one_database
def test_who_saves_a_split_after_somebody_else_sees_both(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    burc, fkc = (field(database, code) for code in ("BURC", "FKC"))
    late = sign_in(leder)
    form = form_in(late.get(f"{SPLIT_PAGE}/2022"))
    send(sign_in(ejer), f"{SPLIT_PAGE}/2022", **{burc: "10", fkc: "90"})
    answer = late.post(f"{SPLIT_PAGE}/2022", data=form.values | {burc: "50", fkc: "50"})
    assert answer.status_code == 409
    assert "Center for Fritid og Kultur 90 50" in " ".join(read_page(answer.text).text.split())


@one_database
def test_posts_are_read_in_two_queries_and_nobody_learns_of_those_of_a_closed_project(
    database: Engine, queries: Queries, laeser: User, direktion: User
) -> None:
    functions = {}
    for user in (laeser, direktion):
        with Session(database) as session:
            read_as(session, user)
            with queries() as asked:
                found = read_staffing(session, None, date(2022, 6, 13))
            assert len(asked) == 2
            functions[user.email] = {line.function for own in found.values() for line in own}
    assert functions[direktion.email] - functions[laeser.email] == {"Ejendomskonsulent"}
    with Session(database) as session:
        read_as(session, laeser)
        closed = select(Staffing.id).where(Staffing.function == "Ejendomskonsulent")
        assert not session.exec(closed).all()
        assert read_staffing(session, set(), date(2022, 6, 13)) == {}
