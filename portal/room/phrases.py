"""How the reading room says a figure: the number, its uncertainty, and one plain sentence."""

import math
from dataclasses import dataclass
from typing import Final

from portal import words
from portal.figures import CountFigure, ShareFigure
from portal.release_record import ReleaseRecord
from portal.room.figures import Row, Shown
from portal.words import BOKMAL, NOTHING, Language
from privacy.estimates.status import DISPLAY, Status

_HIDDEN: Final = (Status.NOT_APPLICABLE, Status.NOT_DELIVERED)


@dataclass(frozen=True)
class Phrases:
    """One language's way of saying figures and the pages' own words."""

    language: Language

    @property
    def code(self) -> str:
        return self.language.code

    def say(self, nb: str, en: str) -> str:
        """The one of two texts that is in this language."""
        return nb if self.language is BOKMAL else en

    def of(self, thing: object, field: str) -> str:
        """`field`_nb or `field`_en of anything that has both."""
        return getattr(thing, f"{field}_{self.code}")

    def label(self, row: Row) -> str:
        """What a row is called: a range with its dash, a quarter in words."""
        return words.group(self.language.time(self.of(row, "name")))

    def value(self, shown: Shown) -> str:
        """`412`, `13,2 %`, `<5`, or a dash where nothing can be said."""
        if isinstance(shown, CountFigure):
            return self.language.count(shown)
        if shown.value is None:
            return NOTHING
        return self.percent(shown.value)

    def uncertainty(self, shown: Shown, unit: str = "") -> str:
        """`±17 personer`, or the interval where it has been cut; empty where there is none."""
        if shown.status in _HIDDEN:
            return ""
        if isinstance(shown, CountFigure):
            return self.language.interval(shown, unit).rstrip()
        if shown.status is Status.SUPPRESSED:
            return ""
        half = self._half(shown)
        if half is not None:
            return f"±{half} {self.say('prosentpoeng', 'percentage points')}"
        return self.ends(shown)

    def ends(self, shown: Shown) -> str:
        """`395–429`, `12,1–14,4 %`."""
        if shown.low is None or shown.high is None or shown.status in _HIDDEN:
            return ""
        if isinstance(shown, CountFigure):
            low, high = (self.language.number(int(end)) for end in (shown.low, shown.high))
            return f"{low}–{high}"
        if shown.status is Status.SUPPRESSED:
            return ""
        low, high = math.floor(shown.low * 1000) / 10, math.ceil(shown.high * 1000) / 10
        return f"{self._decimal(low)}–{self._decimal(high)}{self.language.percent}"

    def sentence(self, shown: Shown, unit: str, confidence: float) -> str:
        """What may be said of the figure, for somebody who has never read a statistic."""
        if shown.status not in (Status.OK, Status.UNCERTAIN):
            return self._why_hidden(shown, unit)
        if shown.value is None:
            return self.say(
                "Støyen er for stor til at noe kan sies.", "Too noisy for anything to be said."
            )
        between = self._between(shown)
        if shown.status is Status.UNCERTAIN:
            return self.say(
                f"Usikkert: støyen er større enn tallet, som uten støy ligger mellom {between}.",
                f"Uncertain: the noise is larger than the figure, which without it lies between "
                f"{between}.",
            )
        often = f"{confidence * 100:.0f}"
        return self.say(
            f"I {often} av 100 tilfeller ligger tallet uten støy mellom {between}.",
            f"In {often} of 100 cases the figure without noise lies between {between}.",
        )

    def _why_hidden(self, shown: Shown, unit: str) -> str:
        if shown.status is Status.NOT_DELIVERED:
            return self.say(
                "Tallet er ikke levert. Det er ikke det samme som null.",
                "The figure was not delivered, which is not the same as zero.",
            )
        if shown.status is Status.NOT_APPLICABLE:
            return self.say("Et slikt tall finnes ikke.", "There is no such figure.")
        if isinstance(shown, ShareFigure):
            return self.say(
                f"Andelen vises ikke: et av tallene den hviler på, er under {DISPLAY.threshold}.",
                f"Not shown: a count that the share rests on is below {DISPLAY.threshold}.",
            )
        most = self.language.number(shown.high or 0)
        return self.say(
            f"Tallet er under {DISPLAY.threshold} og vises ikke; trolig høyst {most} {unit}.",
            f"Below {DISPLAY.threshold} and not shown; probably at most {most} {unit}.",
        )

    def percent(self, share: float) -> str:
        return f"{self._decimal(share * 100)}{self.language.percent}"

    def vintage(self, record: ReleaseRecord) -> str:
        """`data til og med februar 2025`: the month that every site has reached."""
        months = [month for of in record.vintages.values() for month in of.values()]
        if not months:
            return NOTHING
        first, last = self.month(min(months)), self.month(max(months))
        if first == last:
            return first
        return self.say(f"{first} til {last}, etter register", f"{first} to {last}, by register")

    def month(self, value: str) -> str:
        year, _, number = value.partition("-")
        if not number.isdigit() or not 1 <= int(number) <= 12:
            return value
        return f"{self.language.months[int(number) - 1]} {year}"

    def edition(self, record: ReleaseRecord) -> str:
        known = {
            1: self.say("foreløpig", "preliminary"),
            2: self.say("endelig", "final"),
        }
        return known.get(record.edition, self.say(f"nr. {record.edition}", f"no. {record.edition}"))

    def _half(self, shown: ShareFigure) -> str | None:
        """Half the interval in per cent, rounded up, where it is about as long on either side."""
        if shown.value is None:
            return None
        up, down = shown.high - shown.value, shown.value - shown.low
        if shown.low <= 0 or shown.high >= 1 or abs(up - down) > 0.15 * max(up, down):
            return None
        return self._decimal(math.ceil(max(up, down) * 1000) / 10)

    def _decimal(self, value: float) -> str:
        return f"{value:.1f}".replace(".", self.language.decimal)

    def _between(self, shown: Shown) -> str:
        return self.ends(shown).replace("–", self.say(" og ", " and "), 1)
