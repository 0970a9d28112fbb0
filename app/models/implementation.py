from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import Choice, Row, long_text, one_of


class Implemented(Choice):
    """How far a project has come into operations: »implementeret i bund« is the last step (domain.md R03, R55, R90)."""

    not_begun = "not_begun", N_("Not begun")
    planned = "planned", N_("Planned")
    under_way = "under_way", N_("Under way")
    partly = "partly", N_("Partly implemented")
    full = "full", N_("Implemented in full")


class ImplementationForm(SQLModel):
    """The facts behind the judgement: who receives, by which plan, in use in how many units."""

    state: Implemented = one_of(Implemented, default=Implemented.not_begun, title=N_("How far it has come"))
    receiver: str = Field(default="", max_length=120, title=N_("Operations that receive it"))
    plan: str = long_text(default="", max_length=400, title=N_("Plan for implementation"))
    plan_on: date | None = Field(default=None, title=N_("To be in use everywhere by"))
    units_in_use: int | None = Field(default=None, ge=0, le=10_000, title=N_("In use in so many units"))
    units_in_all: int | None = Field(default=None, ge=1, le=10_000, title=N_("Of so many units"))
    counted_on: date | None = Field(default=None, title=N_("Counted on"))
    evidence: str = long_text(default="", max_length=300, title=N_("How we know"))


class Implementation(ImplementationForm, Row, table=True):
    """How far a project has been taken into use in operations (implementering)."""

    __table_args__ = (sa.UniqueConstraint("project_id"),)

    project_id: int = Field(foreign_key="project.id")

    def __str__(self) -> str:
        return self.receiver
