"""The map of Belastning: people on one side, bodies on the other, a line for each seat (domain.md R14).

Pure: a Burden in, coordinates for SVG attributes out. What a line is stands in its shape and not in its colour alone:
chairs and owners thick, members thin, those who come when needed dashed. The table beside it says the same in words.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt

from app.models.seat import Attendance, SeatFunction
from app.tabs.burden import Burden
from app.tabs.burden_bodies import BodyBurden
from app.tabs.burden_people import PersonBurden, Place

WIDTH, ROW, TOP = 1000, 26, 20
PEOPLE_X, BODIES_X = 290, 660
SMALLEST, LARGEST = 4.0, 11.0


@dataclass(frozen=True)
class Node:
    """A person or a body as a dot; `key` is the person's, or the body's place below a project (P-001.2)."""

    key: str
    label: str
    note: str
    y: float
    radius: float
    weight: float
    flagged: bool
    chosen: bool
    faded: bool


@dataclass(frozen=True)
class Line:
    """A seat: SVG path data; `style` names how it is drawn."""

    path: str
    style: str
    faded: bool
    person: str
    body: str


@dataclass(frozen=True)
class Meeting:
    """Somebody whom the chosen person meets: in how many bodies, and in which."""

    name: str
    person: int
    bodies: list[str]


@dataclass(frozen=True)
class BurdenMap:
    """What the map draws; it is `height` units high and `WIDTH` wide."""

    people: list[Node]
    bodies: list[Node]
    lines: list[Line]
    height: float
    chosen: str
    met: list[Meeting]


def draw_map(burden: Burden, chosen: str) -> BurdenMap:
    """The map of the people and bodies shown. `chosen` is a person's key or a body's place; everything else is faded.

    People stand as in the matrix; a body stands near the people who sit in it, so that few lines cross.
    """
    people, bodies = burden.people, [body for _column, body in burden.matrix]
    column_of = dict(burden.matrix)
    rows = {person.id: row for row, person in enumerate(people)}
    seats = [(person, column_of[place.column], place) for person in people for place in person.places]
    sitting: dict[str, list[int]] = defaultdict(list)
    for person, body, _place in seats:
        sitting[body.name].append(rows[person.id])
    order = sorted(bodies, key=lambda body: (sum(sitting[body.name]) / max(1, len(sitting[body.name])), body.name))
    step = ROW * max(1.0, len(people) / max(1, len(order)))
    heights = {body.name: TOP + step * (row + 0.5) for row, body in enumerate(order)}
    near = _near(seats, chosen)
    most = max((len(sitting[body.name]) for body in order), default=1)
    return BurdenMap(
        people=[_person(person, burden.highest_points, rows[person.id], chosen, near) for person in people],
        bodies=[_body(body, most, len(sitting[body.name]), heights[body.name], chosen, near) for body in order],
        lines=[
            Line(
                path=_curve(TOP + ROW * (rows[person.id] + 0.5), heights[body.name]),
                style=_style(place.function, place.attendance),
                faded=bool(near) and chosen not in (str(person.id), body.place),
                person=person.name,
                body=body.label,
            )
            for person, body, place in seats
        ],
        height=2 * TOP + max(ROW * len(people), step * len(order)),
        chosen=next(
            (
                name
                for key, name in [
                    *((str(person.id), person.name) for person in people),
                    *((body.place, body.label) for body in bodies),
                ]
                if key == chosen
            ),
            "",
        ),
        met=_met(seats, chosen),
    )


Seats = list[tuple[PersonBurden, BodyBurden, Place]]


def _near(seats: Seats, chosen: str) -> set[str]:
    """The keys of the chosen one and of everybody it has a line to; empty when nobody is chosen."""
    ends = [(str(person.id), body.place) for person, body, _place in seats]
    return {key for pair in ends if chosen in pair for key in pair} if chosen else set()


def _met(seats: Seats, chosen: str) -> list[Meeting]:
    """Whom a chosen person meets, in most bodies first."""
    theirs = [body.name for person, body, _place in seats if str(person.id) == chosen]
    shared: dict[int, list[str]] = defaultdict(list)
    names = {person.id: person.name for person, _body, _place in seats}
    for person, body, _place in seats:
        if body.name in theirs and str(person.id) != chosen:
            shared[person.id].append(body.label)
    found = [Meeting(name=names[key], person=key, bodies=bodies) for key, bodies in shared.items()]
    return sorted(found, key=lambda meeting: (-len(meeting.bodies), meeting.name))


def _person(person: PersonBurden, highest: float, row: int, chosen: str, near: set[str]) -> Node:
    key = str(person.id)
    return Node(
        key=key,
        label=person.name,
        note=person.unit,
        y=TOP + ROW * (row + 0.5),
        radius=_radius(person.points, highest),
        weight=person.points,
        flagged=person.director,
        chosen=key == chosen,
        faded=bool(near) and key not in near,
    )


def _body(body: BodyBurden, most: int, sitting: int, y: float, chosen: str, near: set[str]) -> Node:
    return Node(
        key=body.place,
        label=body.label,
        note="",
        y=round(y, 1),
        radius=_radius(sitting, most),
        weight=sitting,
        flagged=body.whole_board,
        chosen=body.place == chosen,
        faded=bool(near) and body.place not in near,
    )


def _radius(value: float, highest: float) -> float:
    """A dot whose area grows with its value."""
    share = value / highest if highest else 0.0
    return round(SMALLEST + (LARGEST - SMALLEST) * sqrt(share), 1)


def _curve(left: float, right: float) -> str:
    middle = (PEOPLE_X + BODIES_X) / 2
    return f"M{PEOPLE_X} {left:.1f}C{middle:g} {left:.1f} {middle:g} {right:.1f} {BODIES_X} {right:.1f}"


def _style(function: SeatFunction, attendance: Attendance) -> str:
    if attendance is Attendance.when_needed:
        return "when-needed"
    return "chair" if function in (SeatFunction.chair, SeatFunction.owner) else "member"
