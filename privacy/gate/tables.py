"""The tables that a gate lets out: counts of rows, and sums of their amounts, with noise."""

from privacy.bounds import Rows, bounded_counts, bounded_sums
from privacy.gate.request import Counts, ShareOfSum


def noisy_tables(mechanism: Counts | ShareOfSum, rows: Rows) -> list[int]:
    """The mechanism's tables of `rows`, cut here whatever has cut them before.

    Shape (cells * atoms), atoms fastest; where the bound has a clip, twice that: the sums follow in
    whole steps, with noise of `clip.steps` times the counts' scale (`privacy.clipping`).
    """
    of = rows, mechanism.bound, mechanism.cells, mechanism.atoms
    noisy = mechanism.noisy(bounded_counts(*of))
    clip = mechanism.bound.clip
    if clip is None:
        return noisy
    return noisy + mechanism.noisy(bounded_sums(*of), clip.steps)
