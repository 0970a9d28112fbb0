"""Who should be told what on a day of a round: one letter a person, with all they must do and nothing that is done.

Leaders are told when the round opens and when a status is returned, then 7 and 2 days before the deadline, on the day
and the day after, as long as they owe a status; owners on the day after too, when something waits for their approval
and 2 days before their own deadline (issue 2, item 6). Somebody is due when such a moment has come since the last
letter that was *sent* to them. So a day on which nothing could be sent is made up for, and never twice.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Self

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col, or_, select

from app.i18n import DEFAULT_LANGUAGE, N_, danish_order
from app.models import Deputy, Event, Mail, Person, Portfolio, Project, Report, ReportingRound, User
from app.models.base import Choice, columns
from app.models.deputy import DeputyFor
from app.models.event import recorded_of
from app.models.mail import MailKind, day_of, is_address, mails_of
from app.models.reporting_round import RoundState
from app.models.visibility import hidden_projects
from app.tabs.coverage import Owed, Standing, build_coverage

BEFORE = (7, 2, 0, -1)
"""Days before a leader's deadline on which a reminder goes out; the last is the day after."""

BEFORE_APPROVAL = (2,)
"""Days before the owners' deadline on which an owner is reminded of what waits."""


class Ask(Choice):
    """What somebody is asked to do about a project."""

    write = "write", N_("Write the status")
    correct = "correct", N_("Correct the returned status")
    approve = "approve", N_("Approve or return the status")
    chase = "chase", N_("See to it that the status is written")


class Matter(BaseModel):
    """One thing that one person must do. A closed project has no title, and nobody's words, in a letter."""

    ask: Ask
    number: str
    title: str
    closed: bool
    due_on: date
    who: str
    submitted_on: date | None
    reason: str
    happened_at: datetime | None

    @property
    def days(self) -> list[date]:
        """The days on which somebody is reminded of it."""
        before = {Ask.approve: BEFORE_APPROVAL, Ask.chase: BEFORE[-1:]}.get(self.ask, BEFORE)
        return [self.due_on - timedelta(days=count) for count in before]

    def kind(self, day: date, *, first: bool) -> MailKind:
        """What a letter about this alone is; `first` when nothing has been sent to the person in this round."""
        if self.ask is Ask.approve:
            return MailKind.approval
        if self.ask is Ask.correct:
            return MailKind.returned
        if day > self.due_on:
            return MailKind.overdue
        if day == self.due_on:
            return MailKind.deadline
        return MailKind.opening if first else MailKind.reminder


class Reader(BaseModel):
    """Somebody who has something to do; without an address they can only be told in another way."""

    person_id: int
    name: str
    address: str
    language: str
    active: bool

    @property
    def reachable(self) -> bool:
        return self.active and self.address != ""


class Digest(BaseModel):
    """All that one person must do on a day, in one letter."""

    reader: Reader
    round_id: int
    round_key: str
    round_name: str
    day: date
    kind: MailKind
    matters: list[Matter]

    @property
    def due_on(self) -> date:
        """The next deadline; the last one when all have passed."""
        days = [matter.due_on for matter in self.matters]
        return min((day for day in days if day >= self.day), default=max(days))

    def is_about(self, number: str) -> bool:
        return any(matter.number == number for matter in self.matters)


class Reminders(BaseModel):
    """What goes out on a day, what goes out next, and who cannot be reached."""

    day: date
    under_way: bool
    due: list[Digest]
    next_on: date | None
    next_count: int
    unreachable: list[Reader]


class MailState(Choice):
    sent = "sent", N_("Sent")
    waits = "waits", N_("Waits")
    not_sent = "not_sent", N_("Not sent: nothing was left to say")


class MailLine(BaseModel):
    """One letter in the log."""

    id: int
    person_id: int
    name: str
    address: str
    kind: MailKind
    subject: str
    body: str
    has_calendar: bool
    written_at: datetime
    sent_at: datetime | None
    tries: int
    error: str
    state: MailState

    @classmethod
    def of(cls, mail: Mail, state: MailState) -> Self:
        said = mail.model_dump(include=set(cls.model_fields) - {"id", "name", "has_calendar", "state"})
        return cls(id=mail.id or 0, name=mail.person.name, has_calendar=mail.calendar != "", state=state, **said)


@dataclass(frozen=True)
class _Letter:
    """The last letter that was sent to somebody: for which day, and written when."""

    day: date
    written_at: datetime


@dataclass
class _Known:
    """What the rules ask of the database, read once."""

    owed: list[Owed]
    under_way: bool
    reports: dict[str, "_ReportFacts"] = field(default_factory=dict)
    deputies: dict[tuple[str, DeputyFor], list[int]] = field(default_factory=dict)
    people: dict[int, Reader] = field(default_factory=dict)
    last: dict[int, _Letter] = field(default_factory=dict)


