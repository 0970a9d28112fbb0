"""Dates that people say in words: »om 10 år«, »ved udgangen af 2023« (domain.md R82, 2C D13, invariant I13)."""

import re
from datetime import date, timedelta

from app.models.milestone import Precision, last_day, months_after

_NUMBERS = {
    **dict.fromkeys(("en", "et", "én", "ét", "et helt", "en hel"), 1.0),
    **dict.fromkeys(("et halvt", "en halv"), 0.5),
    **dict.fromkeys(("halvandet", "halvanden"), 1.5),
    **{
        word: float(n)
        for n, word in enumerate(("to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv"), 2)
    },
}
_MONTH = {
    name: n
    for n, name in enumerate(
        (
            "januar",
            "februar",
            "marts",
            "april",
            "maj",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "december",
        ),
        1,
    )
}
_MONTHS_IN = {"år": 12, "halvår": 6, "kvartal": 3, "måned": 1}
_DAYS_IN = {"uge": 7, "dag": 1}
LONGEST = 1000
"""Of whatever unit: nobody plans further, and a calendar ends."""

_NUMBER = rf"(?:\d+(?:,\d+)?|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_SPAN = re.compile(
    rf"\b(?:om|inden for|indenfor|inden|i løbet af|efter)\s+(?:(?:højst|senest|cirka|ca\.)\s+)?"
    rf"(?:{_NUMBER}\s*(?:-|–|til|eller)\s*)?(?P<number>{_NUMBER})\s+"
    r"(?P<unit>år|halvår|kvartal|måned|uge|dag)(?:et|er|e|r)?\b"
)
_END = re.compile(
    r"\b(?:udgangen af|ultimo|slutningen af|i løbet af|inden udløbet af|senest i)\s+"
    rf"(?:(?P<month>{'|'.join(_MONTH)})\s+)?(?P<year>(?:19|20)\d\d)\b"
)
_MIDDLE = re.compile(r"\b(?:medio|midten af)\s+(?P<year>(?:19|20)\d\d)\b")
_START = re.compile(r"\b(?:primo|begyndelsen af)\s+(?P<year>(?:19|20)\d\d)\b")
_THIS_YEAR = re.compile(r"\bårets (?:udgang|afslutning)\b|\budgangen af året\b|\bi år\b")
_NEXT_YEAR = re.compile(r"\bnæste år\b|\bdet kommende år\b")
_BEGINS = re.compile(r"\b(?:sættes i gang|går i gang|igangsættes|påbegyndes|begynder|starter)\b")


def resolve(wording: str, said_on: date) -> date | None:
    """The date that a wording means when it was said on a day; None where it names no time, or only a beginning.

    »Om 10 år« said on 01-01-2017 is 01-01-2027. Of »inden for et halvt til et helt år« the longest counts; a year, a
    month or »ultimo« is its last day, »medio« the last of June and »primo« the last of January of the year.
    """
    words = " ".join(wording.lower().split())
    if _BEGINS.search(words):
        return None
    if span := _SPAN.search(words):
        return _later(said_on, span["number"], span["unit"])
    if end := _END.search(words):
        month = _MONTH[end["month"]] if end["month"] else 12
        return last_day(date(int(end["year"]), month, 1), Precision.month)
    for pattern, month in ((_MIDDLE, 6), (_START, 1)):
        if found := pattern.search(words):
            return last_day(date(int(found["year"]), month, 1), Precision.month)
    if _THIS_YEAR.search(words):
        return date(said_on.year, 12, 31)
    return date(min(said_on.year + 1, 9999), 12, 31) if _NEXT_YEAR.search(words) else None


def _later(said_on: date, number: str, unit: str) -> date | None:
    """So many units after a day; None when it is no time that anybody plans for."""
    count = _NUMBERS.get(number) or float(number.replace(",", "."))
    if count > LONGEST:
        return None
    if unit in _MONTHS_IN:
        return months_after(said_on, round(count * _MONTHS_IN[unit]))
    return said_on + timedelta(days=round(count * _DAYS_IN[unit]))
