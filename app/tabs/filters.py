"""The filters that all three tabs share; they are part of the address, so that a view can be mailed."""

import re
from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from app.i18n import danish_order, search_key
from app.models import Person, Placement, Project, ProjectUnit, Theme, Unit
from app.models.base import columns
from app.models.project import Kind


class Filters(BaseModel):
    """What to show. Unknown values show nothing; they are never an error."""

    q: str = ""
    theme: str = ""
    unit: str = ""
    colour: str = ""
    owner: str = ""
    kind: str = ""

    @property
    def active(self) -> bool:
        return any(self.model_dump().values())


class Option(BaseModel):
    value: str
    label: str


def on_list(portfolio_id: int, day: date) -> sa.ColumnElement[bool]:
    """That a project stands on the portfolio's list on a day (it leaves the list on `to_on`)."""
    place = (
        select(Placement.id)
        .where(
            Placement.project_id == Project.id,
            Placement.from_on <= day,
            or_(col(Placement.to_on).is_(None), col(Placement.to_on) > day),
        )
        .exists()
    )
    return sa.and_(col(Project.portfolio_id) == portfolio_id, place)


def among(project_id: Any, only: set[int] | None) -> Any:
    """That a row belongs to one of these projects; None stands for all of them."""
    return sa.true() if only is None else col(project_id).in_(only)


def projects_on_list(session: Session, portfolio_id: int, day: date, only: set[int] | None = None) -> list[Any]:
    """The projects on the list as every tab needs them, ordered by theme, then number, closed ones last."""
    owner, leader, parent = aliased(Person), aliased(Person), aliased(Project)
    query = (
        columns(
            Project.id,
            Project.number,
            Project.title,
            Project.kind,
            Project.parent_id,
            Project.phase,
            Project.confidentiality,
            Project.case_numbers,
            Project.owner_id,
            Project.leader_id,
            col(Theme.name).label("theme"),
            col(owner.name).label("owner"),
            col(leader.name).label("leader"),
            col(Unit.code).label("unit"),
            col(parent.title).label("programme"),
        )
        .join(Theme, col(Theme.id) == Project.theme_id)
        .outerjoin(owner, col(owner.id) == Project.owner_id)
        .outerjoin(leader, col(leader.id) == Project.leader_id)
        .outerjoin(Unit, col(Unit.id) == Project.unit_id)
        .outerjoin(
            parent, sa.and_(col(parent.id) == Project.parent_id, col(parent.id).in_(select(Project.id)))
        )  # an alias is not narrowed by itself
        .where(on_list(portfolio_id, day), among(Project.id, only))
        .order_by(Theme.position, col(Project.series).desc(), Project.sequence)
    )
    return list(session.exec(query))


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
