"""Directly standardised shares: what a share would be, had every group the same age and sex.

With weight w_k of stratum k in the standard population, sum of w_k = 1, and d_k events among n_k:

    r_k  = d_k / n_k
    DSR  = sum_k w_k r_k
    Var  = sum_k w_k^2 [ r_k (1 - r_k) / n_k  +  noise_k ]

The first part is the binomial variance of each stratum's share, since a stay is followed by a
readmission or it is not (Breslow and Day, Statistical Methods in Cancer Research II, 1987, section
2.2; Fleiss, Statistical Methods for Rates and Proportions, chapter on adjusted rates). The second
is what the noise of a release adds, by the delta method: with independent noise of variance s_e^2
on the count with the event and s_o^2 on the count without it,

    noise_k = [ (1 - r_k)^2 s_e^2 + r_k^2 s_o^2 ] / n_k^2
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from privacy.problem import Problem


@dataclass(frozen=True)
class Stratum:
    """weight: its share of the standard population. with_event, without: counts, which noise may
    have moved below zero; with_event_variance, without_variance: of that noise.
    """

    weight: float
    with_event: float
    without: float
    with_event_variance: float = 0.0
    without_variance: float = 0.0

    @property
    def size(self) -> float:
        return self.with_event + self.without


@dataclass(frozen=True)
class Share:
    value: float
    variance: float

    @property
    def standard_error(self) -> float:
        return math.sqrt(self.variance)


def crude(strata: Iterable[Stratum]) -> Share | None:
    """The share in all strata together; None where they hold nobody."""
    strata = list(strata)
    total = Stratum(
        weight=1.0,
        with_event=math.fsum(s.with_event for s in strata),
        without=math.fsum(s.without for s in strata),
        with_event_variance=math.fsum(s.with_event_variance for s in strata),
        without_variance=math.fsum(s.without_variance for s in strata),
    )
    return directly_standardised([total])


def directly_standardised(strata: Iterable[Stratum]) -> Share | None:
    """The standardised share; None where a stratum that has weight holds nobody.

    Such a stratum has no share of its own, and to leave it out would change the standard. The
    caller merges strata or publishes the crude share. Raises ValueError where weights do not sum to
    1: that is a mistake in the standard, not in the data.
    """
    strata = list(strata)
    if any(s.weight < 0 for s in strata) or not math.isclose(
        math.fsum(s.weight for s in strata), 1.0, abs_tol=1e-6
    ):
        raise ValueError("weights of a standard population are not negative and sum to 1")
    weighted = [s for s in strata if s.weight > 0]
    if any(s.size <= 0 for s in weighted):
        return None
    return Share(
        value=math.fsum(s.weight * s.with_event / s.size for s in weighted),
        variance=math.fsum(s.weight**2 * _variance(s) for s in weighted),
    )


def _variance(stratum: Stratum) -> float:
    # Noise can take a share out of 0..1, where the binomial formula has no meaning.
    share = min(max(stratum.with_event / stratum.size, 0.0), 1.0)
    binomial = share * (1 - share) / stratum.size
    noise = (1 - share) ** 2 * stratum.with_event_variance + share**2 * stratum.without_variance
    return binomial + noise / stratum.size**2


def standard_weights(project: Path, indicator: str) -> dict[tuple[str, str], float]:
    """(age group, sex) -> weight, for an indicator, from the seed standard_population_readmission.

    project: folder of the dbt project. Raises Problem where the seed has no row for the indicator.
    """
    file = project / "seeds" / "standard_population_readmission.csv"
    with file.open(newline="", encoding="utf-8") as stream:
        found = {
            (row["age_group"], row["sex"]): float(row["weight"])
            for row in csv.DictReader(stream)
            if row["indicator"] == indicator
        }
    if not found:
        raise Problem(
            f"there is no standard population for `{indicator}`",
            str(file),
            "Add its strata to the seed, or publish the crude share.",
        )
    return found
