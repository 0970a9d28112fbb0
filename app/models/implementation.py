from datetime import date
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa
from pydantic import model_validator
from sqlmodel import Field, Session, SQLModel, select

from app.i18n import N_, gettext
from app.models.base import Choice, Row, long_text, one_of, wrong
from app.models.event import add, change
from app.models.project import Phase

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


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

    @model_validator(mode="after")
    def _judgement_fits_its_facts(self) -> Self:
        in_use, in_all = self.units_in_use, self.units_in_all
        if in_use is not None and in_all is None:
            raise wrong("units_in_all", N_("Write how many units there are in all"))
        if in_use is not None and in_all is not None and in_use > in_all:
            raise wrong("units_in_use", N_("It cannot be in use in more units than there are"))
        if in_use is not None and self.counted_on is None:
            raise wrong("counted_on", N_("Write the day of the count"))
        if self.state is Implemented.full and in_use is not None and in_use != in_all:
            raise wrong("state", N_("Implemented in full means in use in every unit"))
        if self.state is Implemented.full and not self.evidence:
            raise wrong("evidence", N_("Write how you know that it is implemented in full"))
        return self


class Implementation(ImplementationForm, Row, table=True):
    """How far a project has been taken into use in operations (implementering)."""

    __table_args__ = (sa.UniqueConstraint("project_id"),)

    project_id: int = Field(foreign_key="project.id")

    def __str__(self) -> str:
        return str(self.state)


class ImplementationFact(Choice):
    """What must be known before anybody can tell whether a project is implemented in full (domain.md R55, R96)."""

    receiver = "receiver", N_("Operations that receive it")
    plan = "plan", N_("Plan")
    counted = "counted", N_("Count of units")

    @property
    def lacking(self) -> str:
        """What is wrong when it is not there, in the reader's language."""
        return gettext(_LACKING[self])


_LACKING = {
    ImplementationFact.receiver: N_("No operations named to receive it"),
    ImplementationFact.plan: N_("No plan"),
    ImplementationFact.counted: N_("Not counted"),
}
DELIVERED = (Phase.realisation, Phase.finished)
"""The phases in which a project says that operations have taken over."""
IN_OPERATIONS = (Phase.implementation, *DELIVERED)
"""The phases in which there is something to count."""


def missing_facts(known: ImplementationForm | None, phase: Phase) -> list[ImplementationFact]:
    """What nobody has said. Operations are named and the plan is made from the start (domain.md R96); units are counted

    from the implementation phase on. Nothing is missing of a project that was stopped.
    """
    if phase is Phase.stopped:
        return []
    said = known or ImplementationForm()
    facts = {
        ImplementationFact.receiver: bool(said.receiver),
        ImplementationFact.plan: bool(said.plan),
        ImplementationFact.counted: said.units_in_use is not None or phase not in IN_OPERATIONS,
    }
    return [fact for fact, there in facts.items() if not there]


def in_use_everywhere(known: ImplementationForm | None) -> bool:
    """Whether it is implemented in full: the judgement says so, and no count says otherwise."""
    return known is not None and known.state is Implemented.full and known.units_in_use in (None, known.units_in_all)


def contradicts_phase(known: ImplementationForm | None, phase: Phase) -> bool:
    """Whether the phase says that the project has delivered while it is not in use everywhere (domain.md R90)."""
    return phase in DELIVERED and not in_use_everywhere(known)


def implementation_of(session: Session, project: "Project") -> Implementation | None:
    """What is said of a project's implementation; None when nobody has said anything."""
    return session.exec(select(Implementation).where(Implementation.project_id == project.pk)).first()


def judge_implementation(session: Session, by: "User", project: "Project", form: ImplementationForm) -> None:
    """Stores the judgement with its facts, which a project has one of."""
    known = implementation_of(session, project)
    if known:
        change(session, by, known, form, project_id=project.pk)
    else:
        add(session, by, Implementation(**form.model_dump(), project_id=project.pk), form, project_id=project.pk)
