"""Names of keys' values and groups, from the seeds of the dbt project."""

import csv
from collections.abc import Sequence
from pathlib import Path

from federated.contract.catalogue import Indicator
from federated.site.report.tables import Group, Names


def names_of(indicators: Sequence[Indicator], project: Path) -> Names:
    """project: folder of the dbt project. A seed without names gives the values as they are."""
    values: dict[str, dict[str, str]] = {}
    groups: dict[str, list[Group]] = {}
    for indicator in indicators:
        for key in indicator.definition.keys:
            if key.seed is not None and key.column is not None:
                rows = _rows(project, key.seed)
                if rows and "name_nb" in rows[0]:
                    named = {row[key.column]: row["name_nb"] for row in rows}
                    values.setdefault(key.name, {}).update(named)
            if key.rollup is not None and key.rollup not in groups:
                groups[key.rollup] = _groups(_rows(project, key.rollup), key.rollup, key.name)
    return Names(values, groups)


def _groups(rows: list[dict[str, str]], group: str, value: str) -> list[Group]:
    members: dict[str, list[tuple[str, int, int]]] = {}
    for row in rows:
        span = int(row["year_from"] or 0), int(row["year_to"] or 9999)
        members.setdefault(row[group], []).append((row[value], *span))
    names = {row[group]: row["name_nb"] for row in rows}
    # A group of one is that one; it would only be said twice.
    return [Group(id_, names[id_], tuple(of)) for id_, of in members.items() if len(of) > 1]


def _rows(project: Path, seed: str) -> list[dict[str, str]]:
    with (project / "seeds" / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
