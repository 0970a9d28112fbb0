"""Evidence signals: facts that do not fit a report (domain.md 4D). They name their facts and change no colour.

W4 (posts that are not filled) and W7 (benefits) need what the list does not hold yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from app.i18n import N_, _
from app.models.assessment import Colour, Dimension, suggested
from app.models.base import Choice
from app.models.effect_target import NoShare

SAME_TEXT = 0.9
"""How alike two rounds' texts must be to be called the same (domain.md 4D, W5)."""

MOVED_FAR = 90
"""Days that the planned end has moved in all, from which it speaks against green (domain.md 4D, W2)."""

BEHIND = 0.8
"""The share of its path below which an effect speaks against green (domain.md 4D, W3)."""

AT_ONCE = timedelta(seconds=60)
"""An approval this soon after the submission was hardly read (domain.md 4D, W9)."""

FIRST_ON_THE_PAGE = 3
"""So many signals put a project first on the board's page (domain.md 4D)."""


class SignalKind(Choice):
    better_than_suggested = "W1", N_("Reported better than suggested")
    overdue_milestone = "W2", N_("Behind its dates while green")
    behind_path = "W3", N_("Effect behind its path while green")
    same_text = "W5", N_("Same text as last round")
    no_measurable_target = "W6", N_("Green on effect without a measurable target")
    overdue_task = "W8", N_("What a meeting ordered is overdue while green")
    one_pair_of_eyes = "W9", N_("Leader and owner are the same, or the approval came at once")


_EVIDENCE = {
    (SignalKind.better_than_suggested,): N_("One step better than suggested"),
    (SignalKind.overdue_milestone, "milestone", "days"): N_("»%(milestone)s« is %(days)s days late"),
    (SignalKind.overdue_milestone, "moved"): N_("The planned end has moved %(moved)s days in all"),
    (SignalKind.behind_path, "target", "share"): N_("»%(target)s« is at %(share)s per cent of its path"),
    (SignalKind.same_text,): N_("Same status text as last round"),
    (SignalKind.no_measurable_target,): N_("Green on effect, but no measurable target"),
    (SignalKind.overdue_task, "task", "days"): N_("»%(task)s« was ordered and is %(days)s days late"),
    (SignalKind.one_pair_of_eyes,): N_("Leader and owner are the same person"),
    (SignalKind.one_pair_of_eyes, "seconds"): N_("Approved %(seconds)s seconds after it was submitted"),
}
"""What is said, by kind and by the names of the facts."""


@dataclass(frozen=True)
class Signal:
    kind: SignalKind
    facts: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        """The evidence as one short sentence in the reader's language."""
        sentence = _(_EVIDENCE[self.kind, *(name for name, _value in self.facts)])
        for name, value in self.facts:
            sentence = sentence.replace(f"%({name})s", str(value))
        return sentence


@dataclass(frozen=True)
class ReportFacts:
    """A report, and what the list knows about its project."""

    colour: Colour
    colours: Mapping[Dimension, Colour | None] = field(default_factory=dict)
    summary: str = ""
    summary_before: str = ""
    late: tuple[str, int] | None = None
    """The milestone that is most days late."""
    days_moved: int = 0
    shares: Sequence[tuple[str, float | NoShare]] = ()
    late_task: tuple[str, int] | None = None
    """The task from a decision that is most days late."""
    one_person: bool = False
    submitted_at: datetime | None = None
    approved_at: datetime | None = None


def signals_of(facts: ReportFacts) -> list[Signal]:
    """The signals that a report raises: each kind at most once, always in the same order."""
    found = (
        _better_than_suggested(facts),
        _overdue(facts),
        _behind_path(facts),
        _signal(SignalKind.same_text) if same_text(facts.summary, facts.summary_before) else None,
        _no_measurable_target(facts),
        _overdue_task(facts),
        _one_pair_of_eyes(facts),
    )
    return [each for each in found if each]


def stands_first(signals: Sequence[Signal]) -> bool:
    """Whether there are so many that the board should look at the project first."""
    return len(signals) >= FIRST_ON_THE_PAGE


def _signal(kind: SignalKind, **facts: Any) -> Signal:
    return Signal(kind, tuple(facts.items()))


def _better_than_suggested(facts: ReportFacts) -> Signal | None:
    worst = suggested(dict(facts.colours))
    better = worst is not None and facts.colour.severity < worst.severity
    return _signal(SignalKind.better_than_suggested) if better else None


def _overdue(facts: ReportFacts) -> Signal | None:
    if facts.colour is not Colour.green:
        return None
    if facts.late:
        milestone, days = facts.late
        return _signal(SignalKind.overdue_milestone, milestone=milestone, days=days)
    return _signal(SignalKind.overdue_milestone, moved=facts.days_moved) if facts.days_moved >= MOVED_FAR else None


def _behind_path(facts: ReportFacts) -> Signal | None:
    """Of several targets behind their path, the one that is furthest behind."""
    known = [(share, name) for name, share in facts.shares if not isinstance(share, NoShare)]
    share, name = min(known, default=(1.0, ""))
    if facts.colour is not Colour.green or share >= BEHIND:
        return None
    return _signal(SignalKind.behind_path, target=name, share=min(round(share * 100), round(BEHIND * 100) - 1))


_MEASURABLE = (NoShare.not_measured, NoShare.not_due)


def _no_measurable_target(facts: ReportFacts) -> Signal | None:
    measurable = any(not isinstance(share, NoShare) or share in _MEASURABLE for _name, share in facts.shares)
    green = facts.colours.get(Dimension.effect) is Colour.green
    return _signal(SignalKind.no_measurable_target) if green and not measurable else None


def _overdue_task(facts: ReportFacts) -> Signal | None:
    """An evaluation that was ordered and never made speaks against green as much as a milestone does."""
    if facts.colour is not Colour.green or facts.late_task is None:
        return None
    task, days = facts.late_task
    return _signal(SignalKind.overdue_task, task=task, days=days)


def _one_pair_of_eyes(facts: ReportFacts) -> Signal | None:
    if facts.one_person:
        return _signal(SignalKind.one_pair_of_eyes)
    if facts.submitted_at is None or facts.approved_at is None:
        return None
    taken = facts.approved_at - facts.submitted_at
    if not timedelta() <= taken <= AT_ONCE:
        return None
    return _signal(SignalKind.one_pair_of_eyes, seconds=round(taken.total_seconds()))


def same_text(now: str, before: str) -> bool:
    """Whether two status texts are at least 90 % alike. Cheap bounds are asked first: most texts differ plainly."""
    if not now or not before:
        return False
    if now == before:
        return True
    matcher = SequenceMatcher(None, now, before, autojunk=False)
    return (
        matcher.real_quick_ratio() >= SAME_TEXT and matcher.quick_ratio() >= SAME_TEXT and matcher.ratio() >= SAME_TEXT
    )
