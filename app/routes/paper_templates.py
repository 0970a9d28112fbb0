from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.access import CurrentPortfolio, SecretariatUser
from app.db import SessionDep
from app.errors import NotFound
from app.i18n import _
from app.models import Portfolio
from app.models.paper_template import (
    PaperTemplateForm,
    paper_template_of,
    put_paper_template_away,
    use_paper_template,
)
from app.papers.board_paper import WORD
from app.papers.default_template import default_template
from app.papers.word_template import LARGEST_FILE, UnusableTemplate, shape, try_out
from app.settings import today
from app.tabs.board_paper import BoardPaper, papers_of_last_meeting
from app.web import Form, FormOf, Uploaded, see_other, show_form

router = APIRouter(include_in_schema=False)
PLACE = "/settings/paper-template"
AROUND_IT = 64 * 2**10
"""Bytes that a browser sends around the file."""


@router.get(PLACE, name="paper_template")
def show(request: Request, session: SessionDep, user: SecretariatUser, portfolio: CurrentPortfolio) -> Response:
    return page(request, session, portfolio, Form.blank(PaperTemplateForm))


@router.post(PLACE, name="upload_paper_template", max_body_size=LARGEST_FILE + AROUND_IT)
def upload(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: CurrentPortfolio, uploaded: Uploaded
) -> Response:
    """Takes a template into use once it has been tried out on the papers of the last meeting."""
    form = Form.posted(PaperTemplateForm, FormData([("file", uploaded.name)] if uploaded else []))
    if uploaded and not form.invalid:
        try:
            try_out(uploaded.content, *papers_of_last_meeting(session, portfolio, today()))
        except UnusableTemplate as wrong:
            form.errors["file"] = wrong.message
    if uploaded is None or form.invalid:
        return page(request, session, portfolio, form)
    use_paper_template(session, user, portfolio.pk, uploaded.name, uploaded.content)
    return see_other(request, "paper_template")


@router.post(f"{PLACE}/withdrawal", name="withdraw_paper_template")
def withdraw(request: Request, session: SessionDep, user: SecretariatUser, portfolio: CurrentPortfolio) -> Response:
    if own := paper_template_of(session, portfolio.pk):
        put_paper_template_away(session, user, own)
    return see_other(request, "paper_template")


@router.get(f"{PLACE}/own.docx", name="own_paper_template")
def own(session: SessionDep, user: SecretariatUser, portfolio: CurrentPortfolio) -> Response:
    """Their own template as it was uploaded."""
    found = paper_template_of(session, portfolio.pk)
    if found is None:
        raise NotFound(_("There is no template of your own: the standard template is in use."))
    return word_file("skabelon.docx", found.content)


@router.get(f"{PLACE}/standard.docx", name="standard_paper_template")
def standard(user: SecretariatUser) -> Response:
    return word_file("standardskabelon.docx", default_template())


def word_file(name: str, content: bytes) -> Response:
    """A template: it holds no data of the list."""
    return Response(content, media_type=WORD, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def page(request: Request, session: Session, portfolio: Portfolio, form: FormOf) -> Response:
    used = paper_template_of(session, portfolio.pk)
    return show_form(request, "settings/paper_template.html", form, used=used, names=shape(BoardPaper))
