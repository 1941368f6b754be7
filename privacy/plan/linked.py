"""What a linked table's dummies are, once its rho is settled.

One person's `kept` tokens move the matches of one run by at most `kept` in L1, so noise of scale
kept / epsilon in every cell makes the pure part epsilon. The cut-off tails cost delta. A person may
touch up to `kept` cells; the deltas of the touched cells add up, and are largest when all tokens
fall in one cell:

    delta(c) = (1 - q) / (1 + q - 2 q^(t+1)) * sum over j < c of q^(t-j)

and the sum of c terms, each at most the one before it reversed, is at least c times the first; so
delta(c_1) + delta(c_2) + ... <= delta(c_1 + c_2 + ...). Hence one run costs delta(kept).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from privacy.accounting import Loss
from privacy.estimates.noise import truncated_discrete_laplace
from privacy.mechanisms import (
    dummy_cell_delta,
    dummy_epsilon,
    dummy_scale,
    dummy_shift,
)
from privacy.plan.table import Linkage


@dataclass(frozen=True)
class Dummies:
    """Of one run: one service, all its classes and buckets.

    variance: of one released cell, all parties' noise together. each: what a party mixes into every
    cell, 2 * shift, of which about half match.
    """

    epsilon: float
    delta: float
    scale: float
    shift: int
    variance: float

    @property
    def each(self) -> int:
        return 2 * self.shift

    @property
    def loss(self) -> Loss:
        return Loss.approximate(self.epsilon, self.delta)


@lru_cache(maxsize=1024)
def dummies(linkage: Linkage, rho: float, delta: float) -> Dummies:
    """For a measured grain that may cost `rho` over all its services, and `delta` a run.

    Raises ValueError where no number of dummies keeps the delta.
    """
    scale = dummy_scale(math.sqrt(2 * rho / linkage.services) * (1 - 1e-12), linkage.kept)
    shift = dummy_shift(scale, linkage.kept, delta)
    return Dummies(
        epsilon=dummy_epsilon(scale, linkage.kept),
        delta=dummy_cell_delta(scale, linkage.kept, shift),
        scale=scale,
        shift=shift,
        variance=linkage.parties * truncated_discrete_laplace(scale, shift).variance,
    )
