"""The sheet Belastning: a row for each project and body, and below it, in columns of their own, further blocks.

The blocks are people, units, bodies with the same people, and funding year by year. All share the row of headings, so
that it is right on every screen and page, and share no row, so that a filter on one never hides a part of another.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_range_abs

from app.models.seat import Attendance, SeatFunction
from app.models.staffing import StaffingState
from app.papers.headline import projects
from app.papers.looks import Looks
from app.papers.sheet import TITLE_ROW, Cell, Column, Sheet
from app.tabs.burden import Burden, ProjectBurden
from app.tabs.burden_bodies import BodyBurden, Member, Overlap
from app.tabs.burden_people import PersonBurden, Place
from app.tabs.burden_units import UnitBurden
from app.tabs.funding import FundingYear
from app.tabs.staffing import Fte

MEMBERS, KEY_PERSONS = 4, 7
"""The columns with a body's members, and with a project's key persons; the units follow it."""

MEANS_COLUMNS = [
    Column("Årsværk", 9),
    Column("Heraf besatte årsværk", 10),
    Column("Poster uden tal", 10),
    Column("Behov i alt (kr.)", 12),
    Column("Bevilget i alt (kr.)", 12),
    Column("Indstillet i alt (kr.)", 12),
    Column("Mangler i alt (kr.)", 12),
]
"""Posts of the list's year and money of all years, in the first row of a project alone."""

PERSON_COLUMNS = [
    Column("Person", 24, internal=True),
    Column("Center", 8, internal=True),
    Column("Pladser", 9, internal=True),
    Column("Formandsposter", 14, internal=True),
    Column("Point", 8, internal=True),
    Column("Organer", 70, internal=True),
    Column("Møder", 9, internal=True),
    Column("Niveau", 12, internal=True),
    Column("Rang", 7, internal=True),
    Column("Point i udgaven før", 10, internal=True),
]
UNIT_COLUMNS = [
    Column("Centerkode", 9, internal=True),
    Column("Centernavn", 34, internal=True),
    Column("Centrets nøglepersoner", 12, internal=True),
    Column("Centrets pladser", 10, internal=True),
    Column("Centrets formandsposter", 13, internal=True),
    Column("Centrets point", 10, internal=True),
    Column("Centrets ubesatte pladser", 10, internal=True),
    Column("Centrets årsværk", 10, internal=True),
    Column("Centrets besatte årsværk", 10, internal=True),
    Column("Centrets poster uden tal", 11, internal=True),
    Column("Centrets projekter", 60, internal=True),
]
OVERLAP_COLUMNS = [
    Column("Det ene organ", 28, internal=True),
    Column("Det andet organ", 28, internal=True),
    Column("De samme personer", 50, internal=True),
    Column("Sparede møder for hver", 11, internal=True),
    Column("Sparede mødedeltagelser", 12, internal=True),
]
FUNDING_COLUMNS = [
    Column("Projektnr.", 9),
    Column("Projektets titel", 34),
    Column("År", 7),
    Column("Behov (kr.)", 12),
    Column("Bevilget (kr.)", 12),
    Column("Indstillet (kr.)", 12),
    Column("Mangler (kr.)", 12),
]


@dataclass(frozen=True)
class Block:
    """One of the blocks beside the first: what it is called, in full and in short, its columns and its rows.

    What somebody carries is for the house alone (domain.md 3E).
    """

    name: str
    short: str
    columns: list[Column]
    rows: Callable[[Burden, Looks], list[list[Cell]]]

    @property
    def internal(self) -> bool:
        return all(column.internal for column in self.columns)


def burden_columns(burden: Burden, *, external: bool = False) -> list[Column]:
    return [
        Column("Nr.", 6.5),
        Column("Projekt", 28),
        Column("Organ", 28),
        Column("Formand", 17),
        Column("Medlemmer (rolle, center)" if external else "Medlemmer (rolle/navn, center)", 56),
        Column("Antal medlemmer", 11),
        Column("Møder pr. år", 9),
        Column(f"Nøglepersoner >{burden.key_person_hours} t/uge i alt", 14, internal=True),
        *(Column(f"Heraf {unit}", 7, internal=True) for unit in burden.key_person_units),
        *MEANS_COLUMNS,
        *(column for block in BLOCKS for column in block.columns),
    ]


