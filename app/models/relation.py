from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Optional, Self

from pydantic import model_validator
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, or_, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of, rel, wrong
from app.models.event import add_below, change
from app.models.milestone import Milestone, Precision
from app.models.project import Confidentiality, Project
from app.settings import today

if TYPE_CHECKING:
    from app.models.user import User


class RelationKind(Choice):
    """How one project stands to another (domain.md 3A, R57)."""

    depends_on = "depends_on", N_("Depends on")
    awaits = "awaits", N_("Awaits a decision outside")
    shares_resource = "shares_resource", N_("Shares a resource with")
    goal_conflict = "goal_conflict", N_("Conflicts with the goal of")
    replaces = "replaces", N_("Replaces")
    springs_from = "springs_from", N_("Springs from")

    @property
    def waits(self) -> bool:
        """Whether something must come first: a link of a chain."""
        return self in (RelationKind.depends_on, RelationKind.awaits)

    @property
    def mutual(self) -> bool:
        """Whether it reads the same from both sides."""
        return self in (RelationKind.shares_resource, RelationKind.goal_conflict)


SAID_WITH = {
    RelationKind.depends_on: {"other", "milestone", "other_milestone"},
    RelationKind.awaits: {"outside", "milestone", "due_on"},
}
"""What a kind of relation says besides its text; the others name the other project and nothing else."""


class RelationWords(SQLModel):
    """What is written of a relation; `due_on` is when a decision outside the list is expected."""

    kind: RelationKind = one_of(RelationKind, default=RelationKind.depends_on, title=N_("Relation"))
    outside: str = Field(default="", max_length=120, title=N_("Who decides outside the list"))
    text: str = long_text(default="", max_length=300, title=N_("What it is about"))
    due_on: date | None = Field(default=None, title=N_("Expected on"))
    precision: Precision = one_of(Precision, default=Precision.day, title=N_("How exact is the date"))
    ended_on: date | None = Field(default=None, title=N_("No longer applies since"))


class RelationForm(RelationWords):
    """A relation as it is stored: the other project and the milestones by their keys."""

    other_id: int | None = Field(default=None, foreign_key="project.id", index=True, title=N_("Other project"))
    milestone_id: int | None = Field(default=None, foreign_key="milestone.id", title=N_("Our milestone that waits"))
    other_milestone_id: int | None = Field(
        default=None, foreign_key="milestone.id", title=N_("Their milestone that must come first")
    )


class RelationEntry(RelationWords):
    """A relation as a person chooses it: the other project by its number, milestones below theirs (P-006/2)."""

    other: str | None = Field(default=None, title=N_("Other project"))
    milestone: str | None = Field(default=None, title=N_("Our milestone that waits"))
    other_milestone: str | None = Field(default=None, title=N_("Their milestone that must come first"))

    @model_validator(mode="after")
    def _says_what_its_kind_says(self) -> Self:
        says = SAID_WITH.get(self.kind, {"other"})
        if "outside" in says and not self.outside:
            raise wrong("outside", N_("Write who decides"))
        if "other" in says and self.other is None:
            raise wrong("other", N_("Choose the other project"))
        for name in ("other", "outside", "milestone", "other_milestone", "due_on"):
            if name not in says and getattr(self, name):
                raise wrong(name, N_("Leave this empty: it does not belong to this kind of relation"))
        return self


class Relation(RelationForm, BelongsToProject, Row, table=True):
    """How a project stands to another, or what it awaits from outside (relation)."""

    project: "Project" = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Relation.project_id"})
    other: Optional["Project"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Relation.other_id"}
    )
    milestone: Milestone | None = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Relation.milestone_id"}
    )
    other_milestone: Milestone | None = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Relation.other_milestone_id"}
    )

    def __str__(self) -> str:
        """»Afhænger af: P-004 Byrumsplan«. The log of an open project never names a closed one."""
        other = self.outside or ("" if self.other is None or self.other.closed else str(self.other))
        return f"{self.kind}: {other}" if other else str(self.kind)

    def applies_on(self, day: date) -> bool:
        return self.ended_on is None or self.ended_on > day


