"""Languages, dates, numbers and Danish sorting.

Source strings are English; `locale/da` translates all of them. The language of the request is a context
variable, so that a rule deep in a model can say its sentence in the reader's language.
"""

import gettext as gnu
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib.resources import files

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from app.settings import COPENHAGEN

LANGUAGES = {"da": "Dansk", "en": "English"}
DEFAULT_LANGUAGE = "da"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


def language() -> str:
    return _language.get()


def speak(code: str) -> None:
    """From here on, this request speaks `code` (da or en)."""
    _language.set(code if code in LANGUAGES else DEFAULT_LANGUAGE)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """What is said inside is said in this language (da or en); afterwards as before."""
    before = language()
    speak(code)
    try:
        yield
    finally:
        speak(before)


@cache
def _catalogue(code: str) -> gnu.NullTranslations:
    source = files("app") / "locale" / code / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return gnu.NullTranslations()
    compiled = io.BytesIO()
    with source.open("rb") as po:
        write_mo(compiled, read_po(po, locale=code))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def gettext(message: str) -> str:
    return _catalogue(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    return _catalogue(language()).ngettext(singular, plural, n)


_ = gettext


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for »translate this later«
    """Marks a string for translation where it is written; it is translated where it is shown."""
    return message


def show_date(value: date | datetime | None) -> str:
    """A date as `dd-mm-åååå`; an instant is shown as its date in Copenhagen."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(COPENHAGEN).date()
    return f"{value.day:02d}-{value.month:02d}-{value.year}"


def show_weekday(value: date) -> str:
    """The day of the week, as »mandag«: derived, never typed (domain.md 2C D5)."""
    return format_date(value, "EEEE", locale=language())


def show_moment(value: datetime) -> str:
    """An instant as `dd-mm-åååå kl. tt.mm` in Copenhagen."""
    local, at = value.astimezone(COPENHAGEN), _("at")
    return f"{show_date(local.date())} {at} {local:%H.%M}"


def show_clock(value: datetime) -> str:
    """The time of an instant in Copenhagen, as »08.02«."""
    return f"{value.astimezone(COPENHAGEN):%H.%M}"


def show_month(value: date) -> str:
    """A month as »juni 2022«."""
    return format_date(value, "MMMM yyyy", locale=language())


def show_number(value: float | Decimal | None, decimals: int = 2, *, at_least: int = 0) -> str:
    """A number the Danish (or English) way, with `at_least` so many decimals and at most `decimals`: 1.280.000,5."""
    if value is None:
        return ""
    pattern = "#,##0." + "0" * at_least + "#" * (decimals - at_least) if decimals else "#,##0"
    return _number(value, pattern, language())


def show_millions(kroner: float) -> str:
    """An amount in million kroner, with one decimal at least, to the nearest thousand kroner: 2,1 or 0,25.

    Amounts of less than a thousand kroner have all their decimals, so that they never read as nothing.
    """
    return show_number(kroner / 1_000_000, 3 if abs(kroner) >= 1_000 else 8, at_least=1)


@lru_cache(maxsize=20_000)
def _number(value: float | Decimal, pattern: str, code: str) -> str:
    """A list shows the same few figures again and again, and Babel takes its time over each."""
    return format_decimal(value, pattern, locale=code).replace("-", "−")


def write_number(value: float) -> str:
    """Every digit, and the Danish way in every language: so that `parse_number` reads the same figure again."""
    return f"{Decimal(repr(value)).normalize():,f}".translate(str.maketrans(",.", ".,"))


def parse_date(text: str) -> date:
    """Reads `13-06-2022`, `13.6.2022`, `13/6 2022` or `2022-06-13`. ValueError when it is no date."""
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text.strip())
    if iso:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    danish = re.fullmatch(r"(\d{1,2})[-./ ]+(\d{1,2})[-./ ]+(\d{4})", text.strip())
    if danish:
        return date(int(danish[3]), int(danish[2]), int(danish[1]))
    raise ValueError("not a date")


def parse_number(text: str) -> float:
    """Reads a number as people here write it: `1.280.000,5`, `3,2`, `−4`, `12 %`. ValueError otherwise."""
    plain = text.strip().removesuffix("%").strip().replace("−", "-").replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?|-?\d+(,\d+)?", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif not re.fullmatch(r"-?\d+\.\d{1,2}", plain):
        raise ValueError("not a number")
    try:
        return float(Decimal(plain))
    except InvalidOperation as wrong:
        raise ValueError("not a number") from wrong


_ORDER = {"æ": "{", "ø": "|", "å": "}", "ä": "{", "ö": "|", "ü": "y", "é": "e", "è": "e"}


@lru_cache(maxsize=10_000)
def danish_order(text: str) -> str:
    """A key that sorts Danish text: æ, ø, å last, and aa as å. Not for showing."""
    folded = text.casefold().replace("aa", "å")
    return "".join(_ORDER.get(letter, letter) for letter in folded)


def in_danish_order(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=danish_order)


def search_key(*texts: str) -> str:
    """Folds text for searching: »Ålborg«, »Aalborg« and »AALBORG« are the same, and so are »ældre« and »aeldre«."""
    folded = " ".join(texts).casefold()
    return folded.replace("å", "aa").replace("æ", "ae").replace("ø", "oe").replace("ä", "ae").replace("ö", "oe")
