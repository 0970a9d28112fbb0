"""Mail: written in the same transaction as what caused it, sent afterwards, logged for ever.

Somebody gets one letter a day at most of a list, with everything of that day in it. A letter that waits is kept up
to date until it is sent; what was sent never changes.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Optional

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Choice, Row, Table, long_text, one_of, rel
from app.models.event import add, change
from app.models.person import Person
from app.models.reporting_round import UNDER_WAY, ReportingRound, lock_rounds
from app.settings import now

if TYPE_CHECKING:
    from app.models.portfolio import Portfolio
    from app.models.user import User


_WORD = r"[\w!#$%&'*+/=?^`{|}~-]+"
ADDRESS = re.compile(rf"{_WORD}(\.{_WORD})*@[\w-]+(\.[\w-]+)+", re.ASCII)


class MailKind(Choice):
    opening = "opening", N_("The round opens")
    reminder = "reminder", N_("Reminder before the deadline")
    deadline = "deadline", N_("On the day of the deadline")
    overdue = "overdue", N_("After the deadline")
    approval = "approval", N_("Something waits for approval")
    returned = "returned", N_("A status was returned")
    digest = "digest", N_("Several things in one letter")
    effects = "effects", N_("Effects to be followed up")
    tasks = "tasks", N_("Tasks from decisions")
    task_forces = "task_forces", N_("A task force is to be followed up, or expires")
    duties = "duties", N_("Several things between the rounds")


class LetterForm(SQLModel):
    """A letter as it stands on paper: kind, subject, text, and a calendar entry for the deadline (empty when past)."""

    kind: MailKind = one_of(MailKind)
    subject: str = Field(max_length=200)
    body: str = Field(sa_type=sa.Text)
    calendar: str = Field(default="", sa_type=sa.Text)


class Mail(LetterForm, Table, table=True):
    """A letter that was sent or waits to be (mail). `key` is what it is about: the same one is never written twice."""

    id: int | None = Field(default=None, primary_key=True)
    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="reporting_round.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    key: str = Field(max_length=120, unique=True)
    address: str = Field(max_length=120)
    written_at: datetime
    sent_at: datetime | None = None
    tries: int = 0
    error: str = Field(default="", max_length=200)

    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    round: Optional["ReportingRound"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def day(self) -> date:
        return day_of(self.key)


class MailTextForm(SQLModel):
    subject: str = Field(min_length=3, max_length=120, title=N_("Subject"))
    body: str = long_text(min_length=10, max_length=2000, title=N_("Text"))


class MailText(MailTextForm, Row, table=True):
    """The secretariat's own words for one kind of mail on one list (mailtekst)."""

    __table_args__ = (sa.UniqueConstraint("portfolio_id", "kind"),)

    portfolio_id: int = Field(foreign_key="portfolio.id")
    kind: MailKind = one_of(MailKind)

    def __str__(self) -> str:
        return str(self.kind)


def day_of(key: str) -> date:
    """The day on which a letter is somebody's one letter: the end of its key."""
    return date.fromisoformat(key.rpartition(":")[2])


def is_address(text: str) -> bool:
    """Whether a letter can be sent to this, as far as one can see: ASCII only, which every mail server takes."""
    return len(text) <= 120 and ADDRESS.fullmatch(text) is not None


def write_letter(
    session: Session, round_: "ReportingRound", person_id: int, day: date, address: str, form: LetterForm, at: datetime
) -> Mail | None:
    """Somebody's letter of a day, written `at` that instant. The one that waits is written anew; None when that day's
    has been sent.

    Whoever writes has locked the person (`lock_people`), so that two writers never write the same letter.
    """
    of_the_day = select(Mail.id).where(Mail.key == _duties_key(round_.portfolio_id, person_id, day))
    if session.exec(of_the_day.where(col(Mail.sent_at).is_not(None))).first():
        return None
    key = f"digest:{round_.pk}:{person_id}:{day}"
    return _written(session, (round_.portfolio_id, round_.pk, person_id), key, address, form, at)


def write_duty_letter(
    session: Session, portfolio_id: int, person_id: int, day: date, address: str, form: LetterForm, at: datetime
) -> Mail | None:
    """Somebody's letter about effects and tasks, which hangs on no round; None when that day's has been sent."""
    key = _duties_key(portfolio_id, person_id, day)
    return _written(session, (portfolio_id, None, person_id), key, address, form, at)


def _duties_key(portfolio_id: int, person_id: int, day: date) -> str:
    return f"duties:{portfolio_id}:{person_id}:{day}"


