"""The marks of the list: what stands where a colour would, round by round (product.md, decision 5)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.i18n import N_
from app.models import Report, ReportingRound
from app.models.assessment import Colour
from app.models.base import Choice, columns, stored
from app.models.project import Phase
from app.models.report import AT_THE_FREEZE, COUNTS, IN_HAND, ReportState
from app.tabs.filters import KEPT, among

ROUNDS_SHOWN = 6


class Mark(Choice):
    """What stands where a colour would: a colour from an approved report, or why there is none (decision 5)."""

    red = "red", N_("Red")
    yellow = "yellow", N_("Yellow")
    green = "green", N_("Green")
    not_reported = "not_reported", N_("Not reported")
    not_assessed = "not_assessed", N_("Not yet assessed")
    exempt = "exempt", N_("Exempt")
    finished = "finished", N_("Finished")
    absent = "absent", N_("Not on the list")

    @property
    def is_colour(self) -> bool:
        return self in _COLOURS


_COLOURS = (Mark.red, Mark.yellow, Mark.green)


class Trend(Choice):
    better = "better", N_("Better")
    same = "same", N_("Unchanged")
    worse = "worse", N_("Worse")
    new = "new", N_("New on the list")


def marks_in(
    session: Session, rounds: Sequence[ReportingRound], only: set[int] | None = None
) -> dict[int, tuple[Mark | None, ...]]:
    """The marks of each project in these rounds, newest first, None where it has no report. Keyed by project.

    A colour counts when approved. In the newest round, what is still in hand is not yet assessed. Of a frozen round
    only what was frozen counts, as in its edition: a project that left before the freeze was not on the list.
    """
    query = _texts_of(tuple(a_round.pk for a_round in rounds))
    if only is not None:
        query = query.where(among(Report.project_id, only))
    places = tuple((str(a_round.pk), a_round.is_frozen) for a_round in rounds)
    return {project_id: _marks(texts, places) for project_id, texts in session.exec(query)}


@lru_cache(maxsize=100)
def _texts_of(rounds: tuple[int, ...]) -> Any:
    """The query for what `_marks` reads of the reports in these rounds, by project."""
    written = stored(Report.state) + ":" + sa.func.coalesce(stored(Report.colour), "")
    return (
        columns(
            Report.project_id,
            sa.func.aggregate_strings(sa.cast(col(Report.round_id), sa.Text) + ":" + written, " "),
        )
        .where(col(Report.round_id).in_(rounds))
        .group_by(Report.project_id)
    )


@lru_cache(maxsize=KEPT)
def _marks(texts: str, places: tuple[tuple[str, bool], ...]) -> tuple[Mark | None, ...]:
    """The marks of the rounds in `places` (key, is it frozen) out of texts: a round's key, a state and a colour."""
    reports = {key: (ReportState(state), colour) for key, state, colour in (text.split(":") for text in texts.split())}
    return tuple(
        _mark(*reports[key], frozen, newest=not place) if key in reports else None
        for place, (key, frozen) in enumerate(places)
    )


def _mark(state: ReportState, colour: str, frozen: bool, *, newest: bool) -> Mark | None:
    if frozen and state not in AT_THE_FREEZE:
        return None
    if state in COUNTS and colour:
        return Mark(colour)
    if state is ReportState.exempt:
        return Mark.exempt
    return Mark.not_assessed if newest and state in IN_HAND else Mark.not_reported


def mark_now(phase: Phase, marks: Sequence[Mark | None]) -> Mark:
    """The mark of now: the approved report's colour, or why there is none. No colour is carried over.

    `marks` are those that the project has had in the latest rounds, newest first.
    """
    if marks and marks[0] not in (None, Mark.not_assessed):
        return marks[0]
    if phase in (Phase.finished, Phase.stopped):
        return Mark.finished
    return Mark.not_reported if any(marks[1:]) else Mark.not_assessed


SEVERITY: dict[str, int] = {colour.value: colour.severity for colour in Colour}


def trend_of(history: list[Mark]) -> Trend | None:
    """The last round against the one before it, if any; new when the project was not on the list then."""
    if len(history) < 2 or not history[-1].is_colour:
        return None  # in the first round of all, everything is new and nothing worth saying so
    before, now = history[-2], history[-1]
    if before is Mark.absent:
        return Trend.new if all(mark is Mark.absent for mark in history[:-1]) else None
    if not before.is_colour:
        return None
    difference = SEVERITY[now] - SEVERITY[before]
    if difference == 0:
        return Trend.same
    return Trend.worse if difference > 0 else Trend.better


def rounds_in_colour(history: list[Mark]) -> int:
    """For how many rounds in a row, this one counted, the project has had its colour (at most the six shown)."""
    if not history or not history[-1].is_colour:
        return 0
    return next((n for n, mark in enumerate(reversed(history)) if mark is not history[-1]), len(history))
