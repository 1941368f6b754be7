"""Deliveries on disk: semicolon CSV in register shape, `delivery.yaml`, and the signed mark."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

GENERATOR, VERSION = "sloyfe-synthetic", "1"
MARK_FILE, DELIVERY_FILE = "synthetic-mark.json", "delivery.yaml"
_DAYS_TO_EXTRACT = 15


@dataclass(frozen=True)
class GeneratedFile:
    """One data file written. rows includes the defective ones; defects counts those by kind."""

    site: str
    format: str
    path: Path
    rows: int
    defects: Mapping[str, int]

    @property
    def defective_rows(self) -> int:
        return sum(self.defects.values())


@dataclass(frozen=True)
class Defect:
    """A row that breaks the register's contract: a copy of a good row with `values` put in.

    keeps_id: leave the first column, the row's identifier, as it was in the good row.
    """

    kind: str
    values: Mapping[str, str]
    keeps_id: bool = False


@dataclass(frozen=True)
class Delivery:
    """One delivery folder of one site; the period's days are both inclusive."""

    site: str
    format: str
    folder: Path
    period_from: date
    period_to: date

    def write(
        self,
        tables: Mapping[str, tuple[pa.Table, Sequence[Defect]]],
        seed: int,
        signing_key: Ed25519PrivateKey,
    ) -> list[GeneratedFile]:
        """Write `<name>.csv` for each table, then the papers that go with them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files = [
            self._write_table(self.folder / f"{name}.csv", table, defects)
            for name, (table, defects) in tables.items()
        ]
        extracted_on = self.period_to + timedelta(days=_DAYS_TO_EXTRACT)
        (self.folder / DELIVERY_FILE).write_text(
            f"period_from: {self.period_from}\n"
            f"period_to: {self.period_to}\n"
            f"extracted_on: {extracted_on}\n",
            encoding="utf-8",
        )
        mark = signed_mark([file.path for file in files], seed, signing_key)
        (self.folder / MARK_FILE).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
        return files

    def _write_table(self, path: Path, table: pa.Table, defects: Sequence[Defect]) -> GeneratedFile:
        defects = defects if table.num_rows else ()
        header = (";".join(table.column_names) + "\n").encode()
        path.write_bytes(header + _csv(table) + _defective_rows(table, defects))
        return GeneratedFile(
            self.site,
            self.format,
            path,
            table.num_rows + len(defects),
            dict(Counter(defect.kind for defect in defects)),
        )


def _csv(table: pa.Table) -> bytes:
    """Rows without a header; no value of ours holds a semicolon, so none is quoted."""
    buffer = pa.BufferOutputStream()
    options = pa_csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    pa_csv.write_csv(table, buffer, options)
    return buffer.getvalue().to_pybytes()


def _defective_rows(table: pa.Table, defects: Sequence[Defect]) -> bytes:
    """Copies of the last good rows, each with its defect."""
    last = table.slice(max(table.num_rows - len(defects), 0))
    good = [line.split(";") for line in _csv(last).decode().splitlines()]
    lines = []
    for number, defect in enumerate(defects):
        row = dict(zip(table.column_names, good[number % len(good)], strict=True))
        if not defect.keeps_id:
            row[table.column_names[0]] = f"D{number + 1:07d}"
        lines.append(";".join((row | dict(defect.values)).values()) + "\n")
    return "".join(lines).encode()


def signed_mark(
    files: Sequence[Path], seed: int, signing_key: Ed25519PrivateKey
) -> dict[str, object]:
    """The generator's statement that `files` are synthetic, signed over its canonical JSON."""
    statement: dict[str, object] = {
        "generator": GENERATOR,
        "version": VERSION,
        "seed": seed,
        "files": {file.name: _sha256(file) for file in files},
    }
    canonical = json.dumps(
        statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    return statement | {"signature": base64.b64encode(signing_key.sign(canonical)).decode()}


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
