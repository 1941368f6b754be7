"""Noise and its privacy maps: the one room that knows OpenDP, and nobody in it writes a sampler.

Each module is one mechanism: what it does as pseudocode, what it costs and why, and how wrong the
released figure will be. Noise comes from the operating system's entropy; it cannot be seeded.
"""

from privacy.mechanisms.dummies import (
    draw_dummies,
    dummy_cell_delta,
    dummy_epsilon,
    dummy_scale,
    dummy_shift,
)
from privacy.mechanisms.gaussian import (
    add_discrete_gaussian,
    epsilon_from_rho,
    gaussian_rho,
)
from privacy.mechanisms.laplace import (
    add_discrete_laplace,
    laplace_epsilon,
    rho_of_pure,
)
from privacy.mechanisms.shares import (
    MINIMUM_SHARE,
    add_share,
    share_rho,
    share_scale,
    share_tau,
)

__all__ = [
    "MINIMUM_SHARE",
    "add_discrete_gaussian",
    "add_discrete_laplace",
    "add_share",
    "draw_dummies",
    "dummy_cell_delta",
    "dummy_epsilon",
    "dummy_scale",
    "dummy_shift",
    "epsilon_from_rho",
    "gaussian_rho",
    "laplace_epsilon",
    "rho_of_pure",
    "share_rho",
    "share_scale",
    "share_tau",
]
