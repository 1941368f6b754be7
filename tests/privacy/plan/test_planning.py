"""A plan costs what its budget allows, and says so for one site and for all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.accounting import Combination, charged_years
from privacy.bounds import ContributionBound
from privacy.clipping import Clip
from privacy.mechanisms import gaussian_rho
from privacy.plan import (
    Aim,
    Figure,
    Share,
    best_split,
    budget_rho,
    equal_split,
    make_plan,
    releases_charging,
)
from tests.privacy.plan.examples import counted, linked

DELTA = 1e-6


@given(st.integers(0, 3), st.integers(0, 2))
def test_a_data_year_is_charged_by_as_many_releases_as_the_ledger_would(before, after):
    releases = [charged_years(period, before, period + after) for period in range(2000, 2040)]
    assert releases_charging(before, after) == sum(2020 in years for years in releases)


@pytest.mark.parametrize("epsilon", [0.5, 2, 4])
def test_a_plan_reaches_its_budget_and_stays_within(epsilon):
    tables = [counted("a", charged=3), linked("b", charged=2), counted("c", total=400)]
    total = make_plan(best_split(tables, budget_rho(epsilon, DELTA), Aim()), DELTA).total
    assert 0.97 * epsilon < total.federation_epsilon <= epsilon
    assert total.federation_rho == pytest.approx(budget_rho(epsilon, DELTA), rel=1e-3)
    assert total.ten_year_epsilon > total.federation_epsilon


def test_all_linked_runs_together_use_half_of_delta_at_most():
    tables = [linked("a", charged=3), linked("b", services=8, kept=4)]
    plan = make_plan(equal_split(tables, 0.08), DELTA)
    losses = [loss for line in plan.lines for loss in line.losses(everywhere=True)]
    assert len(losses) == 2 * (3 * 3 + 8)  # grains x (releases x services)
    assert 0 < math.fsum(loss.delta for loss in losses) <= DELTA / 2


def test_a_person_at_every_site_pays_more_only_where_sites_are_not_home():
    by_combination = {
        c: make_plan(equal_split([counted(combination=c)], 0.08), DELTA).total for c in Combination
    }
    home = by_combination[Combination.HOME_SITE]
    keyed = by_combination[Combination.KEYED_BY_SITE]
    summed = by_combination[Combination.SECURE_SUM]
    assert home.rho == home.federation_rho
    assert keyed.federation_rho == pytest.approx(4 * keyed.rho)
    assert summed.federation_rho == pytest.approx(16 * summed.rho)
    assert keyed.epsilon < keyed.federation_epsilon


def test_errors_are_those_of_the_noise_that_is_drawn():
    (line,) = make_plan(equal_split([counted(measured=((1, 1),), figures=counted().figures[1:])],
                                    0.01), DELTA).lines  # fmt: skip
    (measured,), (expected,) = line.measured, line.expected
    assert measured.scale == pytest.approx(math.sqrt(8 / 0.02), rel=1e-6)
    assert expected.sigma == pytest.approx(measured.sigma, rel=1e-6)
    assert expected.half_width == pytest.approx(1.96 * expected.sigma, rel=1e-3)
    assert expected.relative == pytest.approx(expected.half_width / (6000 / 16))


def test_under_a_secure_sum_all_shares_arrive():
    table = counted(combination=Combination.SECURE_SUM, missing=2)
    (line,) = make_plan(equal_split([table], 0.01), DELTA).lines
    for measured in line.measured:
        assert measured.sigma == pytest.approx(measured.scale * math.sqrt(4 / 2), rel=1e-6)


def test_a_share_that_is_too_small_is_refused():
    table = counted(combination=Combination.SECURE_SUM, sites=40, missing=1)
    with pytest.raises(ValueError, match="below"):
        make_plan(equal_split([table], 1e7), DELTA)


def test_the_document_has_what_programs_read():
    plan = make_plan(equal_split([counted(), linked()], 0.08), DELTA)
    document = plan.document()
    fields = {"indicator", "cells", "sigma", "expected_abs_error", "expected_rel_error", "rho"}
    assert all(fields <= table.keys() for table in document["tables"])
    assert {"rho", "epsilon", "delta", "federation_epsilon"} <= document["total"].keys()
    assert math.fsum(t["rho"] for t in document["tables"]) == pytest.approx(
        document["total"]["rho"]
    )


def summed(at, **changes):
    """A year's sums by bydel, 4.5 million units in all; the bound's rows are all in one cell."""
    bound = ContributionBound(3, 3, Clip(step=1000, steps=at // 1000))
    figure = Figure("cost", (2, 0), 4.5e6 / 15 / at, unit=at)
    return counted(bound=bound, bounded_at=None, figures=(figure,), measured=((2, 0),), **changes)


def test_a_sum_s_error_is_in_its_own_unit_and_in_proportion_to_its_clip():
    (wide,), (narrow,) = (
        make_plan([Share(summed(at), (0.01,))], DELTA).lines for at in (200_000, 100_000)
    )
    (measured,) = wide.measured
    of = wide.expected[0]
    assert of.typical == pytest.approx(300_000)
    assert of.sigma == pytest.approx(200_000 * measured.scale, rel=1e-6)
    assert narrow.expected[0].half_width == pytest.approx(of.half_width / 2)
    assert of.relative == pytest.approx(of.half_width / 300_000)


def test_the_planner_charges_counts_and_sums_as_the_gate_does():
    """But for the quarter of the persons cut, which the planner leaves out."""
    (line,) = make_plan([Share(summed(200_000), (0.01,))], DELTA).lines
    (measured,) = line.measured
    assert line.table.site_l2_squared((2, 0)) == 2 * 9
    assert gaussian_rho(measured.scale, 18) == pytest.approx(0.01, rel=1e-6)
