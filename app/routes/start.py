from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, MayPropose
from app.db import SessionDep
from app.settings import today
from app.tabs.start import build_start
from app.web import render

router = APIRouter(include_in_schema=False)


@router.get("/", name="start")
def show(request: Request, session: SessionDep, user: CurrentUser, may_propose: MayPropose) -> Response:
    portfolio = request.state.portfolio
    start = build_start(session, user, portfolio, today()) if portfolio else None
    return render(request, "start/show.html", start=start, may_propose=may_propose)
