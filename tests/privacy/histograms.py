"""Privacy loss read off histograms of the outputs on two neighbouring inputs.

    for sets S:  P[x in S] <= e^epsilon P[x' in S] + delta,  and the same with x and x' changed over

The sets are those that tell the inputs apart best, the outputs that are likelier on the one by more
than e^epsilon times a margin, as a first half of the draws has it. The second half, which the sets
do not depend on, is counted: each probability lies within its exact interval (Clopper and Pearson
1934), all of them at once but for FALSE_ALARM (Bonferroni). A claim is refuted where even the ends
of the intervals break it: of a sound mechanism with the probability FALSE_ALARM at most.
"""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from scipy import stats

DRAWS = 100_000
FALSE_ALARM = 1e-6
"""Of one call of `keeps_claims`, over all its sets."""
_MARGINS = (1.0, 1.3, 2.0)
"""Without one the whole of a sharp bound is in the set, and where it is broken drowns in it."""

Outputs = Sequence[Hashable]
Draw = Callable[[bool, int], Outputs]
"""(whether the person is there, how many) to so many independent outputs."""


@dataclass(frozen=True)
class Claim:
    """That the mechanism is (epsilon, delta)-DP between the two inputs."""

    epsilon: float
    delta: float


def keeps_claims(draw: Draw, claims: Sequence[Claim], draws: int = DRAWS) -> bool:
    """Whether no claim is refuted by `draws` outputs of either input."""
    halves = [[draw(is_there, draws // 2) for is_there in (False, True)] for _ in range(2)]
    (seen, counted) = ([Counter(outputs) for outputs in half] for half in halves)
    tried = list(itertools.product(claims, _MARGINS, (0, 1)))
    level = FALSE_ALARM / (2 * len(tried))  # two probabilities each
    return not any(
        _is_refuted(
            claim, margin, (seen[one], seen[1 - one]), (counted[one], counted[1 - one]), level
        )
        for claim, margin, one in tried
    )


_Pair = tuple[Counter[Hashable], Counter[Hashable]]


def _is_refuted(claim: Claim, margin: float, seen: _Pair, counted: _Pair, level: float) -> bool:
    ratio = math.exp(claim.epsilon)
    tells = {o for o, times in seen[0].items() if times > margin * ratio * seen[1][o]}
    inside = [sum(of[output] for output in tells) for of in counted]
    least = at_least(inside[0], counted[0].total(), level)
    most = at_most(inside[1], counted[1].total(), level)
    return least > ratio * most + claim.delta


def at_least(times: int, of: int, level: float) -> float:
    """Below which the probability of what came `times` times of `of` is not, but for `level`."""
    return float(stats.beta.ppf(level, times, of - times + 1)) if times else 0.0


def at_most(times: int, of: int, level: float) -> float:
    return float(stats.beta.isf(level, times + 1, of - times)) if times < of else 1.0
