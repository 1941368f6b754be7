"""The synthetic Oslo, organisation by organisation, and which cells it fills."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from ruamel.yaml import YAML

from federated.contract.catalogue import Indicator
from federated.site.landing.contract import Table, load_contract
from tests.dbt_models.workbench import Workbench

INHABITANTS = 720_000
"""Of Oslo: what a count of a smaller population is scaled up to."""
SHOWN_FROM = 5
"""Cells below this are not shown (KOSTRA, KPR indicators: numbers below 5)."""
YEAR = "2024"

Cell = tuple[str, ...]
"""Values of an indicator's keys, in its order."""
Filled = Mapping[str, Counter[Cell]]
"""Indicator -> cell of `YEAR` -> units counted, over all organisations."""


def filled(
    workbench: Workbench, indicators: Iterable[Indicator], deliveries: Path, persons: int
) -> Filled:
    """What the organisations count of their deliveries, scaled up to all Oslo.

    deliveries: what `sloyfe synth` wrote, for so many persons. The rows are put into the landing as
    they are: they are without faults, and that a delivery lands is tested elsewhere.
    """
    found: dict[str, Counter[Cell]] = {i.id: Counter() for i in indicators}
    for organisation in organisations(deliveries):
        tables = _land(workbench, organisation)
        own = [i for i in indicators if set(i.definition.needs) <= tables]
        workbench.build(i.model for i in own)
        for indicator in own:
            keys = ", ".join(indicator.key_names)
            rows = workbench.connection.execute(
                f"select {keys}, count(*) from {'.'.join(indicator.relation)} "
                f"where is_counted and period = ? group by all",
                [YEAR],
            ).fetchall()
            for *cell, count in rows:
                found[indicator.id][tuple(cell)] += count
    scale = INHABITANTS / persons
    return {
        name: Counter({cell: round(count * scale) for cell, count in cells.items()})
        for name, cells in found.items()
    }


def organisations(deliveries: Path) -> list[Path]:
    return sorted(file.parent.parent for file in deliveries.glob("*/befolkning/delivery.yaml"))


def _land(workbench: Workbench, organisation: Path) -> set[str]:
    """The tables that were delivered."""
    run = workbench.connection.execute
    run("delete from landing.delivery")
    found: set[str] = set()
    for table in load_contract():
        run(f"delete from landing.{table.name}")
        file = _file_of(table, organisation / table.register)
        if file is not None:
            _copy(workbench, table, file)
            found.add(table.name)
    return found


def _file_of(table: Table, folder: Path) -> Path | None:
    files = [
        file
        for file in sorted(folder.glob("*.parquet"))
        if not table.fragments or any(part in file.name for part in table.fragments)
    ]
    return files[0] if files else None


def _copy(workbench: Workbench, table: Table, file: Path) -> None:
    run = workbench.connection.execute
    there = {name for name, *_ in run(f"describe select * from '{file}'").fetchall()}
    columns = [column for column in table.columns if column.register_name in there]
    names = ", ".join(column.name for column in columns)
    typed = ", ".join(f'"{c.register_name}"::{c.data_type} as {c.name}' for c in columns)
    run(
        f"insert into landing.{table.name} (delivery_id, {names}) select ?, {typed} from '{file}'",
        [table.register],
    )
    period = YAML(typ="safe").load((file.parent / "delivery.yaml").read_text(encoding="utf-8"))
    first, last = (_day(period[name]) for name in ("period_from", "period_to"))
    run("delete from landing.delivery where delivery_id = ?", [table.register])
    run(
        "insert into landing.delivery "
        "(delivery_id, format, period_from, period_to, period_stated, data_end, state) "
        "values (?, ?, ?, ?, true, ?, 'current')",
        [table.register, table.register, first, last, last + timedelta(days=1)],
    )


def _day(value: date | datetime | str) -> date:
    return date.fromisoformat(str(value)[:10])


def values(indicator: Indicator, key: str) -> tuple[str, ...]:
    """The public values of one of its keys."""
    (definition,) = (k for k in indicator.definition.keys if k.name == key)
    return indicator.key_values(definition, YEAR)


def shown(cells: Counter[Cell], place: int, value: str) -> int:
    """How many cells with this value of the key at `place` are at or above the limit."""
    return sum(count >= SHOWN_FROM for cell, count in cells.items() if cell[place] == value)
