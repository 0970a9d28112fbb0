from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from app.db import is_ready

router = APIRouter(include_in_schema=False)


@router.get("/healthz", name="healthz")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz", name="readyz")
def ready(request: Request) -> Response:
    """The database answers too, and can be written in."""
    if is_ready(request.app.state.engine):
        return PlainTextResponse("ok")
    return PlainTextResponse("The database does not answer.", status_code=503)
