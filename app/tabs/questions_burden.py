"""Questions about load: who sits where, what each centre carries, and how many bodies a programme has (Q7, Q8, R39)."""

from collections.abc import Iterable
from typing import NamedTuple

from app.i18n import _, danish_order, ngettext, show_number
from app.models.body import BodyType
from app.models.project import Kind
from app.tabs.answer import (
    Answer,
    AnswerTable,
    Cell,
    Column,
    Line,
    figure,
    named,
    sentences,
    several,
    small,
    table,
    to_person,
    to_project,
    words,
)
from app.tabs.burden import Burden, ProjectBurden
from app.tabs.burden_bodies import BodyBurden
from app.tabs.burden_people import PersonBurden
from app.tabs.burden_units import UnitBurden, UnitShare
from app.tabs.filters import ListedProject
from app.tabs.load import Level

LIKE_THE_MOST = 10
"""So many people stand in the table at least, whatever their level."""

HEAVIEST = 3
"""So many projects are named where a unit carries most."""

STEERING = (BodyType.steering_group, BodyType.programme_steering_group)


def seats(burden: Burden) -> Answer:
    """Q7: who sits in most bodies, and where the whole executive board is."""
    people = sorted(burden.people, key=lambda each: (-each.seats, -each.points, danish_order(each.name)))
    shown = [each for place, each in enumerate(people) if place < LIKE_THE_MOST or each.level is not Level.normal]
    return Answer(
        sentence=sentences(_who_sits_most(people), _whole_board(burden)),
        tables=[_people(burden, shown), _board_bodies(burden)],
        missing=[*_left_out(people, shown), *_unsaid(burden)],
    )


def _who_sits_most(people: list[PersonBurden]) -> str:
    if not people:
        return _("Nobody has a seat in a body of the list.")
    most = people[0].seats
    first = [each.name for each in people if each.seats == most]
    told = ngettext(
        "%(names)s sits in most bodies: %(seats)s.", "%(names)s sit in most bodies: %(seats)s each.", len(first)
    )
    loaded = max(people, key=lambda each: each.points)
    points = _("%(name)s carries most points: %(points)s.") % {
        "name": loaded.name,
        "points": show_number(loaded.points),
    }
    return sentences(told % {"names": named(first), "seats": most}, points)


def _whole_board(burden: Burden) -> str:
    names = {body.label: body.name for body in burden.bodies}
    bodies = [names.get(body.name, body.name) for body in burden.whole_board]
    if not bodies:
        return _("No body has the whole executive board in fixed seats.")
    told = ngettext(
        "The whole executive board (%(directors)s) sits in %(n)s body: %(names)s.",
        "The whole executive board (%(directors)s) sits in %(n)s bodies: %(names)s.",
        len(bodies),
    )
    return told % {"directors": burden.directors, "n": len(bodies), "names": named(bodies)}


def _people(burden: Burden, shown: Iterable[PersonBurden]) -> AnswerTable:
    return table(
        "people",
        _("People by the number of their seats"),
        [
            Column(key="person", title=_("Person")),
            Column(key="seats", title=_("Seats"), figures=True),
            Column(key="chairs", title=_("Chair and owner seats"), figures=True),
            Column(key="meetings", title=_("Meetings a year"), figures=True),
            Column(key="before", title=_("Points in %(round)s") % {"round": burden.before or "–"}, figures=True),
            Column(key="points", title=_("Points now"), figures=True),
            Column(key="level", title=_("Level")),
            Column(key="bodies", title=_("Bodies"), wide=True),
        ],
        (
            [
                to_person(each.id, each.name, " · ".join(filter(None, [each.title, each.unit]))),
                figure(each.seats),
                figure(each.chairs),
                figure(each.meetings, _unsaid_meetings(each.bodies_without_meetings)),
                several([], "–") if each.points_before is None else figure(each.points_before),
                figure(each.points),
                words(str(each.level)),
                words(", ".join(place.body for place in each.places)),
            ]
            for each in shown
        ),
        empty=_("Nobody has a seat in a body of the list."),
    )


def _unsaid_meetings(bodies: int) -> str:
    told = ngettext("%(n)s body has not said", "%(n)s bodies have not said", bodies)
    return told % {"n": bodies} if bodies else ""


