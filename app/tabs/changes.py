"""What has changed between two editions, like for like: moved, joined, left, and what was promised (decision 11)."""

from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel
from sqlmodel import Session

from app.i18n import N_
from app.models import Portfolio, ReportingRound
from app.models.base import Choice
from app.models.reporting_round import round_under_way
from app.tabs.edition import overview_facts, rounds_with_edition
from app.tabs.mark import Mark
from app.tabs.overview import OverviewFacts
from app.tabs.overview_row import OverviewRow, Path

COLOURS = (Mark.red, Mark.yellow, Mark.green)


class Kept(Choice):
    """Whether a promised path to green was kept: only the date and the colour say so."""

    kept = "kept", N_("Kept")
    not_kept = "not_kept", N_("Not kept")
    not_due = "not_due", N_("Not due yet")
    unknown = "unknown", N_("Cannot be judged")


class Named(BaseModel):
    """A project on the page of changes, with what it was and what it is, and why it is so now."""

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
    """The page. `moved` has the projects of both lists that have a colour in both: from, to, who (3x3).

    `before` and `after` are its totals, like for like: the same projects then and now. A project of both lists that
    lacks a colour in one of them stands in `silent` or `spoke`; `uncoloured` is how many lack it in both. Keys are
    empty for the list as it stands now.
    """

    portfolio: str
    slug: str
    from_key: str
    from_name: str
    to_key: str
    to_name: str
    rounds: list[tuple[str, str]]
    same: int
    moved: dict[Mark, dict[Mark, list[Named]]]
    before: dict[Mark, int]
    after: dict[Mark, int]
    worse: list[Named]
    better: list[Named]
    silent: list[Named]
    spoke: list[Named]
    uncoloured: int
    joined: list[Named]
    left: list[Named]
    promises: list[Promise]

    @property
    def compared(self) -> int:
        """How many projects have a colour in both lists."""
        return sum(self.before.values())


def build_changes(session: Session, portfolio: Portfolio, from_key: str, to_key: str) -> Changes:
    """Between two editions, or an edition and the list as it stands now, which the round under way also stands for.

    Without `from_key`, since the last edition before the other one. NotFound when a key names no edition. The reader's
    rights are those of today, the values those of each edition.
    """
    frozen, open_now = rounds_with_edition(session, portfolio.pk), round_under_way(session, portfolio.pk)
    from_key, to_key = ("" if open_now and key == open_now.key else key for key in (from_key, to_key))
    from_key = from_key or edition_before(frozen, to_key)
    before, now = overview_facts(session, portfolio, from_key), overview_facts(session, portfolio, to_key)
    return compare(before, now, portfolio, (from_key, to_key), [(each.key, each.name) for each in frozen])


def edition_before(frozen: list[ReportingRound], key: str) -> str:
    """The key of the edition before this one, the last of all when the key is empty; empty when there is none."""
    keys = [each.key for each in frozen]
    earlier = keys[keys.index(key) + 1 :] if key in keys else keys
    return earlier[0] if earlier else ""


def compare(
    before: OverviewFacts,
    now: OverviewFacts,
    portfolio: Portfolio,
    keys: tuple[str, str],
    rounds: list[tuple[str, str]],
) -> Changes:
    """The changes between two lists, project by project; promises are judged on the day of the later one."""
    both = [(before.rows[key], row) for key, row in now.rows.items() if key in before.rows]
    coloured = [(old, new) for old, new in both if old.mark.is_colour and new.mark.is_colour]
    moved = [(old, new) for old, new in coloured if old.mark is not new.mark]
    silent = [_named(old, new) for old, new in both if old.mark.is_colour and not new.mark.is_colour]
    spoke = [_named(old, new) for old, new in both if not old.mark.is_colour and new.mark.is_colour]
    day = now.heading.day
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
        before=_totals(old for old, _new in coloured),
        after=_totals(new for _old, new in coloured),
        worse=[_named(old, new) for old, new in moved if COLOURS.index(new.mark) < COLOURS.index(old.mark)],
        better=[_named(old, new) for old, new in moved if COLOURS.index(new.mark) > COLOURS.index(old.mark)],
        silent=silent,
        spoke=spoke,
        uncoloured=len(both) - len(coloured) - len(silent) - len(spoke),
        joined=[_joined(row) for key, row in now.rows.items() if key not in before.rows],
        left=[_left(row) for key, row in before.rows.items() if key not in now.rows],
        promises=[
            _promise(row, row.path_to_green, now.rows.get(key), day)
            for key, row in before.rows.items()
            if row.path_to_green
        ],
    )


def _totals(rows: Iterable[OverviewRow]) -> dict[Mark, int]:
    marks = [row.mark for row in rows]
    return {colour: marks.count(colour) for colour in COLOURS}


def _named(old: OverviewRow, new: OverviewRow) -> Named:
    return Named(number=new.number, title=new.title, before=old.mark, now=new.mark, cause=new.cause or new.summary)


def _joined(row: OverviewRow) -> Named:
    return Named(number=row.number, title=row.title, before=Mark.absent, now=row.mark, cause=row.cause or row.summary)


def _left(row: OverviewRow) -> Named:
    return Named(number=row.number, title=row.title, before=row.mark, now=Mark.absent, cause="")


def _promise(old: OverviewRow, path: Path, new: OverviewRow | None, day: date) -> Promise:
    now = new.mark if new else Mark.absent
    title = new.title if new else old.title
    return Promise(number=old.number, title=title, path=path, before=old.mark, now=now, kept=kept(path, now, day))


def kept(path: Path, now: Mark, day: date) -> Kept:
    """Green is kept; another colour is not, once the promised day has passed; without day or colour, nobody knows."""
    if now is Mark.green:
        return Kept.kept
    if path.on is None or now in (Mark.finished, Mark.exempt, Mark.absent):
        return Kept.unknown
    if path.on >= day:
        return Kept.not_due
    return Kept.not_kept if now.is_colour else Kept.unknown
