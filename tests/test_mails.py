"""Letters: written with what causes them, sent through a real mail server on loopback, kept in a log."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from app import post_office
from app.__main__ import cli
from app.models import (
    Deputy,
    EffectFollowUp,
    EffectTarget,
    Event,
    Mail,
    MailText,
    Person,
    Project,
    Report,
    ReportingRound,
    Task,
    User,
)
from app.models.deputy import DeputyForm
from app.models.effect_follow_up import FollowUpState
from app.models.mail import MailKind
from app.models.project import Confidentiality, Kind
from app.models.report import ReportState
from app.models.reporting_round import RoundState
from app.models.task import TaskState
from app.post_office import send_letters, write_todays_letters
from app.settings import get_settings, now
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, send
from tests.mailbox import MailServer, read_calendar, text_of
from tests.page import form_on, read_page

LIST = "/portfolios/direktionen"
ROUND = f"{LIST}/rounds/2022-06"


@pytest.fixture
def server() -> MailServer:
    return MailServer()


@pytest.fixture(autouse=True)
def installed(database: Engine, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everybody has an address and nothing to do beside the rounds; the command line finds the database and the mail
    server in the environment."""
    with Session(database) as session:
        for person in session.exec(select(Person)):
            person.email = f"person{person.id}@kommune.example"
        for target in session.exec(select(EffectTarget)):
            target.owner_id = None
        for follow_up in session.exec(select(EffectFollowUp)):
            follow_up.state = FollowUpState.waived
        for task in session.exec(select(Task)):
            task.state, task.ended_on = TaskState.lapsed, date(2022, 6, 1)
        for project in session.exec(select(Project)):
            project.expires_on = None
            if project.kind is Kind.task_force:
                project.kind = Kind.project
        session.commit()
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("SMTP_URL", server.url)
    monkeypatch.setenv("MAIL_FROM", "Porteføljelisten <liste@kommune.example>")
    monkeypatch.setenv("BASE_URL", "https://liste.kommune.example/")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@contextmanager
