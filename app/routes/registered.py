from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, RegisteredPerson
from app.db import SessionDep
from app.tabs.registered import Registered, build_registered
from app.web import render

router = APIRouter(include_in_schema=False)
SHOWN = 50


@router.get("/people/{person_id}/registered", name="registered")
def show(request: Request, session: SessionDep, user: CurrentUser, person: RegisteredPerson) -> Response:
    tab = build_registered(session, user, person)
    return render(request, "people/registered.html", person=person, tab=tab, shown=SHOWN)


@router.get("/people/{person_id}/registered.json", name="registered_file")
def read(session: SessionDep, user: CurrentUser, person: RegisteredPerson) -> Registered:
    """The same as a file. Not below the API: no program's key opens what is registered about people."""
    return build_registered(session, user, person)
