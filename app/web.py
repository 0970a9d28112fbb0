"""Pages and forms: the Jinja environment, rendering, redirects, and what a person typed."""

import asyncio
import re
import secrets
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any, Generic, Self, TypeVar, Union, get_args, get_origin
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from fastapi import Depends, FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.runtime import Macro
from markupsafe import Markup, escape
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from sqlmodel import SQLModel
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app import i18n
from app.errors import TooSlow
from app.i18n import N_, _
from app.models.base import Choice
from app.models.health_guard import health_words
from app.models.user_session import WARNED
from app.settings import get_settings, today
from app.tabs.mark import Mark, Trend

HERE = Path(__file__).parent


class _Code(CodeGenerator):
    """Puts out markup as it is: Jinja's own code wraps each piece in markup again, a quarter of the cost of a page."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown(")


class _Templates(Environment):
    code_generator_class = _Code

    @staticmethod
    def shown(value: Any) -> str:
        return value if type(value) is Markup else escape(value)


class _OnceOnly(Extension):
    """Gives every form of a page that changes something a key of its own, so that sending it twice does it once.

    The forms of the frame and of signing in have none: they change nothing in the list. What is sent again has its own.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        del filename
        if name in ("base.html", "not_saved.html") or str(name).startswith("sessions/"):
            return source
        return _POSTING.sub(r'\g<0><input type="hidden" name="once" value="{{ once() }}">', source)


_POSTING = re.compile(r"""<form\b(?=(?:{{.*?}}|{%.*?%}|[^<>])*\smethod="post")(?:{{.*?}}|{%.*?%}|[^<>])*>""")

templates = _Templates(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    extensions=["jinja2.ext.i18n", "jinja2.ext.do", _OnceOnly],
)
templates.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined] # i18n
templates.filters |= {
    "lower": lambda shown: str(shown).lower(),
    "date": i18n.show_date,
    "clock": i18n.show_clock,
    "moment": i18n.show_moment,
    "month": i18n.show_month,
    "weekday": i18n.show_weekday,
    "number": i18n.show_number,
    "millions": i18n.show_millions,
    "zip": zip,
}
_drawn: WeakKeyDictionary[Any, dict[tuple[Any, ...], str]] = WeakKeyDictionary()


def kept(macro: Macro, things: Iterable[Any], *more: Any) -> str:
    """What a macro draws of things that never change: once in each language, kept for as long as the thing lives."""
    key = (i18n.language(), macro.name, *more)
    pieces = []
    for thing in things:
        known = _drawn.setdefault(thing, {})
        if key not in known:
            known[key] = macro(thing, *more)
        pieces.append(known[key])
    # Each piece is a macro's own markup: nothing is left to escape.
    return Markup("".join(pieces))  # noqa: S704 # nosec


@lru_cache(maxsize=10_000)
def _address(app: FastAPI, name: str, parts: tuple[tuple[str, Any], ...]) -> str:
    return app.url_path_for(name, **dict(parts))


def sign_on_name() -> str:
    """What the way to the municipality's sign-on is called; empty where there is none."""
    settings = get_settings()
    return (settings.oidc_name or _("Log in with the municipality's account")) if settings.signs_on else ""


templates.globals |= {
    "kept": kept,
    "languages": i18n.LANGUAGES,
    "language": i18n.language,
    "once": partial(secrets.token_urlsafe, 12),
    "today": today,
    "sign_on_name": sign_on_name,
    "warned": WARNED,
    "marks": list(Mark),
    "trends": list(Trend),
}


def _asset_version() -> str:
    """Changes when one of our static files does, so that browsers may keep them for a year."""
    return str(max(int(file.stat().st_mtime) for file in (HERE / "static").glob("*.*")))


templates.globals["asset_version"] = _asset_version()


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page in the reader's language. Its templates may ask for the user, the portfolio and addresses by name."""
    pieces = templates.get_template(template).generate(
        request=request,
        user=getattr(request.state, "user", None),
        url=lambda name, **parts: _address(request.app, name, tuple(parts.items())),
        demo=get_settings().in_demo,
        signed_in=getattr(request.state, "signed_in", None),
        polling=POLLING in request.headers,
        **({"portfolio": getattr(request.state, "portfolio", None)} | context),
    )
    page = b"".join([piece.encode() for piece in pieces])
    return HTMLResponse(page, status_code=status, headers={"Vary": "HX-Request, HX-Request-Type, HX-Target, Cookie"})


def show_form(request: Request, template: str, form: "Form[Any]", **context: Any) -> HTMLResponse:
    """A page with a form: 422 when what is typed is wrong, 409 when a rule or a save in between says no, else 200."""
    status = 409 if form.conflicts or form.refused else 422 if form.invalid else 200
    return render(request, template, status=status, form=form, **context)


