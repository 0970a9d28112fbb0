from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.tabs.edition import editions, effects_of
from app.tabs.effects import Effects
from app.tabs.filters import Filters
from app.web import asks_for, render

router = APIRouter()


@router.get("/portfolios/{slug}/effects", name="effects", include_in_schema=False)
def show(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]
) -> Response:
    tab = effects_of(session, portfolio, filters)
    page = "effects/_projects.html" if asks_for(request, "effects") else "effects/show.html"
    return render(request, page, portfolio=portfolio, tab=tab, editions=editions(session, portfolio, filters.round))


@router.get("/api/v1/portfolios/{slug}/effects", name="api_effects")
def read(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]) -> Effects:
    return effects_of(session, portfolio, filters)
