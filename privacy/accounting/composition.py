"""One account for mechanisms of two kinds: zCDP by nature, and (epsilon, delta) by nature.

A release is a list of `Loss`. Gaussian noise is rho-zCDP. The linkage dummies are
(epsilon, delta)-DP; so they are delta-approximately (epsilon^2 / 2)-zCDP as well (Bun and Steinke
2016, Lemma 8.8 with Proposition 1.4), and everything composes as approximate zCDP: rhos add up, and
so do deltas (Lemma 8.2 there).

That is what ledgers add. Where a reader wants epsilon at a delta, two sound ways are tried and the
smaller figure is reported:

* ZCDP: all of it as approximate zCDP, converted with what the deltas leave of delta.
* PLD: the (epsilon, delta) parts composed by their privacy-loss distributions (dp-accounting), the
  Gaussian parts as zCDP, delta split between the two, epsilons added.

Privacy-loss distributions are not used for the Gaussian parts: one person's rows may be spread over
cells in many ways, no one of which is the worst for every delta, and zCDP bounds them all.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from privacy.mechanisms import epsilon_from_rho, rho_of_pure
from privacy.mechanisms.rounding import sum_up, up

_SPLITS = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


@dataclass(frozen=True)
class Loss:
    """What something costs a person: delta-approximate rho-zCDP.

    pure: for a mechanism that is (epsilon, delta)-DP by nature its epsilon, which rho follows from.
    """

    rho: float
    delta: float = 0.0
    pure: float | None = None

    def __post_init__(self) -> None:
        if not (self.rho >= 0 and 0 <= self.delta < 1):
            raise ValueError("rho is not negative, and delta lies between 0 and 1")

    @classmethod
    def gaussian(cls, rho: float) -> "Loss":
        return cls(rho)

    @classmethod
    def approximate(cls, epsilon: float, delta: float) -> "Loss":
        return cls(rho_of_pure(epsilon), delta, epsilon)


class Way(StrEnum):
    ZCDP = "zcdp"
    PLD = "pld"


@dataclass(frozen=True)
class Reported:
    """(epsilon, delta) for people, and by which way it was found."""

    epsilon: float
    delta: float
    way: Way


def composed(losses: Sequence[Loss]) -> Loss:
    """All of `losses` together, exactly added and rounded up once."""
    return Loss(sum_up(loss.rho for loss in losses), sum_up(loss.delta for loss in losses))


def repeated(loss: Loss, times: int) -> Loss:
    """`times` runs of the same mechanism, as approximate zCDP."""
    return Loss(up(Fraction(loss.rho) * times), up(Fraction(loss.delta) * times))


def reported(losses: Sequence[Loss], delta: float) -> Reported:
    """Smallest epsilon that either way proves for `losses` together at `delta`.

    Raises ValueError where the mechanisms alone use up `delta`.
    """
    total = composed(losses)
    if total.delta >= delta:
        raise ValueError("the mechanisms' own deltas leave nothing for the conversion")
    best = Reported(epsilon_from_rho(total.rho, delta - total.delta), delta, Way.ZCDP)
    pure = [(loss.pure, loss.delta) for loss in losses if loss.pure is not None]
    if not pure:
        return best
    gaussian = sum_up(loss.rho for loss in losses if loss.pure is None)
    for way in _by_pld(pure, gaussian, delta):
        best = min(best, way, key=lambda found: found.epsilon)
    return best


def _by_pld(pure: Sequence[tuple[float, float]], gaussian: float, delta: float) -> list[Reported]:
    # Imported here: it takes seconds, and an account without linkage never needs it.
    from dp_accounting.pld import common  # noqa: PLC0415
    from dp_accounting.pld import privacy_loss_distribution as pld  # noqa: PLC0415

    def runs(parameters: tuple[float, float]) -> pld.PrivacyLossDistribution:
        one = pld.from_privacy_parameters(common.DifferentialPrivacyParameters(*parameters))
        return one.self_compose(pure.count(parameters))

    kinds = sorted(set(pure))
    together = runs(kinds[0])
    for parameters in kinds[1:]:
        together = together.compose(runs(parameters))
    if gaussian == 0:
        return [Reported(together.get_epsilon_for_delta(delta), delta, Way.PLD)]
    return [
        Reported(
            together.get_epsilon_for_delta(delta * part)
            + epsilon_from_rho(gaussian, delta * (1 - part)),
            delta,
            Way.PLD,
        )
        for part in _SPLITS
    ]
