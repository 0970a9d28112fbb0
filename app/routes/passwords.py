from fastapi import APIRouter, BackgroundTasks, Request
from sqlmodel import Field, SQLModel
from starlette.responses import Response

from app.access import OpenPasswordLink
from app.db import SessionDep
from app.i18n import N_
from app.models.password import NewPasswordForm, too_easy
from app.models.password_link import ask_for_link, make_link
from app.post_office import send_password_link
from app.settings import get_settings
from app.web import Form, Posted, caller, render, see_other, show_form

router = APIRouter(include_in_schema=False)


class ForgottenForm(SQLModel):
    email: str = Field(min_length=1, max_length=120, title=N_("E-mail"))


@router.get("/password", name="forgotten")
def forgotten(request: Request) -> Response:
    return show_form(request, "passwords/forgotten.html", Form.blank(ForgottenForm))


@router.post("/password", name="ask_for_link")
def ask(request: Request, session: SessionDep, posted: Posted, background: BackgroundTasks) -> Response:
    """The same answer whether there is such an account or not. The letter goes out after it has been given."""
    form = Form.posted(ForgottenForm, posted)
    if form.invalid:
        return show_form(request, "passwords/forgotten.html", form)
    user = ask_for_link(session, form.value.email, caller(request))
    if user and get_settings().smtp_url:
        background.add_task(send_password_link, user, make_link(session, user))
    return see_other(request, "link_sent")


@router.get("/password/sent", name="link_sent")
def sent(request: Request) -> Response:
    return render(request, "passwords/sent.html", by_mail=bool(get_settings().smtp_url))


@router.get("/password/ready", name="password_ready")
def ready(request: Request) -> Response:
    return render(request, "passwords/ready.html")


@router.get("/password/{token}", name="new_password")
def new(request: Request, session: SessionDep, link: OpenPasswordLink, token: str) -> Response:
    return show_form(request, "passwords/choose.html", Form.blank(NewPasswordForm), account=link.user, token=token)


@router.post("/password/{token}", name="choose_password")
def create(request: Request, session: SessionDep, link: OpenPasswordLink, token: str, posted: Posted) -> Response:
    form = Form.posted(NewPasswordForm, posted)
    if not form.invalid and (why := too_easy(form.value.password.get_secret_value(), link.user.email, str(link.user))):
        form.errors["password"] = why
    if form.invalid:
        return show_form(request, "passwords/choose.html", form, account=link.user, token=token)
    link.use(session, form.value.password.get_secret_value())
    return see_other(request, "password_ready")
