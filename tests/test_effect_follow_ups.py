"""Effects after the project: what a removal asks for, the state machine of a follow-up, and when all is concluded."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.errors import DomainError, NotAllowed
from app.models import EffectFollowUp, EffectTarget, Event, Measurement, Placement, Project, User
from app.models.board_decision import BoardDecisionForm
from app.models.effect_follow_up import (
    FollowUpEntry,
    FollowUpPlan,
    FollowUpResult,
    FollowUpState,
    closed_unmeasured,
    default_dates,
    follow_up_of,
    lacking,
)
from app.models.effect_target import IndicatorType
from app.models.placement import PlacementForm, RemovalForm, TargetPlan, place, remove, targets_to_follow
from app.models.project import project_by_number
from tests.conftest import one_database

DAY = date(2022, 6, 13)
LEFT = RemovalForm(to_on=DAY, reason_out="Den er gennemført.")
DECIDED = BoardDecisionForm(decided_on=date(2022, 5, 30), wording="Projektet flyttes.")
REACHED = FollowUpEntry(
    result=FollowUpResult.reached, value=80, measured_on=DAY, source="Optælling", conclusion="Målet er nået."
)


@pytest.mark.parametrize(
    ("left_on", "target_on", "days"),
    [
        (date(2022, 6, 13), None, ["2022-12-13", "2023-06-13"]),
        (date(2022, 8, 31), None, ["2023-02-28", "2023-08-31"]),
        (date(2023, 8, 31), None, ["2024-02-29", "2024-08-31"]),
        (date(2022, 6, 13), date(2024, 12, 31), ["2022-12-13", "2023-06-13", "2024-12-31"]),
        (date(2022, 6, 13), date(2023, 6, 13), ["2022-12-13", "2023-06-13"]),
        (date(2022, 6, 13), date(2021, 1, 1), ["2022-12-13", "2023-06-13"]),
    ],
)
def test_an_effect_is_looked_at_after_6_and_12_months_and_on_a_later_target_date(
    left_on: date, target_on: date | None, days: list[str]
) -> None:
    assert [str(day) for day in default_dates(left_on, target_on)] == days


@pytest.mark.parametrize(
    ("results", "ever_measured", "unmeasured"),
    [
        (["reached"], False, False),
        (["not_measured", "partly"], False, False),
        (["not_measured"], True, True),
        (["too_early", "not_measured"], True, True),
        ([], True, False),
        ([], False, True),
    ],
)
def test_a_project_is_closed_unmeasured_when_nobody_can_say_what_came_of_its_effects(
    results: list[str], *, ever_measured: bool, unmeasured: bool
) -> None:
    said = [FollowUpResult(result) for result in results]
    assert closed_unmeasured(said, ever_measured=ever_measured) is unmeasured


@pytest.mark.parametrize(
    ("more", "measured", "fields"),
    [
        ({"result": "reached"}, False, {"value"}),
        ({"result": "reached"}, True, set()),
        ({"result": "not_measured"}, False, set()),
        ({"result": "not_measured", "value": 3, "measured_on": DAY, "source": "Tal"}, False, {"result"}),
        ({"result": "partly", "value": 3}, False, {"measured_on", "source"}),
        ({"result": "partly", "value": 3, "measured_on": date(2022, 6, 14), "source": "Tal"}, False, {"measured_on"}),
        ({"result": "partly", "measured_on": DAY}, True, {"value"}),
        ({"result": "too_early"}, False, {"next_on"}),
        ({"result": "too_early", "next_on": DAY}, False, {"next_on"}),
        ({"result": "too_early", "next_on": date(2022, 6, 14)}, False, set()),
    ],
)
def test_a_report_rests_on_a_figure_or_says_that_there_is_none(
    more: dict[str, Any], *, measured: bool, fields: set[str]
) -> None:
    entry = FollowUpEntry.model_validate({"conclusion": "Det ser sådan ud."} | more)
    assert lacking(entry, measured=measured, day=DAY).keys() == fields


# ------------------------------------------------------------------------------------------------- the state machine


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    with Session(database, expire_on_commit=False) as opened:
        yield opened


def the_project(session: Session, number: str = "P-048") -> Project:
    found = project_by_number(session, number)
    assert found is not None
    return found


def plans(session: Session, project: Project, owner_id: int, *days: date) -> list[TargetPlan]:
    """Each target is followed by one person on these days."""
    each = [FollowUpPlan(due_on=day, owner_id=owner_id) for day in days]
    return [TargetPlan(target, each) for target in targets_to_follow(session, project)]


def not_followed(session: Session, project: Project) -> list[TargetPlan]:
    """Of every target, that nobody follows it."""
    return [TargetPlan(target, waived_reason="Tallet findes ikke.") for target in targets_to_follow(session, project)]


def removed(session: Session, by: User, owner: User, *days: date) -> list[EffectFollowUp]:
    """P-048 has left the list, and its one target is followed by somebody on these days."""
    project = the_project(session)
    [target] = targets_to_follow(session, project)
    target.indicator_type = IndicatorType.effect
    remove(session, by, project, LEFT, DECIDED, plans(session, project, owner.person_id or 0, *days))
    session.commit()
    found = [follow_up_of(session, target, no) for no in range(1, len(days) + 1)]
    return [each for each in found if each]


STATES = """
          report    approve   approve_own  send_back  waive   plan
