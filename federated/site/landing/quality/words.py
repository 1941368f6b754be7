"""Numbers and months as a reader of bokmål or of English writes them."""

from federated.site.landing.quality.vocabulary import Unit

_THIN = "\N{NARROW NO-BREAK SPACE}"
_UNITS_NB: dict[Unit, tuple[str, str]] = {
    "rows": ("rad", "rader"),
    "persons": ("person", "personer"),
    "days": ("dag", "dager"),
    "deliveries": ("leveranse", "leveranser"),
}
_UNITS_EN: dict[Unit, tuple[str, str]] = {
    "rows": ("row", "rows"),
    "persons": ("person", "persons"),
    "days": ("day", "days"),
    "deliveries": ("delivery", "deliveries"),
}


def whole(number: int) -> str:
    return f"{number:,}".replace(",", _THIN)


def percent_nb(share: float) -> str:
    return percent_en(share).replace(".", ",")


def percent_en(share: float) -> str:
    return f"{_digits(share)}\N{NO-BREAK SPACE}%"


def counted_nb(number: int, unit: Unit) -> str:
    return f"{whole(number)} {_UNITS_NB[unit][number != 1]}"


def counted_en(number: int, unit: Unit) -> str:
    return f"{whole(number)} {_UNITS_EN[unit][number != 1]}"


def _digits(share: float) -> str:
    """Two figures for what is rare: 0.04 % must not become 0.0 %."""
    percent = 100 * share
    return f"{percent:.1f}" if percent == 0 or abs(percent) >= 0.1 else f"{percent:.2g}"
