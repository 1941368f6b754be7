"""How much data the benchmark works on, and what it should reach there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """persons: inhabitants as the first year begins. years: whole years, and two months after.

    towns: how many populations of one size, drawn apart, they come from. The generator gives each
    person a national identity number of its own, and runs out of them beyond some Oslos.
    """

    name: str
    persons: int
    years: int
    towns: int = 1

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.persons}-persons-{self.years}-years"


SIZES = {
    size.name: size
    for size in (
        Size("oslo1", persons=720_000, years=1),
        Size("oslo5", persons=720_000, years=5),
        # 12 million NPR rows and 100 million rows of claims, their diagnoses and their tariffs
        Size("national1", persons=5_500_000, years=1, towns=8),
    )
}


def limits(size: str) -> dict[str, float]:
    """Greatest ratio that is good enough, by the key of the ratio."""
    is_oslo1, is_national = size == "oslo1", size == "national1"
    return {
        "dbt_vs_script": 1.6 if is_oslo1 else 1.25,
        "pipeline_vs_scan": 8.0,
        "preadmission_vs_scan": 2.7,
        "monthly_vs_scan": 4.0 if is_national else 2.5,
        "episodes_vs_scan": 11.0,
    }


PANDAS_LEAST = {"preadmission": 3.0, "monthly": 5.0, "episodes": 3.0}
"""How many times our CPU-seconds idiomatic pandas should need at Oslo, 1 year."""
PANDAS_MEMORY_LEAST = {"preadmission": 5.0, "monthly": 5.0, "episodes": 2.0}
"""How many times our peak memory it should need there."""
POLARS_LEAST = 1 / 1.3
"""Polars' CPU-seconds over ours: at no transform are we worse than 1.3 times it."""
LINEAR_MOST = 1.3
"""CPU-seconds a row at 5 and 10 times the base size, over those at the base size."""
