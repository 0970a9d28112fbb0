"""What depends on what, and where a delay lands: the chains of the list (domain.md R56, R57, R123, 5B Q12 and Q13)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel, Field
from sqlmodel import Session, col, or_, select

from app.i18n import _, parse_date, parse_number
from app.models import Milestone, Portfolio, Project, Relation
from app.models.base import columns
from app.models.milestone import MilestoneKind
from app.models.placement import on_list
from app.models.relation import RelationKind, with_both_sides
from app.tabs.delay import Move, Stop, Way, later, ripple, within
from app.tabs.filters import Option
from app.tabs.link import Aim, Link, Point, aims_of, days_between, end_of, link_of, milestone_point, start_of

LONGEST = 3650
"""Days; a longer delay than ten years is a typing error."""


class Chain(BaseModel):
    """Links that hang together, what must come first standing first."""

    projects: list[str]
    links: list[Link]


class OtherRelation(BaseModel):
    """A relation that is no link of a chain; of a conflict, what both projects want to reach."""

    kind: RelationKind
    number: str
    title: str
    other_number: str
    other_title: str
    text: str
    aims: list[Aim]
    other_aims: list[Aim]


class KnownDelay(BaseModel):
    """Something open that is overdue, or later than first promised, in whole days."""

    point: Point
    days_late: int
    days_moved: int


class Landing(BaseModel):
    """Something that moves: from `on`, so many days, to a date; and why."""

    point: Point
    days: int
    to: date
    why: str


class TimelineMilestone(BaseModel):
    point: Point
    kind: MilestoneKind


class TimelineRow(BaseModel):
    """A linked project and its milestones in the order of their dates."""

    number: str
    title: str
    starts_on: date | None
    planned_end_on: date | None
    milestones: list[TimelineMilestone]


class ChainQuestion(BaseModel):
    """What is asked: one project's chain; what if this were delayed, by days or to a date, as they were typed."""

    project: str = ""
    delayed: str = ""
    days: str = ""
    on: str = ""


class ChainTab(BaseModel):
    """The whole page. `landings` are those of the delay that is asked about, or of what is known today.

    `carried` says by link how many days of the delay it passes on; 0 where the slack absorbs all of it.
    """

    portfolio: str
    slug: str
    day: date
    question: ChainQuestion
    chains: list[Chain]
    others: list[OtherRelation]
    known: list[KnownDelay]
    asked: str
    days: int
    wrong: dict[str, str] = Field(exclude=True)
    landings: list[Landing]
    carried: dict[str, int]
    timeline: list[TimelineRow]
    projects: list[Option] = Field(exclude=True)
    delayable: list[Option] = Field(exclude=True)

    @property
    def links(self) -> list[Link]:
        return [link for chain in self.chains for link in chain.links]

    @property
    def collisions(self) -> list[Link]:
        return [link for link in self.links if link.collides]

    def moved_to(self, link: Link) -> date | None:
        """The day to which a link moves what waits."""
        days = self.carried.get(link.key, 0)
        return later(link.waits.on, days) if days and link.waits.on else None


def build_chain(session: Session, portfolio: Portfolio, question: ChainQuestion, day: date) -> ChainTab:
    """The page as the session's reader may see it on a day. Three queries, however many projects there are."""
    relations = _relations(session, portfolio, day)
    links = [link_of(relation, day) for relation in relations if relation.kind.waits]
    links = _around(links, question.project) if question.project else links
    chains = _chains(links)
    projects = _linked(relations, {number for chain in chains for number in chain.projects})
    timeline = _timeline(session, projects, day)
    network = _network(links, projects, timeline, day)
    delay = _asked(question, network)
    moves = ripple(network.ways, delay.starts)
    return ChainTab(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        day=day,
        question=question,
        chains=chains,
        others=_others(session, relations, question.project),
        known=_known(network),
        asked=delay.name,
        days=delay.days,
        wrong=delay.wrong,
        landings=_landings(network, moves, asked=bool(delay.name)),
        carried=_carried(network, moves, asked=bool(delay.name)),
        timeline=timeline,
        projects=[Option(value=each.number, label=str(each)) for each in _linked(relations, None)],
        delayable=_delayable(network, projects, links),
    )


