"""A delivery made of bytes, and what must hold of whatever the landing makes of it.

The bytes are the pieces of a delivery, parted by `SEPARATOR`: a line with the format and the name
of the one data file, the mapping, the delivery's papers, the content of the data file.
"""

import csv
import gzip
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from federated.site.config import CoordinatorAddress, Keys, SiteConfig, SiteKind
from federated.site.landing.contract import tables_of
from federated.site.landing.ingest import ingest
from federated.site.landing.mapping import NO_MAPPING, find_mapping, read_mapping
from federated.site.landing.readable import Readable, readable
from federated.site.landing.registers import read_registers
from federated.site.landing.schema import create_landing
from federated.site.landing.source import find_files, suffix_of
from federated.site.landing.staging import DELIMITERS
from privacy.policy import Policy
from privacy.problem import Problem
from tests.fuzz.reference import count_rows, decoded, lines_of
from tests.registers import NPR_ROW

SEPARATOR = b"\n%%\n"
SECRET = "HEMMELIG"
"""Stands in cells of the seeds; no message may hold it."""

FORMATS = ("npr", "person-key", "kpr-omsorg", "npr-ide", "kapasitet")
_KEY = {"npr_lnr": SECRET, "kpr_lnr": "K1"}
_BEDS = {"institusjonID": SECRET, "aar": "2024", "maaned": "2", "omsorgsniva": "1", "senger": "10"}
_CARE = {
    "tjeneste_lnr": SECRET, "kpr_lnr": "P1", "aar": "2024", "tjenestekode": "15",
    "startdato": "2024-01-01", "stoppdato": "", "timer_uke": "3,5",
}  # fmt: skip


@contextmanager
def delivery(data: bytes) -> Iterator[tuple[str, Path, Path] | None]:
    """(format, folder, data file) of the delivery that the bytes tell, if they tell one."""
    pieces = data.split(SEPARATOR, 3)
    register, _, name = pieces[0].decode("ascii", "replace").partition(" ")
    suffix = suffix_of(name)
    if len(pieces) != 4 or register not in FORMATS or suffix is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for paper, content in (("mapping.yaml", pieces[1]), ("delivery.yaml", pieces[2])):
            if content:
                (home / paper).write_bytes(content)
        file = home / f"x{suffix}"
        file.write_bytes(gzip.compress(pieces[3]) if name.startswith("packed") else pieces[3])
        yield register, home, file


def memory_warehouse() -> duckdb.DuckDBPyConnection:
    """A warehouse without a file, for `check_reading`."""
    connection = duckdb.connect()
    create_landing(connection)
    return connection


def check_reading(connection: duckdb.DuckDBPyConnection, data: bytes) -> str:
    """Read and check a delivery without a warehouse; return what came of it, in a word.

    Raises AssertionError where a row is lost or made up, or a message shows a value; whatever else
    it raises is an error of the readers.
    """
    with delivery(data) as made, tempfile.TemporaryDirectory() as workspace:
        if made is None:
            return "no delivery"
        register, home, _ = made
        connection.begin()
        try:
            named = find_mapping(home)
            mapping = read_mapping(named, register) if named else NO_MAPPING
            files = tuple(readable(f, Path(workspace), mapping) for f in find_files(register, home))
            reading = read_registers(connection, register, files, mapping)
            reading.period_of_data()
            reading.settle()
            [table] = reading.tables
            counted = connection.execute(
                f"select count(*), count(*) filter ('unreadable_line' in reasons) from {table.name}"
            ).fetchone()
            assert counted is not None
            assert reading.rows_in == counted[0]
            if named is None:
                _compare(files[0], table.files[0].header, counted)
        except Problem as problem:
            assert SECRET not in str(problem), "a value of the file stands in a message"
            return "problem"
        finally:
            connection.rollback()
        return "read"


