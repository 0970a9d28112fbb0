from fastapi import APIRouter, Request
from starlette.responses import Response

from app.web import render

router = APIRouter()


@router.get("/users", name="users", include_in_schema=False)
def show(request: Request) -> Response:
    return render(request, "error.html", code=404, message="under construction")
