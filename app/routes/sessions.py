from typing import Annotated

from fastapi import APIRouter, Query, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import RedirectResponse, Response

from app.access import session_cookie
from app.db import SessionDep
from app.i18n import _
from app.models.event import record
from app.models.user import SESSION_LENGTH, authenticate, open_session, start_session
from app.settings import get_settings, now
from app.web import Posted, own_path, render

router = APIRouter(include_in_schema=False)
attempts = MovingWindowRateLimiter(MemoryStorage())
FEW = RateLimitItemPerMinute(10)


@router.get("/login", name="login")
def new(request: Request, next: Annotated[str, Query()] = "") -> Response:
    return render(request, "sessions/new.html", email="", error="", next=own_path(next))


@router.post("/login", name="sign_in")
def create(request: Request, session: SessionDep, posted: Posted) -> Response:
    """Signs in. The same sentence for an unknown account, a wrong password and a deactivated one."""
    email, wanted = str(posted.get("email", "")), own_path(str(posted.get("next", "")))
    address = request.client.host if request.client else ""
    if not attempts.hit(FEW, address, email.strip().lower()):
        error = _("Too many attempts. Wait a minute and try again.")
        return render(request, "sessions/new.html", status=429, email=email, error=error, next=wanted)
    user = authenticate(session, email, str(posted.get("password", "")))
    if user is None:
        error = _("E-mail or password is wrong.")
        return render(request, "sessions/new.html", status=422, email=email, error=error, next=wanted)
    token = start_session(session, user)
    record(session, user, "signed_in", user)
    answer = RedirectResponse(wanted or "/", status_code=303)
    secure = get_settings().production
    age = int(SESSION_LENGTH.total_seconds())
    answer.set_cookie(session_cookie(), token, max_age=age, httponly=True, secure=secure, samesite="lax")
    answer.set_cookie("language", user.language, max_age=31_536_000, secure=secure, samesite="lax")
    return answer


@router.post("/logout", name="sign_out")
def destroy(request: Request, session: SessionDep) -> Response:
    """Ends the session in the database: a copy of the cookie is worth nothing afterwards."""
    token = request.cookies.get(session_cookie())
    signed_in = open_session(session, token) if token else None
    if signed_in:
        signed_in.ended_at = now()
        record(session, signed_in.user, "signed_out", signed_in.user)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(session_cookie())
    return answer
