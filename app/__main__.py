"""The command line: `python -m app COMMAND`. Each command has --help; exit code 0, or a clear error and 1."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Annotated, Any, NoReturn, TypeVar, cast

import typer
import uvicorn
from alembic import command
from alembic.config import Config
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlmodel import Session, col, func, select

from app.backup import back_up
from app.backup import restore as restore_backup
from app.condition import unusable
from app.db import alone, connect
from app.demo import load_demo
from app.demo.generate import generate as load_generated
from app.errors import DomainError
from app.i18n import DEFAULT_LANGUAGE, search_key, speaking
from app.models import Edition, Event, Person, Portfolio, User
from app.models.event import add, record
from app.models.event_chain import broken_events, is_in_log, last_fingerprint
from app.models.export import ExportForm, Profile, Recipient, log_export
from app.models.extract import ExtractForm, FileKind, columns_to_choose, extractable
from app.models.masking import Explained
from app.models.meeting import meeting_on_round
from app.models.paper_template import paper_template_of
from app.models.password import LONGEST, SHORTEST, hash_password, too_easy
from app.models.person import PersonForm
from app.models.receipt import forget_receipts
from app.models.role import Role
from app.papers.archive import SUMS, archive_files
from app.papers.board_paper import pdf
from app.papers.extract_book import extract_workbook, extract_zip
from app.papers.headline import filter_in_words
from app.papers.word_template import word_in
from app.papers.workbook import workbook
from app.post_office import send_letters, write_todays_letters
from app.settings import Settings, get_settings, today
from app.tabs.archive import stored_editions, stored_tables
from app.tabs.board_paper import build_board_paper
from app.tabs.edition import broken, edition_key, overview_of, tabs_of
from app.tabs.external import external_tabs_of
from app.tabs.extract import build_extract
from app.tabs.filters import Filters

LONGEST_ANSWER = 20
"""Seconds that what is under way gets to finish when the program is told to stop."""

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Porteføljelisten", pretty_exceptions_enable=False)


@cli.command()
def serve() -> None:
    """Serve the pages on HOST and PORT."""
    settings = get_settings()
    if sentence := settings.unsafe:
        fail(sentence)
    engine = connect(settings.url, promptly=True)
    if sentence := unusable(engine) or alone(engine):
        fail(sentence)
    if settings.production and has_demo_accounts(engine):
        fail("The database holds the demo accounts, whose password is public. Begin with an empty one.")
    with Session(engine) as session:
        forget_receipts(session)
        session.commit()
    typer.echo(f"Porteføljelisten: http://{settings.host}:{settings.port}")
    if settings.in_demo:
        typer.echo("Demo accounts (password »demo«): sekretariat@demo.example, direktion@demo.example,")
        typer.echo("  chefforum@demo.example, ejer@demo.example, leder@demo.example, admin@demo.example")
    engine.dispose()
    uvicorn.run(
        "app.main:create_app", factory=True, **listening(settings)
    )  # by its name: no other command waits for it


def listening(settings: Settings) -> dict[str, Any]:
    """Where the server listens, and whom it believes about who a caller is: the proxies that are named, or nobody."""
    trusted = settings.forwarded_allow_ips
    return {
        "host": settings.host,
        "port": settings.port,
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(trusted),
        "forwarded_allow_ips": trusted or None,
        "timeout_graceful_shutdown": LONGEST_ANSWER,
    }


@cli.command()
def migrate() -> None:
    """Bring the database up to this version."""
    settings = get_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command.upgrade(Config(Path(__file__).parent.parent / "alembic.ini"), "head")


@cli.command()
def demo(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing when there is a list already.")] = False,
) -> None:
    """Load the demo list."""
    settings = get_settings()
    if not settings.in_demo:
        fail("The demo list is refused when ENVIRONMENT=production.")
    with Session(connect(settings.url)) as session:
        if session.exec(select(Portfolio)).first() is not None:
            if if_empty:
                return
            fail("The database already holds a list.")
        load_demo(session)
        session.commit()


@cli.command()
def generate(projects: Annotated[int, typer.Option(min=1, max=100_000, help="How many projects.")] = 1_000) -> None:
    """Fill an empty database with a synthetic list, to look for what is slow."""
    settings = get_settings()
    if not settings.in_demo:
        fail("A synthetic list is refused when ENVIRONMENT=production.")
    with Session(connect(settings.url)) as session:
        if session.exec(select(Portfolio)).first() is not None:
            fail("The database already holds a list.")
        load_generated(session, projects)
        session.commit()


@cli.command()
def export(
    portfolio: Annotated[str, typer.Option(help="The list, as in its address: direktionen.")],
    out: Annotated[Path, typer.Option(help="The file to write; one that is there already is replaced.")],
    q: Annotated[str, typer.Option(help="Only projects that a search for this finds.")] = "",
    theme: Annotated[str, typer.Option(help="Only this theme, as in the address of the page.")] = "",
    unit: Annotated[str, typer.Option(help="Only this unit: BURC.")] = "",
    colour: Annotated[str, typer.Option(help="Only this status: red, yellow, green, not_reported …")] = "",
    owner: Annotated[str, typer.Option(help="Only this owner, as in the address of the page.")] = "",
    kind: Annotated[str, typer.Option(help="Only this type: project, programme …")] = "",
    round_key: Annotated[
        str, typer.Option("--round", help="A frozen edition: 2022-01. Without it, the list of today.")
    ] = "",
    profile: Annotated[Profile, typer.Option(help="What is in it.")] = Profile.internal,
    recipient: Annotated[Recipient, typer.Option(help="Who it is for.")] = Recipient.own_use,
    note: Annotated[str, typer.Option(help="To whom, and why, when it leaves the house.")] = "",
    reason: Annotated[str, typer.Option(help="Why outsiders must have the internal edition.")] = "",
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="You know that it loses its internal status when it leaves the house.")
    ] = False,
) -> None:
    """Write the workbook with the three tabs. The internal one holds everything, also CLOSED projects.

    What is taken out is logged. The external one leaves out names, judgements and closed projects. A file for
    --recipient committee, housing, authority or public leaves the house: say to whom and why, and confirm it.
    """
    filters = Filters(q=q, theme=theme, unit=unit, colour=colour, owner=owner, kind=kind, round=round_key)
    wanted = understood(ExportForm, profile=profile, recipient=recipient, note=note, reason=reason, confirmed=confirmed)
    with database(reads=True) as session:
        found = listed(session, portfolio)
        try:
            whole = overview_of(session, found, filters)
            edition = edition_key(session, found, filters.round)
            tabs = (external_tabs_of if wanted.profile is Profile.external else tabs_of)(session, found, filters)
        except DomainError as wrong:
            fail(wrong.message)
        content = workbook(*tabs, profile=wanted.profile, recipient=wanted.recipient)
        with written(out, content):
            log_export(
                session,
                None,
                found.pk,
                out.name[:160],
                content,
                **wanted.model_dump(exclude={"confirmed"}),
                round_key=edition,
                filters=filter_in_words(whole) if filters.active else "",
            )
            session.commit()


@cli.command()
def extract(
    portfolio: Annotated[str, typer.Option(help="The list, as in its address: direktionen.")],
    table: Annotated[list[str], typer.Option(help="A table, as in the database: project. Give as many as you need.")],
    out: Annotated[Path, typer.Option(help="The file to write, .xlsx or .zip (csv); one that is there is replaced.")],
    column: Annotated[
        list[str] | None, typer.Option(help="A field: project.title. Without any, all that may be there.")
    ] = None,
    from_on: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    to_on: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    names: Annotated[bool, typer.Option("--names", help="With names of people.")] = False,
    assessments: Annotated[bool, typer.Option("--assessments", help="With assessments.")] = False,
    profile: Annotated[Profile, typer.Option(help="What may be in it.")] = Profile.external,
    recipient: Annotated[Recipient, typer.Option(help="Who it is for.")] = Recipient.own_use,
    note: Annotated[str, typer.Option(help="To whom, and why, when it leaves the house.")] = "",
    reason: Annotated[str, typer.Option(help="Why outsiders must have the internal edition.")] = "",
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="You know that it loses its internal status when it leaves the house.")
    ] = False,
) -> None:
    """Write an extract of the database (offentlighedsloven § 11), never with closed projects, and log it."""
    kind = {".xlsx": FileKind.workbook, ".zip": FileKind.csv}.get(out.suffix.lower())
    if kind is None:
        fail(f"{out} must end with .xlsx or .zip.")
    for unknown in set(table) - {each.name for each in extractable()}:
        fail(f"There is no table »{unknown}«; the tables are {', '.join(each.name for each in extractable())}.")
    for unknown in set(column or []) - {name for name, _label in columns_to_choose(table)}:
        fail(f"There is no field »{unknown}« in these tables.")
    wanted = understood(
        ExtractForm,
        tables=table,
        columns=column or [],
        from_on=from_on.date() if from_on else None,
        to_on=to_on.date() if to_on else None,
        names=names,
        assessments=assessments,
        file=kind,
        profile=profile,
        recipient=recipient,
        note=note,
        reason=reason,
        confirmed=confirmed,
    )
    with database(reads=True) as session:
        made = build_extract(session, listed(session, portfolio), wanted)
        content = extract_zip(made) if kind is FileKind.csv else extract_workbook(made)
        logged = wanted.model_dump(include={"profile", "recipient", "note", "reason"})
        with written(out, content):
            key = listed(session, portfolio).pk
            log_export(session, None, key, out.name[:160], content, **logged, filters=made.in_words)
            session.commit()


@cli.command()
def archive(
    out: Annotated[Path, typer.Option(help="The folder to make; it must not be there.")],
    note: Annotated[str, typer.Option(help="Who it is for, and why.")] = "",
) -> None:
    """Write everything, also CLOSED projects, into files that can be read without this program, and log it (L18)."""
    if out.exists():
        fail(f"{out} is there already.")
    beside = out.with_name(f"{out.name}.part")
    with database(reads=True) as session, speaking(DEFAULT_LANGUAGE):
        if session.get_bind().dialect.name == "postgresql":  # SQLite's transactions read one moment anyway
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        wrong = broken(session)
        try:
            for name, content in archive_files(stored_tables(session), stored_editions(session), wrong, today()):
                file = beside / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            for portfolio in session.exec(select(Portfolio)).all():
                log_export(session, None, portfolio.pk, f"{out.name}/{SUMS}"[-160:], content, note=note[:160])
            session.commit()
            beside.rename(out)
        except OSError as error:
            fail(f"{out} cannot be written: {error.strerror}.")
        finally:
            rmtree(beside, ignore_errors=True)
    for sentence in wrong:
        typer.echo(sentence, err=True)
    typer.echo(f"The archive is in {out}. Its fingerprint is {sha256(content).hexdigest()} ({SUMS}).")
    if wrong:
        sys.exit(1)


def listed(session: Session, slug: str) -> Portfolio:
    """The list with this name in addresses."""
    found = session.exec(select(Portfolio).where(Portfolio.slug == slug)).first()
    if found is None:
        fail(f"There is no list called »{slug}«.")
    return found


ExportT = TypeVar("ExportT", bound=ExportForm)


def understood(kind: type[ExportT], **given: Any) -> ExportT:
    """What was asked for, or what is wrong with it."""
    try:
        return kind.model_validate(given)
    except ValidationError as wrong:
        fail("\n".join(f"--{'-'.join(map(str, error['loc']))}: {error['msg']}" for error in wrong.errors()))


@contextmanager
def written(out: Path, content: bytes) -> Iterator[None]:
    """A file that stands in its place once what is done meanwhile has succeeded, and is whole or not there."""
    beside = out.with_name(f"{out.name}.part")
    try:
        beside.write_bytes(content)
        yield
        beside.replace(out)
    except OSError as wrong:
        fail(f"{out} cannot be written: {wrong.strerror}.")
    finally:
        beside.unlink(missing_ok=True)


@cli.command()
def paper(
    portfolio: Annotated[str, typer.Option(help="The list, as in its address: direktionen.")],
    round_key: Annotated[str, typer.Option("--round", help="The frozen round that the meeting treats: 2022-01.")],
    out: Annotated[Path, typer.Option(help="The file to write, .docx or .pdf; one that is there is replaced.")],
    minutes: Annotated[bool, typer.Option("--minutes", help="The minutes, when the meeting has been held.")] = False,
) -> None:
    """Write the board paper of the meeting on a round. It holds everything, also CLOSED projects: mind who gets it."""
    kind = out.suffix.lower()
    if kind not in (".docx", ".pdf"):
        fail(f"{out} must end with .docx or .pdf.")
    with database(reads=True) as session:
        found = listed(session, portfolio)
        meeting = meeting_on_round(session, found.pk, round_key)
        if meeting is None:
            fail(f"There is no meeting on a round »{round_key}«.")
        try:
            case = build_board_paper(session, meeting, today(), minutes=minutes)
            own = paper_template_of(session, found.pk)
            content = pdf(case) if kind == ".pdf" else word_in(own.content if own else None, case)
        except DomainError as wrong:
            fail(wrong.message)
        with written(out, content):
            log_export(session, None, found.pk, out.name[:160], content, recipient=Recipient.board, round_key=round_key)
            session.commit()


@cli.command()
def remind() -> None:
    """Write today's letters of the rounds under way and send what waits. Run it by cron or a timer, however often.

    Nobody gets more than one letter a day, however often it runs. What cannot be sent now is sent by the next run.
    """
    settings = get_settings()
    with database() as session:
        forget_receipts(session)
        waiting = write_todays_letters(session)
        session.commit()
        if not settings.smtp_url:
            typer.echo(f"Letters that wait: {len(waiting)}. No mail is sent: SMTP_URL is not set.")
            return
        done = send_letters(cast(Engine, session.get_bind()), waiting)
    typer.echo(f"Letters sent: {done.sent}.")
    if done.failed:
        fail(f"Letters that could not be sent: {done.failed}. They wait for the next run. {done.error}")


@cli.command()
def verify(
    expect: Annotated[
        list[str] | None,
        typer.Option(help="A fingerprint that was kept elsewhere, of an edition or an event; more than once for more."),
    ] = None,
) -> None:
    """Check that every frozen edition and every event is what was written, and that none is missing.

    Keep the last fingerprints somewhere else, for example on the case, and give them with --expect one day: whoever
    can rewrite the whole database can also write a new chain, or leave out its end, and only what is kept elsewhere
    shows it.
    """
    with database(reads=True) as session:
        found = [*broken(session), *broken_events(session), *(_missing(session, each) for each in expect or ())]
        editions = session.exec(select(Edition.sha256).order_by(col(Edition.id))).all()
        maskings = Explained(session).told()
        events, newest = session.exec(select(func.count(col(Event.id)))).one(), last_fingerprint(session)
    found = [sentence for sentence in found if sentence]
    for sentence in found:
        typer.echo(sentence, err=True)
    if found:
        sys.exit(1)
    typer.echo(f"{len(editions)} editions are whole. The last fingerprint is {(editions or ['–'])[-1]}.")
    for sentence in maskings:
        typer.echo(f"{sentence}. Otherwise untouched.")
    typer.echo(f"{events} events are whole. The last fingerprint is {newest or '–'}.")


def _missing(session: Session, expected: str) -> str:
    """What is wrong when nothing has a fingerprint that was kept elsewhere."""
    wanted = expected.strip().lower()
    if is_in_log(session, wanted) or session.exec(select(Edition.id).where(Edition.sha256 == wanted)).first():
        return ""
    return f"No edition and no event has the fingerprint {expected}: something was rewritten, or its end is gone."


@cli.command()
def backup(
    out: Annotated[Path | None, typer.Option(help="The folder; without it, `backups` in DATA_DIR.")] = None,
    keep: Annotated[int, typer.Option(min=0, help="How many stay, the newest; 0 keeps them all.")] = 0,
) -> None:
    """Make a backup and check it, also while people write. It holds everything, also CLOSED projects: mind who gets it.

    Run it by cron or a timer, and copy the file and its manifest (.json) to another place.
    """
    settings = get_settings()
    engine = connect(settings.url)
    with refusals():
        made = back_up(engine, out or settings.data_dir / "backups", keep)
    engine.dispose()
    typer.echo(str(made))


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup; its manifest (.json) must stand beside it.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where there is a list: that is kept beside what is restored.")
    ] = False,
) -> None:
    """Put a backup where there is no list yet, and check it. Everybody must sign in again. Stop the program first."""
    settings = get_settings()
    with refusals():
        kept = restore_backup(settings.url, file, replace=replace)
    typer.echo(kept or f"The list is restored from {file}.")
    if sentence := unusable(connect(settings.url)):
        typer.echo(sentence)
    else:
        verify()


@contextmanager
def refusals() -> Iterator[None]:
    """What a rule or the database says no with is the command's answer."""
    try:
        yield
    except DomainError as wrong:
        fail(wrong.message)
    except DBAPIError as wrong:
        fail(f"The database cannot be used: {wrong.orig}")
    except OSError as wrong:
        fail(f"{wrong.filename} cannot be written: {wrong.strerror}.")


