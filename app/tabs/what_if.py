"""Hvad nu hvis? What some changes would do to who carries the list (domain.md J5, R33-R36, R126, 4F).

Nothing is saved and the list stays as it is: before and after are two Belastning tabs, made by the same function out of
the facts and out of the changed facts. Every figure here stands on one of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date
from itertools import combinations
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field
from sqlmodel import Session, col

from app.errors import DomainError
from app.i18n import _, danish_order
from app.models import Person, Portfolio, Proposal, ReportingRound, Unit
from app.models.base import columns
from app.models.body import BodyType
from app.models.proposal import scenario_proposals_to
from app.models.scenario import ChangeKeys, Scenario, ScenarioChangeKind
from app.models.seat import Attendance
from app.tabs.burden import Burden, assemble_burden
from app.tabs.burden_bodies import BodyBurden
from app.tabs.burden_facts import BurdenFacts, belongings_of, read_burden
from app.tabs.filters import Filters, projects_beside_list
from app.tabs.load import SHARED, BodySize, Level
from app.tabs.mark import mark_now
from app.tabs.what_if_change import (
    LONGEST,
    Change,
    Employee,
    Unknown,
    WhatIfFacts,
    apply,
    board_relief,
    body_at,
    parse,
    place_in,
    seat_words,
    titled,
    what_if_query,
)

MOST_CHANGES = 40
"""An address holds no more changes than this."""

GONE = "?"
"""What a saved change names and is no longer there."""

NOT_OURS_TO_MERGE = (BodyType.committee_17_4, BodyType.political_committee)
"""Set up by the city council: it may merge them, and a person may try, but the page does not suggest it."""

FigureT = TypeVar("FigureT")


class BeforeAfter(BaseModel, Generic[FigureT]):
    """A figure today and after the changes; None stands for what is unknown, or not there."""

    before: FigureT
    after: FigureT

    @property
    def differs(self) -> bool:
        return self.before != self.after


class ChangeLine(BaseModel):
    """A change that holds: as it stands in the address, in words, and the address's query without it."""

    token: str
    verb: str
    words: str
    without: str


class PersonShift(BaseModel):
    """Somebody whose load changes: seats, chair and owner seats, points, and meetings a year of the bodies that say.

    `bodies_without_meetings` have not said how often they meet.
    """

    id: int
    name: str
    unit: str
    seats: BeforeAfter[int]
    chairs: BeforeAfter[int]
    points: BeforeAfter[float]
    meetings: BeforeAfter[int]
    bodies_without_meetings: BeforeAfter[int]
    level: BeforeAfter[Level]


class UnitShift(BaseModel):
    """A unit that carries something else afterwards: seats of its people, and key persons."""

    code: str
    seats: BeforeAfter[int]
    key_persons: BeforeAfter[int]


class BodyShift(BaseModel):
    """A body that the changes touch. None where it is not there; meetings and attendances also when it has not said.

    `attendances` are meetings a year times the municipality's own fixed members. Its `key` is never shown.
    """

    key: int = Field(exclude=True)
    name: str
    there: BeforeAfter[bool]
    fixed_members: BeforeAfter[int | None]
    directors: BeforeAfter[int | None]
    whole_board: BeforeAfter[bool]
    size: BeforeAfter[BodySize | None]
    meetings: BeforeAfter[int | None]
    attendances: BeforeAfter[int | None]


class Sums(BaseModel):
    """The whole list before and after. `attendances` are of the bodies that have said how often they meet."""

    projects: BeforeAfter[int]
    bodies: BeforeAfter[int]
    seats: BeforeAfter[int]
    attendances: BeforeAfter[int]
    bodies_without_meetings: BeforeAfter[int]
    high: BeforeAfter[int]
    watch: BeforeAfter[int]
    whole_board: BeforeAfter[int]


class WhatIf(BaseModel):
    """The whole answer. `left_out` are sentences about changes that cannot be."""

    portfolio: str
    slug: str
    day: date
    query: str
    changes: list[ChangeLine]
    left_out: list[str]
    merges: bool
    sums: Sums
    people: list[PersonShift]
    units: list[UnitShift]
    bodies: list[BodyShift]

    @property
    def tokens(self) -> list[str]:
        return [change.token for change in self.changes]


class Suggestion(BaseModel):
    """A what-if that is ready to be looked at."""

    words: str
    tokens: list[str]

    @property
    def query(self) -> str:
        return what_if_query(self.tokens)


