"""The steps of a path as people write them: »31-12-2022: 60« (domain.md 4B, »milepæle«)."""

from datetime import date

from app.i18n import parse_date, parse_number, show_date, write_number

Step = tuple[date, float]
"""A day, and the figure that is due on it in the target's unit."""

LARGEST = 1e15
"""Figures from here on are typing errors: a float no longer knows their last digits."""


def read_step(line: str) -> Step:
    """»31-12-2022: 60« or »31.12.2022: 1.250,5«. ValueError when it is not a date, a colon and a figure."""
    on, _colon, value = line.partition(":")
    step = parse_date(on), parse_number(value)
    if abs(step[1]) >= LARGEST:
        raise ValueError("not a figure")
    return step


def write_step(on: date, value: float) -> str:
    """The one way in which a step is stored: `read_step` gives it back."""
    return f"{show_date(on)}: {write_number(value)}"
