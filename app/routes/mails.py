from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import KnownMailKind, ManagedRound, SecretariatUser, VisiblePortfolio
from app.db import SessionDep
from app.models import MailText, Portfolio
from app.models.mail import MailKind, MailTextForm, lock_text, mail_texts, save_text
from app.papers.letters import PLACEHOLDERS, standard_text_of_the_list
from app.post_office import remind_now
from app.settings import get_settings, today
from app.tabs.duty_reminders import build_duty_mail_log
from app.tabs.reminders import build_mail_log, build_reminders
from app.web import Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)
TEXTS = "/portfolios/{slug}/mail-texts"
ROUND = "/portfolios/{slug}/rounds/{key}"


@router.get(TEXTS, name="mail_texts")
def index(request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio) -> Response:
    own = mail_texts(session, portfolio.pk)
    texts = [(kind, kind in own, own.get(kind) or standard_text_of_the_list(kind)) for kind in MailKind]
    return render(request, "mails/texts.html", portfolio=portfolio, texts=texts)


@router.get(f"{TEXTS}/{{kind}}/edit", name="edit_mail_text")
def edit(request: Request, session: SessionDep, portfolio: VisiblePortfolio, kind: KnownMailKind) -> Response:
    own = mail_texts(session, portfolio.pk).get(kind)
    return page(request, portfolio, kind, Form.of(MailTextForm, own or standard_text_of_the_list(kind)), own)


@router.post(f"{TEXTS}/{{kind}}/edit", name="save_mail_text")
def save(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    kind: KnownMailKind,
    posted: Posted,
) -> Response:
    own = lock_text(session, portfolio.pk, kind)
    form = Form.posted(MailTextForm, posted)
    if (own and form.conflicts_with(own)) or form.invalid:
        return page(request, portfolio, kind, form, own)
    if own or form.value != standard_text_of_the_list(kind):
        save_text(session, user, portfolio, kind, own, form.value)
    return see_other(request, "mail_texts", slug=portfolio.slug)


@router.get(f"{ROUND}/mails", name="round_mails")
def log(request: Request, session: SessionDep, portfolio: VisiblePortfolio, round_: ManagedRound) -> Response:
    return render(
        request,
        "mails/log.html",
        portfolio=portfolio,
        round=round_,
        mails=build_mail_log(session, portfolio, round_, today()),
        reminders=build_reminders(session, portfolio, round_, today()),
        sends=get_settings().smtp_url != "",
    )


@router.get("/portfolios/{slug}/mails", name="duty_mails")
def duties(request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio) -> Response:
    mails = build_duty_mail_log(session, portfolio, today())
    return render(request, "mails/duties.html", portfolio=portfolio, mails=mails)


@router.post(f"{ROUND}/reminder", name="remind_round")
def remind(
    request: Request, session: SessionDep, user: SecretariatUser, portfolio: VisiblePortfolio, round_: ManagedRound
) -> Response:
    remind_now(session, user, round_)
    return see_other(request, "round_mails", slug=portfolio.slug, key=round_.key)


def page(request: Request, portfolio: Portfolio, kind: MailKind, form: FormOf, own: MailText | None = None) -> Response:
    context = {"portfolio": portfolio, "kind": kind, "own": own, "placeholders": PLACEHOLDERS}
    return show_form(request, "mails/text.html", form, standard=standard_text_of_the_list(kind), **context)
