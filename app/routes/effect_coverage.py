from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.settings import today
from app.tabs.effect_coverage import EffectCoverage, build_effect_coverage
from app.web import render

router = APIRouter()


@router.get("/portfolios/{slug}/effects/coverage", name="effect_coverage", include_in_schema=False)
def show(request: Request, session: SessionDep, portfolio: VisiblePortfolio) -> Response:
    tab = build_effect_coverage(session, portfolio, today())
    return render(request, "effects/coverage.html", portfolio=portfolio, tab=tab)


@router.get("/api/v1/portfolios/{slug}/effects/coverage", name="api_effect_coverage")
def read(session: SessionDep, portfolio: VisiblePortfolio) -> EffectCoverage:
    return build_effect_coverage(session, portfolio, today())