class RelationRefused(DomainError):
    """A rule says no to a relation; `field` is where its sentence stands."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def relate(session: Session, by: "User", project: Project, entry: RelationEntry) -> Relation:
    other = _chosen(session, project, entry, None)
    return add_below(session, by, project, Relation, _form(session, project, other, entry), other=other)


def change_relation(session: Session, by: "User", project: Project, relation: Relation, entry: RelationEntry) -> None:
    """Writes the form into the relation. Where the other project is closed, its own log tells of it."""
    before, other = relation.other, _chosen(session, project, entry, relation)
    told_by = before if before and before.closed and not project.closed else project
    change(session, by, relation, _form(session, project, other, entry), project_id=told_by.pk)


def _form(session: Session, project: Project, other: Project | None, entry: RelationEntry) -> RelationForm:
    """What is stored of what was chosen."""
    return RelationForm(
        **entry.model_dump(include=set(RelationWords.model_fields)),
        other_id=other.pk if other else None,
        milestone_id=_milestone_key(session, project, entry.milestone),
        other_milestone_id=_milestone_key(session, other, entry.other_milestone) if other else None,
    )


def _milestone_key(session: Session, project: Project, chosen: str | None) -> int | None:
    """The key of the project's milestone with a number such as P-006/2; None when there is none."""
    number, _slash, no = (chosen or "").partition("/")
    if number != project.number or not no.isdecimal():
        return None
    return session.exec(select(Milestone.id).where(Milestone.project_id == project.pk, Milestone.no == int(no))).first()


def _chosen(session: Session, project: Project, entry: RelationEntry, relation: Relation | None) -> Project | None:
    """The other project, after the rules: not itself, not the same twice, no circle (as far as the reader sees)."""
    if entry.other is None:
        return None
    other = session.exec(select(Project).where(Project.number == entry.other)).one()
    if other.pk == project.pk:
        raise RelationRefused("other", _("A project has no relation to itself."))
    if entry.ended_on and entry.ended_on <= today():
        return other
    ways = [
        (each.project_id, each.other_id)
        for each in session.exec(
            select(Relation).where(Relation.kind == entry.kind, col(Relation.other_id).is_not(None))
        )
        if each.applies_on(today()) and each is not relation
    ]
    same = {(project.pk, other.pk)} | ({(other.pk, project.pk)} if entry.kind.mutual else set())
    if same & set(ways):
        raise RelationRefused("other", _("This relation to the project is registered already."))
    if entry.kind is RelationKind.depends_on and leads_to(ways, other.pk, project.pk):
        raise RelationRefused(
            "other", _("%(other)s depends on this project, directly or through others.") % {"other": other}
        )
    return other


def leads_to(ways: Iterable[tuple[int, int | None]], start: int, goal: int) -> bool:
    """Whether one comes from a start to a goal; each place is visited once, whatever circles there are."""
    onward: dict[int, list[int | None]] = {}
    for from_, to in ways:
        onward.setdefault(from_, []).append(to)
    seen, ahead = {start}, [start]
    while ahead:
        for place in onward.get(ahead.pop(), ()):
            if place is not None and place not in seen:
                seen.add(place)
                ahead.append(place)
    return goal in seen


def possible_others(session: Session, project: Project, relation: Relation | None = None) -> list[Project]:
    """What a project can be related to, in the order of the numbers.

    Never to a closed project: the log of whoever is related to it would tell others of it. One that was closed later
    stays chosen. A closed project may name open ones; only those who know of it can read that.
    """
    query = select(Project).where(Project.portfolio_id == project.portfolio_id, Project.id != project.pk)
    had = relation.other_id if relation else None
    query = query.where(or_(Project.confidentiality != Confidentiality.closed, Project.id == had))
    return list(session.exec(query.order_by(col(Project.series).desc(), col(Project.sequence))))


def possible_milestones(session: Session, number: str, had: Milestone | None = None) -> list[Milestone]:
    """The milestones of a visible project that are still to come, and the one that was chosen before."""
    is_open = col(Milestone.done_on).is_(None) & col(Milestone.dropped_on).is_(None)
    query = select(Milestone).join(Project).where(Project.number == number)
    query = query.where(or_(is_open, Milestone.id == (had.id if had else None)))
    return list(session.exec(query.order_by(col(Milestone.due_on), col(Milestone.no))))


def with_both_sides() -> tuple[Any, ...]:
    """How a relation is read with its projects and milestones."""
    return (
        joinedload(rel(Relation.project)),
        joinedload(rel(Relation.other)),
        joinedload(rel(Relation.milestone)),
        joinedload(rel(Relation.other_milestone)),
    )
