from typing import TYPE_CHECKING, Optional

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, or_, select

from app.i18n import N_, danish_order, search_key
from app.models.base import Row, rel
from app.models.event import add, change

if TYPE_CHECKING:
    from app.models.unit import Unit
    from app.models.user import User


class PersonForm(SQLModel):
    name: str = Field(min_length=2, max_length=80, title=N_("Name"))
    title: str = Field(default="", max_length=80, title=N_("Job title"))
    email: str = Field(default="", max_length=120, title=N_("E-mail"))
    unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Unit"))
    external: bool = Field(default=False, title=N_("Comes from outside the municipality"))
    organisation: str = Field(default="", max_length=80, title=N_("Organisation"))
    active: bool = Field(default=True, title=N_("Active"))


class Person(PersonForm, Row, table=True):
    """Somebody who sits, leads or owns: employee or outsider (person). Deactivated, never deleted."""

    director: bool = Field(default=False)
    search_text: str = Field(default="", sa_type=sa.Text)

    unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.name


def active_people(session: Session, *and_these: int | None) -> list[Person]:
    """Everybody who can be given a role today, and those who have one already, in Danish order of the name."""
    people = session.exec(select(Person).where(or_(col(Person.active), col(Person.id).in_(and_these))))
    return sorted(people, key=lambda person: danish_order(person.name))


def all_people(session: Session) -> list[Person]:
    """Everybody, also those who have left, in Danish order of the name."""
    people = session.exec(select(Person).options(joinedload(rel(Person.unit))))
    return sorted(people, key=lambda person: danish_order(person.name))


def active_directors(session: Session) -> list[Person]:
    """The members of the executive board today, in Danish order of the name."""
    return [person for person in active_people(session) if person.active and person.director]


def create_person(session: Session, by: "User", form: PersonForm) -> Person:
    person = Person(**form.model_dump())
    person.search_text = search_key(person.name)
    add(session, by, person, form)
    return person


def change_person(session: Session, by: "User", person: Person, form: PersonForm) -> None:
    change(session, by, person, form)
    person.search_text = search_key(person.name)
