from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser
from app.db import SessionDep
from app.web import render

router = APIRouter(include_in_schema=False)


@router.get("/", name="start")
def show(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    return render(request, "start/show.html")
