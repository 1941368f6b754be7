"""The limit: reading the columns from Parquet with a sum. No answer can do without that."""

# ruff: noqa: S608 -- what is spliced in is named here

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb


def scan(files: Mapping[Path, Iterable[str]], memory_limit: str | None = None) -> None:
    """Read of each file the columns that it has: texts by their length, all else by value."""
    config: dict[str, str | bool | int | float | list[str]] = {"threads": 2}
    if memory_limit:
        config["memory_limit"] = memory_limit
    with duckdb.connect(config=config) as connection:
        for file, columns in files.items():
            source = f"read_parquet('{file}')"
            types = {
                row[0]: row[1]
                for row in connection.execute(f"describe select * from {source}").fetchall()
            }
            sums = ", ".join(_sum(name, types[name]) for name in columns if name in types)
            connection.execute(f"select {sums} from {source}").fetchall()


def _sum(column: str, data_type: str) -> str:
    if data_type == "VARCHAR":
        return f"sum(strlen({column}))"
    if data_type in ("DATE", "TIMESTAMP", "TIME", "BOOLEAN"):
        return f"max({column})"
    return f"sum({column})"
