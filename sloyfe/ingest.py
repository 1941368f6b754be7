"""`sloyfe ingest`: read one delivery into a site's warehouse."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sloyfe.console import Steps


def ingest(
    site: Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")],
    format: Annotated[str, typer.Option(help="npr, kuhr, kpr-omsorg or synthea.")],
    source: Annotated[Path, typer.Option(help="The delivery: a file or a folder.")],
    period_from: Annotated[
        str | None, typer.Option(help="First day covered (YYYY-MM-DD), if no delivery.yaml says.")
    ] = None,
    period_to: Annotated[str | None, typer.Option(help="Last day covered.")] = None,
    extracted: Annotated[str | None, typer.Option(help="Day the extract was taken.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Land rows that keep the contract, quarantine those that break it, lose none."""
    from federated.site.config import load_site
    from federated.site.landing import StatedPeriod
    from federated.site.landing import ingest as land
    from privacy.problem import Problem

    stated = None
    if period_from and period_to:
        stated = StatedPeriod(
            _day("--period-from", period_from),
            _day("--period-to", period_to),
            _day("--extracted", extracted) if extracted else None,
        )
    elif period_from or period_to or extracted:
        raise Problem(
            "the period is stated in part",
            "--period-from, --period-to",
            "Give both days, or neither (and no --extracted).",
        )
    with Steps() as steps:
        report = land(load_site(site), format, source, stated=stated, progress=steps.next)
    if as_json:
        print(json.dumps(asdict(report), indent=2, ensure_ascii=False, default=str))
        return
    print(f"{report.outcome}: {report.rows_in} rows in")
    print(f"  = {report.rows_landed} landed + {report.rows_quarantined} quarantined")
    for reason, count in sorted(report.reasons.items()):
        print(f"    {count:>8}  {reason}")
    for note in report.notes:
        print(f"  {note}")


def _day(option: str, text: str) -> date:
    from privacy.problem import Problem

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"`{text}` is not a day", option, "Write it as YYYY-MM-DD.") from None
