"""`sloyfe ingest`: read one delivery into a site's warehouse, and say how good it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sloyfe.console import Steps

if TYPE_CHECKING:
    from federated.site.landing import IngestReport, StatedPeriod
    from federated.site.landing.quality import QualityReport, ReportPaths

_SHOWN = 8
"""Findings printed; the report has them all."""


def ingest(
    site: Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")],
    format: Annotated[str, typer.Option(help="npr, kuhr, kpr-omsorg, person-key, synthea, …")],
    source: Annotated[Path, typer.Option(help="The delivery: a file or a folder.")],
    period_from: Annotated[
        str | None, typer.Option(help="First day covered (YYYY-MM-DD), if no delivery.yaml says.")
    ] = None,
    period_to: Annotated[str | None, typer.Option(help="Last day covered.")] = None,
    extracted: Annotated[str | None, typer.Option(help="Day the extract was taken.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="How its columns differ, if no mapping.yaml beside it says.")
    ] = None,
    bring_back: Annotated[
        bool, typer.Option("--bring-back", help="Land it although a newer one took its place.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of it; change nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Folder for the quality report; else in the site's state.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Land rows that keep the contract, quarantine those that break it, lose none."""
    from federated.site.config import load_site
    from federated.site.landing import ingest as land
    from federated.site.landing.quality import report_folder, write_quality_report

    stated = _stated(period_from, period_to, extracted)
    organisation = load_site(site)
    with Steps() as steps:
        landed = land(
            organisation,
            format,
            source,
            stated=stated,
            mapping=mapping,
            bring_back=bring_back,
            dry_run=dry_run,
            progress=steps.next,
        )
        steps.next("writing the quality report")
        folder = report or report_folder(organisation.state_path, landed.delivery_id)
        paths = write_quality_report(landed.quality, folder)
    if as_json:
        print(json.dumps(_document(landed, paths), indent=2, ensure_ascii=False, default=str))
        return
    _print_outcome(landed)
    _print_quality(landed.quality, paths)


def _document(landed: IngestReport, paths: ReportPaths) -> dict[str, Any]:
    """The report of the ingest; of the quality report its verdicts and where the rest lies."""
    from federated.site.landing.quality import document

    quality = document(landed.quality)
    told = {
        name: value
        for name, value in vars(landed).items()
        if name not in ("quality", "is_dry_run", "period")
    }
    return {
        **told,
        "period": asdict(landed.period) if landed.period else None,
        "dry_run": landed.is_dry_run,
        "quality": {
            **{name: quality[name] for name in ("schema", "previous", "summary", "findings")},
            "json": str(paths.json),
            "html": str(paths.html),
        },
    }


def _print_outcome(landed: IngestReport) -> None:
    would = "dry run, nothing was changed; it would be " if landed.is_dry_run else ""
    print(f"{would}{landed.outcome}: {landed.rows_in} rows in")
    print(f"  = {landed.rows_landed} landed + {landed.rows_quarantined} quarantined")
    for reason, count in sorted(landed.reasons.items()):
        print(f"    {count:>8}  {reason}")
    for note in landed.notes:
        print(f"  {note}")


def _print_quality(quality: QualityReport, paths: ReportPaths) -> None:
    from federated.site.landing.quality import FAMILIES, SEVERITIES
    from federated.site.landing.quality.page import lines

    console = Console(highlight=False, markup=False)
    table = Table("quality", *SEVERITIES, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for family in FAMILIES:
        counts = quality.summary[family]
        table.add_row(family, *(str(counts[severity] or "–") for severity in SEVERITIES))
    console.print(table)
    found = lines(quality.findings)
    for line in found[:_SHOWN]:
        more = f" (the worst of {line.months} months)" if line.months > 1 else ""
        print(f"  {line.severity:<8}{line.worst.sentence_en}{more}")
    if len(found) > _SHOWN:
        print(f"  … and {len(found) - _SHOWN} more")
    print(f"  report: {paths.html}")
    print(f"          {paths.json}")


def _stated(
    period_from: str | None, period_to: str | None, extracted: str | None
) -> StatedPeriod | None:
    from federated.site.landing import StatedPeriod
    from privacy.problem import Problem

    if period_from and period_to:
        return StatedPeriod(
            _day("--period-from", period_from),
            _day("--period-to", period_to),
            _day("--extracted", extracted) if extracted else None,
        )
    if period_from or period_to or extracted:
        raise Problem(
            "the period is stated in part",
            "--period-from, --period-to",
            "Give both days, or neither (and no --extracted).",
        )
    return None


def _day(option: str, text: str) -> date:
    from privacy.problem import Problem

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"`{text}` is not a day", option, "Write it as YYYY-MM-DD.") from None
