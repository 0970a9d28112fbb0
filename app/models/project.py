import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Optional, Self

import sqlalchemy as sa
from pydantic import AfterValidator, model_validator
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_, search_key
from app.models.base import Choice, Row, Table, long_text, one_of, rel, table_of, texts, wrong
from app.models.deputy import Deputy, DeputyFor
from app.models.event import change, facts, record
from app.models.unit import Unit
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
    from app.models.user import User

LEVELS = 3
"""Programme, focus area, project (invariant I16)."""


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
        raise wrong("case_numbers", N_("Write the case number as 16/13808"))
    return text


CaseNumber = Annotated[str, AfterValidator(_case_number)]


class ProjectDetails(SQLModel):
    """What leader and owner may say about their project. Dates and people may be missing and then read »Mangler«."""

    title: str = Field(min_length=3, max_length=120, title=N_("Title"))
    purpose: str = long_text(default="", max_length=600, title=N_("Overall goal"))
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True, title=N_("Responsible unit"))
    externals: list[str] = texts(title=N_("Partners outside the municipality"))
    phase: Phase = one_of(Phase, default=Phase.idea, title=N_("Phase"))
    starts_on: date | None = Field(default=None, title=N_("Starts on"))
    planned_end_on: date | None = Field(default=None, title=N_("Planned end"))
    expires_on: date | None = Field(default=None, title=N_("Expires on"))
    case_numbers: list[CaseNumber] = texts(title=N_("Case numbers"))
    also_known_as: list[str] = texts(title=N_("Also known as"))

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_on and self.planned_end_on and self.planned_end_on < self.starts_on:
            raise wrong("planned_end_on", N_("The planned end lies before the start"))
        return self


