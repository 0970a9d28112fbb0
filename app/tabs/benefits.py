"""Benefits (gevinster): potential, expectation, what is identified and realised, and what is left of the budget.

Rules after domain.md R83-R89, I21, I12 and the worked example in 2B. All amounts are in kroner. Totals are computed
from the lines and never typed. What nobody has stated is unknown: it is counted and never zero.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from math import floor, fsum
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col

from app.i18n import show_millions
from app.models import Benefit, FundingNeed, Project, StatedTotal
from app.models.base import columns
from app.models.benefit import Certainty
from app.models.stated_total import BenefitColumn, StatedTotalForm
from app.tabs.filters import among

Range = tuple[float, float]
"""The lowest and the highest of an amount in kroner; the same twice when it is known."""

Need = tuple[str, int, float]
"""What something is needed for, in which year, and kroner."""

RANGED = (BenefitColumn.potential, BenefitColumn.not_analysed, BenefitColumn.expected)
"""The columns whose amounts may be ranges."""

COLUMNS: tuple[BenefitColumn, ...] = tuple(column for column in BenefitColumn if column is not BenefitColumn.need)
"""What a line states an amount of: the columns A-E of the paper's table (R83), and what is identified."""


def whole_percent(share: float) -> int:
    """A share as whole per cent, halves upwards; 100 only when all of it is there, and 0 only when nothing is."""
    if 0 < share < 1:
        return min(max(floor(share * 100 + 0.5), 1), 99)
    return floor(share * 100 + 0.5)


class BenefitLine(BaseModel):
    """One area in one budget year as it is stored; None is unknown. An edition keeps it."""

    no: int
    area: str
    year: int
    potential_min: float | None
    potential_max: float | None
    not_analysed_min: float | None
    not_analysed_max: float | None
    expected_min: float | None
    expected_max: float | None
    identified: float | None
    realised: float | None
    budget: float | None
    full_year: bool
    certainty: Certainty
    treasury_percent: int
    split_reason: str
    measure: str
    note: str

    def stated(self, column: BenefitColumn) -> Range | None:
        """What the line says in a column; None is unknown."""
        if column in RANGED:
            least, most = getattr(self, f"{column.value}_min"), getattr(self, f"{column.value}_max")
        else:
            least = most = getattr(self, column.value)
        return None if least is None or most is None else (least, most)

    def split(self, column: BenefitColumn) -> tuple[float | None, float | None]:
        """The treasury's part of a column's amount and the centre's (R87); None is unknown."""
        amount = self.stated(column)
        if amount is None:
            return None, None
        return amount[0] * self.treasury_percent / 100, amount[0] * (100 - self.treasury_percent) / 100

    @property
    def above_expectation(self) -> bool:
        """Whether more is realised than anybody expected: allowed, and worth a look (invariant I21)."""
        return self.realised is not None and self.expected_max is not None and self.realised > self.expected_max


class Amount(BaseModel):
    """A column added up: between `least` and `most` on `known` lines; `unknown` lines do not say."""

    least: float
    most: float
    known: int
    unknown: int

    @property
    def shown(self) -> str:
        """In million kroner: »5,0–7,0« or »1,1«; empty when no line says anything."""
        if not self.known:
            return ""
        least, most = show_millions(self.least), show_millions(self.most)
        return least if least == most else f"{least}–{most}"


class Split(BaseModel):
    """Kroner that go to the treasury, and to the centre that saved them (R87)."""

    treasury: float
    centre: float


class Totals(BaseModel):
    """Lines added up.

    A budget is a project's for a year (R88): its areas may fill in for each other, but no project and no year for
    another. `outstanding` is the sum over those budgets of what is left of each when what is realised and identified
    has been taken from it, never below zero; `surplus` is the sum of what lies above them. Both are None without one.
    `realised_in_budget` and `identified_in_budget` are those of the lines whose budget is stated: only they count
    towards it, and `outstanding_is_most` says that some of those lines do not state what is realised.

    `coverage` is realised_in_budget ÷ budget and `coverage_with_identified` (realised + identified)_in_budget ÷ budget,
    1.0 is all of it: 0.7 of 3.2 million is 0.21875, shown as 22 %, and with 0.4 more 34 %. None without a budget, and
    when none of its lines states what is realised (or identified).
    """

    lines: int
    amounts: dict[BenefitColumn, Amount]
    realised_in_budget: float
    identified_in_budget: float
    outstanding: float | None
    surplus: float | None
    outstanding_is_most: bool
    realised_split: Split
    budget_split: Split
    part_year: int
    coverage: float | None
    coverage_with_identified: float | None

    @property
    def realised(self) -> Amount:
        return self.amounts[BenefitColumn.realised]

    @property
    def identified(self) -> Amount:
        return self.amounts[BenefitColumn.identified]

    @property
    def budget(self) -> Amount:
        return self.amounts[BenefitColumn.budget]

    @property
    def percent(self) -> int | None:
        return None if self.coverage is None else whole_percent(self.coverage)

    @property
    def percent_with_identified(self) -> int | None:
        return None if self.coverage_with_identified is None else whole_percent(self.coverage_with_identified)


