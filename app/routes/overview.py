from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.settings import today
from app.tabs.filters import Filters
from app.tabs.overview import Overview, build_overview
from app.web import asks_for, render

router = APIRouter()


@router.get("/portfolios/{slug}/overview", name="overview", include_in_schema=False)
def show(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]
) -> Response:
    tab = build_overview(session, portfolio, filters, today())
    page = "overview/_projects.html" if asks_for(request, "projects") else "overview/show.html"
    return render(request, page, portfolio=portfolio, tab=tab)


@router.get("/api/v1/portfolios/{slug}/overview", name="api_overview")
def read(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]) -> Overview:
    return build_overview(session, portfolio, filters, today())
