"""Eight services by ninety buckets: why it is too much, and what to drop."""

import math
from dataclasses import dataclass

from privacy.bounds import ContributionBound
from privacy.plan.capping import Contributions
from privacy.plan.figures import LinkedFigures
from privacy.plan.linked import dummies
from privacy.plan.split import CONFIDENCE_95
from privacy.plan.table import Linkage

STEPS = ((8, 90, 4), (8, 90, 1), (4, 90, 1), (8, 15, 1), (4, 15, 1), (4, 4, 1), (2, 4, 1))
"""Services, buckets, tokens kept: each step drops something."""


@dataclass(frozen=True)
class Step:
    """typical: mean matches of a service and lag class in one bucket."""

    services: int
    buckets: int
    kept: int
    cells: int
    typical: float
    half_width: float
    dummies: int

    @property
    def relative(self) -> float:
        return self.half_width / self.typical


def steps(of: LinkedFigures, admissions: Contributions, rho: float, delta: float) -> list[Step]:
    """Of service use by lag before an admission, yearly, for `rho` a release, delta a run.

    Services with the most matches are kept. Noise depends neither on the buckets nor on the
    classes: a person's tokens touch as many cells however many there are. What falls is the count.
    """
    lags = {s: of.matches[s] for s in of.matches if s.endswith(", lag")}
    order = sorted(lags, key=lambda service: -sum(lags[service].values()))
    whole = 1 - admissions.lost(_only(of.variants[0].kept)).rows
    found: list[Step] = []
    for services, buckets, kept in STEPS:
        classes = [n for service in order[:services] for n in lags[service].values()]
        share = (1 - admissions.lost(_only(kept)).rows) / whole
        noise = dummies(Linkage(kept, services, 3), rho, delta)
        found.append(
            Step(
                services, buckets, kept, len(classes) * buckets,
                typical=math.fsum(classes) / len(classes) * share / buckets,
                half_width=CONFIDENCE_95 * math.sqrt(noise.variance),
                dummies=2 * noise.each * len(classes) * buckets,
            )
        )  # fmt: skip
    return found


def _only(kept: int) -> ContributionBound:
    return ContributionBound(kept, kept)