def suggestions(facts: BurdenFacts) -> list[Suggestion]:
    """What is worth trying, out of the facts: one director where the whole board sits, and one body out of two."""
    found = []
    for key, (body, _of) in facts.served.items():
        fixed = {seat.person_id for seat in facts.seats if (seat.body_id, seat.attendance) == (key, Attendance.fixed)}
        if len(facts.directors) > 1 and fixed >= set(facts.directors):
            words = _("%(body)s: only one director has a fixed seat, the others come when needed")
            found.append(Suggestion(words=words % {"body": body.label}, tokens=board_relief(facts, key)))
    if pair := _pair(facts):
        one, other = (facts.served[key][0] for key in pair)
        merge = Change(kind=ScenarioChangeKind.merge, body=place_in(facts, one.id), into=place_in(facts, other.id))
        words = _("Merge %(body)s into %(into)s") % {"body": one.label, "into": other.label}
        found.append(Suggestion(words=words, tokens=[merge.token]))
    return found


def _pair(facts: BurdenFacts) -> tuple[int, int] | None:
    """The two bodies that share most of the municipality's own, the smaller one first."""
    seated: dict[int, set[int]] = defaultdict(set)
    for seat in facts.seats:
        if not seat.external and facts.served[seat.body_id][0].type not in NOT_OURS_TO_MERGE:
            seated[seat.body_id].add(seat.person_id)
    order = sorted(seated, key=lambda key: (len(seated[key]), danish_order(facts.served[key][0].name)))
    pairs = [(len(seated[one] & seated[other]), one, other) for one, other in combinations(order, 2)]
    shared, one, other = max(pairs, key=lambda pair: pair[0], default=(0, 0, 0))
    return (one, other) if shared >= SHARED else None


def read_what_if(
    session: Session, portfolio: Portfolio, tokens: Iterable[str], day: date, also: Collection[int | None] = ()
) -> WhatIfFacts:
    """The facts that some changes need, as the session's reader may see them; `also` are keys of projects to add.

    Belastning's queries and two more, however many projects there are; another eight when a project is to be added.
    """
    named = {change.project for change in map(parse, tokens) if change}
    employees = (
        columns(
            Person.id,
            Person.name,
            Person.title,
            Person.director,
            col(Unit.code).label("unit"),
            col(Unit.name).label("unit_name"),
        )
        .outerjoin(Unit, col(Unit.id) == Person.unit_id)
        .where(col(Person.active), col(Person.external).is_(False))
    )
    people = [Employee.model_construct(**row._asdict()) for row in session.exec(employees)]
    burden = read_burden(session, portfolio, day)
    beside = projects_beside_list(session, portfolio.pk, day)
    only = [project.id for project in beside if project.number in named or project.id in also]
    return WhatIfFacts.model_construct(
        burden=burden,
        people={person.id: person for person in sorted(people, key=lambda person: danish_order(person.name))},
        beside=BurdenFacts.model_construct(
            heading=burden.heading,
            projects=beside,
            marks={project.id: mark_now(project.phase, ()) for project in beside},
            directors=burden.directors,
            **(belongings_of(session, only, day) if only else _NOTHING),
        ),
        numbers={project.number: project.id for project in (*burden.projects, *beside)},
    )


_NOTHING: dict[str, Any] = {
    "served": {},
    "seats": [],
    "empty_chairs": [],
    "key_persons": {},
    "staffing": {},
    "funding": {},
}


def build_what_if(session: Session, portfolio: Portfolio, tokens: Iterable[str], day: date) -> WhatIf:
    """The what-if as the session's reader may see it on a day."""
    tokens = list(tokens)
    return what_if(read_what_if(session, portfolio, tokens, day), tokens)


def what_if(facts: WhatIfFacts, tokens: Iterable[str]) -> WhatIf:
    """What some changes would do, out of the facts. Those that cannot be are left out, with a sentence each."""
    after, lines, left_out = try_all(facts, tokens)
    today, then = (assemble_burden(each.burden, Filters(), None) for each in (facts, after))
    return WhatIf(
        portfolio=today.portfolio,
        slug=today.slug,
        day=today.day,
        query=what_if_query(line.token for line in lines),
        changes=lines,
        left_out=left_out,
        merges=any(line.token.startswith("merge:") for line in lines),
        sums=_sums(today, then),
        people=_people(today, then),
        units=_units(today, then),
        bodies=_bodies(facts.burden, after.burden, today, then),
    )


