from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, or_, select

from app.errors import DomainError
from app.i18n import N_, _, danish_order
from app.models.base import Choice, Row, one_of, texts, wrong
from app.models.event import add, record
from app.models.project import BodyProject
from app.settings import today

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.seat import Seat
    from app.models.user import User


class BodyType(Choice):
    steering_group = "steering_group", N_("Steering group")
    programme_steering_group = "programme_steering_group", N_("Programme steering group")
    committee_17_4 = "committee_17_4", N_("§ 17.4 committee")
    neighbourhood_board = "neighbourhood_board", N_("Neighbourhood board")
    follow_up_group = "follow_up_group", N_("Follow-up group")
    task_force = "task_force", N_("Task force")
    forum = "forum", N_("Forum")
    political_committee = "political_committee", N_("Political committee")
    executive_board = "executive_board", N_("Executive board")
    management_forum = "management_forum", N_("Management forum")


class BodyForm(SQLModel):
    name: str = Field(min_length=3, max_length=120, title=N_("Name"))
    short: str = Field(default="", max_length=40, title=N_("Short name, for the matrix"))
    type: BodyType = one_of(BodyType, default=BodyType.steering_group, title=N_("Type"))
    meetings_per_year: int | None = Field(default=None, ge=0, le=366, title=N_("Meetings a year"))
    typical_attendance: int | None = Field(default=None, ge=0, le=500, title=N_("Typical attendance"))
    external_members: int | None = Field(default=None, ge=0, le=200, title=N_("External members"))
    aliases: list[str] = texts(title=N_("Also known as"))
    valid_from: date | None = Field(default=None, title=N_("Exists since"))
    valid_to: date | None = Field(default=None, title=N_("Ended on"))

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise wrong("valid_to", N_("The end lies before the start"))
        return self


class BodyChoice(SQLModel):
    """A body by its name: keys run on, and a gap between them would tell of a body that serves a closed project."""

    asks_about_health: ClassVar[bool] = False

    body: str = Field(min_length=1, title=N_("Body"))


class Body(BodyForm, Row, table=True):
    """A steering group, committee or forum that people sit in (organ)."""

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)

    projects: list["Project"] = Relationship(
        back_populates="bodies",
        link_model=BodyProject,
        sa_relationship_kwargs={"lazy": "raise", "order_by": "Project.number"},
    )
    seats: list["Seat"] = Relationship(
        back_populates="body", sa_relationship_kwargs={"lazy": "raise", "order_by": "Seat.no"}
    )

    def __str__(self) -> str:
        return self.name


def form_body(session: Session, by: "User", project: "Project", form: BodyForm) -> Body:
    """Forms a new body that serves the project."""
    body = Body(portfolio_id=project.portfolio_id, **form.model_dump())
    add(session, by, body, form, project_id=project.pk)
    _serve(session, project, body)
    return body


def let_serve(session: Session, by: "User", project: "Project", name: str) -> None:
    """Lets a body that exists today serve one more project."""
    body = next(body for body in bodies_of(session, project.portfolio_id, today()) if body.name == name)
    if session.get(BodyProject, (project.pk, body.pk)) is not None:
        raise DomainError(_("The body already serves this project."))
    _serve(session, project, body)
    record(session, by, "linked", body, project_id=project.pk, after={"project": str(project)})


def _serve(session: Session, project: "Project", body: Body) -> None:
    highest = session.exec(select(func.max(BodyProject.no)).where(BodyProject.project_id == project.pk)).one()
    session.add(BodyProject(project_id=project.pk, body_id=body.pk, no=1 + (highest or 0)))
    session.flush()


def bodies_of(session: Session, portfolio_id: int, day: date) -> list[Body]:
    """The visible bodies that exist on a day, in Danish order of their name."""
    query = select(Body).where(
        Body.portfolio_id == portfolio_id, or_(col(Body.valid_to).is_(None), col(Body.valid_to) >= day)
    )
    return sorted(session.exec(query), key=lambda body: danish_order(body.name))
