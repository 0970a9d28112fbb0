from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import SecretariatUser, UsersReader
from app.db import SessionDep
from app.i18n import _
from app.models.access_review import (
    AccessReviewForm,
    access_reviews,
    due_on,
    half_year_in_words,
    half_year_of,
    record_review,
)
from app.models.role import Role
from app.settings import today
from app.tabs.access_review import CLOSED, INACTIVE, build_access
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/access-review", name="access_review")
def show(request: Request, session: SessionDep, user: UsersReader, q: str = "", only: str = "") -> Response:
    return page(request, session, Form.blank(AccessReviewForm), q, only)


@router.post("/access-review", name="record_access_review")
def create(request: Request, session: SessionDep, user: SecretariatUser, posted: Posted) -> Response:
    form = Form.posted(AccessReviewForm, posted)
    if form.invalid:
        return page(request, session, form)
    record_review(session, user, form.value)
    return see_other(request, "access_review", anchor="reviews")


def page(request: Request, session: Session, form: FormOf, q: str = "", only: str = "") -> Response:
    reviews, day = access_reviews(session), today()
    kinds = [(role.value, str(role)) for role in Role]
    return show_form(
        request,
        "access_review/show.html",
        form,
        rows=build_access(session, day, q=q, only=only),
        q=q,
        only=only,
        kinds=[*kinds, (CLOSED, _("Sees closed projects")), (INACTIVE, _("Closed accounts"))],
        reviews=reviews,
        due_on=due_on(reviews[0].half_year if reviews else None, day),
        this=half_year_in_words(half_year_of(day)),
        done=any(review.half_year == half_year_of(day) for review in reviews),
    )
