from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, set_session_cookie
from app.db import SessionDep
from app.i18n import _
from app.models import User
from app.models.api_token import working_tokens
from app.models.password import PasswordChangeForm, is_own_password, set_password, too_easy
from app.models.user_session import start_session
from app.web import Form, FormOf, Posted, caller, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/me/password", name="my_password")
def edit(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    return page(request, session, user, Form.blank(PasswordChangeForm))


@router.post("/me/password", name="save_my_password")
def save(request: Request, session: SessionDep, user: CurrentUser, posted: Posted) -> Response:
    """Everybody who is signed in with the old password is signed out; this browser gets a new session."""
    form = Form.posted(PasswordChangeForm, posted)
    if form.meant and (why := too_easy(form.meant.password.get_secret_value(), user.email, str(user))):
        form.errors["password"] = why
    elif form.meant and not is_own_password(session, user, form.meant.current.get_secret_value(), caller(request)):
        form.errors["current"] = _("The password is wrong.")
    if form.invalid:
        return page(request, session, user, form)
    set_password(session, user, form.value.password.get_secret_value(), keep_keys=not form.value.end_keys)
    answer = see_other(request, "me")
    set_session_cookie(answer, start_session(session, user, request.headers.get("User-Agent", "")))
    return answer


def page(request: Request, session: Session, user: User, form: FormOf) -> Response:
    return show_form(request, "me/password.html", form, keys=working_tokens(session, user))
