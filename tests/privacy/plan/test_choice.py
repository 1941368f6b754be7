"""What is released is useful, affordable, and as fine as the budget allows."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.plan import Aim, Figure, Grade, Variant, Verdict, at_grain, choose, finest_useful
from privacy.plan.choice import options
from tests.privacy.plan.examples import counted, linked

GRADE, AIM = Grade(0.2), Aim(0.05)


def defined(name, total, **changes):
    table = counted(name, total=total, **changes)
    return [
        Variant(at_grain(counted(name, total=total, figures=(Figure("f", (2, 1), total / 60),),
                                 measured=((2, 1),), **changes), (2, 1)))
    ] if table else []  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(50, 3e5), min_size=1, max_size=5), st.floats(1e-3, 1))
def test_what_is_released_is_useful_and_within_the_budget(totals, rho):
    tables = {f"t{i}": defined(f"t{i}", n, charged=1 + i % 3) for i, n in enumerate(totals)}
    chosen = choose(tables, rho, GRADE, AIM)
    assert math.fsum(share.charged_rho for share in chosen.shares) <= rho * (1 + 1e-9)
    for share in chosen.shares:
        assert share.relative_errors()[0] <= GRADE.useful * (1 + 1e-9)
    for name in tables:
        verdict, option = chosen.verdict(name), chosen.options.get(name)
        assert (verdict is Verdict.DROPPED) == (option is None)
        if option is not None:
            assert (verdict is Verdict.USEFUL) == option.as_defined


def test_verdicts_follow_the_budget():
    tables = {"t": defined("t", 6000)}
    found = [choose(tables, rho, GRADE, AIM).verdict("t") for rho in (1e-7, 1e-3, 1.0)]
    assert found == [Verdict.DROPPED, Verdict.COARSER, Verdict.USEFUL]


def test_a_heavier_table_goes_first():
    light, heavy = defined("light", 500), defined("heavy", 500, weight=5.0)
    cheapest = min(o.cost for o in options(light, GRADE))
    chosen = choose({"light": light, "heavy": heavy}, 1.2 * cheapest, GRADE, AIM)
    assert set(chosen.options) == {"heavy"}


def test_a_bydel_is_chosen_over_a_quarter_of_the_same_cost():
    first = finest_useful(defined("t", 6000), 0.02, GRADE)
    assert first is not None
    assert first.table.grain_name(first.table.figures[0].grain) in {"bydel", "sector"}


def test_fewer_services_make_a_linked_table_useful():
    table, fewer = linked(services=8, kept=4, total=4000), linked(services=2, kept=1, total=4000)
    variants = [Variant(table), Variant(fewer, "2 of 8 services, u = 1")]
    option = finest_useful(variants, 0.02, GRADE)
    assert option is not None
    assert option.label
    assert not option.as_defined
    assert finest_useful(variants[:1], 1e-6, GRADE) is None


def test_a_coarser_table_has_the_same_total():
    whole = defined("t", 6000)[0].table
    for grain in ((1, 1), (2, 0), (0, 0)):
        judged = at_grain(whole, grain).figures[0]
        cells = {(1, 1): 16, (2, 0): 15, (0, 0): 1}[grain]
        assert judged.typical * cells == pytest.approx(6000)
