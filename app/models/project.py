import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Optional, Self

import sqlalchemy as sa
from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, select

from app.i18n import N_, search_key
from app.models.base import Choice, Row, Table, long_text, one_of, rel, texts
from app.settings import today

if TYPE_CHECKING:
    from app.models.body import Body
    from app.models.effect_target import EffectTarget
    from app.models.key_persons import KeyPersons
    from app.models.milestone import Milestone
    from app.models.person import Person
    from app.models.placement import Placement
    from app.models.portfolio import Portfolio
    from app.models.report import Report
    from app.models.success_criterion import SuccessCriterion
    from app.models.theme import Theme
    from app.models.unit import Unit


class Kind(Choice):
    programme = "programme", N_("Programme")
    focus_area = "focus_area", N_("Focus area")
    project = "project", N_("Project")
    sub_project = "sub_project", N_("Sub-project")
    task_force = "task_force", N_("Task force")
    strategy = "strategy", N_("Strategy or policy")
    analysis = "analysis", N_("Analysis")
    construction = "construction", N_("Construction")
    efficiency = "efficiency", N_("Procurement or efficiency")
    trial = "trial", N_("Trial or application")
    organisation = "organisation", N_("Process or organisation")


class Phase(Choice):
    idea = "idea", N_("Idea")
    analysis = "analysis", N_("Analysis phase")
    execution = "execution", N_("Execution")
    implementation = "implementation", N_("Implementation")
    realisation = "realisation", N_("Realisation")
    finished = "finished", N_("Finished")
    stopped = "stopped", N_("Stopped")


class Confidentiality(Choice):
    open = "open", N_("Open")
    internal = "internal", N_("Internal")
    closed = "closed", N_("Closed")


class Commissioner(Choice):
    city_council = "city_council", N_("City council")
    executive_board = "executive_board", N_("Executive board")
    finance_committee = "finance_committee", N_("Finance committee")
    law = "law", N_("Required by law")
    budget_agreement = "budget_agreement", N_("Budget agreement")


def _case_number(text: str) -> str:
    """A case number is a year and a running number, 16/13808 (invariant I27)."""
    if not re.fullmatch(r"\d{2}/\d{1,6}", text) or int(text[:2]) > today().year % 100:
        raise PydanticCustomError("case_number", N_("Write the case number as 16/13808"))
    return text


CaseNumber = Annotated[str, AfterValidator(_case_number)]


