from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentPortfolio, SecretariatUser
from app.db import SessionDep
from app.models import Portfolio
from app.models.event import change
from app.models.portfolio import Thresholds
from app.models.recommendation import standing_recommendations
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/settings", name="settings")
def show(request: Request, session: SessionDep, user: SecretariatUser, portfolio: CurrentPortfolio) -> Response:
    return page(request, session, portfolio, Form.of(Thresholds, portfolio))


@router.post("/settings", name="save_settings")
def save(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: CurrentPortfolio, posted: Posted
) -> Response:
    form = Form.posted(Thresholds, posted)
    if form.conflicts_with(portfolio) or form.invalid:
        return page(request, session, portfolio, form)
    change(session, user, portfolio, form.value)
    return see_other(request, "burden", slug=portfolio.slug)


def page(request: Request, session: Session, portfolio: Portfolio, form: FormOf) -> Response:
    recommendations = standing_recommendations(session, portfolio.pk)
    return show_form(request, "settings/edit.html", form, standard=Thresholds(), recommendations=recommendations)
