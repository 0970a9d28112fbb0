"""One person: what they lead, own and sit in."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, and_, col, or_, select

from app.models import Body, BodyProject, Person, Project, Seat, User
from app.models.base import rel
from app.models.event import Event, events
from app.models.task import Task, TaskState
from app.tabs.tasks import TaskLine, lines_where

EVENTS_SHOWN = 200


@dataclass
class PersonPage:
    person: Person
    owns: list[Project]
    leads: list[Project]
    seats: list[Seat]
    former_seats: list[Seat]
    body_pages: dict[int, tuple[str, int]]
    """Where each body has its page: the number of a project that it serves, and its own number below that."""
    tasks: list[TaskLine]
    handovers: list[Event]
    account: User | None


def build_person_page(session: Session, person: Person, day: date, *, with_events: bool) -> PersonPage:
    """What is visible to the reader about a person's roles; eight queries, ten with what was handed over and the
    account that can still sign in."""
    projects = list(
        session.exec(
            select(Project)
            .where(or_(Project.owner_id == person.pk, Project.leader_id == person.pk))
            .order_by(col(Project.series).desc(), col(Project.sequence))
        )
    )
    seats = list(
        session.exec(
            select(Seat)
            .where(Seat.person_id == person.pk)
            .options(joinedload(rel(Seat.body)).options(selectinload(rel(Body.projects))))
            .order_by(col(Seat.from_on).desc())
        )
    )
    return PersonPage(
        person=person,
        owns=[project for project in projects if project.owner_id == person.pk],
        leads=[project for project in projects if project.leader_id == person.pk],
        seats=[seat for seat in seats if seat.body and seat.valid_on(day)],
        former_seats=[seat for seat in seats if seat.body and not seat.valid_on(day)],
        body_pages=_body_pages(session, person),
        tasks=lines_where(session, and_(Task.owner_id == person.pk, Task.state == TaskState.open), day),
        handovers=events(session, person_id=person.pk, limit=EVENTS_SHOWN) if with_events else [],
        account=_account(session, person) if with_events else None,
    )


def _body_pages(session: Session, person: Person) -> dict[int, tuple[str, int]]:
    query = (
        select(BodyProject.body_id, Project.number, BodyProject.no)
        .join(Project, col(Project.id) == BodyProject.project_id)
        .where(col(BodyProject.body_id).in_(select(Seat.body_id).where(Seat.person_id == person.pk)))
        .order_by(col(Project.series), col(Project.sequence).desc())
    )
    return {body_id: (number, no) for body_id, number, no in session.exec(query)}


def _account(session: Session, person: Person) -> User | None:
    """The account with which the person can still sign in."""
    return session.exec(select(User).where(User.person_id == person.pk, col(User.active).is_(True))).first()
