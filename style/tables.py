"""A table of values: one form for the page and the workbook."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "count", "percent", "rate", "ratio", "change"]
Value = str | int | float | None
"""None is `cannot be worked out`: nothing to divide by, or no year before."""


@dataclass(frozen=True)
class Column:
    """heading: as it stands above the column. kind: how its values are written.

    width: in a workbook, in characters; longer text goes on below. None: as all columns are.
    """

    heading: str
    kind: Kind
    width: int | None = None


@dataclass(frozen=True)
class Table:
    """rows: one value per column; emphasised: places of the rows that are sums of others."""

    title_nb: str
    title_en: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note_nb: str = ""
    emphasised: frozenset[int] = field(default=frozenset())
