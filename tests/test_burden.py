"""Belastning: the rules on plain values, the tab on a small list made by hand, the page on the demo list."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import (
    KeyPersons,
    Person,
    Placement,
    Portfolio,
    Project,
    Seat,
    Theme,
    Unit,
    User,
)
from app.models.assessment import Colour
from app.models.portfolio import Thresholds
from app.models.report import ReportState
from app.models.role import Role
from app.models.seat import Attendance, SeatFunction, seat_points
from app.models.visibility import read_as
from app.tabs.load import BodySize, Level, body_size, heat, load_level
from tests.conftest import SignIn, one_database
from tests.page import read_page
from tests.small_list import TODAY, SmallList

PAGE = "/portfolios/direktionen/burden"

chair, owner, member, observer = (
    SeatFunction.chair,
    SeatFunction.owner,
    SeatFunction.member,
    SeatFunction.observer,
)


# -------------------------------------------------------------------------------------------------- rules, plain values


@pytest.mark.parametrize(
    ("seats", "chairs", "meetings", "level"),
    [
        (0, 0, 0, Level.normal),
        (3, 2, 40, Level.normal),
        (4, 0, 0, Level.watch),
        (5, 2, 40, Level.watch),
        (1, 3, 0, Level.watch),
        (1, 0, 41, Level.watch),
        (6, 0, 0, Level.high),
        (4, 4, 0, Level.high),
        (3, 3, 300, Level.watch),
    ],
)
def test_the_highest_of_seats_chairs_and_meetings_decides_the_level(
    seats: int, chairs: int, meetings: int, level: Level
) -> None:
    assert load_level(seats, chairs, meetings, Thresholds()) is level


@pytest.mark.parametrize(
    ("members", "attendance", "size"),
    [
        (5, None, BodySize.normal),
        (5, 12, BodySize.normal),
        (6, None, BodySize.large),
        (12, 12, BodySize.large),
        (13, None, BodySize.very_large),
        (4, 32, BodySize.very_large),
    ],
)
def test_more_than_five_members_make_a_large_body_and_more_than_twelve_a_very_large_one(
    members: int, attendance: int | None, size: BodySize
) -> None:
    assert body_size(members, attendance, Thresholds()) is size


def test_a_chair_or_owner_seat_weighs_two_a_member_one_an_observer_nothing_and_when_needed_half_at_most() -> None:
    fixed, when_needed = Attendance.fixed, Attendance.when_needed
    assert [seat_points(function, fixed) for function in (chair, owner, member, observer)] == [2, 2, 1, 0]
    assert [seat_points(function, when_needed) for function in (chair, owner, member, observer)] == [0.5, 0.5, 0.5, 0]


def test_two_periods_of_a_seat_overlap_when_they_share_a_day() -> None:
    seat = Seat(body_id=1, person_id=1, no=1, from_on=date(2018, 1, 1), to_on=date(2018, 6, 30))
    assert seat.overlaps(date(2018, 6, 30), None)
    assert not seat.overlaps(date(2018, 7, 1), None)
    assert not seat.overlaps(date(2017, 1, 1), date(2017, 12, 31))


def test_the_shade_grows_with_the_number_of_key_persons_and_none_has_no_shade() -> None:
    assert [heat(count) for count in range(8)] == [0, 1, 1, 2, 2, 3, 3, 3]


# ------------------------------------------------------------------------------------------------ a list made by hand


def account(role: Role, person: Person | None = None) -> User:
    return User(email="nogen@demo.example", password_hash="", roles=[role], person_id=person.pk if person else None)


@one_database
def test_a_body_that_serves_two_projects_is_one_seat(small: SmallList) -> None:
    ada = small.person("Ada")
    small.seat(small.body("Fælles styregruppe", small.project(), small.project()), ada, chair)
    load = small.load_of(ada)
    assert (load.seats, load.chairs, load.points) == (1, 1, 2)
    assert small.burden().bodies[0].projects == ["P-001", "P-002"]


@one_database
def test_points_are_added_over_all_seats_also_those_taken_when_needed(small: SmallList) -> None:
    ada = small.person("Ada")
    for function in (chair, owner, member, observer):
        small.seat(small.body(f"Organ {function.value}", small.project()), ada, function)
    small.seat(small.body("Efter behov", small.project()), ada, member, attendance=Attendance.when_needed)
    load = small.load_of(ada)
    assert (load.seats, load.chairs, load.points, load.level) == (5, 2, 5.5, Level.watch)


@one_database
def test_a_seat_that_has_ended_or_not_begun_does_not_count(small: SmallList) -> None:
    ada, bo = small.person("Ada"), small.person("Bo")
    body = small.body("Styregruppe", small.project())
    small.seat(body, ada, to_on=date(2022, 6, 12))
    small.seat(body, bo, to_on=TODAY)
    small.seat(body, small.person("Cai"), from_on=date(2022, 6, 14))
    assert [load.name for load in small.burden().people] == ["Bo"]


@one_database
def test_a_body_that_has_ended_or_serves_nothing_on_the_list_is_no_load(small: SmallList) -> None:
    ada = small.person("Ada")
    project, gone = small.project(), small.project()
    small.session.exec(select(Placement).where(Placement.project_id == gone.pk)).one().to_on = date(2022, 1, 31)
    small.seat(small.body("Nedlagt", project, valid_to=date(2022, 5, 31)), ada)
    small.seat(small.body("For et projekt, der er gået ud", gone), ada)
    small.seat(small.body("Direktionen"), ada)
    burden = small.burden()
    assert (burden.bodies, burden.people, burden.median_points) == ([], [], None)


@one_database
def test_the_whole_board_is_found_only_in_fixed_seats(small: SmallList) -> None:
    directors = [small.person(name, director=True) for name in ("Ada", "Bo", "Cai")]
    fixed, mixed = small.body("Med dem alle", small.project()), small.body("Med en efter behov", small.project())
    for director in directors:
        small.seat(fixed, director)
        small.seat(mixed, director, attendance=Attendance.fixed if director.name != "Cai" else Attendance.when_needed)
    burden = small.burden()
    assert (burden.directors, [body.name for body in burden.whole_board]) == (3, ["Med dem alle"])
    assert {body.name: body.whole_board for body in burden.bodies} == {
        "Med dem alle": True,
        "Med en efter behov": False,
    }


@one_database
def test_people_stand_by_unit_in_danish_order_with_the_board_first_and_the_most_loaded_first(small: SmallList) -> None:
    body = small.body("Styregruppe", small.project())
    for code in ("ØDC", "BYC", "ÆLD", "ÅBC"):
        small.seat(body, small.person(f"Ansat i {code}", unit_id=small.unit(code).pk))
    small.seat(
        body, small.person("Bo", unit_id=small.session.exec(select(Unit.id).where(Unit.code == "BYC")).one()), chair
    )
    small.seat(body, small.person("Dir", director=True, unit_id=small.unit("DIR").pk))
    small.seat(body, small.person("Uden"))
    groups = small.burden().groups
    assert [group.code for group in groups] == ["", "BYC", "ÆLD", "ØDC", "ÅBC", ""]
    assert (groups[0].board, groups[-1].board) == (True, False)
    assert [person.name for person in groups[1].people] == ["Bo", "Ansat i BYC"]


@one_database
def test_equal_points_share_a_rank_and_the_median_stands_beside_it(small: SmallList) -> None:
    people = [small.person(name) for name in ("Ada", "Bo", "Cai", "Dan")]
    body = small.body("Styregruppe", small.project())
    for person, function in zip(people, (chair, member, member, observer), strict=True):
        small.seat(body, person, function)
    burden = small.burden()
    assert [(load.name, load.rank) for load in burden.people] == [("Ada", 1), ("Bo", 2), ("Cai", 2), ("Dan", 4)]
    assert (burden.median_points, burden.highest_points) == (1, 2)
    assert [loaded.name for loaded in burden.most_loaded] == ["Ada", "Bo", "Cai"]


@one_database
def test_unknown_meetings_are_not_zero(small: SmallList) -> None:
    ada = small.person("Ada")
    small.seat(small.body("Kendt", small.project(), meetings_per_year=6), ada)
    small.seat(small.body("Ukendt", small.project()), ada)
    load = small.load_of(ada)
    assert (load.meetings, load.bodies_without_meetings) == (6, 1)
    assert {body.name: body.meetings for body in small.burden().bodies} == {"Kendt": 6, "Ukendt": None}


@one_database
def test_outsiders_are_a_number_and_never_a_name(small: SmallList) -> None:
    body = small.body("Bydelsforening", small.project(), external_members=4)
    small.seat(body, small.person("Grethe Udefra", external=True, organisation="Boligorganisationen"), chair)
    small.seat(body, small.person("Ada"))
    burden = small.burden()
    found = burden.bodies[0]
    assert (found.fixed_members, found.external_members, found.size) == (1, 5, BodySize.large)
    assert (found.chair, [seated.name for seated in found.members]) == ("Boligorganisationen", ["Ada"])
    assert "Grethe" not in burden.model_dump_json()


@one_database
def test_an_unknown_number_of_outsiders_leaves_the_size_open_upwards(small: SmallList) -> None:
    small.seat(small.body("Styregruppe", small.project()), small.person("Ada"))
    found = small.burden().bodies[0]
    assert (found.external_members, found.size, found.size_is_least) == (None, BodySize.normal, True)


@one_database
def test_observers_and_those_who_come_when_needed_are_no_fixed_members(small: SmallList) -> None:
    body = small.body("Styregruppe", small.project(), external_members=0)
    small.seat(body, small.person("Ada"), observer)
    small.seat(body, small.person("Bo"), attendance=Attendance.when_needed)
    small.seat(body, small.person("Cai"))
    assert small.burden().bodies[0].fixed_members == 1


@one_database
def test_unknown_key_persons_are_not_zero(small: SmallList) -> None:
    unit = small.unit("BYC")
    known, none, _unknown = small.project("Kendt"), small.project("Nul"), small.project("Ukendt")
    small.add(KeyPersons(project_id=known.pk, unit_id=unit.pk, count=3))
    small.add(KeyPersons(project_id=none.pk, unit_id=unit.pk, count=0))
    burden = small.burden()
    assert [project.key_person_total for project in burden.projects] == [3, 0, None]
    assert (burden.key_persons_known, burden.shown) == (2, 3)
    assert burden.key_person_totals == {"BYC": 3}
    assert [project.title for project in burden.projects_by_key_persons] == ["Kendt", "Nul", "Ukendt"]


@one_database
def test_whoever_owns_or_leads_three_red_or_yellow_projects_is_named_once_for_each(small: SmallList) -> None:
    ada, bo, a_round = small.person("Ada"), small.person("Bo"), small.round()
    approved = ReportState.approved
    small.report(small.project(owner_id=ada.pk, leader_id=ada.pk), a_round, Colour.red, approved)
    small.report(small.project(owner_id=ada.pk, leader_id=bo.pk), a_round, Colour.yellow, approved)
    small.report(small.project(owner_id=bo.pk, leader_id=ada.pk), a_round, Colour.yellow, approved)
    small.report(small.project(owner_id=bo.pk), a_round, Colour.green, approved)
    small.report(small.project(owner_id=bo.pk), a_round, Colour.red, ReportState.submitted)
    assert [(person.name, person.projects) for person in small.burden().in_trouble] == [
        ("Ada", ["P-001", "P-002", "P-003"])
    ]


@one_database
def test_a_programme_counts_its_own_bodies_and_those_below_it_once(small: SmallList) -> None:
    programme = small.project("Program")
    area = small.project("Indsatsområde", parent_id=programme.pk)
    project = small.project("Projekt", parent_id=area.pk)
    small.body("Fælles", programme, project)
    small.body("Områdets", area)
    small.body("Projektets", project)
    assert [found.bodies_below for found in small.burden().projects] == [3, 3, 0]


@one_database
def test_a_filter_narrows_bodies_and_people_but_nobodys_load_shrinks(small: SmallList) -> None:
    ada, bo = small.person("Ada"), small.person("Bo")
    north, south = small.project("Nord"), small.project("Syd")
    small.seat(small.body("Nords gruppe", north), ada, chair)
    small.seat(small.body("Syds gruppe", south), ada)
    small.seat(small.body("Syds anden gruppe", south), bo)
    burden = small.burden(q="nord")
    assert [body.name for body in burden.bodies] == ["Nords gruppe"]
    assert [(load.name, load.seats, load.points, len(load.places)) for load in burden.people] == [("Ada", 2, 3, 1)]
    assert (burden.shown, burden.total, burden.bodies_total) == (1, 2, 3)
    assert [loaded.name for loaded in burden.most_loaded] == ["Ada", "Bo"]


@one_database
def test_every_filter_narrows_and_an_unknown_value_shows_nothing(small: SmallList) -> None:
    ada, unit, a_round = small.person("Ada"), small.unit("BYC"), small.round()
    wanted = small.project("Ønsket", owner_id=ada.pk, unit_id=unit.pk, kind="programme")
    small.report(wanted, a_round, Colour.red, ReportState.approved)
    small.project("Et andet")
    for name, value in {"unit": "BYC", "colour": "red", "owner": str(ada.pk), "kind": "programme"}.items():
        assert [project.title for project in small.burden(**{name: value}).projects] == ["Ønsket"], name
        assert small.burden(**{name: "ukendt"}).projects == [], name
    assert small.burden(theme="byudvikling").shown == 2


def count_queries(small: SmallList) -> int:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    engine = small.session.get_bind()
    small.session.flush()
    event.listen(engine, "before_cursor_execute", note)
    small.burden(q="projekt")
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


@one_database
def test_the_number_of_queries_is_the_same_for_one_and_for_a_hundred_projects(small: SmallList) -> None:
    a_round, unit = small.round(), small.unit("BYC")

    def grow() -> None:
        project = small.project()
        small.report(project, a_round, Colour.red, ReportState.approved)
        small.add(KeyPersons(project_id=project.pk, unit_id=unit.pk, count=1))
        small.seat(small.body("Styregruppe", project), small.person("Ada", unit_id=unit.pk))

    grow()
    of_one = count_queries(small)
    for _more in range(99):
        grow()
    assert (count_queries(small), of_one) == (15, 15)


def test_a_closed_project_leaves_no_trace_for_those_who_may_not_see_it(small: SmallList) -> None:
    ada, bo, unit = small.person("Ada"), small.person("Bo", director=True), small.unit("BYC")
    small.person("Cai", director=True)
    small.seat(small.body("Åben gruppe", small.project("Åbent", owner_id=ada.pk), meetings_per_year=4), ada)
    a_round = small.round()
    read_as(small.session, account(Role.reader))
    before = small.burden().model_dump_json()

    hidden = small.project("Hemmeligt", closed=True, owner_id=bo.pk, unit_id=unit.pk)
    small.report(hidden, a_round, Colour.red, ReportState.approved)
    small.add(KeyPersons(project_id=hidden.pk, unit_id=unit.pk, count=9))
    secret = small.body("Hemmelig gruppe", hidden, meetings_per_year=50)
    small.seat(secret, ada, chair)
    small.seat(secret, bo)
    read_as(small.session, account(Role.reader))
    assert small.burden().model_dump_json() == before

    read_as(small.session, account(Role.reader, bo))
    assert [body.name for body in small.burden().bodies] == ["Hemmelig gruppe", "Åben gruppe"]
    read_as(small.session, account(Role.secretariat))
    assert small.burden().closed == 1


@one_database
def test_a_body_that_also_serves_a_closed_project_names_only_the_open_one(small: SmallList) -> None:
    opened, hidden = small.project("Åbent"), small.project("Hemmeligt", closed=True)
    small.seat(small.body("Fælles gruppe", opened, hidden), small.person("Ada"))
    read_as(small.session, account(Role.reader))
    burden = small.burden()
    assert [body.projects for body in burden.bodies] == [["P-001"]]
    assert "Hemmeligt" not in burden.model_dump_json()


# ---------------------------------------------------------------------------------------------- the page, the demo list


@pytest.fixture
def reader(sign_in: SignIn, laeser: User) -> TestClient:
    return sign_in(laeser)


@one_database
def test_the_page_is_one_heading_with_findings_a_matrix_and_the_projects(reader: TestClient) -> None:
    page = read_page(reader.get(PAGE).text)
    assert len(page.all("h1")) == 1
    regions = [element for element in page if element.get("role") == "region"]
    assert [region.get("tabindex") for region in regions] == ["0"] * 5
    assert all(region.get("aria-label") for region in regions)
    ids = [element.get("id") for element in page if element.get("id")]
    assert len(ids) == len(set(ids))


@one_database
def test_every_row_of_the_matrix_has_as_many_cells_as_the_head(reader: TestClient) -> None:
    for table in read_page(reader.get(PAGE).text).all("table"):
        width = len(table.all("thead")[0].all("th"))
        held = 0
        for row in table.all("tr"):
            cells = row.all("th", "td")
            spans = sum(int(cell.get("colspan") or 1) for cell in cells)
            assert spans + held == width, row.text
            if any(cell.get("rowspan") for cell in cells):
                held = sum(int(cell.get("colspan")) for cell in cells if cell.get("rowspan"))


@one_database
def test_a_seat_is_said_in_words_and_a_name_leads_to_the_person(reader: TestClient, database: Any) -> None:
    with Session(database) as session:
        jonas = session.exec(select(Person).where(Person.name == "Jonas Bek")).one()
    page = read_page(reader.get(PAGE).text)
    row = next(row for row in page.all("tr") if row.text.startswith("Jonas Bek Direktør"))
    assert row.all("a")[0].get("href") == f"/people/{jonas.pk}"
    letters = [span for span in row.all("span") if "role" in span.get("class").split()]
    assert letters
    for letter in letters:
        assert letter.get("aria-hidden") == "true"
        assert letter.parent is not None
        assert letter.parent.all("span")[1].get("class") == "sr-only"


@one_database
def test_htmx_gets_the_part_it_asks_for_and_a_browser_the_whole_page(reader: TestClient) -> None:
    asked = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#burden"}
    part = reader.get(PAGE, params={"theme": "digitalisering"}, headers=asked)
    assert part.text.lstrip().startswith('<div id="burden">')
    assert "HX-Target" in part.headers["vary"]
    boosted = reader.get(PAGE, headers={"HX-Request": "true"})
    assert "<!DOCTYPE html>" in boosted.text


@one_database
def test_the_export_follows_the_filter_and_a_search_without_a_match_says_so(reader: TestClient) -> None:
    page = reader.get(PAGE, params={"q": "findes ikke"})
    assert page.status_code == 200
    assert "/portfolios/direktionen/export.xlsx?q=findes+ikke" in page.text
    assert not [table for table in read_page(page.text).all("table") if "matrix" in table.get("class")]


@one_database
def test_an_empty_list_and_a_list_without_bodies_have_a_page_too(reader: TestClient, database: Any) -> None:
    with Session(database) as session:
        portfolio = Portfolio(slug="tom", name="Tom liste", case_number="10/2", owner_body="Direktionen")
        session.add(portfolio)
        session.commit()
        portfolio_id = portfolio.pk
    assert reader.get("/portfolios/tom/burden").status_code == 200
    with Session(database) as session:
        theme = Theme(portfolio_id=portfolio_id, name="Et tema", position=1)
        session.add(theme)
        session.flush()
        project = Project(
            portfolio_id=portfolio_id, theme_id=theme.pk, title="Alene", number="P-900", series="P", sequence=900
        )
        session.add(project)
        session.flush()
        session.add(Placement(project_id=project.pk, no=1, from_on=date(2020, 1, 1), decision_in="Direktionen"))
        session.commit()
    page = reader.get("/portfolios/tom/burden")
    assert page.status_code == 200
    assert "P-900" in page.text


def test_the_api_says_what_the_page_says_to_whoever_asks(
    sign_in: SignIn, laeser: User, direktion: User, anonymous: TestClient
) -> None:
    address = f"/api/v1{PAGE}"
    read, seen = sign_in(laeser).get(address).json(), sign_in(direktion).get(address).json()
    assert (read["closed"], seen["closed"]) == (0, 1)
    assert seen["total"] == read["total"] + 1
    assert "Ejendomskøb" not in str(read)
    assert "Ejendomskøb" in str(seen)
    assert anonymous.get(address).status_code == 401
    assert anonymous.get(PAGE).status_code == 303


@one_database
def test_members_of_a_closed_projects_steering_group_see_it_and_others_do_not(
    sign_in: SignIn, laeser: User, lukket_medlem: User
) -> None:
    assert "Ejendomskøb" in sign_in(lukket_medlem).get(PAGE).text
    assert "Ejendomskøb" not in sign_in(laeser).get(PAGE).text
    assert sign_in(laeser).get(PAGE, params={"q": "L-01"}).status_code == 200
