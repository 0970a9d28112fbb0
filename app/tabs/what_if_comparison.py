"""Two scenarios beside the list as it stands today: which of them spares whom."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from app.i18n import danish_order
from app.tabs.load import Level
from app.tabs.what_if import BodyShift, PersonShift, Sums, WhatIf

FigureT = TypeVar("FigureT")


class Three(BaseModel, Generic[FigureT]):
    """A figure today, in the first scenario and in the second; None is unknown, or not there."""

    today: FigureT
    a: FigureT
    b: FigureT


class ComparedPerson(BaseModel):
    """Somebody whose load one of the two changes, in figures as on Belastning."""

    id: int
    name: str
    seats: Three[int]
    points: Three[float]
    meetings: Three[int]
    level: Three[Level]


class ComparedBody(BaseModel):
    """A body that one of the two touches."""

    name: str
    there: Three[bool]
    fixed_members: Three[int | None]
    directors: Three[int | None]
    whole_board: Three[bool]
    attendances: Three[int | None]


class Comparison(BaseModel):
    """Today, the first scenario and the second, side by side."""

    sums: dict[str, Three[int]]
    people: list[ComparedPerson]
    bodies: list[ComparedBody]


def compare(a: WhatIf, b: WhatIf) -> Comparison:
    """Two what-ifs on the same list. Who is touched by one only carries in the other what they carry today."""
    people = {shift.id: shift for shift in (*b.people, *a.people)}
    bodies = {shift.key: shift for shift in (*b.bodies, *a.bodies)}
    a_people, b_people = ({shift.id: shift for shift in each.people} for each in (a, b))
    a_bodies, b_bodies = ({shift.key: shift for shift in each.bodies} for each in (a, b))
    return Comparison(
        sums={name: _three(name, a.sums, a.sums, b.sums) for name in Sums.model_fields},
        people=[
            ComparedPerson(
                id=key,
                name=shift.name,
                **{
                    name: _three(name, shift, a_people.get(key), b_people.get(key))
                    for name in ("seats", "points", "meetings", "level")
                },
            )
            for key, shift in sorted(people.items(), key=lambda each: danish_order(each[1].name))
        ],
        bodies=[
            ComparedBody(
                name=shift.name,
                **{
                    name: _three(name, shift, a_bodies.get(key), b_bodies.get(key))
                    for name in ("there", "fixed_members", "directors", "whole_board", "attendances")
                },
            )
            for key, shift in sorted(bodies.items(), key=lambda each: danish_order(each[1].name))
        ],
    )


Shift = PersonShift | BodyShift | Sums


def _three(name: str, known: Shift, a: Shift | None, b: Shift | None) -> Three[Any]:
    today = getattr(known, name).before
    return Three(today=today, **{at: getattr(each, name).after if each else today for at, each in (("a", a), ("b", b))})
