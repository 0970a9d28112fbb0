"""Load by unit, by body, over time and drawn: the rules on a small list, the pages on the demo list."""

from datetime import date

from sqlalchemy import Engine, event
from sqlmodel import Session, col, func, select

from app.demo.generate import generate
from app.models import Body, Edition, Funding, FundingNeed, KeyPersons, Portfolio, Project, Seat, Staffing, User
from app.models.funding import Approved
from app.models.seat import Attendance, SeatFunction
from app.models.staffing import StaffingState
from app.tabs.burden import Burden, assemble_burden
from app.tabs.burden_facts import BurdenFacts, read_burden
from app.tabs.burden_map import draw_map
from app.tabs.burden_units import UnitBurden
from app.tabs.edition import burden_of
from app.tabs.filters import Filters
from app.tabs.load_over_time import load_over_time
from tests.conftest import SignIn, one_database
from tests.databases import House, upgrade
from tests.page import read_page
from tests.small_list import TODAY, SmallList

PAGE = "/portfolios/direktionen/burden"
chair, member = SeatFunction.chair, SeatFunction.member


def facts(small: SmallList) -> BurdenFacts:
    small.session.flush()
    return read_burden(small.session, small.portfolio, TODAY)


def unit(burden: Burden, code: str) -> UnitBurden:
    return next(each for each in burden.units_carrying if each.code == code)


@one_database
def test_a_unit_carries_its_peoples_seats_its_key_persons_and_its_share_of_the_posts(small: SmallList) -> None:
    project, byc, shc = small.project(), small.unit("BYC"), small.unit("SHC")
    body = small.body("Styregruppe", project, small.project())
    small.seat(body, small.person("Ada", unit_id=byc.pk), chair)
    small.seat(body, small.person("Bo", unit_id=byc.pk))
    small.seat(body, small.person("Udefra", unit_id=byc.pk, external=True))
    small.add(KeyPersons(project_id=project.pk, unit_id=shc.pk, count=3))
    small.add(Staffing(project_id=project.pk, no=1, function="Konsulent", fte=1, unit_id=byc.pk))
    small.add(Staffing(project_id=project.pk, no=2, function="Leder", unit_id=byc.pk, state=StaffingState.filled))
    burden = small.burden()
    carried = unit(burden, "BYC")
    assert (carried.people, carried.seats, carried.chairs, carried.points) == (2, 2, 1, 3)
    assert (carried.staffing.known, carried.staffing.posts, carried.staffing.unknown) == (1, 2, 1)
    assert [(share.number, share.seats, share.key_persons) for share in carried.projects] == [
        ("P-001", 2, 0),
        ("P-002", 2, None),
    ]
    assert (unit(burden, "SHC").key_persons, unit(burden, "SHC").seats) == (3, 0)


@one_database
def test_an_empty_chair_is_nobodys_load_but_stands_on_the_body_and_the_unit_that_is_to_fill_it(
    small: SmallList,
) -> None:
    shc = small.unit("SHC")
    body = small.body("Styregruppe", small.project())
    small.add(Seat(body_id=body.pk, no=1, role="Centerchef", unit_id=shc.pk, from_on=date(2022, 1, 1)))
    small.add(Seat(body_id=body.pk, no=2, role="Borgerrådgiver", from_on=date(2022, 1, 1), to_on=date(2022, 6, 12)))
    burden = small.burden()
    assert burden.people == []
    assert burden.bodies[0].empty_chairs == ["Centerchef (SHC)"]
    assert (unit(burden, "SHC").empty_chairs, unit(burden, "SHC").seats) == (1, 0)


@one_database
def test_bodies_overlap_when_half_of_the_larger_one_meets_twice_and_merging_saves_the_rarer_meetings(
    small: SmallList,
) -> None:
    project = small.project()
    often, seldom = small.body("Ofte", project, meetings_per_year=10), small.body("Sjældent", project)
    seldom.meetings_per_year = 4
    other = small.body("Andre", project, meetings_per_year=6)
    ada, bo, cai = (small.person(name) for name in ("Ada", "Bo", "Cai"))
    for body in (often, seldom):
        small.seat(body, ada)
        small.seat(body, bo)
    small.seat(often, cai)
    small.seat(other, ada)
    small.seat(other, bo, attendance=Attendance.when_needed)
    [pair] = small.burden().overlaps
    assert ({pair.first, pair.second}, sorted(pair.people)) == ({"Ofte", "Sjældent"}, ["Ada", "Bo"])
    assert (pair.meetings_saved, pair.attendances_saved) == (4, 8)
    for name in ("Dan", "Eva"):
        small.seat(often, small.person(name))
    assert small.burden().overlaps == []