class BenefitSum(BaseModel):
    """What lines come to: in all, by budget year, by certainty, and by the measure that realises them.

    Every line stands in one year, under one certainty and under one measure (or none, ""), so that each of the three
    adds up to `total` and no line is counted twice (domain.md 2C D2).
    """

    total: Totals
    years: dict[int, Totals]
    certainties: dict[Certainty, Totals]
    measures: dict[str, Totals]


def benefit_sum(lines: Sequence[BenefitLine]) -> BenefitSum:
    """What one project's lines come to."""
    return benefits_of_several([lines])


def benefits_of_several(projects: Iterable[Sequence[BenefitLine]]) -> BenefitSum:
    """What the lines of several projects come to, given project by project."""
    budgets: list[list[BenefitLine]] = []
    for lines in projects:
        by_year: dict[int, list[BenefitLine]] = defaultdict(list)
        for line in lines:
            by_year[line.year].append(line)
        budgets += by_year.values()
    every = [line for budget in budgets for line in budget]
    return BenefitSum(
        total=_totals(budgets),
        years={
            year: _totals([budget for budget in budgets if budget[0].year == year])
            for year in sorted({line.year for line in every})
        },
        certainties={
            certainty: _totals([[line for line in budget if line.certainty is certainty] for budget in budgets])
            for certainty in Certainty
            if any(line.certainty is certainty for line in every)
        },
        measures={
            measure: _totals([[line for line in budget if line.measure == measure] for budget in budgets])
            for measure in sorted({line.measure for line in every})
        },
    )


def _totals(budgets: Sequence[Sequence[BenefitLine]]) -> Totals:
    """Each of `budgets` holds lines of one project in one year."""
    every = [line for budget in budgets for line in budget]
    within = [line for line in every if line.budget is not None]
    left = [_left(budget) for budget in budgets if any(line.budget is not None for line in budget)]
    budget = fsum(line.budget or 0 for line in within)
    realised = fsum(line.realised or 0 for line in within)
    identified = fsum(line.identified or 0 for line in within)
    states_realised = any(line.realised is not None for line in within)
    states_any = states_realised or any(line.identified is not None for line in within)
    return Totals(
        lines=len(every),
        amounts={column: added(line.stated(column) for line in every) for column in COLUMNS},
        realised_in_budget=realised,
        identified_in_budget=identified,
        outstanding=fsum(max(each, 0) for each in left) if left else None,
        surplus=fsum(max(-each, 0) for each in left) if left else None,
        outstanding_is_most=any(line.realised is None for line in within),
        realised_split=_split(every, BenefitColumn.realised),
        budget_split=_split(every, BenefitColumn.budget),
        part_year=sum(not line.full_year for line in every),
        coverage=realised / budget if budget and states_realised else None,
        coverage_with_identified=fsum((realised, identified)) / budget if budget and states_any else None,
    )


def added(amounts: Iterable[Range | None]) -> Amount:
    """Amounts added up: the lowest with the lowest, the highest with the highest; what is unknown is counted."""
    stated = list(amounts)
    known = [amount for amount in stated if amount is not None]
    return Amount(
        least=fsum(least for least, _most in known),
        most=fsum(most for _least, most in known),
        known=len(known),
        unknown=len(stated) - len(known),
    )


def _left(budget: Iterable[BenefitLine]) -> float:
    """What is left of a project's budget in a year; negative when more has been found."""
    within = [line for line in budget if line.budget is not None]
    found = [amount or 0 for line in within for amount in (line.realised, line.identified)]
    return fsum([*(line.budget or 0 for line in within), *(-amount for amount in found)])


def _split(lines: Iterable[BenefitLine], column: BenefitColumn) -> Split:
    parts = [line.split(column) for line in lines]
    return Split(
        treasury=fsum(treasury or 0 for treasury, _centre in parts),
        centre=fsum(centre or 0 for _treasury, centre in parts),
    )


