"""Discrete Laplace noise on a vector of integers, under pure differential privacy.

    given x in Z^d, scale b:
        release x + Z,   Z_1 ... Z_d independent,   P(Z = z) = (1 - q) / (1 + q) * q^|z|,
        q = exp(-1 / b)

Privacy map. If one person moves x by at most D in L1 norm, the release is (D / b)-DP (Ghosh,
Roughgarden and Sundararajan 2009, Universally Utility-Maximizing Privacy Mechanisms): moving z by
Delta changes |z| by at most |Delta|, so each probability by a factor of at most q^-|Delta|.
An epsilon-DP mechanism is (epsilon^2 / 2)-zCDP (Bun and Steinke 2016, Proposition 1.4).

Error. Unbiased; variance 2 q / (1 - q)^2. The exact distribution: `privacy.estimates.noise`.

Better than the Gaussian where one person touches one or two cells and the account is in epsilon.
Sampler: OpenDP's, exact in rational arithmetic.
"""

# pyright: basic

from collections.abc import Sequence
from fractions import Fraction

from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_laplace
from opendp.metrics import l1_distance
from opendp.mod import Measurement, enable_features

from privacy.mechanisms.rounding import up

enable_features("contrib")


def laplace_measurement(scale: float) -> Measurement:
    """OpenDP's own, on vectors of 64-bit integers."""
    domain = vector_domain(atom_domain(T="i64"))
    return make_laplace(domain, l1_distance(T="i64"), scale=scale)


def add_discrete_laplace(values: Sequence[int], scale: float) -> list[int]:
    """Add independent discrete Laplace noise of parameter `scale` to each of `values`.

    values, result: shape (d,), integers that fit 64 bits.
    """
    return list(laplace_measurement(scale)(list(values)))


def laplace_epsilon(scale: float, l1: int) -> float:
    """Pure-DP cost of `add_discrete_laplace`; one person moves the vector by <= l1 in L1 norm."""
    return laplace_measurement(scale).map(d_in=l1)


def rho_of_pure(epsilon: float) -> float:
    """zCDP cost of any epsilon-DP mechanism: epsilon^2 / 2, rounded up."""
    return up(Fraction(epsilon) ** 2 / 2)