planned   reported  .         .            .          waived  planned
reported  .         approved  .            returned   .       .
returned  reported  .         .            .          waived  returned
approved  .         .         .            .          .       .
waived    .         .         .            .          .       .
"""
"""What each action makes of a follow-up; a dot says that it is refused."""
[ACTIONS, *LINES] = [line.split() for line in STATES.strip().splitlines()]


@pytest.mark.parametrize(
    ("state", "action", "to"),
    [(state, action, cell) for state, *cells in LINES for action, cell in zip(ACTIONS, cells, strict=True)],
)
@one_database
def test_every_action_in_every_state_does_what_the_state_machine_says(
    state: str, action: str, to: str, session: Session, sekretariat: User, leder: User, ejer: User
) -> None:
    [row] = removed(session, sekretariat, leder, date(2022, 12, 13))
    project = the_project(session)
    row.state, row.reported_by_id = FollowUpState(state), leder.person_id
    session.commit()
    actions: dict[str, Callable[[], object]] = {
        "report": lambda: row.report(session, leder, project, REACHED),
        "approve": lambda: row.approve(session, ejer, project),
        "approve_own": lambda: row.approve(session, leder, project),
        "send_back": lambda: row.send_back(session, ejer, project, "Tallet mangler en kilde."),
        "waive": lambda: row.waive(session, sekretariat, project, "Tallet findes ikke."),
        "plan": lambda: row.plan(
            session, sekretariat, project, FollowUpPlan(due_on=date(2023, 1, 1), owner_id=leder.person_id)
        ),
    }
    act = actions[action]
    before = len(session.exec(select(Event)).all())
    if to == ".":
        with pytest.raises(DomainError):
            act()
        session.rollback()
        assert len(session.exec(select(Event)).all()) == before
        return
    act()
    session.commit()
    assert row.state == to
    assert len(session.exec(select(Event)).all()) == before + 1


@one_database
def test_nobody_approves_what_they_reported_also_not_the_owner(session: Session, sekretariat: User, ejer: User) -> None:
    [row] = removed(session, sekretariat, ejer, date(2022, 12, 13))
    row.report(session, ejer, the_project(session), REACHED)
    with pytest.raises(NotAllowed):
        row.approve(session, ejer, the_project(session))
    with pytest.raises(NotAllowed):
        row.send_back(session, ejer, the_project(session), "Det kan gøres bedre.")


# -------------------------------------------------------------------------------------------------------- concluding


def test_the_last_approval_concludes_the_project_and_no_earlier_one(
    session: Session, sekretariat: User, leder: User, direktion: User
) -> None:
    first, last = removed(session, sekretariat, leder, date(2022, 12, 13), date(2023, 6, 13))
    project = the_project(session)
    first.report(session, leder, project, REACHED)
    first.approve(session, direktion, project)
    assert (project.placements[-1].is_followed, project.placements[-1].concluded_on) == (True, None)
    last.report(session, leder, project, REACHED)
    last.approve(session, direktion, project)
    session.commit()
    place_ = project.placements[-1]
    assert (place_.is_followed, place_.concluded_on, place_.concluded_unmeasured) == (False, DAY, False)
    figures = session.exec(select(Measurement).where(Measurement.effect_target_id == first.effect_target_id)).all()
    assert [figure.value for figure in figures][-2:] == [80, 80]
    assert first.reported_by_id == leder.person_id
    assert first.approved_by_id == direktion.person_id


@one_database
def test_too_early_is_looked_at_again_on_the_day_it_names_but_not_twice(
    session: Session, sekretariat: User, leder: User, direktion: User
) -> None:
    first, _last = removed(session, sekretariat, leder, date(2022, 12, 13), date(2023, 6, 13))
    project = the_project(session)
    for day in (date(2023, 6, 13), date(2024, 6, 13)):
        first.state = FollowUpState.planned
        early = FollowUpEntry(result=FollowUpResult.too_early, conclusion="Tallet kommer senere.", next_on=day)
        first.report(session, leder, project, early)
        first.approve(session, direktion, project)
    session.commit()
    query = select(EffectFollowUp).where(EffectFollowUp.effect_target_id == first.effect_target_id)
    found = session.exec(query.order_by(col(EffectFollowUp.no))).all()
    assert [(each.no, each.due_on, each.owner_id) for each in found] == [
        (1, date(2022, 12, 13), leder.person_id),
        (2, date(2023, 6, 13), leder.person_id),
        (3, date(2024, 6, 13), leder.person_id),
    ]


@one_database
def test_what_was_not_measured_is_closed_without_a_measured_effect(
    session: Session, sekretariat: User, leder: User, direktion: User
) -> None:
    [row] = removed(session, sekretariat, leder, date(2022, 12, 13))
    project = the_project(session)
    nothing = FollowUpEntry(result=FollowUpResult.not_measured, conclusion="Tallet findes ikke.")
    row.report(session, leder, project, nothing)
    row.approve(session, direktion, project)
    assert project.placements[-1].concluded_unmeasured


@one_database
def test_a_project_without_an_effect_target_is_concluded_when_it_leaves(session: Session, sekretariat: User) -> None:
    project = the_project(session, "P-006")
    for target in targets_to_follow(session, project):
        target.withdrawn = True
    remove(session, sekretariat, project, LEFT, DECIDED)
    place_ = project.placements[-1]
    assert (place_.follow_up, place_.concluded_on, place_.concluded_unmeasured) == (False, DAY, True)


@one_database
def test_a_target_of_which_nothing_is_said_cannot_leave(session: Session, sekretariat: User) -> None:
    project = the_project(session)
    with pytest.raises(DomainError):
        remove(session, sekretariat, project, LEFT, DECIDED)
    [target] = targets_to_follow(session, project)
    with pytest.raises(DomainError):
        remove(session, sekretariat, project, LEFT, DECIDED, [TargetPlan(target)])
    assert project.placement is not None


@one_database
def test_what_is_planned_is_given_up_when_the_project_comes_back(
    session: Session, sekretariat: User, leder: User
) -> None:
    [row] = removed(session, sekretariat, leder, date(2022, 12, 13))
    project = the_project(session)
    place(session, sekretariat, project, PlacementForm(from_on=DAY), DECIDED)
    session.commit()
    assert (row.state, bool(row.waived_reason)) == (FollowUpState.waived, True)
    query = select(Placement).where(Placement.project_id == project.pk).order_by(col(Placement.no))
    assert [each.concluded_on for each in session.exec(query)] == [DAY, None]


# -------------------------------------------------------------------------------------------------------- the demo list


@one_database
def test_the_demo_list_follows_three_projects_and_has_closed_others_unmeasured(session: Session) -> None:
    query = (
        select(Project.number, EffectFollowUp.state)
        .join(EffectTarget, col(EffectTarget.project_id) == Project.id)
        .join(EffectFollowUp, col(EffectFollowUp.effect_target_id) == EffectTarget.id)
        .where(col(EffectFollowUp.state).in_(("planned", "reported")))
    )
    assert dict(session.exec(query).all()) == {"P-045": "planned", "P-051": "reported", "P-019": "planned"}
    closed = select(Project.number).join(Placement, col(Placement.project_id) == Project.id)
    unmeasured = set(session.exec(closed.where(col(Placement.concluded_unmeasured))))
    assert "P-003" in unmeasured
    assert not unmeasured & {"P-045", "P-051", "P-019"}
