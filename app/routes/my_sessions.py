from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, OwnSession, ThisSession
from app.db import SessionDep
from app.models.user_session import end_other_sessions, sessions_of
from app.web import SESSION_END, asks_for, render, see_other

router = APIRouter(include_in_schema=False)


@router.get("/me/sessions", name="my_sessions")
def index(request: Request, session: SessionDep, user: CurrentUser, this: ThisSession) -> Response:
    return render(request, "me/sessions.html", sessions=sessions_of(session, user), this=this)


@router.get("/me/time-left", name="time_left")
def time_left(request: Request, user: CurrentUser) -> Response:
    """The part of every page that says when the session ends. Whoever presses »Go on« asks for it, and so goes on."""
    if not asks_for(request, SESSION_END):
        return see_other(request, "my_sessions")
    return render(request, "sessions/_end.html", asked=True)


@router.post("/me/sessions/others/ending", name="end_other_sessions")
def destroy_others(request: Request, session: SessionDep, user: CurrentUser, this: ThisSession) -> Response:
    end_other_sessions(session, user, this)
    return see_other(request, "my_sessions")


@router.post("/me/sessions/{key}/ending", name="end_session")
def destroy(request: Request, session: SessionDep, user: CurrentUser, own: OwnSession) -> Response:
    own.end(session, by=user)
    return see_other(request, "my_sessions")
