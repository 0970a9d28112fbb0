from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import AdminUser, OthersAccount
from app.db import SessionDep
from app.errors import DomainError
from app.models import User
from app.models.identity import IdentityForm, approve, identity_of
from app.settings import get_settings
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
PLACE = "/users/{user_id}/identity"


@router.get(PLACE, name="identity")
def show(request: Request, session: SessionDep, account: OthersAccount) -> Response:
    return page(request, session, account, Form.blank(IdentityForm))


@router.post(PLACE, name="approve_identity")
def save(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount, posted: Posted) -> Response:
    form = Form.posted(IdentityForm, posted)
    if form.invalid:
        return page(request, session, account, form)
    try:
        approve(session, user, account, form.value)
    except DomainError as no:
        form.refuse("account_name", no.message)
        return page(request, session, account, form)
    return see_other(request, "identity", user_id=account.pk)


@router.post(f"{PLACE}/removal", name="disconnect_identity")
def destroy(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount) -> Response:
    if identity := identity_of(session, account):
        identity.disconnect(session, user)
    return see_other(request, "identity", user_id=account.pk)


def page(request: Request, session: Session, account: User, form: FormOf) -> Response:
    identity, signs_on = identity_of(session, account), get_settings().signs_on
    return show_form(request, "users/identity.html", form, account=account, identity=identity, signs_on=signs_on)
