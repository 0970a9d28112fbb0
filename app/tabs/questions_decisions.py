"""Questions about decisions: what nobody has followed up, and what the management forum is to discuss (Q11, Q15).

An edition keeps neither tasks nor topics: they stand as they did on its day by their own dates.
"""

from collections.abc import Iterable
from datetime import date

from app.i18n import _, ngettext, show_date, show_number
from app.models import Candidate, Decision, Task, Topic
from app.models.decision import DecisionVerb
from app.tabs.answer import (
    Answer,
    AnswerTable,
    Cell,
    Column,
    Line,
    Tone,
    day,
    figure,
    lacking,
    lines,
    named,
    sentences,
    several,
    short,
    small,
    table,
    to_person,
    words,
)
from app.tabs.topic import ForumTopic, TopicTask, forum_topic


def unfollowed_decisions(
    tasks: Iterable[Task], decisions: list[Decision], slug: str, on: date, *, frozen: bool
) -> Answer:
    """Q11: which decisions nobody has followed up (2C D10, invariant I19). `frozen` says that an edition was asked.

    `slug` is that of the list, under which tasks are addressed.
    """
    open_then = [task for task in tasks if task.given_on <= on and not (task.ended_on and task.ended_on <= on)]
    overdue = [task for task in open_then if task.due_on < on]
    waiting = [task for task in open_then if task.due_on >= on]
    left = _left_alone([decision for decision in decisions if decision.meeting.held_on <= on], on)
    return Answer(
        sentence=sentences(_what_is_overdue(overdue, on), _what_is_left(left), _what_waits(waiting)),
        tables=[
            _tasks("overdue", _("Follow-ups that are overdue, the longest first"), overdue, slug, on),
            _decisions(left),
            _tasks("waiting", _("Follow-ups that are open and not due yet"), waiting, slug, on),
        ],
        missing=_from_dates(frozen=frozen),
    )


def _from_dates(*, frozen: bool) -> list[str]:
    told = _("The edition keeps no follow-ups and topics; they stand here as they did that day by their own dates.")
    return [told] if frozen else []


def _what_is_overdue(overdue: list[Task], on: date) -> str:
    if not overdue:
        return _("No follow-up of a decision is overdue.")
    told = ngettext("%(n)s follow-up is overdue", "%(n)s follow-ups are overdue", len(overdue)) % {"n": len(overdue)}
    ordered = sum(task.evaluation for task in overdue)
    among = ngettext(
        "among them %(n)s evaluation that was ordered", "among them %(n)s evaluations that were ordered", ordered
    ) % {"n": ordered}
    longest = _("longest »%(task)s« (%(days)s days)") % {
        "task": overdue[0].text,
        "days": show_number((on - overdue[0].due_on).days),
    }
    return f"{', '.join([told, among] if ordered else [told])}; {longest}."


def _what_is_left(left: list[tuple[Decision, str]]) -> str:
    if not left:
        return _("Every decision with a condition or a request has a follow-up.")
    told = ngettext("%(n)s decision has no follow-up.", "%(n)s decisions have no follow-up.", len(left))
    return told % {"n": len(left)}


def _what_waits(waiting: list[Task]) -> str:
    told = ngettext("%(n)s more is open and not due yet.", "%(n)s more are open and not due yet.", len(waiting))
    return told % {"n": len(waiting)} if waiting else ""


def _left_alone(decisions: list[Decision], on: date) -> list[tuple[Decision, str]]:
    """The decisions with a condition or a request and no task, and those deferred to a day that came and went."""
    found = []
    in_order = sorted(decisions, key=lambda decision: (decision.meeting.held_on, decision.pk))
    for place, decision in enumerate(in_order):
        if decision.needs_follow_up and not decision.tasks:
            reason = _("No follow-up, because %(reason)s") % {"reason": decision.no_follow_up}
            found.append((decision, reason if decision.no_follow_up else _("No follow-up, and no reason")))
        to = decision.deferred_to if decision.verb is DecisionVerb.deferred else None
        if to and to < on and not any(later.matter == decision.matter for later in in_order[place + 1 :]):
            found.append((decision, _("Deferred to %(day)s and not taken up since") % {"day": show_date(to)}))
    return found