def try_all(facts: WhatIfFacts, tokens: Iterable[str]) -> tuple[WhatIfFacts, list[ChangeLine], list[str]]:
    """The facts after the changes that hold, those changes in words, and sentences about the others."""
    held: list[tuple[str, str, str]] = []
    left_out: list[str] = []
    for token in dict.fromkeys(tokens):
        change = parse(token)
        try:
            if change is None:
                raise Unknown("")
            if len(held) == MOST_CHANGES:
                raise DomainError(_("A what-if holds at most %(most)s changes.") % {"most": MOST_CHANGES})
            facts, described = apply(facts, change)
            held.append((change.token, described.verb, described.words))
        except Unknown:
            left_out.append(_("The change »%(change)s« does not exist (any more).") % {"change": token[:LONGEST]})
        except DomainError as no:
            left_out.append(no.message)
    all_of_them = [token for token, _verb, _words in held]
    lines = [
        ChangeLine(
            token=token, verb=verb, words=words, without=what_if_query(each for each in all_of_them if each != token)
        )
        for token, verb, words in held
    ]
    return facts, lines, list(dict.fromkeys(left_out))


Offered = dict[str, list[tuple[str, str]]]


def offered(facts: WhatIfFacts) -> dict[ScenarioChangeKind, Offered]:
    """What each kind of change can choose between, as value and label by field: what is there after the changes."""
    bodies = {key: (place_in(facts.burden, key), body) for key, (body, _of) in facts.burden.served.items()}
    by_name = sorted(bodies.values(), key=lambda body: danish_order(body[1].name))
    places = [(place, body.name) for place, body in by_name]
    seats = [
        (
            f"{seat.person_id}:{bodies[seat.body_id][0]}",
            f"{seat.name}, {bodies[seat.body_id][1].label}: {seat_words(seat)}",
        )
        for seat in sorted(facts.burden.seats, key=lambda seat: danish_order(seat.name))
        if not seat.external
    ]
    people = [
        (str(person.id), ", ".join(filter(None, (person.name, person.title)))) for person in facts.people.values()
    ]
    here, beside = (
        [(project.number, titled(project)) for project in projects]
        for projects in (facts.burden.projects, facts.beside.projects)
    )
    listed = {number for number, _title in here}
    return {
        ScenarioChangeKind.change_seat: {"seat": seats},
        ScenarioChangeKind.remove_seat: {"seat": seats},
        ScenarioChangeKind.add_seat: {"person": people, "body": places},
        ScenarioChangeKind.merge: {"body": places, "into": places},
        ScenarioChangeKind.remove_project: {"project": here},
        ScenarioChangeKind.add_project: {"project": [each for each in beside if each[0] not in listed]},
    }


def keys_of(facts: WhatIfFacts, tokens: Iterable[str]) -> list[ChangeKeys]:
    """The changes as a scenario keeps them, by key: numbers change when a project becomes closed, keys do not."""
    rows = []
    for change in filter(None, map(parse, tokens)):
        body, into = body_at(facts, change.body), body_at(facts, change.into)
        facts, _words = apply(facts, change)
        rows.append(
            ChangeKeys(
                kind=change.kind,
                project_id=facts.numbers.get(change.project),
                body_id=body.id if body else None,
                into_id=into.id if into else None,
                person_id=change.person,
                function=change.function,
                attendance=change.attendance,
            )
        )
    return rows


def tokens_of(facts: WhatIfFacts, rows: Iterable[ChangeKeys]) -> list[str]:
    """A scenario's changes as they stand in an address today. What is no longer there has »?« in its place."""
    numbers = {key: number for number, key in facts.numbers.items()}
    places = {key: place_in(burden, key) for burden in (facts.beside, facts.burden) for key in burden.served}
    return [
        Change(
            kind=row.kind,
            project=numbers.get(row.project_id or 0, GONE),
            person=row.person_id,
            body=places.get(row.body_id or 0, GONE),
            into=places.get(row.into_id or 0, GONE),
            function=row.function,
            attendance=row.attendance,
        ).token
        for row in rows
    ]


def what_if_of(session: Session, portfolio: Portfolio, scenarios: list[Scenario], day: date) -> list[WhatIf]:
    """What each of some scenarios would do to the list of a day, read once. They come with their changes."""
    added = [row.project_id for scenario in scenarios for row in scenario.changes]
    facts = read_what_if(session, portfolio, (), day, also=added)
    return [what_if(facts, tokens_of(facts, scenario.changes)) for scenario in scenarios]


