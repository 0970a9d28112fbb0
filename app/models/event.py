"""The audit log: every successful write leaves exactly one event with who, what, before and after."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Optional, TypeVar, cast, get_args

import sqlalchemy as sa
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, select

from app.i18n import N_, _, show_date, show_number
from app.models.base import BelongsToProject, Choice, Row, Table, rel, table_of
from app.models.role import Role
from app.settings import now

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User

Facts = dict[str, Any]
BelowT = TypeVar("BelowT", bound=BelongsToProject)
RECORDED = "recorded"
"""Where a session keeps what it has recorded until it commits (event_chain.py)."""


class Event(Table, table=True):
    """Something that somebody did (hændelse). The time is always the real one.

    Written once, never changed: the database refuses it, and each fingerprint also covers the event before.
    """

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    actor: str = Field(max_length=120)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=40)
    subject_id: int | None = Field(default=None, index=True)
    subject_name: str = Field(max_length=200)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    """Whose handover it is part of."""
    agenda_item_id: int | None = Field(default=None, foreign_key="agenda_item.id", index=True)
    """The item of a meeting that it tells of: hidden from whoever may not see what is closed, when the item is."""
    before: Facts = Field(default_factory=dict, sa_type=sa.JSON)
    after: Facts = Field(default_factory=dict, sa_type=sa.JSON)
    previous_sha256: str = Field(default="", max_length=64, unique=True)
    sha256: str = Field(default="", max_length=64)
    masked: int = 0
    """How many spans of it were masked (masking.py)."""

    project: Optional["Project"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language: »Milestone »Licitation« created«."""
        subject = _(SUBJECTS.get(self.subject, self.subject))
        return f"{subject} »{self.subject_name}« {_(ACTIONS.get(self.action, self.action))}"

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Label, before and after of each field that the event tells of."""
        fields = _fields_of(self.subject)
        return [
            (
                _(title_of(fields, name)),
                _shown(fields.get(name), self.before.get(name), LISTS_OF.get(name)),
                _shown(fields.get(name), self.after.get(name), LISTS_OF.get(name)),
            )
            for name in self.before | self.after
        ]


ACTIONS = {
    "created": N_("created"),
    "changed": N_("changed"),
    "removed": N_("taken off the list"),
    "linked": N_("now serves the project"),
    "counted": N_("key persons counted"),
    "handed_over": N_("handed over"),
    "split": N_("split between units"),
    "planned": N_("planned"),
    "opened": N_("opened"),
    "closed_for_leaders": N_("closed for leaders"),
    "reopened": N_("reopened"),
    "frozen": N_("frozen"),
    "presented": N_("presented"),
    "held": N_("held"),
    "cancelled": N_("cancelled"),
    "taken_up": N_("taken up"),
    "left_out": N_("left out"),
    "recorded": N_("recorded"),
    "annulled": N_("annulled"),
    "done": N_("done"),
    "postponed": N_("postponed"),
    "lapsed": N_("lapsed"),
    "documented": N_("documented"),
    "asked_for_time": N_("asked to be postponed"),
    "kept_to_its_deadline": N_("kept to its deadline"),
    "sent": N_("sent"),
    "treated": N_("treated"),
    "shown": N_("shown on the screens"),
    "taken_off": N_("taken off the agenda"),
    "moved": N_("moved on the agenda"),
    "exported": N_("taken out"),
    "masked": N_("carried out"),
    "answered": N_("answered"),
    "finished": N_("concluded"),
    "drafted": N_("draft saved"),
    "submitted": N_("submitted"),
    "withdrawn": N_("withdrawn"),
    "approved": N_("approved"),
    "returned": N_("returned"),
    "reported": N_("reported"),
    "waived": N_("given up"),
    "exempted": N_("exempt"),
    "reminded": N_("reminded"),
    "revoked": N_("revoked"),
    "allowed": N_("approved for a person"),
    "connected": N_("connected"),
    "disconnected": N_("disconnected"),
    "signed_in": N_("signed in"),
    "signed_out": N_("signed out"),
    "signed_out_elsewhere": N_("signed out everywhere else"),
    "ended": N_("ended"),
    "deactivated": N_("closed"),
    "reactivated": N_("opened again"),
    "sessions_ended": N_("signed out everywhere"),
    "second_factor_begun": N_("began to sign in in two steps"),
    "second_factor_enrolled": N_("signs in in two steps"),
    "second_factor_removed": N_("no longer signs in in two steps"),
    "recovery_codes_made": N_("was given new recovery codes"),
    "asked_for_code": N_("knew the password and was asked for a code"),
    "password_set": N_("chose a new password"),
    "password_link_made": N_("was given a link to choose a password"),
    "password_link_asked_for": N_("asked for a link to choose a password"),
}
SUBJECTS = {
    "Topic": N_("Topic for the management forum"),
    "Task": N_("Follow-up task"),
    "StandingRecommendation": N_("Standing recommendation"),
    "Recommendation": N_("Recommendation"),
    "PaperTemplate": N_("Word template"),
    "Meeting": N_("Meeting"),
    "Export": N_("File"),
    "ErrorReport": N_("Reported error"),
    "Decision": N_("Decision"),
    "Candidate": N_("Candidate"),
    "AgendaItem": N_("Agenda item"),
    "ApiToken": N_("Access key"),
    "AccessReview": N_("Review of who may see what"),
    "Addendum": N_("Addendum"),
    "Benchmark": N_("Benchmark"),
    "Benefit": N_("Benefit"),
    "Body": N_("Body"),
    "Deputy": N_("Deputy"),
    "EffectFollowUp": N_("Effect follow-up of"),
    "EffectTarget": N_("Effect target"),
    "FollowUp": N_("Quarterly follow-up"),
    "Funding": N_("Funding"),
    "FundingNeed": N_("Funding need"),
    "Identity": N_("The municipality's account"),
    "Implementation": N_("Implementation"),
    "Masking": N_("Masking"),
    "Measurement": N_("Measurement"),
    "Milestone": N_("Milestone"),
    "Person": N_("Person"),
    "Placement": N_("Place on the list since"),
    "Portfolio": N_("List"),
    "Project": N_("Project"),
    "Proposal": N_("Proposal"),
    "Relation": N_("Relation"),
    "Scenario": N_("Scenario"),
    "MailText": N_("Mail text"),
    "Report": N_("Status"),
    "ReportingRound": N_("Round"),
    "Seat": N_("Seat"),
    "Staffing": N_("Staffing"),
    "StatedTotal": N_("Stated total"),
    "StatusNote": N_("Running status"),
    "StrategyTheme": N_("Strategy theme"),
    "SuccessCriterion": N_("Success criterion"),
    "TaskForce": N_("Task force"),
    "User": N_("Account"),
    "UserSession": N_("Session"),
}
OTHER_TITLES = {
    "assessments": N_("Assessments"),
    "changes": N_("Changes"),
    "decision": N_("Decided by"),
    "sentence": N_("Decision"),
    "fields": N_("Fields"),
    "involved_unit_ids": N_("Units that take part"),
    "tasks": N_("Tasks"),
    "theme_ids": N_("Strategy themes"),
    "language": N_("Language"),
    "measurements": N_("Measurements"),
    "meeting": N_("Meeting"),
    "places": N_("Places"),
    "seal": N_("Seal"),
    "project": N_("Project"),
    "on_day": N_("From"),
    "receiver_id": N_("Receiver"),
    "reason": N_("Reason"),
    "to_on": N_("Leaves the list on"),
    "decision_out": N_("Decided by"),
    "reason_out": N_("Why it leaves the list"),
    "follow_up": N_("Its effects are still followed"),
    "follow_ups": N_("Follow-up of each effect target"),
    "roles": N_("Roles"),
    "ended_keys": N_("Access keys that ended"),
    "round": N_("Round"),
    "email": N_("E-mail"),
    "person_id": N_("Person"),
}
LISTS_OF: dict[str, type[Choice]] = {"roles": Role}
"""Fields that hold several out of a fixed few."""

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_Fields = dict[str, FieldInfo]


def _fields_of(subject: str) -> _Fields:
    """The fields of the table class with this name."""
    for mapper in SQLModel._sa_registry.mappers:
        if mapper.class_.__name__ == subject:
            found: _Fields = mapper.class_.model_fields
            return found
    return {}


def title_of(fields: _Fields, name: str) -> str:
    return (fields[name].title if name in fields else None) or OTHER_TITLES.get(name, name)


def _shown(field: FieldInfo | None, value: Any, items: type[Choice] | None = None) -> str:
    """A value of the log as a person reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(str(items(item) if items else item) for item in value)
    if isinstance(value, float):
        return show_number(value, decimals=6)
    choices = next((kind for kind in _kinds(field) if issubclass(kind, Choice)), None)
    if choices:
        return str(choices(value))
    if isinstance(value, str) and DAY.fullmatch(value):
        return show_date(date.fromisoformat(value))
    return str(value)


