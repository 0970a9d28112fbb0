"""The post office: writes the letters of rounds and of effects, and sends those that wait.

A letter is written in the transaction of what caused it, and sent afterwards, by `python -m app remind`. Sending is at
least once: a letter counts as sent when the mail server has taken it, so when the machine stops between these two the
letter goes out again, with the same Message-ID. One run sends at a time; another waits for it and finds nothing left.
Before a letter leaves it is looked at once more: what was done or closed meanwhile is not told.
"""

import fcntl
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
import structlog
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.errors import DomainError
from app.i18n import _, in_danish_order, speaking
from app.models import Mail, Portfolio, Report, ReportingRound, User
from app.models.event import record
from app.models.mail import (
    LetterForm,
    lock_people,
    mail_texts,
    mail_to_send,
    mark_failed,
    mark_sent,
    write_duty_letter,
    write_letter,
)
from app.models.project import project_by_number
from app.models.reporting_round import UNDER_WAY
from app.papers.letters import duty_letter, letter
from app.settings import Settings, get_settings, now, today
from app.tabs.duty_reminders import DutyDigest, build_duty_reminders
from app.tabs.reminders import Digest, build_reminders

log = structlog.get_logger()

PATIENCE = 20
"""Seconds that a mail server may take for one answer."""

MOST_LOST = 3
"""Letters over which the connection may break in one run; then the server is left in peace until the next."""

SENDING = 0x6D61696C
"""The number of PostgreSQL's lock that the run which sends holds."""


# ------------------------------------------------------------------------------------------------------------- writing


def announce_opening(session: Session, round_: ReportingRound) -> None:
    """Tells everybody what to write, in the transaction that opens the round."""
    _write(session, round_, _due(session, round_, today()))


def announce_submission(session: Session, report: Report) -> None:
    """Tells those who may approve a status that it waits, in the transaction that submits it."""
    _announce(session, report)


def announce_return(session: Session, report: Report) -> None:
    """Tells those who may correct a status why it came back, in the transaction that returns or reopens it."""
    _announce(session, report)


def remind_now(session: Session, by: User, round_: ReportingRound) -> None:
    """The secretariat has today's letters written at once, instead of at the next run.

    The log tells administrators too, so it names nobody who is told of closed projects alone (product.md, decision 10).
    """
    if not round_.under_way:
        raise DomainError(_("Nobody is reminded: the round is %(state)s.") % {"state": str(round_.state).lower()})
    digests = _due(session, round_, today())
    written = {letter.person_id for letter in _write(session, round_, digests)}
    told = [each for each in digests if each.reader.person_id in written]
    if not told:
        raise DomainError(_("Nobody is to be reminded today, or they have had today's letter already."))
    open_ = [each for each in told if not all(matter.closed for matter in each.matters)]
    closed = None if open_ else project_by_number(session, told[0].matters[0].number)
    names = in_danish_order(each.reader.name for each in open_ or told)
    record(session, by, "reminded", round_, project_id=closed.id if closed else None, after={"person_id": names})


def write_todays_letters(session: Session) -> list[int]:
    """The letters of today on every list: written, or written anew when they wait. Their keys."""
    rounds = session.exec(select(ReportingRound).where(col(ReportingRound.state).in_(UNDER_WAY))).all()
    written = [letter for round_ in rounds for letter in _write(session, round_, _due(session, round_, today()))]
    for portfolio in session.exec(select(Portfolio)).all():
        written += _write_beside_rounds(session, portfolio, _duties_due(session, portfolio.pk))
    return [letter.id or 0 for letter in written]


def _announce(session: Session, report: Report) -> None:
    """Writes what one status asks for now: into today's letter, or into tomorrow's where today's has been sent."""
    digests: dict[int, Digest] = {}
    for day in (today(), today() + timedelta(days=1)):
        for digest in _due(session, report.round, day):
            if digest.is_about(report.project.number):
                digests.setdefault(digest.reader.person_id, digest)
    _write(session, report.round, list(digests.values()))


def _due(session: Session, round_: ReportingRound, day: date) -> list[Digest]:
    """What is to be told to whom on a day, whoever asks."""
    portfolio = session.get_one(Portfolio, round_.portfolio_id)
    with _seeing_everything(session):
        return build_reminders(session, portfolio, round_, day).due


def _duties_due(session: Session, portfolio_id: int) -> list[DutyDigest]:
    portfolio = session.get_one(Portfolio, portfolio_id)
    with _seeing_everything(session):
        return build_duty_reminders(session, portfolio, today())


def _write_beside_rounds(session: Session, portfolio: Portfolio, digests: list[DutyDigest]) -> list[Mail]:
    own, base, at = mail_texts(session, portfolio.pk), get_settings().address, now()
    lock_people(session, (each.reader.person_id for each in digests))
    written = (
        write_duty_letter(
            session,
            portfolio.pk,
            each.reader.person_id,
            each.day,
            each.reader.address,
            duty_letter(each, own, base),
            at,
        )
        for each in digests
    )
    return [each for each in written if each]


