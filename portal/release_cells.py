"""`cells.parquet` as the portal reads it: every public cell once, whatever its value."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from portal.figures import CountFigure, shown_amount, shown_count
from portal.release_record import ReleaseRecord
from privacy.estimates.status import Status
from privacy.problem import Problem

CELLS_FILE = "cells.parquet"


@dataclass(frozen=True)
class Cell:
    """One noisy count, or sum of amounts. value may be below zero; the interval is cut at zero. All
    three are None where the status says there is no such figure, and the value where it is
    suppressed. counted: of a sum, the noisy count of its rows.

    group, time: where it stands in a table; values: of the keys, one by one.
    """

    site: str
    group: str
    time: str
    measure: str
    value: int | None
    ci_low: int | None
    ci_high: int | None
    status: Status
    counted: int | None = None
    values: tuple[str, ...] = ()

    @property
    def figure(self) -> CountFigure:
        """As it is shown: the display threshold is for pages, the file has the counts for sums."""
        if self.value is None or self.ci_low is None or self.ci_high is None:
            return CountFigure(None, self.ci_low, self.ci_high, self.status)
        if self.counted is not None:
            return shown_amount(self.value, self.ci_low, self.ci_high, self.counted)
        return shown_count(self.value, self.ci_low, self.ci_high)


Cells = dict[tuple[str, str, str, str], Cell]
"""By (site, group, time, measure)."""


def read_cells(folder: Path, record: ReleaseRecord) -> Cells:
    """Read the cells of a release. Raises Problem unless they are exactly the key domain's."""
    file = folder / CELLS_FILE
    names = [key.name for key in record.keys]
    columns = ["site", *names, "measure", "value", "ci_low", "ci_high", "status"]
    try:
        rows = pq.read_table(file, columns=columns).to_pylist()
    except (OSError, pa.ArrowException, KeyError):
        raise _broken("the cells cannot be read", file) from None
    try:
        cells = [_cell(row, record, [row[name] for name in names]) for row in rows]
    except ValueError:
        raise _broken("a cell has an unknown status", file) from None
    by_key = {(cell.site, cell.group, cell.time, cell.measure): cell for cell in cells}
    groups, times = (key.values for key in record.table_keys)
    sites = (site.id for site in record.sites)
    domain = itertools.product(sites, groups, times, record.indicator.measures)
    if len(by_key) != len(cells) or by_key.keys() != set(domain):
        raise _broken("the cells are not those of the release's key domain", file)
    if any(cell.value is None and cell.status in (Status.OK, Status.UNCERTAIN) for cell in cells):
        raise _broken("a cell has no value, and its status says it has", file)
    return {key: _with_its_count(cell, by_key, record) for key, cell in by_key.items()}


def _with_its_count(cell: Cell, cells: Cells, record: ReleaseRecord) -> Cell:
    amount = record.indicator.measures[cell.measure].amount
    if amount is None:
        return cell
    counted = cells[cell.site, cell.group, cell.time, amount.count].value
    if counted is None and cell.value is not None:  # nothing says how many rows it sums
        return replace(cell, value=None, status=Status.SUPPRESSED)
    return replace(cell, counted=counted)


def _cell(row: dict[str, Any], record: ReleaseRecord, values: list[str]) -> Cell:
    numbers = row["value"], row["ci_low"], row["ci_high"]
    place = row["site"], *record.place(values), row["measure"]
    return Cell(*place, *numbers, Status(row["status"]), values=tuple(values))


def _broken(what: str, file: Path) -> Problem:
    return Problem(what, str(file), "Fetch the release again from the coordinator.")
