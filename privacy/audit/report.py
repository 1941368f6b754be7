"""Every mechanism: what it claims, what an attack finds, and which broken variants are caught."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from privacy.accounting import Combination, charged_years, federation_rho
from privacy.audit import variants
from privacy.audit.charges import OpenGate, charges_all_that_could_be_seen, open_gate
from privacy.audit.checks import (
    CLIP,
    DRAWS,
    SUMMED,
    AddNoise,
    Counts,
    Tables,
    fits,
    is_fresh_noise,
    keeps_clipped_sums,
    keeps_sensitivity,
)
from privacy.audit.one_run import Release, attack, lower_bound
from privacy.bounds import ContributionBound, Rows, bounded_counts
from privacy.estimates.noise import (
    discrete_gaussian,
    discrete_laplace,
    truncated_discrete_laplace,
)
from privacy.gate import Counts as CountsAndSums
from privacy.gate import noisy_tables
from privacy.mechanisms import (
    add_discrete_gaussian,
    add_discrete_laplace,
    add_share,
    draw_dummies,
    dummy_epsilon,
    dummy_shift,
    epsilon_from_rho,
    gaussian_rho,
    laplace_epsilon,
    share_rho,
    share_scale,
)

DELTA = 1e-6
CONFIDENCE = 0.999
"""High: the attack on Laplace noise is as good as the proof, and one audit in twenty would find a
sound mechanism wanting at 0.95."""
_SCALE = 2.0
_SITES, _MISSING = 5, 1
_SUM_SCALE = 6.0


_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Audited:
    """epsilon_claimed: proven, at DELTA, for a person who moves one cell by one.

    epsilon_lower_bound: what one attack shows at `confidence`; both None where a rule is audited
    and not a draw. sound: the installed one passes the checks that each broken variant must fail.
    """

    name: str
    epsilon_claimed: float | None
    epsilon_lower_bound: float | None
    confidence: float
    sound: bool
    broken_variants_caught: int
    broken_variants_total: int
    not_caught: tuple[str, ...]


def audit(canaries: int = 20_000, confidence: float = CONFIDENCE) -> list[Audited]:
    """Audit what is installed here. Takes half a minute; draws fresh noise and reads no data.

    confidence: of each lower bound, so that a sound mechanism is found wanting once in
    1 / (1 - confidence) audits.
    """
    effort = _Effort(canaries, canaries // 10, confidence)
    return [
        _audited("discrete Gaussian", _gaussian_claim(), _gaussian(), effort),
        _audited("discrete Laplace", _laplace_claim(), _laplace(), effort),
        _audited("noise shares", _share_claim(), _shares(), effort),
        _audited("linkage dummies", _dummy_claim(), _dummies(), effort),
        _audited("contribution bound", None, _bound(), effort),
        _audited("clipped sums", _sum_claim(), _sums(), effort),
        _audited("federation cost", None, _federation(), effort),
        _audited("data-years charged", None, _years(), effort),
        _audited("charges", None, _charges(), effort),
    ]


@dataclass(frozen=True)
class _Subject(Generic[_F]):
    """check: True for what is sound. release: the installed one, for the attack."""

    check: Callable[[_F], bool]
    installed: _F
    broken: Sequence[_F]
    release: Release | None = None


@dataclass(frozen=True)
class _Effort:
    canaries: int
    guesses: int
    confidence: float


def _audited(name: str, claim: float | None, subject: _Subject[_F], effort: _Effort) -> Audited:
    found = None
    if subject.release is not None:
        canaries, guesses = effort.canaries, effort.guesses
        right = attack(subject.release, canaries, guesses)
        found = lower_bound(canaries, guesses, right, DELTA, effort.confidence)
    missed = [str(b.__name__) for b in subject.broken if subject.check(b)]
    return Audited(
        name,
        claim,
        found,
        effort.confidence,
        subject.check(subject.installed),
        len(subject.broken) - len(missed),
        len(subject.broken),
        tuple(missed),
    )


def _gaussian_claim() -> float:
    return epsilon_from_rho(gaussian_rho(_SCALE, 1), DELTA)


def _gaussian() -> _Subject[AddNoise]:
    return _Subject(
        lambda add: is_fresh_noise(add, _SCALE, discrete_gaussian(_SCALE)),
        add_discrete_gaussian,
        [
            variants.gaussian_halved,
            variants.gaussian_clamped,
            variants.gaussian_from_floats,
            variants.gaussian_seeded,
            variants.gaussian_reused,
            variants.gaussian_in_pairs,
            variants.gaussian_where_somebody_is,
        ],
        partial(add_discrete_gaussian, scale=_SCALE),
    )


def _laplace_claim() -> float:
    return laplace_epsilon(_SCALE, 1)


def _laplace() -> _Subject[AddNoise]:
    return _Subject(
        lambda add: is_fresh_noise(add, _SCALE, discrete_laplace(_SCALE)),
        add_discrete_laplace,
        [variants.laplace_halved, variants.laplace_one_sided],
        partial(add_discrete_laplace, scale=_SCALE),
    )


def _share_claim() -> float:
    share = share_scale(_SUM_SCALE, _SITES, _MISSING)
    rho = share_rho(share, _SITES, _MISSING, l2_squared=1, l1=1, cells=1)
    return epsilon_from_rho(rho, DELTA)


def _shares() -> _Subject[Callable[[float, int, int], float]]:
    def honest_sum(values: Sequence[int]) -> list[int]:
        share = share_scale(_SUM_SCALE, _SITES, _MISSING)
        zeros = [0] * len(values)
        others = [add_share(zeros, share) for _ in range(_SITES - _MISSING - 1)]
        return np.sum([add_share(values, share), *others], axis=0).tolist()

    def check(scale_of: Callable[[float, int, int], float]) -> bool:
        share = scale_of(_SUM_SCALE, _SITES, _MISSING)
        total = np.sum(
            [add_discrete_gaussian([0] * DRAWS, share) for _ in range(_SITES - _MISSING)], axis=0
        )
        return fits(total, discrete_gaussian(_SUM_SCALE))

    broken = [variants.share_relying_on_all, variants.share_by_division]
    return _Subject(check, share_scale, broken, honest_sum)


def _dummy_claim() -> float:
    return dummy_epsilon(_SCALE, 1)


def _dummies() -> _Subject[Callable[[int, float, int], list[int]]]:
    def matches(values: Sequence[int]) -> list[int]:
        shift = dummy_shift(_SCALE, 1, DELTA)
        drawn = draw_dummies(len(values), _SCALE, shift)
        return [value + eta - shift for value, eta in zip(values, drawn, strict=True)]

    def check(draw: Callable[[int, float, int], list[int]]) -> bool:
        shift = 6  # where the ends of the support weigh enough to be seen
        drawn = np.asarray(draw(DRAWS, _SCALE, shift)) - shift
        return fits(drawn, truncated_discrete_laplace(_SCALE, shift))

    broken = [variants.dummies_clamped, variants.dummies_halved]
    return _Subject(check, draw_dummies, broken, matches)


def _bound() -> _Subject[Counts]:
    return _Subject(
        keeps_sensitivity,
        bounded_counts,
        [
            variants.counts_unbounded,
            variants.counts_without_cell_bound,
            variants.counts_without_total,
            variants.counts_with_keys_from_data,
        ],
    )


def _sum_claim() -> float:
    """Of a person with one row, whose amount is at the clip: one count and one sum move."""
    one_row = replace(SUMMED, per_cell=1, total=1)
    return epsilon_from_rho(gaussian_rho(_SCALE, one_row.table_l2_squared), DELTA)


def _sums() -> _Subject[Tables]:
    def installed(
        rows: Rows, bound: ContributionBound, cells: int, atoms: int, scale: float
    ) -> list[int]:
        return noisy_tables(CountsAndSums(scale, bound, cells, atoms), rows)

    def release(coins: Sequence[int]) -> list[int]:
        """Each canary is one row in a cell of its own; count and sum are read as one figure."""
        cell = np.flatnonzero(np.asarray(coins))
        kept, amount = np.ones(len(cell), dtype=np.bool_), np.full(len(cell), CLIP.at)
        rows = Rows(cell, cell, np.zeros_like(cell), kept, amount)
        seen = installed(rows, SUMMED, len(coins), 1, _SCALE)
        pairs = zip(seen[: len(coins)], seen[len(coins) :], strict=True)
        return [CLIP.steps * count + total for count, total in pairs]

    broken = [
        variants.sums_without_clip,
        variants.sums_clipped_after_summing,
        variants.sums_rounded_after_the_clip,
        variants.sums_clipped_where_the_data_end,
        variants.sums_of_every_row,
        variants.sums_with_the_noise_of_counts,
    ]
    return _Subject(keeps_clipped_sums, installed, broken, release)


def _federation() -> _Subject[Callable[[float, int, Combination], float]]:
    """A person with the same row at each of four sites, and what the sum of squares comes to."""

    def check(cost: Callable[[float, int, Combination], float]) -> bool:
        loss = {
            Combination.KEYED_BY_SITE: 4 * 1,
            Combination.SECURE_SUM: 4**2,
            Combination.HOME_SITE: 1,
        }
        return all(cost(0.01, 4, c) >= 0.01 * of for c, of in loss.items())

    def as_if_at_one_site(rho_site: float, sites: int, combination: Combination) -> float:  # noqa: ARG001
        return rho_site

    def as_if_losses_added(rho_site: float, sites: int, combination: Combination) -> float:  # noqa: ARG001
        return rho_site * sites

    return _Subject(check, federation_rho, [as_if_at_one_site, as_if_losses_added])


def _years() -> _Subject[Callable[[int, int, int], tuple[int, ...]]]:
    def check(years: Callable[[int, int, int], tuple[int, ...]]) -> bool:
        return set(years(2024, 1, 2025)) >= {2023, 2024, 2025}

    def without_look_back(period: int, before: int, last: int) -> tuple[int, ...]:  # noqa: ARG001
        return tuple(range(period, max(period + 1, last) + 1))

    def without_follow_up(period: int, before: int, last: int) -> tuple[int, ...]:  # noqa: ARG001
        return tuple(range(period - before, period + 1))

    return _Subject(check, charged_years, [without_look_back, without_follow_up])


def _charges() -> _Subject[OpenGate]:
    return _Subject(
        charges_all_that_could_be_seen,
        open_gate,
        [
            variants.no_charge_for_a_void_attempt,
            variants.charge_only_for_a_release,
            variants.charge_only_after_sending,
            variants.attempt_drawn_again,
        ],
    )
