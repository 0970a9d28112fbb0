"""Where a text stands that must be masked, and the masking of it: in every table, every edition and the log."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.errors import DomainError
from app.i18n import _, search_key
from app.models import Edition, Event, Masking, Project, User
from app.models.base import rel, table_of
from app.models.data_description import Description, Field, described, descriptions
from app.models.event import record
from app.models.event_chain import fingerprint
from app.models.masking import MASK, MaskingForm, seal
from app.models.visibility import nothing_closed
from app.settings import now
from app.tabs.edition import Content

FROZEN = {"edition", "event"}
"""What is masked span by span, past its triggers, with a fingerprint before and after."""

UNTOUCHED = {"export", "addendum", "masking"}
"""What never changes and has no way past: a file that was taken out, and what the secretariat itself has added."""

_EVENTS = table_of(Event)
_IN_EVENTS = ("subject_name", "before", "after")


@dataclass(frozen=True)
class MaskPlace:
    """A table, or an edition, in which the text stands, and how often."""

    where: str
    count: int


@dataclass
class Act:
    """One act of masking: what is taken out, who does it, and the spans that it has covered so far."""

    session: Session
    by: User
    form: MaskingForm
    key: str
    at: datetime
    spans: list[Masking]

    def add(self, **of: Any) -> None:
        row = Masking(key=self.key, masked_at=self.at, masked_by=str(self.by), reason=self.form.reason, **of)
        self.session.add(row)
        self.session.flush()
        self.spans.append(row)


def mask_places(session: Session, text: str) -> list[MaskPlace]:
    """Everywhere that the text stands, letter by letter."""
    found = [
        MaskPlace(
            of.noun, sum(_count(raw, text) for _key, values in _rows(session, of, text) for raw in values.values())
        )
        for of in descriptions()
        if of.name not in UNTOUCHED | {"edition"}
    ]
    for edition in _editions(session, text):
        where = f"{described('edition').noun}: {edition.round.name}"
        found.append(MaskPlace(where, _count(edition.content, text)))
    return [place for place in found if place.count]


def mask(session: Session, by: User, form: MaskingForm) -> None:
    """Takes the text out everywhere, and leaves one event that says how often and why, never what it was."""
    places = mask_places(session, form.text)
    act = Act(session, by, form, secrets.token_urlsafe(8), now(), [])
    for edition in _editions(session, form.text):
        _mask_edition(act, edition)
    _mask_events(act)
    for of in descriptions():
        if of.name not in FROZEN | UNTOUCHED:
            _mask_rows(session, of, form.text)
    session.expire_all()
    about = act.spans[0] if act.spans else Masking(masked_at=act.at)  # type: ignore[call-arg] # not stored
    after = {"reason": form.reason, "places": sum(place.count for place in places), "seal": seal(act.spans)}
    record(session, _again(session, by), "masked", about, after=after)


def _again(session: Session, by: User) -> User:
    return session.exec(select(User).where(User.id == by.id).options(joinedload(rel(User.person)))).one()


def _variants(text: str) -> list[str]:
    """The text as it may be stored: as it is, in JSON with and without letters like ø, and as it is searched for."""
    forms = (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], search_key(text))
    return list(dict.fromkeys(forms))


def _count(raw: str, text: str) -> int:
    return _masked(raw, text).count(MASK) - raw.count(MASK)


def _masked(raw: str, text: str) -> str:
    for variant in _variants(text):
        raw = raw.replace(variant, MASK)
    return raw


def _spans(raw: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Each span in turn: where it begins (from 1), how long it is, and the whole text after it has been masked."""
    for variant in _variants(text):
        while (at := raw.find(variant)) >= 0:
            raw = raw[:at] + MASK + raw[at + len(variant) :]
            yield at + 1, len(variant), raw


def _rows(session: Session, of: Description, text: str) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """The rows of a table in which the text stands: their keys, and each field that has it, as it is stored."""
    fields = [field for field in of.fields if field.holds_text]
    if not fields:
        return
    keys = list(of.table.primary_key.columns)
    stored = [sa.cast(field.column, sa.Text).label(field.name) for field in fields]
    has = [each.contains(variant, autoescape=True) for each in stored for variant in _variants(text)]
    query = sa.select(*(key.label(f"key_{key.name}") for key in keys), *stored).where(sa.or_(*has)).order_by(*keys)
    for row in session.connection().execute(query).mappings().all():
        values = {field.name: str(row[field.name]) for field in fields if row[field.name]}
        yield (
            {key.name: row[f"key_{key.name}"] for key in keys},
            {name: raw for name, raw in values.items() if _masked(raw, text) != raw},
        )


