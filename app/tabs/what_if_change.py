"""One change of a what-if: how it stands in an address, and what it does to the facts of Belastning.

`remove-seat:14:P-001.2` · `change-seat:14:P-001.2:member:when_needed` · `add-seat:14:P-001.2:member:fixed` ·
`merge:P-001.2:P-003.1` (the first into the second) · `add-project:P-040` · `remove-project:P-012`. People stand there
by key, projects by number, bodies as below one of their projects: no gap tells of one that serves a closed project.
What is left empty when a seat is changed (`change-seat:14:P-001.2::when_needed`) stays as it is.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from app.errors import DomainError
from app.i18n import N_, _, danish_order
from app.models.scenario import ScenarioChangeKind
from app.models.seat import Attendance, SeatFunction
from app.tabs.burden_bodies import place_of
from app.tabs.burden_facts import BurdenFacts, HeldSeat, ServingBody
from app.tabs.filters import ListedProject

ON_A_SEAT = ("person", "body", "function", "attendance")
PARTS = {
    ScenarioChangeKind.add_project: ("project",),
    ScenarioChangeKind.remove_project: ("project",),
    ScenarioChangeKind.add_seat: ON_A_SEAT,
    ScenarioChangeKind.change_seat: ON_A_SEAT,
    ScenarioChangeKind.remove_seat: ("person", "body"),
    ScenarioChangeKind.merge: ("body", "into"),
}
"""What follows the kind of a change, in this order."""

LONGEST = 80
"""No change is written with more characters."""


class Change(BaseModel, frozen=True):
    """One change; which fields are filled depends on its kind."""

    kind: ScenarioChangeKind
    project: str = ""
    person: int | None = None
    body: str = ""
    into: str = ""
    function: SeatFunction | None = None
    attendance: Attendance | None = None

    @property
    def token(self) -> str:
        """The change as it stands in an address."""
        values = (getattr(self, part) for part in PARTS[self.kind])
        words = ("" if value is None else str(getattr(value, "value", value)) for value in values)
        return ":".join([self.kind.value.replace("_", "-"), *words])


def parse(text: str) -> Change | None:
    """A change as it stands in an address; None when it is not written as one."""
    kind, *values = text.split(":")
    known = next((each for each in ScenarioChangeKind if each.value.replace("_", "-") == kind), None)
    if known is None or len(text) > LONGEST or len(values) != len(PARTS[known]):
        return None
    try:
        parts = zip(PARTS[known], values, strict=True)
        return Change.model_validate({"kind": known} | {part: value for part, value in parts if value})
    except ValidationError:
        return None


def what_if_query(tokens: Iterable[str]) -> str:
    """The query of the what-if's address with these changes."""
    return urlencode([("change", token) for token in tokens], safe=":")


def board_relief(facts: BurdenFacts, body: int) -> list[str]:
    """The changes that leave one director with a fixed seat in a body; the others come when needed (domain.md R34).

    The chair stays, otherwise the owner, otherwise the first of them. `body` is the body's key; no changes when it has
    at most one director, or no address (in the oldest editions).
    """
    directors, order, place = set(facts.directors), list(SeatFunction), place_in(facts, body)
    fixed = [
        seat
        for seat in facts.seats
        if seat.body_id == body and seat.person_id in directors and seat.attendance is Attendance.fixed
    ]
    return [
        Change(
            kind=ScenarioChangeKind.change_seat,
            person=seat.person_id,
            body=place,
            function=seat.function,
            attendance=Attendance.when_needed,
        ).token
        for seat in sorted(fixed, key=lambda seat: min(order.index(seat.function), 2))[1:]
        if place
    ]


def place_in(facts: BurdenFacts, body: int) -> str:
    """A body as an address names it; `body` is its key."""
    return place_of(*facts.served[body], {project.id: project.number for project in facts.projects})


class Employee(BaseModel):
    """Somebody of the municipality who can be given a seat."""

    id: int
    name: str
    title: str
    director: bool
    unit: str | None
    unit_name: str | None


class WhatIfFacts(BaseModel):
    """Belastning's facts, and what can be added to them: people by key, and the projects that are not on the list.

    Of those, `beside` knows the bodies, seats, counts, posts and money when a change names them. `numbers` are the keys
    of all these projects by their numbers.
    """

    burden: BurdenFacts
    people: dict[int, Employee]
    beside: BurdenFacts
    numbers: dict[str, int]


class Unknown(DomainError):
    """A change names what is not there, or what the reader may not know of: nobody is told which."""


class Described(BaseModel):
    """A change as a person reads it."""

    verb: str
    words: str