def fill_burden(sheet: Sheet, burden: Burden) -> None:
    """Projects in the order of the list, then each block in the order of the screen."""
    looks, first = sheet.looks, KEY_PERSONS + 1 + len(burden.key_person_units) + len(MEANS_COLUMNS)
    bodies = [_body(body, looks) for body in burden.bodies]
    for project in burden.projects:
        for cells in _project(project, bodies, burden.key_person_units, looks):
            sheet.add(cells)
    sheet.add(_totals(burden, sheet), wraps=False)
    printed = [xl_range_abs(0, 0, sheet.row - 1, sheet.at(first) - 1)]
    for block in BLOCKS:
        rows = [] if sheet.external and block.internal else block.rows(burden, looks)
        after = first + len(block.columns)
        if rows:
            start = sheet.row + 1
            _point_to(sheet, block.name, first, start, linked=len(printed) == 1)
            for cells in rows:
                sheet.add(cells, first)
            printed.append(xl_range_abs(start, sheet.at(first), sheet.row - 1, sheet.at(after) - 1))
        first = after
    sheet.close()
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
    """Who sits there. Outsiders get roles and units, and how many of each there are."""
    counted = Counter(_member(member) for member in body.members)
    said = [f"{member}, {count} pladser" if count > 1 else member for member, count in counted.items()]
    if body.external_members is None:
        said.append("eksterne: antal ikke oplyst")
    elif body.external_members:
        said.append(f"eksterne: {body.external_members}")
    said += [f"ubesat: {role}" for role in body.empty_chairs]
    return "; ".join(said)


def _member(member: Member) -> str:
    """»formand Jonas Bek, DIR«, »medlem, DIR« without a name, and whether the seat is taken only when needed."""
    role = str(member.function).lower() if member.function is not SeatFunction.member or not member.name else ""
    who = ", ".join(filter(None, [" ".join(filter(None, [role, member.name])), member.unit]))
    return f"{who} ({str(member.attendance).lower()})" if member.attendance is Attendance.when_needed else who


def _project(project: ProjectBurden, bodies: list[list[Cell]], units: list[str], looks: Looks) -> Iterator[list[Cell]]:
    """A row for each of the project's bodies. Key persons stand in the first alone: a sum counts them once."""
    named: list[Cell] = [
        (project.number, looks.text),
        (f"{project.title} (lukket)" if project.closed else project.title, looks.strong),
    ]
    nobody: list[Cell] = [("Intet organ registreret", looks.muted), *[("", looks.text)] * 4]
    counted: list[Cell] = [
        ("Talt ovenfor", looks.muted_middle),
        *[("", looks.count)] * (len(units) + len(MEANS_COLUMNS)),
    ]
    served = [bodies[position] for position in project.bodies] or [nobody]
    yield [*named, *served[0], *_key_persons(project, units, looks), *_means(project, looks)]
    for body in served[1:]:
        yield [*named, *body, *counted]


def _key_persons(project: ProjectBurden, units: list[str], looks: Looks) -> list[Cell]:
    counts = project.key_persons
    if counts is None:
        return [("Ikke oplyst", looks.muted_middle), *[("", looks.count)] * len(units)]
    return [(project.key_person_total, looks.count), *[(counts.get(unit), looks.count) for unit in units]]


def _means(project: ProjectBurden, looks: Looks) -> list[Cell]:
    """Posts and money. What nobody has stated is said, or empty beside what is; never zero."""
    posts: list[Cell] = [("Ikke oplyst", looks.muted_middle), *[("", looks.count)] * 2]
    if project.staffing:
        total, filled = project.staffing.total, project.staffing.by_state[StaffingState.filled]
        posts = [_fte(total, looks), _fte(filled, looks), (total.unknown, looks.count)]
    money: list[Cell] = [("Ikke oplyst", looks.muted_middle), *[("", looks.whole)] * 3]
    return [*posts, *(_money(project.funding.total, looks) if project.funding else money)]


def _fte(amount: Fte, looks: Looks) -> Cell:
    """Full-time equivalents as a number; where no post has one, the words."""
    if amount.posts and amount.unknown == amount.posts:
        return ("Ikke oplyst", looks.muted_middle)
    return (amount.known, looks.number(amount.known))


def _money(money: FundingYear, looks: Looks) -> list[Cell]:
    """Needed, granted, proposed and the gap, in kroner."""
    unknown: Cell = ("Ikke oplyst", looks.muted_middle)
    return [
        unknown if money.needed is None else (money.needed, looks.whole),
        (money.granted, looks.whole),
        (money.proposed, looks.whole),
        unknown if money.gap is None else (money.gap, looks.whole),
    ]


