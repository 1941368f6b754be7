"""Whether contenders gave the same answer: a benchmark of different answers is worth nothing."""

# ruff: noqa: S608 -- what is spliced in is named here

from collections.abc import Mapping
from pathlib import Path

import duckdb

from privacy.problem import Problem

_COLUMNS = {
    "episodes": {
        "episode_id": "varchar", "person_id": "varchar", "is_linkable": "boolean",
        "admitted_at": "timestamp", "discharged_at": "timestamp", "stay_count": "bigint",
        "is_acute": "boolean", "is_dead_at_discharge": "boolean", "sex": "integer",
        "birth_year": "integer", "death_date": "date",
    },
    "monthly": {
        "month": "date", "service": "varchar", "area": "varchar", "age_group": "varchar",
        "contacts": "bigint", "patient_share": "bigint", "refund": "bigint",
    },
    "preadmission": {
        "person_id": "varchar", "day": "date", "service": "varchar", "days_since": "integer",
        "class": "varchar",
    },
}  # fmt: skip
"""What a result must hold. Amounts are whole kroner in the data."""


def check_equal(transform: str, results: Mapping[str, Path]) -> int:
    """Compare the rows of every contender's result; return how many there are.

    Raises Problem where two differ. The order of rows says nothing.
    """
    columns = ", ".join(f"{name}::{kind}" for name, kind in _COLUMNS[transform].items())
    found: dict[str, tuple[int, ...]] = {}
    with duckdb.connect() as connection:
        for contender, file in results.items():
            row = connection.execute(
                "select count(*), sum(h::hugeint)::varchar, bit_xor(h) from "
                f"(select hash({columns}) as h from read_parquet('{file}'))"
            ).fetchone()
            found[contender] = row or ()
    first = next(iter(found))
    differing = [name for name, row in found.items() if row != found[first]]
    if differing:
        raise Problem(
            f"{', '.join(differing)} and {first} give different rows",
            transform,
            "No figure of this run means anything: please report it, it is our error.",
        )
    return found[first][0]
