"""The filters that all three tabs share; they are part of the address, so that a view can be mailed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from json import loads
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from app.i18n import danish_order, search_key
from app.models import Person, Portfolio, Project, ProjectUnit, ReportingRound, Theme, Unit
from app.models.base import columns, packed, stored
from app.models.placement import on_list
from app.models.project import Confidentiality, Kind, Phase, ancestors, family

KEPT = 20_000
"""How many things that were made of a query's rows are kept: those of the largest list that is measured, twice."""


class Filters(BaseModel):
    """What to show. Unknown values show nothing; they are never an error."""

    q: str = ""
    theme: str = ""
    unit: str = ""
    colour: str = ""
    owner: str = ""
    kind: str = ""
    round: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is filtered; which edition is shown is not a filter."""
        return any(self.model_dump(exclude={"round"}).values())


class Option(BaseModel):
    value: str
    label: str


@dataclass(frozen=True, eq=False)
class ListedProject:
    """A project of the list as every tab needs it. `search` is what a search looks in; editions keep it."""

    id: int
    number: str
    title: str
    kind: Kind
    parent_id: int | None
    phase: Phase
    confidentiality: Confidentiality
    case_numbers: list[str]
    planned_end_on: date | None
    baseline_end_on: date | None
    owner_id: int | None
    leader_id: int | None
    theme: str
    owner: str | None
    leader: str | None
    unit: str | None
    programme: str | None
    search: str = ""


class Heading(BaseModel):
    """What stands above every tab: which list, which round, which day. `rounds` are the history's, oldest first."""

    portfolio: str
    slug: str
    case_number: str
    key_person_hours: int
    as_of: date
    day: date
    round_key: str
    round_name: str
    previous_round_name: str
    board_on: date | None
    rounds: tuple[str, ...]


def heading(portfolio: Portfolio, rounds: Sequence[ReportingRound], day: date) -> Heading:
    """The heading on a day; `rounds` are the latest ones, newest first."""
    current = rounds[0] if rounds else None
    return Heading(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        case_number=portfolio.case_number,
        key_person_hours=portfolio.key_person_hours,
        as_of=current.as_of if current else day,
        day=day,
        round_key=current.key if current else "",
        round_name=current.name if current else "",
        previous_round_name=rounds[1].name if len(rounds) > 1 else "",
        board_on=current.board_on if current else None,
        rounds=tuple(a_round.name for a_round in reversed(rounds)),
    )


def among(project_id: Any, only: set[int] | None) -> Any:
    """That a row belongs to one of these projects; None stands for all of them."""
    return sa.true() if only is None else col(project_id).in_(only)


_OWNER, _LEADER, _PARENT = aliased(Person), aliased(Person), aliased(Project)


def projects_on_list(
    session: Session, portfolio_id: int, day: date, only: set[int] | None = None
) -> list[ListedProject]:
    """The projects on the list as every tab needs them, ordered by theme, then number, closed ones last."""
    query = _on_list(portfolio_id, day)
    if only is not None:
        query = query.where(among(Project.id, only))
    listed = [_listed(text) for _id, text in session.exec(query)]
    if only is not None and len(only) == 1:
        return listed
    return _under_what_is_listed(listed, family(session, portfolio_id))


def _under_what_is_listed(listed: list[ListedProject], parent_of: dict[int, int | None]) -> list[ListedProject]:
    """The same projects; one whose focus area has left the list is part of what that was part of."""
    by_key = {project.id: project for project in listed}
    found = []
    for project in listed:
        above = None
        if project.parent_id is not None and project.parent_id not in by_key:
            above = next((by_key[key] for key in ancestors(parent_of, project.id) if key in by_key), None)
        found.append(_under(project, above.id, above.title) if above else project)
    return found


@lru_cache(maxsize=KEPT)
def _under(project: ListedProject, parent_id: int, programme: str) -> ListedProject:
    return replace(project, parent_id=parent_id, programme=programme)


def projects_beside_list(session: Session, portfolio_id: int, day: date) -> list[ListedProject]:
    """The projects that do not stand on the list on a day, in the same order."""
    return [_listed(text) for _id, text in session.exec(_on_list(portfolio_id, day, beside=True))]


@lru_cache(maxsize=100)
def _on_list(portfolio_id: int, day: date, *, beside: bool = False) -> Any:
    """The query for them, made once: putting it together takes as long as reading a hundred projects."""
    here = on_list(portfolio_id, day)
    return (
        columns(
            Project.id,
            packed(
                Project.id,
                Project.number,
                Project.title,
                stored(Project.kind),
                Project.parent_id,
                stored(Project.phase),
                stored(Project.confidentiality),
                stored(Project.case_numbers),
                stored(Project.planned_end_on),
                stored(Project.baseline_end_on),
                Project.owner_id,
                Project.leader_id,
                Theme.name,
                _OWNER.name,
                _LEADER.name,
                Unit.code,
                _PARENT.title,
            ),
        )
        .join(Theme, col(Theme.id) == Project.theme_id)
        .outerjoin(_OWNER, col(_OWNER.id) == Project.owner_id)
        .outerjoin(_LEADER, col(_LEADER.id) == Project.leader_id)
        .outerjoin(Unit, col(Unit.id) == Project.unit_id)
        .outerjoin(_PARENT, col(_PARENT.id) == Project.parent_id)
        .where(sa.and_(col(Project.portfolio_id) == portfolio_id, sa.not_(here)) if beside else here)
        .order_by(Theme.position, col(Project.series).desc(), Project.sequence)
    )


