"""What stands in a letter: plain text in 72 columns, and the deadline for a calendar."""

import email
import email.policy
import re
from datetime import UTC, date, datetime
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.i18n import speaking
from app.models import Mail, Person
from app.models.mail import ADDRESS, MailKind, MailTextForm, is_address
from app.papers.letters import (
    STANDARD,
    calendar_entry,
    escaped,
    folded,
    letter,
    standard_text,
    wrapped,
)
from app.post_office import as_message
from app.settings import Settings
from app.tabs.reminders import Ask, Digest, Matter, Reader
from tests.mailbox import read_calendar

FILLED = {"name": "Åse", "round": "juni 2022", "deadline": "10-06-2022", "projects": "P-005", "link": "https://l/"}


def a_digest(kind: MailKind = MailKind.reminder, due_on: date = date(2022, 6, 10), **more: Any) -> Digest:
    matter = {
        "ask": Ask.write,
        "number": "P-005",
        "title": "Fysiske helhedsplaner",
        "closed": False,
        "due_on": due_on,
        "who": "Åse",
        "submitted_on": date(2022, 6, 7),
        "reason": "",
        "happened_at": None,
    }
    reader = Reader(person_id=7, name="Åse", address="a@b.example", language="en", active=True)
    matters = [Matter.model_validate(matter | more)]
    return Digest(
        reader=reader,
        round_id=4,
        round_key="2022-06",
        round_name="juni 2022",
        day=date(2022, 6, 8),
        kind=kind,
        matters=matters,
    )


