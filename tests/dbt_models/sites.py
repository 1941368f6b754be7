"""Site warehouses for tests: the landing filled by hand, the marts built by the real project."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from dbt_models import PROJECT_DIR
from federated.site.landing.schema import create_landing
from tests.reference.readmission import Contact

_CONTACT_COLUMNS = tuple(field.name for field in fields(Contact))
_BUILD_ALL = Path(__file__).with_name("build_all.py")


@dataclass(frozen=True)
class Built:
    """A folder of dbt artefacts, one set for all sites built together, and dbt's own output."""

    artefacts: Path
    output: str

    def compiled(self, model: str) -> str:
        """SQL of a model as dbt compiled it for the site built last."""
        models = self.artefacts / "target" / "compiled" / "sloyfe" / "models"
        (file,) = models.glob(f"*/{model}.sql")
        return file.read_text(encoding="utf-8")


def new_warehouse(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        create_landing(connection)
    return path


def keyed(contacts: Iterable[Contact]) -> list[Contact]:
    """The contacts under the models' own key: a contact number is unique within its person."""
    return [replace(c, episode_id=f"{c.person_id}/{c.episode_id}") for c in contacts]


def deliver(
    connection: duckdb.DuckDBPyConnection,
    contacts: Sequence[Contact],
    data_end: datetime,
    delivery_id: str = "d1",
    state: str = "current",
) -> None:
    """Put one NPR delivery into the landing."""
    connection.execute(
        """
        insert into landing.delivery (delivery_id, format, period_from, period_to, data_end, state)
        values (?, 'npr', date '1900-01-01', ?, ?, ?)
        """,
        [delivery_id, (data_end - timedelta(microseconds=1)).date(), data_end, state],
    )
    rows = pa.table(
        [list(column) for column in zip(*(astuple(contact) for contact in contacts), strict=True)]
        or [[] for _ in _CONTACT_COLUMNS],
        names=_CONTACT_COLUMNS,
    )
    connection.register("delivered", rows)
    columns = ", ".join(_CONTACT_COLUMNS)
    connection.execute(
        f"insert into landing.npr_stay ({columns}, delivery_id) select {columns}, ? from delivered",
        [delivery_id],
    )
    connection.unregister("delivered")


def deliver_services(connection: duckdb.DuckDBPyConnection) -> None:
    """Two municipal deliveries of 2024, a few rows each."""
    connection.execute(
        """
        insert into landing.delivery (delivery_id, format, period_from, period_to, data_end, state)
        select name || '-2024', name, '2024-01-01', '2024-12-31', '2025-01-01', 'current'
        from (values ('kuhr'), ('kpr-omsorg')) as delivered (name);
        insert into landing.kuhr_claim
            (claim_id, person_id, data_year, claim_date, service_type, delivery_id)
        values
            ('s1', 'p1', 2024, '2024-05-01', 1, 'kuhr-2024'),
            ('s2', 'p1', 2024, '2024-05-01', 2, 'kuhr-2024');
        insert into landing.kpr_care
            (service_id, person_id, data_year, service_code, started_on, ended_on, delivery_id)
        values
            ('s1', 'p1', 2023, 15, '2024-02-27', null, 'kpr-omsorg-2024'),
            ('s1', 'p1', 2024, 15, '2024-02-27', '2024-03-01', 'kpr-omsorg-2024'),
            ('s2', 'p2', 2024, 21, '2024-12-30', null, 'kpr-omsorg-2024'),
            ('s3', 'p2', 2024, 99, '2024-07-01', '2024-07-01', 'kpr-omsorg-2024'),
            ('s1', 'p3', 2024, 12, '2024-12-31', null, 'kpr-omsorg-2024');
        """
    )


NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def build(
    warehouses: dict[str, Path], work: Path, arguments: dict[str, Sequence[str]] | None = None
) -> Built:
    """`dbt build` of several sites (id -> warehouse), in one process of its own with one parse.

    arguments: further arguments of `dbt build`, by site.

    A process of its own because dbt keeps the DuckDB file open until its process ends. The files
    must share one name, which dbt takes for the database's and writes into what it parses.
    """
    done = run_build(warehouses, work, arguments or {})
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(artefacts=work, output=done.stdout)


def run_build(
    warehouses: dict[str, Path], work: Path, arguments: dict[str, Sequence[str]]
) -> subprocess.CompletedProcess[str]:
    """The same, whatever comes of it."""
    work.mkdir(parents=True, exist_ok=True)
    (file_name,) = {path.name for path in warehouses.values()}
    return subprocess.run(
        [sys.executable, str(_BUILD_ALL), str(PROJECT_DIR), str(work)],
        input=json.dumps(
            [
                {"site": site, "warehouse": str(path), "arguments": arguments.get(site, ())}
                for site, path in warehouses.items()
            ]
        ),
        capture_output=True,
        text=True,
        check=False,
        cwd=work,
        # Without a folder: what was parsed is good for a copy of `work` elsewhere, too.
        env=os.environ | {"SLOYFE_WAREHOUSE": file_name},
    )


def rows(
    connection: duckdb.DuckDBPyConnection, columns: Iterable[str], table: str
) -> list[tuple[object, ...]]:
    """Rows of a table, sorted."""
    return connection.execute(f"select {', '.join(columns)} from {table} order by all").fetchall()
