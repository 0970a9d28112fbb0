"""What the demo list promises. The first half reads its files, the second half the database they become."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import selectinload
from sqlmodel import Session, SQLModel, col, create_engine, select

from app.demo import load_demo
from app.demo.source import Facts, read, read_projects
from app.models import (
    Assessment,
    Body,
    BodyProject,
    Decision,
    EffectTarget,
    Measurement,
    Meeting,
    Milestone,
    Person,
    Placement,
    Portfolio,
    Project,
    Recommendation,
    Report,
    ReportingRound,
    Seat,
    Task,
    Topic,
    User,
)
from app.models.assessment import Colour, Dimension, worst
from app.models.base import rel
from app.models.body import BodyType
from app.models.decision import DecisionVerb
from app.models.effect_target import share_of_path
from app.models.meeting import MeetingState
from app.models.milestone import Precision, last_day
from app.models.minutes import lacking_in
from app.models.recommendation import Subject
from app.models.report import ReportState
from app.models.reporting_round import RoundState
from app.models.seat import Attendance, SeatFunction
from app.models.signal import SignalKind
from app.models.visibility import read_as
from app.tabs.filters import Filters
from app.tabs.mark import Mark
from app.tabs.overview import Overview, build_overview
from tests.databases import House

DAY = date(2022, 6, 13)
DIMENSIONS = [dimension.value for dimension in Dimension]
HEALTH_WORDS = ("syg", "barsel", "gravid", "orlov", "diagnos")


# The files


@pytest.fixture(scope="module")
def projects() -> dict[str, Facts]:
    return {project["key"]: project for project in read_projects()}


@pytest.fixture(scope="module")
def statuses() -> Facts:
    return read("statuses.toml")


@pytest.fixture(scope="module")
def written() -> dict[tuple[str, str], Facts]:
    """The whole reports of the two last rounds, by round and project."""
    rounds = ("2022-01", "2022-06")
    return {(key, project): text for key in rounds for project, text in read(f"reports/{key}.toml").items()}


def on_the_list(project: Facts, day: date) -> bool:
    return any(place["from"] <= day < place.get("to", date.max) for place in project["placements"])


def test_every_letter_agrees_with_the_time_on_the_list(projects: dict[str, Facts], statuses: Facts) -> None:
    assert projects.keys() == statuses["letters"].keys()
    for key, letters in statuses["letters"].items():
        listed = [on_the_list(projects[key], a_round["as_of"]) for a_round in statuses["round"]]
        assert [letter != "-" for letter in letters] == listed, key


def test_only_the_open_round_knows_of_drafts_and_returned_reports(statuses: Facts) -> None:
    for key, letters in statuses["letters"].items():
        assert set(letters[:-1]) <= set("RYG-x"), key
        assert set(letters[-1]) <= set("RYG-xdsb"), key


def test_whoever_reported_has_written_and_nobody_else(statuses: Facts, written: dict[tuple[str, str], Facts]) -> None:
    earlier = read("reports/earlier.toml")
    for key, letters in statuses["letters"].items():
        assert len(earlier.get(key, {}).get("lines", [])) == sum(letter in "RYG" for letter in letters[:8]), key
        assert (("2022-01", key) in written) == (letters[8] in "RYG"), key
        assert (("2022-06", key) in written) == (letters[9] in "RYGdsb"), key


def test_no_text_is_longer_than_a_reader_has_time_for(written: dict[tuple[str, str], Facts]) -> None:
    for place, text in written.items():
        assert len(text["summary"]) <= 300, place
        assert len(text.get("decision", "")) <= 110, place
        assert all(len(comment) <= 110 for comment in text.get("comments", {}).values()), place


def test_every_dimension_that_is_not_green_says_why(written: dict[tuple[str, str], Facts]) -> None:
    for place, text in written.items():
        wanting = {name for name, letter in zip(DIMENSIONS, text["colours"], strict=True) if letter in "RY"}
        assert text.get("comments", {}).keys() == wanting, place


def test_no_text_tells_of_anybodys_health(written: dict[tuple[str, str], Facts]) -> None:
    texts = [str(text) for text in written.values()] + [str(read("reports/earlier.toml"))]
    assert not [word for word in HEALTH_WORDS for text in texts if word in text.casefold()]


def test_a_date_stands_for_the_last_day_of_its_period(projects: dict[str, Facts]) -> None:
    for key, project in projects.items():
        measurements = [m for target in project.get("effect_targets", ()) for m in target.get("measurements", ())]
        for row, day in [(m, m["due_on"]) for m in project["milestones"]] + [(m, m["on"]) for m in measurements]:
            assert day == last_day(day, Precision(row["precision"])), (key, row)


def test_a_project_that_left_says_for_each_effect_target_what_follows(projects: dict[str, Facts]) -> None:
    left = [project for project in projects.values() if not on_the_list(project, DAY)]
    for project in left:
        for target in project.get("effect_targets", ()):
            assert ("follow_up" in target) != ("not_followed" in target), (project["key"], target["name"])
    assert {project["number"] for project in left if "follow_up" in str(project)} == {"P-019", "P-045", "P-051"}


# The database


@pytest.fixture
def session(sqlite: House) -> Iterator[Session]:
    """Reads the world that all tests copy."""
    with Session(sqlite.world) as session:
        yield session


@pytest.fixture
def overview(session: Session) -> Overview:
    return build_overview(session, session.exec(select(Portfolio)).one(), Filters(), DAY)


def project(session: Session, number: str) -> Project:
    """One project with what the tests ask about it."""
    parts = (Project.placements, Project.milestones, Project.effect_targets, Project.bodies, Project.owner)
    options = [selectinload(rel(part)) for part in (*parts, Project.leader)]
    return session.exec(select(Project).where(Project.number == number).options(*options)).one()


def report(session: Session, number: str, round_key: str = "2022-06") -> Report | None:
    query = select(Report).join(Project, Project.id == Report.project_id).join(ReportingRound)  # type: ignore[arg-type]
    return session.exec(query.where(Project.number == number, ReportingRound.key == round_key)).first()


def user(session: Session, name: str) -> User:
    return session.exec(select(User).where(User.email == f"{name}@demo.example")).one()


def latest(session: Session, target: EffectTarget) -> Measurement:
    rows = session.exec(select(Measurement).where(Measurement.effect_target_id == target.pk))
    return max(rows, key=lambda row: row.measured_on)


def sitting(session: Session, body: str, day: date, *attendance: Attendance) -> list[Person]:
    query = (
        select(Person, Seat)
        .join(Seat, Seat.person_id == Person.id)  # type: ignore[arg-type]
        .join(Body)
        .where(Body.name == body)
    )
    return [
        person
        for person, seat in session.exec(query)
        if seat.from_on <= day <= (seat.to_on or day) and seat.attendance in (attendance or (Attendance.fixed,))
    ]


def test_loading_twice_gives_the_same_list() -> None:
    def content() -> dict[str, list[str]]:
        engine = create_engine("sqlite://")
        SQLModel.metadata.create_all(engine)
        with Session(engine) as session:
            load_demo(session)
            return {
                table.name: [repr(row) for row in session.connection().execute(table.select())]
                for table in SQLModel.metadata.sorted_tables
                if table.name not in ("user", "event")
            }

    assert content() == content()


def test_thirty_eight_projects_are_on_the_list_and_fifteen_have_left(session: Session, overview: Overview) -> None:
    assert overview.total == 38
    left = session.exec(select(Placement).where(Placement.to_on != None)).all()  # noqa: E711
    assert len(left) == 15
    assert all(place.decision_out and place.reason_out for place in left)


def test_the_open_round_holds_every_kind_of_status(session: Session, overview: Overview) -> None:
    rows = [row for group in overview.groups for row in group.rows]
    marks = Counter(row.mark for row in rows)
    assert marks[Mark.red] == 5
    assert marks[Mark.yellow] == 11
    assert marks[Mark.green] == 15
    assert marks[Mark.not_reported] == 6
    assert marks[Mark.not_assessed] == 1
    states = Counter(row.report_state for row in rows)
    assert states[ReportState.draft] == 4  # the opening makes one for every project, also for the two without a report
    assert states[ReportState.submitted] == 2
    assert states[ReportState.returned] == 1


def test_of_ten_rounds_the_last_is_open_and_the_one_before_it_awaits_answers(session: Session) -> None:
    rounds = session.exec(select(ReportingRound).order_by(ReportingRound.key)).all()
    assert [a_round.state for a_round in rounds] == [
        *[RoundState.finished] * 8,
        RoundState.presented,
        RoundState.open,
    ]
    assert (rounds[0].name, rounds[-1].board_on) == ("januar 2018", date(2022, 6, 27))


def test_every_red_says_what_the_board_must_decide(overview: Overview) -> None:
    assert len({row.cause_dimension for row in overview.reds}) == 5
    for row in overview.reds:
        assert row.decision, row.number
        assert row.decision.question, row.number
        assert row.decision.by_on, row.number
        assert len(row.decision.options) >= 2, row.number
        assert row.path_to_green, row.number


def test_the_rules_of_reporting_hold_in_every_round(session: Session) -> None:
    assessed: dict[int, dict[Dimension, Colour | None]] = {}
    for assessment in session.exec(select(Assessment)):
        assessed.setdefault(assessment.report_id, {})[assessment.dimension] = assessment.colour
    for row in session.exec(select(Report)):
        if not row.counts:
            continue
        decisive = worst(assessed[row.pk])
        assert decisive
        assert row.colour
        suggested = assessed[row.pk][decisive]
        assert suggested
        assert suggested.severity - row.colour.severity in (0, 1)
        assert suggested is row.colour or len(row.deviation_reason) >= 20
        assert row.colour is Colour.green or (row.path_action and row.path_who and row.path_on)
        assert row.colour is not Colour.red or (row.decision_wanted and row.decision_track and row.decision_by_on)


def test_nobody_approves_what_they_wrote_and_never_at_once(session: Session) -> None:
    approved = [row for row in session.exec(select(Report)) if row.counts]
    assert len(approved) > 300
    for row in approved:
        assert row.author_id != row.approver_id
        assert row.submitted_at
        assert row.approved_at
        assert row.approved_at - row.submitted_at > timedelta(minutes=1)
        assert row.approved_at.date() <= DAY


def test_a_director_has_approved_in_an_absent_owners_place(session: Session) -> None:
    stood_in = report(session, "P-031")
    assert stood_in
    assert stood_in.approver_id != project(session, "P-031").owner_id
    approver = session.get(Person, stood_in.approver_id)
    assert approver
    assert approver.director


def test_digital_post_went_from_28_to_54_of_100_and_is_still_followed(session: Session) -> None:
    digital_post = project(session, "P-045")
    target = digital_post.effect_targets[0]
    assert (target.baseline_value, target.baseline_on) == (28, date(2014, 1, 5))
    assert (target.target_value, target.target_on) == (100, date(2014, 11, 1))
    measured = latest(session, target)
    assert (measured.value, measured.measured_on, measured.precision) == (54, date(2014, 9, 14), Precision.week)
    share = share_of_path(target, measured.value, measured.measured_on)
    assert share == pytest.approx(0.43, abs=0.005)
    assert digital_post.placements[0].follow_up


def test_the_procurement_saving_stands_at_seven_tenths_of_3_2_million(session: Session) -> None:
    saving = project(session, "P-051")
    target = saving.effect_targets[0]
    assert (target.baseline_value, target.baseline_on) == (0, date(2017, 1, 1))
    assert (target.target_value, target.target_on) == (3.2, date(2017, 12, 31))
    measured = latest(session, target)
    assert (measured.value, measured.measured_on) == (0.7, date(2017, 1, 9))
    assert saving.placements[0].follow_up
    assert saving.placements[0].to_on == date(2018, 1, 29)


def test_the_whole_direktion_sat_in_the_programme_steering_group_until_29_january_2018(session: Session) -> None:
    def directors(body: str, day: date, *attendance: Attendance) -> int:
        return sum(person.director for person in sitting(session, body, day, *attendance))

    group = "Programstyregruppen for Nyt Fokus"
    assert directors(group, date(2018, 1, 29)) == 4
    assert directors(group, date(2018, 1, 30)) == 1
    assert directors(group, date(2018, 1, 30), Attendance.when_needed) == 3
    assert directors("§ 17.4-udvalget for Nyt Fokus på udsatte boligområder", DAY) == 4
    committee = session.exec(select(Body).where(Body.type == BodyType.committee_17_4)).one()
    assert (committee.meetings_per_year, committee.typical_attendance) == (4, 32)


def test_nobody_sits_twice_in_the_same_body_at_once(session: Session) -> None:
    seats = session.exec(select(Seat).where(col(Seat.person_id).is_not(None))).all()
    for seat in seats:
        others = [s for s in seats if (s.body_id, s.person_id) == (seat.body_id, seat.person_id) and s is not seat]
        assert not any(seat.overlaps(other.from_on, other.to_on) for other in others)


def test_three_people_carry_a_high_load(session: Session) -> None:
    read_as(session, user(session, "chefforum"))
    serving = session.exec(
        select(BodyProject.body_id)
        .join(Placement, Placement.project_id == BodyProject.project_id)  # type: ignore[arg-type]
        .where(Placement.to_on == None)  # noqa: E711
    ).all()
    running = [s for s in session.exec(select(Seat)) if s.body_id in serving and s.from_on <= DAY <= (s.to_on or DAY)]
    seats = Counter(seat.person_id for seat in running)
    chairs = Counter(s.person_id for s in running if s.function in (SeatFunction.chair, SeatFunction.owner))
    high = {key for key in seats if seats[key] >= 6 or chairs[key] >= 4}
    names = session.exec(select(Person.name).where(Person.id.in_(high))).all()  # type: ignore[union-attr]
    assert sorted(names) == ["Hanne Skov", "Jonas Bek", "Sofie Dahlgren"]


@pytest.mark.parametrize("name", ["chefforum", "ejer", "leder", "admin"])
def test_the_closed_project_does_not_exist_for_those_who_may_not_see_it(session: Session, name: str) -> None:
    read_as(session, user(session, name))
    assert session.exec(select(Project).where(Project.number == "L-01")).first() is None
    assert build_overview(session, session.exec(select(Portfolio)).one(), Filters(), DAY).total == 37


@pytest.mark.parametrize("name", ["sekretariat", "direktion"])
def test_the_closed_project_is_whole_for_those_who_may_see_it(session: Session, name: str) -> None:
    read_as(session, user(session, name))
    closed = project(session, "L-01")
    assert closed.closed
    assert closed.owner
    assert closed.leader
    assert closed.milestones
    assert report(session, "L-01")
    served = session.exec(select(BodyProject).where(BodyProject.body_id == closed.bodies[0].pk)).all()
    assert [link.project_id for link in served] == [closed.pk]


def test_one_project_is_newly_listed_without_a_leader(session: Session) -> None:
    newcomer = project(session, "P-039")
    assert newcomer.leader is None
    assert newcomer.title == "Civilsamfund og lokale fællesskaber"
    assert (newcomer.placements[0].from_on.year, newcomer.placements[0].from_on.month) == (2022, 2)
    opened = report(session, "P-039")
    assert opened
    assert (opened.state, opened.colour, opened.summary) == (ReportState.draft, None, "")


def test_the_programme_reports_better_than_its_worst_child(overview: Overview) -> None:
    programme = next(row for group in overview.groups for row in group.rows if row.number == "P-001")
    assert programme.mark is Mark.yellow
    assert programme.worst_child is Colour.red


def test_the_evaluation_ordered_in_2017_is_still_owed(session: Session) -> None:
    owed = session.exec(select(Milestone).where(Milestone.text == "Evaluering af indsats og organisering")).one()
    assert owed.done_on is None
    assert owed.due_on == date(2018, 1, 9)


def test_greens_that_should_be_tested_show_every_kind_of_evidence(overview: Overview) -> None:
    found = {signal.kind for group in overview.groups for row in group.rows for signal in row.signals}
    assert found >= {
        SignalKind.better_than_suggested,
        SignalKind.overdue_milestone,
        SignalKind.behind_path,
        SignalKind.same_text,
        SignalKind.no_measurable_target,
    }


def test_the_leader_has_a_draft_to_finish_and_the_owner_a_status_to_approve(session: Session) -> None:
    def reports_of(person_id: int | None, column: str) -> Counter[ReportState]:
        numbers = session.exec(select(Project.number).where(getattr(Project, column) == person_id)).all()
        return Counter(row.state for row in (report(session, number) for number in numbers) if row)

    led = reports_of(user(session, "leder").person_id, "leader_id")
    owned = reports_of(user(session, "ejer").person_id, "owner_id")
    assert (led[ReportState.draft], led.total()) == (1, 3)
    assert (owned[ReportState.submitted], owned.total()) == (1, 4)
    assert user(session, "ejer").roles == ["reader"]
    assert user(session, "leder").roles == ["reader"]


def decided(session: Session, round_key: str) -> dict[Subject, list[Decision]]:
    """What the meeting on a round decided under each recommendation; on the recommendation itself first."""
    query = select(Recommendation, Decision).join(Decision, Decision.recommendation_id == Recommendation.id)  # type: ignore[arg-type]
    on_round = query.join(Meeting, Meeting.id == Recommendation.meeting_id).join(ReportingRound)  # type: ignore[arg-type]
    found: dict[Subject, list[Decision]] = {}
    for recommendation, decision in session.exec(on_round.where(ReportingRound.key == round_key)):
        found.setdefault(recommendation.subject, []).append(decision)
    return {subject: sorted(of, key=lambda each: each.project_id or 0) for subject, of in found.items()}


def test_the_board_has_met_on_every_frozen_round_and_answered_all_but_the_last(session: Session) -> None:
    rounds = session.exec(select(ReportingRound, Meeting).join(Meeting)).all()
    assert len(rounds) == 9
    for round_, meeting in rounds:
        assert (meeting.state, meeting.held_on) == (MeetingState.held, round_.board_on)
        answers = decided(session, round_.key)
        own = {subject for subject, of in answers.items() if of[0].project_id is None}
        assert (own == set(Subject)) == (round_.state is RoundState.finished), round_.key
    assert {each.verb for of in decided(session, "2018-01").values() for each in of} == {DecisionVerb.noted}
    assert decided(session, "2022-01").keys() == {Subject.attention, Subject.removal}


def test_whatever_was_asked_for_has_a_task(session: Session) -> None:
    given = {task.decision_id for task in session.exec(select(Task))}
    for decision, meeting in session.exec(select(Decision, Meeting).join(Meeting)):
        assert not lacking_in(decision, meeting.held_on, has_task=decision.pk in given), str(decision)


def test_the_evaluation_that_the_board_ordered_in_2017_is_the_longest_overdue_task(session: Session) -> None:
    late = {task.text: task.days_late(DAY) for task in session.exec(select(Task)) if task.days_late(DAY)}
    assert max(late, key=late.__getitem__) == "Evaluering af taskforcens indsats og organisering"
    assert late["Evaluering af taskforcens indsats og organisering"] == 1616
    assert len(late) == 5


def test_the_newcomer_of_february_2022_was_put_on_the_list_by_a_recorded_decision(session: Session) -> None:
    decision = session.get(Decision, project(session, "P-039").placements[0].decision_in_id)
    assert decision
    meeting = session.get(Meeting, decision.meeting_id)
    assert meeting
    assert (meeting.held_on, meeting.round_id) == (date(2022, 2, 28), None)


def test_of_the_topics_sent_to_the_management_forum_one_that_was_up_has_no_outcome(session: Session) -> None:
    topics = {topic.key: topic for topic in session.exec(select(Topic))}
    assert {key: (topic.state.value, bool(topic.outcome)) for key, topic in topics.items()} == {
        "fora-2014": ("treated", True),
        "moeder-2018": ("planned", False),
        "hele-direktionen-2022": ("treated", True),
        "forslag-2022": ("planned", False),
        "centerchefer-2022": ("sent", False),
    }
    assert "I hvilke fora sidder centercheferne - landkort?" in topics["fora-2014"].questions


def test_what_was_decided_about_the_closed_project_is_there_for_those_who_may_see_it_only(session: Session) -> None:
    query = select(Decision, Task).join(Task, Task.decision_id == Decision.id).where(Decision.key == "ejendom-2019")  # type: ignore[arg-type]
    assert session.exec(query).all()
    read_as(session, user(session, "chefforum"))
    assert not session.exec(query).all()