def proposals_with_effect(
    session: Session, portfolio: Portfolio, round_: ReportingRound, day: date
) -> list[tuple[Proposal, WhatIf]]:
    """The proposals that stand for a round's meeting, each with what it would do to the list of a day."""
    found = scenario_proposals_to(session, round_)
    if not found:
        return []
    effects = what_if_of(session, portfolio, [proposal.scenario for proposal in found if proposal.scenario], day)
    return list(zip(found, effects, strict=True))


def _both(before: Burden, after: Burden, of: Callable[[Burden], FigureT]) -> BeforeAfter[FigureT]:
    return BeforeAfter(before=of(before), after=of(after))


def _sums(before: Burden, after: Burden) -> Sums:
    return Sums(
        projects=_both(before, after, lambda tab: tab.total),
        bodies=_both(before, after, lambda tab: tab.bodies_total),
        seats=_both(before, after, lambda tab: sum(person.seats for person in tab.people)),
        attendances=_both(before, after, lambda tab: sum(body.attendances or 0 for body in tab.bodies)),
        bodies_without_meetings=_both(before, after, lambda tab: sum(body.meetings is None for body in tab.bodies)),
        high=_both(before, after, lambda tab: tab.levels[Level.high]),
        watch=_both(before, after, lambda tab: tab.levels[Level.watch]),
        whole_board=_both(before, after, lambda tab: len(tab.whole_board)),
    )


OF_A_PERSON = ("seats", "chairs", "points", "meetings", "bodies_without_meetings")


def _people(before: Burden, after: Burden) -> list[PersonShift]:
    """Everybody whose load changes, the one who is spared most first. Who has no seat carries nothing."""
    then, now = ({person.id: person for person in tab.people} for tab in (before, after))
    found = []
    for key in then.keys() | now.keys():
        one, other = then.get(key), now.get(key)
        figures = {
            name: BeforeAfter(before=getattr(one, name, 0), after=getattr(other, name, 0)) for name in OF_A_PERSON
        }
        level = BeforeAfter(before=getattr(one, "level", Level.normal), after=getattr(other, "level", Level.normal))
        known = other or one
        if known and any(figure.differs for figure in figures.values()):
            found.append(PersonShift(id=key, name=known.name, unit=known.unit, level=level, **figures))
    return sorted(
        found,
        key=lambda person: (
            *(getattr(person, name).after - getattr(person, name).before for name in ("points", "seats", "meetings")),
            danish_order(person.name),
        ),
    )


def _units(before: Burden, after: Burden) -> list[UnitShift]:
    """Every unit that carries something else afterwards, in the order in which it carries today."""
    then, now = ({unit.code: unit for unit in tab.units_carrying} for tab in (before, after))
    shifts = [
        UnitShift(
            code=code,
            seats=BeforeAfter(before=getattr(then.get(code), "seats", 0), after=getattr(now.get(code), "seats", 0)),
            key_persons=BeforeAfter(
                before=getattr(then.get(code), "key_persons", 0), after=getattr(now.get(code), "key_persons", 0)
            ),
        )
        for code in dict.fromkeys([*then, *now])
    ]
    return [shift for shift in shifts if shift.seats.differs or shift.key_persons.differs]


def _bodies(facts: BurdenFacts, changed: BurdenFacts, before: Burden, after: Burden) -> list[BodyShift]:
    """Every body in which somebody sits otherwise, or that comes or goes, in the order in which it stands today."""
    then, now = _by_key(facts, before), _by_key(changed, after)
    return [
        _body(key, then.get(key), now.get(key))
        for key in dict.fromkeys([*then, *now])
        if _compared(then.get(key)) != _compared(now.get(key))
    ]


def _by_key(facts: BurdenFacts, tab: Burden) -> dict[int, BodyBurden]:
    """The bodies of a tab by their keys, in the order of the tab."""
    keys = {place_in(facts, key): key for key in facts.served}
    return {keys[body.place]: body for body in tab.bodies}


def _compared(body: BodyBurden | None) -> Any:
    """What makes a body another one. Which projects it serves does not: that is said by the change."""
    return body and body.model_dump(exclude={"place", "projects", "name", "short"})


def _body(key: int, before: BodyBurden | None, after: BodyBurden | None) -> BodyShift:
    def figure(name: str, absent: Any = None) -> BeforeAfter[Any]:
        return BeforeAfter(before=getattr(before, name, absent), after=getattr(after, name, absent))

    return BodyShift(
        key=key,
        name=next(body.label for body in (after, before) if body),
        there=BeforeAfter(before=before is not None, after=after is not None),
        **{name: figure(name) for name in ("fixed_members", "directors", "size", "meetings", "attendances")},
        whole_board=figure("whole_board", False),
    )
