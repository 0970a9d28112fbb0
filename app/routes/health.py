from fastapi import APIRouter
from sqlmodel import select
from starlette.responses import PlainTextResponse, Response

from app.db import SessionDep

router = APIRouter(include_in_schema=False)


@router.get("/healthz", name="healthz")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz", name="readyz")
def ready(session: SessionDep) -> Response:
    """The database answers too."""
    session.exec(select(1))
    return PlainTextResponse("ok")
