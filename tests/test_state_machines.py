"""Every pair of state and action of a round and of a status, against the state machines of domain.md 3D.

The two tables say what each action leads to; a dot says that it is refused. Nothing here presses a button: what the
buttons do with a refusal stands in the tests of their routes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.errors import DomainError
from app.models import (
    Event,
    Person,
    Placement,
    Portfolio,
    Project,
    Report,
    ReportingRound,
    Theme,
    User,
)
from app.models.assessment import Dimension
from app.models.edition import AddendumForm
from app.models.event import recorded
from app.models.minutes import conclude, hold_meeting_on
from app.models.project import project_by_number
from app.models.recommendation import recommendations_of
from app.models.report import ApprovalForm, ApprovedAs, ReportState, report_of
from app.models.report_entry import Judgement, ReportEntry, save_draft
from app.models.reporting_round import RoundForm, RoundState, change_round, suggested_round
from app.models.round_opening import open_round
from app.models.submission import hand_in, take_back
from app.tabs.edition import add_to, edition_of, freeze
from tests.databases import House, upgrade
from tests.writes import a_meeting_on, answer_to

DAY = date(2022, 6, 13)
REASON = "Beløbet mangler i teksten."

ROUND = """
                    open  close               extend  freeze  present    finish    change              add
planned             open  .                   .       .       .          .         planned             .
open                .     closed_for_leaders  .       .       .          .         open                .
closed_for_leaders  .     .                   open    frozen  .          .         closed_for_leaders  .
frozen              .     .                   .       .       presented  .         .                   frozen
presented           .     .                   .       .       .          finished  .                   presented
finished            .     .                   .       .       .          .         .                   finished
"""
"""`extend` lets leaders in again, `change` gives new dates, `add` writes an addendum to the edition (I5)."""

REPORT = """
              write  submit     withdraw  approve   approve_own  send_back  reopen    exempt
