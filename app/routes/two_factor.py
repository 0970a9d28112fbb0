from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, OwnSecondFactor
from app.db import SessionDep
from app.errors import NotFound
from app.i18n import _
from app.models import SecondFactor, User
from app.models.password import CurrentPasswordForm, is_own_password
from app.models.second_factor import CodeForm, begin_enrolment, remove_second_factor, renew_recovery_codes
from app.web import Form, FormOf, Posted, caller, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/me/two-factor", name="two_factor")
def show(request: Request, user: CurrentUser, factor: OwnSecondFactor) -> Response:
    return page(request, factor, Form.blank(CodeForm))


@router.post("/me/two-factor", name="begin_two_factor")
def begin(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    begin_enrolment(session, user)
    return see_other(request, "two_factor")


@router.get("/me/two-factor/qr.svg", name="two_factor_qr")
def qr(user: CurrentUser, factor: OwnSecondFactor) -> Response:
    """The secret as a picture, until it has been taken into use; afterwards nobody reads it again."""
    if factor is None or factor.in_use:
        raise NotFound(_("There is no such page."))
    return Response(factor.qr(user), media_type="image/svg+xml")


@router.post("/me/two-factor/confirmation", name="confirm_two_factor")
def confirm(
    request: Request, session: SessionDep, user: CurrentUser, factor: OwnSecondFactor, posted: Posted
) -> Response:
    form = Form.posted(CodeForm, posted)
    codes = factor.confirm(session, user, form.value.code) if factor and not form.invalid else None
    if codes is None:
        form.errors.setdefault("code", _("The code is wrong. Write the one that the app shows now."))
        return page(request, factor, form)
    return render(request, "me/recovery_codes.html", codes=codes)


@router.get("/me/two-factor/recovery-codes", name="new_recovery_codes")
def ask_for_codes(request: Request, user: CurrentUser) -> Response:
    return ask_for_password(request, Form.blank(CurrentPasswordForm), "renew_recovery_codes")


@router.post("/me/two-factor/recovery-codes", name="renew_recovery_codes")
def renew(request: Request, session: SessionDep, user: CurrentUser, posted: Posted) -> Response:
    form = understood(request, session, user, posted)
    if form.invalid:
        return ask_for_password(request, form, "renew_recovery_codes")
    return render(request, "me/recovery_codes.html", codes=renew_recovery_codes(session, user))


@router.get("/me/two-factor/removal", name="end_two_factor")
def ask_to_remove(request: Request, user: CurrentUser) -> Response:
    return ask_for_password(request, Form.blank(CurrentPasswordForm), "remove_two_factor")


@router.post("/me/two-factor/removal", name="remove_two_factor")
def remove(request: Request, session: SessionDep, user: CurrentUser, posted: Posted) -> Response:
    form = understood(request, session, user, posted)
    if form.invalid:
        return ask_for_password(request, form, "remove_two_factor")
    remove_second_factor(session, user, user)
    return see_other(request, "two_factor")


def understood(request: Request, session: Session, user: User, posted: Posted) -> Form[CurrentPasswordForm]:
    """Whoever changes how one signs in shows the password once more: a browser may stand open."""
    form = Form.posted(CurrentPasswordForm, posted)
    if form.meant and not is_own_password(session, user, form.meant.current.get_secret_value(), caller(request)):
        form.errors["current"] = _("The password is wrong.")
    return form


def page(request: Request, factor: SecondFactor | None, form: FormOf) -> Response:
    return show_form(request, "me/two_factor.html", form, factor=factor)


def ask_for_password(request: Request, form: FormOf, action: str) -> Response:
    return show_form(request, "me/two_factor_password.html", form, action=action)
