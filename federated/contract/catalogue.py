"""The indicator catalogue: what may be asked, read from the dbt manifest.

An indicator is defined once, in the YAML beside its dbt model (`meta.indicator`). Both sides read
it from their own installed copy and compare fingerprints: a question about a definition that a site
does not have is refused, never guessed.
"""

import csv
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from federated.contract.indicator import IndicatorDefinition, KeyDefinition
from federated.contract.messages import digest
from federated.contract.standardise import Reference, standard_of
from federated.contract.token import (
    TOKEN_DEFINITION,
    IndexTokens,
    SeedColumn,
    ServiceTokens,
)
from privacy.bounds import ContributionBound
from privacy.problem import Problem


@dataclass(frozen=True)
class TokenTable:
    """A token model of a linked indicator, with the public values that linkage goes through.

    buckets: of an index table, else none. classes: of a service table, (service, class).
    """

    model: str
    definition: IndexTokens | ServiceTokens
    buckets: tuple[str, ...]
    classes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Indicator:
    """One version of one indicator, as installed here.

    fingerprint: sha256 over the definition, its model's SQL and all it is built from.
    model: name of the dbt model beside which it stands. relation: that model in a site's
    warehouse, schema-qualified; the atom table, unless the indicator is linked.
    seed_values: the public values of each key that comes from a seed. value_names: what the seed
    calls them, in bokmål and in English, by key and value, where it has names.
    standard: what the shares are standardised by, stratum -> reference; empty where by nothing.
    token_tables: of a linked one, in the order in which it names them.
    """

    definition: IndicatorDefinition
    fingerprint: str
    model: str
    relation: tuple[str, str]
    seed_values: dict[str, tuple[str, ...]]
    value_names: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict[str, Any])
    standard: dict[tuple[str, ...], Reference] = field(default_factory=dict[Any, Any])
    token_tables: tuple[TokenTable, ...] = ()

    @property
    def id(self) -> str:
        return self.definition.id

    @property
    def bound(self) -> ContributionBound:
        return self.definition.bounds.contribution

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.definition.keys)

    def key_values(self, key: KeyDefinition, period: str) -> tuple[str, ...]:
        if key.calendar == "quarter":
            return tuple(f"{period}Q{number}" for number in range(1, 5))
        if key.calendar == "month":
            return tuple(f"{period}-{number:02}" for number in range(1, 13))
        return self.seed_values[key.name]

    def domain(self, period: str) -> list[tuple[str, ...]]:
        """The public key domain of a period: every combination, in a fixed order."""
        return list(
            itertools.product(*(self.key_values(key, period) for key in self.definition.keys))
        )

    def answer_length(self, period: str) -> int:
        """How many noisy integers answer a question about a period, the persons cut not counted."""
        return self.bound.parts * len(self.domain(period)) * len(self.definition.atoms)

    def question_id(self, period: str, edition: int) -> str:
        return digest("question", self.id, self.fingerprint, period, self.domain(period), edition)


def attempt_id(question_id: str, attempt: int, roster: list[str], scale: float) -> str:
    """Identity of one noise draw: the same for every site that takes part."""
    return digest("attempt", question_id, attempt, roster, "discrete_gaussian", repr(scale))


def load_catalogue(manifest: Path, project: Path) -> dict[str, Indicator]:
    """The newest version of every indicator of a dbt manifest, by id.

    project: folder of the dbt project, where the seeds lie. Raises Problem.
    """
    found: dict[str, Indicator] = {}
    for indicator in load_versions(manifest, project):
        found[indicator.id] = indicator
    return found


def load_versions(manifest: Path, project: Path) -> list[Indicator]:
    """Every version of every indicator, by id and then version. Raises Problem."""
    content = read_manifest(manifest)
    found: dict[tuple[str, int], Indicator] = {}
    for node in content["nodes"].values():
        meta = node.get("config", {}).get("meta", {}).get("indicator")
        if meta is None:
            continue
        indicator = _indicator(content, node, meta, project)
        key = indicator.id, indicator.definition.version
        if key in found:
            raise Problem(
                f"two models define the indicator `{indicator.id}`, version {key[1]}",
                node["original_file_path"],
                "Give one of them another id, or the next version.",
            )
        found[key] = indicator
    return [found[key] for key in sorted(found)]