def _relations(session: Session, portfolio: Portfolio, day: date) -> list[Relation]:
    """Every relation of today in which a project of the list stands, in the order of the projects."""
    listed = select(Project.id).where(on_list(portfolio.pk, day))
    query = (
        select(Relation)
        .where(or_(col(Relation.project_id).in_(listed), col(Relation.other_id).in_(listed)))
        .options(*with_both_sides())
    )
    found = [relation for relation in session.exec(query) if relation.applies_on(day)]
    return sorted(found, key=lambda relation: (_order(relation.project), relation.no))


def _order(project: Project) -> tuple[bool, int]:
    """Open projects before closed ones, as everywhere."""
    return project.closed, project.sequence


def _linked(relations: Iterable[Relation], numbers: Collection[str] | None) -> list[Project]:
    """The projects of the links, or only those with these numbers, in their order."""
    found = {
        project.number: project
        for relation in relations
        if relation.kind.waits
        for project in (relation.project, relation.other)
        if project and (numbers is None or project.number in numbers)
    }
    return sorted(found.values(), key=_order)


def _around(links: Sequence[Link], number: str) -> list[Link]:
    """The links that lead to a project and those that lead on from it; each project is visited once."""
    kept: set[int] = set()
    for here, there in (("waits", "first"), ("first", "waits")):
        seen, ahead = {number}, [number]
        while ahead:
            place = ahead.pop()
            for position, link in enumerate(links):
                if _end_of(link, here) == place:
                    kept.add(position)
                    if (onward := _end_of(link, there)) not in seen:
                        seen.add(onward)
                        ahead.append(onward)
    return [links[position] for position in sorted(kept)]


def _end_of(link: Link, side: str) -> str:
    """The project at one end of a link; what is decided outside leads nowhere."""
    return str((link.waits if side == "waits" else link.first).number)


def _chains(links: Sequence[Link]) -> list[Chain]:
    """The links that hang together, each chain in an order in which what must come first stands first."""
    chain_of: dict[str, set[str]] = {}
    for link in links:
        joined = set().union(*(chain_of.get(number, {number}) for number in link.projects))
        chain_of |= dict.fromkeys(joined, joined)
    found = {id(projects): projects for projects in chain_of.values()}
    return [_ordered(sorted(projects), links) for projects in sorted(found.values(), key=min)]


def _ordered(projects: Sequence[str], links: Sequence[Link]) -> Chain:
    """A chain with its projects and links in order. What stands in a circle follows in the order of the numbers."""
    own = [link for link in links if link.waits.number in projects]
    before = {number: {link.first.number for link in own if link.waits.number == number} for number in projects}
    order: list[str] = []
    while len(order) < len(projects):
        left = [number for number in projects if number not in order]
        ready = [number for number in left if not before[number] & set(left) - {number}]
        order += ready or left[:1]
    place = {number: position for position, number in enumerate(order)}
    return Chain(
        projects=order,
        links=sorted(own, key=lambda link: (link.settled, place[link.waits.number], place.get(link.first.number, -1))),
    )


def _timeline(session: Session, projects: Sequence[Project], day: date) -> list[TimelineRow]:
    """A row for each linked project, with what was not dropped."""
    by_key = {project.pk: project for project in projects}
    query = (
        columns(
            Milestone.project_id,
            Milestone.no,
            Milestone.text,
            Milestone.kind,
            Milestone.due_on,
            Milestone.precision,
            Milestone.baseline_on,
            Milestone.done_on,
            Milestone.dropped_on,
        )
        .where(col(Milestone.project_id).in_(by_key), col(Milestone.dropped_on).is_(None))
        .order_by(Milestone.due_on, Milestone.no)
    )
    milestones: dict[int, list[TimelineMilestone]] = defaultdict(list)
    for row in session.exec(query):
        point = milestone_point(by_key[row.project_id], row, day)
        milestones[row.project_id].append(TimelineMilestone(point=point, kind=row.kind))
    return [
        TimelineRow(
            number=project.number,
            title=project.title,
            starts_on=project.starts_on,
            planned_end_on=project.planned_end_on,
            milestones=milestones[project.pk],
        )
        for project in projects
    ]


