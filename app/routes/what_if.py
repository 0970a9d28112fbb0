from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.datastructures import FormData, QueryParams
from starlette.responses import RedirectResponse, Response

from app.access import CurrentUser, VisiblePortfolio
from app.db import SessionDep
from app.models import Portfolio, Scenario, User
from app.models.scenario import CHANGE_FORMS, scenario_by_key
from app.settings import today
from app.tabs.what_if import (
    WhatIf,
    build_what_if,
    offered,
    read_what_if,
    suggestions,
    try_all,
    what_if,
)
from app.tabs.what_if_change import WhatIfFacts, what_if_query
from app.web import Form, FormOf, asks_for, render

router = APIRouter()
KINDS = {kind.value.replace("_", "-"): kind for kind in CHANGE_FORMS}


@router.get("/portfolios/{slug}/what-if", name="what_if", include_in_schema=False)
def show(request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio) -> Response:
    asked = request.query_params
    tokens, new = asked.getlist("change"), typed_change(asked)
    facts = read_what_if(session, portfolio, [*tokens, new], today())
    form = typed_form(facts, tokens, asked)
    if form and not form.invalid:
        tokens.append(new)
        if not asks_for(request, "what-if"):
            return RedirectResponse(f"{request.url.path}?{query_of(tokens, asked)}", status_code=303)
    scenario = worked_on(session, portfolio, user, asked.get("scenario", ""))
    return page(request, portfolio, facts, tokens, form, scenario)


@router.get("/api/v1/portfolios/{slug}/what-if", name="api_what_if")
def read(
    session: SessionDep, portfolio: VisiblePortfolio, change: Annotated[list[str] | None, Query()] = None
) -> WhatIf:
    return build_what_if(session, portfolio, change or [], today())


def typed_change(asked: QueryParams) -> str:
    """The change that one of the small forms asks for, as it stands in an address; empty when none was sent."""
    kind = KINDS.get(asked.get("kind", ""))
    if kind is None:
        return ""
    return ":".join([asked["kind"], *(asked.get(name, "") for name in CHANGE_FORMS[kind].model_fields)])


def typed_form(facts: WhatIfFacts, tokens: list[str], asked: QueryParams) -> FormOf | None:
    """The small form that was sent, as it was typed."""
    kind = KINDS.get(asked.get("kind", ""))
    if kind is None:
        return None
    choices = offered(try_all(facts, tokens)[0])[kind]
    return Form.posted(CHANGE_FORMS[kind], FormData([*asked.multi_items()]), choices)


def worked_on(session: Session, portfolio: Portfolio, user: User, key: str) -> Scenario | None:
    """The scenario that this person goes on working on, if they may change it."""
    found = scenario_by_key(session, portfolio.pk, key) if key else None
    return found if found and user.can_change_scenario(found) else None


def query_of(tokens: list[str], asked: QueryParams) -> str:
    """The query of the same page with these changes."""
    return "&".join(
        filter(None, [what_if_query(tokens), *(f"scenario={quote(key)}" for key in asked.getlist("scenario")[:1])])
    )


def page(
    request: Request,
    portfolio: Portfolio,
    facts: WhatIfFacts,
    tokens: list[str],
    form: FormOf | None,
    scenario: Scenario | None,
) -> Response:
    """The whole page, or the part that htmx asks for; the address that it then shows holds the changes and no form."""
    tab, asked = what_if(facts, tokens), request.query_params
    choices, invalid = offered(try_all(facts, tokens)[0]), form is not None and form.invalid
    forms = {name: Form.blank(CHANGE_FORMS[kind], choices[kind]) for name, kind in KINDS.items()}
    if form and invalid:
        forms[asked["kind"]] = form
    part = asks_for(request, "what-if")
    answer = render(
        request,
        "what_if/_what_if.html" if part else "what_if/show.html",
        status=422 if invalid else 200,
        portfolio=portfolio,
        tab=tab,
        forms=forms,
        kinds=KINDS,
        opened=asked.get("kind", ""),
        form=form if invalid else None,
        scenario=scenario,
        suggested=[] if tokens else suggestions(facts.burden),
        undone=part and "undone" in asked,
    )
    if part:
        answer.headers["HX-Push-Url"] = f"{request.url.path}?{query_of(tokens, asked)}"
    return answer
