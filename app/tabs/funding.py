"""Funding (finansiering): what the projects need, what is granted and what is missing (domain.md R91, R92, I22).

All amounts are in kroner. An amount that nobody has stated is unknown and never zero (I12).
"""

from collections.abc import Collection, Iterable

from pydantic import BaseModel
from sqlmodel import Session

from app.models import Funding, FundingNeed
from app.models.base import columns
from app.models.funding import Approved
from app.tabs.filters import among


class FundingLine(BaseModel):
    """Money from one source in one year, in kroner; None is unknown."""

    no: int
    source: str
    year: int
    amount: float | None
    approved: Approved
    decision: str


class NeedLine(BaseModel):
    """What one project needs for one purpose in one year, in kroner."""

    no: int
    purpose: str
    year: int
    amount: float


class FundingFacts(BaseModel):
    """A project's money as it is stored, ordered by year."""

    money: list[FundingLine]
    needs: list[NeedLine]


class FundingYear(BaseModel):
    """The money of a year, or of all years when `year` is None; in kroner.

    `needed` is None when no need is stated, and then `gap` is too. `gap` is what is needed less what is granted; it is
    negative when more is granted than needed, and may be smaller than reckoned (`gap_is_most`) when some of the granted
    money has no amount. What is proposed stands beside and never counts as granted. `unknown` and `unknown_proposed`
    say how many sources have been granted, or proposed, without an amount.
    """

    year: int | None
    needed: float | None
    granted: float
    proposed: float
    gap: float | None
    gap_is_most: bool
    unknown: int
    unknown_proposed: int

    @property
    def exceeds_need(self) -> bool:
        """Whether more is granted than needed: allowed, and worth a look (invariant I22)."""
        return self.gap is not None and self.gap < 0


class FundingSum(BaseModel):
    """The money year by year and in all; `years_without_need` have money, but nobody has said what they need."""

    years: list[FundingYear]
    total: FundingYear
    years_without_need: list[int]


def funding_sum(facts: FundingFacts) -> FundingSum:
    """What a project's money comes to, year by year and in all (invariant I22, domain.md R92)."""
    names = sorted({line.year for line in facts.money} | {need.year for need in facts.needs})
    years = [
        _of(
            year,
            [line for line in facts.money if line.year == year],
            [need for need in facts.needs if need.year == year],
        )
        for year in names
    ]
    return FundingSum(
        years=years,
        total=_of(None, facts.money, facts.needs),
        years_without_need=[year for year, found in zip(names, years, strict=True) if found.needed is None],
    )


def funding_of_several(several: Iterable[FundingFacts]) -> FundingSum:
    """What the money of several projects comes to.

    The gap is the sum of the gaps that are known: money granted to a project that has not stated its need does not fill
    the gap of another.
    """
    sums = [funding_sum(facts) for facts in several]
    names = sorted({year.year for each in sums for year in each.years if year.year is not None})
    years = [_added(name, [year for each in sums for year in each.years if year.year == name]) for name in names]
    return FundingSum(
        years=years,
        total=_added(None, [each.total for each in sums]),
        years_without_need=[name for name, year in zip(names, years, strict=True) if year.needed is None],
    )


def _added(name: int | None, years: list[FundingYear]) -> FundingYear:
    needed = [year.needed for year in years if year.needed is not None]
    gaps = [year.gap for year in years if year.gap is not None]
    return FundingYear(
        year=name,
        needed=sum(needed) if needed else None,
        granted=sum(year.granted for year in years),
        proposed=sum(year.proposed for year in years),
        gap=sum(gaps) if gaps else None,
        gap_is_most=any(year.gap_is_most for year in years),
        unknown=sum(year.unknown for year in years),
        unknown_proposed=sum(year.unknown_proposed for year in years),
    )


def _of(year: int | None, money: list[FundingLine], needs: list[NeedLine]) -> FundingYear:
    granted = [line.amount for line in money if line.approved is Approved.yes]
    proposed = [line.amount for line in money if line.approved is Approved.proposed]
    needed = sum(need.amount for need in needs) if needs else None
    known = sum(amount for amount in granted if amount is not None)
    return FundingYear(
        year=year,
        needed=needed,
        granted=known,
        proposed=sum(amount for amount in proposed if amount is not None),
        gap=None if needed is None else needed - known,
        gap_is_most=needed is not None and None in granted,
        unknown=granted.count(None),
        unknown_proposed=proposed.count(None),
    )


def read_funding(session: Session, on_list: Collection[int] | None) -> dict[int, FundingFacts]:
    """Money and needs by the key of their project; a project with neither is left out.

    `on_list` are the keys of the projects wanted, None stands for all that the reader may see. Two queries, however
    many projects there are.
    """
    only = None if on_list is None else set(on_list)
    found: dict[int, FundingFacts] = {}
    money = columns(
        Funding.project_id, Funding.no, Funding.source, Funding.year, Funding.amount, Funding.approved, Funding.decision
    ).where(among(Funding.project_id, only))
    for row in session.exec(money.order_by(Funding.project_id, Funding.year, Funding.no)):
        facts = found.setdefault(row.project_id, FundingFacts(money=[], needs=[]))
        facts.money.append(FundingLine.model_validate(dict(row._mapping)))
    needs = columns(
        FundingNeed.project_id, FundingNeed.no, FundingNeed.purpose, FundingNeed.year, FundingNeed.amount
    ).where(among(FundingNeed.project_id, only))
    for row in session.exec(needs.order_by(FundingNeed.project_id, FundingNeed.year, FundingNeed.no)):
        facts = found.setdefault(row.project_id, FundingFacts(money=[], needs=[]))
        facts.needs.append(NeedLine.model_validate(dict(row._mapping)))
    return found
