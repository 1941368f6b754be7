"""An edition's figures as files for programs: what the page shows, cell by cell, and no more.

The display threshold is applied: a suppressed value is null in every format, and its interval
begins at zero. Sums made of these files leave the suppressed cells out; the signed release has
them. Each row says which definition, vintage, period and edition it is of.
"""

import csv
import io
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from portal.figures import CountFigure
from portal.release_record import ReleaseRecord
from portal.room.editions import Edition
from style.tables import Column, Table
from style.workbook import workbook

_TEXT = ("release_id", "indicator", "definition_version", "definition", "period", "edition",
         "vintage", "site", "site_name")  # fmt: skip
_NUMBERS = ("value", "ci_low", "ci_high")


@dataclass(frozen=True)
class Download:
    """One file of an edition. format: as readers call it."""

    suffix: str
    format: str
    content: bytes


def downloads(edition: Edition) -> list[Download]:
    rows = list(_rows(edition))
    return [
        Download("csv", "CSV", _csv(edition.record, rows)),
        Download("parquet", "Parquet", _parquet(edition.record, rows)),
        Download("json", "JSON-stat 2.0", _json_stat(edition)),
        Download("xlsx", "XLSX", _xlsx(edition, rows)),
    ]


def columns(record: ReleaseRecord) -> list[str]:
    keys = [key.name for key in record.keys]
    return [*_TEXT, *keys, "measure", "unit", *_NUMBERS, "status"]


def _rows(edition: Edition) -> Iterable[dict[str, Any]]:
    record = edition.record
    about = {
        "release_id": record.release_id,
        "indicator": record.indicator.id,
        "definition_version": record.indicator.version,
        "definition": record.indicator.definition,
        "period": record.period,
        "edition": record.edition,
    }
    for cell in edition.cells.values():
        figure = cell.figure
        vintage = record.vintages.get(cell.site, {})
        yield {
            **about,
            "vintage": "; ".join(f"{register} {month}" for register, month in vintage.items()),
            "site": cell.site,
            "site_name": record.site_name(cell.site),
            **dict(zip((key.name for key in record.keys), cell.values, strict=True)),
            "measure": cell.measure,
            "unit": (record.indicator.measures[cell.measure].amount or record.indicator).unit_nb,
            "value": figure.value,
            "ci_low": figure.low,
            "ci_high": figure.high,
            "status": figure.status.value,
        }


def _csv(record: ReleaseRecord, rows: Iterable[dict[str, Any]]) -> bytes:
    """UTF-8, commas, a header; an empty field is null."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns(record), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def _parquet(record: ReleaseRecord, rows: list[dict[str, Any]]) -> bytes:
    whole_numbers = {"definition_version", "edition", *_NUMBERS}
    schema = pa.schema(
        [(name, pa.int64() if name in whole_numbers else pa.string()) for name in columns(record)]
    )
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return sink.getvalue().to_pybytes()


def _xlsx(edition: Edition, rows: list[dict[str, Any]]) -> bytes:
    record = edition.record
    names = columns(record)
    table = Table(
        title_nb=f"{record.indicator.name_nb}, {record.period}",
        title_en=f"{record.indicator.name_en}, {record.period}",
        columns=tuple(Column(name, "count" if name in _NUMBERS else "text") for name in names),
        rows=tuple(tuple(row[name] for name in names) for row in rows),
    )
    heading = f"{record.indicator.name_nb}, {record.period}"
    with workbook(heading, created=record.published_at) as (book, buffer):
        book.sheet("Tall", [table], missing=None)
        book.pairs("Om tallene", list(_about(record)))
    return buffer.getvalue()


def _about(record: ReleaseRecord) -> Iterable[tuple[str, str]]:
    yield "Indikator", f"{record.indicator.id}, versjon {record.indicator.version}"
    yield "Navn", record.indicator.name_nb
    yield "Name", record.indicator.name_en
    yield "Definisjon", record.indicator.definition_nb
    yield "Definition", record.indicator.definition_en
    yield "Definisjonens fingeravtrykk", record.indicator.definition
    yield "Kjente begrensninger", record.indicator.known_limits_nb
    yield "Kilde", record.indicator.source
    yield "Periode", record.period
    yield "Utgave", str(record.edition)
    yield "Utgivelse", record.release_id
    yield "Publisert", record.published_at.isoformat()
    for site, registers in record.vintages.items():
        said = ", ".join(f"{register} {month}" for register, month in registers.items())
        yield f"Data til og med, {record.site_name(site)}", said
    yield "Intervall", f"{record.confidence:.0%} for støyen: ci_low til ci_high"
    yield "Personvernkostnad", f"ε = {record.privacy.epsilon:.3g}, δ = {record.privacy.delta:.0e}"
    if not record.privacy.private:
        yield "IKKE PRIVAT", "Støyen er lavere enn reglene tillater."
    if record.privacy.data_origin != "real":
        yield "SYNTETISKE DATA", "Tallene sier ingenting om virkelige sykehus eller pasienter."
    yield "status", "ok, uncertain, suppressed (under 5), not_applicable, not_delivered"


def _json_stat(edition: Edition) -> bytes:
    """JSON-stat 2.0: one dataset, the last dimension is value, ci_low and ci_high."""
    record = edition.record
    indicator = record.indicator
    dimensions: dict[str, tuple[str, dict[str, str]]] = {
        "site": ("Virksomhet", {site.id: site.name for site in record.sites}),
        **{
            key.name: (key.name_nb, {v: key.name_of(v, "nb") for v in key.values})
            for key in record.keys
        },
        "measure": ("Mål", {name: m.name_nb for name, m in indicator.measures.items()}),
        "figure": ("Tall og intervall", {name: name for name in _NUMBERS}),
    }
    values: list[int | None] = []
    statuses: list[str] = []
    by_place: dict[tuple[str, ...], CountFigure] = {
        (cell.site, *cell.values, cell.measure): cell.figure for cell in edition.cells.values()
    }
    for place in itertools.product(*(labels for _, labels in list(dimensions.values())[:-1])):
        figure = by_place[place]
        values += [figure.value, figure.low, figure.high]
        statuses += [figure.status.value] * 3
    document = {
        "version": "2.0",
        "class": "dataset",
        "label": f"{indicator.name_nb}, {record.period}",
        "source": f"{indicator.owner}; {indicator.source}",
        "updated": record.published_at.isoformat(),
        "note": [indicator.definition_nb, indicator.known_limits_nb],
        "id": list(dimensions),
        "size": [len(labels) for _, labels in dimensions.values()],
        "role": {
            "time": [key.name for key in record.keys if key.is_time],
            "geo": [key.name for key in record.keys if key.name == "area"],
            "metric": ["measure", "figure"],
        },
        "dimension": {
            name: {
                "label": label,
                "category": {"index": list(labels), "label": labels},
            }
            for name, (label, labels) in dimensions.items()
        },
        "value": values,
        "status": statuses,
        "extension": {
            "release_id": record.release_id,
            "indicator": indicator.id,
            "definition_version": indicator.version,
            "definition": indicator.definition,
            "period": record.period,
            "edition": record.edition,
            "vintages": record.vintages,
            "unit": indicator.unit_nb,
            "confidence": record.confidence,
            "epsilon": record.privacy.epsilon,
            "delta": record.privacy.delta,
            "private": record.privacy.private,
            "data_origin": record.privacy.data_origin,
        },
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