def see_other(request: Request, route: str, *, anchor: str = "", **parts: Any) -> Response:
    """After a successful write: go to that page (303)."""
    address = str(request.app.url_path_for(route, **parts))
    return lead_to(request, f"{address}#{anchor}" if anchor else address)


def lead_to(request: Request, address: str) -> Response:
    """Go to this address (303): so does whoever sends the same thing again."""
    request.state.leads_to = address
    return RedirectResponse(address, status_code=303)


def own_path(wanted: str) -> str:
    """The path if it is one of ours; never a way to another host."""
    return wanted if re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", wanted) else ""


def caller(request: Request) -> str:
    """The address that a request comes from; behind a proxy that is trusted, the one that the proxy says."""
    return request.client.host if request.client else ""


def host_of(request: Request) -> str:
    """The name under which we were asked, without the port; empty when it is none."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def asks_for(request: Request, fragment: str) -> bool:
    """Whether htmx asks for this part of the page only, named by the id of the element it replaces."""
    return request.headers.get("HX-Request-Type") == "partial" and part_asked_for(request) == fragment


POLLING = "Polling"
"""The header that a part of a page sends when it asks by itself, and not because somebody did something."""

SESSION_END = "session-end"
"""The part of every page that says when the session ends."""


def part_asked_for(request: Request) -> str:
    """The id of the element that htmx will replace."""
    return request.headers.get("HX-Target", "").rpartition("#")[2]


PATIENCE = 60.0
"""Seconds that somebody may take to send what they wrote."""


async def read_body(request: Request) -> None:
    """Waits for the whole of what is sent, before the database is asked for anything: who sends slowly locks nobody."""
    if request.method not in ("GET", "HEAD"):
        try:
            async with asyncio.timeout(PATIENCE):
                await request.body()
        except TimeoutError:
            raise TooSlow(_("What was sent took too long to arrive. Nothing was saved.")) from None


async def read_posted(request: Request) -> FormData:
    """What was sent, without the null characters that no database holds."""
    sent = await request.form(max_files=0, max_fields=500)
    return FormData([(name, str(value).replace("\0", "")) for name, value in sent.multi_items()])


Posted = Annotated[FormData, Depends(read_posted)]


@dataclass(frozen=True)
class Upload:
    """The one file that a form brought: its name as the browser says it, and its bytes."""

    name: str
    content: bytes


async def read_uploaded(request: Request) -> Upload | None:
    """The file that was sent; None when none was chosen. How large it may be is the route's to say."""
    async with request.form(max_files=1, max_fields=10) as sent:
        for file in sent.values():
            if isinstance(file, UploadFile) and file.filename:
                name = re.split(r"[/\\]", file.filename)[-1].replace("\0", "")
                return Upload(name, await file.read())
    return None


Uploaded = Annotated[Upload | None, Depends(read_uploaded)]

FormT = TypeVar("FormT", bound=SQLModel)
Choices = Mapping[str, Sequence[tuple[str, str]]]


LARGEST = 1e15
"""Numbers from here on are typing errors: a float no longer knows their last digits."""


NO_HEALTH_DATA = "no_health_data"
"""The field with which somebody says that a text does not tell of anybody's health."""

NAMES = ("name", "email", "address", "password")
"""Fields that hold a name and no prose."""


class Widget(StrEnum):
    text = "text"
    area = "area"
    lines = "lines"
    date = "date"
    number = "number"
    select = "select"
    checkbox = "checkbox"
    checkboxes = "checkboxes"
    concealed = "concealed"


