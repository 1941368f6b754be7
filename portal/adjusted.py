"""Standardised shares of a release, from its noisy cells alone: nothing more is measured for them.

Their intervals hold the noise and chance: sites are compared by these figures, and a difference that
chance alone makes is none.
"""

from dataclasses import dataclass

from federated.contract.standardise import (
    Share,
    Stratum,
    directly_standardised,
    observed_over_expected,
)
from portal.release_cells import Cells
from portal.release_record import ReleaseRecord
from portal.release_record import Stratum as Named

_MOST_TIMES = 100.0


@dataclass(frozen=True)
class Figure:
    """A value with the ends of its 95 per cent interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Adjusted:
    """One share of one site: standardised, and as a multiple of what was expected. None where noise
    or an empty stratum leaves nothing to say, or nothing is expected.
    """

    share: Figure | None
    ratio: Figure | None


def adjusted(record: ReleaseRecord, cells: Cells, site: str) -> list[Adjusted]:
    """In the order of the indicator's shares; empty where it has no standard."""
    standard = record.indicator.standard
    if standard is None:
        return []
    found: list[Adjusted] = []
    for place in range(len(record.indicator.shares)):
        strata = [_stratum(record, cells, site, place, named) for named in standard.strata]
        expects = all(stratum.expected is not None for stratum in strata)
        found.append(
            Adjusted(
                share=_figure(directly_standardised(strata), 1.0),
                ratio=_figure(observed_over_expected(strata), _MOST_TIMES) if expects else None,
            )
        )
    return found


def _stratum(
    record: ReleaseRecord, cells: Cells, site: str, place: int, named: Named
) -> Stratum:
    standard, share = record.indicator.standard, record.indicator.shares[place]
    assert standard is not None
    wanted = dict(zip(standard.keys, named.values, strict=True))
    domains = [
        [wanted[key.name]] if key.name in wanted else key.values for key in record.keys
    ]
    inside = [(group, time) for group in domains[0] for time in domains[1]]
    part = sum(cells[site, group, time, share.part].value for group, time in inside)
    whole = sum(cells[site, group, time, share.of].value for group, time in inside)
    of_part, of_rest = standard.atoms[place]
    noise = record.privacy.scale**2 * len(inside)
    return Stratum(
        named.weight, part, whole - part, of_part * noise, of_rest * noise, named.expected
    )


def _figure(share: Share | None, most: float) -> Figure | None:
    if share is None or not 0 <= share.value <= most:
        return None
    return Figure(share.value, *share.interval(most))
