"""Around every request: its id and language, its line in the log, and a page of ours whatever happens."""

import secrets
from time import perf_counter

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import i18n
from app.answers import answer_error, what_was_saved, without_secret
from app.i18n import _
from app.routes.metrics import count_request
from app.web import host_of

log = structlog.get_logger()

PLAIN = (b"content-type", b"text/plain; charset=utf-8")
A_YEAR, NEVER = b"public, max-age=31536000", b"no-store"


class Conversation:
    """Gives each request its id (in the log and on the error page) and its language; catches what nobody expected."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.hosts = hosts
        """The names under which we answer; empty for every name."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = begun(scope, receive)
        answer = Answer(request, receive, send)
        try:
            page = self.refused(request) or self.app
            await page(scope, receive, answer)
        except ClientDisconnect:
            log.info("gone", path=without_secret(scope["path"]))  # the reader went on before everything had been sent
        except Exception:
            log.exception("unexpected", path=without_secret(scope["path"]))
            if answer.started:
                raise
            await fault(request)(scope, receive, answer)

    def refused(self, request: Request) -> Response | None:
        """What no route need look at: a name that is not ours, and a text that no database holds."""
        if self.hosts and host_of(request) not in self.hosts:
            return answer_error(request, 400, _("The list is not at this address."))
        if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return answer_error(request, 404, _("There is no such page."))
        return None


def begun(scope: Scope, receive: Receive) -> Request:
    """The request, with its id in the log from here on, and its reader's language."""
    request = Request(scope, receive)
    request_id = scope.setdefault("state", {})["request_id"] = secrets.token_hex(6)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    i18n.speak(request.cookies.get("language", i18n.DEFAULT_LANGUAGE))
    return request


def fault(request: Request) -> Response:
    """The page of a fault of ours."""
    request.state.user = request.state.portfolio = None  # what a failed write loaded cannot be read any more
    return answer_error(request, 500, _("Something went wrong on our side.") + " " + what_was_saved(request))


class Answer:
    """Sends an answer on: noted in the log and counted once, kept by no browser unless it says so, and a page of ours
    where a library has only words."""

    def __init__(self, request: Request, receive: Receive, send: Send) -> None:
        self.request, self.receive, self.send = request, receive, send
        self.since = perf_counter()
        self.started = self.replaced = False

    async def __call__(self, message: Message) -> None:
        if message.get("status") == 413 and PLAIN in message["headers"]:
            self.replaced = True
            page = answer_error(self.request, 413, _("What was sent is too large. Nothing was saved."))
            await page(self.request.scope, self.receive, self.tell)
        elif not self.replaced:
            await self.tell(message)

    async def tell(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = self.with_keeping(message)
            self.note(message["status"])
        await self.send(message)

    def with_keeping(self, message: Message) -> list[tuple[bytes, bytes]]:
        """The headers, which say how long the answer may be kept: our own files for a year, everything else never."""
        headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
        if any(name == b"cache-control" for name, _value in headers):
            return headers
        ours = self.request.scope["path"].startswith("/static/") and message["status"] in (200, 304)
        return [*headers, (b"cache-control", A_YEAR if ours else NEVER)]

    def note(self, status: int) -> None:
        scope = self.request.scope
        log.info("request", method=scope["method"], path=without_secret(scope["path"]), status=status)
        count_request(scope, str(status), perf_counter() - self.since)
