"""Rows of a seed as its file has them."""

import csv
from functools import cache

from dbt_models import PROJECT_DIR


@cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    with (PROJECT_DIR / "seeds" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def codes(code_list: str) -> dict[str, dict[str, str]]:
    """Code -> row, of a list in which no code comes twice."""
    rows = [row for row in seed("code_list") if row["code_list"] == code_list]
    assert len({row["code"] for row in rows}) == len(rows)
    return {row["code"]: row for row in rows}
