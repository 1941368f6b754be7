"""The data of the benchmark: synthetic registers in the landing's shape, made once and kept.

One holder of all registers under one person number. The generator writes deliveries per
organisation, ordered by person; here they become one Parquet file a landing table, with the
landing's column names and types, every hospital's contacts under the number that the municipality
has of the person (the key file maps them), and the rows in random order. Of several towns, each is
a population of its own seed, and its number is added to every id.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dagster_project.benchmark.sizes import Size
from federated.site.landing.contract import Column, Table, table_named
from privacy.problem import Problem
from synthetic.generate import FOLLOW_UP_MONTHS, generate

_HOSPITALS, _MUNICIPALITY = ("ous", "diakonhjemmet", "lovisenberg", "ahus"), "oslo"
_LAST_YEAR = 2024
_SEED = 1
_TABLES = (
    "npr_stay", "npr_referral",
    "kuhr_claim", "kuhr_diagnosis", "kuhr_tariff",
    "kpr_care", "kpr_function", "population",
)  # fmt: skip
_IDS = ("person_id", "episode_id", "referral_id", "claim_id", "service_id", "assessment_id")
_COMPLETE, _VERSION = "complete.json", 1
_MEMORY = "8GB"


@dataclass(frozen=True)
class Data:
    """A folder with `TABLE.parquet` of each landing table. rows: by landing table."""

    folder: Path
    size: Size
    rows: dict[str, int]

    def parquet(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    @property
    def deliveries(self) -> Path:
        """What the generator wrote, a folder a town, until it is no longer needed."""
        return self.folder / "deliveries"

    @property
    def years(self) -> range:
        return range(_LAST_YEAR + 1 - self.size.years, _LAST_YEAR + 1)

    @property
    def first_day(self) -> date:
        return date(self.years.start, 1, 1)

    @property
    def last_day(self) -> date:
        """The deliveries go on for two months after the last year."""
        return date(self.years.stop, FOLLOW_UP_MONTHS + 1, 1) - timedelta(days=1)

    @property
    def claim_rows(self) -> int:
        """Claims, their diagnoses and their tariffs."""
        return sum(n for table, n in self.rows.items() if table.startswith("kuhr_"))


def prepare(root: Path, size: Size, progress: Callable[[str], object]) -> Data:
    """The data of `size` below `root`, made unless they are there. Stopped, it can be run again.

    Raises Problem where the folder holds something else.
    """
    folder = root / size.folder
    plan = {"version": _VERSION, "seed": _SEED, "size": asdict(size)}
    done = folder / _COMPLETE
    if done.is_file():
        known = json.loads(done.read_text(encoding="utf-8"))
        if known["plan"] != plan:
            raise Problem(
                "the folder holds data of another benchmark", str(folder), "Name another --data."
            )
        return Data(folder, size, known["rows"])
    folder.mkdir(parents=True, exist_ok=True)
    data = Data(folder, size, {})
    for town in range(1, size.towns + 1):
        progress(f"generating {size.persons // size.towns} persons, {size.years} year(s)")
        _generate(data, town)
    rows = {}
    for name in _TABLES:
        progress(f"{name} in random order")
        rows[name] = _shuffled(data, table_named(name))
    shutil.rmtree(data.deliveries)
    done.write_text(json.dumps({"plan": plan, "rows": rows}, indent=2) + "\n", encoding="utf-8")
    return Data(folder, size, rows)


def _generate(data: Data, town: int) -> None:
    """The deliveries of one town, unless an interrupted call has made them."""
    done = data.deliveries / f"{town}.done"
    if done.is_file():
        return
    generate(
        data.deliveries / str(town),
        persons=data.size.persons // data.size.towns,
        years=data.years,
        seed=town,
        signing_key=Ed25519PrivateKey.generate(),
        hospitals=_HOSPITALS,
        municipality=_MUNICIPALITY,
    )
    done.touch()


def _shuffled(data: Data, table: Table) -> int:
    """Write one table, unless an interrupted call has; return its rows."""
    out = data.parquet(table.name)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(data.folder),
        # A country's contacts do not fit in memory while files of eight towns wait for each other.
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=config) as c:
        if not out.is_file():
            unfinished = out.with_suffix(".unfinished")
            towns = 1 if table.register == "befolkning" else data.size.towns
            delivered = " union all ".join(
                _delivered(c, data, town, table) for town in range(1, towns + 1)
            )
            c.execute(
                f"copy (select * from ({delivered}) order by hash({table.columns[0].name}, "
                f"'{table.name}')) to '{unfinished}' (format parquet)"
            )
            unfinished.rename(out)
        found = c.execute(f"select count(*) from read_parquet('{out}')").fetchone()
    return found[0] if found else 0


def _delivered(connection: duckdb.DuckDBPyConnection, data: Data, town: int, table: Table) -> str:
    """SELECT of the columns that the generator delivers, with the landing's names and types."""
    folder = data.deliveries / str(town)
    # Every organisation has the same public population.
    organisation = _MUNICIPALITY if table.register == "befolkning" else "*"
    part = table.fragments[0] if table.fragments else ""
    files = f"read_parquet('{folder}/{organisation}/{table.register}/{part}*.parquet')"
    there = {row[0] for row in connection.execute(f"describe select * from {files}").fetchall()}
    columns = [column for column in table.columns if column.register_name in there]
    mark = str(town) if data.size.towns > 1 else ""
    typed = [f"{_cell(column, mark)} as {column.name}" for column in columns]
    source = f"{files} as d"
    if "lopenr" in there:
        keys = f"read_parquet('{folder}/{_MUNICIPALITY}/person-key/*.parquet')"
        source += f" inner join {keys} as k on k.npr_lnr = d.lopenr"
    return f"select {', '.join(typed)} from {source}"


def _cell(column: Column, mark: str) -> str:
    """The cell of a row, with the town's mark where it is an id."""
    cell = "k.kpr_lnr" if column.register_name == "lopenr" else f'd."{column.register_name}"'
    return f"{cell}::varchar || '{mark}'" if column.name in _IDS else f"{cell}::{column.data_type}"
