"""The deliveries of a synthetic helsefellesskap as DuckDB tables, read from their files alone.

Nothing of the generator's code is used: the files are read as any receiver would. Only the
population, which no register carries, comes from `<deliveries>/truth/population.parquet`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Final

import duckdb

from synthetic.calibration.areas import ATLAS, NAMES, SECTORS

_SQL: Final = Path(__file__).with_name("sql")
_TRUTH: Final = "truth/population.parquet"
_SCORES: Final = 20
_FAULTY: Final = "-faults-"


@dataclass(frozen=True)
class _Source:
    """A table, the register's folder, what its files' names begin with, columns and their types."""

    table: str
    register: str
    part: str
    columns: Mapping[str, str]


_SOURCES: Final = (
    _Source("npr", "npr", "npr", {
        "episodeID": "varchar", "lopenr": "varchar", "institusjonID": "varchar", "sektor": "int",
        "omsorgsniva": "int", "innmateHast": "int", "utTilstand": "int", "innDato": "date",
        "innTid": "time", "utDato": "date", "utTid": "time", "utskrKlarDato": "date",
        "tilstand_1_1": "varchar", "korrvekt": "double", "bydel2": "varchar", "fodselsar": "int",
        "dodDato": "date",
    }),
    _Source("referral", "npr-henvisning", "henvisning", {
        "lopenr": "varchar", "fagomrade": "varchar", "mottattDato": "date", "utfall": "int",
        "bydel2": "varchar",
    }),
    _Source("claim", "kuhr", "regning", {
        "enkeltregning_lnr": "varchar", "kpr_lnr": "varchar", "dato": "date",
        "tjenestetype": "int",
    }),
    _Source("tariff", "kuhr", "takst", {"enkeltregning_lnr": "varchar", "takstKode": "varchar"}),
    _Source("care", "kpr-omsorg", "tjeneste", {
        "kpr_lnr": "varchar", "aar": "int", "tjenestekode": "int", "startdato": "date",
        "fodselsaar": "int",
    }),
    _Source("function_row", "kpr-omsorg", "funksjon", {
        "kpr_lnr": "varchar", "vurdertDato": "date",
        **{f"funksjon_{number:02d}": "int" for number in range(1, _SCORES + 1)},
    }),
)  # fmt: skip


def open_registers(
    deliveries: Path, settings: Mapping[str, float], services: Mapping[str, int]
) -> duckdb.DuckDBPyConnection:
    """The registers and what the measures share (`sql/tables.sql`), in memory.

    settings: the SQL's variables. services: tjenestekode of each key of the Oslo table.
    Raises ValueError where the population or a register has no file.
    """
    db = duckdb.connect()
    for name, value in settings.items():
        db.execute(f"set variable {name} = {value!r}")
    for source in _SOURCES:
        _read(db, deliveries, source)
    scores = [duckdb.ColumnExpression(f"funksjon_{n:02d}") for n in range(1, _SCORES + 1)]
    listed = duckdb.FunctionExpression("list_value", *scores).alias("scores")
    db.table("function_row").select("kpr_lnr", "vurdertDato", listed).to_table("function")
    truth = deliveries / _TRUTH
    if not truth.is_file():
        raise ValueError(f"{_TRUTH} is missing in {deliveries}")
    db.read_parquet(str(truth)).to_table("truth")
    # The population file numbers the bydeler from 0.
    areas = [
        (list(NAMES).index(code), code, sector, ATLAS[sector])
        for sector, own in SECTORS.items()
        for code in own
    ]
    db.execute("create table area (number int, bydel varchar, sector varchar, atlas varchar)")
    db.executemany("insert into area values (?, ?, ?, ?)", areas)
    db.execute("create table service (key varchar, tjenestekode int)")
    db.executemany("insert into service values (?, ?)", list(services.items()))
    db.execute((_SQL / "tables.sql").read_text())
    return db


def _read(db: duckdb.DuckDBPyConnection, deliveries: Path, source: _Source) -> None:
    """Clean rows of all sites; the file of a Parquet delivery's faulty rows is left out."""
    found = [
        str(path)
        for path in sorted(deliveries.glob(f"*/{source.register}/{source.part}*"))
        if path.suffix in {".csv", ".parquet"} and _FAULTY not in path.name
    ]
    if not found:
        raise ValueError(f"no {source.part} file of {source.register} in {deliveries}")
    # A dirty value that does not fit its type is as good as missing here.
    chosen = ", ".join(
        f'try_cast("{name}" as {kind}) as "{name}"' for name, kind in source.columns.items()
    )
    parts = [_rows(db, path).project(chosen) for path in found]
    reduce(lambda one, other: one.union(other), parts).to_table(source.table)


def _rows(db: duckdb.DuckDBPyConnection, path: str) -> duckdb.DuckDBPyRelation:
    if path.endswith(".parquet"):
        return db.read_parquet(path, hive_partitioning=False)
    return db.read_csv(path, delimiter=";", header=True, all_varchar=True, hive_partitioning=False)
