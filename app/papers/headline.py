"""What stands above the rows of every sheet: the list, its round, and the facts of the edition (domain.md 3E, I24)."""

from app.i18n import show_date
from app.settings import get_settings
from app.tabs.filters import Option
from app.tabs.mark import Mark
from app.tabs.overview import Overview


def title(overview: Overview) -> str:
    """»Direktionens porteføljeliste pr. januar 2018«."""
    return f"{overview.portfolio} pr. {overview.round_name or show_date(overview.as_of)}"


def facts(overview: Overview) -> str:
    """Round, date, case, classification, filter and number of projects, in one line.

    Closed projects are counted only where some stand in the sheet; otherwise the sentence is always the same
    (product.md, decision 10).
    """
    said = [
        f"Runde: {overview.round_name or 'ingen'}",
        f"Status pr. {show_date(overview.as_of)}",
        f"Sag {overview.case_number}",
        "Klassifikation: internt",
        f"Filter: {_filter_in_words(overview)}",
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


def _filter_in_words(overview: Overview) -> str:
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
