from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.tabs.benefit_rollup import BenefitFilters, Benefits
from app.tabs.edition import benefits_of, editions
from app.web import render

router = APIRouter()


@router.get("/portfolios/{slug}/benefits", name="benefits", include_in_schema=False)
def show(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[BenefitFilters, Query()]
) -> Response:
    tab = benefits_of(session, portfolio, filters)
    shown = editions(session, portfolio, filters.round)
    return render(request, "benefits/show.html", portfolio=portfolio, tab=tab, editions=shown)


@router.get("/api/v1/portfolios/{slug}/benefits", name="api_benefits")
def read(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[BenefitFilters, Query()]) -> Benefits:
    return benefits_of(session, portfolio, filters)
