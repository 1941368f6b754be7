"""The planner against the plan the project began with: same rho, same counts, same bounds."""

import pytest

from privacy.plan import Aim, compare, load_starting_plan

AIMS = [Aim(0.0), Aim(0.05)]


@pytest.fixture(scope="module", params=[2, 4])
def epsilon(request):
    return request.param


@pytest.fixture(scope="module", params=AIMS, ids=str)
def comparison(request, epsilon):
    plan = load_starting_plan()
    return compare(plan, plan.rho[epsilon], request.param)


def test_the_starting_plan_is_reproduced_as_printed(comparison, epsilon):
    """Printed in whole per cent; a line may differ by the rounding and the planner's exactness."""
    for row in comparison.lines:
        printed = row.line.printed[(2, 4).index(epsilon)]
        assert 100 * row.starting == pytest.approx(printed, abs=0.6)


def test_no_line_is_worse(comparison):
    for row in comparison.lines:
        assert row.ours <= row.starting * (1 + 1e-6), row.line.label


def test_some_lines_are_much_better_and_the_loss_is(comparison):
    assert min(row.ours / row.starting for row in comparison.lines) < 0.9
    assert comparison.our_loss < 0.92 * comparison.starting_loss
    assert comparison.our_loss < 0.7 * comparison.equal_loss


def test_it_costs_no_more(comparison):
    spent = sum(share.charged_rho for share in comparison.shares)
    assert spent == pytest.approx(comparison.rho)
    assert sum(table.part for table in load_starting_plan().tables) == pytest.approx(1)