def on(day: str) -> Iterator[None]:
    """The business day is another one."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DEMO_DATE", day)
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


def remind() -> Any:
    return CliRunner().invoke(cli, ["remind"])


def mails(database: Engine) -> dict[str, list[Mail]]:
    """Every letter, by the name of whom it is to."""
    with Session(database) as session:
        names = dict(session.exec(select(Person.id, Person.name)).all())
        found: dict[str, list[Mail]] = {}
        for mail in session.exec(select(Mail).order_by(col(Mail.id))):
            found.setdefault(names[mail.person_id], []).append(mail)
        return found


def state(database: Engine, number: str, state: ReportState) -> None:
    """Puts a project's status of the open round in a state, behind everybody's back."""
    with Session(database) as session:
        query = select(Report).join(Project).join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        report = session.exec(query.where(Project.number == number, ReportingRound.key == "2022-06")).one()
        report.state = state
        session.commit()


# ------------------------------------------------------------------------------------------------ python -m app remind


def test_everybody_gets_one_letter_however_often_the_command_runs(database: Engine, server: MailServer) -> None:
    with server.up():
        said = [remind() for _ in range(3)]
    assert [(ended.exit_code, ended.stdout) for ended in said] == [
        (0, "Letters sent: 8.\n"),
        (0, "Letters sent: 0.\n"),
        (0, "Letters sent: 0.\n"),
    ]
    assert len(server.taken) == len({message["To"] for message in server.taken}) == 8
    kept = [mail for of_one in mails(database).values() for mail in of_one]
    assert len(kept) == 8
    assert all(mail.sent_at and mail.tries == 1 and not mail.error for mail in kept)


@one_database
def test_a_letter_is_what_it_should_be(server: MailServer) -> None:
    with server.up():
        remind()
    [message] = server.to("Jakob Winther")
    assert message["From"] == "Porteføljelisten <liste@kommune.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<digest\.\d+\.\d+\.2022-06-13@liste\.kommune\.example>", message["Message-ID"])
    assert abs((message["Date"].datetime - datetime.now(UTC)).total_seconds()) < 60
    assert message["Subject"] == "Runden juni 2022: Det venter på dig"
    text = text_of(message)
    assert "Jakob Winther" in text
    assert "- P-050 Kerneopgaven i fokus" in text
    assert "Teksten siger kun, at det går godt." in text
    assert "https://liste.kommune.example/projects/P-050/reports/2022-06/edit" in text
    [calendar] = message.iter_attachments()
    assert (calendar.get_content_type(), calendar.get_filename()) == ("text/calendar", "frist.ics")
    assert calendar.get_param("method") == "PUBLISH"
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    event = read_calendar(content)
    assert (event["DTSTART"], event["DTEND"]) == ("20220617", "20220618")
    assert event["SUMMARY"] == "Frist: status for juni 2022"
    assert event["DESCRIPTION"] == "P-049, P-050\nhttps://liste.kommune.example/"


@one_database
def test_danish_letters_arrive_in_subject_and_text(database: Engine, server: MailServer) -> None:
    own_text(database, MailKind.overdue, "Kære {name}: på tide æøå ÆØÅ", "Blåbærgrød til {name} – »{projects}«")
    with server.up():
        remind()
    [message] = server.to("Kasper Ørum")
    assert message["Subject"] == "Kære Kasper Ørum: på tide æøå ÆØÅ"
    assert text_of(message).startswith("Blåbærgrød til Kasper Ørum – »- P-032 Uddannelse til alle")
    assert message["To"].addresses[0].addr_spec.endswith("@kommune.example")


@one_database
def test_whoever_has_chosen_english_is_written_to_in_english(database: Engine, server: MailServer) -> None:
    with Session(database) as session:
        session.exec(select(User).where(User.email == "leder@demo.example")).one().language = "en"
        session.commit()
    with server.up():
        remind()
    [message] = server.to("Camilla Vang")
    assert message["Subject"] == "A status for juni 2022 is missing"
    assert text_of(message).startswith("Hello Camilla Vang\n")


@one_database
def test_a_letter_that_was_written_while_a_second_went_by_is_sent_all_the_same(
    database: Engine, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, seconds = now(), count()
    for place in ("app.post_office.now", "app.models.mail.now"):
        monkeypatch.setattr(place, lambda: began + timedelta(seconds=next(seconds)))
    with server.up():
        assert remind().stdout == "Letters sent: 8.\n"


def test_a_mail_server_that_is_down_loses_nothing(database: Engine, server: MailServer) -> None:
    ended = remind()
    assert ended.exit_code == 1
    assert re.fullmatch(
        r"Letters that could not be sent: 8\. They wait for the next run\. ConnectionRefusedError: .+\n", ended.stderr
    )
    kept = [mail for of_one in mails(database).values() for mail in of_one]
    assert {(mail.sent_at, mail.tries) for mail in kept} == {(None, 1)}
    assert all(mail.error.startswith("ConnectionRefusedError") for mail in kept)
    with on("2022-06-14"), server.up():
        assert remind().exit_code == 0
    assert len(server.taken) == 8
    kept = [mail for of_one in mails(database).values() for mail in of_one]
    assert {(mail.sent_at is not None, mail.tries, mail.error, mail.day) for mail in kept} == {
        (True, 2, "", date(2022, 6, 14))
    }


@one_database
def test_what_was_done_while_a_letter_waited_is_not_in_it(database: Engine, server: MailServer) -> None:
    remind()
    state(database, "P-050", ReportState.approved)
    state(database, "P-032", ReportState.approved)
    with server.up():
        remind()
    assert not server.to("Kasper Ørum")
    assert not server.to("Rune Toft")
    [message] = server.to("Jakob Winther")
    assert "P-049" in text_of(message)
    assert "P-050" not in text_of(message)


@one_database
def test_what_is_done_after_the_letters_were_written_is_not_sent(database: Engine, server: MailServer) -> None:
    """Not even in the same run, when those before it took long."""
    found = written(database)
    waiting = [mail.id or 0 for of_one in found.values() for mail in of_one]
    state(database, "P-050", ReportState.approved)
    state(database, "P-032", ReportState.approved)
    with server.up():
        assert send_letters(database, waiting).failed == 0
        assert not server.to("Kasper Ørum")
        assert not server.to("Jakob Winther")
        remind()
    [message] = server.to("Jakob Winther")
    assert "P-050" not in text_of(message)


@one_database
def test_a_letter_about_a_project_that_was_closed_is_not_sent_to_whoever_may_no_longer_know_of_it(
    database: Engine, server: MailServer, anden_leder: User, direktion: User
) -> None:
    title = "Fysiske helhedsplaner"
    deputies(database, "P-005", anden_leder, direktion)
    waiting = [mail.id or 0 for of_one in written(database).values() for mail in of_one]
    assert title in mails(database)[str(anden_leder)][0].body
    close(database, "P-005")
    with server.up():
        send_letters(database, waiting)
        assert not server.to(str(anden_leder))
        remind()
    assert not server.to(str(anden_leder))
    assert title not in "".join(text_of(message) for message in server.taken)
    assert "P-005" in text_of(server.to("Camilla Vang")[0])
    assert "P-005" in text_of(server.to(str(direktion))[0])


@one_database
def test_a_letter_about_a_closed_project_is_not_sent_to_its_leader_of_yesterday(
    database: Engine, server: MailServer
) -> None:
    close(database, "P-005")
    waiting = [mail.id or 0 for of_one in written(database).values() for mail in of_one]
    assert "P-005" in mails(database)["Camilla Vang"][0].body
    lead(database, "P-005", "Steen Aaby")
    with server.up():
        send_letters(database, waiting)
        remind()
    assert not server.to("Camilla Vang")
    assert "P-005" in text_of(server.to("Steen Aaby")[0])


@one_database
def test_whose_account_was_closed_is_written_to_no_more(database: Engine, server: MailServer) -> None:
    waiting = [mail.id or 0 for of_one in written(database).values() for mail in of_one]
    with Session(database) as session:
        session.exec(select(User).where(User.email == "leder@demo.example")).one().active = False
        session.commit()
    with server.up():
        send_letters(database, waiting)
        remind()
    assert not server.to("Camilla Vang")
    assert len(server.taken) == 7


def lead(database: Engine, number: str, name: str) -> None:
    with Session(database) as session:
        leader = session.exec(select(Person).where(Person.name == name)).one()
        session.exec(select(Project).where(Project.number == number)).one().leader_id = leader.id
        session.commit()


def close(database: Engine, number: str) -> None:
    with Session(database) as session:
        session.exec(select(Project).where(Project.number == number)).one().confidentiality = Confidentiality.closed
        session.commit()


def deputies(database: Engine, number: str, *users: User) -> None:
    """Lets each write the project's status in its leader's place."""
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == number)).one()
        for no, user in enumerate(users, start=90):
            form = DeputyForm(person_id=user.person_id or 0, from_on=date(2022, 6, 1))
            session.add(Deputy(project_id=project.pk, no=no, **form.model_dump()))
        session.commit()


@pytest.mark.parametrize("frozen", [RoundState.frozen, RoundState.presented, RoundState.finished])
def test_nothing_is_sent_after_the_freeze(frozen: RoundState, database: Engine, server: MailServer) -> None:
    remind()
    waiting = [mail.id or 0 for of_one in mails(database).values() for mail in of_one]
    with Session(database) as session:
        session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one().state = frozen
        session.commit()
    with server.up():
        assert remind().stdout == "Letters sent: 0.\n"
        assert send_letters(database, waiting).sent == 0
    assert not server.taken


@one_database
def test_a_refused_address_does_not_hold_back_the_others(database: Engine, server: MailServer) -> None:
    [waiting] = [mail for name, found in written(database).items() for mail in found if name == "Kasper Ørum"]
    server.refused = {waiting.address}
    with server.up():
        ended = remind()
    assert (ended.exit_code, ended.stdout) == (1, "Letters sent: 7.\n")
    assert "Letters that could not be sent: 1." in ended.stderr
    [mail] = mails(database)["Kasper Ørum"]
    assert (mail.sent_at, mail.tries) == (None, 1)
    assert mail.error.startswith("The mail server answered 550: 5.1.1 Ukendt modtager")


@one_database
def test_a_server_that_does_not_answer_is_left_in_peace_after_a_while(
    database: Engine, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three letters are tried; the others wait untried, go first next time, and nothing is lost."""
    server.silent = True
    with server.up(), monkeypatch.context() as impatient:
        impatient.setattr(post_office, "PATIENCE", 0.2)
        ended = remind()
    assert (ended.exit_code, ended.stdout) == (1, "Letters sent: 0.\n")
    assert "Letters that could not be sent: 8. They wait for the next run. SMTPServerDisconnected" in ended.stderr
    waiting = [mail for found in mails(database).values() for mail in found]
    assert sorted(mail.tries for mail in waiting) == [0] * 5 + [1] * 3
    assert {mail.sent_at for mail in waiting} == {None}
    tried = {mail.address for mail in waiting if mail.tries}
    server.silent = False
    with server.up():
        assert remind().stdout == "Letters sent: 8.\n"
    assert {message["To"].addresses[0].addr_spec for message in server.taken[-3:]} == tried


