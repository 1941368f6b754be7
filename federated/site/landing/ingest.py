"""`ingest`: one delivery of register files into a site's warehouse, whole or not at all."""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`
# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, Protocol

import duckdb
from duckdb import DuckDBPyConnection

from federated.site.config import SiteConfig
from federated.site.landing.contract import load_contract
from federated.site.landing.delivery import (
    Landed,
    Period,
    StatedPeriod,
    known_deliveries,
    read_sidecar,
    replace,
    to_replace,
)
from federated.site.landing.national_id import refuse_real_national_ids
from federated.site.landing.registers import read_registers
from federated.site.landing.schema import create_landing
from federated.site.landing.source import (
    Fingerprint,
    SourceFile,
    content_hash,
    data_files,
    find_files,
    fingerprint,
)
from federated.site.landing.sql import identifier
from federated.site.landing.synthea import read_synthea
from federated.site.landing.synthetic_mark import MARK_FILE, Origin, read_mark
from privacy.problem import Problem

Outcome = Literal["landed", "unchanged", "replaced"]
FORMATS = ("npr", "kuhr", "kpr-omsorg", "synthea")


_MEMORY = "2GB"
"""What DuckDB may hold of a delivery; the rest waits in temporary files beside the warehouse."""


@dataclass(frozen=True)
class IngestReport:
    """What became of a delivery. Exact counts: for the site's own eyes.

    outcome: `unchanged` where these very contents had landed before (the counts are those of then),
    `replaced` where an older delivery made room. reasons: reason -> rows that have it; a row with
    two is in both, but once in `rows_quarantined`. period_stated: False where `period` was taken
    from the data. notes: sentences for whoever delivered.
    """

    site: str
    format: str
    delivery_id: str
    outcome: Outcome
    rows_in: int
    rows_landed: int
    rows_quarantined: int
    reasons: dict[str, int]
    ignored_columns: tuple[str, ...]
    period: Period | None
    period_stated: bool
    origin: Origin
    notes: tuple[str, ...]


class Reading(Protocol):
    """A delivery that has been read into temporary tables and checked row by row."""

    @property
    def rows_in(self) -> int: ...
    @property
    def ignored_columns(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def period_of_data(self) -> tuple[Period | None, datetime | None]:
        """The period the rows themselves show; and where they stop, if known to the second."""
        ...

    def settle(self) -> None:
        """Add the reasons that only show between rows, once an older delivery is out of the way."""
        ...

    def write(self, delivery_id: str) -> None:
        """Land the sound rows; send the others to quarantine."""
        ...


@dataclass(frozen=True)
class _Delivery:
    """What is known of a delivery before a row of it is read. sha256: over its contents alone."""

    format: str
    source: Path
    delivery_id: str
    sha256: str
    files: tuple[tuple[SourceFile, Fingerprint], ...]
    stated: StatedPeriod | None
    origin: Origin
    mark: str | None

    @property
    def states_its_period(self) -> bool:
        """A `synthea` source is never believed: what the data show rules (see `synthea`)."""
        return self.stated is not None and self.format != "synthea"


def ingest(
    site: SiteConfig,
    format: str,
    source: Path,
    *,
    stated: StatedPeriod | None = None,
    refuse_national_ids: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> IngestReport:
    """Land one delivery: `source` is a file or a folder in one of `FORMATS`.

    stated: the period it covers; without it, read from a sidecar (`delivery.yaml`), else from the
    data. A `synthea` source always shows its own period. refuse_national_ids: look for real
    national identity numbers also where the data are not said to be synthetic. progress: is told
    the steps, in words without data. Every row lands or is quarantined, and that is counted in the
    transaction that writes them. Raises Problem, with the warehouse as it was, for anything the
    user can mend.
    """
    if format not in FORMATS:
        raise Problem(f"unknown format `{format}`", site.id, f"Known: {', '.join(FORMATS)}.")
    if format == "synthea" and site.synthea is None:
        raise Problem(
            "the site has no share of a Synthea source",
            site.id,
            "Add the section `synthea: {hospital, of}` to its site file.",
        )
    progress("looking at the files")
    delivery = _inspect(site, format, source, stated)
    if delivery.origin != "real" or refuse_national_ids:
        progress("looking for national identity numbers")
        refuse_real_national_ids(data_files(source))
    with _warehouse(site) as connection:
        create_landing(connection)
        known = known_deliveries(connection, format)
        before = next((old for old in known if old.delivery_id == delivery.delivery_id), None)
        if before is not None:
            return _unchanged(connection, site, delivery, before)
        progress("reading and checking")
        reading = _read(connection, site, delivery)
        progress("writing")
        return _write(connection, site, delivery, reading)


def _inspect(site: SiteConfig, format: str, source: Path, stated: StatedPeriod | None) -> _Delivery:
    files = tuple((file, fingerprint(file)) for file in find_files(format, source))
    hashes = {file.name: print_.sha256 for file, print_ in files}
    sha256 = content_hash((file.part, print_.sha256) for file, print_ in files)
    share = site.synthea.model_dump_json() if format == "synthea" and site.synthea else ""
    identity = hashlib.sha256(f"{format}\n{share}\n{sha256}".encode()).hexdigest()
    generator = site.path(site.keys.generator) if site.keys.generator else None
    mark = read_mark(source, format, hashes, generator)
    return _Delivery(
        format=format,
        source=source,
        delivery_id=f"{format}-{identity[:16]}",
        sha256=sha256,
        files=files,
        stated=stated or read_sidecar(source),
        origin="generated" if mark else "declared" if site.declared_synthetic else "real",
        mark=mark,
    )


def _read(connection: DuckDBPyConnection, site: SiteConfig, delivery: _Delivery) -> Reading:
    if delivery.format == "synthea" and site.synthea is not None:
        return read_synthea(connection, delivery.files, site.synthea)
    return read_registers(connection, delivery.format, delivery.files)


def _write(
    connection: DuckDBPyConnection, site: SiteConfig, delivery: _Delivery, reading: Reading
) -> IngestReport:
    period, data_end = _period(reading, delivery)
    extracted_on = delivery.stated.extracted_on if delivery.stated else None
    known = known_deliveries(connection, delivery.format)
    older = to_replace(
        period,
        extracted_on,
        known,
        str(delivery.source),
        stated=delivery.states_its_period,
    )
    replace(connection, older, delivery.delivery_id)
    reading.settle()
    reading.write(delivery.delivery_id)
    rows_in = reading.rows_in
    landed, quarantined = _count(connection, delivery.delivery_id)
    if rows_in != landed + quarantined:
        raise Problem(
            "the rows do not add up: not every row of the files landed or was quarantined",
            str(delivery.source),
            "Nothing was changed; please report it, it is an error of the program.",
        )
    connection.execute(
        "insert into landing.delivery values "
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'current', null)",
        [
            delivery.delivery_id,
            delivery.format,
            period.first if period else None,
            period.last if period else None,
            delivery.states_its_period,
            data_end,
            extracted_on,
            datetime.now(UTC).replace(tzinfo=None),
            delivery.sha256,
            delivery.source.resolve().name,
            rows_in,
            landed,
            quarantined,
            delivery.origin,
            delivery.mark,
        ],
    )
    return IngestReport(
        site=site.id,
        format=delivery.format,
        delivery_id=delivery.delivery_id,
        outcome="replaced" if older else "landed",
        rows_in=rows_in,
        rows_landed=landed,
        rows_quarantined=quarantined,
        reasons=_reasons(connection, delivery.delivery_id),
        ignored_columns=reading.ignored_columns,
        period=period,
        period_stated=delivery.states_its_period,
        origin=delivery.origin,
        notes=(*reading.notes, *_notes(site, delivery, period)),
    )


def _period(reading: Reading, delivery: _Delivery) -> tuple[Period | None, datetime | None]:
    """The period, and the moment where the data end (exclusive)."""
    if delivery.stated is not None and delivery.states_its_period:
        period = Period(delivery.stated.period_from, delivery.stated.period_to)
        return period, _midnight_after(period.last)
    period, to_the_second = reading.period_of_data()
    return period, to_the_second or (_midnight_after(period.last) if period else None)


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())


def _notes(site: SiteConfig, delivery: _Delivery, period: Period | None) -> Iterator[str]:
    if delivery.format == "synthea":
        yield f"The period was taken from the whole source: {period or 'it has no encounters'}."
    elif delivery.stated is None:
        taken = f"from the data: {period}" if period else "from nowhere: no row landed"
        yield f"No period was stated; it was taken {taken}. State it in delivery.yaml."
    source = delivery.source
    folder = source if source.is_dir() else source.parent
    if site.keys.generator is None and (folder / MARK_FILE).is_file():
        yield f"{MARK_FILE} was not believed: the site file names no `keys.generator`."


def _unchanged(
    connection: DuckDBPyConnection, site: SiteConfig, delivery: _Delivery, before: Landed
) -> IngestReport:
    """What these contents became when they landed; a superseded delivery stays superseded."""
    if before.state != "current":
        raise Problem(
            "this delivery has been replaced by a newer one",
            str(delivery.source),
            "Nothing was changed. Deliver a newer extract.",
        )
    row = connection.execute(
        "select rows_in, rows_landed, rows_quarantined, origin from landing.delivery "
        "where delivery_id = ?",
        [before.delivery_id],
    ).fetchone()
    rows_in, landed, quarantined, origin = row or (0, 0, 0, "real")
    now = delivery.stated if delivery.states_its_period else None
    as_then = now is not None and (
        before.period == Period(now.period_from, now.period_to)
        and before.extracted_on == now.extracted_on
    )
    return IngestReport(
        site=site.id,
        format=delivery.format,
        delivery_id=before.delivery_id,
        outcome="unchanged",
        rows_in=rows_in,
        rows_landed=landed,
        rows_quarantined=quarantined,
        reasons=_reasons(connection, before.delivery_id),
        ignored_columns=(),
        period=before.period,
        period_stated=as_then,
        origin=origin,
        notes=(
            "These contents had landed before; nothing was changed.",
            *(
                ["The period stated now is not the one they landed with."]
                if now is not None and not as_then
                else []
            ),
        ),
    )


def _count(connection: DuckDBPyConnection, delivery_id: str) -> tuple[int, int]:
    """Rows of a delivery in landing and in quarantine, counted where they lie."""
    landed = sum(
        _number(connection, f"landing.{identifier(table.name)}", delivery_id)
        for table in load_contract()
    )
    return landed, _number(connection, "quarantine.rejected_row", delivery_id)


def _number(connection: DuckDBPyConnection, table: str, delivery_id: str) -> int:
    row = connection.execute(
        f"select count(*) from {table} where delivery_id = ?", [delivery_id]
    ).fetchone()
    return row[0] if row else 0


def _reasons(connection: DuckDBPyConnection, delivery_id: str) -> dict[str, int]:
    return dict(
        connection.execute(
            "select reason, count(*) from (select unnest(reasons) as reason "
            "from quarantine.rejected_row where delivery_id = ?) group by reason order by reason",
            [delivery_id],
        ).fetchall()
    )


@contextmanager
def _warehouse(site: SiteConfig) -> Iterator[DuckDBPyConnection]:
    """The site's warehouse in one transaction: committed at the end, undone by anything else."""
    path = site.warehouse_path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(path)
    except (duckdb.IOException, duckdb.ConnectionException):
        raise Problem(
            "the warehouse is in use by another process, or is no DuckDB file",
            str(path),
            "Wait until the other run is over, or stop it; only one may write at a time.",
        ) from None
    path.chmod(0o600)  # made by DuckDB for everyone to read
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.begin()
        try:
            yield connection
            connection.commit()
        except RuntimeError as error:  # how DuckDB passes on Ctrl-C while a statement runs
            if str(error) == "Query interrupted":
                raise KeyboardInterrupt from None
            raise
        except duckdb.Error as error:
            # DuckDB's texts quote values; the kind of error is all that may be told.
            raise Problem(
                f"the warehouse refused the delivery ({type(error).__name__})",
                str(path),
                "Nothing was changed. See that the disk has room and the warehouse is whole.",
            ) from None
    finally:
        connection.close()
