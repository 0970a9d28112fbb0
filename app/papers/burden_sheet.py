"""The sheet Belastning: a row for each project and body, and below, in columns of their own, a row for each person.

The two blocks share the row of headings, so that it is right on every screen and page, and share no row, so that a
filter on one never hides a part of the other.
"""

from collections.abc import Iterator
from typing import Any

from xlsxwriter.utility import xl_range_abs

from app.models.seat import Attendance, SeatFunction
from app.papers.headline import projects
from app.papers.looks import Looks
from app.papers.sheet import TITLE_ROW, Cell, Column, Sheet
from app.tabs.burden import Burden, ProjectBurden
from app.tabs.burden_bodies import BodyBurden, Member
from app.tabs.burden_people import PersonBurden, Place

MEMBERS, KEY_PERSONS = 4, 7
"""The columns with a body's members, and with a project's key persons; the units follow it."""

PERSON_COLUMNS = [
    Column("Person", 24),
    Column("Center", 8),
    Column("Pladser", 9),
    Column("Formandsposter", 14),
    Column("Point", 8),
    Column("Organer", 70),
]


def burden_columns(burden: Burden) -> list[Column]:
    return [
        Column("Nr.", 6.5),
        Column("Projekt", 28),
        Column("Organ", 28),
        Column("Formand", 17),
        Column("Medlemmer (rolle/navn, center)", 56),
        Column("Antal medlemmer", 11),
        Column("Møder pr. år", 9),
        Column(f"Nøglepersoner >{burden.key_person_hours} t/uge i alt", 14),
        *(Column(f"Heraf {unit}", 7) for unit in burden.key_person_units),
        *PERSON_COLUMNS,
    ]


def fill_burden(sheet: Sheet, burden: Burden) -> None:
    """Projects in the order of the list, then people in the order of the screen."""
    looks, first = sheet.looks, KEY_PERSONS + 1 + len(burden.key_person_units)
    bodies = [_body(body, looks) for body in burden.bodies]
    for project in burden.projects:
        for cells in _project(project, bodies, burden.key_person_units, looks):
            sheet.add(cells)
    sheet.add(_totals(burden, looks), wraps=False)
    last_project, first_person = sheet.row - 1, sheet.row + 1
    if burden.people:
        _point_to_people(sheet, first, first_person)
    words: dict[Any, str] = {choice: str(choice).lower() for kind in (SeatFunction, Attendance) for choice in kind}
    for person in burden.people:
        sheet.add(_person(person, looks, words), first)
    sheet.close()
    printed = [xl_range_abs(0, 0, last_project, first - 1)]
    if burden.people:
        printed.append(xl_range_abs(first_person, first, sheet.row - 1, len(sheet.columns) - 1))
    areas = ",".join(f"{sheet.name}!{area}" for area in printed)
    sheet.book.define_name(f"{sheet.name}!_xlnm.Print_Area", f"={areas}")


def _body(body: BodyBurden, looks: Looks) -> list[Cell]:
    """A body's cells: the same beside every project that it serves."""
    if not body.has_seats:
        unknown: Cell = ("Ingen pladser registreret", looks.muted)
        return [(body.name, looks.text), ("", looks.text), unknown, *_sizes(body, looks)]
    chair: Cell = (body.chair, looks.text) if body.chair else ("Ikke registreret", looks.muted)
    return [(body.name, looks.text), chair, (_members(body), looks.text), *_sizes(body, looks)]


def _sizes(body: BodyBurden, looks: Looks) -> list[Cell]:
    """Members and meetings a year. What is unknown is said and never zero; externals may be unknown alone."""
    unknown: Cell = ("Ikke oplyst", looks.muted_middle)
    members = unknown
    if body.external_members is not None:
        members = (body.fixed_members + body.external_members, looks.count)
    elif body.fixed_members:
        members = (body.fixed_members, looks.at_least)
    return [members, unknown if body.meetings is None else (body.meetings, looks.count)]


def _members(body: BodyBurden) -> str:
    said = [_member(member) for member in body.members]
    if body.external_members is None:
        said.append("eksterne: antal ikke oplyst")
    elif body.external_members:
        said.append(f"eksterne: {body.external_members}")
    return "; ".join(said)


def _member(member: Member) -> str:
    """»formand Jonas Bek, DIR«, and whether the seat is taken only when needed."""
    role = "" if member.function is SeatFunction.member else f"{str(member.function).lower()} "
    when = f" ({str(member.attendance).lower()})" if member.attendance is Attendance.when_needed else ""
    return f"{role}{member.name}{f', {member.unit}' if member.unit else ''}{when}"


def _project(project: ProjectBurden, bodies: list[list[Cell]], units: list[str], looks: Looks) -> Iterator[list[Cell]]:
    """A row for each of the project's bodies. Key persons stand in the first alone: a sum counts them once."""
    named: list[Cell] = [
        (project.number, looks.text),
        (f"{project.title} (lukket)" if project.closed else project.title, looks.strong),
    ]
    nobody: list[Cell] = [("Intet organ registreret", looks.muted), *[("", looks.text)] * 4]
    counted: list[Cell] = [("Talt ovenfor", looks.muted_middle), *[("", looks.count)] * len(units)]
    served = [bodies[position] for position in project.bodies] or [nobody]
    yield [*named, *served[0], *_key_persons(project, units, looks)]
    for body in served[1:]:
        yield [*named, *body, *counted]


def _key_persons(project: ProjectBurden, units: list[str], looks: Looks) -> list[Cell]:
    counts = project.key_persons
    if counts is None:
        return [("Ikke oplyst", looks.muted_middle), *[("", looks.count)] * len(units)]
    return [(project.key_person_total, looks.count), *[(counts.get(unit), looks.count) for unit in units]]


def _totals(burden: Burden, looks: Looks) -> list[Cell]:
    known = f"I alt: nøglepersoner er oplyst for {burden.key_persons_known} af {projects(burden.shown)}"
    totals = burden.key_person_totals
    everyone = sum(totals.values()) if burden.key_persons_known else "Ikke oplyst"
    return [
        (known, looks.band),
        *[("", looks.band)] * (KEY_PERSONS - 1),
        (everyone, looks.band_number),
        *[(totals[unit], looks.band_number) for unit in burden.key_person_units],
    ]


def _point_to_people(sheet: Sheet, first_column: int, first_row: int) -> None:
    """Where the people stand: beside the title as a link, and on the screen below the last project."""
    place = f"{sheet.letters[first_column]}{first_row + 1}"
    target, words = f"internal:'{sheet.name}'!{place}", f"Belastning pr. person begynder i celle {place}"
    sheet.page.write_url(TITLE_ROW, MEMBERS, target, sheet.looks.link, words)
    sheet.add([(words, sheet.looks.muted_line)], wraps=False)


def _person(person: PersonBurden, looks: Looks, words: dict[Any, str]) -> list[Cell]:
    return [
        (person.name, looks.strong),
        (person.unit, looks.text),
        (person.seats, looks.count),
        (person.chairs, looks.count),
        (person.points, looks.points),
        ("; ".join(_place(place, words) for place in person.places), looks.text),
    ]


def _place(place: Place, words: dict[Any, str]) -> str:
    """»Kvarterhuset (formand)«; an ordinary seat has no words."""
    said = [words[place.function]] if place.function is not SeatFunction.member else []
    if place.attendance is Attendance.when_needed:
        said.append(words[place.attendance])
    return f"{place.body} ({', '.join(said)})" if said else place.body
