from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser
from app.db import SessionDep
from app.models.second_factor import is_asked_for
from app.models.user_session import sessions_of
from app.web import render

router = APIRouter(include_in_schema=False)


@router.get("/me", name="me")
def show(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    return render(request, "me/show.html", sessions=sessions_of(session, user), two_steps=is_asked_for(session, user))
