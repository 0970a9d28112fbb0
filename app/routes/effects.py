from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.settings import today
from app.tabs.effects import Effects, build_effects
from app.tabs.filters import Filters
from app.web import asks_for, render

router = APIRouter()


@router.get("/portfolios/{slug}/effects", name="effects", include_in_schema=False)
def show(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]
) -> Response:
    tab = build_effects(session, portfolio, filters, today())
    page = "effects/_projects.html" if asks_for(request, "effects") else "effects/show.html"
    return render(request, page, portfolio=portfolio, tab=tab)


@router.get("/api/v1/portfolios/{slug}/effects", name="api_effects")
def read(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]) -> Effects:
    return build_effects(session, portfolio, filters, today())
