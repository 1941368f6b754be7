"""What is made of what at a site, from the dbt manifest: by table, in the layers that people know.

The models in between (staging, intermediate) and the public seeds are passed through, so that a
mart is fed by input tables, and an indicator by marts and, where its rules read them directly, by
input tables.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federated.contract.catalogue import Indicator, read_manifest

LANDING, INPUT_LAYER, MARTS = "landing", "input_layer", "marts"
_KEPT = (LANDING, INPUT_LAYER, MARTS)
_OWN = "delivery"
"""The landing's own table of what came when; no register brings rows of it."""


@dataclass(frozen=True, order=True)
class Table:
    """layer: schema in the warehouse."""

    layer: str
    name: str


@dataclass(frozen=True)
class Lineage:
    """Of some indicators. feeds: (from, to) between the kept layers and the indicators' tables.

    tables: of each indicator, by id. models: how many the whole project has.
    """

    feeds: frozenset[tuple[Table, Table]]
    tables: Mapping[str, frozenset[Table]]
    models: int

    def sources(self, targets: Iterable[Table]) -> frozenset[Table]:
        """All that these are made from, through every layer."""
        found = set[Table]()
        waiting = set(targets)
        while waiting:
            above = {one for one, other in self.feeds if other in waiting} - found
            found |= above
            waiting = above
        return frozenset(found)


def lineage_of(manifest: Path, indicators: Iterable[Indicator]) -> Lineage:
    """manifest: the one that the indicators are of. Raises Problem."""
    content = read_manifest(manifest)
    everything: dict[str, Any] = {**content["sources"], **content["nodes"]}
    by_name = {
        node["name"]: key
        for key, node in content["nodes"].items()
        if node["resource_type"] == "model"
    }
    tables: dict[str, frozenset[Table]] = {}
    feeds = set[tuple[Table, Table]]()
    waiting: list[str] = []
    for indicator in indicators:
        models = [of.model for of in indicator.token_tables] or [indicator.model]
        keys = [by_name[model] for model in models]
        tables[indicator.id] = frozenset(_table(everything[key]) for key in keys)
        waiting += keys
    seen = set[str]()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        above = _kept_above(key, everything)
        feeds |= {(_table(everything[one]), _table(everything[key])) for one in above}
        waiting += above
    return Lineage(frozenset(feeds), tables, len(by_name))


def _kept_above(key: str, everything: Mapping[str, Any]) -> set[str]:
    """The nearest ancestors in a kept layer."""
    found, seen = set[str](), set[str]()
    waiting = _parents(everything[key])
    while waiting:
        one = waiting.pop()
        if one in seen or one not in everything:
            continue
        seen.add(one)
        node = everything[one]
        if node["schema"] in _KEPT:
            if _table(node) != Table(LANDING, _OWN):
                found.add(one)
        else:
            waiting += _parents(node)
    return found


def _table(node: Mapping[str, Any]) -> Table:
    return Table(node["schema"], node["name"])


def _parents(node: Mapping[str, Any]) -> list[str]:
    return list(node.get("depends_on", {}).get("nodes", []))
