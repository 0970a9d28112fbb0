"""What load is, as rules on plain values (domain.md 4F). From when it deserves attention, each list says."""

from app.i18n import N_
from app.models.base import Choice
from app.models.portfolio import Thresholds

MOST_LOADED = 3
"""How many people the finding names."""

SHARED = 2
"""So many people with fixed seats in both make two bodies overlap, when they are half of the larger one as well."""


class Level(Choice):
    """How much a person carries (domain.md 4F)."""

    normal = "normal", N_("Normal")
    watch = "watch", N_("Watch")
    high = "high", N_("High")


class BodySize(Choice):
    normal = "normal", N_("Normal size")
    large = "large", N_("Large body")
    very_large = "very_large", N_("Very large body")


def load_level(seats: int, chairs: int, meetings: int, limits: Thresholds) -> Level:
    """The level of a person's load (domain.md 4F): the highest of three counts decides.

    Seats, chair and owner seats, and meetings a year. With the limits of domain.md up to 3 seats are normal and 6 are
    high, up to 2 chairs are normal and 4 are high, and more than 40 meetings deserve attention.
    """
    steps = [
        (seats >= limits.seats_watch) + (seats >= limits.seats_high),
        (chairs >= limits.chairs_watch) + (chairs >= limits.chairs_high),
        int(meetings > limits.meetings_watch),
    ]
    return list(Level)[max(steps)]


def body_size(members: int, attendance: int | None, limits: Thresholds) -> BodySize:
    """A body's size by its fixed members and by how many usually attend (domain.md 4F; R36: meetings of 30)."""
    if max(members, attendance or 0) > limits.very_large_body:
        return BodySize.very_large
    return BodySize.large if members > limits.large_body else BodySize.normal


def heat(count: int) -> int:
    """The shade of a number of key persons: 0 for none, 1 up to two, 2 up to four, 3 from five."""
    return 0 if count == 0 else min(3, (count + 1) // 2)


def saved_meetings(meetings: int | None, others: int | None) -> int | None:
    """Meetings a year that each shared member is spared when two bodies become one; None when one has not said.

    The merged body is taken to meet as often as the one that meets most often.
    """
    return None if meetings is None or others is None else min(meetings, others)
