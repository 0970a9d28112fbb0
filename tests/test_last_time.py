"""»Det besluttede I sidst«: what the meetings before decided and what came of it, as the next meeting opens with it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from app.models import AgendaItem, Meeting, Topic
from app.models.decision import DecisionVerb
from app.models.meeting import MeetingBody, MeetingState
from app.models.recommendation import Recommendation, Subject, recommend
from app.models.reporting_round import ReportingRound, RoundState
from app.models.task import TaskState
from app.models.topic import TopicState
from app.tabs.last_time import LastTime, LastTimeLine, Outcome, build_last_time
from tests.conftest import one_database
from tests.decided import a_decision, a_meeting, a_task
from tests.small_list import SmallList

DAY = date(2022, 6, 13)
SPRING, AUTUMN = date(2022, 1, 31), date(2021, 6, 28)


class Board:
    """A list whose executive board met on a round in June 2021 and in January 2022, and meets again in June 2022."""

    def __init__(self, small: SmallList) -> None:
        self.small, self.session = small, small.session
        self.before = self.on_a_round("2021-06", AUTUMN)
        self.last = self.on_a_round("2022-01", SPRING)
        self.next = self.on_a_round("2022-06", date(2022, 6, 27), state=MeetingState.planned)

    def meeting(self, held_on: date, **more: Any) -> Meeting:
        return a_meeting(self.session, held_on, self.small.portfolio.pk, **more)

    def on_a_round(self, key: str, held_on: date, **more: Any) -> Meeting:
        days: dict[str, Any] = dict.fromkeys(("as_of", "opens_on", "leader_deadline_on", "owner_deadline_on"), held_on)
        round_ = ReportingRound(
            portfolio_id=self.small.portfolio.pk, key=key, name=key, state=RoundState.finished, **days
        )
        self.small.add(round_)
        return self.meeting(held_on, round_id=round_.pk, **more)

    def asked(self, meeting: Meeting) -> dict[Subject, Recommendation]:
        return {each.subject: each for each in recommend(self.session, meeting)}

    def last_time(self, meeting: Meeting | None = None, day: date = DAY) -> LastTime:
        return build_last_time(self.session, self.small.portfolio, meeting or self.next, day)

    def said(self) -> dict[str, tuple[Outcome, int]]:
        """What came of each thing that was given, by its words, or by what was decided on."""
        return {line.what or line.item: (line.outcome, line.days) for line in self.last_time().lines}


@pytest.fixture
def board(small: SmallList) -> Board:
    return Board(small)


def only(lines: list[LastTimeLine]) -> LastTimeLine:
    [line] = lines
    return line


@one_database
def test_what_was_ordered_and_is_overdue_comes_back_at_every_meeting_until_it_is_done(board: Board) -> None:
    ordered = board.meeting(date(2017, 1, 9))
    decision = a_decision(board.session, ordered, verb=DecisionVerb.approved_with, text="den evalueres.")
    owed = a_task(board.session, decision, ordered, date(2018, 1, 9), text="Evaluering af taskforce", evaluation=True)
    for meeting, day, days in ((board.last, SPRING, 1483), (board.next, DAY, 1616)):
        line = only(board.last_time(meeting, day).earlier)
        assert (line.held_on, line.what, line.evaluation) == (date(2017, 1, 9), "Evaluering af taskforce", True)
        assert (line.outcome, line.days) == (Outcome.late, days)
    owed.state, owed.ended_on, owed.evidence = TaskState.done, date(2022, 5, 2), "Evalueret på mødet."
    board.session.flush()
    line = only(board.last_time().earlier)
    assert (line.outcome, line.ended_on, line.said) == (Outcome.done, date(2022, 5, 2), "Evalueret på mødet.")
    assert (board.last_time().done, board.last_time().late) == (1, 0)
    later = board.meeting(date(2023, 1, 30))
    assert board.last_time(later, date(2023, 1, 16)).earlier == []
    then = only(board.last_time(board.last, SPRING).earlier)
    assert then.outcome is Outcome.late  # as it stood when that meeting was held


@one_database
def test_each_thing_that_was_decided_says_what_came_of_it(board: Board, small: SmallList) -> None:
    asked = board.asked(board.last)
    decided = {
        subject: a_decision(board.session, board.last, verb=verb, recommendation_id=asked[subject].pk)
        for subject, verb in (
            (Subject.attention, DecisionVerb.discussed),
            (Subject.listing, DecisionVerb.decided),
            (Subject.removal, DecisionVerb.noted),
        )
    }
    decided[Subject.removal].no_follow_up = "Centret gør det selv"
    person = small.person("Anders Ravn")
    for text, due_on, more in (
        ("For sent", date(2022, 4, 18), {"owner_id": person.pk}),
        ("Gjort", date(2022, 4, 1), {"state": TaskState.done, "ended_on": date(2022, 3, 1), "evidence": "Optaget"}),
        ("Bortfaldet", date(2022, 4, 2), {"state": TaskState.lapsed, "ended_on": date(2022, 3, 2)}),
        ("Senere", date(2022, 7, 1), {}),
    ):
        a_task(board.session, decided[Subject.attention], board.last, due_on, text=text, **more)
    assert board.said() == {
        "For sent": (Outcome.late, 56),
        "Gjort": (Outcome.done, 0),
        "Bortfaldet": (Outcome.lapsed, 0),
        "Senere": (Outcome.not_due, 18),
        f"2. {Subject.listing}": (Outcome.nothing_asked, 0),
        f"3. {Subject.removal}": (Outcome.no_follow_up, 0),
        f"4. {Subject.forum}": (Outcome.not_decided, 0),
    }
    found = board.last_time()
    assert (found.previous_on, found.decisions, found.done, found.late, found.undecided) == (SPRING, 3, 1, 1, 1)
    assert [line.item[:1] for line in found.last] == ["1", "1", "1", "1", "2", "3", "4"]
    late = next(line for line in found.last if line.what == "For sent")
    assert (late.who, late.due_on) == ("Anders Ravn", date(2022, 4, 18))


@one_database
def test_a_condition_without_a_task_is_said_to_lack_one(board: Board) -> None:
    a_decision(board.session, board.last, verb=DecisionVerb.approved_with, text="prisen holder.")
    line = only(board.last_time().last)
    assert line.outcome is Outcome.lacking
    assert "prisen holder." in line.sentence


@one_database
def test_what_was_deferred_comes_back_until_it_is_taken_up(board: Board) -> None:
    item = board.small.add(AgendaItem(meeting_id=board.before.pk, no=5, title="Budgetproces"))
    a_decision(
        board.session,
        board.before,
        verb=DecisionVerb.deferred,
        deferred_to=date(2021, 8, 30),
        agenda_item_id=item.pk,
    )
    line = only(board.last_time().earlier)
    assert (line.item, line.outcome, line.days) == ("Punkt 5: Budgetproces", Outcome.late, 287)
    a_decision(board.session, board.before, text="Noget andet.", agenda_item_id=item.pk)  # the same day: no answer
    again = board.meeting(date(2022, 2, 7))
    a_decision(board.session, again, text="Processen følges.", agenda_item_id=item.pk)
    found = board.last_time()
    assert [line.sentence for line in found.last] == ["Besluttet. Processen følges."]
    taken_up = only(found.earlier)
    assert (taken_up.outcome, taken_up.ended_on) == (Outcome.taken_up, date(2022, 2, 7))
    assert taken_up.said == "Besluttet. Processen følges."


@one_database
def test_a_topic_for_the_management_forum_without_an_outcome_is_not_done(board: Board, small: SmallList) -> None:
    decision = a_decision(board.session, board.last)
    topic = small.add(
        Topic(
            portfolio_id=small.portfolio.pk,
            decision_id=decision.pk,
            title="Størrelsen af møderne",
            owner_unit_id=small.unit("FKC").pk,
            sent_on=SPRING,
            due_on=date(2022, 5, 15),
        )
    )
    assert board.said() == {"Størrelsen af møderne": (Outcome.late, 29)}
    forum = board.meeting(date(2022, 5, 15), body=MeetingBody.management_forum)
    topic.state, topic.meeting, topic.meeting_id = TopicState.planned, forum, forum.pk
    board.session.flush()
    assert board.said() == {"Størrelsen af møderne": (Outcome.no_outcome, 0)}
    topic.state, topic.treated_on = TopicState.treated, date(2022, 5, 15)
    board.session.flush()
    assert board.said() == {"Størrelsen af møderne": (Outcome.no_outcome, 0)}
    topic.outcome = "Færre skal med."
    board.session.flush()
    line = only(board.last_time().last)
    assert (line.outcome, line.who, line.said) == (Outcome.treated, "FKC", "Færre skal med.")
    task = a_task(board.session, decision, forum, date(2022, 6, 1), text="Skær ned", topic_id=topic.pk)
    task.decision_id = None
    board.session.flush()
    assert board.said() == {
        "Størrelsen af møderne": (Outcome.treated, 0),
        "Skær ned": (Outcome.late, 12),
    }


@one_database
def test_the_management_forum_opens_with_what_came_of_its_topics(board: Board, small: SmallList) -> None:
    first = board.meeting(date(2022, 2, 1), body=MeetingBody.management_forum)
    last = board.meeting(date(2022, 5, 15), body=MeetingBody.management_forum)
    said: list[tuple[str, Meeting, dict[str, Any]]] = [
        ("Fora", first, {"outcome": "Der tegnes et kort."}),
        ("Møder", last, {"outcome": "Færre skal med.", "no_follow_up": "Centrene gør det"}),
        ("Tomt", last, {}),
    ]
    topics = {
        title: small.add(
            Topic(portfolio_id=small.portfolio.pk, title=title, sent_on=SPRING, meeting_id=meeting.pk, **more)
        )
        for title, meeting, more in said
    }
    task = a_task(board.session, a_decision(board.session, first), first, date(2022, 6, 1), text="Tegn kortet")
    task.decision_id, task.topic_id = None, topics["Fora"].pk
    board.session.flush()
    forum = board.meeting(date(2022, 6, 23), body=MeetingBody.management_forum, state=MeetingState.planned)
    found = board.last_time(forum)
    assert [(line.item, line.outcome) for line in found.last] == [
        ("Møder", Outcome.no_follow_up),
        ("Tomt", Outcome.no_outcome),
    ]
    line = only(found.earlier)
    assert (line.item, line.what, line.outcome, line.days) == ("Fora", "Tegn kortet", Outcome.late, 12)
    assert board.last_time().lines == []


@one_database
def test_annulled_decisions_cancelled_meetings_and_the_other_body_are_not_part_of_it(board: Board) -> None:
    for held_on, more in (
        (date(2022, 2, 1), {"state": MeetingState.cancelled}),
        (date(2022, 2, 2), {"body": MeetingBody.management_forum}),
    ):
        meeting = board.meeting(held_on, **more)
        a_task(board.session, a_decision(board.session, meeting), meeting, date(2022, 3, 1))
    wrong = a_decision(board.session, board.last)
    a_task(board.session, wrong, board.last, date(2022, 3, 1))
    wrong.annulled_at = wrong.recorded_at
    board.session.flush()
    assert board.last_time().lines == []
    forum = board.meeting(date(2022, 6, 23), body=MeetingBody.management_forum, state=MeetingState.planned)
    assert only(board.last_time(forum).last).held_on == date(2022, 2, 2)


@one_database
def test_the_first_meeting_has_nothing_before_it(board: Board) -> None:
    first = board.meeting(date(2014, 1, 6))
    assert (board.last_time(first).previous_id, board.last_time(first).lines) == (None, [])


@one_database
def test_it_asks_as_much_for_many_decisions_as_for_few(board: Board, small: SmallList) -> None:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    def asked() -> int:
        found.clear()
        small.session.flush()
        meeting = board.next
        event.listen(small.session.get_bind(), "before_cursor_execute", note)
        board.last_time(meeting)
        event.remove(small.session.get_bind(), "before_cursor_execute", note)
        return len(found)

    item = small.add(AgendaItem(meeting_id=board.before.pk, no=1, title="Punkt"))

    def decide() -> None:
        decision = a_decision(board.session, board.last, agenda_item_id=item.pk)
        a_task(board.session, decision, board.last, date(2022, 3, 1))
        a_decision(board.session, board.before, verb=DecisionVerb.deferred, deferred_to=AUTUMN, agenda_item_id=item.pk)

    decide()
    few = asked()
    for _time in range(30):
        decide()
    assert asked() == few <= 8