def _kinds(field: FieldInfo | None) -> list[type]:
    """The classes that a field's values are of."""
    annotation = field.annotation if field else None
    return [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]


_json = TypeAdapter(dict[str, Any])


def record(
    session: Session,
    by: "User | None",
    action: str,
    subject: SQLModel,
    *,
    project_id: int | None = None,
    agenda_item_id: int | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Adds the one event of a write, when the session commits. `by` is None when the command line does it."""
    recorded(session).append(
        Event(
            at=now(),
            user_id=by.id if by else None,
            actor=str(by) if by else "python -m app",
            action=action,
            subject=str(type(subject).__name__),
            subject_id=getattr(subject, "id", None),
            subject_name=str(subject)[:200],
            project_id=project_id,
            person_id=session.info.get("about"),
            agenda_item_id=agenda_item_id or agenda_item_of(session, subject),
            before=_json.dump_python(before or {}, mode="json"),
            after=_json.dump_python(after or {}, mode="json"),
        )
    )


def recorded(session: Session) -> list[Event]:
    """What the session has recorded since it began; in the log, and in the chain, when it commits."""
    events: list[Event] = session.info.setdefault(RECORDED, [])
    return events


def recorded_of(session: Session, subject: str, *actions: str) -> list[Event]:
    """What the session has recorded of one kind of row: a query does not find it before it is in the log."""
    return [each for each in recorded(session) if each.subject == subject and each.action in actions]


@contextmanager
def about(session: Session, person: Row) -> Iterator[None]:
    """Every event that is recorded meanwhile is part of this person's handover, and told on the person's page."""
    session.info["about"] = person.pk
    try:
        yield
    finally:
        del session.info["about"]


def fact(session: Session, row: type[SQLModel], field: str, value: Any) -> Any:
    """A value as the log keeps it: a key becomes the name of what it points to, so that it reads in ten years."""
    if value is None or not field.endswith("_id"):
        return value
    return str(_pointed_at(session, row, field, value))


def _pointed_at(session: Session, row: type[SQLModel], field: str, key: int) -> SQLModel | None:
    table = next(iter(table_of(row).c[field].foreign_keys)).column.table
    target = next(mapper.class_ for mapper in SQLModel._sa_registry.mappers if mapper.local_table is table)
    found: SQLModel | None = session.get(target, key)
    return found


def agenda_item_of(session: Session, row: SQLModel | None) -> int | None:
    """The item of an agenda that a row is about: itself, or the one on which its decision was made.

    Also where whoever writes may not know of the decision: whoever has a task from a closed item knows of the task.
    """
    own: int | None = getattr(row, "agenda_item_id", None)
    narrowed = session.info.pop("narrowed", None)
    for field in ("decision_id", "topic_id"):
        key = getattr(row, field, None)
        if row is not None and own is None and key is not None:
            own = agenda_item_of(session, _pointed_at(session, type(row), field, key))
    if narrowed:
        session.info["narrowed"] = narrowed
    return own


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


def add_below(
    session: Session, by: "User", project: "Project", kind: type[BelowT], form: SQLModel, **more: Any
) -> BelowT:
    """Adds a row that belongs to a project, under the project's next number for its kind."""
    highest = session.exec(select(func.max(kind.no)).where(kind.project_id == project.pk)).one()
    row = kind(project_id=project.pk, no=1 + (highest or 0), **form.model_dump(), **more)
    add(session, by, cast(Row, row), form, project_id=project.pk)
    return row


def events(
    session: Session,
    *,
    project_id: int | None = None,
    person_id: int | None = None,
    of: Row | None = None,
    until: date | None = None,
    limit: int = 100,
) -> list[Event]:
    """The newest visible events: of one project, of one person's handovers, of one row, or of the whole house.

    A project's log does not show drafts.
    """
    query = (
        select(Event)
        .options(joinedload(rel(Event.project)))
        .order_by(col(Event.at).desc(), col(Event.id).desc())
        .limit(limit)
    )
    if project_id is not None:
        query = query.where(Event.project_id == project_id, Event.action != "drafted")
    if person_id is not None:
        query = query.where(Event.person_id == person_id)
    if of is not None:
        query = query.where(Event.subject == type(of).__name__, Event.subject_id == of.pk)
    if until is not None:
        query = query.where(col(Event.at) < until)
    return list(session.exec(query))
