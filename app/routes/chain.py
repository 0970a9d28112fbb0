from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.settings import today
from app.tabs.chain import ChainQuestion, ChainTab, build_chain
from app.tabs.timeline import draw
from app.web import render

router = APIRouter()


@router.get("/portfolios/{slug}/chain", name="chain", include_in_schema=False)
def show(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, question: Annotated[ChainQuestion, Query()]
) -> Response:
    tab = build_chain(session, portfolio, question, today())
    return render(request, "chain/show.html", portfolio=portfolio, tab=tab, picture=draw(tab))


@router.get("/api/v1/portfolios/{slug}/chain", name="api_chain")
def read(session: SessionDep, portfolio: VisiblePortfolio, question: Annotated[ChainQuestion, Query()]) -> ChainTab:
    return build_chain(session, portfolio, question, today())