def read_manifest(manifest: Path) -> dict[str, Any]:
    """Raises Problem where there is none, or none that can be read."""
    try:
        return json.loads(manifest.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Problem(
            "there is no dbt manifest", str(manifest), "Run dbt first: `sloyfe site build`."
        ) from None
    except (OSError, ValueError) as error:
        raise Problem(
            f"the dbt manifest cannot be read ({type(error).__name__})",
            str(manifest),
            "Remove it and run `sloyfe site build` again.",
        ) from None


def _indicator(
    manifest: dict[str, Any], node: dict[str, Any], meta: dict[str, Any], project: Path
) -> Indicator:
    try:
        definition = IndicatorDefinition.model_validate(meta)
    except ValidationError as mistakes:
        first = mistakes.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "definition"
        raise Problem(
            f"the indicator's `{field}` is wrong: {first['msg']}",
            node["original_file_path"],
            "Correct `meta.indicator` in the YAML beside the model.",
        ) from None
    tables = tuple(_token_table(manifest, node, name, project) for name in definition.tokens)
    _require_both_sides(definition, tables, node["original_file_path"])
    return Indicator(
        definition=definition,
        fingerprint=digest("definition", meta, _lineage(manifest, _models(node, definition))),
        model=node["name"],
        relation=(node["schema"], node["alias"]),
        seed_values={
            key.name: seed_column(project, key.seed, key.column)
            for key in definition.keys
            if key.seed is not None and key.column is not None
        },
        value_names={
            key.name: seed_names(project, key.seed, key.column)
            for key in definition.keys
            if key.seed is not None and key.column is not None
        },
        standard=standard_of(project, definition.id, definition.standard.keys)
        if definition.standard
        else {},
        token_tables=tables,
    )


def _token_table(
    manifest: dict[str, Any], node: dict[str, Any], name: str, project: Path
) -> TokenTable:
    of = manifest["nodes"].get(f"{node['unique_id'].rpartition('.')[0]}.{name}")
    if of is None:
        raise Problem(
            f"the indicator names a token model that is not there: {name}",
            node["original_file_path"],
            "Correct `tokens`, or add the model.",
        )
    try:
        definition = TOKEN_DEFINITION.validate_python(of["config"]["meta"].get("token"))
    except ValidationError as mistakes:
        first = mistakes.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in ("token", *first["loc"]))
        raise Problem(
            f"the token model's `{field}` is wrong: {first['msg']}",
            of["original_file_path"],
            "Correct `meta.token` in the YAML beside the model.",
        ) from None
    if isinstance(definition, IndexTokens):
        buckets = seed_column(project, definition.buckets.seed, definition.buckets.column)
        return TokenTable(name, definition, buckets, ())
    return TokenTable(name, definition, (), _classes(definition, project))


def _classes(definition: ServiceTokens, project: Path) -> tuple[tuple[str, str], ...]:
    """(service, class), in the order of services and then of the seed; each pair once."""
    services = definition.services
    if isinstance(services, SeedColumn):
        services = list(dict.fromkeys(seed_column(project, services.seed, services.column)))
    of = definition.classes
    names = seed_column(project, of.seed, of.column)
    whose = (None,) * len(names) if of.by is None else seed_column(project, of.seed, of.by)
    return tuple(
        (service, name)
        for service in services
        for name, owner in zip(names, whose, strict=True)
        if owner in (None, service)
    )


