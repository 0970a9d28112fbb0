from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, select

from app.i18n import N_
from app.models.base import Choice, Row, long_text, one_of
from app.models.event import add, change

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


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
        return self.terms_of_reference or self.follow_up_body or "–"


CHECKS = [name for name in TaskForceForm.model_fields if name not in ("terms_of_reference", "follow_up_body")]
"""The five questions of the checklist, in the order of the form."""

_URGENCY = [Fulfilled.no, Fulfilled.unknown, Fulfilled.partly, Fulfilled.yes]


def checks_of(form: TaskForceForm | None) -> list[tuple[str, Fulfilled]]:
    """The (English, translatable) questions with their answers, what is not yet fulfilled first; None answers none."""
    answers = [
        (TaskForceForm.model_fields[name].title or name, getattr(form, name) if form else Fulfilled.unknown)
        for name in CHECKS
    ]
    return sorted(answers, key=lambda answer: _URGENCY.index(answer[1]))


def task_force_of(session: Session, project: "Project") -> TaskForce | None:
    """The checklist of a task force; None when nobody has filled it in."""
    return session.exec(select(TaskForce).where(TaskForce.project_id == project.pk)).first()


def assess_task_force(session: Session, by: "User", project: "Project", form: TaskForceForm) -> None:
    """Stores the answers of the checklist, which a task force has one of."""
    known = task_force_of(session, project)
    if known:
        change(session, by, known, form, project_id=project.pk)
    else:
        add(session, by, TaskForce(**form.model_dump(), project_id=project.pk), form, project_id=project.pk)
