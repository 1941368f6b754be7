"""`cells.parquet` as the portal reads it: every public cell once, whatever its value."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from portal.release_record import ReleaseRecord
from privacy.problem import Problem

CELLS_FILE = "cells.parquet"
STATUSES = ("ok", "uncertain")


@dataclass(frozen=True)
class Cell:
    """One noisy count. value may be below zero; the interval is cut at zero."""

    site: str
    group: str
    time: str
    measure: str
    value: int
    ci_low: int
    ci_high: int
    status: str


Cells = dict[tuple[str, str, str, str], Cell]
"""By (site, group, time, measure)."""


def read_cells(folder: Path, record: ReleaseRecord) -> Cells:
    """Read the cells of a release. Raises Problem unless they are exactly the key domain's."""
    file = folder / CELLS_FILE
    group_key, time_key = (key.name for key in record.keys)
    columns = ["site", group_key, time_key, "measure", "value", "ci_low", "ci_high", "status"]
    try:
        rows = pq.read_table(file, columns=columns).to_pylist()
    except (OSError, pa.ArrowException, KeyError):
        raise _broken("the cells cannot be read", file) from None
    cells = [Cell(*(row.get(column) for column in columns)) for row in rows]
    by_key = {(cell.site, cell.group, cell.time, cell.measure): cell for cell in cells}
    domain = itertools.product(
        (site.id for site in record.sites),
        record.keys[0].values,
        record.keys[1].values,
        record.indicator.measures,
    )
    if len(by_key) != len(cells) or by_key.keys() != set(domain):
        raise _broken("the cells are not those of the release's key domain", file)
    if any(cell.status not in STATUSES for cell in cells):
        raise _broken("a cell has an unknown status", file)
    return by_key


def _broken(what: str, file: Path) -> Problem:
    return Problem(what, str(file), "Fetch the release again from the coordinator.")
