"""An answer: a sentence first, then the tables it rests on, where they come from, and what nobody has said."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from pydantic import BaseModel

from app.i18n import _, ngettext, show_date, show_number
from app.tabs.mark import Mark

NAMED = 6
"""How many names a sentence says before it counts the rest."""


class Tone(StrEnum):
    """How a line of a cell is meant."""

    plain = "plain"
    strong = "strong"
    small = "small"
    missing = "missing"
    late = "late"


class Line(BaseModel):
    """Some words of an answer: with the mark that stands before them, and the address that they lead to, if any."""

    text: str
    address: str = ""
    mark: Mark | None = None
    tone: Tone = Tone.plain

    @property
    def is_mark(self) -> bool:
        """Whether it says nothing but its mark."""
        return self.mark is not None and self.text == str(self.mark)


class Cell(BaseModel):
    """What stands in a cell, line by line; `figure` and `on` are what it says as a number or a day, for a machine.

    The lines of a `ranked` one stand in an order of priority.
    """

    lines: list[Line]
    figure: float | None = None
    on: date | None = None
    ranked: bool = False

    def __add__(self, lines: Iterable[Line]) -> "Cell":
        """The same with more lines below."""
        return self.model_copy(update={"lines": [*self.lines, *lines]})


class Column(BaseModel):
    """`figures` stand to the right; on a narrow screen a `wide` cell has a line of its own."""

    key: str
    title: str
    figures: bool = False
    wide: bool = False


class AnswerTable(BaseModel):
    """A table of an answer: its cells by the keys of the columns; `total` adds the rows up. `empty` stands for none."""

    key: str
    title: str
    columns: list[Column]
    rows: list[dict[str, Cell]]
    total: dict[str, Cell] | None = None
    note: str = ""
    empty: str = ""


class Answer(BaseModel):
    """`missing` says what the answer does not know; `sources` are the pages that it was taken from.

    `of_today` is set where an edition was asked for that does not hold what the answer needs; `without_closed` where
    closed projects are left out whoever reads. `title` is how the question is put, where that depends on the answer.
    """

    sentence: str
    title: str = ""
    tables: list[AnswerTable] = []
    missing: list[str] = []
    sources: list[Line] = []
    of_today: bool = False
    without_closed: bool = False


def table(
    key: str,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    total: Sequence[Cell] | None = None,
    note: str = "",
    empty: str = "",
) -> AnswerTable:
    """A table out of its rows, cell by cell in the order of the columns."""
    keys = [column.key for column in columns]
    return AnswerTable(
        key=key,
        title=title,
        columns=list(columns),
        rows=[dict(zip(keys, row, strict=True)) for row in rows],
        total=dict(zip(keys, total, strict=True)) if total else None,
        note=note,
        empty=empty,
    )


def lines(*texts: str, tone: Tone = Tone.plain) -> list[Line]:
    """Each text as a line; an empty one is left out."""
    return [Line(text=text, tone=tone) for text in texts if text]


def small(*texts: str) -> list[Line]:
    return lines(*texts, tone=Tone.small)


def words(text: str, *below: str) -> Cell:
    """A text, and what is said in small below it; without a text it says »Mangler«."""
    return Cell(lines=[*(lines(text) or lacking().lines), *small(*below)])


def several(found: Iterable[Line], none: str = "–", *, ranked: bool = False) -> Cell:
    """One line below the other, or what stands for none."""
    said = list(found)
    return Cell(lines=said or lines(none), ranked=ranked and bool(said))


def lacking(text: str = "") -> Cell:
    """What nobody has said: never nothing, and never zero (product.md, decision 12)."""
    return Cell(lines=lines(text or _("Missing"), tone=Tone.missing))


def figure(value: float | None, *below: str, shown: str = "") -> Cell:
    """A number, shown the reader's way unless it is given; None is unknown."""
    if value is None:
        return lacking(_("Unknown")) + small(*below)
    return Cell(lines=[*lines(shown or show_number(value)), *small(*below)], figure=value)


def day(on: date | None, *below: str) -> Cell:
    return Cell(lines=[*lines(show_date(on)), *small(*below)], on=on) if on else lacking() + small(*below)


def colour(*marks: Mark) -> Cell:
    """A mark, or what it was and what it is."""
    return Cell(lines=[Line(text=str(mark), mark=mark) for mark in marks])


def to_project(number: str, title: str, *below: str) -> Cell:
    """A project by its title, with its number and more in small below."""
    return Cell(
        lines=[
            Line(text=title, address=f"/projects/{number}", tone=Tone.strong),
            *small(" · ".join([number, *filter(None, below)])),
        ]
    )


def short(number: str, title: str) -> Line:
    """A project among others."""
    return Line(text=f"{number} {title}", address=f"/projects/{number}")


def to_person(person_id: int | None, name: str, *below: str) -> Cell:
    if not name:
        return lacking() + small(*below)
    address = f"/people/{person_id}" if person_id else ""
    return Cell(lines=[Line(text=name, address=address), *small(*below)])


def named(names: Iterable[str], most: int = NAMED) -> str:
    """Names as a sentence says them: »A, B og C«; of many, the first ones and how many more."""
    said = list(names)
    if len(said) > most:
        rest = ngettext("%(n)s other", "%(n)s others", len(said) - most + 1) % {"n": len(said) - most + 1}
        said = [*said[: most - 1], rest]
    if len(said) < 2:
        return "".join(said)
    return _("%(first)s and %(last)s") % {"first": ", ".join(said[:-1]), "last": said[-1]}


def sentences(*said: str) -> str:
    """Sentences after each other; an empty one is left out."""
    return " ".join(filter(None, said))


def as_today(edition: str) -> str:
    """What an answer begins with when the edition that was asked for keeps no relations; empty without one."""
    said = _("The edition of %(edition)s keeps no relations; this is how they stand today.")
    return said % {"edition": edition} if edition else ""


def counted(mark: Mark, n: int) -> str:
    """How many projects have a mark, as a sentence counts them: »1 rødt«, »5 røde«."""
    said = {
        Mark.red: ngettext("%(n)s is red", "%(n)s are red", n),
        Mark.yellow: ngettext("%(n)s is yellow", "%(n)s are yellow", n),
        Mark.green: ngettext("%(n)s is green", "%(n)s are green", n),
        Mark.not_reported: ngettext("%(n)s is not reported", "%(n)s are not reported", n),
        Mark.not_assessed: ngettext("%(n)s is not assessed yet", "%(n)s are not assessed yet", n),
        Mark.exempt: ngettext("%(n)s is exempt", "%(n)s are exempt", n),
        Mark.finished: ngettext("%(n)s is finished", "%(n)s are finished", n),
        Mark.absent: ngettext("%(n)s is not on the list", "%(n)s are not on the list", n),
    }
    return said[mark] % {"n": n}


def mix(marks: Iterable[Mark]) -> str:
    """How many have each mark, in the order of the marks: »2 røde, 1 gult og 3 grønne«."""
    found = list(marks)
    said = [counted(mark, found.count(mark)) for mark in Mark if mark in found]
    return named(said, len(said))
