"""Standardised shares of a release, from its noisy cells alone: nothing more is measured for them.

Their intervals hold the noise and chance: sites are compared by these figures, and a difference
that chance alone makes is none.
"""

import itertools
from dataclasses import dataclass

from federated.contract.standardise import (
    Share,
    Stratum,
    directly_standardised,
    observed_over_expected,
)
from portal.release_cells import Cells
from portal.release_record import ReleaseRecord
from privacy.estimates.status import Status

_MOST_TIMES = 100.0


@dataclass(frozen=True)
class Figure:
    """A value with the ends of its 95 per cent interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Adjusted:
    """One share of one site: standardised, and as a multiple of what was expected. None where
    noise, an empty stratum or a missing count leaves nothing to say, or nothing is expected.
    """

    share: Figure | None
    ratio: Figure | None


def adjusted(record: ReleaseRecord, cells: Cells, site: str) -> list[Adjusted]:
    """In the order of the indicator's shares; empty where it has no standard."""
    standard = record.indicator.standard
    if standard is None:
        return []
    expects = all(stratum.expected is not None for stratum in standard.strata)
    found: list[Adjusted] = []
    for share, atoms in zip(record.indicator.shares, standard.atoms, strict=True):
        if not _complete(cells, site, (share.part, share.of)):
            found.append(Adjusted(None, None))
            continue
        strata: list[Stratum] = []
        for named in standard.strata:
            inside = _cells_of(record, dict(zip(standard.keys, named.values, strict=True)))
            part, whole = (
                sum(cells[site, group, time, measure].value or 0 for group, time in inside)
                for measure in (share.part, share.of)
            )
            of_part, of_rest = (number * len(inside) * record.privacy.scale**2 for number in atoms)
            strata.append(
                Stratum(named.weight, part, whole - part, of_part, of_rest, named.expected)
            )
        found.append(
            Adjusted(
                share=_figure(directly_standardised(strata), 1.0),
                ratio=_figure(observed_over_expected(strata), _MOST_TIMES) if expects else None,
            )
        )
    return found


def _complete(cells: Cells, site: str, measures: tuple[str, str]) -> bool:
    """Whether every cell has its count; one that is not applicable counts nobody."""
    return all(
        cell.value is not None or cell.status is Status.NOT_APPLICABLE
        for cell in cells.values()
        if cell.site == site and cell.measure in measures
    )


def _cells_of(record: ReleaseRecord, stratum: dict[str, str]) -> list[tuple[str, str]]:
    inside = ([stratum[key.name]] if key.name in stratum else key.values for key in record.keys)
    return [record.place(values) for values in itertools.product(*inside)]


def _figure(share: Share | None, most: float) -> Figure | None:
    if share is None or not 0 <= share.value <= most:
        return None
    return Figure(share.value, *share.interval(most))
