from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import AdminUser, OthersAccount, UsersReader, VisibleAccount
from app.db import SessionDep
from app.i18n import _
from app.models import User
from app.models.account import AccountForm, change_account, create_account, email_is_taken, people_without_account
from app.models.api_token import working_tokens
from app.models.event import events
from app.models.mail import is_address
from app.models.role import Role
from app.models.second_factor import second_factor_of
from app.models.user import all_users
from app.models.user_session import last_sign_ins, sessions_of
from app.settings import get_settings, today
from app.tabs.todo import without_account
from app.web import Choices, Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/users", name="users")
def index(request: Request, session: SessionDep, user: UsersReader) -> Response:
    portfolio = request.state.portfolio
    without = without_account(session, portfolio, today()) if portfolio else []
    seen = last_sign_ins(session)
    return render(request, "users/index.html", users=all_users(session), without=without, seen=seen)


@router.get("/users/new", name="new_user")
def new(request: Request, session: SessionDep, user: AdminUser, person: int | None = None) -> Response:
    form = Form.blank(AccountForm, choices(session), roles=[Role.reader.value], person_id=person)
    return page(request, form)


@router.post("/users", name="create_user")
def create(request: Request, session: SessionDep, user: AdminUser, posted: Posted) -> Response:
    form = understood(session, posted)
    if form.invalid:
        return page(request, form)
    made = create_account(session, user, form.value)
    return see_other(request, "user", user_id=made.pk)


@router.get("/users/{user_id}", name="user")
def show(request: Request, session: SessionDep, user: UsersReader, account: VisibleAccount) -> Response:
    return render(
        request,
        "users/show.html",
        account=account,
        sessions=sessions_of(session, account),
        factor=second_factor_of(session, account),
        seen=last_sign_ins(session).get(account.pk),
        keys=working_tokens(session, account) if account.active else 0,
        events=events(session, of=account, limit=50),
        by_mail=bool(get_settings().smtp_url),
    )


@router.get("/users/{user_id}/edit", name="edit_user")
def edit(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount) -> Response:
    return page(request, Form.of(AccountForm, account, choices(session, account), roles=account.roles), account)


@router.post("/users/{user_id}/edit", name="save_user")
def save(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount, posted: Posted) -> Response:
    form = understood(session, posted, account)
    if form.conflicts_with(account) or form.invalid:
        return page(request, form, account)
    change_account(session, user, account, form.value)
    return see_other(request, "user", user_id=account.pk)


def understood(session: Session, posted: Any, account: User | None = None) -> Form[AccountForm]:
    """What was typed, with the address as it is kept: in small letters, and nobody else's."""
    form = Form.posted(AccountForm, posted, choices(session, account))
    if form.meant:
        form.meant.email = form.meant.email.lower()
        if not is_address(form.meant.email):
            form.errors["email"] = _("This is no e-mail address")
        elif email_is_taken(session, form.meant.email, but=account):
            form.errors["email"] = _("Another account has this address")
    return form


def choices(session: Session, account: User | None = None) -> Choices:
    people = people_without_account(session, account.person_id if account else None)
    return {
        "person_id": [(str(person.pk), person.name) for person in people],
        "roles": [(role.value, str(role)) for role in Role],
    }


def page(request: Request, form: FormOf, account: User | None = None) -> Response:
    return show_form(request, "users/form.html", form, account=account)