def _board_bodies(burden: Burden) -> AnswerTable:
    """The bodies with the whole board: the directors' points now, and if one stays and the others come when needed."""
    by_label = {body.label: body for body in burden.bodies}
    found = [(by_label[each.name], each.relief) for each in burden.whole_board if each.name in by_label]
    return table(
        "whole-board",
        _("Bodies with the whole executive board, before and after one director stays"),
        [
            Column(key="body", title=_("Body")),
            Column(key="members", title=_("Members"), figures=True),
            Column(key="meetings", title=_("Meetings a year"), figures=True),
            Column(key="now", title=_("Fixed directors now"), figures=True),
            Column(key="after", title=_("After"), figures=True),
            Column(key="spared", title=_("Attendances a year that are spared"), figures=True),
        ],
        (
            [
                _to_body(body),
                figure(body.all_members),
                figure(body.meetings),
                figure(body.directors),
                figure(body.directors - len(relief)),
                figure(None if body.meetings is None else body.meetings * len(relief)),
            ]
            for body, relief in found
        ),
        note=_("After: one director keeps the fixed seat, the others come when needed."),
        empty=_("No body has the whole executive board in fixed seats."),
    )


def _to_body(body: BodyBurden) -> Cell:
    """A body by its name; old editions know no place to lead to."""
    number, _dot, no = body.place.partition(".")
    address = f"/projects/{number}/bodies/{no}" if body.place else ""
    return Cell(lines=[Line(text=body.name, address=address), *small(str(body.type))])


def _left_out(people: list[PersonBurden], shown: list[PersonBurden]) -> list[str]:
    left = len(people) - len(shown)
    told = ngettext(
        "%(n)s more person with a normal load is not in the table.",
        "%(n)s more people with a normal load are not in the table.",
        left,
    )
    return [told % {"n": left}] if left else []


def _unsaid(burden: Burden) -> list[str]:
    """What bodies have not said, and the seats that nobody holds."""
    told = []
    if quiet := sum(body.meetings is None for body in burden.bodies):
        said = ngettext(
            "%(n)s body has not said how often it meets.", "%(n)s bodies have not said how often they meet.", quiet
        )
        told.append(said % {"n": quiet})
    if empty := sum(len(body.empty_chairs) for body in burden.bodies):
        said = ngettext("%(n)s seat stands empty.", "%(n)s seats stand empty.", empty)
        told.append(said % {"n": empty})
    return [*told, _("Outsiders are counted by the body and never named.")]


def units(burden: Burden) -> Answer:
    """Q8: which centre carries most, and on which projects."""
    carrying = [unit for unit in burden.units_carrying if unit.code]
    heaviest = carrying[0] if carrying else None
    return Answer(
        sentence=_who_carries(carrying, burden),
        tables=[_unit_table(burden, carrying), *([_on_projects(heaviest)] if heaviest else [])],
        missing=_unstated(burden),
    )


def _who_carries(carrying: list[UnitBurden], burden: Burden) -> str:
    if not carrying:
        return _("No centre has key persons or seats on the list.")
    first = carrying[0]
    told = _(
        "%(unit)s carries most: %(persons)s key persons of more than %(hours)s hours a week and %(seats)s seats, "
        "on %(projects)s projects."
    ) % {
        "unit": f"{first.code} ({first.name})" if first.name else first.code,
        "persons": first.key_persons,
        "hours": burden.key_person_hours,
        "seats": first.seats,
        "projects": len(first.projects),
    }
    others = [f"{unit.code} ({unit.key_persons})" for unit in carrying[1:4] if unit.key_persons]
    then = _("Then come %(units)s.") % {"units": named(others)} if others else ""
    seated = max(carrying, key=lambda unit: unit.seats)
    most = ""
    if seated is not first:
        most = _("Most seats: %(unit)s with %(seats)s.") % {"unit": seated.name or seated.code, "seats": seated.seats}
    return sentences(told, then, most)


