"""The second step of signing in: between the password and the session."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app.access import PendingSession, set_session_cookie
from app.db import SessionDep
from app.errors import TooMany
from app.i18n import _
from app.models.event import record
from app.models.second_factor import check_code
from app.models.user_session import start_session
from app.settings import now
from app.web import Posted, caller, own_path, render

router = APIRouter(include_in_schema=False)


@router.get("/login/code", name="sign_in_code")
def new(request: Request, pending: PendingSession, next: Annotated[str, Query()] = "") -> Response:
    return render(request, "sessions/code.html", error="", next=own_path(next))


@router.post("/login/code", name="check_code")
def create(request: Request, session: SessionDep, pending: PendingSession, posted: Posted) -> Response:
    """The right code: a session with an id of its own takes the place of the one that waited for it."""
    wanted, code = own_path(str(posted.get("next", ""))), str(posted.get("code", ""))
    page = partial(render, request, "sessions/code.html", next=wanted)
    try:
        right = bool(code) and check_code(session, pending.user, code, caller(request))
    except TooMany as no:
        return page(status=no.status, error=no.message)
    if not right:
        return page(status=422, error=_("The code is wrong, or it has been used."))
    pending.ended_at = now()
    record(session, pending.user, "signed_in", pending.user)
    answer = RedirectResponse(wanted or "/", status_code=303)
    set_session_cookie(answer, start_session(session, pending.user, request.headers.get("User-Agent", "")))
    return answer
