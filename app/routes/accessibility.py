from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.settings import get_settings
from app.tabs.accessibility import build_statement
from app.web import render, see_other

router = APIRouter(include_in_schema=False)


@router.get("/accessibility", name="accessibility")
def show(request: Request) -> Response:
    return render(request, "accessibility/show.html", statement=build_statement(get_settings()))


@router.get("/was", name="was")
def lead_on(request: Request) -> Response:
    """The address under which a statement is looked for: leads to the municipality's own, or to this page."""
    own = get_settings().was_url
    return RedirectResponse(own, status_code=303) if own else see_other(request, "accessibility")