def _tasks(key: str, title: str, tasks: Iterable[Task], slug: str, on: date) -> AnswerTable:
    return table(
        key,
        title,
        [
            Column(key="task", title=_("Follow-up"), wide=True),
            Column(key="decision", title=_("What was decided"), wide=True),
            Column(key="who", title=_("Responsible")),
            Column(key="due", title=_("Deadline")),
            Column(key="late", title=_("Days over"), figures=True),
        ],
        (
            [
                _task(task, slug),
                _given_by(task),
                _responsible(task),
                _due(task),
                figure((on - task.due_on).days) if task.due_on < on else several([]),
            ]
            for task in tasks
        ),
        empty=_("None."),
    )


def _task(task: Task, slug: str) -> Cell:
    ordered = small(_("Ordered evaluation")) if task.evaluation else []
    about = [short(task.project.number, task.project.title)] if task.project else []
    text = Line(text=task.text, address=f"/portfolios/{slug}/tasks/{task.key}", tone=Tone.strong)
    return Cell(lines=[text, *about, *ordered])


def _given_by(task: Task) -> Cell:
    if task.decision:
        return words(task.decision.sentence, str(task.decision.meeting))
    return words(task.topic.title, _("Management forum")) if task.topic else lacking()


def _responsible(task: Task) -> Cell:
    unit = task.owner_unit.code if task.owner_unit else ""
    if task.owner:
        return to_person(task.owner_id, task.owner.name, unit)
    return words(unit)


def _due(task: Task) -> Cell:
    window = _("earliest %(day)s") % {"day": show_date(task.due_from)} if task.due_from else ""
    first = _("first %(day)s") % {"day": show_date(task.first_due_on)} if task.first_due_on else ""
    return day(task.due_on, window, first)


def _decisions(left: Iterable[tuple[Decision, str]]) -> AnswerTable:
    return table(
        "left",
        _("Decisions without a follow-up"),
        [
            Column(key="decision", title=_("What was decided"), wide=True),
            Column(key="meeting", title=_("Meeting")),
            Column(key="project", title=_("Project"), wide=True),
            Column(key="asked", title=_("What was asked for"), wide=True),
            Column(key="why", title=_("What is missing"), wide=True),
        ],
        (
            [
                words(decision.sentence),
                words(str(decision.meeting)),
                several([short(decision.project.number, decision.project.title)] if decision.project else []),
                several(lines(decision.request)),
                Cell(lines=lines(reason, tone=Tone.missing)),
            ]
            for decision, reason in left
        ),
        empty=_("Every decision with a condition or a request has a follow-up."),
    )


def management_forum(topics: Iterable[Topic], unsent: list[Candidate], slug: str, on: date, *, frozen: bool) -> Answer:
    """Q15: what the management forum is to discuss, and what came of it last time (R21, R104).

    `unsent` are the discussions that the board may decide on at its next meeting; `slug` is that of the list.
    """
    known = [_as_of(forum_topic(topic, on), on) for topic in topics if topic.sent_on <= on]
    ahead = [topic for topic in known if not topic.been_up and not (topic.lapsed_on and topic.lapsed_on <= on)]
    ahead.sort(key=lambda topic: (topic.meeting_on or topic.due_on or date.max, topic.sent_on))
    behind = sorted((topic for topic in known if topic.been_up), key=_was_up, reverse=True)
    return Answer(
        sentence=sentences(_what_is_ahead(ahead), _what_came_of_it(behind, on)),
        tables=[_ahead(ahead, slug), _behind(behind, slug, on), *([_unsent(unsent)] if unsent else [])],
        missing=[*_from_dates(frozen=frozen), *_lacking(behind, ahead)],
    )


def _as_of(topic: ForumTopic, on: date) -> ForumTopic:
    """The topic without what was said of it after a day."""
    if topic.treated_on and topic.treated_on > on:
        over = topic.meeting_on is not None and topic.meeting_on < on
        topic = topic.model_copy(update={"outcome": "", "treated_on": None, "been_up": over})
    return topic


def _was_up(topic: ForumTopic) -> date:
    return topic.treated_on or topic.meeting_on or topic.sent_on


def _what_is_ahead(ahead: list[ForumTopic]) -> str:
    if not ahead:
        return _("No topic waits for the management forum.")
    told = ngettext(
        "%(n)s topic is to be discussed in the management forum: %(names)s.",
        "%(n)s topics are to be discussed in the management forum: %(names)s.",
        len(ahead),
    )
    names = (f"{topic.title} ({show_date(topic.meeting_on)})" if topic.meeting_on else topic.title for topic in ahead)
    return told % {"n": len(ahead), "names": named(names)}