@dataclass(frozen=True)
class Network:
    """Everything open that has a date, the ways on which a delay goes on, and the links that some of them are."""

    points: Mapping[str, Point]
    ways: Sequence[Way]
    links: Sequence[Link]


def _network(links: Sequence[Link], projects: Sequence[Project], timeline: Sequence[TimelineRow], day: date) -> Network:
    points: dict[str, Point] = {}
    ways: list[Way] = []
    for project, row in zip(projects, timeline, strict=True):
        starts = [start_of(project)] if project.starts_on and project.starts_on > day else []
        ranked = [
            *((0, each) for each in starts),
            *((1, each.point) for each in row.milestones),
            (2, end_of(project, day)),
        ]
        stops = [(rank, point) for rank, point in ranked if point.open and point.on]
        points |= {point.key: point for _rank, point in stops}
        ways += within([Stop(point.key, point.on, rank, point.days_late) for rank, point in stops if point.on])
    live = [link for link in links if link.slack is not None]
    points |= {link.first.key: link.first for link in live if not link.first.number}
    ways += [
        Way(link.first.key, link.waits.key, days_between(link.first.on, link.waits.on), position)
        for position, link in enumerate(live)
    ]
    return Network(points, ways, live)


@dataclass(frozen=True)
class Delay:
    """What is delayed, in days by key: what somebody asks about (`name`), or what is known today (no name)."""

    starts: Mapping[str, int]
    name: str = ""
    days: int = 0
    wrong: dict[str, str] = field(default_factory=dict)


def _asked(question: ChainQuestion, network: Network) -> Delay:
    """The delay that is asked about. What is overdue counts from today: so many days more."""
    wanted = question.delayed
    if not wanted:
        return Delay(_today(network))
    of_project = {key: point for key, point in network.points.items() if point.number == wanted}
    starts = {wanted: network.points[wanted]} if wanted in network.points else of_project
    if not starts:
        return Delay(_today(network), wrong={"delayed": _("Choose one of the options")})
    last = max(starts.values(), key=_stands_on)
    try:
        days = _typed_days(question, _stands_on(last))
    except _Wrong as wrong:
        return Delay(_today(network), wrong={wrong.name: wrong.sentence})
    name = _name(last) if wanted in network.points else f"{last.number} {last.title}"
    return Delay({key: point.days_late + days for key, point in starts.items()}, name, days)


def _stands_on(point: Point) -> date:
    """The day it can come at the earliest: its date, or today when that has passed."""
    return later(point.on or date.min, point.days_late)


class _Wrong(ValueError):
    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name, self.sentence = name, sentence


def _typed_days(question: ChainQuestion, stands_on: date) -> int:
    """The days that were typed, or those to the date that was typed."""
    if question.days.strip():
        try:
            days = parse_number(question.days)
        except ValueError:
            days = 0
        if days not in range(1, LONGEST + 1):
            raise _Wrong("days", _("Write a whole number of days from 1 to %(longest)s") % {"longest": LONGEST})
        return int(days)
    if not question.on.strip():
        raise _Wrong("days", _("Write a number of days, or a new date"))
    try:
        days = (parse_date(question.on) - stands_on).days
    except ValueError:
        raise _Wrong("on", _("Write the date as dd-mm-yyyy, for example 13-06-2022")) from None
    if days not in range(1, LONGEST + 1):
        raise _Wrong("on", _("Choose a date after the one it has now, at most ten years later"))
    return days


def _today(network: Network) -> dict[str, int]:
    """What is late today, and what must move because it collides with what comes first."""
    late = {key: point.days_late for key, point in network.points.items() if point.days_late}
    for link in network.links:
        if link.slack is not None and link.slack < 0:
            late[link.waits.key] = max(late.get(link.waits.key, 0), -link.slack)
    return late