@cli.command()
def add_user(
    email: Annotated[str, typer.Argument(help="The address that the person signs in with.")],
    role: Annotated[list[str], typer.Option(help=f"What the account may: {', '.join(each.value for each in Role)}.")],
    name: Annotated[str, typer.Option(help="Whose account it is: somebody on the list of people, or new to it.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
    ] = False,
) -> None:
    """Add an account that can sign in. The password is asked for."""
    address = email.strip().lower()
    if len(address) > 120 or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
        fail(f"»{email}« is not an e-mail address.")
    for unknown in set(role) - {each.value for each in Role}:
        fail(f"There is no role »{unknown}«; the roles are {', '.join(each.value for each in Role)}.")
    # Asked for before the database is locked for writing.
    hashed = hash_password(password(password_stdin, address, name))
    with database() as session:
        if session.exec(select(User).where(User.email == address)).first():
            fail(f"There is an account for {address} already.")
        person = whose(session, name.strip()) if name.strip() else None
        user = User(email=address, roles=list(dict.fromkeys(role)), password_hash=hashed, person=person)
        session.add(user)
        session.flush()
        facts = {"email": address, "roles": user.roles} | ({"person_id": str(person)} if person else {})
        record(session, None, "created", user, after=facts)
        session.commit()


def whose(session: Session, name: str) -> Person:
    """The one person of that name who has no account yet; a new one when nobody is called so."""
    found = session.exec(select(Person).where(Person.name == name)).all()
    if len(found) > 1:
        fail(f"Several people are called »{name}«.")
    if found and session.exec(select(User).where(User.person_id == found[0].pk)).first():
        fail(f"{name} has an account already.")
    if found:
        return found[0]
    if not 2 <= len(name) <= 80:
        fail("A name has between 2 and 80 characters.")
    form = PersonForm(name=name)
    person = Person(**form.model_dump(), search_text=search_key(name))
    add(session, None, person, form)
    return person


def password(from_stdin: bool, *known: str) -> str:
    """What the account signs in with, read from a pipe, or typed twice without being shown: the rules of the pages."""
    if from_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(given) < SHORTEST:
        fail(f"The password needs at least {SHORTEST} characters.")
    if len(given) > LONGEST:
        fail(f"The password may have at most {LONGEST} characters.")
    with speaking("en"):
        if why := too_easy(given, *known):
            fail(f"The password is refused. {why}")
    return given


def has_demo_accounts(engine: Engine) -> bool:
    """Whether somebody could sign in with the password that stands in the README."""
    with Session(engine.execution_options(read_only=True)) as session:
        demo = select(User).where(col(User.email).endswith("@demo.example"))
        return any(user.active for user in session.exec(demo))


@contextmanager
def database(*, reads: bool = False) -> Iterator[Session]:
    """The list's database, seen by somebody who may see everything. Who only reads keeps nobody from writing."""
    engine = connect(get_settings().url)
    try:
        with Session(engine.execution_options(read_only=reads)) as session:
            yield session
    except (OperationalError, ProgrammingError) as wrong:
        fail(f"The database cannot be used (has `python -m app migrate` been run?): {wrong.orig}")
    finally:
        engine.dispose()


def fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(1)


if __name__ == "__main__":
    cli()
