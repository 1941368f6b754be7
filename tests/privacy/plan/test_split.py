"""The best split is better than any other, keeps what is promised, and wastes nothing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.plan import Aim, Share, best_split, equal_split, given_split, loss
from privacy.plan.split import best_shape, promising_shape, rho_for
from tests.privacy.plan.examples import counted, linked

TOTALS = st.lists(st.floats(50, 1e5), min_size=2, max_size=4)
PARTS = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)


def tables_of(totals):
    return [
        counted(f"t{i}", total=total, charged=1 + i % 3, weight=1.0 + i)
        for i, total in enumerate(totals)
    ]


def charged(shares):
    return math.fsum(share.charged_rho for share in shares)


@settings(max_examples=25, deadline=None)
@given(TOTALS, PARTS, st.just(0.0) | st.floats(0.001, 0.3))
def test_no_split_has_a_smaller_loss(totals, parts, floor):
    tables, aim, rho = tables_of(totals), Aim(floor), 0.1
    best = best_split(tables, rho, aim)
    assert charged(best) == pytest.approx(rho)
    own = {t.name: p / sum(parts[: len(tables)]) for t, p in zip(tables, parts, strict=False)}
    for other in (equal_split(tables, rho), given_split(tables, rho, own, {})):
        assert charged(other) == pytest.approx(rho)
        assert loss(best, aim) <= loss(other, aim) * (1 + 1e-6)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 0.999))
def test_no_shape_is_better_inside_a_table(part):
    for table in (counted(), linked()):
        best = Share(table, best_shape(table)).squared_error()
        assert best <= Share(table, (part, 1 - part)).squared_error() * (1 + 1e-6)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 0.5), st.floats(0.05, 0.5), st.floats(0.01, 0.99))
def test_promises_are_kept_at_the_least_rho(first, second, part):
    table, ceilings = counted(), (first, second)
    shape = promising_shape(table, ceilings)
    rho = rho_for(table, shape, ceilings)
    errors = Share(table, tuple(rho * s for s in shape)).relative_errors()
    assert np.all(errors <= np.array(ceilings) * (1 + 1e-9))
    assert rho <= rho_for(table, (part, 1 - part), ceilings) * (1 + 1e-4)


def test_a_table_gets_what_it_is_promised_and_no_more_than_the_floor_rewards():
    small, large = counted("small", total=100), counted("large", total=1e6)
    aim = Aim(0.05)
    shares = {s.table.name: s for s in best_split([small, large], 0.1, aim, None, {"small": 0.09})}
    assert shares["small"].release_rho >= 0.09
    assert math.sqrt(shares["large"].squared_error()) >= aim.floor * (1 - 1e-6)


def test_more_cannot_be_promised_than_there_is():
    with pytest.raises(ValueError, match="promised"):
        best_split([counted(charged=2)], 0.1, Aim(), None, {"counted": 0.06})


def test_a_table_that_charges_twice_gets_less():
    once, twice = counted("once"), counted("twice", charged=2)
    shares = {s.table.name: s for s in best_split([once, twice], 0.1, Aim(0))}
    assert shares["once"].release_rho == pytest.approx(math.sqrt(2) * shares["twice"].release_rho)


def test_measuring_the_sector_too_costs_bydeler_less_than_it_gives_sectors():
    table = linked()
    alone, both = (Share(table, rho).relative_errors() for rho in ((0.05, 0.0), (0.0475, 0.0025)))
    assert both[0] / alone[0] < 1.005
    assert both[1] / alone[1] < 0.94