def _landings(network: Network, moves: Mapping[str, Move], *, asked: bool) -> list[Landing]:
    """What moves, in the order of the days it moves to. What is known to be late today stands among what is known."""
    pushed = {} if asked else {link.waits.key: link for link in network.links if link.collides}
    place = {key: position for position, key in enumerate(network.points)}
    found = [
        Landing(
            point=network.points[key],
            days=move.days,
            to=later(network.points[key].on or date.min, move.days),
            why=_why(network, move, pushed.get(key)),
        )
        for key, move in moves.items()
        if asked or move.way or key in pushed
    ]
    return sorted(found, key=lambda landing: (landing.to, place[landing.point.key]))


def _carried(network: Network, moves: Mapping[str, Move], *, asked: bool) -> dict[str, int]:
    """The days that each link passes on; today a collision passes on all that it collides by."""
    found = {
        link.key: max(0, moves[link.first.key].days - max(0, days_between(link.first.on, link.waits.on)))
        for link in network.links
        if link.first.key in moves
    }
    if not asked:
        found |= {link.key: -link.slack for link in network.links if link.slack is not None and link.slack < 0}
    return found


def _why(network: Network, move: Move, pushed: Link | None) -> str:
    if move.way and move.way.link is None:
        return _("Comes after »%(label)s«") % {"label": network.points[move.way.first].label}
    link = network.links[move.way.link] if move.way and move.way.link is not None else pushed
    return _("Waits for %(first)s") % {"first": _name(link.first)} if link else _("Is itself delayed")


def _name(point: Point) -> str:
    return f"{point.number} · {point.label}" if point.number else point.title


def _known(network: Network) -> list[KnownDelay]:
    """What is open and overdue, or later than first promised; the longest overdue first."""
    found = [
        KnownDelay(point=point, days_late=point.days_late, days_moved=point.days_moved)
        for point in network.points.values()
        if point.days_late or point.days_moved > 0
    ]
    return sorted(found, key=lambda delay: (-delay.days_late, -delay.days_moved, delay.point.key))


def _delayable(network: Network, projects: Iterable[Project], links: Iterable[Link]) -> list[Option]:
    """What one can ask about: a whole project, what another waits for, a decision outside."""
    dated = {point.number for point in network.points.values()}
    whole = [Option(value=each.number, label=str(each)) for each in projects if each.number in dated]
    awaited = {link.first.key: link.first for link in links if link.first.key in network.points}
    single = [
        Option(value=point.key, label=f"{_name(point)} ({point.on_text})")
        for point in sorted(awaited.values(), key=lambda point: (not point.number, point.number, _stands_on(point)))
    ]
    return whole + single


def _others(session: Session, relations: Iterable[Relation], number: str) -> list[OtherRelation]:
    """The relations without an order in time, those that conflict first."""
    found = [each for each in relations if not each.kind.waits and each.other]
    if number:
        found = [each for each in found if number in (each.project.number, each.other and each.other.number)]
    conflicting = [each for each in found if each.kind is RelationKind.goal_conflict]
    aims = aims_of(session, {key for each in conflicting for key in (each.project_id, each.other_id) if key})
    order = {kind: position for position, kind in enumerate(OTHER_KINDS)}
    return [_other(each, aims) for each in sorted(found, key=lambda each: order[each.kind])]


OTHER_KINDS = (
    RelationKind.goal_conflict,
    RelationKind.shares_resource,
    RelationKind.replaces,
    RelationKind.springs_from,
)


def _other(relation: Relation, aims: Mapping[int, list[Aim]]) -> OtherRelation:
    conflict = relation.kind is RelationKind.goal_conflict
    return OtherRelation(
        kind=relation.kind,
        number=relation.project.number,
        title=relation.project.title,
        other_number=relation.other.number if relation.other else "",
        other_title=relation.other.title if relation.other else "",
        text=relation.text,
        aims=aims.get(relation.project_id, []) if conflict else [],
        other_aims=aims.get(relation.other_id or 0, []) if conflict else [],
    )
