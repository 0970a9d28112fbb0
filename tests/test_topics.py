"""Topics for the management forum: sent, put on an agenda, treated with tasks, and taken up again (R21, R104, J5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from sqlmodel import Session, select

from app.errors import DomainError
from app.models import EarlierTurn, Event, Meeting, Task, Topic, User
from app.models.agenda_item import AgendaItemForm, add_agenda_item
from app.models.decision import DecisionForm, DecisionVerb
from app.models.event import recorded
from app.models.meeting import MeetingBody, MeetingForm, MeetingState, plan_meeting
from app.models.minutes import Matter, decide
from app.models.task import TaskForm
from app.models.topic import Origin, OutcomeForm, TopicForm, TopicState, send, topic_by_key, topics_at
from app.models.topic_entry import origin_of, suggested
from app.models.visibility import read_as
from app.settings import now
from app.tabs.topic import forum_topic
from tests.conftest import one_database
from tests.small_list import TODAY, SmallList
from tests.test_state_machines import table

PAST, COMING = date(2022, 5, 2), date(2022, 6, 20)

STEPS = """
          put_on   take_off  move     treat    give_task  lapse   reopen
sent      planned  .         .        treated  sent       lapsed  .
planned   planned  sent      planned  treated  planned    lapsed  .
treated   planned  .         .        treated  treated    .       sent
lapsed    .        .         .        .        .          .       sent
"""
STEP = table(STEPS)


@dataclass
class Forum:
    """A list with a secretariat, a unit and two meetings of the management forum, one held in May."""

    made: SmallList
    by: User
    held: Meeting
    coming: Meeting
    task: TaskForm

    @property
    def session(self) -> Session:
        return self.made.session

    def meeting(self, day: date, body: MeetingBody = MeetingBody.management_forum) -> Meeting:
        made = plan_meeting(self.session, self.by, self.made.portfolio.pk, body, MeetingForm(held_on=day))
        made.round = None
        return made

    def topic(self, title: str = "Størrelsen af § 17.4-møder", origin: Origin | None = None) -> Topic:
        form = TopicForm(title=title, questions=["Hvem skal sidde der?"])
        return self.again(send(self.session, self.by, self.made.portfolio.pk, form, origin))

    def again(self, topic: Topic) -> Topic:
        """As a request of its own reads it."""
        self.session.flush()
        self.session.expire(topic)
        found = topic_by_key(self.session, self.made.portfolio.pk, topic.key)
        assert found
        return found

    def events(self) -> list[tuple[str, str]]:
        return [(each.subject, each.action) for each in recorded(self.session)]


@pytest.fixture
def forum(small: SmallList) -> Forum:
    user = small.add(User(email="sekretariat@lille.example", password_hash="-", roles=["secretariat"], person=None))
    unit = small.unit("BYC")
    task = TaskForm(text="Beskriv en mindre form", owner_unit_id=unit.pk, due_on=date(2022, 9, 1))
    found = Forum(small, user, None, None, task)  # type: ignore[arg-type] # given in the next two lines
    found.held, found.coming = found.meeting(PAST), found.meeting(COMING)
    return found


def outcome(day: date = PAST, **more: str) -> OutcomeForm:
    return OutcomeForm(treated_on=day, outcome="Udvalget bliver mindre.", **more)


def in_state(forum: Forum, state: str) -> Topic:
    topic = forum.topic()
    if state == "planned":
        other = forum.topic("Et andet emne")
        topic.put_on(forum.session, forum.by, forum.coming)
        other.put_on(forum.session, forum.by, forum.coming)
    if state == "treated":
        topic.put_on(forum.session, forum.by, forum.held)
        topic.treat(forum.session, forum.by, outcome(), forum.task)
    if state == "lapsed":
        topic.lapse(forum.session, forum.by, "Det er løst.")
    return forum.again(topic)


@pytest.mark.parametrize(("state", "action"), list(STEP))
@one_database
def test_each_step_of_a_topic_leads_where_the_table_says_and_leaves_one_event(
    state: str, action: str, forum: Forum
) -> None:
    topic, at, by = in_state(forum, state), forum.session, forum.by
    steps: dict[str, Callable[[], object]] = {
        "put_on": lambda: topic.put_on(at, by, forum.coming, 20),
        "take_off": lambda: topic.take_off(at, by),
        "move": lambda: topic.move(at, by, up=False),
        "treat": lambda: topic.treat(at, by, outcome(TODAY if state == "sent" else PAST), forum.task),
        "give_task": lambda: topic.give_task(at, by, forum.task),
        "lapse": lambda: topic.lapse(at, by, "Det er løst."),
        "reopen": lambda: topic.reopen(at, by, "Det er ikke løst."),
    }
    if (state, action) == ("planned", "treat"):
        topic.put_on(at, by, forum.held)
    before = forum.events()
    if not STEP[state, action]:
        with pytest.raises(DomainError, match="Det kan ikke lade sig gøre nu: emnet er"):
            steps[action]()
        assert topic.state == state
        assert forum.events() == before
        return
    steps[action]()
    assert topic.state == STEP[state, action]
    assert len(forum.events()) == len(before) + 1


@one_database
def test_a_decision_sends_a_topic_with_its_questions_on_the_day_of_its_meeting(forum: Forum) -> None:
    board = forum.meeting(PAST, MeetingBody.executive_board)
    project = forum.made.project("Taskforcen")
    form = DecisionForm(
        verb=DecisionVerb.decided,
        text="Belastningen drøftes i Chefforum",
        request="I hvilke fora sidder centercheferne?\nHvad kan lukkes?",
        no_follow_up="Chefforum drøfter det",
    )
    decision = decide(forum.session, None, board, Matter(project=project), form)
    forum.session.expire(decision)
    origin = origin_of(forum.session, forum.made.portfolio.pk, decision=decision.key)
    assert suggested(origin) == {
        "title": "Belastningen drøftes i Chefforum",
        "questions": ["I hvilke fora sidder centercheferne?", "Hvad kan lukkes?"],
    }
    topic = forum.topic(origin=origin)
    assert (topic.sent_on, topic.decision_id, topic.project_id) == (PAST, decision.pk, project.pk)
    last = recorded(forum.session)[-1]
    assert (last.action, last.project_id, last.after["questions"]) == ("sent", project.pk, ["Hvem skal sidde der?"])
    decision.annulled_at = now()
    assert forum_topic(forum.again(topic), TODAY).why == "Beslutningen 02-05-2022, som sendte emnet, er annulleret"
    with pytest.raises(DomainError, match="annulleret"):
        forum.topic(origin=origin)


@one_database
def test_an_outcome_leads_to_a_task_or_says_why_nothing_is_followed_up(forum: Forum) -> None:
    topic = forum.topic()
    topic.put_on(forum.session, forum.by, forum.held)
    assert topic.lacks_outcome(TODAY)
    with pytest.raises(DomainError, match="opgave"):
        topic.treat(forum.session, forum.by, outcome())
    with pytest.raises(DomainError, match="02-05-2022"):
        topic.treat(forum.session, forum.by, outcome(date(2022, 4, 1)), forum.task)
    topic.treat(forum.session, forum.by, outcome(no_follow_up="Det er drøftet færdigt"))
    topic = forum.again(topic)
    assert (topic.state, topic.tasks, topic.meeting_id) == (TopicState.treated, [], forum.held.pk)
    topic.treat(forum.session, forum.by, outcome(), forum.task)
    topic = forum.again(topic)
    [task] = topic.tasks
    assert (task.given_on, task.topic_id) == (PAST, topic.pk)
    assert forum.events()[-2:] == [("Topic", "treated"), ("Topic", "changed")]


@one_database
def test_the_same_topic_comes_back_at_a_later_meeting_and_remembers_what_was_said(forum: Forum) -> None:
    topic = forum.topic()
    topic.put_on(forum.session, forum.by, forum.held, 30)
    topic.treat(forum.session, forum.by, outcome(), forum.task)
    topic = forum.again(topic)
    topic.put_on(forum.session, forum.by, forum.coming, 15)
    topic = forum.again(topic)
    assert (topic.state, topic.meeting_id, topic.minutes, topic.outcome) == ("planned", forum.coming.pk, 15, "")
    [before] = topic.earlier
    assert (before.meeting_id, before.minutes, before.outcome) == (forum.held.pk, 30, "Udvalget bliver mindre.")
    assert before.returned_on == TODAY
    assert topics_at(forum.session, forum.held) == topics_at(forum.session, forum.coming) == [topic]
    assert len(topic.tasks) == 1


@one_database
def test_a_topic_moved_before_its_meeting_has_no_earlier_turn_but_one_that_was_not_reached_has(forum: Forum) -> None:
    later, topic = forum.meeting(date(2022, 9, 19)), forum.topic()
    topic.put_on(forum.session, forum.by, forum.coming)
    topic.put_on(forum.session, forum.by, later)
    assert forum.again(topic).earlier == []
    topic.put_on(forum.session, forum.by, forum.held)
    topic.take_off(forum.session, forum.by)
    topic = forum.again(topic)
    assert [(turn.meeting_id, turn.outcome) for turn in topic.earlier] == [(forum.held.pk, "")]
    assert topic.meeting_id is None


@one_database
def test_topics_change_places_and_the_log_does_not_say_how_many_there_are(forum: Forum) -> None:
    first, second, third = (forum.topic(f"Emne {no}") for no in (1, 2, 3))
    for topic in (first, second, third):
        topic.put_on(forum.session, forum.by, forum.coming)
    third.move(forum.session, forum.by, up=True)
    assert [topic.title for topic in (first, third, second)] == [
        topic.title for topic in sorted((first, second, third), key=lambda topic: topic.agenda_no or 0)
    ]
    with pytest.raises(DomainError, match="først"):
        first.move(forum.session, forum.by, up=True)
    last = recorded(forum.session)[-1]
    assert (last.action, last.before, last.after) == ("moved", {}, {})


@one_database
def test_only_a_planned_meeting_of_the_management_forum_has_topics_and_a_cancelled_one_loses_them(
    forum: Forum,
) -> None:
    topic = forum.topic()
    with pytest.raises(DomainError, match="Chefforum"):
        topic.put_on(forum.session, forum.by, forum.meeting(COMING, MeetingBody.executive_board))
    forum.held.state = MeetingState.held
    with pytest.raises(DomainError):
        topic.put_on(forum.session, forum.by, forum.held)
    topic.put_on(forum.session, forum.by, forum.coming)
    forum.coming.cancel(forum.session, forum.by)
    assert topic.forum is None
    assert not topic.lacks_outcome(date(2022, 7, 1))


@one_database
def test_a_topic_about_a_closed_project_and_its_past_are_not_there_for_others(forum: Forum) -> None:
    closed = forum.made.project("Hemmeligt", closed=True)
    topic = forum.topic("Om det hemmelige", Origin(project=closed))
    topic.put_on(forum.session, forum.by, forum.held)
    topic.treat(forum.session, forum.by, outcome(), forum.task)
    topic.reopen(forum.session, forum.by, "Der er nyt")
    forum.session.commit()
    assert {each.project_id for each in forum.session.exec(select(Event).where(Event.subject == "Topic"))} == {
        closed.pk
    }
    reader = User(email="laeser@lille.example", password_hash="-", roles=["chefforum"])
    read_as(forum.session, reader)
    assert topic_by_key(forum.session, forum.made.portfolio.pk, topic.key) is None
    assert topics_at(forum.session, forum.held) == []
    for kind in (EarlierTurn, Task):
        assert forum.session.exec(select(kind)).all() == []


@one_database
def test_a_topic_that_a_closed_item_sent_is_not_there_for_others_and_neither_are_its_tasks(forum: Forum) -> None:
    board = forum.meeting(PAST, MeetingBody.executive_board)
    item = add_agenda_item(forum.session, forum.by, board, AgendaItemForm(title="Køb af ejendom", closed=True))
    form = DecisionForm(verb=DecisionVerb.decided, text="Drøftes i Chefforum", no_follow_up="Chefforum drøfter det")
    decision = decide(forum.session, None, board, Matter(agenda_item=item), form)
    topic = forum.topic("Om købet", Origin(decision=decision))
    topic.give_task(forum.session, forum.by, forum.task)
    person = forum.made.person("Ansvarlig")
    topic.give_task(forum.session, forum.by, forum.task.model_copy(update={"owner_id": person.pk, "text": "Min"}))
    forum.session.commit()
    reader = User(email="laeser@lille.example", password_hash="-", roles=["reader"], person_id=person.pk)
    read_as(forum.session, reader)
    assert topic_by_key(forum.session, forum.made.portfolio.pk, topic.key) is None
    assert [task.text for task in forum.session.exec(select(Task))] == ["Min"]
    assert not forum.session.exec(select(Event).where(Event.subject == "Topic")).all()