@one_database
def test_what_a_merger_saves_is_unknown_when_a_body_has_not_said_how_often_it_meets(small: SmallList) -> None:
    project = small.project()
    bodies = [small.body("Den ene", project, meetings_per_year=10), small.body("Den anden", project)]
    for name in ("Ada", "Bo"):
        person = small.person(name)
        for body in bodies:
            small.seat(body, person)
    [pair] = small.burden().overlaps
    assert (pair.meetings_saved, pair.attendances_saved) == (None, None)


@one_database
def test_the_list_says_itself_from_when_load_deserves_attention(small: SmallList) -> None:
    ada = small.person("Ada")
    for name in ("Styregruppe", "Følgegruppe"):
        small.seat(small.body(name, small.project()), ada)
    assert small.load_of(ada).level.value == "normal"
    small.portfolio.seats_watch, small.portfolio.seats_high = 2, 3
    assert small.load_of(ada).level.value == "watch"
    small.portfolio.seats_watch, small.portfolio.seats_high = 1, 2
    assert small.load_of(ada).level.value == "high"


@one_database
def test_change_is_counted_from_the_edition_before_and_somebody_new_had_nothing(small: SmallList) -> None:
    body, byc = small.body("Styregruppe", small.project()), small.unit("BYC")
    ada = small.person("Ada", unit_id=byc.pk)
    seat = small.seat(body, ada)
    before = facts(small)
    seat.function = chair
    small.seat(body, small.person("Bo", unit_id=byc.pk))
    now = assemble_burden(facts(small), Filters(), None, before)
    assert [(person.name, person.change) for person in now.people] == [("Ada", 1), ("Bo", 1)]
    assert (unit(now, "BYC").seats_change, unit(now, "BYC").key_persons_change) == (1, 0)
    alone = assemble_burden(facts(small), Filters(), None)
    assert {person.change for person in alone.people} == {None}


@one_database
def test_over_time_each_moment_has_its_own_numbers_and_a_dash_for_who_had_no_seat(small: SmallList) -> None:
    body = small.body("Styregruppe", small.project(), meetings_per_year=4)
    ada = small.person("Ada")
    seat = small.seat(body, ada)
    then = facts(small)
    seat.to_on = date(2022, 6, 1)
    small.seat(body, small.person("Bo"), chair)
    tab = load_over_time([then], facts(small))
    assert [(moment.seats, moment.attendances) for moment in tab.moments] == [(1, 4), (1, 4)]
    carried = {person.name: [each and each.points for each in person.carried] for person in tab.people}
    assert carried == {"Bo": [None, 2], "Ada": [1, None]}


@one_database
def test_money_and_posts_are_added_up_and_the_unknown_is_never_zero(small: SmallList) -> None:
    stated, silent = small.project(), small.project()
    small.add(FundingNeed(project_id=stated.pk, no=1, purpose="Analyse", year=2022, amount=400_000))
    for no, (approved, amount) in enumerate(
        [(Approved.yes, 150_000.0), (Approved.proposed, 100_000.0), (Approved.yes, None)], 1
    ):
        small.add(Funding(project_id=stated.pk, no=no, source="Pulje", year=2022, amount=amount, approved=approved))
    small.add(Staffing(project_id=stated.pk, no=1, function="Leder", fte=None, state=StaffingState.vacant))
    first, second = small.burden().projects
    assert first.funding
    assert first.staffing
    money = first.funding.total
    assert (money.needed, money.granted, money.proposed, money.gap, money.unknown) == (
        400_000,
        150_000,
        100_000,
        250_000,
        1,
    )
    assert (first.staffing.total.posts, first.staffing.total.unknown) == (1, 1)
    assert (second.number, second.funding, second.staffing) == (silent.number, None, None)


# ------------------------------------------------------------------------------------------- the pages, the demo list


def demo(database: Engine) -> BurdenFacts:
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        return read_burden(session, portfolio, TODAY)


