"""Overblik: every project on the list by theme with its colour, and first of all the red ones (domain.md R13, J3)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from pydantic import BaseModel, Field
from sqlmodel import Session, col

from app.models import Portfolio, Project
from app.models.base import columns
from app.models.reporting_round import latest_rounds
from app.models.signal import stands_first
from app.tabs.filters import (
    Filters,
    Heading,
    ListedProject,
    Option,
    heading,
    matching,
    options,
    passes,
    projects_on_list,
)
from app.tabs.mark import ROUNDS_SHOWN, Mark
from app.tabs.overview_row import OverviewRow, find_facts, make_rows, rolled_up


class OverviewGroup(BaseModel):
    """One theme with its projects, in the order of their numbers."""

    theme: str
    rows: list[OverviewRow]
    marks: dict[Mark, int]


class Tile(BaseModel):
    """How many have a mark, and how that changed since the last round: same projects that moved, joined, left."""

    mark: Mark
    count: int
    before: int
    moved_in: int
    moved_out: int
    joined: int
    left: int


class Gone(BaseModel):
    """A project that had a mark in the round before and is no longer on the list."""

    number: str
    title: str
    mark: Mark


class Overview(BaseModel):
    """The whole tab. `groups` follows the filters; tiles and reds are always of the whole list."""

    portfolio: str
    slug: str
    case_number: str
    as_of: date
    round_key: str
    round_name: str
    previous_round_name: str
    board_on: date | None
    rounds: tuple[str, ...]
    filters: Filters
    tiles: list[Tile]
    total: int
    joined: int
    left: int
    shown: int
    closed: int
    to_be_tested: int
    reds: list[OverviewRow]
    tested_first: list[OverviewRow] = Field(default_factory=list)
    groups: list[OverviewGroup]
    gone: list[Gone] = Field(default_factory=list)
    themes: list[Option] = Field(exclude=True)
    units: list[Option] = Field(exclude=True)
    owners: list[Option] = Field(exclude=True)
    kinds: list[Option] = Field(exclude=True)


class OverviewFacts(BaseModel):
    """What the tab is made of, before anybody filters: an edition keeps this. Keyed by project."""

    heading: Heading
    projects: list[ListedProject]
    rows: dict[int, OverviewRow]
    before: dict[int, Mark]
    gone: dict[int, Gone]

    def visible_to(self, known: set[int]) -> "OverviewFacts":
        """Without the projects that a reader may not know of today; titles of programmes included."""
        projects = [project for project in self.projects if project.id in known]
        rows = {project.id: self.rows[project.id] for project in projects}
        rows |= {each.id: replace(rows[each.id], programme="") for each in projects if each.parent_id not in known}
        return self.model_copy(
            update={
                "projects": projects,
                "rows": rows,
                "before": {key: mark for key, mark in self.before.items() if key in known},
                "gone": {key: gone for key, gone in self.gone.items() if key in known},
            }
        )


def build_overview(session: Session, portfolio: Portfolio, filters: Filters, day: date) -> Overview:
    """The tab as the session's reader may see it on a day. Ten queries at most, however many projects there are."""
    facts = read_overview(session, portfolio, day)
    return assemble_overview(facts, filters, matching(session, filters.q))


def read_overview(session: Session, portfolio: Portfolio, day: date) -> OverviewFacts:
    """The facts of today, as the session's reader may see them."""
    rounds = latest_rounds(session, portfolio.pk, ROUNDS_SHOWN)
    projects = projects_on_list(session, portfolio.pk, day)
    found = find_facts(session, rounds, day)
    rows = make_rows(projects, found)
    before = {key: mark for key, marks in found.marks.items() for mark in marks[1:2] if mark}
    return OverviewFacts.model_construct(
        heading=heading(portfolio, rounds, day),
        projects=projects,
        rows=rows,
        before=before,
        gone=_gone(session, {key: mark for key, mark in before.items() if key not in rows}),
    )


def _gone(session: Session, marks: Mapping[int, Mark]) -> dict[int, Gone]:
    if not marks:
        return {}
    query = columns(Project.id, Project.number, Project.title).where(col(Project.id).in_(marks))
    return {
        key: Gone(number=number, title=title, mark=marks[key])
        for key, number, title in session.exec(query.order_by(Project.sequence))
    }


def assemble_overview(facts: OverviewFacts, filters: Filters, matched: set[int] | None) -> Overview:
    """The tab out of its facts, today's or an edition's. `matched` are the projects that the search found, if any."""
    rows = rolled_up(facts.projects, facts.rows)
    shown = [
        rows[project.id]
        for project in facts.projects
        if (matched is None or project.id in matched) and passes(project, rows[project.id].mark, filters)
    ]
    now = {key: row.mark for key, row in rows.items()}
    return Overview.model_construct(
        **facts.heading.model_dump(exclude={"key_person_hours", "day"}),
        filters=filters,
        tiles=[_tile(mark, now, facts.before) for mark in (Mark.red, Mark.yellow, Mark.green, Mark.not_reported)],
        total=len(rows),
        joined=len(now.keys() - facts.before.keys()),
        left=len(facts.before.keys() - now.keys()),
        shown=len(shown),
        closed=sum(row.closed for row in rows.values()),
        to_be_tested=sum(1 for row in rows.values() if row.signals),
        reds=sorted(
            (row for row in rows.values() if row.mark is Mark.red),
            key=lambda row: (row.decision.by_on if row.decision and row.decision.by_on else date.max, row.number),
        ),
        tested_first=[row for row in rows.values() if row.mark is not Mark.red and stands_first(row.signals)],
        groups=_groups(shown),
        gone=list(facts.gone.values()),
        **options(facts.projects),
    )


def _tile(mark: Mark, now: Mapping[int, Mark], before: Mapping[int, Mark]) -> Tile:
    """Like for like (product.md, decision 11): the same projects that moved, those that joined, those that left."""
    here = {key for key, value in now.items() if value is mark}
    there = {key for key, value in before.items() if value is mark}
    return Tile(
        mark=mark,
        count=len(here),
        before=len(there),
        moved_in=len((here - there) & before.keys()),
        moved_out=len((there - here) & now.keys()),
        joined=len(here - before.keys()),
        left=len(there - now.keys()),
    )


def _groups(rows: Iterable[OverviewRow]) -> list[OverviewGroup]:
    by_theme: dict[str, list[OverviewRow]] = {}
    for row in rows:
        by_theme.setdefault(row.theme, []).append(row)
    return [
        OverviewGroup.model_construct(theme=theme, rows=members, marks=_mix(members))
        for theme, members in by_theme.items()
    ]


def _mix(rows: Iterable[OverviewRow]) -> dict[Mark, int]:
    """How many of each mark, in the order of the marks."""
    counted = Counter(row.mark for row in rows)
    return {mark: counted[mark] for mark in Mark if counted[mark]}
