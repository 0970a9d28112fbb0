from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.tabs.burden import Burden
from app.tabs.edition import burden_of, editions
from app.tabs.filters import Filters
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
