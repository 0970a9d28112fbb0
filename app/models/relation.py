from datetime import date
from typing import TYPE_CHECKING, Optional, Self

from pydantic import model_validator
from sqlmodel import Field, Relationship, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Choice, Row, long_text, one_of, wrong
from app.models.milestone import Milestone, Precision

if TYPE_CHECKING:
    from app.models.project import Project


class RelationKind(Choice):
    """How one project stands to another (domain.md 3A, R57)."""

    depends_on = "depends_on", N_("Depends on")
    awaits = "awaits", N_("Awaits a decision outside")
    shares_resource = "shares_resource", N_("Shares a resource with")
    goal_conflict = "goal_conflict", N_("Conflicts with the goal of")
    replaces = "replaces", N_("Replaces")
    springs_from = "springs_from", N_("Springs from")


class RelationForm(SQLModel):
    """A relation to another project, or to whoever decides outside the list; `due_on` is when that is expected."""

    kind: RelationKind = one_of(RelationKind, default=RelationKind.depends_on, title=N_("Relation"))
    other_id: int | None = Field(default=None, foreign_key="project.id", index=True, title=N_("Other project"))
    outside: str = Field(default="", max_length=120, title=N_("Who decides outside the list"))
    text: str = long_text(default="", max_length=300, title=N_("What it is about"))
    milestone_id: int | None = Field(default=None, foreign_key="milestone.id", title=N_("Our milestone that waits"))
    other_milestone_id: int | None = Field(
        default=None, foreign_key="milestone.id", title=N_("Their milestone that must come first")
    )
    due_on: date | None = Field(default=None, title=N_("Expected on"))
    precision: Precision = one_of(Precision, default=Precision.day, title=N_("How exact is the date"))
    ended_on: date | None = Field(default=None, title=N_("No longer applies since"))

    @model_validator(mode="after")
    def _names_the_other_side(self) -> Self:
        if self.kind is RelationKind.awaits and not self.outside:
            raise wrong("outside", N_("Write who decides"))
        if self.kind is not RelationKind.awaits and self.other_id is None:
            raise wrong("other_id", N_("Choose the other project"))
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
        return f"{self.kind.label}: {self.outside or self.other_id}"
