"""What was typed is text and stays text: on every page, in every file, in JSON and in letters (trust V1, V2, V12)."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import joinedload
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Mail, User
from app.models.base import rel
from app.papers.board_paper import PDF, WORD
from app.papers.workbook import MEDIA_TYPE as WORKBOOK
from app.post_office import as_message, write_todays_letters
from app.settings import get_settings, now
from tests.conftest import SignIn, one_database
from tests.hostile import (
    LONG,
    MARK,
    PAYLOADS,
    faults_of_page,
    faults_of_parts,
    faults_of_pdf,
    faults_of_workbook,
    payloads,
    soak,
)
from tests.page import PageForm, form_on, read_page
from tests.test_access import READING, example
from tests.writes import WRITES, address

STEPS = ("/two-factor", "/withdrawal", "/opening", "/closing", "/extension", "/freeze", "/presentation", "/conclusion")
"""Buttons without a text; the state that one needs another has ended."""

LAST = (
    "submission", "removal", "return", "approval", "rejection", "annulment", "waiver", "reopening", "exemption",
    "lapse", "refusal", "completion", "handover", "outcome", "cancellation", "project", "placement",
)  # fmt: skip
"""What ends something that other forms are about: sent after the others, in this order, opened before any is sent."""


REFUSED = (409, 422, 429)
"""Not as the rules are, not valid, and tried too often: a code is asked for ten times at most."""


def rank(path: str) -> int:
    return next((place for place, end in enumerate(LAST) if path.endswith(f"/{end}")), -1)


def test_the_payloads_are_forty_and_each_can_be_told() -> None:
    assert len(set(PAYLOADS)) == 40
    assert sum(MARK in payload for payload in PAYLOADS) >= 37


@dataclass
class Attack:
    """Somebody of every role who types payloads into every text field of every form."""

    people: Mapping[str, TestClient]
    database: Engine
    sent: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Which payloads each field got."""
    taken: set[str] = field(default_factory=set)
    """The forms that took some of it."""
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def everywhere(self, rounds: int) -> None:
        """More than fits, then as much as fits."""
        paths = sorted((path for path, write in WRITES.items() if write.form), key=rank)
        opened = {path: self.open(path) for path in paths if rank(path) >= 0}
        for start, path in enumerate(paths):
            if path.endswith(STEPS):
                continue
            form = opened.get(path) or self.open(path)
            times = rounds if rank(path) < 0 else 1  # what ends something can be sent once
            for again in range(times if form.texts else 0):
                self.send_too_much(path, form, start * 7 + again * 11)
                self.send_what_fits(path, form, start * 7 + again * 11)

    def open(self, path: str) -> PageForm:
        write = WRITES[path]
        if write.before:
            write.before(self.database)
        return form_on(self.people[write.opener], address(write.form, write), address(path, write))

    def send_too_much(self, path: str, form: PageForm, first: int) -> None:
        """Ten payloads and more, and ten thousand characters after them: shown back, for they are too many."""
        typed = {name: payloads(first + i, 400) for i, name in enumerate(sorted(form.texts))}
        for name, text in typed.items():
            self.sent[path, name] |= {each for each in PAYLOADS if each in text}
        answer = self.post(path, form, {name: text + LONG for name, text in typed.items()})
        assert answer.status_code in REFUSED, f"{path} takes {len(LONG)} characters"

    def send_what_fits(self, path: str, form: PageForm, first: int) -> None:
        """Few characters in every field; what a field does not take as it is, is typed as it should be."""
        typed = {name: payloads(first + i, 40) for i, name in enumerate(sorted(form.texts))}
        answer = self.post(path, form, typed)
        if answer.status_code in REFUSED:
            fields = read_page(answer.text).all("input", "textarea")
            refused = {each.get("name") for each in fields if each.get("aria-invalid")}
            saved = {each.get("name"): each.get("value") for each in fields if each.get("name") == "version"}
            taken = {name: text for name, text in typed.items() if name not in refused}
            answer = self.post(path, form, taken | saved)
        if answer.status_code in (200, 303):
            self.taken.add(path)

    def post(self, path: str, form: PageForm, typed: dict[str, str]) -> Any:
        write = WRITES[path]
        data = form.values | write.typed | typed
        answer = self.people[write.opener].post(address(path, write), data=data, files=write.files or None)
        if found := faults(answer):
            self.wrong[f"POST {path}"] = found
        return answer


@one_database
def test_nothing_that_was_typed_is_more_than_text(
    sign_in: SignIn, cast: dict[str, User], database: Engine, sekretariat: User
) -> None:
    attack = Attack({name: sign_in(cast[name]) for name in {write.opener for write in WRITES.values()}}, database)
    attack.everywhere(soak(1, 8))
    reader = sign_in(sekretariat)
    for path in READING:
        if found := faults(reader.get(example(path))):
            attack.wrong[path] = found
    assert attack.wrong == {}
    assert letters(database) == []
    assert len(attack.sent) >= 230
    assert {place: len(seen) for place, seen in attack.sent.items() if len(seen) < 10} == {}
    assert len(attack.taken) >= 75


HEADERS = {"Date", "Message-ID", "From", "To", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version"}
HEADERS |= {"Content-Type", "Content-Transfer-Encoding"}


def letters(database: Engine) -> list[str]:
    """What a letter has that we did not give it: headers, and lines of the calendar."""
    found, settings = [], get_settings().model_copy(update={"mail_from": "Listen <liste@kommune.example>"})
    with Session(database) as session:
        write_todays_letters(session)
        session.commit()
        for mail in session.exec(select(Mail).options(joinedload(rel(Mail.person)))):
            message = message_from_bytes(as_message(mail, settings, now()).as_bytes(), policy=default)
            found += [f"{mail.key}: {name}" for name in message if name not in HEADERS]
            lines = mail.calendar.splitlines()
            found += [f"{mail.key}: {line}" for line in lines if not re.match("[A-Z-]+[:;]| ", line)]
    return found


def faults(answer: Any) -> list[str]:
    """Where something that was typed became more than text in an answer."""
    kind, content = answer.headers.get("content-type", ""), answer.content
    if answer.status_code >= 500:
        return [f"answers {answer.status_code}"]
    if kind.startswith("text/html"):
        return list(faults_of_page(answer.text))
    look = {WORKBOOK: faults_of_workbook, WORD: faults_of_parts, PDF: faults_of_pdf}.get(kind)
    return list(look(content)) if look else []
