"""How statistical tests here decide, and draws to test with.

A coverage test fails where so few of `runs` intervals hold the truth that this, or less, comes with
probability at most `FALSE_ALARM` although each holds it with the nominal probability. Draws are
seeded: a test that passes passes always, and the rate is the chance that a right program was
given an unlucky seed.
"""

import numpy as np
from scipy.stats import binom

from privacy.estimates.noise import Noise

FALSE_ALARM = 1e-6


def covers_enough(held: int, runs: int, nominal: float) -> bool:
    return bool(binom.cdf(held, runs, nominal) > FALSE_ALARM)


def draws(noise: Noise, shape: int | tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draws from the table itself (what the mechanism draws is compared with it elsewhere)."""
    k = np.arange(-noise.reach, noise.reach + 1)
    return rng.choice(k, size=shape, p=noise.pmf / noise.pmf.sum())
