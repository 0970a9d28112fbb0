from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import MayPropose, VisiblePortfolio
from app.db import SessionDep
from app.tabs.edition import editions, overview_of
from app.tabs.filters import Filters
from app.tabs.overview import Overview
from app.web import asks_for, render

router = APIRouter()


@router.get("/portfolios/{slug}/overview", name="overview", include_in_schema=False)
def show(
    request: Request,
    session: SessionDep,
    portfolio: VisiblePortfolio,
    may_propose: MayPropose,
    filters: Annotated[Filters, Query()],
) -> Response:
    tab, known = overview_of(session, portfolio, filters), editions(session, portfolio, filters.round)
    page = "overview/_projects.html" if asks_for(request, "projects") else "overview/show.html"
    return render(request, page, portfolio=portfolio, tab=tab, editions=known, may_propose=may_propose)


@router.get("/api/v1/portfolios/{slug}/overview", name="api_overview")
def read(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]) -> Overview:
    return overview_of(session, portfolio, filters)
