"""The register contracts, read from the one place they stand: the dbt project's input layer."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR

INPUT_LAYER = PROJECT_DIR / "models" / "input_layer"


@dataclass(frozen=True)
class Column:
    """One column. `minimum` and `maximum` are inclusive; dates as ISO text."""

    name: str
    register_name: str
    data_type: str
    required: bool = False
    unique: bool = False
    domain: tuple[int | str, ...] = ()
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None


@dataclass(frozen=True)
class RowRule:
    """`ends_at` may not lie before `starts_at`; each: register names of a date and maybe a time."""

    id: str
    starts_at: tuple[str, ...]
    ends_at: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One landing table. `file` tells the files of a delivery of several tables apart."""

    name: str
    register: str
    file: str | None
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...]

    def column(self, register_name: str) -> Column:
        return next(c for c in self.columns if c.register_name == register_name)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.register_name for c in self.columns if c.required)


@cache
def load_contract() -> tuple[Table, ...]:
    """Every landing table, in the order in which the files and their models stand."""
    return tuple(
        _table(model)
        for file in sorted(INPUT_LAYER.glob("*.yml"))
        for model in YAML(typ="safe").load(file.read_text(encoding="utf-8"))["models"]
    )


def tables_of(register: str) -> tuple[Table, ...]:
    return tuple(table for table in load_contract() if table.register == register)


def table_named(name: str) -> Table:
    return next(table for table in load_contract() if table.name == name)


def _table(model: dict[str, Any]) -> Table:
    meta = model["config"]["meta"]
    return Table(
        name=meta["landing_table"],
        register=meta["register"],
        file=meta.get("file"),
        columns=tuple(_column(column) for column in model["columns"]),
        row_rules=tuple(
            RowRule(rule["id"], tuple(rule["starts_at"]), tuple(rule["ends_at"]))
            for rule in meta.get("row_rules", ())
        ),
    )


def _column(column: dict[str, Any]) -> Column:
    meta = column["config"]["meta"]
    return Column(
        name=column["name"],
        register_name=meta["register_name"],
        data_type=column["data_type"],
        required=meta.get("required", False),
        unique=meta.get("unique", False),
        domain=tuple(meta.get("domain", ())),
        minimum=meta.get("min"),
        maximum=meta.get("max"),
    )
