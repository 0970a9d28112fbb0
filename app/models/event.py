"""The audit log: every successful write leaves exactly one event with who, what, before and after."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Optional

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.models.base import Row, Table, rel
from app.settings import now

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User

Facts = dict[str, Any]


class Event(Table, table=True):
    """Something that somebody did (hændelse). Append-only; the time is always the real one."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    actor: str = Field(max_length=120)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=40)
    subject_name: str = Field(max_length=200)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    before: Facts = Field(default_factory=dict, sa_type=sa.JSON)
    after: Facts = Field(default_factory=dict, sa_type=sa.JSON)

    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})


_json = TypeAdapter(dict[str, Any])


def record(
    session: Session,
    by: "User | None",
    action: str,
    subject: SQLModel,
    *,
    project_id: int | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Adds the one event of a write. `by` is None when the command line does it."""
    session.add(
        Event(
            at=now(),
            user_id=by.id if by else None,
            actor=str(by) if by else "python -m app",
            action=action,
            subject=str(type(subject).__name__),
            subject_name=str(subject)[:200],
            project_id=project_id,
            before=_json.dump_python(before or {}, mode="json"),
            after=_json.dump_python(after or {}, mode="json"),
        )
    )


def fact(session: Session, row: type[SQLModel], field: str, value: Any) -> Any:
    """A value as the log keeps it: a key becomes the name of what it points to, so that it reads in ten years."""
    if value is None or not field.endswith("_id"):
        return value
    table = next(iter(row.__table__.c[field].foreign_keys)).column.table  # type: ignore[attr-defined]
    target = next(mapper.class_ for mapper in SQLModel._sa_registry.mappers if mapper.local_table is table)
    return str(session.get(target, value))


def facts(session: Session, row: Row, names: set[str]) -> Facts:
    return {name: fact(session, type(row), name, getattr(row, name)) for name in sorted(names)}


def add(session: Session, by: "User | None", row: Row, form: SQLModel, *, project_id: int | None = None) -> None:
    """Stores a new row and records what it says."""
    session.add(row)
    session.flush()
    names = {
        name for name in type(form).model_fields if hasattr(row, name) and getattr(row, name) not in (None, "", [])
    }
    record(session, by, "created", row, project_id=project_id, after=facts(session, row, names))


def change(
    session: Session,
    by: "User | None",
    row: Row,
    form: SQLModel,
    *,
    project_id: int | None = None,
    extra: tuple[Facts, Facts] = ({}, {}),
) -> bool:
    """Writes the form's fields into the row and records the difference; False, and no event, when nothing differs.

    `extra` carries differences that are not columns of the row (before, after).
    """
    wanted = {name: getattr(form, name) for name in type(form).model_fields if name in type(row).model_fields}
    changed = {name for name, value in wanted.items() if getattr(row, name) != value}
    if not changed and extra[0] == extra[1]:
        return False
    before = facts(session, row, changed) | extra[0]
    for name in changed:
        setattr(row, name, wanted[name])
    record(
        session,
        by,
        "changed",
        row,
        project_id=project_id,
        before=before,
        after=facts(session, row, changed) | extra[1],
    )
    return True


def events(
    session: Session, *, project_id: int | None = None, until: date | None = None, limit: int = 100
) -> list[Event]:
    """The newest visible events, of one project or of the whole house."""
    query = (
        select(Event)
        .options(joinedload(rel(Event.project)))
        .order_by(col(Event.at).desc(), col(Event.id).desc())
        .limit(limit)
    )
    if project_id is not None:
        query = query.where(Event.project_id == project_id)
    if until is not None:
        query = query.where(col(Event.at) < until)
    return list(session.exec(query))