def _unit_table(burden: Burden, carrying: Iterable[UnitBurden]) -> AnswerTable:
    return table(
        "units",
        _("Centres by the number of key persons"),
        [
            Column(key="unit", title=_("Unit")),
            Column(
                key="key_persons",
                title=_("Key persons > %(hours)s hours") % {"hours": burden.key_person_hours},
                figures=True,
            ),
            Column(key="seats", title=_("Seats"), figures=True),
            Column(key="chairs", title=_("Chair and owner seats"), figures=True),
            Column(key="empty", title=_("Empty seats"), figures=True),
            Column(key="projects", title=_("Projects"), figures=True),
            Column(key="heaviest", title=_("Most key persons on"), wide=True),
        ],
        (
            [
                words(unit.code, unit.name),
                figure(unit.key_persons, _change(unit.key_persons_change, burden.before)),
                figure(unit.seats, _change(unit.seats_change, burden.before)),
                figure(unit.chairs),
                figure(unit.empty_chairs),
                figure(len(unit.projects)),
                several(
                    Line(
                        text=f"{share.number} {share.title} ({share.key_persons})", address=f"/projects/{share.number}"
                    )
                    for share in _by_weight(unit)[:HEAVIEST]
                    if share.key_persons
                ),
            ]
            for unit in carrying
        ),
        empty=_("No centre has key persons or seats on the list."),
    )


def _by_weight(unit: UnitBurden) -> list[UnitShare]:
    return sorted(unit.projects, key=lambda share: (-(share.key_persons or 0), -share.seats, share.number))


def _change(change: int | None, before: str) -> str:
    if not change:
        return ""
    sign = "+" if change > 0 else ""
    return _("%(change)s since %(round)s") % {"change": f"{sign}{show_number(change)}", "round": before}


def _on_projects(unit: UnitBurden) -> AnswerTable:
    return table(
        "projects",
        _("Where %(unit)s carries") % {"unit": unit.label},
        [
            Column(key="project", title=_("Project")),
            Column(key="key_persons", title=_("Key persons"), figures=True),
            Column(key="seats", title=_("Seats"), figures=True),
            Column(key="posts", title=_("Full-time equivalents"), figures=True),
        ],
        (
            [
                to_project(share.number, share.title),
                figure(share.key_persons),
                figure(share.seats),
                figure(share.fte.known, _unknown_posts(share.fte.unknown)) if share.fte.posts else several([]),
            ]
            for share in _by_weight(unit)
        ),
    )


def _unknown_posts(posts: int) -> str:
    told = ngettext("%(n)s post of unknown size", "%(n)s posts of unknown size", posts)
    return told % {"n": posts} if posts else ""


def _unstated(burden: Burden) -> list[str]:
    silent = [project.title for project in burden.projects if project.key_persons is None]
    told = ngettext(
        "%(n)s of %(of)s projects has not stated its key persons: %(names)s.",
        "%(n)s of %(of)s projects have not stated their key persons: %(names)s.",
        len(silent),
    )
    said = {"n": len(silent), "of": burden.shown, "names": named(silent)}
    return [told % said] if silent else []


class Programme(NamedTuple):
    """A project with others below it, its place among the bodies, and those bodies: each counts once."""

    project: ProjectBurden
    below: int
    bodies: list[BodyBurden]

    @property
    def steering(self) -> int:
        return sum(body.type in STEERING for body in self.bodies)

    @property
    def seats(self) -> int:
        """Seats of the municipality's own that are filled."""
        return sum(len(body.members) for body in self.bodies)

    @property
    def outsiders(self) -> int:
        return sum(body.external_members or 0 for body in self.bodies)

    @property
    def meetings(self) -> int:
        return sum(body.meetings or 0 for body in self.bodies)

    @property
    def quiet(self) -> int:
        """How many of the bodies have not said how often they meet."""
        return sum(body.meetings is None for body in self.bodies)


def programmes_of(projects: list[ListedProject], burden: Burden) -> list[Programme]:
    """The programmes, and whatever else has projects below it and none above: the one with most bodies first."""
    known = {project.id: project for project in projects}
    carried = {project.number: project for project in burden.projects}
    below: dict[int, list[int]] = {project.id: [] for project in projects}
    for project in projects:
        above = project.parent_id
        while above in known:
            below[above].append(project.id)
            above = known[above].parent_id
    tops = [
        each for each in projects if (below[each.id] or each.kind is Kind.programme) and each.parent_id not in known
    ]
    found = []
    for top in tops:
        places = {place for key in (top.id, *below[top.id]) for place in carried[known[key].number].bodies}
        bodies = [burden.bodies[place] for place in sorted(places)]
        found.append(Programme(carried[top.number], len(below[top.id]), bodies))
    return sorted(found, key=lambda each: (-len(each.bodies), each.project.number))


