"""Rounded upwards, and by no more than the last bit."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.mechanisms.rounding import root_up, sum_up, up

FRACTIONS = st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**9)


@given(FRACTIONS)
def test_up_is_the_least_float_not_below(exact):
    found = up(exact)
    assert Fraction(math.nextafter(found, -math.inf)) < exact <= Fraction(found)


@given(FRACTIONS)
def test_the_root_is_the_least_float_whose_square_is_not_below(square):
    found = root_up(square)
    assert Fraction(found) ** 2 >= square
    assert Fraction(math.nextafter(found, 0)) ** 2 < square * (1 + Fraction(1, 2**51))


@pytest.mark.parametrize("exact", [0.0, 0.1, 0.5, 3.0, 2.0**60])
def test_what_is_a_float_already_stays_as_it_is(exact):
    assert up(Fraction(exact)) == exact
    assert root_up(Fraction(exact) ** 2) == exact
    assert sum_up([exact]) == exact


def test_a_sum_is_rounded_once():
    assert sum_up([]) == 0
    assert Fraction(sum_up([0.1] * 10)) >= 10 * Fraction(0.1)
    assert sum_up([0.1] * 10) == math.nextafter(1.0, 2)
