"""Text can be read on its ground, in both schemes (WCAG 2.2 AA: 4.5 for text, 3 for marks)."""

import pytest

from style import theme
from style.theme import Colour


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    (text, ground)
    for text in (theme.INK, theme.QUIET, theme.ACCENT, theme.CAUTION)
    for ground in (theme.PAPER, theme.CARD)
] + [
    (theme.CAUTION, theme.CAUTION_PAPER),
    (theme.ALARM, theme.ALARM_PAPER),
    (theme.INK, theme.CAUTION_PAPER),
    (theme.INK, theme.ALARM_PAPER),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT, ids=lambda colour: colour.name)
def test_text_stands_out(text: Colour, ground: Colour, scheme: str) -> None:
    assert contrast(getattr(text, scheme), getattr(ground, scheme)) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_points_stand_out_from_intervals(scheme: str) -> None:
    assert contrast(getattr(theme.ACCENT, scheme), getattr(theme.INTERVAL, scheme)) >= 3


def test_every_light_colour_has_one_meaning() -> None:
    assert len({colour.light for colour in theme.COLOURS}) == len(theme.COLOURS)
