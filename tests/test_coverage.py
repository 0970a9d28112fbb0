"""Coverage: who has reported in a round and who owes what. The demo list's letters stand in app/demo/statuses.toml."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Deputy, Placement, Portfolio, Project, Report, ReportingRound, Theme, User
from app.models.deputy import DeputyFor
from app.models.placement import PlacementForm, RemovalForm, place, remove
from app.models.project import project_by_number
from app.models.report import ExemptionForm, ReportState, report_of
from app.models.reporting_round import RoundForm, RoundState, plan_round, round_by_key
from app.models.visibility import read_as
from app.settings import today
from app.tabs.coverage import Coverage, Standing, Step, build_coverage, build_rounds, steps, working_days
from tests.conftest import Queries, SignIn, one_database
from tests.page import Element, read_page
from tests.test_effect_follow_ups import DECIDED, not_followed

PAGE = "/portfolios/direktionen/rounds/2022-06"
BEFORE_THE_DEADLINE = date(2022, 6, 1)


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    with Session(database) as opened:
        yield opened


def the_list(session: Session) -> Portfolio:
    return session.exec(select(Portfolio)).one()


def the_round(session: Session, key: str) -> ReportingRound:
    found = round_by_key(session, 1, key)
    assert found is not None
    return found


def coverage(session: Session, key: str = "2022-06", day: date | None = None) -> Coverage:
    return build_coverage(session, the_list(session), the_round(session, key), day or today())


def project(session: Session, number: str) -> Project:
    found = project_by_number(session, number)
    assert found is not None
    return found


def exempt(session: Session, by: User, number: str) -> None:
    report = report_of(session, project(session, number), "2022-06")
    assert report is not None
    report.exempt(session, by, ExemptionForm(reason="Byrådet behandler sagen først.").reason)
    session.flush()


def standings(tab: Coverage) -> dict[str, Standing]:
    return {row.number: row.standing for row in tab.rows}


# ------------------------------------------------------------------------------------------------------ the demo list


@one_database
def test_the_figures_are_those_of_the_demo_list(session: Session) -> None:
    """By hand from the last letters: R, Y and G 31, s 2 (nf_omlacering, nf_kb2), b 1 (kerneopgaven), d 2 and x 2."""
    tab = coverage(session)
    assert tab.figures == {
        Standing.approved: 31,
        Standing.awaits_owner: 2,
        Standing.returned: 1,
        Standing.with_leader: 0,
        Standing.missing: 4,
        Standing.exempt: 0,
    }
    assert (tab.asked, tab.approved, tab.lacking, tab.per_cent, len(tab.rows)) == (38, 31, 7, 81, 38)


@one_database
def test_who_owes_what_stands_the_longest_overdue_first(session: Session) -> None:
    owed = [(each.row.number, each.role, each.who, each.due_on, each.days_over) for each in coverage(session).owed]
    leaders, owners = date(2022, 6, 10), date(2022, 6, 17)
    assert owed == [
        ("P-039", DeputyFor.leader, "", leaders, 3),
        ("P-005", DeputyFor.leader, "Camilla Vang", leaders, 3),
        ("P-049", DeputyFor.leader, "Jakob Winther", leaders, 3),
        ("P-032", DeputyFor.leader, "Kasper Ørum", leaders, 3),
        ("P-008", DeputyFor.owner, "Hanne Skov", owners, -4),
        ("P-050", DeputyFor.leader, "Jakob Winther", owners, -4),
        ("P-018", DeputyFor.owner, "Sofie Dahlgren", owners, -4),
    ]


@one_database
def test_what_is_owed_says_how_far_it_has_come(session: Session) -> None:
    said = {each.row.number: (each.row.begun, each.row.standing) for each in coverage(session).owed}
    assert said["P-005"] == (True, Standing.missing)
    assert said["P-049"] == (False, Standing.missing)
    assert all(each.what for each in coverage(session).owed)


@one_database
def test_a_draft_is_with_its_leader_until_the_deadline_and_missing_afterwards(session: Session) -> None:
    before, on, after = (coverage(session, day=date(2022, 6, day)) for day in (1, 10, 11))
    assert [standings(tab)["P-005"] for tab in (before, on, after)] == [
        Standing.with_leader,
        Standing.with_leader,
        Standing.missing,
    ]
    assert {standings(tab)["P-039"] for tab in (before, on, after)} == {Standing.missing}
    assert {each.due_on for each in before.owed if each.row.number == "P-050"} == {date(2022, 6, 10)}


@one_database
def test_each_unit_owner_and_leader_has_a_share_and_they_add_up(session: Session) -> None:
    tab = coverage(session)
    for shares in (tab.units, tab.owners, tab.leaders):
        assert sum(each.asked for each in shares) == 38
        assert sum(each.approved for each in shares) == 31
    units = [(each.name, each.asked, each.approved, each.owes) for each in tab.units]
    assert ("BURC", 9, 7, 2) in units
    assert ("UC", 2, 1, 1) in units
    assert units[-1] == ("", 1, 0, 1)
    assert [each.name for each in tab.units[:-1]][-1] == "ØDC"
    assert {each.name: each.owes for each in tab.owners if each.owes} == {"Hanne Skov": 1, "Sofie Dahlgren": 1}
    owing = {each.name: each.owes for each in tab.leaders if each.owes}
    assert owing == {"Camilla Vang": 1, "Jakob Winther": 2, "Kasper Ørum": 1, "": 1}


@one_database
def test_a_deputy_who_acts_today_stands_beside_who_owes(session: Session, leder: User) -> None:
    for no, to_on in enumerate((None, date(2022, 6, 12)), 1):
        session.add(
            Deputy(
                project_id=project(session, "P-005").pk,
                no=no,
                stands_for=DeputyFor.leader,
                person_id=leder.person_id or 0,
                from_on=date(2022, 6, 1),
                to_on=to_on,
            )
        )
    session.flush()
    found = {each.row.number: each.deputies for each in coverage(session).owed}
    assert found.pop("P-005") == [str(leder)]
    assert set(map(len, found.values())) == {0}


# ----------------------------------------------------------------------------- who is asked, and what counts as missing


def test_an_exempt_project_is_not_missing_and_not_counted(session: Session, sekretariat: User) -> None:
    exempt(session, sekretariat, "P-005")
    tab = coverage(session)
    assert (tab.asked, tab.approved, tab.lacking) == (37, 31, 6)
    assert tab.figures[Standing.exempt] == 1
    assert tab.figures[Standing.missing] == 3
    assert "P-005" not in {each.row.number for each in tab.owed}
    [row] = tab.exempt
    assert (row.number, row.reason, row.decided_by) == ("P-005", "Byrådet behandler sagen først.", str(sekretariat))


def test_a_project_that_leaves_the_list_no_longer_owes_a_status(session: Session, sekretariat: User) -> None:
    form = RemovalForm(to_on=today(), reason_out="Det er stoppet.")
    gone = project(session, "P-005")
    remove(session, sekretariat, gone, form, DECIDED, not_followed(session, gone))
    session.flush()
    tab = coverage(session)
    assert (tab.asked, tab.lacking) == (37, 6)
    assert "P-005" not in standings(tab)


def test_a_project_that_joins_during_the_round_gets_a_draft_and_owes_a_status(
    session: Session, sekretariat: User
) -> None:
    form = PlacementForm(from_on=today())
    joined = project(session, "P-009")
    place(session, sekretariat, joined, form, DECIDED)
    session.flush()
    report = report_of(session, joined, "2022-06")
    assert report is not None
    assert (report.state, report.colour, report.assessments) == (ReportState.draft, None, [])
    tab = coverage(session)
    assert (tab.asked, tab.approved) == (39, 31)
    assert [each.row.begun for each in tab.owed if each.row.number == "P-009"] == [False]


def test_a_project_that_leaves_and_comes_back_keeps_the_report_it_had(session: Session, sekretariat: User) -> None:
    there = project(session, "P-006")
    form = RemovalForm(to_on=today(), reason_out="Et øjeblik.")
    remove(session, sekretariat, there, form, DECIDED, not_followed(session, there))
    place(session, sekretariat, there, PlacementForm(from_on=today()), DECIDED)
    session.flush()
    assert (coverage(session).asked, standings(coverage(session))["P-006"]) == (38, Standing.approved)


def test_a_closed_project_leaves_no_trace_for_those_who_may_not_see_it(
    database: Engine, session: Session, leder: User, sekretariat: User
) -> None:
    exempt(session, sekretariat, "P-005")
    session.commit()
    with Session(database) as another:
        read_as(another, leder)
        seen = coverage(another)
        lists = build_rounds(another, the_list(another), today())
    place_of_closed = session.exec(select(Placement).join(Project).where(Project.series == "L")).one()
    session.delete(place_of_closed)
    for report in session.exec(select(Report).join(Project).where(Project.series == "L")):
        report.state = ReportState.draft
    session.flush()
    assert seen == coverage(session)
    assert "L-01" not in standings(seen)
    assert seen.asked == 36
    assert lists[0].asked == 36


@one_database
def test_a_frozen_round_is_what_was_frozen(session: Session, sekretariat: User) -> None:
    """Of January 2020: 32 projects, of which nf_familie (P-015) was not reported."""
    before = coverage(session, "2020-01")
    assert (before.asked, before.approved, before.owed) == (32, 31, [])
    assert [row.number for row in before.not_reported] == ["P-015"]
    gone = project(session, "P-006")
    form = RemovalForm(to_on=today(), reason_out="Det er gennemført.")
    remove(session, sekretariat, gone, form, DECIDED, not_followed(session, gone))
    session.flush()
    after = coverage(session, "2020-01")
    assert after == before
    assert "P-006" in standings(after)


@one_database
def test_a_draft_that_was_left_in_a_frozen_round_is_no_part_of_it(session: Session) -> None:
    """A project that had left the list before the freeze: nothing was frozen for it."""
    report = report_of(session, project(session, "P-006"), "2020-01")
    assert report is not None
    report.state = ReportState.draft
    session.flush()
    assert coverage(session, "2020-01").asked == 31


@one_database
def test_the_share_is_never_rounded_up_and_nothing_asked_is_no_error(session: Session) -> None:
    tab = coverage(session)
    assert tab.model_copy(update={"approved": 199, "asked": 200}).per_cent == 99
    assert tab.model_copy(update={"approved": 0, "asked": 0}).per_cent == 0


@one_database
def test_a_planned_round_asks_nobody_and_says_how_many_it_would_ask(session: Session, sekretariat: User) -> None:
    plan_round(session, sekretariat, the_list(session), planned())
    tab = coverage(session, "2023-01")
    assert (tab.asked, tab.rows, tab.owed, tab.on_list) == (0, [], [], 38)


def planned() -> RoundForm:
    return RoundForm(
        name="januar 2023",
        key="2023-01",
        as_of=date(2023, 1, 23),
        opens_on=date(2022, 12, 1),
        leader_deadline_on=date(2023, 1, 13),
        owner_deadline_on=date(2023, 1, 20),
        board_on=date(2023, 1, 30),
    )


@one_database
def test_the_list_of_rounds_is_newest_first_with_the_coverage_of_each(session: Session) -> None:
    portfolio = the_list(session)
    found = [(each.key, each.approved, each.asked) for each in build_rounds(session, portfolio, today())]
    assert found[0] == ("2022-06", 31, 38)
    assert ("2020-01", 31, 32) in found
    assert [key for key, _approved, _asked in found] == sorted((key for key, *_figures in found), reverse=True)
    for each in build_rounds(session, portfolio, today()):
        tab = coverage(session, each.key)
        assert (each.approved, each.asked, each.exempt) == (tab.approved, tab.asked, tab.figures[Standing.exempt])


@pytest.mark.parametrize("key", ["2022-06", "2022-01"])
def test_a_hundred_more_projects_take_no_more_queries(session: Session, queries: Queries, key: str) -> None:
    portfolio, round_ = the_list(session), the_round(session, key)
    with queries() as few:
        build_coverage(session, portfolio, round_, today())
        build_rounds(session, portfolio, today())
    theme = session.exec(select(Theme)).first()
    assert theme is not None
    before = coverage(session, key).asked
    for n in range(100):
        listed = Project(
            portfolio_id=portfolio.pk,
            number=f"P-{500 + n}",
            series="P",
            sequence=500 + n,
            title=f"Projekt {n}",
            theme_id=theme.pk,
            leader_id=1 + n % 40,
            owner_id=1 + n % 13,
        )
        session.add(listed)
        session.flush()
        session.add(Placement(project_id=listed.pk, no=1, from_on=date(2022, 1, 1), decision_in="Direktionen"))
        state = ReportState.frozen if round_.is_frozen else ReportState.submitted
        session.add(Report(project_id=listed.pk, round_id=round_.pk, state=state))
    session.flush()
    with queries() as many:
        tab = build_coverage(session, portfolio, round_, today())
        build_rounds(session, portfolio, today())
    assert tab.asked == before + 100
    assert len(many) == len(few) <= 6


# --------------------------------------------------------------------------------------------------------- pure rules


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2022, 6, 8), date(2022, 6, 8), 0),
        (date(2022, 6, 8), date(2022, 6, 9), 1),
        (date(2022, 6, 10), date(2022, 6, 13), 1),  # Friday to Monday
        (date(2022, 6, 10), date(2022, 6, 12), 0),  # Friday to Sunday
        (date(2022, 6, 3), date(2022, 6, 17), 10),
        (date(2022, 6, 9), date(2022, 6, 8), 0),
    ],
)
def test_working_days_are_weekdays(start: date, end: date, days: int) -> None:
    assert working_days(start, end) == days


@pytest.mark.parametrize(
    ("state", "day", "current", "days"),
    [
        (RoundState.planned, date(2022, 11, 30), Step.opening, 1),
        (RoundState.planned, date(2022, 12, 3), Step.opening, -2),
        (RoundState.planned, date(2023, 1, 16), Step.opening, -46),
        (RoundState.open, date(2022, 12, 3), Step.leaders, 41),
        (RoundState.open, date(2023, 1, 13), Step.leaders, 0),
        (RoundState.open, date(2023, 1, 14), Step.owners, 6),
        (RoundState.closed_for_leaders, date(2023, 1, 12), Step.owners, 8),
        (RoundState.open, date(2023, 1, 21), Step.freeze, 2),
        (RoundState.closed_for_leaders, date(2023, 1, 26), Step.freeze, -3),
        (RoundState.frozen, date(2023, 1, 19), Step.board, 11),
        (RoundState.presented, date(2023, 1, 30), Step.conclusion, None),
        (RoundState.finished, date(2023, 2, 30 - 2), None, None),
    ],
)
def test_the_step_bar_knows_where_the_round_stands(
    state: RoundState, day: date, current: Step | None, days: int | None
) -> None:
    taken = steps(ReportingRound(**planned().model_dump(), portfolio_id=1, state=state), day)
    assert [each.step for each in taken] == list(Step)
    here = next((each for each in taken if each.current), None)
    assert (here.step if here else None, here.days if here else None) == (current, days)
    done = [each.done for each in taken]
    assert done == sorted(done, reverse=True)
    assert all(each.days is None for each in taken if not each.current)


# ----------------------------------------------------------------------------------------------------------- the page


def english(browser: TestClient) -> TestClient:
    """These tests read the source strings, whatever their translation."""
    browser.cookies.set("language", "en", domain="testserver.local")
    return browser


def read(browser: TestClient, address: str = PAGE) -> Element:
    answer = browser.get(address)
    assert answer.status_code == 200
    return read_page(answer.text).all("main")[0]


@one_database
def test_everybody_reads_the_page_and_only_the_secretariat_can_act(
    sign_in: SignIn, laeser: User, sekretariat: User
) -> None:
    reader, secretariat = read(english(sign_in(laeser))), read(english(sign_in(sekretariat)))
    assert "Coverage: 30 of 37 approved (81 per cent)" in reader.text
    assert "Coverage: 31 of 38 approved (81 per cent)" in secretariat.text
    assert "The round cannot be frozen yet" in reader.text
    assert "3 days over" in reader.text
    assert not [form for form in reader.all("form") if form.get("method") == "post"]
    actions = {form.get("action") for form in secretariat.all("form")}
    assert f"{PAGE}/closing" in actions
    assert not [link for link in reader.all("a") if link.get("href").endswith(("/exemption", "/edit"))]
    assert [link for link in secretariat.all("a") if link.get("href") == "/projects/P-005/reports/2022-06/exemption"]


@one_database
def test_the_bar_is_as_wide_as_what_is_asked(sign_in: SignIn, sekretariat: User) -> None:
    [bar] = [svg for svg in read(sign_in(sekretariat)).all("svg") if svg.get("class") == "bar"]
    drawn = [(int(rect.get("x")), int(rect.get("width"))) for rect in bar.all("rect")]
    assert bar.get("viewbox") == "0 0 38 1"
    assert drawn == [(0, 31), (31, 2), (33, 1), (34, 4)]


@one_database
def test_the_page_names_who_approved_and_as_what(sign_in: SignIn, sekretariat: User) -> None:
    """P-031 of Lene Bruun was approved by another director, Anders Ravn."""
    row = next(row for row in read(sign_in(sekretariat)).all("tr") if row.all("a") and "P-031" in row.text)
    assert "Anders Ravn" in row.text


@one_database
def test_nothing_stands_in_the_way_once_everything_is_approved_or_exempt(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        for report in session.exec(select(Report).where(Report.round_id == the_round(session, "2022-06").pk)):
            report.state = ReportState.approved
        for number in ("P-032", "P-039"):
            key, round_key = project(session, number).pk, the_round(session, "2022-06").pk
            found = session.exec(select(Report).where(Report.project_id == key, Report.round_id == round_key)).first()
            found = found or Report(project_id=key, round_id=round_key)
            found.state, found.exempt_reason = ReportState.exempt, "Projektet begynder først til september."
            session.add(found)
        session.commit()
    page = read(english(sign_in(sekretariat))).text
    assert "Nothing stands in the way of the freeze" in page
    assert "Coverage: 36 of 36 approved (100 per cent)" in page
    assert "2 exempt projects are not counted" in page
    assert "Projektet begynder først til september." in page
    assert "Nobody owes a status." in page


@one_database
def test_pages_without_a_round_or_a_project_say_so(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    with Session(database) as session:
        another = Portfolio(slug="anden", name="En anden liste", case_number="22/1", owner_body="chefforum")
        session.add(another)
        session.commit()
        browser = english(sign_in(sekretariat))
        assert "No round has been planned yet." in read(browser, "/portfolios/anden/rounds").text
        opened = plan_round(session, sekretariat, another, planned())
        opened.state = RoundState.open
        session.commit()
    assert "There are no projects in this round." in read(browser, "/portfolios/anden/rounds/2023-01").text
    assert browser.get("/portfolios/anden/rounds/2022-06").status_code == 404


@one_database
def test_a_frozen_round_names_those_that_were_not_reported(sign_in: SignIn, sekretariat: User) -> None:
    page = read(english(sign_in(sekretariat)), "/portfolios/direktionen/rounds/2020-01")
    assert "Not reported in this round" in page.text
    assert "cannot be frozen" not in page.text
    assert [link for link in page.all("a") if link.get("href") == "/portfolios/direktionen/overview?round=2020-01"]


def test_the_day_before_a_deadline_is_not_overdue(session: Session) -> None:
    for day, over in ((date(2022, 6, 9), -1), (date(2022, 6, 10), 0), (date(2022, 6, 11), 1)):
        [each] = [each for each in coverage(session, day=day).owed if each.row.number == "P-005"]
        assert (each.due_on + timedelta(days=over), each.days_over) == (day, over)
