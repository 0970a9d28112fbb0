"""What is answered when it cannot be as asked: a page with a clear sentence, and nothing lost of what was typed."""

import re
from urllib.parse import quote, urlsplit

import structlog
from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.db import Commit, Failure, failure_of
from app.errors import DomainError, NotFound, NotSignedIn, SecondStepMissing
from app.i18n import _
from app.web import SESSION_END, asks_for, own_path, part_asked_for, read_posted, render

log = structlog.get_logger()

NEVER_SHOWN = {"password", "current", "code"}
"""Fields that no page holds, not even for whoever typed them."""


def what_was_saved(request: Request, *, lost: bool = True) -> str:
    """What became of what was sent; `lost` is whether the database may have done what it did not confirm."""
    commit = getattr(request.state, "commit", "")
    if commit == Commit.done:
        return _("It was saved.")
    if commit == Commit.begun and lost:
        return _("We do not know whether it was saved. Send it again: it is saved only once.")
    return _("Nothing was saved.")


async def lead_there_again(request: Request, error: Exception) -> Response:
    """What was sent twice is done once: the answer is the same."""
    del request
    return RedirectResponse(str(error), status_code=303)


async def say_what_the_database_lacks(request: Request, error: Exception) -> Response:
    """Busy, full or gone: nothing is lost of what was typed, and the page says what became of it."""
    failure = failure_of(error, request.app.state.engine)
    if failure is None:
        raise error
    log.error("database", failure=failure.value, path=without_secret(request.url.path), exc_info=error)
    sentence = {
        Failure.busy: _("The database is busy."),
        Failure.full: _("There is no room left."),
        Failure.unreachable: _("The database does not answer just now."),
    }[failure]
    if request.method != "GET":
        sentence += " " + what_was_saved(request, lost=failure is Failure.unreachable)
    status = 507 if failure is Failure.full else 503
    request.state.user = request.state.portfolio = None  # what was loaded cannot be read any more
    kind = request.headers.get("Content-Type", "")
    sent = await read_posted(request) if kind.startswith("application/x-www-form-urlencoded") else FormData()
    if sent and not NEVER_SHOWN & sent.keys() and not request.headers.get("HX-Request"):
        answer: Response = render(request, "not_saved.html", status=status, message=sentence, sent=sent.multi_items())
    else:
        answer = answer_error(request, status, sentence)
    answer.headers["Retry-After"] = "5"
    return answer


def without_secret(path: str) -> str:
    """A path as the log may have it: whoever reads the log is not to open somebody's link."""
    return re.sub(r"^(/password/).+", r"\1…", path)


def answer_error(request: Request, status: int, message: str) -> Response:
    """The error page, or its JSON for the API; with an id that is in the log."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": message, "id": request.state.request_id}, status_code=status)
    return render(request, "error.html", status=status, code=status, message=message)


async def say_no(request: Request, error: Exception) -> Response:
    """The status and the sentence of the error; who is not signed in on a page is led to where that is done."""
    if not isinstance(error, DomainError):
        raise error
    if not request.url.path.startswith("/api/"):
        if isinstance(error, NotSignedIn):
            return await lead_to_sign_in(request)
        if isinstance(error, SecondStepMissing):
            return RedirectResponse("/me/two-factor", status_code=303)
    answer = answer_error(request, error.status, error.message)
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = "Bearer"  # a program learns how to sign in; browsers do not ask for it
    return answer


async def lead_to_sign_in(request: Request) -> Response:
    """The way to the sign-in page and back. Nothing is saved without a session, and nothing that was typed is lost."""
    if asks_for(request, SESSION_END):
        return render(request, "sessions/_over.html", status=401)
    if request.headers.get("HX-Request-Type") == "partial" and request.method != "GET":
        # What was typed since the last save stands on the page only: the reader signs in beside it.
        login, part = sign_in_before(wanted_by(request)), part_asked_for(request)
        return render(request, "sessions/_ended.html", status=401, login=login, part=part)
    if request.headers.get("HX-Request"):
        here = own_path(urlsplit(request.headers.get("HX-Current-URL", "")).path)
        return Response(status_code=401, headers={"HX-Redirect": sign_in_before(here)})
    file = request.headers.get("Content-Type", "").startswith("multipart/")  # a file cannot be kept on a page
    sent = FormData() if file else await read_posted(request)
    if sent and not NEVER_SHOWN & sent.keys():
        return render(request, "sessions/kept.html", status=401, sent=sent.multi_items())
    return RedirectResponse(sign_in_before(wanted_by(request)), status_code=303)


def sign_in_before(page: str) -> str:
    """The address of the sign-in page that leads on to a page of ours."""
    return f"/login?next={quote(page, safe='/')}" if page.strip("/") else "/login"


def wanted_by(request: Request) -> str:
    """The page that its reader wants to see: the one asked for, or the one whose form was sent."""
    if request.method != "GET":
        return sent_from(request)
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def sent_from(request: Request) -> str:
    """The path of the page whose form was sent: where its writer goes on after signing in again."""
    page = urlsplit(request.headers.get("Referer", ""))
    return own_path(page.path + (f"?{page.query}" if page.query else ""))


async def say_no_to_http(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    sentences = {
        404: _("There is no such page."),
        405: _("That cannot be done here."),
        413: _("What was sent is too large. Nothing was saved."),
    }
    answer = answer_error(request, status, sentences.get(status, _("The request could not be understood.")))
    for name, value in (getattr(error, "headers", None) or {}).items():
        answer.headers[name] = value
    return answer


async def say_no_to_address(request: Request, error: Exception) -> Response:
    """An address whose parts are not of their kind names nothing: /people/abc."""
    del error
    return answer_error(request, NotFound.status, _("There is no such page."))