def changed(facts: WhatIfFacts, changes: Iterable[Change]) -> WhatIfFacts:
    """The facts after some changes, one after the other. A DomainError when one of them cannot be."""
    for change in changes:
        facts, _words = apply(facts, change)
    return facts


def apply(facts: WhatIfFacts, change: Change) -> tuple[WhatIfFacts, Described]:
    """The facts after one change, and the change in words. Unknown or another DomainError when it cannot be."""
    burden, described = _APPLY[change.kind](facts, change)
    return facts.model_copy(update={"burden": burden}), described


Applied = tuple[BurdenFacts, Described]


def _add_project(facts: WhatIfFacts, change: Change) -> Applied:
    burden = facts.burden
    if any(project.number == change.project for project in burden.projects):
        raise DomainError(_("%(project)s stands on the list already.") % {"project": change.project})
    project = next((each for each in facts.beside.projects if each.number == change.project), None)
    if project is None:
        raise Unknown("")
    beside, served = facts.beside.visible_to({project.id}), dict(burden.served)
    for key, (body, _of) in beside.served.items():
        known, of = served.get(key, (body, []))
        served[key] = known.model_copy(update={"numbers": body.numbers | known.numbers}), [*of, project.id]
    new = beside.served.keys() - burden.served.keys()
    update = {
        "projects": _among(burden.projects, project),
        "marks": burden.marks | {project.id: facts.beside.marks[project.id]},
        "served": served,
        "seats": in_order([*burden.seats, *(seat for seat in beside.seats if seat.body_id in new)]),
        "empty_chairs": [*burden.empty_chairs, *(chair for chair in beside.empty_chairs if chair.body_id in new)],
        "key_persons": burden.key_persons | beside.key_persons,
        "staffing": burden.staffing | beside.staffing,
        "funding": burden.funding | beside.funding,
    }
    words = _("%(project)s, on the list") % {"project": titled(project)}
    return burden.model_copy(update=update), Described(verb=_(VERBS[change.kind]), words=words)


def _among(projects: list[ListedProject], project: ListedProject) -> list[ListedProject]:
    """The projects of the list with one more, behind the others of its theme."""
    place = max((n for n, each in enumerate(projects, 1) if each.theme == project.theme), default=len(projects))
    return [*projects[:place], project, *projects[place:]]


def _remove_project(facts: WhatIfFacts, change: Change) -> Applied:
    burden = facts.burden
    project = next((each for each in burden.projects if each.number == change.project), None)
    if project is None:
        raise Unknown("")
    left = {each.id for each in burden.projects} - {project.id}
    words = _("%(project)s, off the list") % {"project": titled(project)}
    return burden.visible_to(left), Described(verb=_(VERBS[change.kind]), words=words)


def _add_seat(facts: WhatIfFacts, change: Change) -> Applied:
    burden, body = facts.burden, body_at(facts, change.body)
    person = facts.people.get(change.person or 0)
    if body is None or person is None or change.function is None or change.attendance is None:
        raise Unknown("")
    if _seat(burden, body.id, person.id):
        raise DomainError(_("%(person)s has a seat in %(body)s already.") % {"person": person.name, "body": body.label})
    seat = HeldSeat(
        body_id=body.id,
        person_id=person.id,
        function=change.function,
        attendance=change.attendance,
        external=False,
        organisation="",
        **person.model_dump(exclude={"id"}),
    )
    return _seated(burden, [*burden.seats, seat]), _of_seat(change, seat, body, seat_words(seat))


def _change_seat(facts: WhatIfFacts, change: Change) -> Applied:
    burden = facts.burden
    body, seat = _held(facts, change)
    wanted = {"function": change.function, "attendance": change.attendance}
    after = seat.model_copy(update={name: value for name, value in wanted.items() if value})
    if after == seat:
        who = {"person": seat.name, "seat": seat_words(seat), "body": body.label}
        raise DomainError(_("%(person)s is %(seat)s in %(body)s already.") % who)
    words = _("from %(before)s to %(after)s") % {"before": seat_words(seat), "after": seat_words(after)}
    seats = [after if each is seat else each for each in burden.seats]
    return _seated(burden, seats), _of_seat(change, seat, body, words)


def _remove_seat(facts: WhatIfFacts, change: Change) -> Applied:
    burden = facts.burden
    body, seat = _held(facts, change)
    seats = [each for each in burden.seats if each is not seat]
    return _seated(burden, seats), _of_seat(change, seat, body, seat_words(seat))