@dataclass(frozen=True)
class _ReportFacts:
    author_id: int | None
    submitted_at: datetime | None
    returned_reason: str
    returned_at: datetime | None


def build_reminders(session: Session, portfolio: Portfolio, round_: ReportingRound, day: date) -> Reminders:
    """The reminders of a round on a day. Ten queries, however many projects, and two a closed one's deputy."""
    known = _read(session, portfolio, round_, day)
    matters = _by_person(known, round_, day)
    due = [
        _digest(known, round_, day, person_id, about)
        for person_id, about in matters.items()
        if _is_due(about, known.last.get(person_id), day) and known.people[person_id].reachable
    ]
    next_on, next_count = _next(known, round_, day)
    people = [known.people[person_id] for person_id in matters]
    return Reminders(
        day=day,
        under_way=known.under_way,
        due=sorted(due, key=lambda each: danish_order(each.reader.name)),
        next_on=next_on,
        next_count=next_count,
        unreachable=sorted((each for each in people if not each.reachable), key=lambda each: danish_order(each.name)),
    )


def build_mail_log(session: Session, portfolio: Portfolio, round_: ReportingRound, day: date) -> list[MailLine]:
    """Every letter of a round, the newest first, and whether it was sent."""
    due = {digest.reader.person_id for digest in build_reminders(session, portfolio, round_, day).due}
    later = {MailState.waits} if round_.under_way else set()

    def state(mail: Mail) -> MailState:
        if mail.sent_at:
            return MailState.sent
        return MailState.waits if later and (mail.person_id in due or mail.day > day) else MailState.not_sent

    return [MailLine.of(mail, state(mail)) for mail in mails_of(session, round_)]


def _digest(known: _Known, round_: ReportingRound, day: date, person_id: int, matters: list[Matter]) -> Digest:
    kinds = {matter.kind(day, first=person_id not in known.last) for matter in matters}
    return Digest(
        reader=known.people[person_id],
        round_id=round_.pk,
        round_key=round_.key,
        round_name=round_.name,
        day=day,
        kind=kinds.pop() if len(kinds) == 1 else MailKind.digest,
        matters=sorted(matters, key=lambda matter: (matter.due_on, matter.closed, matter.number)),
    )


def _is_due(matters: Iterable[Matter], last: _Letter | None, day: date) -> bool:
    """Whether one of these has to be said on a day, given the last letter that was sent. One letter a day at most."""
    if last is None:
        return True
    if last.day >= day:
        return False
    return any(
        any(last.day < moment <= day for moment in matter.days)
        or (matter.happened_at is not None and matter.happened_at > last.written_at)
        for matter in matters
    )


def _next(known: _Known, round_: ReportingRound, day: date) -> tuple[date | None, int]:
    """The next day on which somebody is reminded if nothing happens until then, and how many people are."""
    deadlines = {round_.leader_deadline_on, round_.owner_deadline_on}
    days = {deadline - timedelta(days=count) for deadline in deadlines for count in BEFORE}
    for coming in sorted(each for each in days if each > day):
        people = [
            person_id
            for person_id, matters in _by_person(known, round_, coming).items()
            if known.people[person_id].reachable and any(coming in matter.days for matter in matters)
        ]
        if people:
            return coming, len(people)
    return None, 0


def _by_person(known: _Known, round_: ReportingRound, day: date) -> dict[int, list[Matter]]:
    """What each person must do on a day; whoever writes a status is not asked to see to it as well."""
    found: dict[int, list[Matter]] = defaultdict(list)
    for each in known.owed:
        told: set[int] = set()
        for ask, people in _asked(each, known, round_, day):
            for person_id in people:
                if person_id in known.people and person_id not in told:
                    told.add(person_id)
                    found[person_id].append(_matter(ask, each, known.reports.get(each.row.number)))
    return found


def _asked(each: Owed, known: _Known, round_: ReportingRound, day: date) -> list[tuple[Ask, list[int]]]:
    """Who is asked for what about one status that is owed."""
    row, report = each.row, known.reports.get(each.row.number)
    leaders = [row.leader_id or row.owner_id, *known.deputies.get((row.number, DeputyFor.leader), [])]
    owners = [row.owner_id, *known.deputies.get((row.number, DeputyFor.owner), [])]
    author = report.author_id if report else None
    if each.role is DeputyFor.owner:
        return [(Ask.approve, [key for key in owners if key is not None and key != author])]
    asked: list[tuple[Ask, list[int]]] = []
    if round_.state is RoundState.open or (report and report.returned_reason):
        ask = Ask.correct if row.standing is Standing.returned else Ask.write
        asked.append((ask, [key for key in leaders if key is not None]))
    if day > round_.leader_deadline_on >= each.due_on:
        asked.append((Ask.chase, [key for key in owners if key is not None]))
    return asked


