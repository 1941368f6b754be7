"""A site, register rows, and a look into its warehouse."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from federated.site.config import CoordinatorAddress, Keys, SiteConfig, SiteKind, SyntheaShare
from privacy.policy import Policy
from tests.registers import NPR_ROW

MakeSite = Callable[..., SiteConfig]
WriteCsv = Callable[..., Path]
Query = Callable[..., list[tuple[Any, ...]]]
Row = dict[str, str]


@pytest.fixture
def make_site(tmp_path: Path) -> MakeSite:
    def make(
        site_id: str = "site",
        synthea: SyntheaShare | None = None,
        declared_synthetic: bool = False,
        generator: Path | None = None,
    ) -> SiteConfig:
        return SiteConfig(
            id=site_id,
            name="Eksempel",
            kind=SiteKind.HOSPITAL,
            operator="Eksempel HF",
            holders={},
            synthea=synthea,
            policy=Policy(
                epsilon_per_person_year=1,
                max_epsilon_per_release=1,
                delta=1e-6,
                federation_sites=3,
                answers={},
            ),
            coordinator=CoordinatorAddress(address="localhost:9092", ca_certificate=Path("ca.pem")),
            keys=Keys(transport=Path("transport.pem"), generator=generator),
            declared_synthetic=declared_synthetic,
            folder=tmp_path / site_id,
        )

    return make


@pytest.fixture
def site(make_site: MakeSite) -> SiteConfig:
    return make_site()


@pytest.fixture
def query() -> Query:
    def run(site: SiteConfig, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(site.warehouse_path) as connection:
            return connection.execute(sql).fetchall()

    return run


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    """Write rows (all with the keys of the first, or of `columns`) as CSV; return the file."""

    def write(
        name: str,
        rows: Iterable[Mapping[str, str]],
        *,
        columns: Sequence[str] | None = None,
        delimiter: str = ",",
        encoding: str = "utf-8",
    ) -> Path:
        rows = list(rows)
        file = tmp_path / "in" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding=encoding, newline="") as stream:
            writer = csv.DictWriter(stream, columns or list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return file

    return write


@pytest.fixture
def npr_row() -> Callable[..., Row]:
    """A sound NPR row; keyword arguments change cells."""

    def row(number: int = 1, **cells: str) -> Row:
        return NPR_ROW | {"episodeID": f"E{number}", "lopenr": f"P{number}"} | cells

    return row


@pytest.fixture
def whole() -> Callable[[SiteConfig], list[list[tuple[Any, ...]]]]:
    """Everything in a warehouse, to see that nothing changed."""

    def read(site: SiteConfig) -> list[list[tuple[Any, ...]]]:
        with duckdb.connect(site.warehouse_path) as connection:
            tables = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() order by 1"
            ).fetchall()
            return [
                connection.execute(f"from {table} order by all").fetchall() for (table,) in tables
            ]

    return read
