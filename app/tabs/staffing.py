"""Staffing (bemanding): which posts the projects need or have, and which units bear them (domain.md R44-R48).

Everything is in full-time equivalents (årsværk). A post without a number counts as a post and never as zero (I12).
"""

from collections.abc import Collection, Iterable
from datetime import date
from math import fsum

from pydantic import BaseModel
from sqlmodel import Session, col, or_

from app.i18n import _, danish_order, ngettext, show_number
from app.models import Staffing, StaffingShare, Unit
from app.models.base import columns
from app.models.staffing import ExistingFunding, StaffingState, shares_in
from app.tabs.filters import among


class StaffingLine(BaseModel):
    """A post as it is stored: `fte` in full-time equivalents, None is unknown; units by their code, empty is unknown.

    `split` says how many percent each unit bears, by the year from which it holds.
    """

    no: int
    function: str
    fte: float | None
    existing_funding: ExistingFunding
    state: StaffingState
    unit: str
    keeps_home_unit: bool
    from_on: date | None
    to_on: date | None
    note: str
    split: dict[int, dict[str, int]]

    def shares_in(self, year: int) -> dict[str, int]:
        """How many percent each unit bears in a year, by its code; see `app.models.staffing.shares_in`."""
        return shares_in(self.split, self.unit, year)

    def counts_in(self, year: int) -> bool:
        """Whether the post is there on some day of the year; without dates it is there in every year."""
        return (self.from_on is None or self.from_on.year <= year) and (self.to_on is None or self.to_on.year >= year)

    def has_ended(self, day: date) -> bool:
        return self.to_on is not None and self.to_on < day


class Fte(BaseModel):
    """An amount of work: `known` full-time equivalents in `posts` posts, of which `unknown` have no number."""

    known: float = 0
    posts: int = 0
    unknown: int = 0

    @property
    def short(self) -> str:
        """For a table: »3,5«, »mindst 3,5« where some posts have no number, »ukendt« where none has."""
        if self.unknown == self.posts and self.posts:
            return _("unknown")
        number = show_number(self.known)
        return _("at least %(n)s") % {"n": number} if self.unknown else number

    def __str__(self) -> str:
        """»3,5 årsværk«, »mindst 3,5 årsværk, 2 poster uden tal«, »2 poster uden tal« or »ingen«."""
        if not self.posts:
            return _("none")
        work = _("%(n)s full-time equivalents") % {"n": show_number(self.known)}
        if not self.unknown:
            return work
        without = ngettext("%(n)s post without a number", "%(n)s posts without a number", self.unknown) % {
            "n": self.unknown
        }
        if self.unknown == self.posts:
            return without
        return _("at least %(work)s, %(without)s") % {"work": work, "without": without}


class UnitStaffing(BaseModel):
    """What one unit bears of the posts, its share of split posts only; `unit` is empty when it is unknown.

    A split post counts as a post at every unit that bears some of it.
    """

    unit: str
    total: Fte
    filled: Fte

    @property
    def label(self) -> str:
        return self.unit or _("unknown unit")


class StaffingSum(BaseModel):
    """The posts of a year, summed up. `without_funding` are those without existing funding, `partly_funded` half so."""

    year: int
    total: Fte
    by_state: dict[StaffingState, Fte]
    by_unit: list[UnitStaffing]
    without_funding: Fte
    partly_funded: Fte

    @property
    def states(self) -> list[tuple[StaffingState, Fte]]:
        """The states that there are posts in."""
        return [(state, self.by_state[state]) for state in StaffingState if self.by_state[state].posts]


def staffing_sum(lines: Iterable[StaffingLine], year: int) -> StaffingSum:
    """What some posts, of one project or of many, come to in a year: every state, every unit in Danish order.

    Shares of the year are applied to the units; the home unit bears a post that is not split. An unknown unit comes
    last.
    """
    counted = [line for line in lines if line.counts_in(year)]
    borne: dict[str, list[tuple[StaffingState, float | None]]] = {}
    for line in counted:
        for unit, percent in line.shares_in(year).items():
            part = None if line.fte is None else line.fte * percent / 100
            borne.setdefault(unit, []).append((line.state, part))
    return StaffingSum(
        year=year,
        total=_fte(line.fte for line in counted),
        by_state={state: _fte(line.fte for line in counted if line.state is state) for state in StaffingState},
        by_unit=[
            UnitStaffing(
                unit=unit,
                total=_fte(part for _state, part in borne[unit]),
                filled=_fte(part for state, part in borne[unit] if state is StaffingState.filled),
            )
            for unit in sorted(borne, key=lambda code: (not code, danish_order(code)))
        ],
        without_funding=_fte(line.fte for line in counted if line.existing_funding is ExistingFunding.no),
        partly_funded=_fte(line.fte for line in counted if line.existing_funding is ExistingFunding.partly),
    )


def _fte(amounts: Iterable[float | None]) -> Fte:
    """The sum of some posts. Binary fractions are rounded away, so that shares add up to the whole again."""
    found = list(amounts)
    known = round(fsum(amount for amount in found if amount is not None), 6)
    return Fte(known=known, posts=len(found), unknown=found.count(None))


def read_staffing(session: Session, on_list: Collection[int] | None, day: date) -> dict[int, list[StaffingLine]]:
    """The posts that have not ended by a day, also those still to come, by the key of their project.

    `on_list` are the keys of the projects wanted, None stands for all that the reader may see; a project without posts
    is left out. Two queries, however many projects there are.
    """
    theirs = among(Staffing.project_id, None if on_list is None else set(on_list))
    wanted = theirs, or_(col(Staffing.to_on).is_(None), col(Staffing.to_on) >= day)
    shares = (
        columns(StaffingShare.staffing_id, StaffingShare.year, Unit.code, StaffingShare.percent)
        .join(Staffing, col(Staffing.id) == StaffingShare.staffing_id)
        .join(Unit, col(Unit.id) == StaffingShare.unit_id)
        .where(*wanted)
        .order_by(StaffingShare.year, Unit.code)
    )
    splits: dict[int, dict[int, dict[str, int]]] = {}
    for staffing_id, year, code, percent in session.exec(shares):
        splits.setdefault(staffing_id, {}).setdefault(year, {})[code] = percent
    posts = (
        columns(
            Staffing.project_id,
            Staffing.id,
            Staffing.no,
            Staffing.function,
            Staffing.fte,
            Staffing.existing_funding,
            Staffing.state,
            col(Unit.code).label("unit"),
            Staffing.keeps_home_unit,
            Staffing.from_on,
            Staffing.to_on,
            Staffing.note,
        )
        .outerjoin(Unit, col(Unit.id) == Staffing.unit_id)
        .where(*wanted)
        .order_by(Staffing.project_id, Staffing.no)
    )
    found: dict[int, list[StaffingLine]] = {}
    for row in session.exec(posts):
        facts = dict(row._mapping) | {"unit": row.unit or "", "split": splits.get(row.id, {})}
        found.setdefault(row.project_id, []).append(StaffingLine.model_validate(facts))
    return found
