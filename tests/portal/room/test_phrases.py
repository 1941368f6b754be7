"""Each figure in one plain sentence, in both languages."""

from typing import Any

import pytest

from portal.figures import CountFigure, ShareFigure
from portal.room.figures import Shown
from portal.room.pages import LANGUAGES
from privacy.estimates.status import Status

NB, EN = LANGUAGES


@pytest.mark.parametrize(
    ("shown", "value", "width", "sentence"),
    [
        (CountFigure(412, 395, 429, Status.OK), "412", "±17 personer",
         "I 95 av 100 tilfeller ligger tallet uten støy mellom 395 og 429."),
        (CountFigure(12, 0, 29, Status.UNCERTAIN), "12", "0–29 personer",
         "Usikkert: støyen er større enn tallet, som uten støy ligger mellom 0 og 29."),
        (CountFigure(None, 0, 19, Status.SUPPRESSED), "<5", "0–19 personer",
         "Tallet er under 5 og vises ikke; trolig høyst 19 personer."),
        (CountFigure(None, None, None, Status.NOT_DELIVERED), "–", "",
         "Tallet er ikke levert. Det er ikke det samme som null."),
        (CountFigure(None, None, None, Status.NOT_APPLICABLE), "–", "",
         "Et slikt tall finnes ikke."),
        (ShareFigure(0.1234, 0.1134, 0.1334, Status.OK), "12,3\xa0%", "±1,0 prosentpoeng",
         "I 95 av 100 tilfeller ligger tallet uten støy mellom 11,3 og 13,4\xa0%."),
        (ShareFigure(0.77, 0.697, 0.99, Status.OK), "77,0\xa0%", "69,7–99,0\xa0%",
         "I 95 av 100 tilfeller ligger tallet uten støy mellom 69,7 og 99,0\xa0%."),
        (ShareFigure(None, 0.0, 1.0, Status.UNCERTAIN), "–", "0,0–100,0\xa0%",
         "Støyen er for stor til at noe kan sies."),
        (ShareFigure(None, 0.1, 0.4, Status.SUPPRESSED), "–", "",
         "Andelen vises ikke: et av tallene den hviler på, er under 5."),
    ],
)  # fmt: skip
def test_a_figure_in_bokmal(shown: Shown, value: str, width: str, sentence: str) -> None:
    assert NB.value(shown) == value
    assert NB.uncertainty(shown, "personer") == width
    assert NB.sentence(shown, "personer", 0.95) == sentence


def test_the_same_in_english() -> None:
    shown = ShareFigure(0.1234, 0.1134, 0.1334, Status.OK)
    assert (EN.value(shown), EN.uncertainty(shown)) == ("12.3%", "±1.0 percentage points")
    said = EN.sentence(shown, "persons", 0.95)
    assert said == "In 95 of 100 cases the figure without noise lies between 11.3 and 13.4%."


@pytest.mark.parametrize("phrases", LANGUAGES, ids=lambda p: p.code)
@pytest.mark.parametrize("status", [Status.SUPPRESSED, Status.NOT_APPLICABLE, Status.NOT_DELIVERED])
def test_a_hidden_share_gives_no_number_away(phrases: Any, status: Status) -> None:
    shown = ShareFigure(None, 0.1234, 0.4321, status)
    said = [phrases.value(shown), phrases.uncertainty(shown), phrases.ends(shown)]
    assert not any(digit in "".join(said) for digit in "0123456789")


def test_months_and_editions() -> None:
    assert NB.month("2025-02") == "februar 2025"
    assert EN.month("rubbish") == "rubbish"
