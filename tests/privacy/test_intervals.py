from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from privacy.intervals import half_width
from privacy.mechanisms import add_discrete_gaussian


def tail_by_enumeration(scale, terms, width):
    """P(|sum| <= width), summing over every combination of the terms."""
    reach = range(-12, 13)
    weight = {k: np.exp(-(k**2) / (2 * scale**2)) for k in reach}
    total = sum(weight.values())
    return sum(
        np.prod([weight[k] / total for k in draw])
        for draw in product(reach, repeat=terms)
        if abs(sum(draw)) <= width
    )


@pytest.mark.parametrize("terms", [1, 2])
@pytest.mark.parametrize("scale", [0.3, 1.0, 2.1])
def test_width_is_the_least_that_covers(scale, terms):
    width = half_width(scale, terms, 0.95)
    assert tail_by_enumeration(scale, terms, width) >= 0.95
    assert width == 0 or tail_by_enumeration(scale, terms, width - 1) < 0.95


@pytest.mark.parametrize(("scale", "terms"), [(3.0, 2), (25.0, 1), (25.0, 2)])
def test_coverage_by_simulation(scale, terms):
    draws = 40_000
    noise = np.array(add_discrete_gaussian([0] * draws * terms, scale)).reshape(draws, terms)
    covered = (abs(noise.sum(axis=1)) <= half_width(scale, terms, 0.95)).mean()
    slack = 6 * float(Fraction(95 * 5, draws) ** Fraction(1, 2)) / 100  # six standard errors
    assert covered >= 0.95 - slack
    assert covered <= 0.95 + 0.05 / scale + slack  # integers: a little too wide, never much


def test_long_convolutions_agree_with_the_closed_form():
    assert half_width(7.99, 2, 0.95) == half_width(7.99 * 2**0.5, 1, 0.95)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_confidence_is_a_probability(confidence):
    with pytest.raises(ValueError, match="confidence"):
        half_width(1.0, 1, confidence)
