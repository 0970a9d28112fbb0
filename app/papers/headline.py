"""What stands above the rows of every sheet: the list, its round, and the facts of the edition (domain.md 3E, I24)."""

from app.i18n import show_date
from app.models.export import Profile, Recipient
from app.settings import get_settings
from app.tabs.filters import Option
from app.tabs.mark import Mark
from app.tabs.overview import Overview

GIVEN_TO = {
    Recipient.own_use: "til eget brug",
    Recipient.board: "til Direktion og Chefforum",
    Recipient.committee: "afgivet til politisk udvalg eller byråd",
    Recipient.housing: "afgivet til boligorganisationer",
    Recipient.authority: "afgivet til en anden myndighed",
    Recipient.public: "afgivet til offentligheden og pressen",
}


def classification(profile: Profile, recipient: Recipient) -> str:
    """»Internt«, or to whom it was given: a document that has left the house says so (domain.md L13, L14)."""
    if profile is Profile.internal:
        return f"Internt – {GIVEN_TO[recipient]}" if recipient.outside else "Internt"
    return f"Ekstern – {GIVEN_TO[recipient]}"


def title(overview: Overview) -> str:
    """»Direktionens porteføljeliste pr. januar 2018«."""
    return f"{overview.portfolio} pr. {overview.round_name or show_date(overview.as_of)}"


def facts(overview: Overview, classified: str) -> str:
    """Round, date, case, classification, filter and number of projects, in one line.

    Closed projects are counted only where some stand in the sheet; otherwise the sentence is always the same
    (product.md, decision 10).
    """
    said = [
        f"Runde: {overview.round_name or 'ingen'}",
        f"Status pr. {show_date(overview.as_of)}",
        f"Sag {overview.case_number}",
        f"Klassifikation: {classified}",
        f"Filter: {filter_in_words(overview)}",
        _how_many(overview),
    ]
    if get_settings().in_demo:
        said.append("Demodata – farver er konstruerede")
    return " · ".join(said)


def _how_many(overview: Overview) -> str:
    closed = sum(row.closed for group in overview.groups for row in group.rows)
    counted = projects(overview.shown)
    if overview.filters.active:
        counted = f"{overview.shown} af {projects(overview.total)}"
    if closed:
        return f"{counted}, heraf {closed} {'lukket' if closed == 1 else 'lukkede'}"
    return f"{counted} · Lukkede projekter indgår ikke"


def projects(count: int) -> str:
    return f"{count} {'projekt' if count == 1 else 'projekter'}"


def filter_in_words(overview: Overview) -> str:
    """»tema »Digitalisering«, center »BYC««, or »ingen«."""
    wanted = overview.filters
    colours = [Option(value=mark.value, label=str(mark)) for mark in Mark]
    said = [
        ("søgning", wanted.q),
        ("tema", _label(wanted.theme, overview.themes)),
        ("center", wanted.unit),
        ("status", _label(wanted.colour, colours)),
        ("projektejer", _label(wanted.owner, overview.owners)),
        ("type", _label(wanted.kind, overview.kinds)),
    ]
    return ", ".join(f"{name} »{value}«" for name, value in said if value) or "ingen"


def _label(value: str, options: list[Option]) -> str:
    """The words of the option that was chosen; an unknown one is said as it stands."""
    return next((option.label for option in options if option.value == value), value)