class StatedLine(BaseModel):
    """A total that a paper states, beside what the lines come to in every column (domain.md 2C D1, D3).

    `computed` is None for a column in which no line says anything.
    """

    no: int
    text: str
    source: str
    column: BenefitColumn
    year: int
    amount: float
    areas: list[str]
    computed: dict[BenefitColumn, Amount]
    unknown_areas: list[str]
    """What it is said to be of, and no line is."""

    @property
    def in_its_column(self) -> Amount | None:
        return self.computed.get(self.column)

    @property
    def difference(self) -> Range | None:
        """What the lines come to less what the paper says, at least and at most; None when no line says anything."""
        computed = self.in_its_column
        return None if computed is None else (computed.least - self.amount, computed.most - self.amount)

    @property
    def agrees(self) -> bool:
        """Whether the lines come to what the paper says, to the krone."""
        return self.difference is not None and self._is_nothing(self.difference)

    @property
    def columns_that_agree(self) -> list[BenefitColumn]:
        """The other columns that come to what the paper says: it may have named the wrong one."""
        return [
            column
            for column, amount in self.computed.items()
            if column is not self.column and self._is_nothing((amount.least - self.amount, amount.most - self.amount))
        ]

    @staticmethod
    def _is_nothing(difference: Range) -> bool:
        return all(abs(end) < 0.5 for end in difference)


class BenefitFacts(BaseModel):
    """A project's benefits for its page: its lines, and what papers say that they come to."""

    lines: list[BenefitLine]
    stated: list[StatedLine]

    @property
    def counted_twice(self) -> list[str]:
        """Areas that several stated totals of a year are said to be of: those totals must not be added (D2)."""
        named = Counter((total.year, area) for total in self.stated for area in total.areas)
        return [area for (_year, area), times in named.items() if times > 1]


def read_benefits(session: Session, on_list: Collection[int] | None) -> dict[int, list[BenefitLine]]:
    """The lines that apply by the key of their project, by year; a project without any is left out.

    `on_list` are the keys of the projects wanted, None stands for all that the reader may see. One query, however many
    projects there are.
    """
    return _read(session, Benefit.project_id, among(Benefit.project_id, None if on_list is None else set(on_list)))


def benefit_lines(session: Session, projects: sa.ColumnElement[bool]) -> dict[str, list[BenefitLine]]:
    """The same by project number. `projects` is a condition on Project. One query."""
    return _read(session, Project.number, projects)


def _read(session: Session, by: Any, wanted: Any) -> dict[Any, list[BenefitLine]]:
    query = (
        columns(
            sa.inspect(by).expression.label("project"), *(getattr(Benefit, name) for name in BenefitLine.model_fields)
        )
        .join(Project, col(Project.id) == Benefit.project_id)
        .where(wanted, ~col(Benefit.withdrawn))
        .order_by(Benefit.project_id, Benefit.year, Benefit.no)
    )
    found: dict[Any, list[BenefitLine]] = defaultdict(list)
    for row in session.exec(query):
        found[row.project].append(BenefitLine.model_construct(**{name: row._mapping[name] for name in _FIELDS}))
    return dict(found)


_FIELDS = list(BenefitLine.model_fields)


def benefit_facts(session: Session, project_id: int) -> BenefitFacts:
    """One project's benefits for its page. Three queries."""
    lines = read_benefits(session, {project_id}).get(project_id, [])
    needs = columns(FundingNeed.purpose, FundingNeed.year, FundingNeed.amount)
    needed = session.exec(needs.where(FundingNeed.project_id == project_id)).all()
    totals = columns(*(getattr(StatedTotal, name) for name in ("no", *StatedTotalForm.model_fields)))
    query = totals.where(StatedTotal.project_id == project_id).order_by(StatedTotal.year, StatedTotal.no)
    return BenefitFacts(
        lines=lines, stated=[stated_line(dict(row._mapping), lines, needed) for row in session.exec(query)]
    )


def stated_line(total: dict[str, Any], lines: Iterable[BenefitLine], needs: Iterable[Need]) -> StatedLine:
    """A stated total held against the lines, or the needs, of its areas in its year.

    Areas are compared as they are written, without regard to case; no areas stand for all of them.
    """
    areas = [area.casefold() for area in total["areas"]]
    of_year = [line for line in lines if line.year == total["year"]]
    needed = [(purpose, amount) for purpose, year, amount in needs if year == total["year"]]
    names = {name.casefold() for name in (*(line.area for line in of_year), *(purpose for purpose, _amount in needed))}
    amounts = {
        column: [line.stated(column) for line in of_year if not areas or line.area.casefold() in areas]
        for column in COLUMNS
    }
    amounts[BenefitColumn.need] = [
        (amount, amount) for purpose, amount in needed if not areas or purpose.casefold() in areas
    ]
    sums = {column: added(stated) for column, stated in amounts.items()}
    return StatedLine(
        **total,
        computed={column: amount for column, amount in sums.items() if amount.known},
        unknown_areas=[area for area in total["areas"] if area.casefold() not in names],
    )
