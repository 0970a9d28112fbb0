"""What the board may send to the management forum: rules on the open projects (domain.md R21, R104; 5B Q12, Q13, Q15).

The forum may not see closed projects, so nothing about one is found here, whoever reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.i18n import _, ngettext, show_date
from app.models.candidate import Source
from app.models.effect_target import Quality
from app.models.recommendation import Subject
from app.models.relation import RelationKind
from app.models.topic import Topic, TopicState
from app.tabs.candidate import About, Found, Reason, of_projects, sentences
from app.tabs.chain import ChainTab, OtherRelation
from app.tabs.effects import TargetRow
from app.tabs.link import Link, Point


def dependencies(links: Iterable[Link], projects: Mapping[str, tuple[int, About]]) -> list[Found]:
    """Links that collide, and decisions outside that nobody knows the date of; under the project that waits (R57).

    `projects` are those of the list, by number.
    """
    reasons: dict[str, list[str]] = defaultdict(list)
    for link in links:
        if not link.settled and (sentence := _waiting(link)):
            reasons[link.number].append(sentence)
    own = {number: each for number, each in projects.items() if number in reasons}
    return of_projects(
        Subject.forum,
        [Reason(key, Source.dependency, sentences(reasons[number])) for number, (key, _about) in own.items()],
        dict(own.values()),
    )


def _waiting(link: Link) -> str:
    if link.slack is not None and link.slack < 0:
        said = {"waits": link.waits.label, "first": _named(link.first), "days": -link.slack}
        text = ngettext(
            "»%(waits)s« waits for %(first)s, which comes %(days)s day too late",
            "»%(waits)s« waits for %(first)s, which comes %(days)s days too late",
            -link.slack,
        )
        return text % said
    if link.external and link.first.on is None:
        return _("Awaits %(first)s without a date") % {"first": _named(link.first)}
    return ""


def _named(point: Point) -> str:
    """»P-004 Byrumsplan, »Licitation«« or the name of who decides outside."""
    name = f"{point.number} {point.title}" if point.number else point.title
    return f"{name} (»{point.label}«)" if point.label else name


def conflicts(others: Iterable[OtherRelation]) -> list[Found]:
    """Projects that work against each other, with what both want to reach (5B Q13; finding 8)."""
    return [
        Found(
            Subject.forum,
            Source.goal_conflict,
            f"{each.number}-{each.other_number}",
            _("%(number)s and %(other_number)s work against each other")
            % {"number": each.number, "other_number": each.other_number},
            sentences([f"{each.title} – {each.other_title}", each.text, _aims(each)]),
        )
        for each in others
        if each.kind is RelationKind.goal_conflict
    ]


def _aims(each: OtherRelation) -> str:
    sides = ((each.number, each.aims), (each.other_number, each.other_aims))
    said = [
        _("%(number)s has the target »%(target)s« (%(way)s)")
        % {"number": number, "target": aims[0].name, "way": str(aims[0].direction).lower()}
        for number, aims in sides
        if aims
    ]
    return "; ".join(said)


def without_baseline(targets: Iterable[Sequence[TargetRow]]) -> list[Found]:
    """Half of the effect targets or more cannot be measured, because nobody knows where they began (finding 7, R79)."""
    effects = [row for rows in targets for row in rows if row.is_effect]
    lacking = sum(Quality.baseline in row.lacks for row in effects)
    if not effects or 2 * lacking < len(effects):
        return []
    said = {"n": lacking, "total": len(effects)}
    return [
        Found(
            Subject.forum,
            Source.effect,
            "baseline",
            _("Effect targets without a baseline"),
            sentences(
                [
                    _("%(n)s of %(total)s effect targets have no baseline") % said,
                    _("Nobody can tell how far they have come"),
                ]
            ),
        )
    ]


def without_outcome(topics: Iterable[Topic], day: date) -> list[Found]:
    """What was sent to the forum before a day and has come to nothing that anybody wrote down (5B Q15, 2C D11)."""
    return [
        Found(
            Subject.forum,
            Source.topic,
            topic.key,
            topic.title,
            sentences(
                [
                    _("Sent to the management forum on %(day)s, and no outcome is noted")
                    % {"day": show_date(topic.sent_on)},
                    _("It was asked: %(questions)s") % {"questions": " ".join(topic.questions)}
                    if topic.questions
                    else "",
                ]
            ),
            project_id=topic.project_id,
            number=topic.project.number if topic.project else None,
        )
        for topic in topics
        if topic.sent_on < day and topic.state is not TopicState.lapsed and not topic.outcome
    ]


def forum(
    chain: ChainTab,
    targets: Iterable[Sequence[TargetRow]],
    topics: Iterable[Topic],
    projects: Mapping[str, tuple[int, About]],
    meets_on: date,
) -> list[Found]:
    """Everything but the load: topics sent before a meeting, what collides, what conflicts, and targets that lack."""
    return [
        *dependencies(chain.links, projects),
        *conflicts(chain.others),
        *without_baseline(targets),
        *without_outcome(topics, meets_on),
    ]
