from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, SecretariatUser, VisiblePortfolio
from app.db import SessionDep
from app.i18n import DEFAULT_LANGUAGE, speak
from app.models import Portfolio, User
from app.models.export import ExportForm, Profile, Recipient, exports_of, exports_with, log_export
from app.papers.headline import filter_in_words
from app.papers.workbook import MEDIA_TYPE, file_name, workbook
from app.tabs.edition import edition_key, overview_of, tabs_of
from app.tabs.external import external_tabs_of
from app.tabs.filters import Filters
from app.web import Form, FormOf, Posted, render, show_form

router = APIRouter(include_in_schema=False)
EXPORTS = "/portfolios/{slug}/exports"
SHOWN = 200
Asked = Annotated[Filters, Query()]


@router.get("/portfolios/{slug}/export.xlsx", name="export")
def show(session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio, filters: Asked) -> Response:
    """What the three tabs show with the same filters, as a workbook for whoever asks."""
    own_use = ExportForm(profile=Profile.internal, recipient=Recipient.own_use)
    return take_out(session, user, portfolio, filters, own_use)


@router.get(EXPORTS, name="exports")
def index(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, sha256: str = ""
) -> Response:
    wanted = "".join(sha256.split()).lower()
    found = exports_with(session, portfolio.pk, wanted) if wanted else []
    exports = exports_of(session, portfolio.pk, SHOWN)
    return render(request, "exports/index.html", portfolio=portfolio, exports=exports, wanted=wanted, found=found)


@router.get(f"{EXPORTS}/new", name="new_export")
def new(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, filters: Asked
) -> Response:
    return page(request, session, portfolio, filters, Form.blank(ExportForm))


@router.post(EXPORTS, name="create_export")
def create(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    filters: Asked,
    posted: Posted,
) -> Response:
    form = Form.posted(ExportForm, posted)
    if form.invalid:
        return page(request, session, portfolio, filters, form)
    return take_out(session, user, portfolio, filters, form.value)


def take_out(session: Session, by: User, portfolio: Portfolio, filters: Filters, wanted: ExportForm) -> Response:
    """The workbook as a file. It is logged before it leaves, and its reader's rights are those of this moment."""
    speak(DEFAULT_LANGUAGE)  # the tabs, too, say some things as they are built
    external = wanted.profile is Profile.external
    tabs = (external_tabs_of if external else tabs_of)(session, portfolio, filters)
    said = filter_in_words(overview_of(session, portfolio, filters) if external else tabs[0])
    name = file_name(tabs[0], wanted.profile)
    content = workbook(*tabs, profile=wanted.profile, recipient=wanted.recipient)
    log_export(
        session,
        by,
        portfolio.pk,
        name,
        content,
        **wanted.model_dump(exclude={"confirmed"}),
        round_key=edition_key(session, portfolio, filters.round),
        filters=said if filters.active else "",
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def page(request: Request, session: Session, portfolio: Portfolio, filters: Filters, form: FormOf) -> Response:
    """The form, with how many projects each of the two editions has."""
    inside, outside = overview_of(session, portfolio, filters), external_tabs_of(session, portfolio, filters)[0]
    said = filter_in_words(inside) if filters.active else ""
    return show_form(
        request, "exports/new.html", form, portfolio=portfolio, inside=inside, outside=outside, filters=said
    )
