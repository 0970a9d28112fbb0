"""Afhængigheder: the chains with their dates, where a delay lands, and the timeline."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Milestone, Placement, Project, Relation, User
from app.models.relation import RelationKind
from app.tabs.delay import Stop, Way, later, ripple, within
from tests.conftest import Queries, SignIn, one_database
from tests.page import Element, forms, read_page

CHAIN, API = "/portfolios/direktionen/chain", "/api/v1/portfolios/direktionen/chain"
NAMES = "abcdef"
ways = st.lists(
    st.builds(Way, first=st.sampled_from(NAMES), waits=st.sampled_from(NAMES), slack=st.integers(-40, 40)), max_size=15
)
"""Links between six things, circles and all."""
delays = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 100))


def days(moves: dict[str, Any]) -> dict[str, int]:
    return {key: move.days for key, move in moves.items()}


def test_a_delay_uses_up_the_slack_before_it_moves_what_waits() -> None:
    chain = [Way("a", "b", 10), Way("b", "c", 0), Way("c", "d", 30)]
    assert days(ripple(chain, {"a": 10})) == {"a": 10}
    assert days(ripple(chain, {"a": 25})) == {"a": 25, "b": 15, "c": 15}
    assert days(ripple(chain, {"a": 45})) == {"a": 45, "b": 35, "c": 35, "d": 5}


def test_what_waits_for_two_things_moves_with_the_worse_of_them_and_says_which() -> None:
    longer, shorter = Way("a", "c", 0), Way("b", "c", 5)
    moves = ripple([longer, shorter], {"a": 7, "b": 20})
    assert (moves["c"].days, moves["c"].way) == (15, shorter)


def test_a_collision_absorbs_nothing_and_adds_nothing() -> None:
    assert days(ripple([Way("a", "b", -60)], {"a": 5})) == {"a": 5, "b": 5}


@given(ways)
def test_where_nothing_is_delayed_nothing_moves(links: list[Way]) -> None:
    assert ripple(links, {}) == {}
    assert ripple(links, dict.fromkeys(NAMES, 0)) == {}


@given(ways, delays)
def test_no_delay_grows_on_its_way_however_the_links_run_in_circles(links: list[Way], starts: dict[str, int]) -> None:
    moves = ripple(links, starts)
    for key, move in moves.items():
        assert 0 < move.days <= max(starts.values())
        assert move.days >= starts.get(key, 0)
        assert move.way is None or move.days == moves[move.way.first].days - max(0, move.way.slack)
    for way in links:
        pushed = moves[way.first].days - max(0, way.slack) if way.first in moves else 0
        assert pushed <= (moves[way.waits].days if way.waits in moves else 0)


@given(ways, delays, st.sampled_from(NAMES), st.integers(1, 50))
def test_a_longer_delay_never_moves_anything_less(
    links: list[Way], starts: dict[str, int], key: str, more: int
) -> None:
    less, longer = ripple(links, starts), ripple(links, starts | {key: starts.get(key, 0) + more})
    assert all(longer[each].days >= move.days for each, move in less.items())


@given(ways, delays, st.integers(1, 50))
def test_more_slack_never_moves_anything_more(links: list[Way], starts: dict[str, int], more: int) -> None:
    tight = ripple(links, starts)
    loose = ripple([Way(way.first, way.waits, way.slack + more) for way in links], starts)
    assert all(move.days <= tight[key].days for key, move in loose.items())


def test_inside_a_project_what_comes_later_moves_as_many_days_and_what_comes_before_does_not() -> None:
    stops = [
        Stop("end", date(2022, 12, 31), 2),
        Stop("last", date(2022, 12, 31), 1),
        Stop("first", date(2022, 9, 1), 1),
        Stop("middle", date(2022, 10, 1), 1),
    ]
    assert days(ripple(within(stops), {"middle": 14})) == {"middle": 14, "last": 14, "end": 14}
    overdue = [Stop("first", date(2022, 5, 1), 1, late=43), Stop("next", date(2022, 9, 1), 1)]
    assert days(ripple(within(overdue), {"first": 43})) == {"first": 43}
    assert days(ripple(within(overdue), {"first": 50})) == {"first": 50, "next": 7}
    assert later(date(9999, 12, 1), 90) == date.max


def chain(browser: TestClient, query: str = "") -> dict[str, Any]:
    answer = browser.get(f"{API}{query}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def links(tab: dict[str, Any]) -> dict[tuple[str, str], int | None]:
    """The slack of each link, by what must come first and what waits."""
    found = [link for each in tab["chains"] for link in each["links"]]
    firsts = [link["first"]["key"] if link["first"]["number"] else link["first"]["title"] for link in found]
    return {(first, link["waits"]["key"]): link["slack"] for first, link in zip(firsts, found, strict=True)}


def lands(tab: dict[str, Any]) -> dict[str, tuple[int, str]]:
    return {landing["point"]["key"]: (landing["days"], landing["to"]) for landing in tab["landings"]}


@one_database
def test_a_chain_of_the_demo_list_stands_in_order_with_its_slack_in_days(sign_in: SignIn, laeser: User) -> None:
    tab = chain(sign_in(laeser))
    [longest] = [each for each in tab["chains"] if "P-007" in each["projects"]]
    assert longest["projects"] == ["P-005", "P-021", "P-007", "P-001"]
    found = links({"chains": [longest]})
    assert found == {
        ("P-005.milestone.3", "P-021.milestone.2"): 140,  # overdue since 31 May: late until today, 13 June
        ("P-005.milestone.3", "P-007.milestone.3"): 80,
        ("Ministeriet", "P-007.milestone.3"): 80,
        ("P-021.milestone.2", "P-007.milestone.3"): -60,
        ("P-021.milestone.2", "P-001.milestone.4"): -31,
        ("P-007.milestone.4", "P-001.milestone.5"): 1095,
    }


@one_database
def test_what_is_done_is_settled_and_neither_slack_nor_collision(sign_in: SignIn, laeser: User) -> None:
    settled = [link for each in chain(sign_in(laeser))["chains"] for link in each["links"] if link["settled"]]
    assert [(link["first"]["key"], link["slack"]) for link in settled] == [("P-003.end", None), ("P-046.end", None)]


@one_database
def test_today_s_delays_and_collisions_land_on_milestones_and_planned_ends(sign_in: SignIn, laeser: User) -> None:
    tab = chain(sign_in(laeser))
    found = lands(tab)
    assert found == {
        "P-007.milestone.3": (60, "2022-10-31"),  # collides with P-021's timetable, as does the next
        "P-001.milestone.4": (31, "2022-10-31"),
        "P-007.milestone.4": (60, "2025-03-01"),
        "P-007.end": (60, "2025-03-01"),
        "P-001.milestone.5": (31, "2028-01-31"),
        "P-001.end": (31, "2028-01-31"),
        "P-048.end": (181, "2023-06-30"),
    }
    assert tab["carried"] == {
        "P-021.1": 0,  # overdue, but the slack absorbs it
        "P-007.1": 0,
        "P-007.2": 0,
        "P-007.3": 60,
        "P-001.1": 31,
        "P-001.2": 0,
        "P-048.3": 181,
    }
    late = {delay["point"]["key"]: (delay["days_late"], delay["days_moved"]) for delay in tab["known"]}
    assert late["P-005.milestone.3"] == (13, 151)
    assert late["P-007.milestone.3"] == (0, 1340)


@one_database
def test_a_delay_that_is_asked_about_shows_what_it_moves_and_where_the_slack_absorbs_it(
    sign_in: SignIn, laeser: User
) -> None:
    browser = sign_in(laeser)
    tab = chain(browser, "?delayed=P-021.milestone.2&days=30")
    assert lands(tab) == {
        "P-021.milestone.2": (30, "2022-11-30"),
        "P-021.end": (30, "2028-01-30"),
        "P-007.milestone.3": (30, "2022-10-01"),
        "P-007.milestone.4": (30, "2025-01-30"),
        "P-007.end": (30, "2025-01-30"),
        "P-001.milestone.4": (30, "2022-10-30"),
        "P-001.milestone.5": (30, "2028-01-30"),
        "P-001.end": (30, "2028-01-30"),
    }
    assert lands(chain(browser, "?delayed=P-029.relation.1&days=200")).keys() == {"P-029.relation.1"}
    page = read_page(browser.get(f"{CHAIN}?delayed=P-029.relation.1&days=215").text).text
    assert "Hvis Ministeriet bliver 215 dage forsinket" in page
    assert "luften tager det" in page
    moved = lands(chain(browser, "?delayed=P-029.relation.1&days=220"))
    assert moved["P-029.milestone.4"] == (220 - 215, "2023-02-05")


@one_database
def test_a_delay_of_what_is_overdue_counts_from_today(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    tab = chain(browser, "?delayed=P-005.milestone.3&days=90")
    assert lands(tab)["P-005.milestone.3"] == (13 + 90, "2022-09-11")
    assert lands(tab)["P-007.milestone.3"] == (90 - 80, "2022-09-11")
    assert lands(tab)["P-005.milestone.4"][0] == 90
    assert tab["carried"] == {"P-021.1": 0, "P-007.2": 10, "P-001.2": 0}


@one_database
def test_a_new_date_is_so_many_days_later_and_a_whole_project_moves_all_that_is_open(
    sign_in: SignIn, laeser: User
) -> None:
    browser = sign_in(laeser)
    tab = chain(browser, "?delayed=P-037.milestone.4&on=15-10-2022")
    assert (tab["days"], tab["asked"]) == (15, "P-037 · Sagen behandles i Byrådet")
    whole = chain(browser, "?delayed=P-049&days=10")
    assert lands(whole)["P-049.milestone.1"] == (10, "2022-07-10")
    assert lands(whole)["P-048.end"] == (10, "2023-01-10")


@one_database
@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("delayed=P-999&days=3", "delayed", "Vælg en af mulighederne"),
        ("delayed=P-007", "days", "Skriv et antal dage eller en ny dato"),
        ("delayed=P-007&days=mange", "days", "Skriv et helt antal dage fra 1 til 3650"),
        ("delayed=P-007&days=-5", "days", "Skriv et helt antal dage fra 1 til 3650"),
        ("delayed=P-007&days=2,5", "days", "Skriv et helt antal dage fra 1 til 3650"),
        ("delayed=P-007&days=99999999", "days", "Skriv et helt antal dage fra 1 til 3650"),
        ("delayed=P-007&on=i+morgen", "on", "Skriv datoen som dd-mm-åååå, fx 13-06-2022"),
        ("delayed=P-007&on=01-01-2020", "on", "Vælg en dato efter den nuværende, højst ti år senere"),
    ],
)
def test_what_cannot_be_understood_is_said_at_its_field_and_today_s_delays_stay(
    query: str, field: str, sentence: str, sign_in: SignIn, laeser: User
) -> None:
    page = read_page(sign_in(laeser).get(f"{CHAIN}?{query}").text)
    [typed] = [each for each in page.all("input", "select") if each.get("name") == field]
    [said] = [each for each in page if each.get("id") == typed.get("aria-describedby")]
    assert said.text == f"Fejl: {sentence}"
    assert "Her rammer dagens forsinkelser" in page.text


@one_database
def test_one_project_s_chain_is_what_leads_to_it_and_what_leads_on_from_it(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    assert [each["projects"] for each in chain(browser, "?project=P-021")["chains"]] == [
        ["P-005", "P-021", "P-007", "P-001"]
    ]
    onward = links(chain(browser, "?project=P-005")).keys()
    assert len(onward) == 5
    assert ("Ministeriet", "P-007.milestone.3") not in onward
    assert onward - links(chain(browser, "?project=P-021")).keys() == {("P-005.milestone.3", "P-007.milestone.3")}
    assert [row["number"] for row in chain(browser, "?project=P-037")["timeline"]] == ["P-037", "P-038"]
    assert {each["number"] for each in chain(browser, "?project=P-037")["others"]} == {
        "P-006",
        "P-007",
        "P-008",
        "P-011",
    }
    assert chain(browser, "?project=P-999")["chains"] == []


@one_database
def test_conflicts_name_the_effect_targets_of_both_projects_and_their_directions(sign_in: SignIn, laeser: User) -> None:
    conflict, *_more = [
        each
        for each in chain(sign_in(laeser))["others"]
        if (each["number"], each["other_number"]) == ("P-007", "P-037")
    ]
    assert conflict["kind"] == "goal_conflict"
    assert {"name": "Nedrevne boliger i Blåkildegård", "direction": "up"} in conflict["aims"]
    assert {"name": "Borgere, der venter på bolig", "direction": "down"} in conflict["other_aims"]


@one_database
def test_the_timeline_has_a_name_a_description_and_every_date_in_the_table_below(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    page = read_page(browser.get(CHAIN).text)
    [section] = [each for each in page if each.get("id") == "timeline"]
    [picture] = [each for each in section.all("svg") if each.get("role") == "img"]
    named = {each.get("id"): each.text for each in picture.all("title", "desc") if each.get("id")}
    assert picture.get("aria-labelledby").split() == list(named)
    assert "3 af 9 afhængigheder kolliderer" in " ".join(named.values())
    cells = [cell.text for cell in section.all("th", "td")]
    for row in chain(browser)["timeline"]:
        for milestone in row["milestones"]:
            assert milestone["point"]["label"] in cells
    shapes = {element.get("class").split()[0] for element in picture.all("circle", "path", "rect")}
    assert {"course__done", "course__open", "course__late", "course__frame", "course__link", "course__now"} <= shapes
    assert symbols(picture, "course__late", "path") == symbols(picture, "course__late", "path", "circle", "rect")


def symbols(picture: Element, look: str, *tags: str) -> int:
    return sum(look in element.get("class").split() for element in picture.all(*tags))


def put(database: Engine, *rows: Any) -> None:
    with Session(database) as session:
        session.add_all(rows)
        session.commit()


def keys(database: Engine) -> dict[str, int]:
    with Session(database) as session:
        return {each.number: each.pk for each in session.exec(select(Project))}


@one_database
def test_a_circle_is_shown_and_never_ends_in_a_loop(sign_in: SignIn, laeser: User, database: Engine) -> None:
    key, browser = keys(database), sign_in(laeser)
    around = [("P-005", "P-001"), ("P-013", "P-013")]
    put(
        database,
        *(Relation(project_id=key[a], no=90, kind=RelationKind.depends_on, other_id=key[b]) for a, b in around),
    )
    for query in ("", "?project=P-001", "?project=P-013", "?delayed=P-001&days=3650", "?delayed=P-013&days=1"):
        assert browser.get(f"{CHAIN}{query}").status_code == 200
        assert chain(browser, query)["chains"]


@one_database
def test_dates_that_are_missing_are_said_to_be_missing_and_move_nothing(
    sign_in: SignIn, laeser: User, database: Engine
) -> None:
    key, browser = keys(database), sign_in(laeser)
    put(
        database,
        Relation(project_id=key["P-039"], no=90, kind=RelationKind.depends_on, other_id=key["P-012"]),
        Relation(project_id=key["P-012"], no=90, kind=RelationKind.awaits, outside="Fonden", text="Tilsagn om støtte"),
    )
    found = links(chain(browser))
    assert found["P-012.end", "P-039.end"] is None
    assert found["Fonden", "P-012.end"] is None
    assert "Dato mangler" in read_page(browser.get(CHAIN).text).text


@one_database
def test_a_project_that_has_not_begun_waits_with_its_start(sign_in: SignIn, laeser: User, database: Engine) -> None:
    with Session(database) as session:
        later_one = session.exec(select(Project).where(Project.number == "P-013")).one()
        later_one.starts_on = date(2023, 1, 1)
        session.commit()
    key = keys(database)
    put(database, Relation(project_id=key["P-013"], no=90, kind=RelationKind.depends_on, other_id=key["P-012"]))
    tab = chain(sign_in(laeser), "?delayed=P-012&days=11")
    assert links(tab)["P-012.end", "P-013.start"] == 1
    assert lands(tab)["P-013.start"] == (10, "2023-01-11")
    assert lands(tab)["P-013.end"] == (10, "2023-09-10")


@one_database
def test_a_relation_that_has_ended_or_whose_projects_have_left_the_list_is_not_in_the_chain(
    sign_in: SignIn, laeser: User, database: Engine
) -> None:
    browser = sign_in(laeser)
    assert ("P-003.end", "P-006.end") in links(chain(browser))
    with Session(database) as session:
        ended = session.exec(select(Relation).join(Project, col(Project.id) == Relation.project_id).where(
            Project.number == "P-006", Relation.no == 1)).one()  # fmt: skip
        ended.ended_on = date(2022, 6, 13)
        session.commit()
    assert ("P-003.end", "P-006.end") not in links(chain(browser))
    key = keys(database)
    put(database, Relation(project_id=key["P-009"], no=90, kind=RelationKind.depends_on, other_id=key["P-010"]))
    assert ("P-010.end", "P-009.end") not in links(chain(browser))


@one_database
def test_the_number_of_queries_is_the_same_when_the_list_is_a_hundred_projects_longer(
    sign_in: SignIn, sekretariat: User, queries: Queries, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    with queries() as few:
        assert browser.get(CHAIN).status_code == 200
    with Session(database) as session:
        theme = session.exec(select(Project)).first()
        assert theme
        before = None
        for sequence in range(900, 1000):
            project = Project(
                portfolio_id=theme.portfolio_id,
                theme_id=theme.theme_id,
                title="Et projekt",
                series="P",
                sequence=sequence,
                number=f"P-{sequence}",
                starts_on=date(2022, 1, 1),
                planned_end_on=date(2022, 7, 1) + timedelta(days=sequence),
            )
            session.add(project)
            session.flush()
            session.add(Placement(project_id=project.pk, no=1, from_on=date(2022, 1, 1), decision_in="Direktionen"))
            session.add(
                Milestone(project_id=project.pk, no=1, text="En", due_on=date(2022, 9, 1), baseline_on=date(2022, 9, 1))
            )
            if before:
                session.add(Relation(project_id=project.pk, no=1, kind=RelationKind.depends_on, other_id=before))
            before = project.pk
        session.commit()
    with queries() as many:
        page = browser.get(CHAIN)
    assert page.text.count("P-999") > 1
    assert len(many) == len(few)


@one_database
def test_the_pages_that_lead_there_do(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    for address, target in (("/projects/P-007", f"{CHAIN}?project=P-007"), ("/portfolios/direktionen/burden", CHAIN)):
        found = [link.get("href") for link in read_page(browser.get(address).text).all("a")]
        assert target in found
    [form] = [each for each in forms(browser.get(CHAIN).text) if each.action == CHAIN]
    assert form.names == {"project", "delayed", "days", "on"}