def _matter(ask: Ask, each: Owed, report: _ReportFacts | None) -> Matter:
    row = each.row
    happened = {
        Ask.approve: report.submitted_at if report else None,
        Ask.correct: report.returned_at if report else None,
    }
    return Matter(
        ask=ask,
        number=row.number,
        title="" if row.closed else row.title,
        closed=row.closed,
        due_on=each.due_on,
        who="" if row.closed else row.leader,
        submitted_on=row.submitted_on,
        reason=report.returned_reason if report and ask is Ask.correct and not row.closed else "",
        happened_at=happened.get(ask),
    )


def _read(session: Session, portfolio: Portfolio, round_: ReportingRound, day: date) -> _Known:
    """Everything that the rules need; nothing when the round is not under way."""
    known = _Known(owed=[], under_way=round_.under_way)
    known.last = _last_letters(session, round_)
    if not round_.under_way:
        return known
    known.owed = build_coverage(session, portfolio, round_, day).owed
    known.reports = _reports(session, round_)
    known.deputies = _deputies(session, known.owed, day)
    people = {key for each in known.owed for key in (each.row.leader_id, each.row.owner_id) if key is not None}
    people.update(key for keys in known.deputies.values() for key in keys)
    known.people = readers(session, people)
    return known


def _last_letters(session: Session, round_: ReportingRound) -> dict[int, _Letter]:
    query = columns(Mail.person_id, Mail.key, Mail.written_at).where(
        Mail.round_id == round_.pk, col(Mail.sent_at).is_not(None)
    )
    letters = sorted((day_of(key), written_at, person_id) for person_id, key, written_at in session.exec(query))
    return {person_id: _Letter(day, written_at) for day, written_at, person_id in letters}


def _reports(session: Session, round_: ReportingRound) -> dict[str, _ReportFacts]:
    """Of each status of the round, by the project's number, what stands in no other place."""
    back, of_round = ("returned", "reopened"), f" {round_.name}"
    returned = columns(Event.project_id, sa.func.max(Event.at)).where(
        col(Event.action).in_(back),
        Event.subject == "Report",
        col(Event.subject_name).endswith(of_round, autoescape=True),
    )
    returned_at = dict(session.exec(returned.group_by(Event.project_id)).all())
    returned_at |= {
        each.project_id: each.at
        for each in recorded_of(session, "Report", *back)
        if each.subject_name.endswith(of_round)
    }
    query = (
        columns(Project.id, Project.number, Report.author_id, Report.submitted_at, Report.returned_reason)
        .join(Report, col(Report.project_id) == Project.id)
        .where(Report.round_id == round_.pk)
    )
    return {
        number: _ReportFacts(author_id, submitted_at, reason, returned_at.get(key))
        for key, number, author_id, submitted_at, reason in session.exec(query)
    }


def _deputies(session: Session, owed: list[Owed], day: date) -> dict[tuple[str, DeputyFor], list[int]]:
    """Who acts on a day, by project and by whom they stand in for. A closed project's, only if they may know of it."""
    query = (
        columns(Project.id, Project.number, Deputy.stands_for, Deputy.person_id)
        .join(Deputy, col(Deputy.project_id) == Project.id)
        .where(Deputy.from_on <= day, or_(col(Deputy.to_on).is_(None), col(Deputy.to_on) >= day))
        .order_by(Project.id, Deputy.no)
    )
    closed = {each.row.number for each in owed if each.row.closed}
    found: dict[tuple[str, DeputyFor], list[int]] = defaultdict(list)
    for project_id, number, stands_for, person_id in session.exec(query).all():
        if number not in closed or may_know(session, person_id, project_id):
            found[number, stands_for].append(person_id)
    return found


def may_know(session: Session, person_id: int, project_id: int) -> bool:
    """Whether somebody may know of a closed project (product.md, decision 10)."""
    user = session.exec(select(User).where(User.person_id == person_id, col(User.active))).first()
    if user and user.sees_closed:
        return True
    hidden = hidden_projects(person_id)
    return session.connection().execute(hidden.where(hidden.selected_columns.id == project_id)).first() is None


def readers(session: Session, person_ids: set[int]) -> dict[int, Reader]:
    """The people by key, with the address and the language of their letters: their account's where they have one.

    Whose account has been closed is told nothing: they could no longer see what the letter is about.
    """
    query = (
        columns(Person.id, Person.name, Person.email, Person.active, User.email, User.language, User.active)
        .outerjoin(User, col(User.person_id) == Person.id)
        .where(col(Person.id).in_(person_ids))
    )
    return {
        key: Reader(
            person_id=key,
            name=name,
            address=next((each for each in (email.strip(), account or "") if is_address(each)), ""),
            language=language or DEFAULT_LANGUAGE,
            active=active and may_sign_in is not False,
        )
        for key, name, email, active, account, language, may_sign_in in session.exec(query)
    }
