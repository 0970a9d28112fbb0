from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.tabs.changes import build_changes
from app.web import render

router = APIRouter(include_in_schema=False)


@router.get("/portfolios/{slug}/changes", name="changes")
def show(
    request: Request,
    session: SessionDep,
    portfolio: VisiblePortfolio,
    since: Annotated[str, Query(alias="from")] = "",
    to: Annotated[str, Query()] = "",
) -> Response:
    tab = build_changes(session, portfolio, since, to)
    return render(request, "changes/show.html", portfolio=portfolio, tab=tab)
