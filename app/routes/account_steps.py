"""What an administrator does with somebody else's account, each at the press of a button on its page."""

from fastapi import APIRouter, BackgroundTasks, Request
from starlette.responses import Response

from app.access import AdminUser, OthersAccount
from app.db import SessionDep
from app.models.account import deactivate, reactivate, sign_out_everywhere
from app.models.password_link import make_link_for
from app.models.second_factor import remove_second_factor
from app.post_office import send_password_link
from app.settings import get_settings
from app.web import render, see_other

router = APIRouter(include_in_schema=False)


@router.post("/users/{user_id}/deactivation", name="deactivate_user")
def close(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount) -> Response:
    deactivate(session, user, account)
    return see_other(request, "user", user_id=account.pk)


@router.post("/users/{user_id}/reactivation", name="reactivate_user")
def reopen(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount) -> Response:
    reactivate(session, user, account)
    return see_other(request, "user", user_id=account.pk)


@router.post("/users/{user_id}/sessions/ending", name="end_sessions_of_user")
def end_sessions(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount) -> Response:
    sign_out_everywhere(session, user, account)
    return see_other(request, "user", user_id=account.pk)


@router.post("/users/{user_id}/two-factor/removal", name="remove_two_factor_of_user")
def remove(request: Request, session: SessionDep, user: AdminUser, account: OthersAccount) -> Response:
    remove_second_factor(session, user, account)
    return see_other(request, "user", user_id=account.pk)


@router.post("/users/{user_id}/password-link", name="make_password_link")
def link(
    request: Request, session: SessionDep, user: AdminUser, account: OthersAccount, background: BackgroundTasks
) -> Response:
    """Sent to the account's own address; where no mail can be sent, it is shown this once, to be handed over."""
    token = make_link_for(session, user, account)
    if get_settings().smtp_url:
        background.add_task(send_password_link, account, token)
        return see_other(request, "user", user_id=account.pk)
    address = f"{get_settings().address}{request.app.url_path_for('new_password', token=token)}"
    return render(request, "users/link.html", account=account, address=address)