def _merge(facts: WhatIfFacts, change: Change) -> Applied:
    """One body out of two. It keeps the name of the one merged into and serves the projects of both.

    Everybody sits there once, with the stronger seat. It meets as often, and usually gathers as many, as the one of the
    two that does so most; outsiders without a name are added up. What one of them has not said stays unknown.
    """
    burden = facts.burden
    body, into = body_at(facts, change.body), body_at(facts, change.into)
    if body is None or into is None:
        raise Unknown("")
    if body.id == into.id:
        raise DomainError(_("A body cannot be merged with itself: %(body)s.") % {"body": body.label})
    served = dict(burden.served)
    (_body, of), (_into, of_into) = served.pop(body.id), served[into.id]
    merged = into.model_copy(
        update={
            "meetings_per_year": _both(max, body.meetings_per_year, into.meetings_per_year),
            "typical_attendance": max(body.typical_attendance or 0, into.typical_attendance or 0) or None,
            "external_members": _both(int.__add__, body.external_members, into.external_members),
        }
    )
    served[into.id] = merged, [*of_into, *(project for project in of if project not in of_into)]
    best: dict[int, HeldSeat] = {seat.person_id: seat for seat in burden.seats if seat.body_id == into.id}
    for seat in burden.seats:
        held = best.get(seat.person_id)
        if seat.body_id == body.id and (held is None or seat.points > held.points):
            best[seat.person_id] = seat.model_copy(update={"body_id": into.id})
    others = [seat for seat in burden.seats if seat.body_id not in (body.id, into.id)]
    chairs = [
        chair.model_copy(update={"body_id": into.id}) if chair.body_id == body.id else chair
        for chair in burden.empty_chairs
    ]
    update = {"served": served, "seats": in_order([*others, *best.values()]), "empty_chairs": chairs}
    words = _("%(body)s into %(into)s") % {"body": body.label, "into": into.label}
    return burden.model_copy(update=update), Described(verb=_(VERBS[change.kind]), words=words)


_APPLY: dict[ScenarioChangeKind, Callable[[WhatIfFacts, Change], Applied]] = {
    ScenarioChangeKind.add_project: _add_project,
    ScenarioChangeKind.remove_project: _remove_project,
    ScenarioChangeKind.add_seat: _add_seat,
    ScenarioChangeKind.change_seat: _change_seat,
    ScenarioChangeKind.remove_seat: _remove_seat,
    ScenarioChangeKind.merge: _merge,
}
VERBS = {
    ScenarioChangeKind.add_project: N_("Add"),
    ScenarioChangeKind.remove_project: N_("Remove"),
    ScenarioChangeKind.add_seat: N_("Add"),
    ScenarioChangeKind.change_seat: N_("Alter"),
    ScenarioChangeKind.remove_seat: N_("Remove"),
    ScenarioChangeKind.merge: N_("Merge"),
}


def body_at(facts: WhatIfFacts, place: str) -> ServingBody | None:
    """The body with this number below a project (P-001.2), also when an earlier change took that project away."""
    number, _dot, no = place.rpartition(".")
    project = facts.numbers.get(number, 0)
    bodies = (body for body, _of in facts.burden.served.values())
    return next((body for body in bodies if str(body.numbers.get(project, "")) == no), None) if no else None


def titled(project: ListedProject) -> str:
    return f"{project.number} {project.title}"


def seat_words(seat: HeldSeat) -> str:
    """A seat as in a sentence: member, when needed."""
    return f"{seat.function}, {seat.attendance}".lower()


def in_order(seats: Iterable[HeldSeat]) -> list[HeldSeat]:
    """Seats in the order in which Belastning reads them."""
    return sorted(seats, key=lambda seat: (-seat.points, danish_order(seat.name), seat.body_id))


def _seat(burden: BurdenFacts, body: int, person: int | None) -> HeldSeat | None:
    return next((seat for seat in burden.seats if (seat.body_id, seat.person_id) == (body, person)), None)


def _held(facts: WhatIfFacts, change: Change) -> tuple[ServingBody, HeldSeat]:
    """The body and the seat that a change names. Outsiders are never shown by name, nor found by key."""
    body = body_at(facts, change.body)
    seat = _seat(facts.burden, body.id, change.person) if body else None
    if body is None or seat is None or seat.external:
        raise Unknown("")
    return body, seat


def _seated(burden: BurdenFacts, seats: Iterable[HeldSeat]) -> BurdenFacts:
    return burden.model_copy(update={"seats": in_order(seats)})


def _of_seat(change: Change, seat: HeldSeat, body: ServingBody, words: str) -> Described:
    said = _("%(person)s, %(seat)s in %(body)s") % {"person": seat.name, "seat": words, "body": body.label}
    return Described(verb=_(VERBS[change.kind]), words=said)


def _both(of: Callable[[int, int], Any], one: int | None, other: int | None) -> int | None:
    """A number out of two; None when one of them is unknown."""
    return None if one is None or other is None else int(of(one, other))
