"""Arithmetic that errs on one side only: a cost is never reported below what it is."""

import math
from collections.abc import Iterable
from fractions import Fraction


def root_up(square: int | Fraction) -> float:
    """Least float known to be at least the square root of `square` (exact, not negative)."""
    root = math.sqrt(square)
    while Fraction(root) ** 2 < square:
        root = math.nextafter(root, math.inf)
    return root


def up(exact: Fraction) -> float:
    """Least float that is not below `exact`."""
    near = float(exact)
    return near if Fraction(near) >= exact else math.nextafter(near, math.inf)


def sum_up(terms: Iterable[float]) -> float:
    """Sum of `terms`, exact until one last rounding upwards."""
    return up(sum((Fraction(term) for term in terms), Fraction(0)))
