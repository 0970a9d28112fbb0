"""A mail server for the tests, and how what it was given is read."""

import asyncio
import email.policy
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class MailServer:
    """A mail server on loopback that keeps what it is given, unless it is `silent`: then it never answers.

    `refused` are addresses that it does not know.
    """

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.raw: list[bytes] = []
        self.taken: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.slowness = 0.0
        self.silent = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @contextmanager
    def up(self, **more: Any) -> Iterator["MailServer"]:
        controller = Controller(self, hostname="127.0.0.1", port=self.port, **more)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 Ukendt modtager: kommunen kender ikke denne adresse"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        await (asyncio.Event().wait() if self.silent else asyncio.sleep(self.slowness))
        await self.keep(envelope)
        return "250 OK"

    async def keep(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        parsed = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
        assert isinstance(parsed, EmailMessage)
        self.taken.append(parsed)

    def to(self, name: str) -> list[EmailMessage]:
        return [message for message in self.taken if message["To"].addresses[0].display_name == name]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def read_calendar(content: bytes) -> dict[str, str]:
    """The one event of a calendar, read strictly by RFC 5545: 3.1 (lines), 3.2 (parameters), 3.3.11 (text), 3.6."""
    assert content.endswith(b"\r\n")
    assert all(len(line) <= 75 and not {*line} & {10, 13} for line in content.split(b"\r\n"))
    lines = content.decode("utf-8").replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    found = [
        re.fullmatch(r"([A-Z-]+)(?:;[A-Z-]+=[^\";:,\x00-\x1f]+)*:([^\x00-\x08\x0a-\x1f\x7f]*)", line) for line in lines
    ]
    assert all(found), lines
    properties = [(each[1], each[2]) for each in found if each]
    assert properties[:2] == [("BEGIN", "VCALENDAR"), ("VERSION", "2.0")]
    assert properties[-2:] == [("END", "VEVENT"), ("END", "VCALENDAR")]
    start = properties.index(("BEGIN", "VEVENT"))
    assert {"PRODID", "METHOD"} <= {name for name, _value in properties[:start]}
    event = properties[start + 1 : -2]
    assert len(dict(event)) == len(event)
    assert dict(event).keys() >= {"UID", "DTSTAMP", "DTSTART", "DTEND"}
    assert not any(re.search(r"(?<!\\)(\\\\)*(\\[^\\;,nN]|[;,])", value) for name, value in event)
    return {name: re.sub(r"\\(.)", lambda held: "\n" if held[1] in "nN" else held[1], value) for name, value in event}
