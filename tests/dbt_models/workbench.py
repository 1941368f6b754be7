"""Models run again from the SQL that dbt compiled: landing rows in, rows of a model out, no dbt."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from federated.site.landing.contract import load_contract

Row = Mapping[str, object]
Landing = Mapping[str, Sequence[Row]]
"""Landing table -> rows, by the landing's own column names; what a row leaves out is null."""


@dataclass(frozen=True)
class Model:
    """A dbt model: where it lies, its compiled SQL, and the models it reads."""

    relation: str
    sql: str
    parents: tuple[str, ...]
    is_view: bool


@dataclass(frozen=True)
class Workbench:
    """A site's warehouse in memory of the tests: views and seeds built, tables made on demand."""

    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, Model]

    def land(self, landing: Landing, period: tuple[date, date]) -> None:
        """Put these rows into the landing, one delivery of `period` per register, and no others."""
        self.connection.execute("delete from landing.delivery")
        for table in load_contract():
            self.connection.execute(f"delete from landing.{table.name}")
        registers = {table.register for table in load_contract() if landing.get(table.name)}
        for register in registers:
            self.connection.execute(
                "insert into landing.delivery "
                "(delivery_id, format, period_from, period_to, period_stated, data_end, state) "
                "values (?, ?, ?, ?, true, ?, 'current')",
                [register, register, *period, period[1] + timedelta(days=1)],
            )
        for table in load_contract():
            self._insert(table.name, table.register, landing.get(table.name, ()))

    def _insert(self, table: str, register: str, rows: Sequence[Row]) -> None:
        names = sorted({name for row in rows for name in row})
        if not names:
            return
        columns = {name: [row.get(name) for row in rows] for name in names}
        self.connection.register("delivered", pa.table(columns))
        self.connection.execute(
            f"insert into landing.{table} ({', '.join(names)}, delivery_id) "
            f"select {', '.join(names)}, ? from delivered",
            [register],
        )
        self.connection.unregister("delivered")

    def rows(
        self, model: str, columns: Sequence[str] = (), changed: Mapping[str, str] | None = None
    ) -> list[tuple[object, ...]]:
        """Rows of a model built from what is in the landing now, sorted by their text.

        changed: model -> SQL to run in place of its own.
        """
        return self.all_rows([model], columns, changed)[model]

    def all_rows(
        self,
        models: Sequence[str],
        columns: Sequence[str] = (),
        changed: Mapping[str, str] | None = None,
    ) -> dict[str, list[tuple[object, ...]]]:
        """The same of several models; what lies under more than one of them is built once."""
        changed = changed or {}
        made = list(dict.fromkeys(name for model in models for name in self._chain(model)))
        try:
            for name in made:
                if name in changed or not self.models[name].is_view:
                    self._make(name, changed.get(name))
            return {model: self._read(model, columns) for model in models}
        finally:  # a view, unlike a table, is not made anew each time
            for name in made:
                if name in changed and self.models[name].is_view:
                    self._make(name)

    def _make(self, name: str, sql: str | None = None) -> None:
        model = self.models[name]
        kind = "view" if model.is_view else "table"
        self.connection.execute(f"create or replace {kind} {model.relation} as {sql or model.sql}")

    def _read(self, name: str, columns: Sequence[str]) -> list[tuple[object, ...]]:
        names = ", ".join(columns) or "*"
        found = self.connection.execute(f"select {names} from {self.models[name].relation}")
        return sorted(found.fetchall(), key=repr)

    def _chain(self, model: str) -> list[str]:
        """The model and all it is made from, in the order in which they can be built."""
        order: list[str] = []

        def visit(name: str) -> None:
            if name in order:
                return
            for parent in self.models[name].parents:
                visit(parent)
            order.append(name)

        visit(model)
        return order


def models_of(artefacts: Path) -> dict[str, Model]:
    """Every model of a built project."""
    manifest = json.loads((artefacts / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes: dict[str, dict[str, Any]] = {
        id_: node for id_, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    compiled = artefacts / "target" / "compiled" / "sloyfe"
    return {
        node["name"]: Model(
            relation=f"{node['schema']}.{node['alias']}",
            sql=(compiled / "models" / node["path"]).read_text(encoding="utf-8"),
            parents=tuple(
                nodes[parent]["name"] for parent in node["depends_on"]["nodes"] if parent in nodes
            ),
            is_view=node["config"]["materialized"] == "view",
        )
        for node in nodes.values()
    }
