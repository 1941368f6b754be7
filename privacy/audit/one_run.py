"""A lower bound on epsilon from a single run with many planted persons.

Steinke, Nasr and Jagielski 2023, Privacy Auditing with One (1) Training Run. Each of m canaries is
put in or left out by a fair coin of its own. The attacker sees the release and guesses some of the
coins. If the mechanism is (epsilon, delta)-DP, the number of right guesses among r is dominated by
a binomial of r trials with e^epsilon / (1 + e^epsilon), but for a term of delta (Theorem 5.2
there); so many right guesses rule small epsilons out.

It bounds from below what one attack finds: far below the proven epsilon, as a rule, and never above
it but for the stated confidence.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import math
import secrets
from collections.abc import Callable, Sequence

from scipy import stats

Release = Callable[[Sequence[int]], Sequence[int]]
"""Exact counts, one a canary, to what is released of them."""


def p_value(canaries: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """Chance of so many right guesses, or more, under (epsilon, delta)-DP, at most."""
    q = 1 / (1 + math.exp(-epsilon))
    tail = float(stats.binom.sf(right - 1, guesses, q))
    below = stats.binom.pmf(range(right - 1, -1, -1), guesses, q).cumsum()
    steepest = max((float(s) / i for i, s in enumerate(below, start=1)), default=0.0)
    return min(1.0, tail + 2 * canaries * delta * steepest)


def lower_bound(canaries: int, guesses: int, right: int, delta: float, confidence: float) -> float:
    """Largest epsilon that `right` of `guesses` rule out at `confidence`; zero if none."""
    low, high = 0.0, 30.0
    if p_value(canaries, guesses, right, 0.0, delta) > 1 - confidence:
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        if p_value(canaries, guesses, right, middle, delta) <= 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def attack(release: Release, canaries: int, guesses: int, weight: int = 1) -> int:
    """Right guesses of one run: each canary moves a cell of its own by `weight`, or does not.

    The `guesses` cells furthest from the middle are guessed, half of them in and half of them out.
    """
    coins = [secrets.randbelow(2) for _ in range(canaries)]
    seen = release([weight * coin for coin in coins])
    order = sorted(range(canaries), key=lambda i: seen[i])
    half = guesses // 2
    wrong_out = sum(coins[i] for i in order[:half])
    right_in = sum(coins[i] for i in order[-half:])
    return half - wrong_out + right_in
