"""Which part of the dbt project a site builds: what its own registers can feed, and nothing else.

Input layer, staging and marts are the same at every site, empty where nothing is delivered. An
indicator is built at the kinds of site its definition names (`levels`); a token model at those
kinds, where the site file names a holder of a landing table that it is made from. What only the
others need is left out with them. A table that is not there is not this site's: what was delivered
to it, `marts.source_status` says.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from federated.contract.messages import digest
from federated.site.config import SiteConfig

_OF_SOME_SITES = ("indicators", "tokens")
"""Folders of models that are one kind of site's."""
_SHARED = "intermediate"
"""The folder whose models are built for others to read."""


@dataclass(frozen=True)
class LeftOut:
    """What a site does not build. models, seeds: their names. relations: (schema, table)."""

    models: frozenset[str]
    seeds: frozenset[str]
    relations: frozenset[tuple[str, str]]

    @property
    def exclude(self) -> str | None:
        """The names as dbt's `--exclude` wants them."""
        return " ".join(sorted(self.models | self.seeds)) or None

    @property
    def digest(self) -> str:
        return digest("left out", sorted(self.models | self.seeds))


def left_out_of(manifest: Path, site: SiteConfig) -> LeftOut:
    """What of the parsed project is not this site's."""
    project = _Project(json.loads(manifest.read_text(encoding="utf-8")))
    built = project.built_at(site.kind.value, frozenset(site.holders))
    out = [node for key, node in project.nodes.items() if key not in built]
    return LeftOut(
        models=frozenset(node["name"] for node in out if node["resource_type"] == "model"),
        seeds=frozenset(node["name"] for node in out if node["resource_type"] == "seed"),
        relations=frozenset((node["schema"], node["alias"]) for node in out),
    )


class _Project:
    """The manifest's graph of models and seeds, by unique id."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        everything = manifest["nodes"]
        self.nodes: dict[str, Any] = {
            key: node
            for key, node in everything.items()
            if node["resource_type"] in ("model", "seed")
        }
        self._parents = {key: set(_parents(node)) for key, node in self.nodes.items()}
        self._tests = [
            set(_parents(node)) for node in everything.values() if node["resource_type"] == "test"
        ]
        self._seeds = {
            node["name"]: key for key, node in self.nodes.items() if node["resource_type"] == "seed"
        }

    def built_at(self, kind: str, held: frozenset[str]) -> frozenset[str]:
        """Unique ids of what a site of this kind builds. held: landing tables with a holder."""
        wanted = {
            key
            for key, node in self.nodes.items()
            if node["resource_type"] == "model" and self._is_wanted(key, node, kind, held)
        }
        found = self._with_ancestors(wanted | self._unread_seeds)
        while True:
            # A test of something built reads more than what it is of: that has to be there too.
            tested = {key for test in self._tests if test & found for key in test & set(self.nodes)}
            keys = {self._seeds[seed] for key in found for seed in _key_seeds(self.nodes[key])}
            wider = self._with_ancestors(found | tested | keys)
            if wider == found:
                return frozenset(found)
            found = wider

    def _is_wanted(self, key: str, node: dict[str, Any], kind: str, held: frozenset[str]) -> bool:
        if node["schema"] == _SHARED:
            return key not in self._read  # one that nobody reads is there for its tests
        if node["schema"] not in _OF_SOME_SITES:
            return True
        definitions = self._named_by[node["name"]]
        if not any(kind in definition["levels"] for definition in definitions):
            return False
        return node["schema"] != "tokens" or bool(self._landing_of(key) & held)

    @cached_property
    def _named_by(self) -> dict[str, list[dict[str, Any]]]:
        """Model -> the indicators that are computed from it."""
        found = defaultdict[str, list[dict[str, Any]]](list)
        for node in self.nodes.values():
            definition = _definition(node)
            if definition is not None:
                for name in definition.get("tokens") or [node["name"]]:
                    found[name].append(definition)
        return found

    @cached_property
    def _read(self) -> set[str]:
        return {
            parent
            for key, node in self.nodes.items()
            if node["resource_type"] == "model"
            for parent in self._parents[key]
        }

    @cached_property
    def _unread_seeds(self) -> set[str]:
        """Seeds that no model reads and no key names: public lists, the same everywhere."""
        named = {self._seeds[s] for node in self.nodes.values() for s in _key_seeds(node)}
        return set(self._seeds.values()) - self._read - named

    def _landing_of(self, key: str) -> set[str]:
        """Landing tables of registers that a model is made from."""
        found = {
            parent.rpartition(".")[2]
            for ancestor in self._with_ancestors({key})
            for parent in self._parents[ancestor]
            if parent.startswith("source.")
        }
        return found - {"delivery"}

    def _with_ancestors(self, keys: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found and key in self.nodes:
                found.add(key)
                waiting += self._parents[key]
        return found


def _parents(node: dict[str, Any]) -> list[str]:
    return node.get("depends_on", {}).get("nodes", [])


def _definition(node: dict[str, Any]) -> dict[str, Any] | None:
    return node.get("config", {}).get("meta", {}).get("indicator")


def _key_seeds(node: dict[str, Any]) -> list[str]:
    """Seeds that an indicator's definition names: dbt sees no reference there."""
    keys = (_definition(node) or {}).get("keys", [])
    return [key[name] for key in keys for name in ("seed", "rollup") if key.get(name)]
