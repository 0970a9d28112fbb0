"""Chefforum: what it is to talk about next, what came out of last time, who carries most, and what it follows up.

Question Q15 of domain.md 5B; R21, R53, R104, 2C D11, 5A J5. Closed projects are kept out by the reader's own session.
"""

from datetime import date

from pydantic import BaseModel
from sqlmodel import Session

from app.models import Meeting, Portfolio
from app.models.meeting import MeetingState
from app.models.topic import TopicState, forum_meetings, topics_of
from app.models.topic_entry import candidates_for_forum, decisions_for_forum
from app.tabs.burden import Burden
from app.tabs.edition import burden_of
from app.tabs.filters import Filters
from app.tabs.load import MOST_LOADED, Level
from app.tabs.task_force import FollowedTaskForce, build_followed
from app.tabs.topic import AgendaTopic, ForumTopic, TopicTask, agenda_of, forum_topic


class ForumMeeting(BaseModel):
    """A meeting with its topics in order; `minutes` is what they are given together, of those that say it."""

    id: int
    held_on: date
    starts_at: str
    ends_at: str
    place: str
    topics: list[AgendaTopic]

    @property
    def minutes(self) -> int:
        return sum(topic.minutes or 0 for topic in self.topics)


class Unsent(BaseModel):
    """What is not a topic yet: a decision of the board that sends one, or what it is to decide on (then no day)."""

    key: str
    title: str
    decided_on: date | None


class Carrier(BaseModel):
    """One of the most loaded people, with the bodies that cause it; `change` is in points since the edition before."""

    id: int
    name: str
    points: float
    change: float | None
    level: Level
    bodies: list[str]


class ForumLoad(BaseModel):
    """What J5 asks of Belastning, in short; `before` names the edition that changes are counted from, if any."""

    before: str
    most_loaded: list[Carrier]
    whole_board: list[str]
    large_bodies: list[str]


class ManagementForum(BaseModel):
    """The whole page. `decided` are decisions that no topic has come of yet, `proposed` what the board may send."""

    portfolio: str
    slug: str
    day: date
    next_meeting: ForumMeeting | None
    last_meeting: ForumMeeting | None
    topics: list[ForumTopic]
    decided: list[Unsent]
    proposed: list[Unsent]
    load: ForumLoad
    task_forces: list[FollowedTaskForce]

    @property
    def without_outcome(self) -> list[ForumTopic]:
        """»Intet resultat noteret«: the meeting is over; the longest ago first."""
        found = [topic for topic in self.topics if topic.lacks_outcome]
        return sorted(found, key=lambda topic: topic.meeting_on or topic.sent_on)

    @property
    def without_meeting(self) -> list[ForumTopic]:
        """The topics that have waited longest first."""
        return sorted((topic for topic in self.topics if topic.lacks_meeting), key=lambda topic: topic.sent_on)

    @property
    def overdue_tasks(self) -> int:
        return sum(len(topic.overdue) for topic in self.topics)

    @property
    def open_tasks(self) -> list[TopicTask]:
        """What the management forum has asked for and that is not done, by deadline."""
        return sorted((task for topic in self.topics for task in topic.open_tasks), key=lambda task: task.due_on)

    @property
    def missing_follow_ups(self) -> list[FollowedTaskForce]:
        return [force for force in self.task_forces if force.overdue]


def build_management_forum(session: Session, portfolio: Portfolio, day: date) -> ManagementForum:
    """The page on a day, as today's list has it. A fixed number of queries, however many topics and projects."""
    topics = topics_of(session, portfolio.pk)
    meetings = forum_meetings(session, portfolio.pk)
    over = [each for each in meetings if each.state is MeetingState.held or each.held_on < day]
    to_come = [each for each in meetings if each not in over]

    def meeting(found: Meeting) -> ForumMeeting:
        facts = found.model_dump(include={"id", "held_on", "starts_at", "ends_at", "place"})
        return ForumMeeting(**facts, topics=agenda_of(topics, found.pk, day))

    sent_by = {topic.decision_id for topic in topics}
    taken_up = {topic.candidate_id for topic in topics}
    return ManagementForum(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        day=day,
        next_meeting=meeting(to_come[0]) if to_come else None,
        last_meeting=meeting(over[-1]) if over else None,
        topics=sorted((forum_topic(topic, day) for topic in topics), key=_urgency),
        decided=[
            Unsent(
                key=decision.key,
                title=decision.candidate.title if decision.candidate else decision.text or decision.sentence,
                decided_on=decision.meeting.held_on,
            )
            for decision in decisions_for_forum(session, portfolio.pk)
            if decision.pk not in sent_by
        ],
        proposed=[
            Unsent(key=candidate.key, title=candidate.title, decided_on=None)
            for candidate in candidates_for_forum(session, portfolio.pk)
            if candidate.pk not in taken_up
        ],
        load=_load(burden_of(session, portfolio, Filters())),
        task_forces=build_followed(session, portfolio, day),
    )


def _urgency(topic: ForumTopic) -> tuple[bool, int, int]:
    """What lacks an outcome first, then what is to come, then what has been said, the newest first in each."""
    order = [TopicState.planned, TopicState.sent, TopicState.treated, TopicState.lapsed]
    return not topic.lacks_outcome, order.index(topic.state), -(topic.treated_on or topic.sent_on).toordinal()


def _load(burden: Burden) -> ForumLoad:
    changes = {person.id: person.change for person in burden.people}
    return ForumLoad(
        before=burden.before,
        most_loaded=[
            Carrier(**loaded.model_dump(), change=changes[loaded.id]) for loaded in burden.most_loaded[:MOST_LOADED]
        ],
        whole_board=[body.name for body in burden.whole_board],
        large_bodies=[body.name for body in burden.large_bodies],
    )
