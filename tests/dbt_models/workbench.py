"""Models run again from the SQL that dbt compiled: landing rows in, rows of a model out, no dbt."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from federated.site.landing.contract import Table, load_contract

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

    def land(
        self,
        landing: Landing,
        period: tuple[date, date],
        boundary: date | None = None,
        *,
        empty_ones_too: bool = False,
    ) -> None:
        """Put these rows into the landing, one delivery of `period` per register, and no others.

        boundary: first day of a second delivery; then each row comes with the one of its day.
        empty_ones_too: whether a register that `landing` names is delivered without a row as well.
        """
        self.connection.execute("delete from landing.delivery")
        for table in load_contract():
            self.connection.execute(f"delete from landing.{table.name}")
        registers = {
            table.register
            for table in load_contract()
            if landing.get(table.name) or (empty_ones_too and table.name in landing)
        }
        first, last = period
        periods = [period]
        if boundary is not None:
            periods = [(first, boundary - timedelta(days=1)), (boundary, last)]
        for register in registers:
            for number, (period_from, period_to) in enumerate(periods):
                self.connection.execute(
                    "insert into landing.delivery "
                    "(delivery_id, format, period_from, period_to, period_stated, data_end, state) "
                    "values (?, ?, ?, ?, true, ?, 'current')",
                    [
                        f"{register}-{number}", register, period_from, period_to,
                        period_to + timedelta(days=1),
                    ],
                )  # fmt: skip
        for table in load_contract():
            rows = landing.get(table.name, ())
            is_early = [boundary is None or _day_of(table, row) < boundary for row in rows]
            for number, early in enumerate((True, False)):
                of_delivery = [row for row, e in zip(rows, is_early, strict=True) if e == early]
                self._insert(table.name, f"{table.register}-{number}", of_delivery)

    def land_from(self, warehouse: Path) -> None:
        """Put what has landed in another warehouse into the landing, and nothing else."""
        run = self.connection.execute
        run(f"attach '{warehouse}' as other (read_only)")
        try:
            for table in ("delivery", *(table.name for table in load_contract())):
                run(f"delete from landing.{table}")
                run(f"insert into landing.{table} by name from other.landing.{table}")
        finally:
            run("detach other")

    def landed(self) -> dict[str, list[Row]]:
        """Rows of the landing by table, as the references read them."""
        found: dict[str, list[Row]] = {}
        for table in load_contract():
            rows = self.connection.execute(f"select * from landing.{table.name}")
            names = [name for name, *_ in rows.description or ()]
            found[table.name] = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        return found

    def _insert(self, table: str, delivery: str, rows: Sequence[Row]) -> None:
        names = sorted({name for row in rows for name in row})
        if not names:
            return
        columns = {name: [row.get(name) for row in rows] for name in names}
        self.connection.register("delivered", pa.table(columns))
        self.connection.execute(
            f"insert into landing.{table} ({', '.join(names)}, delivery_id) "
            f"select {', '.join(names)}, ? from delivered",
            [delivery],
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
        made = list(dict.fromkeys(name for model in models for name in self.chain(model)))
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

    def build(self, wanted: Iterable[str], changed: Mapping[str, str] | None = None) -> None:
        """Build several models from what is in the landing now; what lies under several, once.

        changed: model -> SQL to run in place of its own. A view stays changed.
        """
        changed = changed or {}
        for name in dict.fromkeys(part for model in wanted for part in self.chain(model)):
            if name in changed or not self.models[name].is_view:
                self._make(name, changed.get(name))

    def columns(self, model: str) -> tuple[str, ...]:
        """Names of the columns of a model that has been built."""
        found = self.connection.execute(f"select * from {self.models[model].relation}")
        return tuple(name for name, *_ in found.description or ())

    def chain(self, model: str) -> list[str]:
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


def _day_of(table: Table, row: Row) -> date:
    """The day that decides which delivery a row comes with: of the event, else of its year."""
    names = {column.register_name: column.name for column in table.columns}
    day = row.get(names.get(table.event_date or "", ""))
    # A service that lasts is delivered for each year, whenever it began.
    if table.event_end is None and isinstance(day, date):
        return day
    year = row.get("data_year")
    return date(year, 1, 1) if isinstance(year, int) else date.min


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
