from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import AdminUser, CurrentUser, KnownToken, OwnToken
from app.db import SessionDep
from app.models.api_token import ApiTokenForm, all_tokens, make_token, tokens_of
from app.web import Form, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/me/tokens", name="my_tokens")
def index(request: Request, session: SessionDep, user: CurrentUser, made: int = 0) -> Response:
    """`made` is the number of a key that was asked for a second time: it is told of, and not made again."""
    tokens = tokens_of(session, user)
    return render(request, "tokens/mine.html", tokens=tokens, made=next((t for t in tokens if t.pk == made), None))


@router.get("/me/tokens/new", name="new_token")
def new(request: Request, user: CurrentUser) -> Response:
    return show_form(request, "tokens/form.html", Form.blank(ApiTokenForm))


@router.post("/me/tokens", name="create_token")
def create(request: Request, session: SessionDep, user: CurrentUser, posted: Posted) -> Response:
    """Answers with the page that shows the token: it is kept nowhere that another page could read it from.

    Whoever sends the form again is led to the list, which says so: a second key would be one that nobody knows of.
    """
    form = Form.posted(ApiTokenForm, posted)
    if form.invalid:
        return show_form(request, "tokens/form.html", form)
    token, text = make_token(session, user, form.value)
    request.state.leads_to = f"{request.app.url_path_for('my_tokens')}?made={token.pk}"
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