class ProjectForm(SQLModel):
    """What is known about a project itself. Who may be missing on a newly listed project reads »Mangler«."""

    title: str = Field(min_length=3, max_length=120, title=N_("Title"))
    kind: Kind = one_of(Kind, default=Kind.project, title=N_("Type"))
    parent_id: int | None = Field(default=None, foreign_key="project.id", index=True, title=N_("Part of"))
    theme_id: int = Field(foreign_key="theme.id", index=True, title=N_("Theme"))
    purpose: str = long_text(default="", max_length=600, title=N_("Overall goal"))
    large: bool = Field(default=False, title=N_("Large"))
    cross_cutting: bool = Field(default=False, title=N_("Cross-cutting"))
    strategic: bool = Field(default=False, title=N_("Strategic"))
    admission_reason: str = long_text(default="", max_length=400, title=N_("Why it is on the list"))
    commissioner: Commissioner | None = one_of(Commissioner, default=None, nullable=True, title=N_("Ordered by"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Project owner"))
    leader_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Project leader"))
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True, title=N_("Responsible unit"))
    externals: list[str] = texts(title=N_("Partners outside the municipality"))
    phase: Phase = one_of(Phase, default=Phase.idea, title=N_("Phase"))
    starts_on: date | None = Field(default=None, title=N_("Starts on"))
    planned_end_on: date | None = Field(default=None, title=N_("Planned end"))
    expires_on: date | None = Field(default=None, title=N_("Expires on"))
    confidentiality: Confidentiality = one_of(
        Confidentiality, default=Confidentiality.internal, title=N_("Confidentiality")
    )
    case_numbers: list[CaseNumber] = texts(title=N_("Case numbers"))
    also_known_as: list[str] = texts(title=N_("Also known as"))

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_on and self.planned_end_on and self.planned_end_on < self.starts_on:
            raise PydanticCustomError("ends_before_start", N_("The planned end lies before the start"))
        return self


class ProjectEntry(ProjectForm):
    """The form as a person fills it in: with the units that take part."""

    involved_unit_ids: list[int] = Field(default_factory=list, title=N_("Units that take part"))


class ProjectUnit(Table, table=True):
    """A unit that takes part in a project (medvirkende center)."""

    project_id: int = Field(foreign_key="project.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True, index=True)


class BodyProject(Table, table=True):
    """Which projects a body serves; `no` is the body's number below the project."""

    project_id: int = Field(foreign_key="project.id", primary_key=True)
    body_id: int = Field(foreign_key="body.id", primary_key=True, index=True)
    no: int


class Project(ProjectForm, Row, table=True):
    """A larger, cross-cutting or strategic project, programme or task force (projekt)."""

    __table_args__ = (sa.UniqueConstraint("series", "sequence"),)

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    number: str = Field(max_length=12, unique=True)
    series: str = Field(max_length=1)
    sequence: int
    former_number: str | None = Field(default=None, max_length=12, unique=True)
    baseline_end_on: date | None = None
    search_text: str = Field(default="", sa_type=sa.Text)

    portfolio: "Portfolio" = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    theme: "Theme" = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    parent: Optional["Project"] = Relationship(
        back_populates="children", sa_relationship_kwargs={"lazy": "raise", "remote_side": "Project.id"}
    )
    children: list["Project"] = Relationship(
        back_populates="parent", sa_relationship_kwargs={"lazy": "raise", "order_by": "Project.sequence"}
    )
    owner: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Project.owner_id"}
    )
    leader: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Project.leader_id"}
    )
    unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    involved_units: list["Unit"] = Relationship(
        link_model=ProjectUnit, sa_relationship_kwargs={"lazy": "raise", "order_by": "Unit.code"}
    )
    bodies: list["Body"] = Relationship(
        back_populates="projects", link_model=BodyProject, sa_relationship_kwargs={"lazy": "raise"}
    )
    placements: list["Placement"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "Placement.from_on"}
    )
    milestones: list["Milestone"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "Milestone.due_on"}
    )
    effect_targets: list["EffectTarget"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "EffectTarget.no"}
    )
    success_criteria: list["SuccessCriterion"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "order_by": "SuccessCriterion.no"}
    )
    key_persons: list["KeyPersons"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    reports: list["Report"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def closed(self) -> bool:
        return self.confidentiality is Confidentiality.closed

    @property
    def placement(self) -> Optional["Placement"]:
        """The open place on the list, or None when the project is not (or no longer) on it."""
        return next((place for place in self.placements if place.to_on is None), None)


def refresh_search_text(project: Project) -> None:
    project.search_text = search_key(project.number, project.title, *project.case_numbers, *project.also_known_as)


def next_number(session: Session, closed: bool) -> tuple[str, str, int]:
    """The next free number as text, series and sequence (P-017; L-03 for closed projects). Never used again.

    Closed projects have a series of their own, so that no gap tells of them (product.md, decisions 10 and 14). Asks
    the table, not the mapped class: also a number that the reader may not see is taken.
    """
    series, width = ("L", 2) if closed else ("P", 3)
    table: sa.Table = Project.__table__  # type: ignore[attr-defined] # every table class has one
    numbers = sa.union_all(sa.select(table.c.number), sa.select(table.c.former_number)).subquery()
    taken = session.connection().scalars(sa.select(numbers.c[0]).where(numbers.c[0].startswith(f"{series}-")))
    sequence = 1 + max((int(number.removeprefix(f"{series}-")) for number in taken), default=0)
    return f"{series}-{sequence:0{width}d}", series, sequence


def depth_above(session: Session, parent_id: int | None) -> int:
    """How many levels stand above a project with this parent: 0 for a programme (invariant I16: at most 2)."""
    depth = 0
    while parent_id is not None:
        depth += 1
        parent_id = session.exec(select(Project.parent_id).where(Project.id == parent_id)).first()
    return depth


def project_by_number(session: Session, number: str, *, for_update: bool = False) -> Project | None:
    """One visible project with what every page and rule about it asks for."""
    query = (
        select(Project)
        .where(Project.number == number)
        .options(
            joinedload(rel(Project.portfolio)),
            joinedload(rel(Project.theme)),
            joinedload(rel(Project.owner)),
            joinedload(rel(Project.leader)),
            joinedload(rel(Project.unit)),
            selectinload(rel(Project.parent)),
            selectinload(rel(Project.placements)),
            selectinload(rel(Project.involved_units)),
        )
    )
    if for_update:
        query = query.with_for_update(of=Project)
    return session.exec(query).unique().first()
