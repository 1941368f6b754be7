"""How a value of a table is written in bokmål: `1 204`, `23,4 %`, `+26,4 %`."""

from style.tables import Kind, Value

_NARROW = "\N{NARROW NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
MISSING = "–"
FORMATS = {
    "count": "# ##0",
    "percent": "0.0 %",
    "rate": "# ##0.0",
    "ratio": "0.00",
    "change": "+0.0 %;-0.0 %;0.0 %",
}
"""The same for a cell of a workbook, which keeps the number itself."""


def written(value: Value, kind: Kind) -> str:
    """None is a dash: it cannot be worked out, which is neither zero nor hidden."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return value
    if kind == "percent":
        return _decimals(100 * value, 1) + f"{_NARROW}%"
    if kind == "change":
        sign = "+" if value > 0 else _MINUS if value < 0 else ""
        return sign + _decimals(100 * abs(value), 1) + f"{_NARROW}%"
    return _decimals(value, {"rate": 1, "ratio": 2}.get(kind, 0))


def _decimals(value: float, places: int) -> str:
    return f"{value:,.{places}f}".replace(",", _NARROW).replace(".", ",")