@dataclass
class Form(Generic[FormT]):
    """A form as it stands on the page: what was typed, what it means, and what is wrong with it.

    `kind` is the model that knows labels and limits. `choices` gives the options of fields that point to rows. `health`
    has the fields whose text may tell of somebody's health, with the words.
    """

    kind: type[FormT]
    choices: Choices = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    meant: FormT | None = None
    version: int | None = None
    conflicts: list[tuple[str, str, str]] = field(default_factory=list)
    health: dict[str, str] = field(default_factory=dict)
    refused: bool = False

    @classmethod
    def blank(cls, kind: type[FormT], choices: Choices | None = None, **given: Any) -> Self:
        """An empty form, with the kind's defaults and what is given."""
        defaults = {
            name: info.get_default(call_default_factory=True, validated_data={})
            for name, info in kind.model_fields.items()
            if not info.is_required()
        }
        return cls(kind, choices or {})._filled(defaults | given)

    @classmethod
    def of(cls, kind: type[FormT], row: SQLModel, choices: Choices | None = None, **more: Any) -> Self:
        """A form that shows a row as it stands."""
        values = {name: getattr(row, name) for name in kind.model_fields if hasattr(row, name)} | more
        form = cls(kind, choices or {}, version=getattr(row, "version", None))
        return form._filled(values)

    @classmethod
    def posted(cls, kind: type[FormT], data: FormData, choices: Choices | None = None) -> Self:
        """What somebody sent: read, checked, and kept as typed."""
        form = cls(kind, choices or {})
        version = str(data.get("version", ""))
        form.version = int(version) if version.isdecimal() and len(version) < 10 else None
        for name in kind.model_fields:
            sent = [str(value).replace("\r\n", "\n") for value in data.getlist(name)]
            form.typed[name] = sent if form.widget(name) is Widget.checkboxes else (sent[-1] if sent else "")
        form._understand()
        if not data.get(NO_HEALTH_DATA):
            form._ask_about_health()
        return form

    @property
    def value(self) -> FormT:
        """The valid form."""
        if self.meant is None:
            raise ValueError("the form is not valid")
        return self.meant

    @property
    def invalid(self) -> bool:
        return bool(self.errors)

    def refuse(self, name: str, sentence: str) -> None:
        """A rule says no to what is otherwise valid: its sentence stands at the field, what was typed stays."""
        self.refused, self.errors[name] = True, sentence

    def conflicts_with(self, row: SQLModel, **more: Any) -> bool:
        """Whether the row was saved after this form was opened, and differently. Then the page shows both versions."""
        version: int = row.version  # type: ignore[attr-defined] # forms with a version are of versioned rows
        if self.version == version:
            return False
        saved = self.of(self.kind, row, self.choices, **more)
        mine = self.of(self.kind, self.meant, self.choices) if self.meant else self
        self.conflicts = [
            (self.label(name), saved.shown(name), mine.shown(name))
            for name in self.kind.model_fields
            if saved.shown(name) != mine.shown(name)
        ]
        self.version = version
        return bool(self.conflicts)

    def label(self, name: str) -> str:
        return _(self.kind.model_fields[name].title or name)

    def widget(self, name: str) -> Widget:
        info = self.kind.model_fields[name]
        plain = _plain(info.annotation)
        if get_origin(plain) is list:
            return Widget.checkboxes if name in self.choices else Widget.lines
        if name in self.choices or (isinstance(plain, type) and issubclass(plain, Choice)):
            return Widget.select
        if plain is bool:
            return Widget.checkbox
        if plain is SecretStr:
            return Widget.concealed
        if plain is date:
            return Widget.date
        if plain in (int, float):
            return Widget.number
        return Widget.area if (self.longest(name) or 0) > 160 else Widget.text

    def longest(self, name: str) -> int | None:
        """The most characters that a text may have."""
        limits = (getattr(limit, "max_length", None) for limit in self.kind.model_fields[name].metadata)
        return next((limit for limit in limits if limit is not None), None)

    def required(self, name: str) -> bool:
        return self.kind.model_fields[name].is_required()

    def options(self, name: str) -> list[tuple[str, str]]:
        """What a select offers: value and label, with an empty first line where nothing may be chosen."""
        info = self.kind.model_fields[name]
        plain = _plain(info.annotation)
        if name in self.choices:
            offered = list(self.choices[name])
        else:
            offered = [(member.value, str(member)) for member in plain]
        may_be_empty = plain is not info.annotation or (info.is_required() and not self.typed.get(name))
        return [("", "–"), *offered] if may_be_empty else offered

    def shown(self, name: str) -> str:
        """A field's value as a person reads it."""
        typed = self.typed.get(name, "")
        if self.widget(name) is Widget.concealed:
            return ""
        if self.widget(name) is Widget.checkbox:
            return _("Yes") if typed else _("No")
        if self.widget(name) is Widget.checkboxes:
            return ", ".join(label for value, label in self.options(name) if value in typed)
        if self.widget(name) is Widget.select:
            return dict(self.options(name)).get(str(typed), str(typed))
        return str(typed)

    def _filled(self, values: Mapping[str, Any]) -> Self:
        """Shows these values, each as a person would have typed it."""
        for name, value in values.items():
            ticked = isinstance(value, list) and self.widget(name) is Widget.checkboxes
            self.typed[name] = [str(item) for item in value] if ticked else _typed(value)
        return self

    def _understand(self) -> None:
        """From what was typed to what it means, with a sentence at each field that cannot be understood."""
        values: dict[str, Any] = {}
        for name, info in self.kind.model_fields.items():
            try:
                values[name] = self._read(name, info)
            except ValueError as wrong:
                self.errors[name] = str(wrong)
        read = {name: value for name, value in values.items() if value is not PydanticUndefined}
        try:
            self.meant = self.kind.model_validate(read)
        except ValidationError as wrong:
            for error in wrong.errors():
                place = str(error["loc"][0]) if error["loc"] else str(error.get("ctx", {}).get("field", ""))
                self.errors.setdefault(place, self._sentence(place, dict(error)))
        if self.errors:
            self.meant = None

    def _ask_about_health(self) -> None:
        """Asks once, wherever somebody writes freely, before a text that may tell of somebody's health is saved (L7).

        It warns and never refuses: whoever has read the text again says so, and it is saved. Forms that ask in a way
        of their own, as a status does, or that are there to report such a text, are left alone.
        """
        if NO_HEALTH_DATA in self.kind.model_fields or not getattr(self.kind, "asks_about_health", True):
            return
        written = (Widget.text, Widget.area, Widget.lines)
        for name, typed in self.typed.items():
            if self.widget(name) in written and name not in NAMES and (found := health_words(str(typed))):
                self.health[name] = "«, »".join(found)
                self.errors.setdefault(name, _("It says »%s«. Does it tell of somebody's health?") % self.health[name])

    def _read(self, name: str, info: FieldInfo) -> Any:
        """One field's text as a value; PydanticUndefined where nothing was typed. ValueError says what is wrong."""
        typed, widget = self.typed[name], self.widget(name)
        if widget is Widget.concealed:
            return typed or PydanticUndefined  # as it was typed: a space at its end is part of it
        if widget is Widget.checkbox:
            return typed != ""
        if widget is Widget.lines:
            return [line.strip() for line in re.split(r"[\n;]", typed) if line.strip()]
        if name in self.choices:
            wanted = [typed] if isinstance(typed, str) else typed
            offered = {value for value, _label in self.choices[name]} | {""}
            if not set(wanted) <= offered:
                raise ValueError(_("Choose one of the options"))
        if widget is Widget.checkboxes:
            return typed
        text = typed.strip()
        if not text:
            return None if _plain(info.annotation) is not info.annotation else _empty(info)
        if widget is Widget.date:
            try:
                return i18n.parse_date(text)
            except ValueError:
                raise ValueError(_("Write the date as dd-mm-yyyy, for example 13-06-2022")) from None
        if widget is Widget.number:
            try:
                number = i18n.parse_number(text)
            except ValueError:
                number = LARGEST
            if abs(number) >= LARGEST:
                raise ValueError(_("Write a number, for example 1.250,5"))
            return number
        return text

    def _sentence(self, name: str, error: dict[str, Any]) -> str:
        """What to do about a validation error, in the reader's language."""
        given = {"label": self.label(name) if name in self.kind.model_fields else ""} | error.get("ctx", {})
        given |= {limit: i18n.show_number(value) for limit, value in given.items() if isinstance(value, float)}
        if error["type"] == "string_too_short" and not self.typed.get(name):
            return str(_("Fill in »%(label)s«") % given)
        if error["type"] == "string_too_long":
            given["too_many"] = len(self.typed[name].strip()) - given["max_length"]
        template = _SENTENCES.get(error["type"], error["msg"])
        return str(_(template) % given)


