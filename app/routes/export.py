from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.web import render

router = APIRouter()


@router.get("/portfolios/{slug}/export.xlsx", name="export", include_in_schema=False)
def show(request: Request, portfolio: VisiblePortfolio) -> Response:
    return render(request, "error.html", code=404, message="under construction")
