"""The post office: writes the letters of a round, and sends those that wait.

A letter is written in the transaction of what caused it, and sent afterwards, by `python -m app remind`. Sending is at
least once: a letter counts as sent when the mail server has taken it, so when the machine stops between these two the
letter goes out again, with the same Message-ID. One run sends at a time; another waits for it and finds nothing left.
"""

import fcntl
import smtplib
import ssl
from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.errors import DomainError
from app.i18n import _, in_danish_order
from app.models import Mail, Person, Portfolio, Report, ReportingRound, User
from app.models.event import record
from app.models.mail import lock_people, mail_texts, mail_to_send, mark_failed, mark_sent, write_letter
from app.models.reporting_round import UNDER_WAY
from app.papers.letters import letter
from app.settings import Settings, get_settings, now, today
from app.tabs.reminders import build_reminders

PATIENCE = 20
"""Seconds that a mail server may take for one answer."""

SENDING = 0x6D61696C
"""The number of PostgreSQL's lock that the run which sends holds."""


# ------------------------------------------------------------------------------------------------------------- writing


def announce_opening(session: Session, round_: ReportingRound) -> None:
    """Tells everybody what to write, in the transaction that opens the round."""
    _write_due(session, round_, today())


def announce_submission(session: Session, report: Report) -> None:
    """Tells those who may approve a status that it waits, in the transaction that submits it."""
    _announce(session, report)


def announce_return(session: Session, report: Report) -> None:
    """Tells those who may correct a status why it came back, in the transaction that returns or reopens it."""
    _announce(session, report)


def remind_now(session: Session, by: User, round_: ReportingRound) -> None:
    """The secretariat has today's letters written at once, instead of at the next run."""
    if not round_.under_way:
        raise DomainError(_("Nobody is reminded: the round is %(state)s.") % {"state": str(round_.state).lower()})
    letters = _write_due(session, round_, today())
    if not letters:
        raise DomainError(_("Nobody is to be reminded today, or they have had today's letter already."))
    told = select(Person.name).where(col(Person.id).in_([letter.person_id for letter in letters]))
    record(session, by, "reminded", round_, after={"person_id": in_danish_order(session.exec(told))})


def write_todays_letters(session: Session) -> list[int]:
    """The letters of today on every list: written, or written anew when they wait. Their keys."""
    rounds = session.exec(select(ReportingRound).where(col(ReportingRound.state).in_(UNDER_WAY))).all()
    return [letter.id or 0 for round_ in rounds for letter in _write_due(session, round_, today())]


def _announce(session: Session, report: Report) -> None:
    """Writes what one status asks for now: into today's letter, or into tomorrow's where today's has been sent."""
    number = report.project.number
    told = {letter.person_id for letter in _write_due(session, report.round, today(), about=number)}
    _write_due(session, report.round, today() + timedelta(days=1), about=number, besides=told)


def _write_due(
    session: Session, round_: ReportingRound, day: date, *, about: str = "", besides: Container[int] = ()
) -> list[Mail]:
    """Writes the letters that are due on a day, each with everything that its reader must do.

    `about` leaves out those who have nothing to do with a project, `besides` those people.
    """
    portfolio = session.get_one(Portfolio, round_.portfolio_id)
    own = mail_texts(session, round_.portfolio_id)
    base = get_settings().address
    with _seeing_everything(session):
        due = build_reminders(session, portfolio, round_, day).due
    digests = [each for each in due if each.reader.person_id not in besides and (not about or each.is_about(about))]
    lock_people(session, (each.reader.person_id for each in digests))
    letters = (
        write_letter(
            session, round_, digest.reader.person_id, day, digest.reader.address, letter(digest, own, base, now())
        )
        for digest in digests
    )
    return [written for written in letters if written]


@contextmanager
def _seeing_everything(session: Session) -> Iterator[None]:
    """A letter tells what its reader may see, not what whoever caused it may."""
    narrowed = session.info.pop("narrowed", None)
    try:
        yield
    finally:
        if narrowed:
            session.info["narrowed"] = narrowed


