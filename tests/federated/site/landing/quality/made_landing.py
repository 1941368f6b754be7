"""A landing made by hand, row by row, without any file."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from federated.site.landing import create_landing
from federated.site.landing.contract import table_named
from federated.site.landing.quality import Finding, QualityReport, profile_delivery

Row = Mapping[str, Any]

STAY: dict[str, Any] = {
    "episodeID": "E1",
    "lopenr": "P1",
    "aar": 2024,
    "institusjonID": "974589095",
    "omsorgsniva": 1,
    "innDato": "2024-03-01",
    "innTid": "08:30:00",
    "utDato": "2024-03-04",
    "utTid": "12:00:00",
    "innmateHast": 1,
    "utTilstand": 1,
    "tilstand_1_1": "I500",
    "komNrHjem2": "0301",
    "bydel2": "030103",
    "kjonn": 2,
    "fodselsar": 1940,
    "NPRId_reg": 1,
}
"""In which no rule finds anything."""

CARE: dict[str, Any] = {
    "tjeneste_lnr": "T1",
    "kpr_lnr": "K1",
    "aar": 2024,
    "tjenestekode": 15,
    "startdato": "2024-03-01",
    "timer_uke": 4.5,
    "kjonn": 1,
    "fodselsaar": 1935,
    "kommuneNr": "0301",
    "bydel": "030105",
}


class Made:
    """A warehouse in memory. Deliveries land in the order in which they are made."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        create_landing(self.connection)
        self._clock = datetime(2025, 1, 1)

    def deliver(
        self,
        delivery_id: str = "d1",
        *,
        register: str = "npr",
        period: tuple[str, str] | None = ("2024-03-01", "2024-03-31"),
        extracted_on: str | None = "2024-04-10",
        stated: bool = True,
        rejected: Sequence[tuple[str, list[str], Row]] = (),
        **tables: Sequence[Row],
    ) -> QualityReport:
        """Land the rows, and quarantine `rejected` (table, reasons, raw row); then profile."""
        self._clock += timedelta(days=1)
        first, last = period or (None, None)
        self.connection.execute(
            "insert into landing.delivery (delivery_id, format, period_from, period_to, "
            "period_stated, extracted_on, landed_at, state) "
            "values (?, ?, ?, ?, ?, ?, ?, 'current')",
            [delivery_id, register, first, last, stated, extracted_on, self._clock],
        )
        for table, rows in tables.items():
            self._insert(table, rows, delivery_id)
        for table, reasons, raw in rejected:
            self.connection.execute(
                "insert into quarantine.rejected_row values (?, ?, 'f', 1, ?, ?)",
                [delivery_id, table, reasons, json.dumps(raw)],
            )
        return profile_delivery(self.connection, delivery_id, register)

    def close(self) -> None:
        """Close, and let go: Hypothesis remembers what its tests hold until the very end."""
        self.connection.close()
        del self.connection

    def clear(self) -> None:
        """As if nothing had ever been delivered."""
        for schema, table in self.connection.execute(
            "select schema_name, table_name from duckdb_tables() where not temporary"
        ).fetchall():
            self.connection.execute(f"delete from {schema}.{table}")

    def replace(self, delivery_id: str) -> None:
        """What a newer delivery does to the rows of an older one."""
        for table in ("landing.npr_stay", "quarantine.rejected_row"):
            self.connection.execute(f"delete from {table} where delivery_id = ?", [delivery_id])
        self.connection.execute(
            "update landing.delivery set state = 'replaced' where delivery_id = ?", [delivery_id]
        )

    def _insert(self, table: str, rows: Sequence[Row], delivery_id: str) -> None:
        names = sorted({name for row in rows for name in row})
        if not names:
            return
        contract = [table_named(table).column(name) for name in names]
        texts = pa.table(
            {n: pa.array([_text(row.get(n)) for row in rows], pa.string()) for n in names}
        )
        self.connection.register("made_rows", texts)
        self.connection.execute(
            f"insert into landing.{table} ({', '.join(c.name for c in contract)}, delivery_id) "
            f"select {', '.join(f'{c.register_name}::{c.data_type}' for c in contract)}, ? "
            "from made_rows",
            [delivery_id],
        )
        self.connection.unregister("made_rows")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def stays(count: int, **cells: Any) -> list[dict[str, Any]]:
    """So many sound stays, each of its own person; `cells` change them all."""
    return [{**STAY, "episodeID": f"E{i}", "lopenr": f"P{i}", **cells} for i in range(1, count + 1)]


def in_month(month: str, count: int, **cells: Any) -> list[dict[str, Any]]:
    """Stays of one day each, spread over the month `2024-03`."""
    return [
        row | {"innDato": day, "utDato": day, "aar": int(month[:4])}
        for i, row in enumerate(stays(count, **cells))
        for day in [(date.fromisoformat(f"{month}-01") + timedelta(days=i % 28)).isoformat()]
    ]


def found(report: QualityReport, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


def the_one(report: QualityReport, rule: str) -> Finding:
    findings = found(report, rule)
    assert len(findings) == 1, findings
    return findings[0]
