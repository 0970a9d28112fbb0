"""The ASGI application: middleware, routers, and who answers for which error."""

import gc
import logging

import structlog
from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import FastAPI
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
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.staticfiles import StaticFiles

from app.answers import lead_there_again, say_no, say_no_to_address, say_no_to_http, say_what_the_database_lacks
from app.conversation import Conversation
from app.db import connect
from app.errors import AlreadyDone, DomainError
from app.papers.board_paper import PDF, WORD
from app.papers.package import MEDIA_TYPE as PACKAGE
from app.papers.workbook import MEDIA_TYPE as WORKBOOK
from app.routes import router
from app.settings import Settings, get_settings, today
from app.tabs.accessibility import renew_by, too_old
from app.web import HERE

log = structlog.get_logger()


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
