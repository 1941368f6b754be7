"""Standardised shares: what a share would be, had every group the same age and sex, or risk.

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

Indirect standardisation asks how many events the stays of a group would have had, had each stratum
the reference's share q_k, and divides by that (Breslow and Day, section 2.3):

    E     = sum_k q_k n_k
    O / E = sum_k d_k / E = theta
    Var   = sum_k [ n_k r_k (1 - r_k) + (1 - theta q_k)^2 s_e^2 + (theta q_k)^2 s_o^2 ] / E^2

with q_k as given: that it is an estimate too is not in the variance. Two groups of different mix
are better compared by their directly standardised shares; O / E holds where strata are empty.
"""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from privacy.problem import Problem

_QUANTILE = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Stratum:
    """weight: its share of the standard population. with_event, without: counts, which noise may
    have moved below zero; with_event_variance, without_variance: of that noise. expected: the
    reference's share with the event, where there is one.
    """

    weight: float
    with_event: float
    without: float
    with_event_variance: float = 0.0
    without_variance: float = 0.0
    expected: float | None = None

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

    def interval(self, most: float = 1.0) -> tuple[float, float]:
        """95 per cent by the normal distribution, cut at 0 and at `most`."""
        half = _QUANTILE * self.standard_error
        return max(0.0, self.value - half), min(most, self.value + half)


@dataclass(frozen=True)
class Reference:
    """What a standard says of a stratum. expected: share with the event; None where it has none."""

    weight: float
    expected: float | None


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


def expected_events(strata: Iterable[Stratum]) -> float:
    """Events among these, had each the reference's share. Raises ValueError where one has none."""
    return math.fsum(_expected(s) * s.size for s in strata)


def observed_over_expected(strata: Iterable[Stratum]) -> Share | None:
    """Events as a multiple of those expected; None where none are expected.

    Raises ValueError where a stratum has no expected share.
    """
    strata = list(strata)
    expected = expected_events(strata)
    if expected <= 0:
        return None
    ratio = math.fsum(s.with_event for s in strata) / expected
    variance = math.fsum(_binomial_events(s) + _noise_in_ratio(s, ratio) for s in strata)
    return Share(ratio, variance / expected**2)


def _expected(stratum: Stratum) -> float:
    if stratum.expected is None:
        raise ValueError("a stratum has no expected share")
    return stratum.expected


def _binomial_events(stratum: Stratum) -> float:
    if stratum.size <= 0:
        return 0.0
    share = min(max(stratum.with_event / stratum.size, 0.0), 1.0)
    return stratum.size * share * (1 - share)


def _noise_in_ratio(stratum: Stratum, ratio: float) -> float:
    pull = ratio * _expected(stratum)
    return (1 - pull) ** 2 * stratum.with_event_variance + pull**2 * stratum.without_variance


def _variance(stratum: Stratum) -> float:
    # Noise can take a share out of 0..1, where the binomial formula has no meaning.
    share = min(max(stratum.with_event / stratum.size, 0.0), 1.0)
    binomial = share * (1 - share) / stratum.size
    noise = (1 - share) ** 2 * stratum.with_event_variance + share**2 * stratum.without_variance
    return binomial + noise / stratum.size**2


def standard_weights(project: Path, indicator: str) -> dict[tuple[str, ...], float]:
    """(age group, sex) -> weight, for an indicator that is standardised by age and sex.

    project: folder of the dbt project. Raises Problem where the seed has no row for the indicator.
    """
    found = standard_of(project, indicator, ("age_group", "sex"))
    return {stratum: reference.weight for stratum, reference in found.items()}


def standard_of(
    project: Path, indicator: str, keys: Sequence[str]
) -> dict[tuple[str, ...], Reference]:
    """Values of `keys` -> what the seed standard_population_readmission says of that stratum.

    project: folder of the dbt project. Raises Problem where the seed has no row for the indicator.
    """
    file = project / "seeds" / "standard_population_readmission.csv"
    with file.open(newline="", encoding="utf-8") as stream:
        found = {
            tuple(row[key] for key in keys): Reference(
                float(row["weight"]), float(row["rate"]) if row["rate"] else None
            )
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
