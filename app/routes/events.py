from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import EventsReader
from app.db import SessionDep
from app.models.event import events
from app.web import render

router = APIRouter(include_in_schema=False)
SHOWN = 200


@router.get("/events", name="events")
def index(request: Request, session: SessionDep, user: EventsReader) -> Response:
    return render(request, "events/index.html", events=events(session, limit=SHOWN), shown=SHOWN)
