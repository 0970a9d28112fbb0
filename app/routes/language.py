from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.access import session_cookie
from app.db import SessionDep
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from app.models.event import record
from app.models.user_session import open_session
from app.settings import get_settings
from app.web import Posted, own_path

router = APIRouter(include_in_schema=False)


@router.post("/language", name="speak")
def update(request: Request, session: SessionDep, posted: Posted) -> Response:
    """The language from here on: on this browser, and on the account of whoever is signed in."""
    wanted = str(posted.get("language", ""))
    code = wanted if wanted in LANGUAGES else DEFAULT_LANGUAGE
    token = request.cookies.get(session_cookie())
    signed_in = open_session(session, token) if token else None
    if signed_in and signed_in.user.language != code:
        before, signed_in.user.language = signed_in.user.language, code
        record(
            session, signed_in.user, "changed", signed_in.user, before={"language": before}, after={"language": code}
        )
    answer = RedirectResponse(own_path(str(posted.get("next", ""))) or "/", status_code=303)
    answer.set_cookie("language", code, max_age=31_536_000, secure=get_settings().production, samesite="lax")
    return answer
