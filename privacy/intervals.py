"""Intervals for what the noise hides, exact for the discrete Gaussian (no normal approximation)."""

import math
from functools import lru_cache

import numpy as np

_SMOOTH = 8.0
"""From this scale on, a sum of discrete Gaussians is the discrete Gaussian of the summed variance
up to a factor of order exp(-pi^2 scale^2) (Kairouz, Liu, Steinke 2021): no need to convolve."""


@lru_cache(maxsize=256)
def half_width(scale: float, terms: int, confidence: float) -> int:
    """Least w with P(|Z_1 + ... + Z_terms| <= w) >= confidence, Z_i discrete Gaussian of `scale`.

    Every cell gets the same w: it depends on the mechanism alone, never on the value.
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    if terms > 1 and scale >= _SMOOTH:
        return half_width(scale * math.sqrt(terms), 1, confidence)
    reach = math.ceil(12 * scale) + 1  # the tail beyond is below 1e-30
    k = np.arange(-reach, reach + 1, dtype=np.float64)
    single = np.exp(-((k / scale) ** 2) / 2)
    single /= single.sum()
    total = single
    for _ in range(terms - 1):
        total = np.convolve(total, single)
    centre = len(total) // 2
    within = total[centre] + np.concatenate(([0.0], np.cumsum(2 * total[centre + 1 :])))
    return int(np.argmax(within >= confidence))
