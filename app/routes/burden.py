from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.tabs.burden import Burden
from app.tabs.burden_map import draw_map
from app.tabs.edition import burden_of, editions, load_of
from app.tabs.filters import Filters
from app.tabs.load_over_time import LoadOverTime
from app.web import asks_for, render

router = APIRouter()


@router.get("/portfolios/{slug}/burden", name="burden", include_in_schema=False)
def show(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]
) -> Response:
    tab = burden_of(session, portfolio, filters)
    page = "burden/_burden.html" if asks_for(request, "burden") else "burden/show.html"
    return render(request, page, portfolio=portfolio, tab=tab, editions=editions(session, portfolio, filters.round))


@router.get("/api/v1/portfolios/{slug}/burden", name="api_burden")
def read(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]) -> Burden:
    return burden_of(session, portfolio, filters)


@router.get("/portfolios/{slug}/burden/map", name="burden_map", include_in_schema=False)
def draw(
    request: Request,
    session: SessionDep,
    portfolio: VisiblePortfolio,
    filters: Annotated[Filters, Query()],
    chosen: Annotated[str, Query()] = "",
) -> Response:
    tab = burden_of(session, portfolio, filters)
    shown = editions(session, portfolio, filters.round)
    page = "burden/_map.html" if asks_for(request, "burden-map") else "burden/map.html"
    return render(request, page, portfolio=portfolio, tab=tab, editions=shown, drawing=draw_map(tab, chosen))


@router.get("/portfolios/{slug}/burden/over-time", name="load_over_time", include_in_schema=False)
def over_time(request: Request, session: SessionDep, portfolio: VisiblePortfolio) -> Response:
    return render(request, "burden/over_time.html", portfolio=portfolio, tab=load_of(session, portfolio))


@router.get("/api/v1/portfolios/{slug}/burden/over-time", name="api_load_over_time")
def read_over_time(session: SessionDep, portfolio: VisiblePortfolio) -> LoadOverTime:
    return load_of(session, portfolio)