FormOf = Form[Any]

_SENTENCES = {
    "missing": N_("Fill in »%(label)s«"),
    "string_too_short": N_("Write at least %(min_length)s characters"),
    "too_short": N_("Write at least %(min_length)s characters"),
    "too_long": N_("Write at most %(max_length)s characters"),
    "string_too_long": N_("Write at most %(max_length)s characters (%(too_many)s too many)"),
    "greater_than_equal": N_("Write a number that is at least %(ge)s"),
    "less_than_equal": N_("Write a number that is at most %(le)s"),
    "enum": N_("Choose one of the options"),
    "int_from_float": N_("Write a whole number"),
    "int_parsing": N_("Choose one of the options"),
}


def _plain(annotation: Any) -> Any:
    """The type without »or None«."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(kind for kind in get_args(annotation) if kind is not type(None))
    return annotation


def _empty(info: FieldInfo) -> Any:
    """What an empty text field means: an empty text where the field is text, otherwise nothing was said."""
    return "" if info.annotation is str else PydanticUndefined


def _typed(value: Any) -> Any:
    """A value as a person would have typed it."""
    if isinstance(value, Choice):
        return value.value
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, (date, datetime)):
        return i18n.show_date(value)
    if isinstance(value, list):
        return [str(item) for item in value] if value and isinstance(value[0], int) else "\n".join(map(str, value))
    if isinstance(value, float):
        return i18n.write_number(value)
    return str(value)