draft         draft  submitted  .         .         .            .          .         exempt
submitted     .      .          draft     approved  .            returned   .         exempt
returned      draft  submitted  .         .         .            .          .         exempt
approved      .      .          .         .         .            .          returned  .
exempt        .      .          .         .         .            .          returned  .
frozen        .      .          .         .         .            .          .         .
not_approved  .      .          .         .         .            .          .         .
not_reported  .      .          .         .         .            .          .         .
"""
"""While the round is open. Writing is `genoptag` of what was returned; a reopened status is one that was returned: it
tells its leader why, and writing in it makes it a draft."""

SHUT = {("draft", "write"), ("draft", "submit"), ("submitted", "withdraw")}
"""What a leader may no longer do once the round is closed for leaders; what is returned may still be corrected."""

AT_THE_FREEZE = {
    "draft": "not_reported",
    "submitted": "not_approved",
    "returned": "not_reported",
    "approved": "frozen",
    "exempt": "exempt",
}
"""Nothing is approved silently: what awaits its owner stays visible as such (product.md, decision 8)."""


def table(text: str) -> dict[tuple[str, str], str]:
    """What each pair of state and action leads to; nothing when it is refused."""
    [actions, *lines] = [line.split() for line in text.strip().splitlines()]
    return {
        (state, action): "" if cell == "." else cell
        for state, *cells in lines
        for action, cell in zip(actions, cells, strict=True)
    }


ROUND_STEPS, REPORT_STEPS = table(ROUND), table(REPORT)
ROUND_ACTIONS = list(dict.fromkeys(action for _state, action in ROUND_STEPS))
REPORT_ACTIONS = list(dict.fromkeys(action for _state, action in REPORT_STEPS))
UNDER_WAY = ("open", "closed_for_leaders")


def after(round_: str, state: str, action: str) -> str:
    """What an action makes of a status while the round is in a state; nothing when it is refused."""
    if round_ not in UNDER_WAY or (round_ == "closed_for_leaders" and (state, action) in SHUT):
        return ""
    return REPORT_STEPS[state, action]


# ------------------------------------------------------------------------------------------------------------ the world

TABLES = ("addendum", "assessment", "edition", "report", "reporting_round")
"""What the two state machines could change."""

NUMBERS = ("P-001", "P-002")


@dataclass
class World:
    """A list with two projects and one planned round, for one test; nothing in it is ever committed."""

    session: Session
    secretariat: User
    leader: User
    owner: User
    projects: dict[str, Project] = field(default_factory=dict)
    rounds: dict[str, Callable[[ReportingRound], object]] = field(init=False)
    reports: dict[str, Callable[[Report], object]] = field(init=False)

    def __post_init__(self) -> None:
        at, by, leader, owner = self.session, self.secretariat, self.leader, self.owner
        self.rounds = {
            "open": lambda round_: open_round(at, by, round_, DAY),
            "close": lambda round_: round_.close_for_leaders(at, by),
            "extend": lambda round_: round_.let_leaders_in_again(at, by),
            "freeze": lambda round_: freeze(at, by, round_, DAY),
            "present": lambda round_: hold_meeting_on(at, by, round_),
            "finish": lambda round_: conclude(at, by, round_),
            "change": lambda round_: change_round(at, by, round_, renamed(round_)),
            "add": lambda round_: add_to(at, by, edition_of(at, round_), AddendumForm(text=REASON)),
        }
        self.reports = {
            "write": lambda report: save_draft(at, leader, report, written(report), []),
            "submit": lambda report: hand_in(at, leader, report, written(report), []),
            "withdraw": lambda report: take_back(at, leader, report),
            "approve": lambda report: report.approve(at, owner, ApprovalForm(), ApprovedAs.owner),
            "approve_own": lambda report: report.approve(at, leader, ApprovalForm(), ApprovedAs.director),
            "send_back": lambda report: report.send_back(at, owner, REASON),
            "reopen": lambda report: report.reopen(at, by, REASON),
            "exempt": lambda report: report.exempt(at, by, REASON),
        }

    @property
    def round(self) -> ReportingRound:
        return self.session.exec(select(ReportingRound)).one()

    def report(self, number: str) -> Report | None:
        """As a request finds it: with everything that its rules ask about."""
        if number not in self.projects:
            found = project_by_number(self.session, number)
            assert found is not None
            self.projects[number] = found
        return report_of(self.session, self.projects[number], self.round.key)

    def step(self, action: str) -> bool:
        """Whether the round took the step; a refusal has changed nothing."""
        return self._tried(lambda: self.rounds[action](self.round))

    def act(self, number: str, action: str) -> bool:
        """Whether the status took the step; a refusal has changed nothing."""
        report = self.report(number)
        return report is not None and self._tried(lambda: self.reports[action](report))

    def _tried(self, does: Callable[[], object]) -> bool:
        before = self.everything()
        try:
            does()
        except DomainError:
            assert self.everything() == before
            return False
        assert self.events == len(before["event"]) + 1
        return True

    def everything(self) -> dict[str, list[str]]:
        """All rows that the two state machines could change, and what was recorded, as text."""
        self.session.flush()
        connection = self.session.connection()
        return {"event": [repr(each) for each in recorded(self.session)]} | {
            name: [repr(row) for row in connection.exec_driver_sql(f"select * from {name} order by id")]  # noqa: S608
            for name in TABLES
        }

    def count(self, table: str) -> int:
        self.session.flush()
        return int(self.session.connection().exec_driver_sql(f"select count(*) from {table}").scalar_one())  # noqa: S608

    @property
    def events(self) -> int:
        return len(recorded(self.session))

    @property
    def last_event(self) -> Event:
        return recorded(self.session)[-1]

    @property
    def states(self) -> list[str]:
        """The states of the statuses there are, in the order of the projects."""
        self.session.flush()
        return [found.state.value for found in self.session.exec(select(Report).order_by(col(Report.project_id)))]


def renamed(round_: ReportingRound) -> RoundForm:
    return RoundForm.model_validate(round_.model_dump() | {"name": f"{round_.name[:20]} {round_.version}"})


def written(report: Report) -> ReportEntry:
    """A green status whose text has never been written before."""
    green = {dimension.value: Judgement.green for dimension in Dimension}
    return ReportEntry.model_validate(green | {"colour": "green", "summary": f"Det går godt, gang {report.version}."})


@pytest.fixture(scope="module")
def schema(sqlite: House) -> Iterator[Engine]:
    """A database with the tables as migrations make them, and the triggers."""
    with sqlite.empty() as engine:
        upgrade(engine)
        yield engine


def new_world(schema: Engine) -> World:
    session = Session(schema)
    portfolio = Portfolio(slug="direktionen", name="Listen", case_number="10/22743", owner_body="direktionen")
    people = [Person(name=name) for name in ("Sekretariat", "Leder", "Ejer")]
    session.add_all([portfolio, *people])
    session.flush()
    theme = Theme(name="Tema", position=1, portfolio_id=portfolio.pk)
    secretariat, leader, owner = (
        User(email=f"{person.name}@demo.example", password_hash="", person_id=person.id, person=person)
        for person in people
    )
    session.add_all([theme, secretariat, leader, owner])
    session.flush()
    for sequence in (1, 2):
        project = Project(
            title=f"Projekt {sequence}",
            number=f"P-00{sequence}",
            series="P",
            sequence=sequence,
            portfolio_id=portfolio.pk,
            theme_id=theme.pk,
            leader_id=leader.person_id,
            owner_id=owner.person_id,
        )
        session.add(project)
        session.flush()
        session.add(Placement(project_id=project.pk, no=1, from_on=date(2021, 1, 1), decision_in="Direktionen"))
    dates = suggested_round(None, DAY).model_dump()
    session.add(round_ := ReportingRound(**dates, portfolio_id=portfolio.pk))
    session.flush()
    meeting = a_meeting_on(session, round_, held=False)
    session.add_all(answer_to(each) for each in recommendations_of(session, meeting))
    session.flush()
    for user in (secretariat, leader, owner):
        session.expunge(user)  # signed in long ago, with their names
    return World(session, secretariat, leader, owner)


@pytest.fixture
def world(schema: Engine) -> Iterator[World]:
    made = new_world(schema)
    yield made
    made.session.close()


# ------------------------------------------------------------------------------------------------------ every pair once

WAY_OF_A_ROUND = {
    "planned": [],
    "open": ["open"],
    "closed_for_leaders": ["open", "close"],
    "frozen": ["open", "close", "freeze"],
    "presented": ["open", "close", "freeze", "present"],
    "finished": ["open", "close", "freeze", "present", "finish"],
}
WAY_OF_A_REPORT = {
    "draft": [],
    "submitted": ["submit"],
    "returned": ["submit", "send_back"],
    "approved": ["submit", "approve"],
    "exempt": ["exempt"],
}
"""How a status gets into a state while its round is open."""

STANDING = [
    *((round_, way, way) for round_ in UNDER_WAY for way in WAY_OF_A_REPORT),
    *(
        (round_, way, AT_THE_FREEZE[way])
        for round_ in ("frozen", "presented", "finished")
        for way in ("draft", "submitted", "returned", "approved", "exempt")
    ),
]
"""Where a status can stand: the state of its round, its last state while that was under way, and its own."""


def test_the_tables_tell_of_every_state() -> None:
    assert {state for state, _action in ROUND_STEPS} == {state.value for state in RoundState} == WAY_OF_A_ROUND.keys()
    assert {state for state, _action in REPORT_STEPS} == {state.value for state in ReportState}
    assert {state for _round, _way, state in STANDING} == {state.value for state in ReportState}


def test_the_tables_tell_of_every_action(world: World) -> None:
    assert list(world.rounds) == ROUND_ACTIONS
    assert list(world.reports) == REPORT_ACTIONS


@pytest.mark.parametrize(("state", "action", "end"), [(*pair, end) for pair, end in ROUND_STEPS.items() if end])
def test_a_round_takes_the_steps_of_the_table(state: str, action: str, end: str, world: World) -> None:
    bring(world, state)
    assert world.step(action)
    assert world.round.state.value == end
    assert world.last_event.actor == "Sekretariat"
    assert world.count("edition") == (world.round.frozen_at is not None) == world.round.is_frozen


@pytest.mark.parametrize("state", WAY_OF_A_ROUND)
def test_a_round_takes_no_other_step(state: str, world: World) -> None:
    bring(world, state)
    for action in ROUND_ACTIONS:
        assert ROUND_STEPS[state, action] or not world.step(action), action
    assert world.round.state.value == state


ALL = [(*where, action, after(where[0], where[2], action)) for where in STANDING for action in REPORT_ACTIONS]
"""Every state of a round and of a status in it, with every action and what it leads to."""


def test_every_action_is_tried_in_every_state_of_a_status_and_of_its_round() -> None:
    assert {(state, action) for _round, _way, state, action, _end in ALL} == REPORT_STEPS.keys()
    assert {round_ for round_, *_more in ALL} == WAY_OF_A_ROUND.keys() - {"planned"}
    assert sum(bool(end) for *_pair, end in ALL) == 21


@pytest.mark.parametrize(("round_", "way", "state", "action", "end"), [each for each in ALL if each[-1]])
def test_a_status_takes_the_steps_of_the_table(
    round_: str, way: str, state: str, action: str, end: str, world: World
) -> None:
    stand(world, round_, way)
    assert world.states == [state, "draft"]
    assert world.act("P-001", action)
    assert world.states == [end, "draft"]
    assert (world.last_event.subject, world.last_event.after.get("state", state)) == ("Report", end)


@pytest.mark.parametrize(("round_", "way", "state"), STANDING)
def test_a_status_takes_no_other_step(round_: str, way: str, state: str, world: World) -> None:
    stand(world, round_, way)
    for action in REPORT_ACTIONS:
        assert after(round_, state, action) or not world.act("P-001", action), action
    assert world.states[0] == state


def bring(world: World, state: str) -> None:
    """Brings the round to a state, step by step."""
    for action in WAY_OF_A_ROUND[state]:
        assert world.step(action)
    assert world.round.state.value == state


def stand(world: World, round_: str, way: str) -> None:
    """Brings the first status to a state while the round is open, and then the round to its own."""
    assert world.step("open")
    assert all(world.act("P-001", each) for each in WAY_OF_A_REPORT[way])
    assert all(world.step(each) for each in WAY_OF_A_ROUND[round_][1:])


@pytest.mark.parametrize(("before", "frozen"), AT_THE_FREEZE.items())
def test_the_freeze_makes_of_a_status_what_the_table_says(before: str, frozen: str, world: World) -> None:
    stand(world, "closed_for_leaders", before)
    assert world.step("freeze")
    assert world.states == [frozen, "not_reported"]


def test_before_the_round_opens_there_is_no_status_to_do_anything_with(world: World) -> None:
    assert world.states == []


# ------------------------------------------------------------------------------------------------ in any order whatever


class Machine(RuleBasedStateMachine):
    """One round with two statuses, on which anybody tries anything at any time, beside what the tables expect."""

    schema: Engine

    @initialize()
    def begin(self) -> None:
        self.world = new_world(self.schema)
        self.round, self.states, self.events = "planned", [""] * 2, 0
        self.returned = [False] * 2
        """Which carry the reason of a return: their leader may correct them until the freeze."""

    @rule(move=st.sampled_from([*((None, each) for each in ROUND_ACTIONS), *product((0, 1), REPORT_ACTIONS)]))
    def anybody_tries(self, move: tuple[int | None, str]) -> None:
        place, action = move
        if place is None:
            self.take_a_step(action)
        else:
            self.act_on_a_status(place, action)

    def take_a_step(self, action: str) -> None:
        expected = ROUND_STEPS[self.round, action]
        assert self.world.step(action) is bool(expected)
        if not expected:
            return
        self.round, self.events = expected, self.events + 1
        if action == "open":
            self.states = ["draft"] * 2
        if action == "freeze":
            self.states = [AT_THE_FREEZE[state] for state in self.states]

    def act_on_a_status(self, place: int, action: str) -> None:
        state = self.states[place]
        expected = after(self.round, state, action) if state else ""
        if self.returned[place] and self.round == "closed_for_leaders" and state == "draft":
            expected = REPORT_STEPS[state, action]
        assert self.world.act(NUMBERS[place], action) is bool(expected)
        if expected:
            self.states[place], self.events = expected, self.events + 1
            self.returned[place] = action in ("send_back", "reopen") or (self.returned[place] and action != "submit")

    @invariant()
    def everything_stands_as_expected(self) -> None:
        assert self.world.round.state.value == self.round
        assert self.world.states == [state for state in self.states if state]
        assert self.world.events == self.events
        assert self.world.count("edition") == (self.round not in ("planned", *UNDER_WAY))

    def teardown(self) -> None:
        self.world.session.close()


def test_in_whatever_order_things_are_tried_the_tables_are_right(schema: Engine) -> None:
    Machine.schema = schema
    run_state_machine_as_test(
        Machine,
        settings=settings(
            deadline=None,
            derandomize=True,
            database=None,
            max_examples=20,
            stateful_step_count=50,
            suppress_health_check=list(HealthCheck),
        ),
    )
