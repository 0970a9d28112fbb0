from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.tabs.edition import editions
from app.tabs.strategy import Strategy, StrategyQuestion, build_strategy
from app.web import render

router = APIRouter()


@router.get("/portfolios/{slug}/strategy", name="strategy", include_in_schema=False)
def show(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, question: Annotated[StrategyQuestion, Query()]
) -> Response:
    tab = build_strategy(session, portfolio, question)
    shown = editions(session, portfolio, question.round)
    return render(request, "strategy/show.html", portfolio=portfolio, tab=tab, editions=shown)


@router.get("/api/v1/portfolios/{slug}/strategy", name="api_strategy")
def read(session: SessionDep, portfolio: VisiblePortfolio, question: Annotated[StrategyQuestion, Query()]) -> Strategy:
    return build_strategy(session, portfolio, question)