def _totals(burden: Burden, sheet: Sheet) -> list[Cell]:
    looks = sheet.looks
    known = f"I alt: nøglepersoner er oplyst for {burden.key_persons_known} af {projects(burden.shown)}"
    if sheet.external:
        known = f"I alt, {projects(burden.shown)}"
    totals, posts, money = burden.key_person_totals, burden.staffing, burden.funding.total
    everyone = sum(totals.values()) if burden.key_persons_known else "Ikke oplyst"
    means = [
        posts.total.known,
        posts.by_state[StaffingState.filled].known,
        posts.total.unknown,
        money.needed,
        money.granted,
        money.proposed,
        money.gap,
    ]
    return [
        (known, looks.band),
        *[("", looks.band)] * (KEY_PERSONS - 1),
        (everyone, looks.band_number),
        *[(totals[unit], looks.band_number) for unit in burden.key_person_units],
        *[("Ikke oplyst" if amount is None else amount, looks.band_number) for amount in means],
    ]


def _point_to(sheet: Sheet, name: str, first_column: int, first_row: int, *, linked: bool) -> None:
    """Where a block stands: on the screen below what comes before it, and for the first of them a link by the title."""
    place = f"{sheet.letters[sheet.at(first_column)]}{first_row + 1}"
    if linked:
        target, words = f"internal:'{sheet.name}'!{place}", f"{_all_blocks(sheet)} begynder i celle {place}"
        sheet.page.write_url(TITLE_ROW, MEMBERS, target, sheet.looks.link, words)
    sheet.add([(f"{name} begynder i celle {place}", sheet.looks.muted_line)], wraps=False)


def _all_blocks(sheet: Sheet) -> str:
    """»Personer, centre, organer og finansiering«."""
    *names, last = (block.short for block in BLOCKS if not (sheet.external and block.internal))
    return " og ".join(filter(None, [", ".join(names), last])).capitalize()


def _person(person: PersonBurden, looks: Looks, words: dict[Any, str]) -> list[Cell]:
    return [
        (person.name, looks.strong),
        (person.unit, looks.text),
        (person.seats, looks.count),
        (person.chairs, looks.count),
        (person.points, looks.points),
        ("; ".join(_place(place, words) for place in person.places), looks.text),
        (person.meetings, looks.at_least if person.bodies_without_meetings else looks.count),
        (str(person.level), looks.text),
        (person.rank, looks.count),
        (person.points_before, looks.points),
    ]


def _place(place: Place, words: dict[Any, str]) -> str:
    """»Kvarterhuset (formand)«; an ordinary seat has no words."""
    said = [words[place.function]] if place.function is not SeatFunction.member else []
    if place.attendance is Attendance.when_needed:
        said.append(words[place.attendance])
    return f"{place.body} ({', '.join(said)})" if said else place.body


def _people(burden: Burden, looks: Looks) -> list[list[Cell]]:
    words: dict[Any, str] = {choice: str(choice).lower() for kind in (SeatFunction, Attendance) for choice in kind}
    return [_person(person, looks, words) for person in burden.people]


def _unit(unit: UnitBurden, looks: Looks) -> list[Cell]:
    return [
        (unit.label, looks.strong),
        (unit.name, looks.text),
        (unit.key_persons, looks.count),
        (unit.seats, looks.count),
        (unit.chairs, looks.count),
        (unit.points, looks.points),
        (unit.empty_chairs, looks.count),
        _fte(unit.staffing, looks),
        _fte(unit.filled, looks),
        (unit.staffing.unknown, looks.count),
        (", ".join(share.number for share in unit.projects), looks.text),
    ]


def _overlap(pair: Overlap, looks: Looks) -> list[Cell]:
    unknown: Cell = ("Ikke oplyst", looks.muted_middle)
    return [
        (pair.first, looks.text),
        (pair.second, looks.text),
        ("; ".join(pair.people), looks.text),
        unknown if pair.meetings_saved is None else (pair.meetings_saved, looks.count),
        unknown if pair.attendances_saved is None else (pair.attendances_saved, looks.count),
    ]


def _years(burden: Burden, looks: Looks) -> list[list[Cell]]:
    """A row for each project and year with money or a need."""
    return [
        [
            (project.number, looks.text),
            (project.title, looks.text),
            (money.year, looks.year_number),
            *_money(money, looks),
        ]
        for project in burden.projects
        if project.funding
        for money in project.funding.years
    ]


BLOCKS = (
    Block("Belastning pr. person", "personer", PERSON_COLUMNS, _people),
    Block(
        "Belastning pr. center",
        "centre",
        UNIT_COLUMNS,
        lambda burden, looks: [_unit(u, looks) for u in burden.units_carrying],
    ),
    Block(
        "Organer med de samme personer",
        "organer",
        OVERLAP_COLUMNS,
        lambda burden, looks: [_overlap(pair, looks) for pair in burden.overlaps],
    ),
    Block("Finansiering pr. år", "finansiering", FUNDING_COLUMNS, _years),
)
