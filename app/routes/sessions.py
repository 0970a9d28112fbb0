from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from app.access import session_cookie, set_session_cookie
from app.db import SessionDep
from app.errors import TooMany
from app.i18n import _
from app.models import UserSession
from app.models.event import record
from app.models.password import authenticate
from app.models.second_factor import is_asked_for
from app.models.user_session import open_session, start_session
from app.settings import get_settings, now
from app.web import Posted, caller, own_path, render

router = APIRouter(include_in_schema=False)


@router.get("/login", name="login")
def new(request: Request, next: Annotated[str, Query()] = "") -> Response:
    return render(request, "sessions/new.html", email="", error="", next=own_path(next))


@router.post("/login", name="sign_in")
def create(request: Request, session: SessionDep, posted: Posted) -> Response:
    """Signs in. The same sentence for an unknown account, a wrong password and a deactivated one."""
    email, wanted = str(posted.get("email", "")), own_path(str(posted.get("next", "")))
    page = partial(render, request, "sessions/new.html", email=email, next=wanted)
    password = str(posted.get("password", ""))
    try:
        user = authenticate(session, email, password, caller(request)) if email and password else None
    except TooMany as no:
        return page(status=no.status, error=no.message)
    if user is None:
        return page(status=422, error=_("E-mail or password is wrong."))
    leave(request, session)
    waits = is_asked_for(session, user)
    token = start_session(session, user, request.headers.get("User-Agent", ""), awaits_code=waits)
    record(session, user, "asked_for_code" if waits else "signed_in", user)
    second_step = "/login/code" + (f"?next={quote(wanted, safe='/')}" if wanted else "")
    answer = RedirectResponse(second_step if waits else wanted or "/", status_code=303)
    set_session_cookie(answer, token)
    secure = get_settings().production
    answer.set_cookie("language", user.language, max_age=31_536_000, secure=secure, samesite="lax")
    return answer


@router.post("/logout", name="sign_out")
def destroy(request: Request, session: SessionDep) -> Response:
    """Ends the session in the database: a copy of the cookie is worth nothing afterwards.

    The browser is told to forget what it has kept, as the next one at this machine may be somebody else.
    """
    if signed_in := leave(request, session):
        record(session, signed_in.user, "signed_out", signed_in.user)
    answer = RedirectResponse("/login", status_code=303, headers={"Clear-Site-Data": '"cache", "storage"'})
    answer.delete_cookie(session_cookie())
    return answer


def leave(request: Request, session: Session) -> UserSession | None:
    """Ends the session that this browser has, if any: signing in again does not leave the old one behind."""
    token = request.cookies.get(session_cookie())
    signed_in = open_session(session, token) if token else None
    if signed_in:
        signed_in.ended_at = now()
    return signed_in
