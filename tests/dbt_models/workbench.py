"""Models run again from the SQL that dbt compiled: landing rows in, rows of a model out, no dbt."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    """A dbt model: where it lies, its compiled SQL, and the tables it reads, through views too."""

    relation: str
    sql: str
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Workbench:
    """A site's warehouse in memory of the tests: views and seeds built, tables made on demand."""

    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, Model]
    views: Mapping[str, Model] = field(default_factory=dict)

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
        for name in self._chain(model):
            sql = (changed or {}).get(name, self.models[name].sql)
            self.connection.execute(
                f"create or replace table {self.models[name].relation} as {sql}"
            )
        names = ", ".join(columns) or "*"
        found = self.connection.execute(f"select {names} from {self.models[model].relation}")
        return sorted(found.fetchall(), key=repr)

    def tables(self, wanted: Iterable[str]) -> dict[str, list[tuple[object, ...]]]:
        """All columns of several models, tables or views, sorted by their text. What lies under
        more than one of them is built once."""
        wanted = list(wanted)
        built: set[str] = set()
        for name in wanted:
            for part in self._chain(name):
                if part in self.models and part not in built:
                    model = self.models[part]
                    self.connection.execute(
                        f"create or replace table {model.relation} as {model.sql}"
                    )
                    built.add(part)
        return {name: sorted(self._everything_of(name).fetchall(), key=repr) for name in wanted}

    def columns(self, model: str) -> tuple[str, ...]:
        """Names of the columns of a model that has been built."""
        return tuple(name for name, *_ in self._everything_of(model).description or ())

    def _everything_of(self, model: str) -> duckdb.DuckDBPyConnection:
        relation = (self.models.get(model) or self.views[model]).relation
        return self.connection.execute(f"select * from {relation}")

    def _chain(self, model: str) -> list[str]:
        """The model and every table it is made from, in the order in which they can be built."""
        order: list[str] = []

        def visit(name: str) -> None:
            if name in order:
                return
            for parent in (self.models.get(name) or self.views[name]).parents:
                visit(parent)
            order.append(name)

        visit(model)
        return order


def models_of(artefacts: Path) -> dict[str, Model]:
    """Every table model of a built project; views between two tables are looked through."""
    return _models(artefacts, views=False)


def views_of(artefacts: Path) -> dict[str, Model]:
    """Every view of a built project, with the tables it reads."""
    return _models(artefacts, views=True)


def _models(artefacts: Path, *, views: bool) -> dict[str, Model]:
    manifest = json.loads((artefacts / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes: dict[str, dict[str, Any]] = {
        id_: node for id_, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }

    def tables_above(id_: str) -> list[str]:
        found: list[str] = []
        for parent in nodes[id_]["depends_on"]["nodes"]:
            if parent not in nodes:
                continue
            is_view = nodes[parent]["config"]["materialized"] == "view"
            found += tables_above(parent) if is_view else [nodes[parent]["name"]]
        return found

    compiled = artefacts / "target" / "compiled" / "sloyfe"
    return {
        node["name"]: Model(
            relation=f"{node['schema']}.{node['alias']}",
            sql=(compiled / "models" / node["path"]).read_text(encoding="utf-8"),
            parents=tuple(dict.fromkeys(tables_above(id_))),
        )
        for id_, node in nodes.items()
        if (node["config"]["materialized"] == "view") == views
    }
