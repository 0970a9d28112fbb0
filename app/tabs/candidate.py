"""What is found about the list that a meeting may want to talk about, before anybody has taken it up or left it out."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.i18n import _
from app.models.candidate import LONGEST, Source
from app.models.recommendation import Subject
from app.tabs.mark import Mark


@dataclass(frozen=True)
class Found:
    """Something found, with the sentences that explain it. `ref` is how it is recognised among those of its source.

    `project_id` is the project that it is about and is hidden with. What is about none tells of open projects only,
    because it is stored and told to everybody.
    """

    subject: Subject
    source: Source
    ref: str
    title: str
    text: str
    project_id: int | None = None
    number: str | None = None
    mark: Mark | None = None
    proposal_id: int | None = None
    proposal: str | None = None
    scenario: str | None = None


class Reason(NamedTuple):
    """One reason to talk about a project, by its key; a weak one does not make a point alone."""

    project: int
    source: Source
    text: str
    weak: bool = False


class About(NamedTuple):
    """A project as a point names it."""

    number: str
    title: str
    mark: Mark | None


ORDER = {source: place for place, source in enumerate(Source)}
"""The worst source first, as they stand in the enumeration."""


def of_projects(subject: Subject, reasons: Iterable[Reason], projects: dict[int, About]) -> list[Found]:
    """One point for each project: under its worst reason, with all the others told after it. Numbers decide last."""
    by_project: dict[int, list[Reason]] = defaultdict(list)
    for reason in reasons:
        by_project[reason.project].append(reason)
    found = []
    for key, own in by_project.items():
        told = sorted(own, key=lambda reason: (reason.weak, ORDER[reason.source]))
        if told[0].weak or key not in projects:
            continue
        about = projects[key]
        text = sentences(reason.text for reason in told)
        found.append(
            Found(subject, told[0].source, about.number, about.title, text, key, number=about.number, mark=about.mark)
        )
    return found


def sentences(parts: Iterable[str], longest: int = LONGEST) -> str:
    """Parts as sentences, each with a capital and a mark, as many whole ones as there is room for."""
    text = ""
    for part in filter(None, (part.strip() for part in parts)):
        longer = f"{text} {_sentence(part)}".strip()
        if len(longer) > longest:
            return text or f"{longer[: longest - 1]}…"
        text = longer
    return text


def _sentence(part: str) -> str:
    return part[0].upper() + part[1:] + ("" if part.rstrip(")»« ")[-1:] in ".?!…" else ".")


def leading(text: str, longest: int) -> str:
    """The first whole sentences that have room, one at least."""
    ends = [found.start() for found in re.finditer(r"(?<=[.?!…]) (?=[^a-zæøå])", text)]
    return (
        text
        if len(text) <= longest
        else text[: max((end for end in ends if end <= longest), default=min(ends, default=len(text)))]
    )


def open_ended(part: str) -> str:
    """What stands in the middle of a sentence: without its full stop, unless that belongs to »mio. kr.«"""
    return part if part.endswith(("kr.", "pct.", "mv.", "m.v.")) else part.rstrip(". ")


def in_words(names: Sequence[str]) -> str:
    """»A, B og C«."""
    if len(names) < 2:
        return "".join(names)
    return _("%(others)s and %(last)s") % {"others": ", ".join(names[:-1]), "last": names[-1]}
