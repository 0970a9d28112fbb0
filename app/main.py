"""The ASGI application: middleware, routers, error pages."""

import gc
import logging
import re
import secrets
from time import perf_counter
from urllib.parse import quote, urlsplit

import structlog
from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from secure.middleware import SecureASGIMiddleware
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, TimeoutError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import i18n
from app.db import Commit, Failure, connect, failure_of
from app.errors import AlreadyDone, DomainError, NotFound, NotSignedIn, SecondStepMissing
from app.i18n import _
from app.papers.board_paper import PDF, WORD
from app.papers.package import MEDIA_TYPE as PACKAGE
from app.papers.workbook import MEDIA_TYPE as WORKBOOK
from app.routes import router
from app.routes.metrics import count_request
from app.settings import Settings, get_settings, today
from app.tabs.accessibility import renew_by, too_old
from app.web import HERE, SESSION_END, asks_for, host_of, own_path, part_asked_for, read_posted, render

log = structlog.get_logger()

NEVER_SHOWN = {"password", "current", "code"}
"""Fields that no page holds, not even for whoever typed them."""

PLAIN = (b"content-type", b"text/plain; charset=utf-8")


def create_app(engine: Engine | None = None) -> FastAPI:
    """The application on a database: the configured one, or the one given (tests)."""
    settings = get_settings()
    configure_logging(settings)
    app = FastAPI(
        title="Porteføljelisten",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the way there would lead to whatever host the request names
    )
    app.state.engine = engine or connect(settings.url, promptly=True)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(router)
    app.add_exception_handler(DomainError, say_no)
    app.add_exception_handler(AlreadyDone, lead_there_again)
    app.add_exception_handler(DBAPIError, say_what_the_database_lacks)
    app.add_exception_handler(TimeoutError, say_what_the_database_lacks)
    app.add_exception_handler(HTTPException, say_no_to_http)
    app.add_exception_handler(RequestValidationError, say_no_to_address)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=1000,
        compresslevel=1,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, WORKBOOK, WORD, PDF, PACKAGE),
    )
    app.add_middleware(CrossOriginProtection)
    app.add_middleware(Conversation, hosts=settings.hosts)
    app.add_middleware(SecureASGIMiddleware, secure=security_headers(settings))
    warn_of_an_old_statement(settings)
    keep_collector_off_startup()
    return app


