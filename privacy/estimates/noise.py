"""Distributions of the noise that was added, to say afterwards what it hides.

Nothing is drawn here. Each distribution is tabulated, and sums are convolved, so that an interval
is as wide as the mechanism asks for and not as its normal approximation would have it.

Sources: Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential Privacy" (CKS);
Kairouz, Liu, Steinke 2021, "The Distributed Discrete Gaussian Mechanism for Federated Learning
with Secure Aggregation" (KLS); Ghosh, Roughgarden, Sundararajan 2012 for the discrete Laplace.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce

import numpy as np

from privacy.estimates._scipy import Floats, normal_cumulative

_CUT = 2.0**-60
"""Probability that may be cut off the tails of a table, where rounding has not taken more; counted
in its `error`."""
_MERGED = 1e-15
"""Largest log-ratio at which a sum of discrete Gaussians is taken to be one discrete Gaussian."""
_DIRECT = 2**24
"""Products up to which a convolution is summed directly, every entry to full relative accuracy."""
_LARGEST_REACH = 2**24
_ROUNDING = float(np.finfo(np.float64).eps)
_TABULATED = _CUT + 64 * _ROUNDING
"""Error of a table before it is summed: exp(-x) is off by about x roundings, and x is below 43."""


@dataclass(frozen=True, eq=False)
class Noise:
    """Integer noise, symmetric about zero: P(Z = k) = pmf[reach + k] for -reach <= k <= reach.

    pmf: shape (2 reach + 1,). What is cut from the tails is missing from it, not spread over it.
    error: bound on the total variation between this table and the distribution it stands for.
    Raises ValueError where the table cannot be such a distribution.
    """

    pmf: Floats
    error: float = 0.0

    def __post_init__(self) -> None:
        if self.pmf.ndim != 1 or len(self.pmf) % 2 == 0 or bool((self.pmf < 0).any()):
            raise ValueError("a table of noise is a line of 2 reach + 1 probabilities")
        if not np.array_equal(self.pmf, self.pmf[::-1]):
            raise ValueError("noise is symmetric about zero")
        if abs(float(self.pmf.sum()) - 1) > max(self.error, 1e-12):
            raise ValueError("the probabilities of noise sum to one")
        self.pmf.setflags(write=False)

    @property
    def reach(self) -> int:
        """Largest |k| in the table."""
        return len(self.pmf) // 2

    @cached_property
    def variance(self) -> float:
        """In counts squared; of the table, whose cut tails hold less than 1e-9 of it."""
        k = np.arange(1, self.reach + 1, dtype=np.float64)
        return 2 * float(k**2 @ self.pmf[self.reach + 1 :])

    @cached_property
    def cumulative(self) -> Floats:
        """P(Z <= k - reach), shape (2 reach + 1,)."""
        return np.cumsum(self.pmf)

    @cached_property
    def normal_error(self) -> float:
        """Largest distance between the distribution functions of Z + U and the normal of the same
        variance, U uniform on -1/2..1/2: how well a normal quantile would do, half a count aside.
        """
        if self.variance == 0:
            return 1.0
        sd = math.sqrt(self.variance)
        k = np.arange(-self.reach, self.reach + 1, dtype=np.float64)
        at_steps = np.abs(self.cumulative - normal_cumulative((k + 0.5) / sd))
        # Between steps Z + U is linear, and a function strays from its chord by max|f''| / 8.
        chord = math.exp(-0.5) / math.sqrt(2 * math.pi) / (8 * self.variance)
        return float(at_steps.max()) + chord + self.error

    def half_width(self, confidence: float) -> int:
        """Least w with P(|Z| <= w) >= confidence, the table's error counted against it.

        Raises ValueError unless `confidence` is a probability the table can tell from 1.
        """
        if not 0 < confidence < 1:
            raise ValueError("confidence lies between 0 and 1")
        tails = np.concatenate(([0.0], np.cumsum(2 * self.pmf[self.reach + 1 :])))
        within: Floats = self.pmf[self.reach] + tails
        least = int(np.searchsorted(within, confidence + self.error))
        if least == len(within):
            raise ValueError("confidence is nearer to 1 than the table of the noise is accurate")
        return least

    def __add__(self, other: "Noise") -> "Noise":
        """The sum of two independent draws."""
        shorter = min(len(self.pmf), len(other.pmf))
        if shorter * max(len(self.pmf), len(other.pmf)) <= _DIRECT:
            pmf, rounding = np.convolve(self.pmf, other.pmf), shorter * _ROUNDING
        else:
            pmf, rounding = _convolve_by_fft(self.pmf, other.pmf)
        pmf = (pmf + pmf[::-1]) / 2
        return _without_tails(pmf, max(_CUT, rounding), self.error + other.error + rounding)

    def times(self, terms: int) -> "Noise":
        """The sum of `terms` independent draws."""
        if terms < 1:
            raise ValueError("a sum has at least one term")
        half = self if terms == 1 else self.times(terms // 2)
        if terms == 1:
            return half
        return half + half + self if terms % 2 else half + half


NO_NOISE = Noise(np.ones(1))
"""Of a figure that is public as it is."""


def total(noises: Iterable[Noise]) -> Noise:
    """The sum of independent draws, one of each."""
    return reduce(Noise.__add__, noises, NO_NOISE)


@lru_cache(maxsize=64)
def discrete_gaussian(scale: float, terms: int = 1) -> Noise:
    """Sum of `terms` draws, each P(k) in proportion to exp(-k^2 / (2 scale^2)) (CKS).

    A count summed over atoms has a term for each atom; one summed over the shares of n sites, n
    terms. Where KLS's bound on the difference allows it, the sum is the discrete Gaussian of the
    summed variance; below (scale under 2) it is convolved.
    """
    _positive(scale)
    if terms < 1:
        raise ValueError("a sum has at least one term")
    if terms == 1:
        # CKS: the discrete Gaussian is sub-Gaussian with its own parameter.
        reach = math.ceil(scale * math.sqrt(2 * math.log(2 / _CUT)))
        k = _steps(reach)
        weight = np.exp(-((k / scale) ** 2) / 2)
        return Noise(weight / weight.sum(), _TABULATED)
    apart = merging_error(scale, terms)
    if apart > _MERGED:
        return discrete_gaussian(scale).times(terms)
    merged = discrete_gaussian(scale * math.sqrt(terms))
    return Noise(merged.pmf, merged.error + apart)


def merging_error(scale: float, terms: int) -> float:
    """Bound on |log(P(sum = z) / P'(z))| for all z, P' the discrete Gaussian of summed variance.

    KLS: 10 sum_k exp(-2 pi^2 scale^2 k / (k + 1)) for k < terms, scale >= 1/2; it
    bounds the total variation too. Infinite below, where KLS says nothing.
    """
    if scale < 0.5:
        return math.inf if terms > 1 else 0.0
    k = np.arange(1, terms, dtype=np.float64)
    return 10 * float(np.exp(-2 * math.pi**2 * scale**2 * k / (k + 1)).sum())


@lru_cache(maxsize=64)
def discrete_laplace(scale: float, terms: int = 1) -> Noise:
    """Sum of `terms` draws, each P(k) in proportion to exp(-|k| / scale)."""
    _positive(scale)
    q = math.exp(-1 / scale)
    reach = math.ceil(scale * math.log(2 / _CUT))
    k = _steps(reach)
    pmf = (1 - q) / (1 + q) * np.exp(-np.abs(k) / scale)
    return Noise(pmf, _TABULATED).times(terms)


@lru_cache(maxsize=64)
def truncated_discrete_laplace(scale: float, reach: int, terms: int = 1) -> Noise:
    """Sum of `terms` draws, each P(k) in proportion to exp(-|k| / scale) on -reach..reach.

    The dummies of a linkage are such a draw plus `reach`: subtract `reach` for each term and this
    is the noise. Their q is exp(-1 / scale), their t `reach`.
    """
    _positive(scale)
    if reach < 0:
        raise ValueError("the reach of noise is not negative")
    k = _steps(reach)
    weight = np.exp(-np.abs(k) / scale)
    return Noise(weight / weight.sum(), _TABULATED).times(terms)


def _positive(scale: float) -> None:
    if not (0 < scale < math.inf):
        raise ValueError("the scale of noise is a positive number")


def _steps(reach: int) -> Floats:
    if reach > _LARGEST_REACH:
        raise ValueError("noise this wide leaves no figure to say anything of")
    return np.arange(-reach, reach + 1, dtype=np.float64)


def _convolve_by_fft(one: Floats, other: Floats) -> tuple[Floats, float]:
    """Their convolution, and a bound on the sum of its entries' errors.

    An entry of an FFT convolution is off by at most about 6 u log2(n) |a|_2 |b|_2 (Higham 2002,
    Accuracy and Stability of Numerical Algorithms, section 24.1).
    """
    length = len(one) + len(other) - 1
    size = 1 << (length - 1).bit_length()
    product = np.fft.rfft(one, size) * np.fft.rfft(other, size)
    pmf = np.maximum(np.fft.irfft(product, size)[:length], 0)
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    return pmf, length * 6 * _ROUNDING * math.log2(size) * norms


def _without_tails(pmf: Floats, most: float, error: float) -> Noise:
    """Cut what lies so far out that both tails together hold at most `most`."""
    beyond = np.cumsum(pmf[: len(pmf) // 2])
    cut = int(np.searchsorted(beyond, most / 2, side="right"))
    return Noise(pmf[cut : len(pmf) - cut].copy(), error + most if cut else error)
