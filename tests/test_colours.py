"""The colours of the style sheet, told apart by who sees little: texts 4.5 to 1, marks and borders 3 to 1 (WCAG 1.4.3,
1.4.11). Every rule of ours is read, so a new one is judged as well."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.databases import ROOT

CSS = re.sub(r"/\*.*?\*/", "", (ROOT / "app" / "static" / "app.css").read_text(encoding="utf-8"), flags=re.DOTALL)
THEME = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", CSS))
GROUNDS = ("paper", "wash")
"""What a text stands on where its rule does not say."""
INKS = ("ink", "ink-2")
"""What stands on a ground whose rule does not say."""
DECORATION = {
    ".load__track": "the empty part of a bar, whose figure stands beside it",
    ".course__tick": "lines behind a course of milestones",
    ".course__row": "the same",
    ".chart__grid": "lines behind a curve",
    ".chart__green": "where the path is green: its edge is a line of its own",
    ".chart__yellow": "where the path is yellow: hatched, with a legend",
    ".chart__hatch": "the hatching of that area",
    ".chart__text": "the paper around letters on a curve",
    ".map__node": "the paper around a circle",
}
"""What is not needed to understand a drawing, and why."""


def declarations() -> Iterator[tuple[str, dict[str, str]]]:
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", CSS):
        said = dict(re.findall(r"([\w-]+):\s*([^;]+)", body))
        if selector.strip() != ":root":
            yield " ".join(selector.split()), said


def colour(value: str) -> str:
    """The first colour in a value, as six digits; empty when there is none."""
    found = re.search(r"var\(--([\w-]+)\)|(#[0-9a-f]{3,6})\b", value)
    if not found:
        return ""
    digits = (THEME.get(found[1] or "") or found[2] or "").removeprefix("#")
    return "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits


def luminance(digits: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("777777", "ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_text_can_be_read_on_its_ground() -> None:
    wrong, judged = [], 0
    for selector, said in declarations():
        ground = colour(said.get("background", "") or said.get("background-color", ""))
        text = colour(said.get("color", ""))
        if not ground and not text:
            continue
        if not text and selector.endswith("::before"):  # a dot or a line: nothing is written on it
            continue
        texts = [text] if text else [colour(THEME[name]) for name in INKS]
        grounds = [ground] if ground else [colour(THEME[name]) for name in GROUNDS]
        judged += 1
        wrong += [
            f"{selector}: {one} on {other} is {contrast(one, other):.2f}"
            for one in texts
            for other in grounds
            if contrast(one, other) < 4.5
        ]
    assert judged > 80
    assert not wrong


def test_every_mark_and_every_border_of_a_field_can_be_seen_on_its_ground() -> None:
    wrong, judged = [], 0
    for selector, said in declarations():
        if any(selector.startswith(name) for name in DECORATION):
            continue
        ink = [colour(said[name]) for name in ("fill", "stroke", "outline") if colour(said.get(name, ""))]
        if not ink:
            continue
        judged += 1
        best = max(contrast(each, colour(THEME["paper"])) for each in ink)
        if best < 3:
            wrong.append(f"{selector}: {ink} on paper is {best:.2f}")
    assert judged > 20
    assert not wrong


def test_the_three_colours_are_told_apart_in_grey() -> None:
    """As grounds of words they differ by lightness too, so that a black and white print shows which is which."""
    greys = sorted(luminance(colour(THEME[name])) for name in ("red", "yellow", "green"))
    steps = [(after + 0.05) / (before + 0.05) for before, after in pairwise(greys)]
    assert min(steps) > 1.1, steps