def _mask_rows(session: Session, of: Description, text: str) -> None:
    for key, values in _rows(session, of, text):
        new = {name: _stored(of.field(name), _masked(raw, text)) for name, raw in values.items()}
        if "version" in of.table.c:
            new["version"] = of.table.c.version + 1
        if new:
            of_row = [of.table.c[name] == value for name, value in key.items()]
            session.connection().execute(sa.update(of.table).where(*of_row).values(new))


def _stored(field: Field, raw: str) -> Any:
    return json.loads(raw) if isinstance(field.column.type, sa.JSON) else raw


def _editions(session: Session, text: str) -> list[Edition]:
    has = sa.or_(*(col(Edition.content).contains(each, autoescape=True) for each in _variants(text)))
    query = select(Edition).where(has).options(joinedload(rel(Edition.round))).order_by(col(Edition.id))
    return [edition for edition in session.exec(query) if _count(edition.content, text)]


def _mask_edition(act: Act, edition: Edition) -> None:
    before, content, text = edition.fingerprint, edition.content, act.form.text
    closed = not _stands_in_open(act.session, edition, text)
    _keeps_its_shape(content, _masked(content, text))
    update = sa.text("update edition set content = :new, masked = masked + 1 where id = :id")
    for no, (starts_at, length, new) in enumerate(_spans(content, text), edition.masked + 1):
        after = edition.fingerprint_with(new)
        act.add(
            edition_id=edition.id,
            field="content",
            no=no,
            starts_at=starts_at,
            length=length,
            sha256_before=before,
            sha256_after=after,
            closed=closed,
        )
        act.session.connection().execute(update, {"new": new, "id": edition.id})
        before = after


def _keeps_its_shape(old: str, new: str) -> None:
    """That only texts were masked, and no name of a field, date or choice that the edition is read by."""
    try:
        same = _shape(json.loads(old)) == _shape(json.loads(new))
        Content.model_validate_json(new)
    except (ValueError, ValidationError):
        same = False
    if not same:
        raise DomainError(
            _("That is not only text: the edition could not be read any more. Write a longer piece of it.")
        )


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shape(each) for each in value]
    return type(value) if isinstance(value, str) else value


def _stands_in_open(session: Session, edition: Edition, text: str) -> bool:
    """Whether the text stands in what somebody may see who may see nothing closed; then all are told of the masking."""
    content = Content.model_validate_json(edition.content)
    with nothing_closed(session):
        known = {key for key in session.exec(select(Project.id)) if key is not None}
    overview = content.overview.visible_to(known)
    effects = content.effects.visible_to({project.number for project in overview.projects}, known)
    parts = (overview, content.burden.visible_to(known), effects)
    return any(_count(part.model_dump_json(), text) for part in parts)


def _mask_events(act: Act) -> None:
    of = described("event")
    found = [(key["id"], values) for key, values in _rows(act.session, of, act.form.text)]
    for event_id, values in found:
        for name in _IN_EVENTS:
            if name in values:
                _mask_event(act, event_id, name, values[name])


def _mask_event(act: Act, event_id: int, name: str, raw: str) -> None:
    connection = act.session.connection()
    json_of: Callable[[str], Any] = json.loads if name != "subject_name" else str
    row = dict(connection.execute(_EVENTS.select().where(_EVENTS.c.id == event_id)).mappings().one())
    before, no = fingerprint(row), row["masked"]
    is_json = name != "subject_name" and connection.dialect.name == "postgresql"
    value = "cast(:new as json)" if is_json else ":new"
    update = sa.text(f'update event set "{name}" = {value}, masked = masked + 1 where id = :id')  # our own names # noqa: S608 # nosec
    for starts_at, length, new in _spans(raw, act.form.text):
        no += 1
        after = fingerprint(row | {name: json_of(new)})
        act.add(
            event_id=event_id,
            field=name,
            no=no,
            starts_at=starts_at,
            length=length,
            sha256_before=before,
            sha256_after=after,
            closed=True,
        )
        connection.execute(update, {"new": new, "id": event_id})
        before = after
