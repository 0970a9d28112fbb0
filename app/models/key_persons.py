from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic import create_model
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Field, Relationship, Session, SQLModel, select

from app.i18n import N_
from app.models.base import Row
from app.models.event import record
from app.models.unit import Unit

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


class KeyPersons(Row, table=True):
    """How many people of a unit spend strictly more than five hours a week on a project (nøglepersoner).

    A count in addition to the steering group; no names and no hours are ever stored (domain.md R15, I14).
    """

    __table_args__ = (sa.UniqueConstraint("project_id", "unit_id"),)

    project_id: int = Field(foreign_key="project.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    count: int = Field(ge=0, le=200, title=N_("Key persons"))

    unit: Unit = Relationship(sa_relationship_kwargs={"lazy": "raise"})


def counts_form(units: dict[str, Unit]) -> type[SQLModel]:
    """A form with one number for each unit, under the field names given; empty is unknown."""
    fields: dict[str, Any] = {
        name: (int | None, Field(default=None, ge=0, le=200, title=f"{unit.code} {unit.name}"))
        for name, unit in units.items()
    }
    return create_model("CountsForm", __base__=SQLModel, **fields)


def known_counts(session: Session, project: "Project") -> dict[int, int]:
    """The counts that are known, by unit."""
    query = select(KeyPersons.unit_id, KeyPersons.count).where(KeyPersons.project_id == project.pk)
    return dict(session.exec(query).all())


def count_key_persons(session: Session, by: "User", project: "Project", counts: list[tuple[Unit, int | None]]) -> None:
    """Sets how many key persons each unit has on the project; None is unknown, which is not zero (invariant I12)."""
    known = {row.unit_id: row for row in session.exec(select(KeyPersons).where(KeyPersons.project_id == project.pk))}
    before: dict[str, int | None] = {}
    after: dict[str, int | None] = {}
    for unit, count in counts:
        row = known.get(unit.pk)
        if (row.count if row else None) == count:
            continue
        before[unit.code], after[unit.code] = row.count if row else None, count
        if count is None:
            session.delete(row)
        elif row:
            row.count = count
        else:
            session.add(KeyPersons(project_id=project.pk, unit_id=unit.pk, count=count))
    if before:
        flag_modified(project, "title")  # a new version of the project: its counts have none of their own
        record(session, by, "counted", project, project_id=project.pk, before=before, after=after)