def _written(
    session: Session, whose: tuple[int, int | None, int], key: str, address: str, form: LetterForm, at: datetime
) -> Mail | None:
    """The letter with this key, new or written anew. `whose`: its list, its round if any, and its reader."""
    portfolio_id, round_id, person_id = whose
    query = select(Mail).where(
        Mail.portfolio_id == portfolio_id,
        col(Mail.round_id).is_(None) if round_id is None else Mail.round_id == round_id,
        Mail.person_id == person_id,
    )
    letters = session.exec(query.order_by(col(Mail.id)).execution_options(populate_existing=True)).all()
    if any(letter.sent_at and letter.key == key for letter in letters):
        return None
    waiting = [letter for letter in letters if letter.sent_at is None]
    letter = next((each for each in waiting if each.key == key), waiting[-1] if waiting else None)
    if letter is None:
        letter = Mail(
            portfolio_id=portfolio_id,
            round_id=round_id,
            person_id=person_id,
            key=key,
            address=address,
            written_at=at,
            **form.model_dump(),
        )
        session.add(letter)
    else:
        letter.key, letter.address, letter.written_at = key, address, at
        letter.sqlmodel_update(form)
    session.flush()
    return letter


def lock_people(session: Session, person_ids: Iterable[int]) -> None:
    """Lets one writer at a time decide what these people are told; in one order, so that no two wait for each other."""
    query = select(Person.id).where(col(Person.id).in_(set(person_ids))).order_by(col(Person.id))
    session.exec(query.with_for_update(key_share=True)).all()


def mails_of(session: Session, round_: "ReportingRound") -> list[Mail]:
    """Every letter of a round with its person, the newest first."""
    query = select(Mail).where(Mail.round_id == round_.pk).options(joinedload(rel(Mail.person)))
    return list(session.exec(query.order_by(col(Mail.written_at).desc(), col(Mail.id).desc())))


def duty_mails(session: Session, portfolio_id: int) -> list[Mail]:
    """Every letter that hangs on no round, with its person, the newest first."""
    query = select(Mail).where(Mail.portfolio_id == portfolio_id, col(Mail.round_id).is_(None))
    query = query.options(joinedload(rel(Mail.person)))
    return list(session.exec(query.order_by(col(Mail.written_at).desc(), col(Mail.id).desc())))


def mail_to_send(session: Session, mail_id: int) -> Mail | None:
    """A letter that has not been sent, with its person; None when it was sent or its round is frozen by now."""
    query = (
        select(Mail)
        .where(Mail.id == mail_id, col(Mail.sent_at).is_(None))
        .options(joinedload(rel(Mail.person)), joinedload(rel(Mail.round)))
    )
    found = session.exec(query).first()
    return found if found and (found.round is None or found.round.under_way) else None


def letters_that_wait(session: Session) -> int:
    """How many letters are to be sent, on all lists."""
    query = select(sa.func.count(col(Mail.id))).outerjoin(rel(Mail.round)).where(col(Mail.sent_at).is_(None))
    return session.exec(query.where(col(Mail.round_id).is_(None) | col(ReportingRound.state).in_(UNDER_WAY))).one()


def mark_sent(session: Session, mail: Mail) -> None:
    """Says that this was sent, as it was sent, also when it was written anew while the mail server had it.

    What came in meanwhile is younger than the letter, so the next day's letter tells it: one a day, and nothing lost.
    """
    as_sent = mail.model_dump(include={*LetterForm.model_fields, "key", "address", "written_at"})
    taken = sa.update(Mail).where(col(Mail.id) == mail.id)
    session.connection().execute(taken.values(as_sent | {"sent_at": now(), "tries": col(Mail.tries) + 1, "error": ""}))


def mark_failed(session: Session, mail_ids: Iterable[int], why: str) -> None:
    """Counts a try of each that has not been sent, and keeps why it failed, in English."""
    waiting = sa.update(Mail).where(col(Mail.id).in_(list(mail_ids)), col(Mail.sent_at).is_(None))
    session.connection().execute(waiting.values(tries=col(Mail.tries) + 1, error=why[:200]))


def mail_texts(session: Session, portfolio_id: int) -> dict[MailKind, MailText]:
    """The secretariat's own texts, by what they are for."""
    query = select(MailText).where(MailText.portfolio_id == portfolio_id)
    return {text.kind: text for text in session.exec(query)}


def lock_text(session: Session, portfolio_id: int, kind: MailKind) -> MailText | None:
    """The own text of one kind, if there is one; until it has been saved, nobody else can write it."""
    lock_rounds(session, portfolio_id)
    return mail_texts(session, portfolio_id).get(kind)


def save_text(
    session: Session, by: "User", portfolio: "Portfolio", kind: MailKind, text: MailText | None, form: MailTextForm
) -> None:
    """Keeps the secretariat's own words. Letters that wait are written with them before they are sent."""
    if text:
        change(session, by, text, form)
    else:
        add(session, by, MailText(portfolio_id=portfolio.pk, kind=kind, **form.model_dump()), form)
