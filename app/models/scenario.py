from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import Choice, Row, Table, long_text, one_of
from app.models.person import Person
from app.models.seat import Attendance, SeatFunction


class ScenarioChangeKind(Choice):
    add_project = "add_project", N_("Take a project on the list")
    remove_project = "remove_project", N_("Take a project off the list")
    add_seat = "add_seat", N_("Add a seat")
    change_seat = "change_seat", N_("Change a seat")
    remove_seat = "remove_seat", N_("Remove a seat")
    merge = "merge", N_("Merge two bodies")


class ScenarioForm(SQLModel):
    name: str = Field(min_length=3, max_length=120, title=N_("Name"))
    note: str = long_text(default="", max_length=600, title=N_("Note"))


class Scenario(ScenarioForm, Row, table=True):
    """Changes that somebody thought through and kept, without changing the list (scenarie).

    `key` is drawn at random: a running number would tell of scenarios that a reader may not see.
    """

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    key: str = Field(max_length=16, unique=True)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    saved_at: datetime

    author: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    changes: list["ScenarioChange"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "ScenarioChange.no"}
    )

    def __str__(self) -> str:
        return self.name


class ScenarioChange(Table, table=True):
    """One change of a scenario (scenarieændring); which columns are filled depends on its kind.

    `body_id` and `into_id` point to bodies, `person_id` to whose seat it is.
    """

    __table_args__ = (sa.UniqueConstraint("scenario_id", "no"),)

    id: int | None = Field(default=None, primary_key=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    no: int
    kind: ScenarioChangeKind = one_of(ScenarioChangeKind)
    project_id: int | None = Field(default=None, foreign_key="project.id")
    body_id: int | None = Field(default=None, foreign_key="body.id")
    into_id: int | None = Field(default=None, foreign_key="body.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    function: SeatFunction | None = one_of(SeatFunction, default=None, nullable=True)
    attendance: Attendance | None = one_of(Attendance, default=None, nullable=True)
