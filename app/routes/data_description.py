from fastapi import APIRouter, Request
from starlette.responses import Response

from app.models.data_description import descriptions
from app.web import render

router = APIRouter(include_in_schema=False)


@router.get("/data-description", name="data_description")
def show(request: Request) -> Response:
    """For everybody, also who has no account (offentlighedsloven § 12): it says what is kept, never what is in it."""
    return render(request, "data_description/show.html", tables=descriptions())
