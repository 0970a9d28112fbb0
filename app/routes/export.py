from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.i18n import DEFAULT_LANGUAGE, speak
from app.papers.workbook import MEDIA_TYPE, file_name, workbook
from app.tabs.edition import tabs_of
from app.tabs.filters import Filters

router = APIRouter()


@router.get("/portfolios/{slug}/export.xlsx", name="export", include_in_schema=False)
def show(session: SessionDep, portfolio: VisiblePortfolio, filters: Annotated[Filters, Query()]) -> Response:
    """What the three tabs show with the same filters, as a workbook."""
    speak(DEFAULT_LANGUAGE)  # the tabs, too, say some things as they are built
    overview, burden, effects = tabs_of(session, portfolio, filters)
    return Response(
        workbook(overview, burden, effects),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{file_name(overview)}"'},
    )
