from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import ManagedStrategyTheme, SecretariatUser, VisiblePortfolio
from app.db import SessionDep
from app.models import Portfolio, StrategyTheme
from app.models.strategy_theme import StrategyThemeForm, ThemeTaken, add_strategy_theme, change_strategy_theme
from app.settings import today
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
THEMES = "/portfolios/{slug}/strategy/themes"


@router.get(f"{THEMES}/new", name="new_strategy_theme")
def new(request: Request, user: SecretariatUser, portfolio: VisiblePortfolio) -> Response:
    return page(request, portfolio, Form.blank(StrategyThemeForm, None, year=today().year))


@router.post(THEMES, name="create_strategy_theme")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, posted: Posted
) -> Response:
    form = Form.posted(StrategyThemeForm, posted)
    if form.invalid:
        return page(request, portfolio, form)
    try:
        add_strategy_theme(session, user, portfolio.pk, form.value)
    except ThemeTaken as taken:
        form.refuse("name", taken.message)
        return page(request, portfolio, form)
    return see_other(request, "strategy", slug=portfolio.slug)


@router.get(f"{THEMES}/{{no}}/edit", name="edit_strategy_theme")
def edit(request: Request, portfolio: VisiblePortfolio, theme: ManagedStrategyTheme) -> Response:
    return page(request, portfolio, Form.of(StrategyThemeForm, theme), theme)


@router.post(f"{THEMES}/{{no}}/edit", name="save_strategy_theme")
def save(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    theme: ManagedStrategyTheme,
    posted: Posted,
) -> Response:
    form = Form.posted(StrategyThemeForm, posted)
    if form.conflicts_with(theme) or form.invalid:
        return page(request, portfolio, form, theme)
    try:
        change_strategy_theme(session, user, theme, form.value)
    except ThemeTaken as taken:
        form.refuse("name", taken.message)
        return page(request, portfolio, form, theme)
    return see_other(request, "strategy", slug=portfolio.slug)


def page(request: Request, portfolio: Portfolio, form: FormOf, theme: StrategyTheme | None = None) -> Response:
    return show_form(request, "strategy/form.html", form, portfolio=portfolio, theme=theme)