def steering_groups(projects: list[ListedProject], burden: Burden) -> Answer:
    """How many bodies each programme has, with everything below it: what its coordination costs (R36, R39)."""
    found = programmes_of(projects, burden)
    return Answer(
        title=_("How many steering groups has %(title)s?") % {"title": found[0].project.title} if found else "",
        sentence=_how_many_bodies(found),
        tables=[_programmes(found), *([_bodies(found[0])] if found else [])],
        missing=_unsaid(burden),
    )


def _how_many_bodies(found: list[Programme]) -> str:
    if not found:
        return _("No project on the list has others below it.")
    largest = found[0]
    told = ngettext(
        "%(title)s has %(n)s body, %(steering)s of them a steering group, with %(seats)s filled seats, %(outsiders)s "
        "outsiders and %(meetings)s meetings a year.",
        "%(title)s has %(n)s bodies, %(steering)s of them steering groups, with %(seats)s filled seats, %(outsiders)s "
        "outsiders and %(meetings)s meetings a year.",
        len(largest.bodies),
    ) % {
        "title": largest.project.title,
        "n": len(largest.bodies),
        "steering": largest.steering,
        "seats": largest.seats,
        "outsiders": largest.outsiders,
        "meetings": _meetings(largest),
    }
    others = [f"{each.project.title} ({len(each.bodies)})" for each in found[1:] if each.bodies]
    rest = _("Then come %(programmes)s.") % {"programmes": named(others)} if others else ""
    return sentences(told, rest)


def _meetings(programme: Programme) -> str:
    """What is known at least, where a body has not said."""
    known = show_number(programme.meetings)
    return _("at least %(n)s") % {"n": known} if programme.quiet else known


def _programmes(found: list[Programme]) -> AnswerTable:
    return table(
        "programmes",
        _("Bodies of each programme and of everything below it"),
        [
            Column(key="programme", title=_("Programme")),
            Column(key="projects", title=_("Projects below"), figures=True),
            Column(key="bodies", title=_("Bodies"), figures=True),
            Column(key="steering", title=_("Of them steering groups"), figures=True),
            Column(key="seats", title=_("Filled seats"), figures=True),
            Column(key="outsiders", title=_("Outsiders"), figures=True),
            Column(key="meetings", title=_("Meetings a year"), figures=True),
        ],
        (
            [
                to_project(each.project.number, each.project.title),
                figure(each.below),
                figure(len(each.bodies)),
                figure(each.steering),
                figure(each.seats),
                figure(each.outsiders),
                figure(each.meetings, _unsaid_meetings(each.quiet), shown=_meetings(each)),
            ]
            for each in found
        ),
        note=_("A body that serves several projects of a programme counts once."),
        empty=_("No project on the list has others below it."),
    )


def _bodies(programme: Programme) -> AnswerTable:
    order = sorted(programme.bodies, key=lambda body: (body.type not in STEERING, danish_order(body.name)))
    return table(
        "bodies",
        _("The bodies of %(title)s") % {"title": programme.project.title},
        [
            Column(key="body", title=_("Body")),
            Column(key="projects", title=_("Serves"), wide=True),
            Column(key="chair", title=_("Chair")),
            Column(key="seats", title=_("Filled seats"), figures=True),
            Column(key="empty", title=_("Empty seats"), figures=True),
            Column(key="outsiders", title=_("Outsiders"), figures=True),
            Column(key="meetings", title=_("Meetings a year"), figures=True),
        ],
        (
            [
                _to_body(body),
                words(", ".join(body.projects)),
                words(body.chair) if body.has_seats else several([]),
                figure(len(body.members)),
                figure(len(body.empty_chairs)),
                figure(body.external_members),
                figure(body.meetings),
            ]
            for body in order
        ),
    )
