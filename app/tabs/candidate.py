"""What is found about the list that the board may want to talk about, before anybody has taken it up or left it out."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.models.candidate import Source
from app.models.recommendation import Subject
from app.tabs.mark import Mark


@dataclass(frozen=True)
class Found:
    """Something found, with the sentence that explains it. `ref` is how it is recognised among those of its source.

    `project_id` is the project that it is hidden with, if it is about one: what is about none must tell of no closed
    project, whoever reads it.
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


ORDER = {source: place for place, source in enumerate(Source)}
"""The worst source first, as they stand in the enumeration."""


def sentences(parts: Iterable[str]) -> str:
    """Parts as one text: each begins with a capital and ends with a mark."""
    said = (part.strip() for part in parts)
    return " ".join(_sentence(part) for part in said if part)


def _sentence(part: str) -> str:
    return (part[0].upper() + part[1:]) + ("" if part[-1] in ".?!:" else ".")
