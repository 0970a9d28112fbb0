"""Evidence signals: facts that do not fit a green report (domain.md 4D). They name their facts and change no colour."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from app.i18n import N_, _
from app.models.base import Choice

SAME_TEXT = 0.9
"""How alike two rounds' texts must be to be called the same (domain.md 4D, W5)."""


class SignalKind(Choice):
    better_than_suggested = "W1", N_("Reported better than suggested")
    overdue_milestone = "W2", N_("Milestone overdue while green")
    behind_path = "W3", N_("Effect behind its path while green")
    same_text = "W5", N_("Same text as last round")
    no_measurable_target = "W6", N_("Green on effect without a measurable target")
    same_person = "W9", N_("Leader and owner are the same person")


_EVIDENCE = {
    SignalKind.better_than_suggested: N_("One step better than suggested"),
    SignalKind.overdue_milestone: N_("»%(milestone)s« is %(days)s days late"),
    SignalKind.behind_path: N_("»%(target)s« is at %(share)s per cent of its path"),
    SignalKind.same_text: N_("Same status text as last round"),
    SignalKind.no_measurable_target: N_("Green on effect, but no measurable target"),
    SignalKind.same_person: N_("Leader and owner are the same person"),
}


@dataclass(frozen=True)
class Signal:
    kind: SignalKind
    facts: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        """The evidence as one short sentence in the reader's language."""
        sentence = _(_EVIDENCE[self.kind])
        for name, value in self.facts:
            sentence = sentence.replace(f"%({name})s", str(value))
        return sentence


def signal(kind: SignalKind, **facts: Any) -> Signal:
    return Signal(kind, tuple(facts.items()))


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
