import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import Choice, Row, long_text, one_of


class Fulfilled(Choice):
    yes = "yes", N_("Yes")
    partly = "partly", N_("Partly")
    no = "no", N_("No")
    unknown = "unknown", N_("Not assessed")


class TaskForceForm(SQLModel):
    """What makes a task force one (domain.md R40, R54): five answers and where its terms of reference are."""

    delimited_task: Fulfilled = one_of(Fulfilled, default=Fulfilled.unknown, title=N_("It has a delimited task"))
    clear_leadership: Fulfilled = one_of(Fulfilled, default=Fulfilled.unknown, title=N_("It has a clear leadership"))
    dedicated_resources: Fulfilled = one_of(
        Fulfilled, default=Fulfilled.unknown, title=N_("It has resources dedicated to the task")
    )
    matrix_task: Fulfilled = one_of(
        Fulfilled, default=Fulfilled.unknown, title=N_("It solves a task across the organisation")
    )
    operational_task: Fulfilled = one_of(
        Fulfilled, default=Fulfilled.unknown, title=N_("It implements in operations over a longer time")
    )
    terms_of_reference: str = long_text(default="", max_length=300, title=N_("Terms of reference"))
    follow_up_body: str = Field(default="", max_length=120, title=N_("Who follows up every quarter"))


class TaskForce(TaskForceForm, Row, table=True):
    """The checklist of a project that is a task force (taskforce)."""

    __table_args__ = (sa.UniqueConstraint("project_id"),)

    project_id: int = Field(foreign_key="project.id")

    def __str__(self) -> str:
        return self.follow_up_body
