"""Growth of a published figure from one period to another."""


def change(before: float, after: float) -> float | None:
    """The change as a share of what it was before, +0.264 for 26.4 % more; None from zero.

    The base is the earlier figure. Divided by the later one, a growth of 26.4 % reads as 20.9 %;
    that mistake stands in print.
    """
    return None if before == 0 else (after - before) / before
