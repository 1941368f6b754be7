"""`ingest`: one delivery of register files into a site's warehouse, whole or not at all."""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`
# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, Protocol

from duckdb import DuckDBPyConnection

from federated.site.config import SiteConfig
from federated.site.landing.contract import load_contract, registers, tables_of
from federated.site.landing.delivery import (
    SIDECAR,
    Landed,
    Period,
    StatedPeriod,
    SupersededDelivery,
    known_deliveries,
    read_sidecar,
    take_out,
    to_replace,
)
from federated.site.landing.mapping import (
    MAPPING_FILE,
    NO_MAPPING,
    Mapping,
    find_mapping,
    read_mapping,
    refuse_unused,
)
from federated.site.landing.national_id import refuse_real_national_ids
from federated.site.landing.quality import QualityReport, profile_delivery
from federated.site.landing.readable import Readable, needs_copy, readable, workspace_beside
from federated.site.landing.registers import can_tell_period, read_registers
from federated.site.landing.schema import create_landing
from federated.site.landing.source import (
    SourceFile,
    content_hash,
    data_files,
    file_hash,
    find_files,
)
from federated.site.landing.sql import identifier
from federated.site.landing.synthea import read_synthea
from federated.site.landing.synthetic_mark import MARK_FILE, Origin, read_mark
from federated.site.landing.transaction import in_one_transaction
from privacy.problem import Problem

Outcome = Literal["landed", "unchanged", "replaced"]
FORMATS = (*registers(), "synthea")


@dataclass(frozen=True)
class IngestReport:
    """What became of a delivery. Exact counts: for the site's own eyes.

    outcome: `unchanged` where these very contents had landed before (the counts are those of then),
    `replaced` where an older delivery made room; of a dry run, what it would have been. reasons:
    reason -> rows that have it; a row with two is in both, but once in `rows_quarantined`.
    period_stated: False where `period` was taken from the data. notes: sentences for whoever
    delivered.
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
    quality: QualityReport
    is_dry_run: bool = False


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
    """What is known of a delivery before a row of it is read.

    identity: over its contents, its mapping and the site's share. sha256: over its contents alone.
    """

    format: str
    source: Path
    identity: str
    sha256: str
    files: tuple[Readable, ...]
    mapping: Mapping
    mapping_file: Path | None
    origin: Origin
    mark: str | None
    stated: StatedPeriod | None = None
    delivery_id: str = ""

    @property
    def states_its_period(self) -> bool:
        """A `synthea` source is never believed: what the data show rules (see `synthea`)."""
        return self.stated is not None and self.format != "synthea"

    @property
    def stated_period(self) -> Period | None:
        if self.stated is None or not self.states_its_period:
            return None
        return Period(self.stated.period_from, self.stated.period_to)


def ingest(
    site: SiteConfig,
    format: str,
    source: Path,
    *,
    stated: StatedPeriod | None = None,
    mapping: Path | None = None,
    refuse_national_ids: bool = False,
    bring_back: bool = False,
    dry_run: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> IngestReport:
    """Land one delivery: `source` is a file or a folder in one of `FORMATS`.

    stated: the period it covers; without it, read from a sidecar (`delivery.yaml`), else from the
    data. A `synthea` source always shows its own period. mapping: how it differs from the
    register's shape; without it, what the site file names for this delivery, or `mapping.yaml`
    beside it. refuse_national_ids: look for real national identity numbers also where the data are
    not said to be synthetic. bring_back: land it although a newer delivery has taken its place.
    dry_run: do all of it and undo it. progress: is told the steps, in words without data.

    Every row lands or is quarantined, and that is counted in the transaction that writes them.
    Raises Problem, with the warehouse as it was, for anything the user can mend; among them
    SupersededDelivery, where a newer delivery holds its place.
    """
    if format not in FORMATS:
        raise Problem(f"unknown format `{format}`", site.id, f"Known: {', '.join(FORMATS)}.")
    if format == "synthea" and site.synthea is None:
        raise Problem(
            "the site has no share of a Synthea source",
            site.id,
            "Add the section `synthea: {hospital, of}` to its site file.",
        )
    with workspace_beside(site.warehouse_path) as workspace:
        progress("looking at the files")
        mapping = mapping or _named_mapping(site, format, source) or find_mapping(source)
        delivery = _inspect(site, format, source, mapping, workspace)
        delivery = replace(delivery, stated=stated or read_sidecar(source))
        if delivery.origin != "real" or refuse_national_ids:
            progress("looking for national identity numbers")
            _refuse_real_national_ids(delivery, workspace)
        with in_one_transaction(site.warehouse_path, workspace, dry_run) as connection:
            create_landing(connection)
            known = known_deliveries(connection, format)
            delivery = _numbered(delivery, known, bring_back)
            before = next((old for old in known if old.delivery_id == delivery.delivery_id), None)
            if before is not None:
                report = _unchanged(connection, site, delivery, before)
            else:
                progress("reading and checking")
                reading = _read(connection, site, delivery)
                progress("writing")
                report = _write(connection, site, delivery, reading, bring_back)
            return replace(report, is_dry_run=dry_run)


def _named_mapping(site: SiteConfig, format: str, source: Path) -> Path | None:
    """The mapping that the site file names for this very delivery."""
    return next(
        (
            site.path(register.mapping)
            for register in site.registers
            if register.mapping is not None
            and register.format == format
            and site.path(register.path).resolve() == source.resolve()
        ),
        None,
    )


def _inspect(
    site: SiteConfig,
    format: str,
    source: Path,
    mapping_file: Path | None,
    workspace: Path,
) -> _Delivery:
    if format == "synthea":
        mapping_file = None
    mapping = read_mapping(mapping_file, format) if mapping_file else NO_MAPPING
    found = find_files(format, source, mapping)
    files = tuple(readable(file, workspace, mapping) for file in found)
    _refuse_twins(files)
    hashes = {file.name: file.sha256 for file in files}
    sha256 = content_hash((file.part, file.sha256) for file in files)
    share = site.synthea.model_dump_json() if format == "synthea" and site.synthea else ""
    generator = site.path(site.keys.generator) if site.keys.generator else None
    mark = read_mark(source, format, hashes, _papers(source), generator)
    return _Delivery(
        format=format,
        source=source,
        identity=f"{format}\n{share}\n{sha256}"
        + (f"\n{mapping.identity}" if mapping.identity else ""),
        sha256=sha256,
        files=files,
        mapping=mapping,
        mapping_file=mapping_file,
        origin="generated" if mark else "declared" if site.declared_synthetic else "real",
        mark=mark,
    )


def _papers(source: Path) -> dict[str, str]:
    """Name -> SHA-256 of what lies beside the data files and changes how they are read."""
    folder = source if source.is_dir() else source.parent
    names = [name for end in (SIDECAR, MAPPING_FILE) for name in (end, f"{source.name}.{end}")]
    return {name: file_hash(folder / name) for name in names if (folder / name).is_file()}


def _refuse_twins(files: Sequence[Readable]) -> None:
    """Raise Problem where one file was delivered twice, under one part or as two, packed or not.

    Files without rows may well be the same.
    """
    seen = dict[str, Readable]()
    for file in files:
        twin = seen.setdefault(file.rows_sha256, file)
        if twin is not file and file.may_hold_rows:
            raise Problem(
                f"two files are the same: {twin.name} and {file.name}",
                str(file.source.path.parent),
                "Remove one, or deliver what it should have been.",
            )


def _refuse_real_national_ids(delivery: _Delivery, workspace: Path) -> None:
    """Look through every data file of the source, also those that the format does not read."""
    copies = {file.path: file.source.path for file in delivery.files}
    for path in data_files(delivery.source):
        if path not in copies.values():
            copy = readable(SourceFile("", path), workspace).path if needs_copy(path) else path
            copies[copy] = path
    refuse_real_national_ids(copies, copies)


def _numbered(delivery: _Delivery, known: Sequence[Landed], bring_back: bool) -> _Delivery:
    """The delivery with its id: the hash of its identity, and of how often it was brought back.

    The latest landing of these contents counts; a superseded one stays so unless `bring_back`.
    """
    states = {old.delivery_id: old.state for old in known}
    number, id_ = 0, _hash(delivery.identity)
    while states.get(id_) == "replaced":
        following = _hash(f"{delivery.identity}\nbrought back {number + 1}")
        if following not in states and not bring_back:
            break
        number, id_ = number + 1, following
    return replace(delivery, delivery_id=id_)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(connection: DuckDBPyConnection, site: SiteConfig, delivery: _Delivery) -> Reading:
    if delivery.format == "synthea" and site.synthea is not None:
        return read_synthea(connection, delivery.files, site.synthea)
    reading = read_registers(
        connection, delivery.format, delivery.files, delivery.mapping, delivery.stated_period
    )
    if delivery.mapping_file is not None:
        names = [file.name for file in delivery.files]
        refuse_unused(delivery.mapping, delivery.mapping_file, reading.headers, names)
    return reading


def _write(
    connection: DuckDBPyConnection,
    site: SiteConfig,
    delivery: _Delivery,
    reading: Reading,
    bring_back: bool,
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
        bring_back=bring_back,
    )
    take_out(connection, older, delivery.delivery_id)
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
        quality=profile_delivery(connection, delivery.delivery_id, delivery.format),
    )


def _period(reading: Reading, delivery: _Delivery) -> tuple[Period | None, datetime | None]:
    """The period, and the moment where the data end (exclusive)."""
    if delivery.stated_period is not None:
        return delivery.stated_period, _midnight_after(delivery.stated_period.last)
    period, to_the_second = reading.period_of_data()
    if period is None and reading.rows_in and not _tells_its_period(delivery.format):
        raise Problem(
            "the delivery's period is not stated, and no column of it tells",
            str(delivery.source),
            f"State it in {SIDECAR}: `period_from: YYYY-MM-DD` and `period_to: YYYY-MM-DD`.",
        )
    return period, to_the_second or (_midnight_after(period.last) if period else None)


def _tells_its_period(format: str) -> bool:
    return format == "synthea" or can_tell_period(tables_of(format)[0])


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())


def _notes(site: SiteConfig, delivery: _Delivery, period: Period | None) -> Iterator[str]:
    if delivery.format == "synthea":
        yield f"The period was taken from the whole source: {period or 'it has no encounters'}."
    elif delivery.stated is None:
        taken = f"from the data: {period}" if period else "from nowhere: no row landed"
        yield f"No period was stated; it was taken {taken}. State it in delivery.yaml."
    for file in delivery.files:
        yield from file.notes
    if delivery.format != "synthea":
        read = {file.source.path for file in delivery.files}
        for path in data_files(delivery.source):
            if path not in read:
                yield f"{path.name} was not read: its name is of no part of `{delivery.format}`."
    source = delivery.source
    folder = source if source.is_dir() else source.parent
    if site.keys.generator is None and (folder / MARK_FILE).is_file():
        yield f"{MARK_FILE} was not believed: the site file names no `keys.generator`."


def _unchanged(
    connection: DuckDBPyConnection, site: SiteConfig, delivery: _Delivery, before: Landed
) -> IngestReport:
    """What these contents became when they landed; a superseded delivery stays superseded."""
    if before.state != "current":
        raise SupersededDelivery(
            "this delivery has been replaced by a newer one",
            str(delivery.source),
            "Nothing was changed. Deliver a newer extract, or bring this one back expressly.",
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
        quality=profile_delivery(connection, before.delivery_id, delivery.format),
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