def security_headers(settings: Settings) -> Secure:
    """Strict headers on every answer: nothing inline, nothing from elsewhere."""
    policy = ContentSecurityPolicy().default_src("'none'").base_uri("'none'").frame_ancestors("'none'")
    policy = policy.script_src("'self'").style_src("'self'").img_src("'self'").font_src("'self'")
    policy = policy.connect_src("'self'").form_action("'self'")
    return Secure(
        csp=policy,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().camera().geolocation().microphone().payment().usb(),
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
        hsts=StrictTransportSecurity().max_age(31_536_000) if settings.production else None,
    )


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
        request, begun = Request(scope, receive), perf_counter()
        scope.setdefault("state", {})["request_id"] = request_id = secrets.token_hex(6)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        i18n.speak(request.cookies.get("language", i18n.DEFAULT_LANGUAGE))
        started = too_large = False

        async def sent(message: Message) -> None:
            nonlocal too_large
            if message.get("status") == 413 and PLAIN in message["headers"]:
                too_large = True  # the library's own answer is no page
                page = answer_error(request, 413, _("What was sent is too large. Nothing was saved."))
                await page(scope, receive, told)
            elif not too_large:
                await told(message)

        async def told(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
                if not any(name == b"cache-control" for name, _value in headers):
                    kept = scope["path"].startswith("/static/") and message["status"] in (200, 304)
                    headers.append((b"cache-control", b"public, max-age=31536000" if kept else b"no-store"))
                message["headers"] = headers
                log.info(
                    "request", method=scope["method"], path=without_secret(scope["path"]), status=message["status"]
                )
                count_request(scope, str(message["status"]), perf_counter() - begun)
            await send(message)

        try:
            page = self.refused(request) or self.app
            await page(scope, receive, sent)
        except ClientDisconnect:
            log.info("gone", path=without_secret(scope["path"]))  # the reader went on before everything had been sent
        except Exception:
            log.exception("unexpected", path=without_secret(scope["path"]))
            if started:
                raise
            request.state.user = request.state.portfolio = None  # what a failed write loaded cannot be read any more
            answer = answer_error(request, 500, _("Something went wrong on our side.") + " " + what_was_saved(request))
            await answer(scope, receive, sent)

    def refused(self, request: Request) -> Response | None:
        """What no route need look at: a name that is not ours, and a text that no database holds."""
        if self.hosts and host_of(request) not in self.hosts:
            return answer_error(request, 400, _("The list is not at this address."))
        if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return answer_error(request, 404, _("There is no such page."))
        return None


def what_was_saved(request: Request, *, lost: bool = True) -> str:
    """What became of what was sent; `lost` is whether the database may have done what it did not confirm."""
    commit = getattr(request.state, "commit", "")
    if commit == Commit.done:
        return _("It was saved.")
    if commit == Commit.begun and lost:
        return _("We do not know whether it was saved. Send it again: it is saved only once.")
    return _("Nothing was saved.")


async def lead_there_again(request: Request, error: Exception) -> Response:
    """What was sent twice is done once: the answer is the same."""
    del request
    return RedirectResponse(str(error), status_code=303)


async def say_what_the_database_lacks(request: Request, error: Exception) -> Response:
    """Busy, full or gone: nothing is lost of what was typed, and the page says what became of it."""
    failure = failure_of(error, request.app.state.engine)
    if failure is None:
        raise error
    log.error("database", failure=failure.value, path=without_secret(request.url.path), exc_info=error)
    sentence = {
        Failure.busy: _("The database is busy."),
        Failure.full: _("There is no room left."),
        Failure.unreachable: _("The database does not answer just now."),
    }[failure]
    if request.method != "GET":
        sentence += " " + what_was_saved(request, lost=failure is Failure.unreachable)
    status = 507 if failure is Failure.full else 503
    request.state.user = request.state.portfolio = None  # what was loaded cannot be read any more
    kind = request.headers.get("Content-Type", "")
    sent = await read_posted(request) if kind.startswith("application/x-www-form-urlencoded") else FormData()
    if sent and not NEVER_SHOWN & sent.keys() and not request.headers.get("HX-Request"):
        answer: Response = render(request, "not_saved.html", status=status, message=sentence, sent=sent.multi_items())
    else:
        answer = answer_error(request, status, sentence)
    answer.headers["Retry-After"] = "5"
    return answer


def without_secret(path: str) -> str:
    """A path as the log may have it: whoever reads the log is not to open somebody's link."""
    return re.sub(r"^(/password/).+", r"\1…", path)


def answer_error(request: Request, status: int, message: str) -> Response:
    """The error page, or its JSON for the API; with an id that is in the log."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": message, "id": request.state.request_id}, status_code=status)
    return render(request, "error.html", status=status, code=status, message=message)


async def say_no(request: Request, error: Exception) -> Response:
    if not isinstance(error, DomainError):
        raise error
    if isinstance(error, NotSignedIn) and not request.url.path.startswith("/api/"):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method != "GET":
            wanted = sent_from(request)
        login = "/login" if wanted in ("", "/") else f"/login?next={quote(wanted, safe='/')}"
        if asks_for(request, SESSION_END):
            return render(request, "sessions/_over.html", status=401)
        if request.headers.get("HX-Request-Type") == "partial" and request.method != "GET":
            # What was typed since the last save stands on the page only: the reader signs in beside it.
            return render(request, "sessions/_ended.html", status=401, login=login, part=part_asked_for(request))
        if request.headers.get("HX-Request"):
            here = own_path(urlsplit(request.headers.get("HX-Current-URL", "")).path)
            login = f"/login?next={quote(here, safe='/')}" if here.strip("/") else "/login"
            return Response(status_code=401, headers={"HX-Redirect": login})
        file = request.headers.get("Content-Type", "").startswith("multipart/")  # a file cannot be kept on a page
        sent = FormData() if file else await read_posted(request)
        if sent and not NEVER_SHOWN & sent.keys():
            # Nothing is saved without a session, and nothing is lost: the page holds what was sent, to be sent again.
            return render(request, "sessions/kept.html", status=401, sent=sent.multi_items())
        return RedirectResponse(login, status_code=303)
    if isinstance(error, SecondStepMissing) and not request.url.path.startswith("/api/"):
        return RedirectResponse("/me/two-factor", status_code=303)
    answer = answer_error(request, error.status, error.message)
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = "Bearer"  # a program learns how to sign in; browsers do not ask for it
    return answer


def sent_from(request: Request) -> str:
    """The path of the page whose form was sent: where its writer goes on after signing in again."""
    page = urlsplit(request.headers.get("Referer", ""))
    return own_path(page.path + (f"?{page.query}" if page.query else ""))


async def say_no_to_http(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    sentences = {
        404: _("There is no such page."),
        405: _("That cannot be done here."),
        413: _("What was sent is too large. Nothing was saved."),
    }
    answer = answer_error(request, status, sentences.get(status, _("The request could not be understood.")))
    for name, value in (getattr(error, "headers", None) or {}).items():
        answer.headers[name] = value
    return answer


async def say_no_to_address(request: Request, error: Exception) -> Response:
    """An address whose parts are not of their kind names nothing: /people/abc."""
    del error
    return answer_error(request, NotFound.status, _("There is no such page."))


def configure_logging(settings: Settings) -> None:
    """One JSON line an event, on standard output, with the request's id. Of a fault no values: they hold cookies."""
    tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(),  # ASCII only: no character of a name ends a line
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        cache_logger_on_first_use=False,
    )


def warn_of_an_old_statement(settings: Settings) -> None:
    """The law wants the accessibility statement kept up to date, and somebody to write to."""
    if too_old(today()):
        log.warning("accessibility statement too old", renew_by=renew_by().isoformat())
    if settings.production and not settings.accessibility_contact:
        log.warning("accessibility statement without a contact", setting="ACCESSIBILITY_CONTACT")


def keep_collector_off_startup() -> None:
    """Python's collector need not walk what start-up made: a page of a thousand rows is a third faster without."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
