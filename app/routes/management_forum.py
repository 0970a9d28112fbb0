from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, VisiblePortfolio
from app.db import SessionDep
from app.settings import today
from app.tabs.management_forum import ManagementForum, build_management_forum
from app.web import render

router = APIRouter()


@router.get("/portfolios/{slug}/management-forum", name="management_forum", include_in_schema=False)
def show(request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio) -> Response:
    tab = build_management_forum(session, portfolio, today())
    return render(request, "management_forum/show.html", portfolio=portfolio, tab=tab)


@router.get("/api/v1/portfolios/{slug}/management-forum", name="api_management_forum")
def read(session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio) -> ManagementForum:
    return build_management_forum(session, portfolio, today())
