"""Shards to test the model with."""

import numpy as np

from synthetic.events import Window
from synthetic.model import Parameters, Shard

YEARS = range(2023, 2024)


def window_of(years: range) -> Window:
    """Whole years and the two months of follow-up."""
    first = np.datetime64(f"{years.start}-01-01")
    return Window(first, int((np.datetime64(f"{years.stop}-03-01") - first).astype(int)))


def shard(
    persons: int = 20_000,
    *,
    index: int = 0,
    seed: int = 7,
    hospitals: int = 4,
    years: range = YEARS,
    parameters: Parameters | None = None,
) -> Shard:
    return Shard(
        index=index,
        first_number=index * persons,
        persons=persons,
        total_persons=(index + 1) * persons,
        seed=seed,
        window=window_of(years),
        years=years,
        hospitals=hospitals,
        parameters=parameters or Parameters(),
    )
