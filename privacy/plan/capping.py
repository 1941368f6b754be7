"""What bounding one person's rows takes away from a table: bias, to be set against noise.

A *pattern* is how one person's rows lie: for each cell the person is in, (rows, rows with the
outcome). From how many persons have which pattern, public or synthetic, the share of rows that a
bound cuts follows without a simulation: the cut is by a hash that knows nothing of what a row says,
so each row of a cell is as likely kept as the others, and so is each of what the first cut leaves.

Bias of the published *count* is minus the share lost. A rate suffers less where outcome and other
rows are lost alike; a readmission, being one row of several, is lost more often.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from privacy.bounds import ContributionBound

Pattern = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Lost:
    """Shares, between 0 and 1, of all rows, and of those with the outcome where there are any."""

    rows: float
    outcomes: float | None = None

    @property
    def judged(self) -> float:
        """Of the outcome where there is one, else of all rows."""
        return self.rows if self.outcomes is None else self.outcomes

    @property
    def rate_bias(self) -> float:
        """Relative change of outcomes over rows; none where no row has an outcome."""
        return (1 - self.judged) / (1 - self.rows) - 1


@dataclass(frozen=True)
class Contributions:
    """persons: how many have each pattern."""

    persons: dict[Pattern, int]

    def lost(self, bound: ContributionBound) -> Lost:
        rows = outcomes = kept_rows = kept_outcomes = 0.0
        for pattern, persons in self.persons.items():
            inside = sum(min(n, bound.per_cell) for n, _ in pattern)
            share = min(1.0, bound.total / inside)
            for n, with_outcome in pattern:
                kept = min(n, bound.per_cell) / n * share
                rows += persons * n
                outcomes += persons * with_outcome
                kept_rows += persons * n * kept
                kept_outcomes += persons * with_outcome * kept
        return Lost(1 - kept_rows / rows, 1 - kept_outcomes / outcomes if outcomes else None)

    def merged(self) -> "Contributions":
        """As if all of a person's cells were one: a table of one cell."""
        together: dict[Pattern, int] = {}
        for pattern, persons in self.persons.items():
            one = ((sum(n for n, _ in pattern), sum(r for _, r in pattern)),)
            together[one] = together.get(one, 0) + persons
        return Contributions(together)


def contributions(counts: Iterable[tuple[str, int]]) -> Contributions:
    """From text, "2/1 1/0" for a person with two rows in one cell, one of them with the outcome."""
    return Contributions({_pattern(text): persons for text, persons in counts})


def _pattern(text: str) -> Pattern:
    found = tuple((int(n), int(r)) for n, r in (term.split("/") for term in text.split()))
    if not found or any(n < 1 or not 0 <= r <= n for n, r in found):
        raise ValueError(f"not a pattern of contributions: {text}")
    return found


@dataclass(frozen=True)
class Choice:
    """One bound, what it costs in bias and in noise.

    bias: share of the judged rows lost. noise: relative 95 % error. together: root of the sum of
    their squares, the bias taken at the 95 % scale as it stands: what a reader is off by.
    """

    bound: ContributionBound
    bias: float
    noise: float

    @property
    def together(self) -> float:
        return (self.bias**2 + self.noise**2) ** 0.5


def bound_choices(
    of: Contributions, noise_at_one: float, bounds: Sequence[ContributionBound]
) -> list[Choice]:
    """Bias and noise of each bound. noise_at_one: relative 95 % error where l2_squared is 1.

    The outcome's bias where any row has one, else that of the rows.
    """
    found: list[Choice] = []
    for bound in bounds:
        bias = of.lost(bound).judged
        # Fewer rows are counted, too: the noise is relative to what is left.
        noise = noise_at_one * bound.l2_squared**0.5 / (1 - bias)
        found.append(Choice(bound, bias, noise))
    return found


@dataclass(frozen=True)
class ClipChoice:
    """at: most that a row counts. bias: share of the sum lost above it. noise: relative 95 % error.
    together: root of the sum of their squares, as of a `Choice`.
    """

    at: int
    bias: float
    noise: float

    @property
    def together(self) -> float:
        return (self.bias**2 + self.noise**2) ** 0.5


def clip_choices(
    amounts: Mapping[int, int], noise: float, at: int, clips: Sequence[int]
) -> list[ClipChoice]:
    """Bias and noise of a sum at each clip.

    amounts: how many rows have which amount, public or synthetic. noise: relative 95 % error where
    the clip is `at`. The noise is in proportion to the clip, and relative to what it leaves.
    """

    def left(clip: int) -> float:
        return sum(min(amount, clip) * rows for amount, rows in amounts.items())

    whole = sum(amount * rows for amount, rows in amounts.items())
    return [
        ClipChoice(clip, 1 - left(clip) / whole, noise * clip / at * left(at) / left(clip))
        for clip in clips
    ]