@lru_cache(maxsize=KEPT)
def _listed(text: str) -> ListedProject:
    """A packed project. The same facts are the same object, so that what was made of it is found again."""
    project = ListedProject(*loads(text))
    return replace(
        project,
        kind=Kind(project.kind),
        phase=Phase(project.phase),
        confidentiality=Confidentiality(project.confidentiality),
        case_numbers=loads(str(project.case_numbers)),
        planned_end_on=stored_date(project.planned_end_on),
        baseline_end_on=stored_date(project.baseline_end_on),
    )


def stored_date(text: Any) -> date | None:
    """A date as the database stores it."""
    return date.fromisoformat(text) if text else None


def passes(project: Any, mark: str, filters: Filters) -> bool:
    """Whether a project of the list, which has this mark now, passes every filter but the search."""
    return (
        (not filters.theme or slug(project.theme) == filters.theme)
        and (not filters.unit or project.unit == filters.unit)
        and (not filters.colour or mark == filters.colour)
        and (not filters.owner or str(project.owner_id) == filters.owner)
        and (not filters.kind or project.kind == filters.kind)
    )


def options(projects: list[Any]) -> dict[str, Any]:
    """What the filters offer, as a tab's fields: only what stands on the list that the reader may see."""
    owners = {str(project.owner_id): project.owner for project in projects if project.owner}
    kinds = {project.kind for project in projects}
    return {
        "themes": [Option(value=slug(name), label=name) for name in dict.fromkeys(p.theme for p in projects)],
        "units": [
            Option(value=code, label=code) for code in sorted({p.unit for p in projects if p.unit}, key=danish_order)
        ],
        "owners": [
            Option(value=key, label=name) for key, name in sorted(owners.items(), key=lambda o: danish_order(o[1]))
        ],
        "kinds": [Option(value=kind.value, label=str(kind)) for kind in Kind if kind in kinds],
    }


def matching(session: Session, q: str) -> set[int] | None:
    """The keys of the projects that a search finds; None when nothing is searched for.

    Every word must be found in the project's title, number, case numbers or aliases, or in the names and aliases of its
    units, its owner or its leader. Danish letters and their old spellings are one (»Taastrupgård«, »Taastrupgaard«).
    """
    words = search_key(q).split()
    if not words:
        return None
    return set(session.exec(select(col(Project.id)).where(*(_found(word) for word in words))))  # type: ignore[arg-type]


def matching_frozen(projects: Iterable[ListedProject], q: str) -> set[int] | None:
    """The same in an edition, in the words that the projects had then."""
    words = search_key(q).split()
    return {each.id for each in projects if all(word in each.search for word in words)} if words else None


def searchable(session: Session, projects: Iterable[Any]) -> dict[int, str]:
    """What a search looks in, by project: its own words and those of its units, its owner and its leader."""
    keys = [project.id for project in projects]
    units = (
        columns(ProjectUnit.project_id, Unit.search_text)
        .join(Unit, col(Unit.id) == ProjectUnit.unit_id)
        .where(col(ProjectUnit.project_id).in_(keys))
    )
    own = columns(Project.id, Project.search_text, Unit.search_text).outerjoin(Unit, col(Unit.id) == Project.unit_id)
    found = {key: [words, unit or ""] for key, words, unit in session.exec(own.where(col(Project.id).in_(keys)))}
    for key, words in session.exec(units):
        found[key].append(words)
    people = {project.id: search_key(project.owner or "", project.leader or "") for project in projects}
    return {key: " ".join([*words, people[key]]) for key, words in found.items()}


def _found(word: str) -> Any:
    units = select(Unit.id).where(col(Unit.search_text).contains(word, autoescape=True))
    people = select(Person.id).where(col(Person.search_text).contains(word, autoescape=True))
    involved = select(ProjectUnit.project_id).where(col(ProjectUnit.unit_id).in_(units))
    return or_(
        col(Project.search_text).contains(word, autoescape=True),
        col(Project.unit_id).in_(units),
        col(Project.id).in_(involved),
        col(Project.owner_id).in_(people),
        col(Project.leader_id).in_(people),
    )


def slug(text: str) -> str:
    """A name as it stands in an address: »Børn, unge og læring« is boern-unge-og-laering."""
    return re.sub(r"[^a-z0-9]+", "-", search_key(text)).strip("-")
