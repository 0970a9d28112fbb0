"""Danish: every text, dates, numbers, sorting and searching."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from app.i18n import (
    danish_order,
    gettext,
    in_danish_order,
    parse_date,
    parse_number,
    search_key,
    show_date,
    show_moment,
    show_month,
    show_number,
    speak,
)
from tests.databases import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


@pytest.fixture(autouse=True)
def danish() -> Iterator[None]:
    speak("da")
    yield
    speak("da")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (ROOT / "app/locale/da/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="da")


@cache
def texts() -> set[str | tuple[str, ...]]:
    """Every text in the code and the templates that somebody may read, found as `make messages` finds them."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel types what it exports
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT / "app", methods, options, keywords)
    return {text for _file, _line, text, _comments, _context in found}


def forms(text: str | Sequence[str] | None) -> list[str]:
    """The one form of a text, or its singular and plural."""
    return [text] if isinstance(text, str) else list(text or ())


def test_every_text_has_a_danish_translation_that_somebody_has_read(catalogue: Catalog) -> None:
    found = texts()
    assert len(found) > 400
    translated = {
        forms(message.id)[0] for message in catalogue if not message.fuzzy and all(forms(message.string) or [""])
    }
    missing = sorted(forms(text)[0] for text in found if forms(text)[0] not in translated)
    assert not missing, f"Run `make messages` and write the Danish of: {missing}"


def test_the_danish_catalogue_holds_nothing_that_nobody_says(catalogue: Catalog) -> None:
    assert not catalogue.obsolete
    said = {forms(text)[0] for text in texts()}
    known = {forms(message.id)[0] for message in catalogue if message.id}
    assert not known - said, "Run `make messages`: these are no longer in the code"


def test_each_translation_fills_in_what_its_text_fills_in(catalogue: Catalog) -> None:
    for message in catalogue:
        english, danish = forms(message.id), forms(message.string)
        wanted = set(PLACEHOLDER.findall(english[-1]))
        assert set(PLACEHOLDER.findall(danish[-1])) == wanted, message.id
        for form in danish:
            assert set(PLACEHOLDER.findall(form)) <= wanted, message.id


def test_danish_is_the_language_until_somebody_chooses_english() -> None:
    assert gettext("Overview") == "Overblik"
    speak("en")
    assert gettext("Overview") == "Overview"
    speak("xx")
    assert gettext("Overview") == "Overblik"
    assert gettext("") == ""


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (1280000.5, "1.280.000,5"),
        (0, "0"),
        (-4, "−4"),
        (2 / 3, "0,67"),
        (1234.5678, "1.234,57"),
        (1000000, "1.000.000"),
        (None, ""),
    ],
)
def test_numbers_are_written_the_danish_way(given: float | None, shown: str) -> None:
    assert show_number(given) == shown


def test_numbers_are_written_the_english_way_for_who_reads_english() -> None:
    speak("en")
    assert show_number(1280000.5) == "1,280,000.5"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1.280.000,5", 1280000.5),
        ("1280000,5", 1280000.5),
        ("1 280 000", 1280000),
        ("1\u00a0280", 1280),
        ("3,2", 3.2),
        ("−4", -4),
        ("-4", -4),
        ("12 %", 12),
        (" 7 ", 7),
        ("1.250", 1250),
        ("3.5", 3.5),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, meant: float) -> None:
    assert parse_number(typed) == meant


@pytest.mark.parametrize("typed", ["", "x", "1,2,3", "1.28.00", "1e5", "nan", "inf", "1,", "--1", "0x10", "½"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_number(typed)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(float))
def test_a_number_that_is_shown_can_be_typed_in_again(value: float) -> None:
    assert parse_number(show_number(value)) == value


@pytest.mark.parametrize("typed", ["13-06-2022", "13.6.2022", "13/6 2022", "13/06/2022", "2022-06-13", " 13-6-2022 "])
def test_dates_are_read_as_people_write_them(typed: str) -> None:
    assert parse_date(typed) == date(2022, 6, 13)


@pytest.mark.parametrize("typed", ["", "31-02-2022", "2022", "13-06-22", "06-13-2022", "13 juni 2022", "0-0-0000"])
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"date|day|month|year"):
        parse_date(typed)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_that_is_shown_can_be_typed_in_again(day: date) -> None:
    assert parse_date(show_date(day)) == day


def test_an_instant_is_shown_as_the_clock_in_copenhagen_shows_it() -> None:
    late = datetime(2022, 6, 12, 22, 30, tzinfo=UTC)
    assert show_date(late) == "13-06-2022"
    assert show_moment(late) == "13-06-2022 kl. 00.30"
    assert show_moment(datetime(2022, 1, 1, 12, 5, tzinfo=UTC)) == "01-01-2022 kl. 13.05"
    assert show_month(date(2018, 1, 31)) == "januar 2018"
    assert show_date(None) == ""


def test_danish_letters_come_last_and_aa_is_one_of_them() -> None:
    names = ["Ålborg", "Zebra", "Østerbro", "Abe", "Ærø", "Aalborg", "abe", "Aabenraa", "Ødis", "Ægir"]
    assert in_danish_order(names) == [
        "Abe",
        "abe",
        "Zebra",
        "Ægir",
        "Ærø",
        "Ødis",
        "Østerbro",
        "Aabenraa",
        "Ålborg",
        "Aalborg",
    ]


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzæøå", min_size=1))
def test_whatever_its_letters_are_a_word_in_capitals_stands_in_the_same_place(word: str) -> None:
    assert danish_order(word.upper()) == danish_order(word)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ålborg", "Aalborg"),
        ("AALBORG", "Ålborg"),
        ("aeldre", "Ældre"),
        ("ældre", "AELDRE"),
        ("soe", "Sø"),
        ("Taastrupgaard", "Taastrupgård"),
    ],
)
def test_a_search_finds_both_ways_of_writing_danish_letters(typed: str, written: str) -> None:
    assert search_key(typed) == search_key(written)