AT = datetime(2022, 6, 8, 6, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("kind", list(MailKind))
def test_every_standard_text_names_what_to_do_and_where(kind: MailKind) -> None:
    for text in STANDARD[kind]:
        assert set(re.findall(r"\{(\w+)\}", text)) <= set(FILLED)
    assert {"{name}", "{projects}", "{link}"} <= set(re.findall(r"\{\w+\}", STANDARD[kind].body))
    assert len(MailTextForm.model_validate(standard_text(kind).model_dump()).subject) <= 120


@pytest.mark.parametrize(
    ("more", "sentence", "page"),
    [
        ({}, "Write and submit the status by 10-06-2022.", "/projects/P-005/reports/2022-06/edit"),
        ({"due_on": date(2022, 6, 7)}, "the deadline was 07-06-2022, 1 day ago.", "/reports/2022-06/edit"),
        ({"due_on": date(2022, 6, 5)}, "the deadline was 05-06-2022, 3 days ago.", "/reports/2022-06/edit"),
        ({"ask": Ask.correct, "reason": "Skriv\nmere"}, "Why: Skriv mere", "/projects/P-005/reports/2022-06/edit"),
        ({"ask": Ask.correct}, "Why: see the page", "/projects/P-005/reports/2022-06/edit"),
        (
            {"ask": Ask.approve},
            "Submitted 07-06-2022 (leader: Åse). Approve or return it by 10-06-2022.",
            "/projects/P-005/reports/2022-06/approval",
        ),
        ({"ask": Ask.approve, "who": ""}, "Submitted 07-06-2022. Approve or return it", "/reports/2022-06/approval"),
        ({"ask": Ask.chase}, "Åse has not submitted the status; the deadline was 10-06-2022.", "/projects/P-005\n"),
        ({"ask": Ask.chase, "who": ""}, "The status has not been submitted", "/projects/P-005\n"),
    ],
)
def test_a_letter_says_what_to_do_about_each_project(more: dict[str, Any], sentence: str, page: str) -> None:
    body = letter(a_digest(**more), {}, "https://l", AT).body
    assert sentence in " ".join(body.split())
    assert f"https://l{page}" in body or page in body


def test_what_is_put_into_a_text_is_never_read_for_placeholders() -> None:
    own = MailTextForm(subject="{name} {projects}", body="{projects} {name} {unknown} {0} {{name}}")
    found = letter(
        a_digest(title="{link} {name}", ask=Ask.correct, reason="{deadline}"), {MailKind.reminder: own}, "https://l", AT
    )
    assert found.subject == "Åse P-005"
    assert "- P-005 {link} {name}" in found.body
    assert "Why: {deadline}" in found.body
    assert found.body.endswith("Åse {unknown} {0} {Åse}\n")


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("kind", list(MailKind))
def test_a_letter_is_read_in_72_columns(kind: MailKind, language: str) -> None:
    """Only an address may be longer, and then it stands alone."""
    digest = a_digest(
        kind, title="Helhedsorienteret indsats " * 6, ask=Ask.correct, reason="Skriv mere om økonomien. " * 9
    )
    digest.reader.language = language
    body = letter(digest, {}, "https://portefoeljelisten.en-kommune-med-langt-navn.example/sti", AT).body
    lines = body.split("\n")
    assert all(len(line) <= 72 or re.fullmatch(r" *https://\S+", line) for line in lines)
    assert all(line == line.rstrip() for line in lines)
    start = next(n for n, line in enumerate(lines) if line.startswith("- "))
    assert all(line.startswith("  ") for line in lines[start + 1 : lines.index("", start)])


@pytest.mark.parametrize(
    ("text", "as_written"),
    [
        ("Kort\r\n\r\nog to", "Kort\n\nog to\n"),
        ("a" * 70 + " og mere", "a" * 70 + "\nog mere\n"),
        ("- " + "ord " * 20, "- " + "ord " * 16 + "ord\n  ord ord ord\n"),
        ("  " + "ord " * 20, "  " + "ord " * 16 + "ord\n  ord ord ord\n"),
        ("Se https://kommune.example/" + "x" * 80 + " nu", "Se\nhttps://kommune.example/" + "x" * 80 + "\nnu\n"),
        ("\n\nMellemrum   \n", "Mellemrum\n"),
    ],
)
def test_long_lines_are_broken_between_words(text: str, as_written: str) -> None:
    assert wrapped(text) == as_written


@hypothesis.settings(deadline=None)
@given(st.from_regex(ADDRESS, fullmatch=True).filter(is_address))
def test_what_is_taken_for_an_address_can_be_written_to(address: str) -> None:
    mail = Mail(
        kind=MailKind.digest,
        subject="Emne",
        body="Tekst",
        portfolio_id=1,
        person_id=1,
        key="digest:1:1:2022-06-13",
        address=address,
        written_at=AT,
    )
    mail.person = Person(name="Åse")
    message = as_message(mail, Settings(mail_from="Porteføljelisten <liste@kommune.example>"), AT)
    raw = message.as_bytes(policy=email.policy.SMTP)
    back = email.message_from_bytes(raw, policy=email.policy.default)
    assert [each.addr_spec for each in back["To"].addresses] == [address]


def test_a_subject_is_one_line_and_never_too_long() -> None:
    own = MailTextForm(subject="Linje 1\nBcc: alle@kommune.example {projects}", body="{projects} {name}")
    found = letter(a_digest(number="P-005" * 60), {MailKind.reminder: own}, "https://l", AT)
    assert "\n" not in found.subject
    assert len(found.subject) <= 200


@pytest.mark.parametrize(
    "name",
    ["juni 2022", "æøå; kvartal, 2\\3 \\n", "x" * 200, "»Ø«" * 60, "to\r\nlinjer\x00\x07", "BEGIN:VEVENT", "🎉" * 30],
)
def test_a_calendar_entry_is_read_as_it_was_meant_whatever_the_round_is_called(name: str) -> None:
    digest = a_digest().model_copy(update={"round_name": name})
    with speaking("da"):
        event = read_calendar(calendar_entry(digest, "https://liste.kommune.example", AT).encode())
    plain = name.replace("\r\n", "\n").replace("\x00\x07", "")
    assert event["SUMMARY"] == f"Frist: status for {plain}"
    assert (event["UID"], event["DTSTART"]) == ("round-4-person-7@liste.kommune.example", "20220610")


def test_a_calendar_entry_is_the_whole_day_of_the_deadline() -> None:
    digest = a_digest()
    lines = calendar_entry(digest, "https://liste.kommune.example:8443", AT).split("\r\n")
    assert lines[-1] == ""
    assert lines[:4] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Portefoeljelisten//Portefoeljelisten//DA",
        "METHOD:PUBLISH",
    ]
    assert {
        "UID:round-4-person-7@liste.kommune.example",
        "DTSTAMP:20220608T060005Z",
        "DTSTART;VALUE=DATE:20220610",
        "DTEND;VALUE=DATE:20220611",
        "END:VEVENT",
    } <= set(lines)
    assert all(len(line.encode()) <= 75 for line in lines)


def test_a_deadline_that_has_passed_is_no_calendar_entry() -> None:
    assert letter(a_digest(due_on=date(2022, 6, 8)), {}, "https://l", AT).calendar
    assert not letter(a_digest(due_on=date(2022, 6, 7)), {}, "https://l", AT).calendar


@pytest.mark.parametrize(
    ("text", "as_held"),
    [
        ("a, b; c\\d", "a\\, b\\; c\\\\d"),
        ("to\nlinjer", "to\\nlinjer"),
        ("to\r\nlinjer\rtre", "to\\nlinjer\\ntre"),
        ("BEGIN:VEVENT", "BEGIN:VEVENT"),
    ],
)
def test_what_has_a_meaning_in_a_calendar_is_escaped(text: str, as_held: str) -> None:
    assert escaped(text) == as_held


@pytest.mark.parametrize("text", ["x" * 75, "x" * 76, "å" * 200, "x" * 74 + "å" + "y" * 80, "🎉" * 40, ""])
def test_a_long_line_is_folded_between_letters(text: str) -> None:
    lines = folded(text).split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert lines[0] + "".join(line.removeprefix(" ") for line in lines[1:]) == text
    assert (len(lines) == 1) == (len(text.encode()) <= 75)
