"""The workbook with the three tabs as an annex to the board's case (domain.md 3E): tabs in, bytes out."""

import io
from datetime import UTC, datetime, time

from xlsxwriter.workbook import Workbook

from app.i18n import DEFAULT_LANGUAGE, language, speak
from app.models.export import Profile, Recipient
from app.papers import benefits_sheet, effects_sheet, measurements_sheet, overview_sheet
from app.papers.burden_sheet import burden_columns, fill_burden
from app.papers.headline import classification, facts, title
from app.papers.looks import FONT, Looks
from app.papers.sheet import Sheet, clean
from app.tabs.burden import Burden
from app.tabs.effects import Effects
from app.tabs.overview import Overview

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_name(overview: Overview, profile: Profile = Profile.internal) -> str:
    """»portefoeljeliste-2022-06.xlsx«, »portefoeljeliste-2022-06-ekstern.xlsx«."""
    kind = "-ekstern" if profile is Profile.external else ""
    return f"portefoeljeliste-{overview.round_key or overview.as_of}{kind}.xlsx"


def workbook(
    overview: Overview,
    burden: Burden,
    effects: Effects,
    *,
    profile: Profile = Profile.internal,
    recipient: Recipient = Recipient.own_use,
) -> bytes:
    """The sheets Overblik, Belastning, Effekter, Gevinster and Målinger, in Danish for every reader.

    An external one is made of external tabs (`app.tabs.external`), without the headings of what they leave out.
    The same tabs give the same bytes: nothing in the file tells when or by whom it was made (invariant I24).
    """
    reader = language()
    speak(DEFAULT_LANGUAGE)
    try:
        return _written(overview, burden, effects, profile, recipient)
    finally:
        speak(reader)


def _written(overview: Overview, burden: Burden, effects: Effects, profile: Profile, recipient: Recipient) -> bytes:
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": dict(FONT),  # the library writes into it
    }
    with Workbook(file, options) as book:
        looks = Looks(book)
        external = profile is Profile.external
        above = clean(title(overview)), clean(facts(overview, classification(profile, recipient)))
        _describe(book, overview, *above)
        sheet = Sheet(book, looks, "Overblik", overview_sheet.COLUMNS, external=external)
        sheet.head(*above, frozen_columns=3)
        overview_sheet.fill_overview(sheet, overview)
        sheet = Sheet(book, looks, "Belastning", burden_columns(burden, external=external), external=external)
        sheet.head(*above)
        fill_burden(sheet, burden)
        sheet = Sheet(book, looks, "Effekter", effects_sheet.COLUMNS, external=external)
        sheet.head(*above, frozen_columns=2)
        effects_sheet.fill_effects(sheet, effects)
        sheet = Sheet(book, looks, "Gevinster", benefits_sheet.COLUMNS, external=external)
        sheet.head(*above, frozen_columns=2)
        benefits_sheet.fill_benefits(sheet, effects)
        sheet = Sheet(book, looks, "Målinger", measurements_sheet.COLUMNS, external=external)
        sheet.head(*above, frozen_columns=2)
        measurements_sheet.fill_measurements(sheet, effects)
    return file.getvalue()


def _describe(book: Workbook, overview: Overview, title: str, facts: str) -> None:
    """The document's properties; its date is the edition's."""
    book.set_properties(
        {
            "title": title[:255],
            "subject": facts[:255],
            "author": "Porteføljelisten",
            "created": datetime.combine(overview.as_of, time(), UTC),
        }
    )
    book.set_custom_property("Language", "da-DK")
