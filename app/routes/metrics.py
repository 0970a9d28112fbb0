"""What the machine room counts. Only for whoever sits on this machine, and never through the proxy in front of it."""

from ipaddress import ip_address

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.types import Scope

from app.db import SessionDep
from app.errors import NotFound
from app.i18n import _
from app.models.mail import letters_that_wait
from app.web import host_of

router = APIRouter(include_in_schema=False)

REQUESTS = Counter("portefolje_requests", "Answers, by method, route and status", ["method", "route", "status"])
SECONDS = Histogram(
    "portefolje_request_seconds",
    "Time to the first byte of an answer, by route",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LETTERS = Gauge("portefolje_letters_waiting", "Letters that are written and not sent")
READY = Gauge("portefolje_ready", "1 when the database answers")

ON_THE_WAY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What a proxy adds to a request."""


def count_request(scope: Scope, status: str, seconds: float) -> None:
    """One answer. The route's template, never the address: that one names projects and people."""
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if scope["method"] in ("GET", "POST", "HEAD") else "other"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)


@router.get("/metrics", name="metrics")
def show(request: Request, session: SessionDep) -> Response:
    if not on_this_machine(request):
        raise NotFound(_("There is no such page."))
    try:
        LETTERS.set(letters_that_wait(session))
        READY.set(1)
    except SQLAlchemyError:
        session.rollback()
        READY.set(0)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def on_this_machine(request: Request) -> bool:
    """Whether nobody but a process on this machine can have asked, and asked us by this machine's own name."""
    host = request.client.host if request.client else ""
    through = any(name in request.headers for name in ON_THE_WAY)
    return is_loopback(host) and is_loopback(host_of(request)) and not through


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
