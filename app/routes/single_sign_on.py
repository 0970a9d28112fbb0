from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app.access import session_cookie, set_session_cookie
from app.errors import DomainError, NotFound
from app.i18n import _
from app.models.sign_on_attempt import ATTEMPT_LENGTH
from app.settings import Settings, get_settings
from app.single_sign_on import Returning, come_back, way_to_sign_on
from app.web import own_path, render

router = APIRouter(include_in_schema=False)


def sign_on_cookie() -> str:
    """What tells the browser that began from any other; in production accepted only over TLS and from this host."""
    return "__Host-sign-on" if get_settings().production else "sign-on"


def configured() -> Settings:
    settings = get_settings()
    if not settings.signs_on:
        raise NotFound(_("There is no such page."))
    return settings


@router.get("/login/oidc", name="sign_on")
def new(request: Request, next: Annotated[str, Query()] = "") -> Response:
    settings = configured()
    try:
        address, browser = way_to_sign_on(request.app.state.engine, settings, own_path(next))
    except DomainError as no:
        return failed(request, settings, no)
    answer = RedirectResponse(address, status_code=303)
    age, secure = int(ATTEMPT_LENGTH.total_seconds()), settings.production
    answer.set_cookie(sign_on_cookie(), browser, max_age=age, httponly=True, secure=secure, samesite="lax")
    return answer


@router.get("/login/oidc/callback", name="signed_on")
def create(request: Request) -> Response:
    """Where the sign-on sends people back to. It needs no form of ours: state, cookie and PKCE stand for one."""
    settings, cookies = configured(), request.cookies
    browser = Returning(
        dict(request.query_params),
        attempt=cookies.get(sign_on_cookie(), ""),
        session=cookies.get(session_cookie(), ""),
        user_agent=request.headers.get("User-Agent", ""),
    )
    try:
        user, token, wanted = come_back(request.app.state.engine, settings, browser)
    except DomainError as no:
        return failed(request, settings, no)
    answer = RedirectResponse(wanted or "/", status_code=303)
    set_session_cookie(answer, token)
    secure = settings.production
    answer.set_cookie("language", user.language, max_age=31_536_000, secure=secure, samesite="lax")
    answer.delete_cookie(sign_on_cookie(), secure=secure, httponly=True, samesite="lax")
    return answer


def failed(request: Request, settings: Settings, no: DomainError) -> Response:
    """What happened and whom to call; the number stands in the log beside the technical reason."""
    return render(request, "sessions/sign_on_failed.html", status=no.status, no=no, help=settings.oidc_help)
