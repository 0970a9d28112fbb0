"""What has changed between two editions, like for like: moved, joined, left, and what was promised (decision 11)."""

from datetime import date

from pydantic import BaseModel
from sqlmodel import Session

from app.i18n import N_
from app.models import Portfolio, ReportingRound
from app.models.base import Choice
from app.models.reporting_round import rounds_of
from app.tabs.edition import overview_facts
from app.tabs.overview import Mark, OverviewFacts, OverviewRow, Path

COLOURS = (Mark.red, Mark.yellow, Mark.green)


class Kept(Choice):
    """Whether a promised path to green was kept: only the date and the colour say so."""

    kept = "kept", N_("Kept")
    not_kept = "not_kept", N_("Not kept")
    not_due = "not_due", N_("Not due yet")
    unknown = "unknown", N_("Cannot be judged")


class Named(BaseModel):
    """A project on the page of changes, with what it was and what it is."""

    number: str
    title: str
    before: Mark
    now: Mark
    cause: str


class Promise(BaseModel):
    """What a project promised the last time it was not green, and what came of it."""

    number: str
    title: str
    path: Path
    before: Mark
    now: Mark
    kept: Kept


class Changes(BaseModel):
    """The page. `moved` has the projects of both editions that have a colour in both: from, to, who (3x3)."""

    portfolio: str
    slug: str
    from_key: str
    from_name: str
    to_key: str
    to_name: str
    rounds: list[tuple[str, str]]
    same: int
    moved: dict[Mark, dict[Mark, list[Named]]]
    worse: list[Named]
    better: list[Named]
    silent: list[Named]
    spoke: list[Named]
    joined: list[Named]
    left: list[Named]
    promises: list[Promise]


def build_changes(session: Session, portfolio: Portfolio, from_key: str, to_key: str, day: date) -> Changes:
    """Between two editions; without keys between the last frozen one and the list of today.

    NotFound when a key names no round. The reader's rights are those of today, the values those of each edition.
    """
    opened = [round_ for round_ in rounds_of(session, portfolio.pk) if round_.was_opened]
    frozen = [round_ for round_ in opened if round_.is_frozen]
    from_key = from_key or (frozen[0].key if frozen else "")
    before = overview_facts(session, portfolio, from_key)
    now = overview_facts(session, portfolio, to_key)
    return compare(before, now, _names(opened), portfolio, (from_key, to_key), day)


def compare(
    before: OverviewFacts,
    now: OverviewFacts,
    rounds: list[tuple[str, str]],
    portfolio: Portfolio,
    keys: tuple[str, str],
    day: date,
) -> Changes:
    """The changes between two lists, project by project."""
    both = [(before.rows[key], row) for key, row in now.rows.items() if key in before.rows]
    coloured = [(old, new) for old, new in both if old.mark.is_colour and new.mark.is_colour]
    moved = [(old, new) for old, new in coloured if old.mark is not new.mark]
    return Changes(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        from_key=keys[0],
        from_name=before.heading.round_name,
        to_key=keys[1],
        to_name=now.heading.round_name,
        rounds=rounds,
        same=len(coloured) - len(moved),
        moved={
            start: {
                end: [_named(old, new) for old, new in coloured if (old.mark, new.mark) == (start, end)]
                for end in COLOURS
            }
            for start in COLOURS
        },
        worse=[_named(old, new) for old, new in moved if COLOURS.index(new.mark) < COLOURS.index(old.mark)],
        better=[_named(old, new) for old, new in moved if COLOURS.index(new.mark) > COLOURS.index(old.mark)],
        silent=[_named(old, new) for old, new in both if old.mark.is_colour and not new.mark.is_colour],
        spoke=[_named(old, new) for old, new in both if not old.mark.is_colour and new.mark.is_colour],
        joined=[_joined(row) for key, row in now.rows.items() if key not in before.rows],
        left=[_left(row) for key, row in before.rows.items() if key not in now.rows],
        promises=[_promise(old, new, day) for old, new in both if old.path_to_green],
    )


def _names(rounds: list[ReportingRound]) -> list[tuple[str, str]]:
    return [(round_.key, round_.name) for round_ in rounds]


def _from_to(pairs: list[tuple[OverviewRow, OverviewRow]], start: Mark, end: Mark) -> list[Named]:
    return [_named(old, new) for old, new in pairs if (old.mark, new.mark) == (start, end)]


def _named(old: OverviewRow, new: OverviewRow) -> Named:
    return Named(number=new.number, title=new.title, before=old.mark, now=new.mark, cause=new.cause or new.summary)


def _joined(row: OverviewRow) -> Named:
    return Named(number=row.number, title=row.title, before=Mark.absent, now=row.mark, cause=row.summary)


def _left(row: OverviewRow) -> Named:
    return Named(number=row.number, title=row.title, before=row.mark, now=Mark.absent, cause="")


def _promise(old: OverviewRow, new: OverviewRow, day: date) -> Promise:
    path = old.path_to_green
    if path is None:
        raise ValueError("the earlier status promised nothing")
    return Promise(
        number=new.number, title=new.title, path=path, before=old.mark, now=new.mark, kept=kept(path, new.mark, day)
    )


def kept(path: Path, now: Mark, day: date) -> Kept:
    """Green is kept; another colour after the promised day is not, before it is not due; without a colour, unknown."""
    if now is Mark.green:
        return Kept.kept
    if path.on is not None and path.on > day:
        return Kept.not_due
    return Kept.not_kept if now.is_colour and path.on else Kept.unknown