def _what_came_of_it(behind: list[ForumTopic], on: date) -> str:
    if not behind:
        return _("No topic has been discussed yet.")
    last = behind[0]
    said = {"topic": last.title, "day": show_date(_was_up(last)), "outcome": last.outcome}
    if not last.outcome:
        told = _("Last time, on %(day)s, it was »%(topic)s«: no outcome has been taken down.")
    else:
        told = _("Last time, on %(day)s, it was »%(topic)s«: %(outcome)s")
    late = [task for topic in behind for task in topic.tasks if _is_late(task, on)]
    overdue = ngettext("%(n)s follow-up of it is overdue.", "%(n)s follow-ups of it are overdue.", len(late))
    return sentences(told % said, overdue % {"n": len(late)} if late else "")


def _is_late(task: TopicTask, on: date) -> bool:
    return task.due_on < on and not (task.ended_on and task.ended_on <= on)


def _ahead(ahead: Iterable[ForumTopic], slug: str) -> AnswerTable:
    return table(
        "ahead",
        _("Topics for the management forum"),
        [
            Column(key="topic", title=_("Topic"), wide=True),
            Column(key="questions", title=_("What was asked"), wide=True),
            Column(key="why", title=_("Why"), wide=True),
            Column(key="who", title=_("Responsible")),
            Column(key="meeting", title=_("Meeting")),
        ],
        (
            [
                _topic(topic, slug),
                several(lines(*topic.questions), ranked=True),
                words(topic.why),
                to_person(topic.owner_id, topic.owner),
                day(topic.meeting_on, _until(topic)) if topic.meeting_on else lacking(_("No meeting yet")),
            ]
            for topic in ahead
        ),
        empty=_("No topic waits for the management forum."),
    )


def _until(topic: ForumTopic) -> str:
    return _("by %(day)s") % {"day": show_date(topic.due_on)} if topic.due_on else ""


def _topic(topic: ForumTopic, slug: str) -> Cell:
    about = [short(topic.number, topic.project)] if topic.number else []
    title = Line(text=topic.title, address=f"/portfolios/{slug}/topics/{topic.key}", tone=Tone.strong)
    return Cell(lines=[title, *about])


def _behind(behind: Iterable[ForumTopic], slug: str, on: date) -> AnswerTable:
    return table(
        "behind",
        _("What has been discussed, and what came of it"),
        [
            Column(key="topic", title=_("Topic"), wide=True),
            Column(key="on", title=_("Discussed on")),
            Column(key="outcome", title=_("Outcome"), wide=True),
            Column(key="who", title=_("Responsible")),
            Column(key="tasks", title=_("Follow-up"), wide=True),
        ],
        (
            [
                _topic(topic, slug),
                day(_was_up(topic)),
                words(topic.outcome) if topic.outcome else lacking(_("No outcome has been taken down")),
                to_person(topic.owner_id, topic.owner),
                Cell(lines=[line for task in topic.tasks for line in _followed(task, on)])
                if topic.tasks
                else several([], topic.no_follow_up or "–"),
            ]
            for topic in behind
        ),
        empty=_("No topic has been discussed yet."),
    )


def _followed(task: TopicTask, on: date) -> list[Line]:
    ended = task.ended_on and task.ended_on <= on
    state = _("ended %(day)s") % {"day": show_date(task.ended_on)} if ended else ""
    due = _("by %(day)s") % {"day": show_date(task.due_on)}
    late = lines(_("Overdue"), tone=Tone.late) if _is_late(task, on) else []
    return [*lines(task.text), *small(" · ".join(filter(None, [task.owner, state or due]))), *late]


def _unsent(unsent: Iterable[Candidate]) -> AnswerTable:
    return table(
        "unsent",
        _("What the executive board may decide to send at its next meeting"),
        [Column(key="what", title=_("Topic"), wide=True), Column(key="why", title=_("Explanation"), wide=True)],
        ([words(each.title), several(lines(each.text))] for each in unsent),
    )


def _lacking(behind: Iterable[ForumTopic], ahead: Iterable[ForumTopic]) -> list[str]:
    told = []
    if silent := [topic.title for topic in behind if not topic.outcome]:
        said = ngettext(
            "Nobody has taken down what came of %(n)s topic: %(names)s.",
            "Nobody has taken down what came of %(n)s topics: %(names)s.",
            len(silent),
        )
        told.append(said % {"n": len(silent), "names": named(silent)})
    if homeless := [topic.title for topic in ahead if topic.meeting_on is None]:
        said = ngettext(
            "%(n)s topic is on no agenda: %(names)s.", "%(n)s topics are on no agenda: %(names)s.", len(homeless)
        )
        told.append(said % {"n": len(homeless), "names": named(homeless)})
    return told
