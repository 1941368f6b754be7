"""Release folders to render, made from a seed: the shape of a real one, figures of nobody."""

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

GROUPS = ["0-17", "18-66", "67-74", "75-84", "85+"]
QUARTERS = ["2024Q1", "2024Q2", "2024Q3", "2024Q4"]
ERRORS = {"index_stays": 24, "acute_readmissions": 17}
SIZES = [210, 830, 260, 410, 240]


def noisy_counts(site: int, group: int, rng: np.random.Generator) -> tuple[int, int]:
    """Index stays and readmissions of one cell, with noise of about the stated error."""
    size = rng.poisson(SIZES[group % 5] * (1 - 0.25 * (site % 3)))
    readmitted = rng.binomial(size, 0.08 + 0.02 * (group % 5))
    first, second = rng.normal(0, 8.7, 2).round().astype(int)
    return int(size + first + second), int(readmitted + first)


def write_release(
    folder: Path,
    *,
    sites: Sequence[str] = ("Nordby sykehus", "Østlia sykehus", "Sørvik sykehus"),
    groups: Sequence[str] = tuple(GROUPS),
    quarters: Sequence[str] = tuple(QUARTERS),
    counts: Callable[[int, int, np.random.Generator], tuple[int, int]] = noisy_counts,
    change: Callable[[dict[str, Any]], None] = lambda record: None,
) -> Path:
    """A release folder as the coordinator writes it; `change` edits the record before writing."""
    rng = np.random.default_rng(20240101)
    ids = [f"site-{number}" for number in range(len(sites))]
    rows = []
    for (number, site), (place, group), quarter in itertools.product(
        enumerate(ids), enumerate(groups), quarters
    ):
        for measure, value in zip(ERRORS, counts(number, place, rng), strict=True):
            error = ERRORS[measure]
            rows.append(
                {
                    "site": site,
                    "age_group": group,
                    "quarter": quarter,
                    "measure": measure,
                    "value": value,
                    "ci_low": max(0, value - error),
                    "ci_high": max(0, value + error),
                    "status": "ok" if value >= error else "uncertain",
                }
            )
    record = _record(ids, sites, groups, quarters)
    change(record)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "cells.parquet")
    (folder / "release.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def _record(
    ids: Sequence[str], names: Sequence[str], groups: Sequence[str], quarters: Sequence[str]
) -> dict[str, Any]:
    return {
        "release_id": "readmission-30d-same-site-2024-e1-5f0a1c22",
        "question_id": "a" * 64,
        "attempt_id": "5f0a1c22" * 8,
        "attempt": 1,
        "edition": 1,
        "version": 1,
        "period": "2024",
        "published_at": "2025-03-17T09:12:44+00:00",
        "code_version": "0.1.0",
        "indicator": {
            "id": "readmission_30d_same_site",
            "version": 1,
            "definition": "c0ffee" * 10 + "beef",
            "name_nb": "Akutt reinnleggelse ved samme sykehus innen 30 dager",
            "name_en": "Acute readmission to the same hospital within 30 days",
            "definition_nb": "Nevner: døgnopphold utskrevet i perioden. Teller: de av dem der "
            "samme person blir akutt innlagt igjen ved samme sykehus etter 8 timer til 30 dager.",
            "definition_en": "Denominator: inpatient stays discharged in the period. Numerator: "
            "those after which the person is acutely admitted again within 8 hours to 30 days.",
            "source": "FHI 30-day readmission; SKDE sykehusopphold",
            "owner": "Sløyfe, faggruppe for indikatorer",
            "unit_nb": "sykehusforløp",
            "unit_en": "episodes",
            "known_limits_nb": "Bare reinnleggelse ved samme sykehus telles.",
            "known_limits_en": "Only readmission to the same hospital counts.",
            "measures": {
                "index_stays": {"name_nb": "Sykehusforløp", "name_en": "Index stays", "atoms": 2},
                "acute_readmissions": {
                    "name_nb": "Akutte reinnleggelser innen 30 dager",
                    "name_en": "Acute readmissions within 30 days",
                    "atoms": 1,
                },
            },
            "shares": [
                {
                    "part": "acute_readmissions",
                    "of": "index_stays",
                    "name_nb": "Andel akutt reinnlagt",
                    "name_en": "Share acutely readmitted",
                }
            ],
        },
        "sites": [
            {"id": site, "name": name, "operator": f"Driftsselskap {number}"}
            for number, (site, name) in enumerate(zip(ids, names, strict=True))
        ],
        "keys": [
            {
                "name": "age_group",
                "name_nb": "Aldersgruppe",
                "name_en": "Age group",
                "values": list(groups),
            },
            {
                "name": "quarter",
                "name_nb": "Kvartal",
                "name_en": "Quarter",
                "values": list(quarters),
            },
        ],
        "privacy": {
            "unit": "person",
            "neighbours": "add or remove one person's records at every site",
            "bounds": {"per_cell": 2, "total": 4},
            "mechanism": "discrete Gaussian, added at each site",
            "scale": 8.66,
            "rho_site": 0.0533,
            "rho": 0.16,
            "epsilon": 2.48,
            "delta": 1e-6,
            "data_years": {site: [2023, 2024, 2025] for site in ids},
            "private": True,
            "end_stated": True,
            "data_origin": "generated",
        },
        "expected_error": ERRORS,
        "vintages": {site: {"npr": "2025-02"} for site in ids},
        "confidence": 0.95,
    }
