from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import CurrentPortfolio, SecretariatUser
from app.db import SessionDep
from app.i18n import DEFAULT_LANGUAGE, speak
from app.models.export import log_export
from app.models.extract import ExtractForm, FileKind, TablesForm, columns_to_choose, extractable
from app.papers.extract_book import ZIP, extract_name, extract_workbook, extract_zip
from app.papers.workbook import MEDIA_TYPE
from app.tabs.extract import build_extract
from app.web import Choices, Form, FormOf, Posted, show_form

router = APIRouter(include_in_schema=False)


@router.get("/extracts/new", name="new_extract")
def new(request: Request, user: SecretariatUser, tables: Annotated[list[str] | None, Query()] = None) -> Response:
    """First what the extract is to be about, then its fields and for whom it is."""
    chosen = [each.name for each in extractable() if each.name in (tables or [])]
    if not chosen:
        return choose(request, Form.blank(TablesForm, of_tables()))
    form = Form.blank(ExtractForm, choices(chosen))
    form.typed |= {"tables": chosen, "columns": [name for name, _label in form.choices["columns"]]}
    return show_form(request, "extracts/new.html", form)


@router.post("/extracts", name="create_extract")
def create(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: CurrentPortfolio, posted: Posted
) -> Response:
    chosen = [each.name for each in extractable() if each.name in posted.getlist("tables")]
    if not chosen:
        return choose(request, Form.posted(TablesForm, posted, of_tables()))
    form = Form.posted(ExtractForm, posted, choices(chosen))
    if form.invalid:
        return show_form(request, "extracts/new.html", form)
    speak(DEFAULT_LANGUAGE)
    extract, kind = build_extract(session, portfolio, form.value), form.value.file
    name = extract_name(extract, kind.value)
    content = extract_zip(extract) if kind is FileKind.csv else extract_workbook(extract)
    recipient = form.value.model_dump(include={"profile", "recipient", "note", "reason"})
    log_export(session, user, portfolio.pk, name, content, **recipient, filters=extract.in_words)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=ZIP if kind is FileKind.csv else MEDIA_TYPE, headers=headers)


def choose(request: Request, form: FormOf) -> Response:
    return show_form(request, "extracts/tables.html", form, tables=extractable())


def of_tables() -> Choices:
    return {"tables": [(each.name, each.noun) for each in extractable()]}


def choices(tables: list[str]) -> Choices:
    return {**of_tables(), "columns": columns_to_choose(tables)}
