from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import SecretariatUser
from app.db import SessionDep
from app.i18n import _
from app.models.masking import MaskingForm, acts_of_masking
from app.tabs.masking import MaskPlace, mask, mask_places
from app.web import Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/maskings", name="maskings")
def index(request: Request, session: SessionDep, user: SecretariatUser) -> Response:
    return render(request, "maskings/index.html", acts=acts_of_masking(session))


@router.get("/maskings/new", name="new_masking")
def new(request: Request, user: SecretariatUser) -> Response:
    return page(request, Form.blank(MaskingForm), [])


@router.post("/maskings", name="create_masking")
def create(request: Request, session: SessionDep, user: SecretariatUser, posted: Posted) -> Response:
    """First shows where the text stands; carried out when that has been confirmed."""
    form = Form.posted(MaskingForm, posted)
    if form.invalid:
        return page(request, form, [])
    places = mask_places(session, form.value.text)
    if not places:
        form.errors["text"] = _("The text stands nowhere, written in this way")
    elif not form.value.confirmed:
        form.errors["confirmed"] = _("Look at where the text stands, and confirm that it is to be masked")
    if form.invalid:
        return page(request, form, places)
    mask(session, user, form.value)
    return see_other(request, "maskings")


def page(request: Request, form: FormOf, places: list[MaskPlace]) -> Response:
    return show_form(request, "maskings/new.html", form, places=places)