def _write(session: Session, round_: ReportingRound, digests: list[Digest]) -> list[Mail]:
    """Stores a letter for each, or writes the one anew that waits. All readers are locked at once, in one order.

    The calendar's stamp is the instant that is kept with the letter: sending writes it again and compares.
    """
    own, base, at = mail_texts(session, round_.portfolio_id), get_settings().address, now()
    lock_people(session, (each.reader.person_id for each in digests))
    written = (
        write_letter(
            session, round_, each.reader.person_id, each.day, each.reader.address, letter(each, own, base, at), at
        )
        for each in digests
    )
    return [each for each in written if each]


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
    """Sends those of these letters that nobody has sent. What cannot be sent waits for the next run.

    A server that cannot be reached ends the run. A connection that breaks over a letter is that letter's loss: the
    others go over a new one, and next time those go first that have been tried least.
    """
    settings, done, lost = get_settings(), Sent(), 0
    with _only_run_that_sends(engine):
        left = _to_send(engine, mail_ids)
        try:
            while left and lost < MOST_LOST:
                with mail_server(settings) as server:
                    while left and server.sock:
                        _deliver(engine, server, settings, left.pop(0), done)
                    lost += server.sock is None
        except (OSError, smtplib.SMTPException) as wrong:
            _fail(engine, left, wrong, done)
        else:
            done.failed += len(left)
    return done


def _to_send(engine: Engine, mail_ids: Iterable[int]) -> list[int]:
    with Session(engine.execution_options(read_only=True)) as session:
        found = [mail for mail in (mail_to_send(session, key) for key in mail_ids) if mail]
    return [mail.id or 0 for mail in sorted(found, key=lambda mail: mail.tries)]


def _deliver(engine: Engine, server: smtplib.SMTP, settings: Settings, mail_id: int, done: Sent) -> None:
    """Hands one letter to the server, if it is still to be sent. What goes wrong is this letter's."""
    with Session(engine.execution_options(read_only=True)) as session:
        mail = mail_to_send(session, mail_id)
        if mail is None or not _still_right(session, mail):
            return
    try:
        server.send_message(as_message(mail, settings, now()))
    except (OSError, smtplib.SMTPException, ValueError, MessageError) as wrong:
        _fail(engine, [mail_id], wrong, done)
        return
    with Session(engine) as session:
        mark_sent(session, mail)
        session.commit()
    done.sent += 1


def _still_right(session: Session, mail: Mail) -> bool:
    """Whether a letter says what its reader is to be told now; if not, the next run writes it anew or leaves it."""
    if mail.round_id is None:
        return _still_right_beside_rounds(session, mail)
    round_ = session.get_one(ReportingRound, mail.round_id)
    digest = next((each for each in _due(session, round_, today()) if each.reader.person_id == mail.person_id), None)
    if digest is None or digest.reader.address != mail.address:
        return False
    own = mail_texts(session, round_.portfolio_id)
    anew = letter(digest, own, get_settings().address, mail.written_at)
    return anew.model_dump() == mail.model_dump(include=set(LetterForm.model_fields))


def _still_right_beside_rounds(session: Session, mail: Mail) -> bool:
    due = _duties_due(session, mail.portfolio_id)
    digest = next((each for each in due if each.reader.person_id == mail.person_id), None)
    if digest is None or digest.reader.address != mail.address:
        return False
    anew = duty_letter(digest, mail_texts(session, mail.portfolio_id), get_settings().address)
    return anew.model_dump() == mail.model_dump(include=set(LetterForm.model_fields))


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
    message["To"] = Address(" ".join(mail.person.name.split()), addr_spec=mail.address)
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange heeds only this
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


def send_password_link(user: User, token: str) -> None:
    """Sends somebody the way to a new password. It is worth nothing after an hour, so it is not kept to be sent later.

    Nobody waits for it, and nobody is told whether it was sent: that would tell who has an account.
    """
    settings = get_settings()
    with speaking(user.language):
        subject = _("Choose a new password for Porteføljelisten")
        body = _(
            "Hello %(name)s\n\nOpen this address to choose a new password:\n\n%(link)s\n\n"
            "It works once, and for an hour. If you have not asked for it, leave it alone: nothing has been changed."
        ) % {"name": user, "link": f"{settings.address}/password/{token}"}
    message = EmailMessage()
    name, address = parseaddr(settings.mail_from)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=settings.host_name)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = user.email
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body + "\n", charset="utf-8", cte="quoted-printable")
    try:
        with mail_server(settings) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError, MessageError) as wrong:
        log.warning("password_link_not_sent", user_id=user.id, why=reason(wrong))


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