class ProjectForm(ProjectDetails):
    """Everything about a project: what the secretariat says as well."""

    kind: Kind = one_of(Kind, default=Kind.project, title=N_("Type"))
    parent_id: int | None = Field(default=None, foreign_key="project.id", index=True, title=N_("Part of"))
    theme_id: int = Field(foreign_key="theme.id", index=True, title=N_("Theme"))
    large: bool = Field(default=False, title=N_("Large"))
    cross_cutting: bool = Field(default=False, title=N_("Cross-cutting"))
    strategic: bool = Field(default=False, title=N_("Strategic"))
    admission_reason: str = long_text(default="", max_length=400, title=N_("Why it is on the list"))
    commissioner: Commissioner | None = one_of(Commissioner, default=None, nullable=True, title=N_("Ordered by"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Project owner"))
    leader_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Project leader"))
    confidentiality: Confidentiality = one_of(
        Confidentiality, default=Confidentiality.internal, title=N_("Confidentiality")
    )


class InvolvedUnits(SQLModel):
    """The units that take part; a form's list, a table's rows."""

    involved_unit_ids: list[int] = Field(default_factory=list, title=N_("Units that take part"))


class ProjectDetailsEntry(InvolvedUnits, ProjectDetails):
    """The form that leader and owner fill in."""


class ProjectEntry(InvolvedUnits, ProjectForm):
    """The form that the secretariat fills in."""


class ProjectUnit(Table, table=True):
    """A unit that takes part in a project (medvirkende center)."""

    project_id: int = Field(foreign_key="project.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True, index=True)


class BodyProject(Table, table=True):
    """Which projects a body serves (organets projekt); `no` is the body's number below the project."""

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
    unit: Unit | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    involved_units: list[Unit] = Relationship(
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
    reports: list["Report"] = Relationship(back_populates="project", sa_relationship_kwargs={"lazy": "raise"})
    deputies: list[Deputy] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def closed(self) -> bool:
        return self.confidentiality is Confidentiality.closed

    def acts_for(self, role: DeputyFor, person_id: int | None, day: date) -> bool:
        """Whether a person is a deputy for the project's leader or owner on a day."""
        return any(
            deputy.person_id == person_id and deputy.stands_for is role and deputy.acts_on(day)
            for deputy in self.deputies
        )

    @property
    def placement(self) -> Optional["Placement"]:
        """The open place on the list, or None when the project is not (or no longer) on it.

        It stays open until the day on which the project leaves, also when that has been decided.
        """
        return next((place for place in self.placements if place.to_on is None or place.to_on > today()), None)


def refresh_search_text(project: Project) -> None:
    project.search_text = search_key(project.number, project.title, *project.case_numbers, *project.also_known_as)


def next_number(session: Session, closed: bool) -> tuple[str, str, int]:
    """The next free number as text, series and sequence (P-017; L-03 for closed projects). Never used again.

    Closed projects have a series of their own, so that no gap tells of them (product.md, decisions 10 and 14). Asks
    the table, not the mapped class: also a number that the reader may not see is taken.
    """
    series, width = ("L", 2) if closed else ("P", 3)
    table = table_of(Project)
    numbers = sa.union_all(sa.select(table.c.number), sa.select(table.c.former_number)).subquery()
    taken = session.connection().scalars(sa.select(numbers.c[0]).where(numbers.c[0].startswith(f"{series}-")))
    sequence = 1 + max((int(number.removeprefix(f"{series}-")) for number in taken), default=0)
    return f"{series}-{sequence:0{width}d}", series, sequence


def closed_among(session: Session, keys: set[int | None]) -> set[int | None]:
    """Which of these projects are closed."""
    closed = Project.confidentiality == Confidentiality.closed
    return set(session.exec(select(Project.id).where(col(Project.id).in_(keys), closed)))


def family(session: Session, portfolio_id: int) -> dict[int, int | None]:
    """The parent of every visible project of a portfolio, by key: enough to answer who stands above and below whom."""
    query = select(col(Project.id), Project.parent_id).where(Project.portfolio_id == portfolio_id)
    return dict(session.exec(query).all())  # type: ignore[arg-type] # a stored project's key is a number


def ancestors(parent_of: dict[int, int | None], key: int | None) -> list[int]:
    """The keys above a project, nearest first."""
    above: list[int] = []
    while key is not None and (key := parent_of.get(key)) is not None:
        above.append(key)
    return above


def descendants(parent_of: dict[int, int | None], key: int) -> set[int]:
    """The keys below a project, at any depth."""
    return {other for other in parent_of if key in ancestors(parent_of, other)}


def possible_parents(session: Session, portfolio_id: int, project: Project | None) -> list[Project]:
    """What a project can be part of: at most three levels, no circles (invariant I16). In the order of the numbers.

    Only a closed project can be part of a closed one: its log would tell others of it.
    """
    parent_of = family(session, portfolio_id)
    level = {key: len(ancestors(parent_of, key)) for key in parent_of}
    height, itself = 0, set[int]()
    if project:
        itself = descendants(parent_of, project.pk) | {project.pk}
        height = max(level[key] for key in itself) - level[project.pk]
    fits = {key for key in parent_of if level[key] + 1 + height < LEVELS} - itself
    query = select(Project).where(col(Project.id).in_(fits))
    if not (project and project.closed):
        query = query.where(Project.confidentiality != Confidentiality.closed)
    return list(session.exec(query.order_by(col(Project.series).desc(), col(Project.sequence))))


def create_project(session: Session, by: "User", portfolio: "Portfolio", form: ProjectEntry) -> Project:
    """A new project with a number of its own. It stands on the list only once it has been placed there."""
    closed = form.confidentiality is Confidentiality.closed
    number, series, sequence = next_number(session, closed)
    fields = {name: getattr(form, name) for name in ProjectForm.model_fields}
    project = Project(
        portfolio_id=portfolio.pk,
        number=number,
        series=series,
        sequence=sequence,
        baseline_end_on=form.planned_end_on,
        **fields,
    )
    refresh_search_text(project)
    session.add(project)
    session.flush()
    units = _set_involved(session, project, form.involved_unit_ids)
    names = {name for name, value in fields.items() if value not in (None, "", [], False)}
    after = facts(session, project, names) | ({"involved_unit_ids": units} if units else {})
    record(session, by, "created", project, project_id=project.pk, after=after)
    return project


def change_project(session: Session, by: "User", project: Project, form: ProjectDetailsEntry | ProjectEntry) -> None:
    """Writes the form into the project. Becoming closed, or open again, it changes its series of numbers."""
    before = ", ".join(unit.code for unit in project.involved_units)
    if isinstance(form, ProjectEntry):
        _move_between_series(session, project, form.confidentiality is Confidentiality.closed)
    units = _set_involved(session, project, form.involved_unit_ids)
    extra = ({"involved_unit_ids": before}, {"involved_unit_ids": units}) if units != before else ({}, {})
    if units != before:
        flag_modified(project, "title")  # a new version also when only these rows, which have none, have changed
    if project.baseline_end_on is None:
        project.baseline_end_on = form.planned_end_on
    change(session, by, project, form, project_id=project.pk, extra=extra)
    refresh_search_text(project)


def _move_between_series(session: Session, project: Project, closed: bool) -> None:
    if closed == project.closed:
        return
    before, project.number = project.number, project.former_number or next_number(session, closed)[0]
    project.former_number = before
    project.series, _dash, sequence = project.number.partition("-")
    project.sequence = int(sequence)


def _set_involved(session: Session, project: Project, unit_ids: list[int]) -> str:
    """Makes these the units that take part; gives their codes as text."""
    wanted = set(unit_ids)
    for link in session.exec(select(ProjectUnit).where(ProjectUnit.project_id == project.pk)):
        if link.unit_id in wanted:
            wanted.remove(link.unit_id)
        else:
            session.delete(link)
    session.add_all(ProjectUnit(project_id=project.pk, unit_id=unit_id) for unit_id in wanted)
    session.flush()
    codes = select(Unit.code).join(ProjectUnit, col(ProjectUnit.unit_id) == Unit.id)
    return ", ".join(session.exec(codes.where(ProjectUnit.project_id == project.pk).order_by(Unit.code)))


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
            selectinload(rel(Project.deputies)),
            selectinload(rel(Project.involved_units)),
        )
    )
    if for_update:
        query = query.with_for_update(of=Project)
    return session.exec(query).unique().first()