@one_database
def test_a_server_that_accepts_no_more_than_the_connection_ends_the_run(
    database: Engine, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked once, not once a letter."""
    monkeypatch.setattr(post_office, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", server.port)) as silent:
        ended = remind()
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert ended.exit_code == 1
    assert {mail.tries for found in mails(database).values() for mail in found} == {1}


@one_database
def test_a_letter_over_which_the_server_hangs_up_does_not_hold_back_the_others(
    database: Engine, server: MailServer
) -> None:
    [troublesome] = written(database)["Kasper Ørum"]
    known = server.handle_RCPT

    async def hangs_up(smtp: Any, session: object, envelope: Envelope, address: str, options: list[str]) -> str:
        if address == troublesome.address:
            smtp.transport.close()
        return await known(smtp, session, envelope, address, options)

    server.handle_RCPT = hangs_up  # type: ignore[method-assign, assignment]
    with server.up():
        ended = remind()
    assert (ended.exit_code, ended.stdout) == (1, "Letters sent: 7.\n")
    [mail] = mails(database)["Kasper Ørum"]
    assert (mail.sent_at, mail.tries) == (None, 1)


@one_database
def test_a_person_whose_name_breaks_a_header_gets_a_whole_letter(database: Engine, server: MailServer) -> None:
    with Session(database) as session:
        person = session.exec(select(Person).where(Person.name == "Kasper Ørum")).one()
        person.name = "Kasper\r\nBcc: alle@kommune.example\n\nØrum"
        session.commit()
    with server.up():
        assert remind().stdout == "Letters sent: 8.\n"
    [message] = server.to("Kasper Bcc: alle@kommune.example Ørum")
    assert "Bcc" not in message
    assert message["To"].addresses[0].addr_spec.startswith("person")


@one_database
def test_no_line_on_the_wire_is_longer_than_mail_allows(database: Engine, server: MailServer) -> None:
    """78 characters where it can be, never more than 998 (RFC 5322, 2.1.1); seven bits only."""
    own_text(database, MailKind.overdue, "Æblegrød " * 13, "»{projects}« " + "æøåÆØÅ" * 300 + " {name}")
    with server.up():
        remind()
    assert max(len(line) for raw in server.raw for line in raw.split(b"\r\n")) <= 78
    assert all(raw.isascii() for raw in server.raw)
    [message] = server.to("Kasper Ørum")
    assert message["Subject"] == ("Æblegrød " * 13).strip()
    assert "æøåÆØÅ" * 300 in text_of(message)


def written(database: Engine) -> dict[str, list[Mail]]:
    with Session(database) as session:
        write_todays_letters(session)
        session.commit()
    return mails(database)


def test_two_runs_at_once_send_each_letter_once(database: Engine, server: MailServer) -> None:
    server.slowness = 0.05
    waiting = [mail.id or 0 for found in written(database).values() for mail in found]
    with server.up(), ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _run: send_letters(database, waiting), range(2)))
    assert sum(run.sent for run in runs) == len(server.taken) == 8
    assert sum(run.failed for run in runs) == 0


def test_two_commands_at_once_send_each_letter_once(server: MailServer) -> None:
    server.slowness = 0.05
    with server.up():
        runs = [
            subprocess.Popen([sys.executable, "-m", "app", "remind"], stdout=subprocess.PIPE, text=True)
            for _run in range(2)
        ]
        said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sorted(said) == ["Letters sent: 0.\n", "Letters sent: 8.\n"]
    assert len(server.taken) == len({message["Message-ID"] for message in server.taken}) == 8


def test_letters_written_by_two_at_once_are_written_once(database: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _run: written(database), range(4)))
    assert [len(found) for found in mails(database).values()] == [1] * 8


@one_database
def test_what_comes_in_while_a_letter_is_sent_is_told_the_day_after(
    sign_in: SignIn, ejer: User, database: Engine, server: MailServer
) -> None:
    """The log keeps what the mail server took; one letter a day, and nothing lost."""
    written(database)
    address = "/projects/P-008/reports/2022-06"
    lead(database, "P-032", "Steen Aaby")
    [waiting] = written(database)["Steen Aaby"]
    browser = sign_in(ejer)

    async def meanwhile(_server: object, _session: object, envelope: Envelope) -> str:
        await server.keep(envelope)
        if len(server.taken) == 1:
            reason = "Skriv hvornår byggeriet begynder."
            assert send(browser, f"{address}/approval", f"{address}/return", reason=reason).status_code == 303
        return "250 OK"

    server.handle_DATA = meanwhile  # type: ignore[method-assign] # slower than an owner
    with server.up():
        assert send_letters(database, [waiting.id or 0]).sent == 1
        [mail] = mails(database)["Steen Aaby"]
        assert (mail.body, mail.day, mail.sent_at is not None) == (waiting.body, date(2022, 6, 13), True)
        remind()
        assert len(server.to("Steen Aaby")) == 1
        with on("2022-06-14"):
            remind()
    assert "Skriv hvornår byggeriet begynder." in text_of(server.to("Steen Aaby")[1])


@one_database
def test_without_a_mail_server_letters_are_written_and_wait(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "")
    get_settings.cache_clear()
    ended = remind()
    assert (ended.exit_code, ended.stdout) == (
        0,
        "Letters that wait: 8. No mail is sent: SMTP_URL is not set.\n",
    )
    assert {mail.sent_at for found in mails(database).values() for mail in found} == {None}


@one_database
def test_the_command_signs_in_where_the_address_says_so(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bytes, bytes]] = []

    def known(_server: object, _session: object, _envelope: object, _kind: str, given: LoginPassword) -> AuthResult:
        asked.append((given.login, given.password))
        return AuthResult(success=given.password == b"p@ss:ord")

    monkeypatch.setenv("SMTP_URL", server.url.replace("//", "//liste:p%40ss%3Aord@"))
    get_settings.cache_clear()
    with server.up(auth_require_tls=False, authenticator=known):
        assert remind().exit_code == 0
    assert asked == [(b"liste", b"p@ss:ord")]
    assert len(server.taken) == 8


@one_database
def test_nothing_is_sent_in_the_clear_where_encryption_is_asked_for(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", server.url.replace("smtp:", "smtp+starttls:"))
    get_settings.cache_clear()
    with server.up():
        ended = remind()
    assert ended.exit_code == 1
    assert "STARTTLS" in ended.stderr
    assert not server.taken


@one_database
@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("SMTP_URL", "http://localhost", "SMTP_URL must be"),
        ("SMTP_URL", "smtp://user:hemmelig@", "SMTP_URL must be"),
        ("SMTP_URL", "smtp://user:hemmelig@host:abc", "SMTP_URL must be"),
        ("MAIL_FROM", "", "MAIL_FROM must be"),
        ("BASE_URL", "liste.kommune.example", "BASE_URL must be"),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused_without_showing_a_password(
    name: str, given: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, given)
    get_settings.cache_clear()
    with pytest.raises(ValueError, match=sentence) as refused:
        get_settings()
    assert "hemmelig" not in str(refused.value)


@one_database
def test_letters_in_production_need_to_know_where_the_pages_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("BASE_URL", "")
    get_settings.cache_clear()
    with pytest.raises(ValueError, match="BASE_URL must be set"):
        get_settings()


# ------------------------------------------------------------------------------------- written with what causes them


def test_a_return_is_told_in_the_transaction_that_returns(sign_in: SignIn, ejer: User, database: Engine) -> None:
    address = "/projects/P-008/reports/2022-06"
    answer = send(sign_in(ejer), f"{address}/approval", f"{address}/return", reason="Skriv hvornår byggeriet begynder.")
    assert answer.status_code == 303
    [mail] = mails(database)["Steen Aaby"]
    assert (mail.kind, mail.day, mail.sent_at) == (MailKind.returned, date(2022, 6, 13), None)
    assert "Skriv hvornår byggeriet begynder." in mail.body
    assert set(mails(database)) == {"Steen Aaby"}


@one_database
def test_what_is_returned_after_todays_letter_waits_for_tomorrow(
    sign_in: SignIn, ejer: User, database: Engine, server: MailServer
) -> None:
    address = "/projects/P-008/reports/2022-06"
    lead(database, "P-032", "Steen Aaby")
    with server.up():
        remind()
        assert len(server.to("Steen Aaby")) == 1
        send(sign_in(ejer), f"{address}/approval", f"{address}/return", reason="Skriv hvornår byggeriet begynder.")
        assert [mail.day.day for mail in mails(database)["Steen Aaby"]] == [13, 14]
        remind()
        assert len(server.to("Steen Aaby")) == 1
        with on("2022-06-14"):
            remind()
    [_today, tomorrow] = server.to("Steen Aaby")
    assert "Skriv hvornår byggeriet begynder." in text_of(tomorrow)
    assert "P-032" in text_of(tomorrow)


def test_an_opening_writes_to_everybody_in_the_transaction_that_opens(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        round_ = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
        round_.state = RoundState.planned
        for report in session.exec(select(Report).where(Report.round_id == round_.pk)):
            report.state = ReportState.draft
        session.commit()
    with on("2022-05-09"):
        browser = sign_in(sekretariat)
        assert browser.post(f"{ROUND}/opening").status_code == 303
        assert browser.post(f"{ROUND}/opening").status_code == 409
    found = mails(database)
    assert {mail.kind for of_one in found.values() for mail in of_one} == {MailKind.opening}
    assert [len(of_one) for of_one in found.values()] == [1] * len(found)
    assert all(number in found["Camilla Vang"][0].body for number in ("P-005", "P-006", "P-029"))


@one_database
def test_a_letter_tells_what_its_reader_may_see_whoever_caused_it(
    sign_in: SignIn, ejer: User, database: Engine
) -> None:
    """The owner of P-008 may not know of the closed project that its leader leads too."""
    lead(database, "L-01", "Steen Aaby")
    state(database, "L-01", ReportState.draft)
    address = "/projects/P-008/reports/2022-06"
    send(sign_in(ejer), f"{address}/approval", f"{address}/return", reason="Skriv hvornår byggeriet begynder.")
    [mail] = mails(database)["Steen Aaby"]
    with Session(database) as session:
        title = session.exec(select(Project.title).where(Project.number == "L-01")).one()
    assert "L-01" in mail.body
    assert title not in mail.body + mail.subject + mail.calendar


# --------------------------------------------------------------------------------------------------------------- pages


@one_database
def test_the_round_page_says_who_is_next_and_lets_the_secretariat_send(
    sign_in: SignIn, sekretariat: User, database: Engine, server: MailServer
) -> None:
    browser = sign_in(sekretariat)
    assert "15-06-2022" in panel(browser.get(ROUND).text)
    answer = browser.post(form_on(browser, ROUND, f"{ROUND}/reminder").action)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROUND}/mails")
    assert [len(found) for found in mails(database).values()] == [1] * 8
    with Session(database) as session:
        [event] = session.exec(select(Event).where(Event.action == "reminded")).all()
        assert (event.subject_name, len(event.after["person_id"])) == ("juni 2022", 8)
    with server.up():
        remind()
    assert browser.post(f"{ROUND}/reminder").status_code == 409
    assert len(server.taken) == 8
    assert f'action="{ROUND}/reminder"' not in browser.get(ROUND).text


@one_database
@pytest.mark.parametrize("others", [True, False])
def test_the_audit_log_names_nobody_to_an_administrator_who_is_told_of_a_closed_project_alone(
    others: bool, sign_in: SignIn, sekretariat: User, admin: User, database: Engine
) -> None:
    close(database, "P-032")
    with Session(database) as session:
        for person in session.exec(select(Person)):
            person.active = others or person.name in ("Kasper Ørum", "Rune Toft")
        session.commit()
    assert sign_in(sekretariat).post(f"{ROUND}/reminder").status_code == 303
    assert "Kasper Ørum" in mails(database)
    seen = sign_in(admin).get("/events").text
    assert "Kasper Ørum" not in seen
    assert ("Jakob Winther" in seen) is others
    assert ("juni 2022" in seen) is others


def panel(page: str) -> str:
    return next(
        element.text for element in read_page(page).all("section") if element.get("aria-labelledby") == "reminders"
    )


@one_database
def test_only_the_secretariat_sees_the_panel(sign_in: SignIn, leder: User, direktion: User) -> None:
    for user in (leder, direktion):
        assert 'aria-labelledby="reminders"' not in sign_in(user).get(ROUND).text


@one_database
def test_a_round_that_is_frozen_reminds_nobody(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    old = f"{LIST}/rounds/2022-01"
    browser = sign_in(sekretariat)
    assert browser.post(f"{old}/reminder").status_code == 409
    assert f'action="{old}/reminder"' not in browser.get(old).text
    assert browser.get(f"{old}/mails").status_code == 200
    assert not mails(database)


@one_database
def test_the_log_shows_every_letter_with_its_text(
    sign_in: SignIn, sekretariat: User, database: Engine, server: MailServer
) -> None:
    refused = written(database)["Kasper Ørum"][0]
    server.refused = {refused.address}
    with server.up():
        remind()
    state(database, "P-032", ReportState.approved)
    page = sign_in(sekretariat).get(f"{ROUND}/mails").text
    rows = {row.all("a")[0].text: row.text for row in read_page(page).all("tr") if row.all("a")}
    assert len(rows) == 8
    assert "550: 5.1.1 Ukendt modtager" in rows["Kasper Ørum"]
    assert "P-050 Kerneopgaven i fokus" in rows["Jakob Winther"]
    assert "badge" in next(row for row in page.split("<tr ") if refused.address in row)


@one_database
def test_the_log_says_why_nothing_has_been_sent(
    sign_in: SignIn, sekretariat: User, database: Engine, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, address = sign_in(sekretariat), f"{ROUND}/mails"
    assert "Der er endnu ikke skrevet mails i runden" in browser.get(address).text
    written(database)
    assert "8 mails venter." in browser.get(address).text
    with server.up():
        remind()
    assert "mails venter" not in browser.get(address).text
    assert "Der er ikke angivet en mailserver" not in browser.get(address).text
    monkeypatch.setenv("SMTP_URL", "")
    get_settings.cache_clear()
    assert "Der er ikke angivet en mailserver" in browser.get(address).text
    assert "Der blev ikke skrevet mails i runden" in browser.get(f"{LIST}/rounds/2022-01/mails").text


@one_database
def test_the_log_names_those_who_cannot_be_reached(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    with Session(database) as session:
        session.exec(select(Person).where(Person.name == "Kasper Ørum")).one().email = ""
        session.commit()
    browser = sign_in(sekretariat)
    for address in (ROUND, f"{ROUND}/mails"):
        [listed] = [each for each in read_page(browser.get(address).text).all("details") if each.all("a")]
        assert [each.text for each in listed.all("a")] == ["Kasper Ørum"]


def own_text(database: Engine, kind: MailKind, subject: str, body: str) -> None:
    with Session(database) as session:
        session.add(MailText(portfolio_id=1, kind=kind, subject=subject, body=body))
        session.commit()


def test_the_secretariat_writes_its_own_words(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser, address = sign_in(sekretariat), f"{LIST}/mail-texts/overdue/edit"
    before = form_on(browser, address, address).values
    assert {"{name}", "{projects}", "{link}"} <= set(re.findall(r"\{\w+\}", str(before["body"])))
    answer = send(browser, address, subject="{round} mangler {projects}", body="Hej {name}\n\n{projects} {ukendt} {{}}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/mail-texts")
    with Session(database) as session:
        [event] = session.exec(select(Event).where(Event.subject == "MailText")).all()
        assert (event.action, event.after["subject"]) == ("created", "{round} mangler {projects}")
    [mail] = written(database)["Camilla Vang"]
    assert mail.subject == "juni 2022 mangler P-005"
    assert mail.body.startswith("Hej Camilla Vang\n\n- P-005 ")
    assert mail.body.endswith("{ukendt} {{}}\n")
    assert send(browser, address, subject="Status mangler").status_code == 303
    [mail] = written(database)["Camilla Vang"]
    assert mail.subject == "Status mangler"


@one_database
def test_what_cannot_be_a_mail_text_is_refused_at_its_field(sign_in: SignIn, sekretariat: User) -> None:
    address = f"{LIST}/mail-texts/opening/edit"
    assert_each_refused(
        sign_in(sekretariat),
        address,
        address,
        [
            ({"subject": ""}, {"subject": "Udfyld »Emne«"}),
            ({"subject": "x" * 121}, {"subject": "Skriv højst 120 tegn (1 tegn for meget)"}),
            ({"body": "kort"}, {"body": "Skriv mindst 10 tegn"}),
        ],
    )


@one_database
def test_a_text_that_somebody_else_saved_meanwhile_is_shown_beside_ones_own(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, address = sign_in(sekretariat), f"{LIST}/mail-texts/opening/edit"
    form = form_on(browser, address, address)
    own_text(database, MailKind.opening, "En andens emne", "En andens tekst til alle.")
    answer = browser.post(address, data=form.values | {"subject": "Mit emne"})
    assert answer.status_code == 409
    assert "En andens emne" in answer.text


@one_database
def test_there_are_no_other_mail_texts(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert browser.get(f"{LIST}/mail-texts/nothing/edit").status_code == 404
    assert len(re.findall(r'href="[^"]*/mail-texts/\w+/edit"', browser.get(f"{LIST}/mail-texts").text)) == len(MailKind)