def check_ingest(data: bytes) -> str:
    """The same through `ingest`, into a warehouse of its own."""
    with delivery(data) as made:
        if made is None:
            return "no delivery"
        register, home, file = made
        site = _site(home / "site")
        try:
            report = ingest(site, register, file)
        except Problem as problem:
            assert SECRET not in str(problem), "a value of the file stands in a message"
            assert not site.warehouse_path.exists()
            return "problem"
        assert report.rows_in == report.rows_landed + report.rows_quarantined
        assert SECRET not in " ".join([*report.notes, *report.reasons, *report.ignored_columns])
        with duckdb.connect(site.warehouse_path) as connection:
            there = connection.execute(
                "select (select count(*) from quarantine.rejected_row), "
                + "+".join(f"(select count(*) from landing.{t.name})" for t in tables_of(register))
            ).fetchone()
        assert there == (report.rows_quarantined, report.rows_landed)
        return report.outcome


def _compare(file: Readable, header: tuple[str, ...], counted: tuple[int, int]) -> None:
    """Count the rows of the delivered file by other means than the landing's."""
    path = file.source.path
    if file.text is None:
        if path.suffix == ".parquet":
            assert counted[0] == pq.read_metadata(path).num_rows
        return
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = decoded(content)
    first = lines_of(text)[0]
    expected = {
        count_rows(text, delimiter, len(header))
        for delimiter in DELIMITERS
        if tuple(cell.strip() for cell in next(csv.reader([first], delimiter=delimiter))) == header
    }
    assert not expected or counted in expected, (counted, expected)


def seeds() -> Iterator[bytes]:
    """Small sound deliveries of every kind of file, and some in which something is wrong."""
    rows = {"npr": NPR_ROW | {"institusjonID": SECRET}, "person-key": _KEY, "kapasitet": _BEDS}
    for register, row in rows.items():
        text = "\n".join([";".join(row), ";".join(row.values()), ";".join(row.values())]) + "\n"
        yield piece(register, "x.csv", text.encode())
        yield piece(register, "x.csv", text.replace(";", "\t").encode("utf-16"))
        yield piece(register, "packed.csv.gz", text.encode())
        yield piece(register, "x.csv", text.replace(SECRET, '"a\n""b;c"').encode())
        yield piece(register, "x.csv", text.replace(SECRET, '"open Ã¸').encode("cp1252"))
    care = "\r\n".join([",".join(_CARE), ",".join(_CARE.values())])
    yield piece("kpr-omsorg", "x.csv", care.encode())
    mapped = "columns: {A: npr_lnr, B: kpr_lnr}\nvalues: {kpr_lnr: {x: y}}\nencoding: latin-1\n"
    papers = "period_from: 2024-01-01\nperiod_to: 2024-12-31\n"
    yield piece("person-key", "x.csv", b"A;B\n1;x\n", mapped.encode(), papers.encode())
    for suffix, content in _binary_files():
        yield piece("person-key", f"x{suffix}", content)


def piece(
    register: str, name: str, content: bytes, mapping: bytes = b"", papers: bytes = b""
) -> bytes:
    return SEPARATOR.join([f"{register} {name}".encode(), mapping, papers, content])


def _binary_files() -> Iterator[tuple[str, bytes]]:
    frame = pd.DataFrame(
        {"npr_lnr": [SECRET, "N2"], "kpr_lnr": [1.0, None], "day": [date(2024, 1, 1), None]}
    )
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame), buffer)
    yield ".parquet", buffer.getvalue()
    writers: dict[str, Any] = {
        ".sav": pyreadstat.write_sav,
        ".dta": pyreadstat.write_dta,
        ".xpt": pyreadstat.write_xport,
    }
    with tempfile.TemporaryDirectory() as folder:
        for suffix, write in writers.items():
            file = Path(folder) / f"x{suffix}"
            write(frame, str(file))
            yield suffix, file.read_bytes()


def _site(folder: Path) -> SiteConfig:
    return SiteConfig(
        id="fuzz",
        name="Eksempel",
        kind=SiteKind.HOSPITAL,
        operator="Eksempel HF",
        holders={},
        policy=Policy(
            epsilon_per_person_year=1,
            max_epsilon_per_release=1,
            delta=1e-6,
            federation_sites=3,
            answers={},
        ),
        coordinator=CoordinatorAddress(address="localhost:9092", ca_certificate=Path("ca.pem")),
        keys=Keys(transport=Path("transport.pem")),
        folder=folder,
    )
