from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import AdminUser, CurrentUser, KnownToken, OwnToken
from app.db import SessionDep
from app.models.api_token import ApiTokenForm, all_tokens, make_token, tokens_of
from app.web import Form, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/me/tokens", name="my_tokens")
def index(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    return render(request, "tokens/mine.html", tokens=tokens_of(session, user))


@router.get("/me/tokens/new", name="new_token")
def new(request: Request, user: CurrentUser) -> Response:
    return show_form(request, "tokens/form.html", Form.blank(ApiTokenForm))


@router.post("/me/tokens", name="create_token")
def create(request: Request, session: SessionDep, user: CurrentUser, posted: Posted) -> Response:
    """Answers with the page that shows the token: it is kept nowhere that another page could read it from."""
    form = Form.posted(ApiTokenForm, posted)
    if form.invalid:
        return show_form(request, "tokens/form.html", form)
    token, text = make_token(session, user, form.value)
    return render(request, "tokens/made.html", status=201, token=token, text=text)


@router.post("/me/tokens/{no}/revocation", name="revoke_own_token")
def revoke(request: Request, session: SessionDep, user: CurrentUser, token: OwnToken) -> Response:
    token.revoke(session, by=user)
    return see_other(request, "my_tokens")


@router.get("/tokens", name="tokens")
def index_all(request: Request, session: SessionDep, user: AdminUser) -> Response:
    return render(request, "tokens/index.html", tokens=all_tokens(session))


@router.post("/tokens/{no}/revocation", name="revoke_token")
def revoke_any(request: Request, session: SessionDep, user: AdminUser, token: KnownToken) -> Response:
    token.revoke(session, by=user)
    return see_other(request, "tokens")