# ------------------------------------------------------------------------------------------------------------- sending


@dataclass
class Sent:
    """What became of a run. `error` is the last reason, in English."""

    sent: int = 0
    failed: int = 0
    error: str = ""


def send_letters(engine: Engine, mail_ids: Iterable[int]) -> Sent:
    """Sends those of these letters that nobody has sent. What cannot be sent waits for the next run."""
    settings, done = get_settings(), Sent()
    with _only_run_that_sends(engine):
        with Session(engine.execution_options(read_only=True)) as session:
            left = [key for key in mail_ids if mail_to_send(session, key)]
        try:
            with ExitStack() as stack:
                server = stack.enter_context(mail_server(settings)) if left else None
                while server and left:
                    _deliver(engine, server, settings, left[0], done)
                    left.pop(0)
        except (OSError, smtplib.SMTPException) as wrong:
            if left:
                _fail(engine, left, wrong, done)
    return done


def _deliver(engine: Engine, server: smtplib.SMTP, settings: Settings, mail_id: int, done: Sent) -> None:
    """Hands one letter to the server. A refusal of this letter is this letter's; a lost connection is everybody's."""
    with Session(engine.execution_options(read_only=True)) as session:
        mail = mail_to_send(session, mail_id)
    if mail is None:
        return
    try:
        server.send_message(as_message(mail, settings, now()))
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as wrong:
        _fail(engine, [mail_id], wrong, done)
        return
    with Session(engine) as session:
        mark_sent(session, mail)
        session.commit()
    done.sent += 1


def _fail(engine: Engine, mail_ids: list[int], wrong: Exception, done: Sent) -> None:
    done.failed += len(mail_ids)
    done.error = reason(wrong)
    with Session(engine) as session:
        mark_failed(session, mail_ids, done.error)
        session.commit()


def reason(wrong: Exception) -> str:
    """Why something could not be sent, in the server's own words, without what would break a line or a database."""
    if isinstance(wrong, smtplib.SMTPRecipientsRefused):
        wrong = smtplib.SMTPResponseException(*next(iter(wrong.recipients.values())))
    if isinstance(wrong, smtplib.SMTPResponseException):
        said = wrong.smtp_error.decode("utf-8", "replace") if isinstance(wrong.smtp_error, bytes) else wrong.smtp_error
        sentence = f"The mail server answered {wrong.smtp_code}: {said}"
    else:
        sentence = f"{type(wrong).__name__}: {wrong}"
    return " ".join("".join(each if each.isprintable() else " " for each in sentence).split())[:200]


def as_message(mail: Mail, settings: Settings, at: datetime) -> EmailMessage:
    """The letter as it goes to the mail server. Its Message-ID follows from its key, so that a copy can be told."""
    message = EmailMessage()
    name, address = parseaddr(settings.mail_from)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.key.replace(':', '.')}@{settings.host_name}>"
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(mail.person.name, addr_spec=mail.address)
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body, charset="utf-8", cte="quoted-printable")
    if mail.calendar:
        message.add_attachment(
            mail.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="frist.ics",
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    return message


@contextmanager
def mail_server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """The mail server of SMTP_URL, ready to take letters."""
    place = urlsplit(settings.smtp_url)
    host, secure = place.hostname or "", ssl.create_default_context()
    port = place.port or {"smtps": 465, "smtp+starttls": 587}.get(place.scheme, 25)
    with ExitStack() as stack:
        if place.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=secure)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE)
        stack.enter_context(server)
        if place.scheme == "smtp+starttls":
            server.starttls(context=secure)
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        yield server


@contextmanager
def _only_run_that_sends(engine: Engine) -> Iterator[None]:
    """Waits until no other run on this database sends. The lock goes when its holder does, however it ends."""
    if engine.dialect.name == "sqlite":
        with open(f"{engine.url.database}.sending", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(SENDING)))
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(SENDING)))