def _require_both_sides(
    definition: IndicatorDefinition, tables: tuple[TokenTable, ...], where: str
) -> None:
    """A linked indicator asks one index table, whose days and buckets it counts, of others."""
    if not tables:
        return
    index = [table.definition for table in tables if isinstance(table.definition, IndexTokens)]
    if len(index) != 1 or len(tables) == 1:
        raise Problem(
            f"the linked indicator `{definition.id}` does not have one index table and a service "
            "table beside it",
            where,
            "Correct `tokens`, or `meta.token` of the models that it names.",
        )
    (counted,) = index
    if (definition.bounds.per_cell, definition.bounds.total) != (counted.kept, counted.kept):
        raise Problem(
            f"the indicator `{definition.id}` states other bounds than its index table keeps",
            where,
            f"`bounds` are `kept` of its index table, in a cell and in all: {counted.kept}.",
        )
    keys = [(key.seed, key.column) for key in definition.keys]
    if keys != [(counted.buckets.seed, counted.buckets.column)]:
        raise Problem(
            f"the keys of the indicator `{definition.id}` are not the buckets of its index table",
            where,
            f"Its one key is the column `{counted.buckets.column}` of `{counted.buckets.seed}`.",
        )


def _models(node: dict[str, Any], definition: IndicatorDefinition) -> list[str]:
    """Unique ids of what makes the indicator: its model, and every token model that it names."""
    prefix = node["unique_id"].rpartition(".")[0]
    return [node["unique_id"], *(f"{prefix}.{token}" for token in definition.tokens)]


def _lineage(manifest: dict[str, Any], models: list[str]) -> list[list[str]]:
    """(name, checksum) of every model, seed and own macro that these are built from, sorted."""
    found: dict[str, str] = {}
    waiting = list(models)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name in manifest["nodes"]:
            node = manifest["nodes"][name]
            found[name] = node["checksum"]["checksum"]
        elif name in manifest["macros"]:
            node = manifest["macros"][name]
            found[name] = digest("macro", node["macro_sql"])
        else:  # a source: the landing schema, which the register contracts describe
            continue
        below = node.get("depends_on", {})
        waiting += below.get("nodes", [])
        waiting += [macro for macro in below.get("macros", []) if macro.startswith("macro.sloyfe.")]
    return sorted([name, checksum] for name, checksum in found.items())


def seed_column(project: Path, seed: str, column: str) -> tuple[str, ...]:
    """A column of a seed: public values, in the file's order."""
    with (project / "seeds" / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        return tuple(row[column] for row in csv.DictReader(file))


def seed_names(project: Path, seed: str, column: str) -> dict[str, tuple[str, str]]:
    """What a seed calls the values of a column: (name_nb, name_en); empty where it has no names."""
    with (project / "seeds" / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"name_nb", "name_en"} <= rows[0].keys():
        return {}
    return {row[column]: (row["name_nb"], row["name_en"]) for row in rows}


def catalogue_document(indicators: Iterable[Indicator]) -> dict[str, Any]:
    """The catalogue as JSON: what `sloyfe catalogue --json` prints.

    `{"indicators": [{"id", "version", …, "keys": [{"name", "values" | "calendar"}], "model",
    "tokens", "fingerprint"}]}`; every field of the definition is there under its own name. A linked
    one has `token_tables` too: `{"model", "side": "index", "kept", "buckets"}` or
    `{"model", "side": "service", "classes": [{"service", "class"}]}`.
    """
    return {"indicators": [_entry(indicator) for indicator in indicators]}


def _entry(indicator: Indicator) -> dict[str, Any]:
    content = indicator.definition.model_dump(mode="json", exclude_none=True)
    for key in content["keys"]:
        if "seed" in key:
            key["values"] = list(indicator.seed_values[key["name"]])
    if indicator.token_tables:
        content["token_tables"] = [_token_entry(table) for table in indicator.token_tables]
    return {**content, "model": indicator.model, "fingerprint": indicator.fingerprint}


def _token_entry(table: TokenTable) -> dict[str, Any]:
    if isinstance(table.definition, IndexTokens):
        own = {"kept": table.definition.kept, "buckets": list(table.buckets)}
    else:
        own = {"classes": [{"service": name, "class": of} for name, of in table.classes]}
    return {"model": table.model, "side": table.definition.side, **own}
