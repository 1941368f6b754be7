"""The quality report as files: `quality.json` for programs, `quality.html` for people."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from federated.site.landing.quality.facts import TableFacts
from federated.site.landing.quality.findings import months_of
from federated.site.landing.quality.page import render
from federated.site.landing.quality.profile import Profile
from federated.site.landing.quality.report import QualityReport
from federated.site.landing.quality.thresholds import AS_OF, STANDING_EN
from privacy.problem import Problem

SCHEMA = "sloyfe-quality/1"


class ReportPaths(NamedTuple):
    json: Path
    html: Path


def report_folder(state: Path, delivery_id: str) -> Path:
    """Where a site keeps the report of a delivery. state: the site's state folder."""
    return state / "quality" / delivery_id


def write_quality_report(report: QualityReport, folder: Path) -> ReportPaths:
    """Write both files into `folder`, readable by their owner alone; older ones are replaced.

    Raises Problem where that cannot be.
    """
    paths = ReportPaths(folder / "quality.json", folder / "quality.html")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(paths.json, json.dumps(document(report), indent=2, ensure_ascii=False) + "\n")
        _write(paths.html, render(report))
    except FileExistsError:
        raise Problem(
            "the quality report needs a folder, and this is a file",
            str(folder),
            "Name another folder.",
        ) from None
    except OSError as error:
        raise Problem(
            f"the quality report cannot be written: {error.strerror}",
            str(folder),
            "Make room or give leave, or name another folder; then run it again.",
        ) from None
    return paths


def document(report: QualityReport) -> dict[str, Any]:
    """The report as JSON; its schema stands in `docs/data-quality.md`."""
    previous = {facts.table: facts for facts in report.previous.tables} if report.previous else {}
    return {
        "schema": SCHEMA,
        "delivery": _delivery(report.profile),
        "previous": _delivery(report.previous) if report.previous else None,
        "limits": {"as_of": AS_OF.isoformat(), "standing": STANDING_EN},
        "summary": report.summary,
        "tables": [
            _table(facts, previous.get(facts.table), report.profile)
            for facts in report.profile.tables
        ],
        "findings": [asdict(finding) for finding in report.findings],
    }


def _delivery(profile: Profile) -> dict[str, Any]:
    def iso(day: Any) -> str | None:
        return day.isoformat() if day else None

    return {
        "delivery_id": profile.delivery_id,
        "format": profile.format,
        "period_from": iso(profile.period_from),
        "period_to": iso(profile.period_to),
        "period_stated": profile.period_stated,
        "extracted_on": iso(profile.extracted_on),
    }


def _table(facts: TableFacts, previous: TableFacts | None, profile: Profile) -> dict[str, Any]:
    months = sorted({*facts.rows, *facts.quarantined, *months_of(profile)})
    return {
        "table": facts.table,
        "rows": facts.landed,
        "quarantined": facts.received - facts.landed,
        "rows_before": previous.landed if previous else None,
        "months": [
            {
                "month": month or None,
                "rows": facts.rows.get(month, 0),
                "quarantined": facts.quarantined.get(month, 0),
                "rows_before": previous.rows.get(month) if previous else None,
            }
            for month in months
        ],
        "variables": [
            {
                "variable": name,
                "filled": sum(filled.values()),
                "share": sum(filled.values()) / facts.landed,
                "previous_share": _share_before(name, previous),
                "by_month": [
                    {"month": month or None, "filled": filled.get(month, 0)}
                    for month in sorted(facts.rows)
                ],
            }
            for name, filled in facts.filled.items()
        ],
    }


def _share_before(name: str, previous: TableFacts | None) -> float | None:
    if previous is None or not previous.landed:
        return None
    return sum(previous.filled.get(name, {}).values()) / previous.landed


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even while it is written."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
