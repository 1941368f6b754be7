"""The seeds of the risk models: counts out of synthetic warehouses, a fit each, CSV rows back."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from synthetic.risk import TERMS, Cell, RiskModel, fit, risk_of

EVENTS: Final = ("readmitted", "died")
"""Atoms that are the event of a model; any other is its absence."""
COEFFICIENTS, BOUNDS, STANDARD = (
    "risk_coefficient.csv",
    "risk_band_bound.csv",
    "standard_population_readmission.csv",
)
STANDING: Final = "configuration"
_CELLS: Final = f"""
    select model, {", ".join(TERMS)}, count(*), count(*) filter (atom in {EVENTS})
    from intermediate.int_risk_stay
    group by all
"""  # noqa: S608 -- constants of this module

Counts = dict[str, dict[Cell, tuple[int, int]]]
"""Model -> cell -> (stays, those with the event)."""


def add_counts(counts: Counts, connection: duckdb.DuckDBPyConnection) -> None:
    """Add the index stays of one warehouse, which the caller knows to be synthetic."""
    for model, *cell, stays, events in connection.execute(_CELLS).fetchall():
        of_model = counts.setdefault(model, {})
        before = of_model.get(tuple(cell), (0, 0))
        of_model[tuple(cell)] = before[0] + stays, before[1] + events


def fit_all(counts: Counts) -> dict[str, RiskModel]:
    """A model each, by name. Raises ValueError where one cannot be fitted."""
    return {model: fit(counts[model]) for model in sorted(counts)}


def write_seeds(models: Mapping[str, RiskModel], folder: Path, source: str) -> None:
    """Replace the seeds' rows of these models. source: how they came about, for every row.

    A value that the seed had and no synthetic stay has keeps a row without a coefficient: with none
    at all a stay that has it would fall out of the indicator.
    """
    file = folder / COEFFICIENTS
    coefficients = [*_coefficient_rows(models, source), *_unseen(models, file, source)]
    _replace(file, "model", models, coefficients)
    _replace(folder / BOUNDS, "model", models, _bound_rows(models, source))
    _replace(folder / STANDARD, "indicator", models, _standard_rows(models, source))


def _coefficient_rows(models: Mapping[str, RiskModel], source: str) -> Iterator[dict[str, object]]:
    for name, model in models.items():
        for one in model.coefficients:
            yield {"model": name, **vars(one), "source": source, "standing": STANDING}


def _unseen(
    models: Mapping[str, RiskModel], file: Path, source: str
) -> Iterator[dict[str, object]]:
    seen = {(name, c.term, c.value) for name, model in models.items() for c in model.coefficients}
    with file.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            key = row["model"], row["term"], row["value"]
            if row["model"] in models and key not in seen:
                counts = dict.fromkeys(("millilogit", "standard_error", "stays", "events"), 0)
                yield {**row, **counts, "source": source, "standing": STANDING}


def _bound_rows(models: Mapping[str, RiskModel], source: str) -> Iterator[dict[str, object]]:
    for name, model in models.items():
        for band in model.bands:
            yield {
                "model": name,
                "risk_band": band.name,
                "millilogit_from": band.millilogit_from,
                "millilogit_to": band.millilogit_to,
                "predicted_from": f"{risk_of(band.millilogit_from):.4f}",
                "predicted_to": f"{risk_of(band.millilogit_to):.4f}",
                "source": source,
                "standing": STANDING,
            }


def _standard_rows(models: Mapping[str, RiskModel], source: str) -> Iterator[dict[str, object]]:
    for name, model in models.items():
        whole = sum(band.stays for band in model.bands)
        for band in model.bands:
            yield {
                "indicator": name,
                "risk_band": band.name,
                "persons": band.stays,
                "weight": f"{band.stays / whole:.8f}",
                "rate": f"{band.events / band.stays:.8f}",
                "source": source,
                "standing": STANDING,
            }


def _replace(
    file: Path, column: str, models: Iterable[str], rows: Iterable[Mapping[str, object]]
) -> None:
    """Leave the rows of other models as they are, and put these last."""
    with file.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        names: Sequence[str] = reader.fieldnames or ()
        kept = [row for row in reader if row[column] not in set(models)]
    with _replacing(file) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
        writer.writerows(rows)


@contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    unfinished = file.with_suffix(".unfinished")
    yield unfinished
    unfinished.replace(file)