@one_database
def test_the_map_has_a_line_for_every_seat_of_the_matrix_and_fades_what_is_not_chosen(database: Engine) -> None:
    burden = assemble_burden(demo(database), Filters(), None)
    drawn = draw_map(burden, "")
    assert len(drawn.lines) == sum(len(person.places) for person in burden.people)
    assert not any(node.faded for node in (*drawn.people, *drawn.bodies))
    assert not any(line.faded for line in drawn.lines)
    first = burden.people[0]
    chosen = draw_map(burden, str(first.id))
    assert chosen.chosen == first.name
    assert sum(not line.faded for line in chosen.lines) == len(first.places)
    assert sum(not node.faded for node in chosen.bodies) == len(first.places)
    met = {meeting.name: set(meeting.bodies) for meeting in chosen.met}
    theirs = {place.body for place in first.places}
    others = {person.name: theirs & {place.body for place in person.places} for person in burden.people[1:]}
    assert met == {name: shared for name, shared in others.items() if shared}


@one_database
def test_who_is_not_known_fades_nobody(database: Engine) -> None:
    burden = assemble_burden(demo(database), Filters(), None)
    assert draw_map(burden, "findes-ikke") == draw_map(burden, "")


@one_database
def test_the_page_of_the_map_says_in_words_what_it_draws(sign_in: SignIn, laeser: User) -> None:
    page = read_page(sign_in(laeser).get(f"{PAGE}/map?chosen=2").text)
    text = page.all("main")[0].text
    assert "Valgt: Jonas Bek" in text
    assert "Hvem Jonas Bek mødes med" in text
    assert "hele Direktionen" in text
    assert [link for link in page.all("a") if link.get("href").endswith("chosen=2#burden-map")]


@one_database
def test_the_demo_shows_how_the_board_left_the_programme_steering_group(sign_in: SignIn, sekretariat: User) -> None:
    """The board was whole in both bodies in January 2018, and is in the committee alone today (domain.md R33, R34)."""
    tab = sign_in(sekretariat).get("/api/v1/portfolios/direktionen/burden/over-time").json()
    boards = {moment["key"]: moment["whole_board"] for moment in tab["moments"]}
    assert set(boards["2018-01"]) == {"§ 17.4-udvalg Nyt Fokus", "Programstyregruppe Nyt Fokus"}
    assert boards[""] == ["§ 17.4-udvalg Nyt Fokus"]


@one_database
def test_over_time_says_of_each_edition_what_the_editions_own_page_says(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    tab = browser.get("/api/v1/portfolios/direktionen/burden/over-time").json()
    with Session(database) as session:
        assert len(tab["moments"]) == len(session.exec(select(Edition)).all()) + 1
    for column, moment in enumerate(tab["moments"]):
        own = browser.get(f"/api/v1/portfolios/direktionen/burden?round={moment['key']}").json()
        people = {each["id"]: each["points"] for group in own["groups"] for each in group["people"]}
        carried = {each["id"]: each["carried"][column] for each in tab["people"] if each["carried"][column]}
        assert {key: each["points"] for key, each in carried.items()} == people
        assert moment["median_points"] == own["median_points"]
        assert moment["whole_board"] == [body["name"] for body in own["whole_board"]]
    shown = read_page(browser.get(f"{PAGE}/over-time").text)
    assert all(len(row.all("td", "th")) == len(tab["moments"]) + 2 for row in shown.all("tr"))


@one_database
def test_a_list_without_an_edition_has_its_load_over_time_too(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        session.add(Portfolio(slug="tom", name="En tom liste", case_number="22/2", owner_body="Direktionen"))
        session.commit()
    page = sign_in(sekretariat).get("/portfolios/tom/burden/over-time")
    assert "Ingen runde er frosset endnu." in page.text
    assert not read_page(page.text).all("table")


def asked(engine: Engine) -> int:
    """How many queries Belastning takes for the secretariat, with its edition before."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    with Session(engine) as session:
        portfolio = session.exec(select(Portfolio)).one()
        event.listen(engine, "before_cursor_execute", note)
        tab = burden_of(session, portfolio, Filters())
        event.remove(engine, "before_cursor_execute", note)
    assert tab.people
    assert tab.staffed
    return len(statements)


@one_database
def test_a_hundred_people_in_sixty_bodies_of_two_hundred_projects_take_as_many_queries_as_the_demo_list(
    database: Engine, house: House
) -> None:
    with house.empty() as engine:
        upgrade(engine)
        with Session(engine) as session:
            generate(session, 200)
            for project in session.exec(select(Project)).all():
                session.add(Staffing(project_id=project.pk, no=1, function="Projektleder", fte=0.5))
                session.add(FundingNeed(project_id=project.pk, no=1, purpose="Drift", year=2022, amount=1000))
            session.commit()
            assert session.exec(select(func.count(col(Body.id)))).one() == 60
            assert session.exec(select(func.count(func.distinct(Seat.person_id)))).one() >= 100
        assert asked(engine) == asked(database)
