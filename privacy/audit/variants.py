"""Mechanisms broken on purpose, in the ways that such code has been broken before."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from privacy.accounting import Loss
from privacy.audit.charges import open_gate
from privacy.bounds import ContributionBound, Rows, bounded_counts, bounded_sums
from privacy.clipping import MOST_STEPS, Clip
from privacy.gate import Gate
from privacy.ledger import AttemptState, Budget, Chain, Charge, Entry, Ledger
from privacy.ledger.account import Account
from privacy.mechanisms import add_discrete_gaussian, add_discrete_laplace, draw_dummies


def gaussian_halved(values: Sequence[int], scale: float) -> list[int]:
    return add_discrete_gaussian(values, scale / 2)


def gaussian_clamped(values: Sequence[int], scale: float) -> list[int]:
    """Counts below zero are tidied away, and an empty cell shows."""
    return [max(0, value) for value in add_discrete_gaussian(values, scale)]


def gaussian_from_floats(values: Sequence[int], scale: float) -> list[int]:
    """A continuous draw, cut to an integer: the wrong distribution, and low bits that tell."""
    return [v + math.floor(random.gauss(0, scale)) for v in values]


def gaussian_seeded(values: Sequence[int], scale: float) -> list[int]:
    """The same seed, the same noise: two releases tell the truth."""
    generator = np.random.default_rng(1)
    k = np.arange(-math.ceil(12 * scale), math.ceil(12 * scale) + 1)
    weights = np.exp(-(k**2) / (2 * scale**2))
    drawn = generator.choice(k, size=len(values), p=weights / weights.sum())
    return [v + int(z) for v, z in zip(values, drawn, strict=True)]


def gaussian_reused(values: Sequence[int], scale: float) -> list[int]:
    """One draw for a whole table."""
    (drawn,) = add_discrete_gaussian([0], scale)
    return [value + drawn for value in values]


def gaussian_in_pairs(values: Sequence[int], scale: float) -> list[int]:
    """Every draw used twice: differences of neighbouring cells are exact."""
    drawn = add_discrete_gaussian([0] * (len(values) // 2 + 1), scale)
    return [value + drawn[i // 2] for i, value in enumerate(values)]


def gaussian_where_somebody_is(values: Sequence[int], scale: float) -> list[int]:
    """An empty cell stays empty."""
    noisy = add_discrete_gaussian(values, scale)
    return [z if value else 0 for z, value in zip(noisy, values, strict=True)]


def laplace_halved(values: Sequence[int], scale: float) -> list[int]:
    return add_discrete_laplace(values, scale / 2)


def laplace_one_sided(values: Sequence[int], scale: float) -> list[int]:
    noise = add_discrete_laplace([0] * len(values), scale)
    return [value + abs(z) for value, z in zip(values, noise, strict=True)]


def dummies_clamped(count: int, scale: float, shift: int) -> list[int]:
    """Cut at the ends of the support, where it piles up."""
    drawn = add_discrete_laplace([0] * count, scale)
    return [min(max(0, shift + z), 2 * shift) for z in drawn]


def dummies_halved(count: int, scale: float, shift: int) -> list[int]:
    return draw_dummies(count, scale / 2, shift)


def share_relying_on_all(scale: float, sites: int, missing: int) -> float:  # noqa: ARG001
    """As if nobody were missing and nobody knew a share."""
    return scale / math.sqrt(sites)


def share_by_division(scale: float, sites: int, missing: int) -> float:
    """Scales do not add up; their squares do."""
    return scale / (sites - missing)


def counts_unbounded(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> list[int]:  # noqa: ARG001
    return bounded_counts(rows, ContributionBound(10**6, 10**6), cells, atoms)


def counts_without_cell_bound(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int
) -> list[int]:
    return bounded_counts(rows, ContributionBound(bound.total, bound.total), cells, atoms)


def counts_without_total(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> list[int]:
    return bounded_counts(rows, ContributionBound(bound.per_cell, 10**6), cells, atoms)


def counts_with_keys_from_data(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int
) -> list[int]:
    """A group by over the rows: which cells there are, tells."""
    present = sorted(set(zip(rows.cell.tolist(), rows.atom.tolist(), strict=True)))
    counted = bounded_counts(rows, bound, cells, atoms)
    return [counted[cell * atoms + atom] for cell, atom in present]


def sums_without_clip(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int, scale: float
) -> list[int]:
    """A stay in intensive care counts what it cost."""
    sums = bounded_sums(rows, _hardly_clipped(bound), cells, atoms)
    counts = bounded_counts(rows, bound, cells, atoms)
    return _beside(counts, sums, _steps(bound), scale)


def sums_clipped_after_summing(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int, scale: float
) -> list[int]:
    """No mean is above the clip, and one person can still use up what the others leave."""
    whole = bounded_sums(rows, _hardly_clipped(bound), cells, atoms)
    counts = bounded_counts(rows, bound, cells, atoms)
    sums = [min(s, _steps(bound) * n) for s, n in zip(whole, counts, strict=True)]
    return _beside(counts, sums, _steps(bound), scale)


def sums_rounded_after_the_clip(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int, scale: float
) -> list[int]:
    """Every step begun counts: an amount at the clip, and one of nothing, is a step more."""
    sums = bounded_sums(rows, bound, cells, atoms)
    counts = bounded_counts(rows, bound, cells, atoms)
    more = [s + n for s, n in zip(sums, counts, strict=True)]
    return _beside(counts, more, _steps(bound), scale)


def sums_clipped_where_the_data_end(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int, scale: float
) -> list[int]:
    """The largest amount there is, as the clip: nothing is lost, and the noise tells of one row."""
    amounts = np.zeros(1, dtype=np.int64) if rows.amount is None else rows.amount
    largest = max(1, int(amounts.max(initial=0)) // (bound.clip.step if bound.clip else 1))
    found = replace(bound, clip=Clip(bound.clip.step if bound.clip else 1, min(largest, 10**4)))
    sums = bounded_sums(rows, found, cells, atoms)
    counts = bounded_counts(rows, bound, cells, atoms)
    return _beside(counts, sums, _steps(found), scale)


def sums_of_every_row(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int, scale: float
) -> list[int]:
    """The counts are bounded, and the sums beside them are not."""
    sums = bounded_sums(rows, replace(bound, per_cell=10**6, total=10**6), cells, atoms)
    counts = bounded_counts(rows, bound, cells, atoms)
    return _beside(counts, sums, _steps(bound), scale)


def sums_with_the_noise_of_counts(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int, scale: float
) -> list[int]:
    """Noise not scaled by the clip."""
    sums = bounded_sums(rows, bound, cells, atoms)
    return _beside(bounded_counts(rows, bound, cells, atoms), sums, 1, scale)


def _beside(counts: Sequence[int], sums: Sequence[int], steps: int, scale: float) -> list[int]:
    return add_discrete_gaussian(counts, scale) + add_discrete_gaussian(sums, steps * scale)


def _hardly_clipped(bound: ContributionBound) -> ContributionBound:
    step = bound.clip.step if bound.clip else 1
    return replace(bound, clip=Clip(step, MOST_STEPS))


def _steps(bound: ContributionBound) -> int:
    return bound.clip.steps if bound.clip else 1


def no_charge_for_a_void_attempt(folder: Path) -> tuple[Gate, Ledger]:
    """Paid back when the question is asked again: the first answer was seen for nothing."""
    return open_gate(folder, ledger=_LedgerThatPaysBack)


def charge_only_for_a_release(folder: Path) -> tuple[Gate, Ledger]:
    """What the coordinator names no release for costs nothing, and it need not name any."""
    return open_gate(folder, ledger=_LedgerOfReleases)


def charge_only_after_sending(folder: Path) -> tuple[Gate, Ledger]:
    """An attempt that ends before its answer is kept costs nothing, and may come again for ever."""
    return open_gate(folder, ledger=_LedgerOfAnswers)


def attempt_drawn_again(folder: Path) -> tuple[Gate, Ledger]:
    """The same attempt has fresh noise each time, and one charge: it can be averaged away."""
    return open_gate(folder, _GateThatForgets, _LedgerThatAllowsRepeats)


class _AccountOf(Account):
    """Charges an attempt when an entry of kind `paid_at` comes, not when it is reserved."""

    def __init__(self, paid_at: str) -> None:
        super().__init__()
        self._paid_at = paid_at

    def add(self, entry: Entry) -> None:
        super().add(entry)
        if entry.kind == self._paid_at:
            paid = self.attempts[entry.body["attempt_id"]].charge
            super()._charge(paid.attempt_id, paid.loss, paid.years, paid.purpose)

    def _charge(self, attempt_id: str, loss: Loss, years: Iterable[int], purpose: str) -> None:
        pass


class _AccountThatPaysBack(Account):
    def _charge(self, attempt_id: str, loss: Loss, years: Iterable[int], purpose: str) -> None:
        super()._charge(attempt_id, loss, years, purpose)
        question = self.attempts[attempt_id].charge.question_id
        for before in self.of_question[question][-2:-1]:
            if self.attempts[before].state is not AttemptState.RELEASED:
                self._pay_back(self.attempts[before].charge)

    def _pay_back(self, void: Charge) -> None:
        for year in void.years:
            rho, delta = self._charged.pop((void.attempt_id, year))
            self._years[year].rho -= rho
            self._years[year].delta -= delta
            self._years[year].purposes[void.purpose] -= rho


class _LedgerThatPaysBack(Ledger):
    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self._account = _AccountThatPaysBack()


class _LedgerOfReleases(Ledger):
    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self._account = _AccountOf("receipt")


class _LedgerOfAnswers(Ledger):
    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self._account = _AccountOf("commit")


class _LedgerThatAllowsRepeats(Ledger):
    def reserve(self, charge: Charge, budget: Budget) -> None:
        if self.attempt(charge.attempt_id) is None:
            super().reserve(charge, budget)

    def commit(self, attempt_id: str, answer_digest: str, size: int) -> None:
        attempt = self.attempt(attempt_id)
        if attempt is not None and attempt.state is AttemptState.RESERVED:
            super().commit(attempt_id, answer_digest, size)


class _GateThatForgets(Gate):
    def _already_sent(self, attempt_id: str) -> bytes | None:  # noqa: ARG002
        return None
