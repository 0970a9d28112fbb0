from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from app.i18n import N_
from app.models.base import Row

if TYPE_CHECKING:
    from app.models.unit import Unit


class KeyPersons(Row, table=True):
    """How many people of a unit spend strictly more than five hours a week on a project (nøglepersoner).

    A count in addition to the steering group; no names and no hours are ever stored (domain.md R15, I14).
    """

    __table_args__ = (sa.UniqueConstraint("project_id", "unit_id"),)

    project_id: int = Field(foreign_key="project.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    count: int = Field(ge=0, le=200, title=N_("Key persons"))

    unit: "Unit" = Relationship(sa_relationship_kwargs={"lazy": "raise"})
