"""The worked numbers of docs/privacy/accounting.md are what the code computes."""

from pathlib import Path

import pytest

from privacy.accounting import (
    Combination,
    Loss,
    Reported,
    federation_l2_squared,
    reported,
    rho_of,
    scale_for,
)
from privacy.bounds import ContributionBound
from privacy.mechanisms import epsilon_from_rho, share_scale

PAGE = (Path(__file__).parents[3] / "docs/privacy/accounting.md").read_text(encoding="utf-8")
BOUND = ContributionBound(2, 4)
CONVERSION, SITES = 5e-7, 4


@pytest.mark.parametrize("epsilon", [2, 4])
def test_what_ten_years_come_to(epsilon):
    rho = rho_of(epsilon, CONVERSION)
    decade = epsilon_from_rho(10 * rho, 10 * CONVERSION)
    assert f"| {epsilon} | {rho:.3f} | {decade:.1f} |" in PAGE


def scale(combination: Combination) -> float:
    return scale_for(2.0, CONVERSION, BOUND.charged_l2_squared, SITES, combination)


def test_what_the_federation_costs():
    """The last column is the standard deviation of a sum of four sites' cells."""
    own = BOUND.charged_l2_squared
    squares = {c: federation_l2_squared(c, [own] * SITES) for c in Combination}
    assert f"{SITES} × 8.25 = {squares[Combination.KEYED_BY_SITE]:g} |" in PAGE
    assert f"4² × 8.25 = {squares[Combination.SECURE_SUM]:g} |" in PAGE
    keyed, home = scale(Combination.KEYED_BY_SITE), scale(Combination.HOME_SITE)
    assert f"| {keyed:.1f} | {2 * keyed:.1f} |" in PAGE
    assert f"| {home:.1f} | {2 * home:.1f} |" in PAGE
    guaranteed = scale(Combination.SECURE_SUM)
    share = share_scale(guaranteed, SITES, 1)
    expected = share * SITES**0.5
    assert (
        f"share of {share:.1f} (h = 1) | {guaranteed:.1f} guaranteed, {expected:.1f} expected"
    ) in PAGE


def test_what_ten_runs_of_linkage_cost():
    runs: list[Loss] = [Loss.approximate(0.1, 1e-9)] * 10
    by_distributions: Reported = reported(runs, 1e-6)
    by_zcdp = reported([Loss(run.rho, run.delta) for run in runs], 1e-6)
    assert f"cost ε = {by_distributions.epsilon:.2f} at δ = 1e-6" in PAGE
    assert f"would say {by_zcdp.epsilon:.2f}" in PAGE
