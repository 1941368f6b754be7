"""The public population table: inhabitants on 1 January by bydel, age and sex.

Counted from what the shards say of each person, so that it fits the population the registers are
about: whoever is born, dies or moves counts as the day begins.
"""

import math

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic.columns import coded, constant
from synthetic.events import Window
from synthetic.registers import BYDELER, MUNICIPALITIES

_AGES = 131  # the last is 130 and over: the oldest that the contract allows
_SHAPE = (len(BYDELER), _AGES, 2)
_NEVER = np.iinfo(np.int32).max
_SEX = np.array([1, 2], dtype=np.int8)


class Inhabitants:
    """Counts of every 1 January in the window, a shard at a time."""

    def __init__(self, window: Window) -> None:
        first, last = window.first_day, window.first_day + window.days - 1
        years = np.arange(first.astype("datetime64[Y]"), last.astype("datetime64[Y]") + 1)
        new_years = years.astype("datetime64[D]")
        years = years[(new_years >= first) & (new_years <= last)]
        self._years = (years.astype(np.int64) + 1970).tolist()
        self._new_years = years.astype("datetime64[D]").astype(np.int64).tolist()
        self._counts = np.zeros((len(years), *_SHAPE), dtype=np.int64)

    def add(self, truth: pa.Table) -> None:
        """Count the persons of a shard. truth: as `deliveries.write_shard` returns it."""
        born = _days(truth, "born")
        dies, moves_out = (_days(truth, name, _NEVER) for name in ("dies_on", "moves_out"))
        moves_in = _days(truth, "moves_in", -_NEVER)
        begins, ends = np.maximum(born, moves_in), np.minimum(dies, moves_out)
        day = born.astype("datetime64[D]")
        birth_year = day.astype("datetime64[Y]")
        is_new_years_child = day == birth_year.astype("datetime64[D]")
        # Whole years on a 1 January: only who was born on one has a birthday then.
        younger = birth_year.astype(np.int64) + 1970 + ~is_new_years_child
        home = truth["bydel"].to_numpy().astype(np.int64) * _AGES
        sex = truth["is_female"].to_numpy().astype(np.int64)
        for number, (year, new_year) in enumerate(zip(self._years, self._new_years, strict=True)):
            there = np.flatnonzero((begins < new_year) & (ends >= new_year))
            age = np.minimum(year - younger[there], _AGES - 1)
            cell = (home[there] + age) * len(_SEX) + sex[there]
            counts = np.bincount(cell, minlength=math.prod(_SHAPE))
            self._counts[number] += counts.reshape(_SHAPE)

    def table(self) -> pa.Table:
        """`befolkning`: one row a year, bydel, age and sex that somebody has."""
        year, bydel, age, sex = np.nonzero(self._counts)
        return pa.table(
            {
                "aar": np.array(self._years, dtype=np.int16)[year],
                "kommuneNr": constant(MUNICIPALITIES[0], len(year)),
                "bydel": coded(BYDELER, bydel.astype(np.int16)),
                "alder": age.astype(np.int16),
                "kjonn": _SEX[sex],
                "antall": self._counts[year, bydel, age, sex].astype(np.int32),
            }
        )


def _days(truth: pa.Table, name: str, missing: int | None = None) -> NDArray[np.int32]:
    """Days of 1970 of a date column; `missing` where there is none."""
    column = truth[name].cast(pa.int32())
    return (column if missing is None else column.fill_null(missing)).to_numpy()
