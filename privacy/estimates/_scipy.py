"""The few functions of scipy.special that are used here, with types, which scipy has none of."""

# pyright: basic

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, pdtr

Floats = NDArray[np.float64]


def normal_cumulative(x: Floats) -> Floats:
    """P(N(0, 1) <= x), elementwise."""
    return ndtr(x)


def poisson_cumulative(k: Floats, mean: float) -> Floats:
    """P(Poisson(mean) <= k), elementwise; zero where k is below zero."""
    return np.where(k < 0, 0.0, pdtr(np.maximum(k, 0), mean))
