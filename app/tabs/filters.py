"""The filters that all three tabs share; they are part of the address, so that a view can be mailed."""

import re
from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col, or_, select

from app.i18n import search_key
from app.models import Person, Placement, Project, ProjectUnit, Unit


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
