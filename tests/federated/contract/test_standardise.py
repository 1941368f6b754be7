"""Standardised shares, worked by hand."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_models import PROJECT_DIR
from federated.contract.standardise import (
    Stratum,
    crude,
    directly_standardised,
    expected_events,
    observed_over_expected,
    standard_of,
    standard_weights,
)
from privacy.problem import Problem
from tests.dbt_models.seeds import seed
from tests.shared_data import PUBLISHED

ATLAS = PUBLISHED / "helseatlas_eldre_2013_2015.csv"


def test_two_strata_worked_by_hand() -> None:
    """0.75 x 10/100 + 0.25 x 20/50 = 0.075 + 0.1; the crude share is 30/150.

    Var = 0.5625 x 0.1 x 0.9 / 100 + 0.0625 x 0.4 x 0.6 / 50 = 0.00050625 + 0.0003.
    """
    strata = [Stratum(0.75, 10, 90), Stratum(0.25, 20, 30)]
    share = directly_standardised(strata)
    assert share is not None
    assert share.value == pytest.approx(0.175)
    assert share.variance == pytest.approx(0.00080625)
    assert share.standard_error == pytest.approx(0.02839454172900137)
    whole = crude(strata)
    assert whole is not None
    assert whole.value == pytest.approx(0.2)
    assert whole.variance == pytest.approx(0.2 * 0.8 / 150)


def test_noise_adds_to_the_variance_by_the_delta_method() -> None:
    """r = 0.2, n = 100: (0.64 x 25 + 0.04 x 36) / 10 000 = 0.001744 beside 0.0016."""
    share = directly_standardised([Stratum(1, 20, 80, 25, 36)])
    assert share is not None
    assert share.variance == pytest.approx(0.0016 + 0.001744)


def test_the_delta_method_is_the_derivative_of_the_share() -> None:
    """Against finite differences of e / (e + o)."""
    events, others, step = 20.0, 80.0, 1e-6

    def of(e: float, o: float) -> float:
        return e / (e + o)

    by_event = (of(events + step, others) - of(events - step, others)) / (2 * step)
    by_other = (of(events, others + step) - of(events, others - step)) / (2 * step)
    noise = by_event**2 * 25 + by_other**2 * 36
    assert noise == pytest.approx(0.001744)


def test_two_populations_that_differ_in_age_only_have_one_standardised_share() -> None:
    young = [Stratum(0.5, 90, 810), Stratum(0.5, 30, 70)]
    old = [Stratum(0.5, 10, 90), Stratum(0.5, 270, 630)]
    a, b = directly_standardised(young), directly_standardised(old)
    assert a is not None and b is not None
    assert a.value == pytest.approx(b.value) == pytest.approx(0.2)
    crude_a, crude_b = crude(young), crude(old)
    assert crude_a is not None and crude_b is not None
    assert (crude_a.value, crude_b.value) == (pytest.approx(0.12), pytest.approx(0.28))


def test_a_stratum_with_weight_and_nobody_in_it_has_no_share() -> None:
    assert directly_standardised([Stratum(0.5, 1, 9), Stratum(0.5, 0, 0)]) is None
    assert directly_standardised([Stratum(0.5, 1, 9), Stratum(0.5, 2, -3)]) is None
    assert directly_standardised([Stratum(1, 1, 9), Stratum(0, 0, 0)]) is not None
    assert crude([Stratum(1, 0, 0)]) is None


def test_noise_may_take_a_count_below_zero_and_no_variance_with_it() -> None:
    share = directly_standardised([Stratum(1, -2, 12, 4, 4)])
    assert share is not None
    assert (share.value, share.variance) == (pytest.approx(-0.2), pytest.approx(4 / 100))


@pytest.mark.parametrize("weights", [(0.5, 0.4), (1.5, -0.5), ()])
def test_weights_that_are_no_standard_are_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        directly_standardised([Stratum(weight, 1, 1) for weight in weights])


counts = st.integers(0, 500)


@given(st.lists(st.tuples(st.integers(1, 100), counts, counts), min_size=1, max_size=8))
def test_against_exact_fractions(rows: list[tuple[int, int, int]]) -> None:
    total = sum(weight for weight, _, _ in rows)
    found = directly_standardised([Stratum(w / total, d, n) for w, d, n in rows])
    if any(d + n == 0 for _, d, n in rows):
        assert found is None
        return
    shares = [(Fraction(w, total), Fraction(d, d + n), d + n) for w, d, n in rows]
    value = sum((w * r for w, r, _ in shares), Fraction())
    variance = sum((w * w * r * (1 - r) / n for w, r, n in shares), Fraction())
    assert found is not None
    assert math.isclose(found.value, value, abs_tol=1e-12)
    assert math.isclose(found.variance, variance, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("indicator", "age_groups"),
    [
        ("readmission_30d_fhi", "age_group_67plus"),
        ("readmission_30d_skde", "age_group_75plus"),
        ("readmission_30d_skde_diagnosis", "age_group_75plus"),
    ],
)
def test_the_standard_has_every_stratum_of_its_indicator(indicator: str, age_groups: str) -> None:
    weights = standard_weights(PROJECT_DIR, indicator)
    assert set(weights) == {
        (age["age_group"], sex["sex"]) for age in seed(age_groups) for sex in seed("sex")
    }
    assert math.fsum(weights.values()) == pytest.approx(1, abs=1e-9)
    rows = [r for r in seed("standard_population_readmission") if r["indicator"] == indicator]
    persons = sum(int(row["persons"]) for row in rows)
    for row in rows:
        assert float(row["weight"]) == pytest.approx(int(row["persons"]) / persons, abs=2e-8)


def test_the_standard_is_the_european_standard_population() -> None:
    """Of 100 000: 8 300 at 67-74 (3/5 of 5 500, and 5 000), 6 500 at 75-84, 2 500 from 85, the two
    sexes alike; and by five years from 75: 4 000, 2 500, 1 500, 1 000."""
    persons = {
        (row["indicator"], row["age_group"]): 2 * int(row["persons"])
        for row in seed("standard_population_readmission")
    }
    assert {age: n for (of, age), n in persons.items() if of == "readmission_30d_fhi"} == {
        "67-74": 8_300, "75-84": 6_500, "85+": 2_500,
    }  # fmt: skip
    assert {age: n for (of, age), n in persons.items() if of == "readmission_30d_skde"} == {
        "75-79": 4_000, "80-84": 2_500, "85-89": 1_500, "90+": 1_000,
    }  # fmt: skip


def test_observed_over_expected_worked_by_hand() -> None:
    """100 stays of which a tenth is expected, 50 of which four tenths: 10 + 20. Observed 15 + 21.

    Var = (100 x 0.15 x 0.85 + 50 x 0.42 x 0.58) / 30^2 = (12.75 + 12.18) / 900.
    """
    strata = [Stratum(0.5, 15, 85, expected=0.1), Stratum(0.5, 21, 29, expected=0.4)]
    assert expected_events(strata) == pytest.approx(30)
    ratio = observed_over_expected(strata)
    assert ratio is not None
    assert ratio.value == pytest.approx(1.2)
    assert ratio.variance == pytest.approx(24.93 / 900)
    low, high = ratio.interval(most=100)
    assert (low, high) == (pytest.approx(1.2 - 0.32619, abs=1e-4), pytest.approx(1.52619, abs=1e-4))


def test_an_empty_stratum_expects_nothing_and_one_without_a_reference_is_a_mistake() -> None:
    strata = [Stratum(0.5, 15, 85, expected=0.15), Stratum(0.5, 0, 0, expected=0.4)]
    ratio = observed_over_expected(strata)
    assert ratio is not None and ratio.value == pytest.approx(1)
    assert observed_over_expected([Stratum(1, 0, 0, expected=0.4)]) is None
    with pytest.raises(ValueError, match="no expected share"):
        observed_over_expected([Stratum(1, 1, 1)])


def test_noise_in_observed_over_expected_is_the_derivative() -> None:
    """Against finite differences of (e1 + e2) / (q1 n1 + q2 n2), less the binomial part."""
    counts, expected, noise = ((15.0, 85.0), (21.0, 29.0)), (0.1, 0.4), (25.0, 36.0)

    def of(values: tuple[tuple[float, float], ...]) -> float:
        whole = sum(q * (e + o) for q, (e, o) in zip(expected, values, strict=True))
        return sum(e for e, _ in values) / whole

    step, variance = 1e-5, 0.0
    for stratum in (0, 1):
        for place in (0, 1):
            moved = [[list(pair) for pair in counts] for _ in range(2)]
            moved[0][stratum][place] += step
            moved[1][stratum][place] -= step
            up, down = (of(tuple((e, o) for e, o in values)) for values in moved)
            variance += ((up - down) / (2 * step)) ** 2 * noise[place]
    noisy = [Stratum(0.5, *c, *noise, expected=q) for c, q in zip(counts, expected, strict=True)]
    plain = [Stratum(0.5, *c, expected=q) for c, q in zip(counts, expected, strict=True)]
    with_noise, without = observed_over_expected(noisy), observed_over_expected(plain)
    assert with_noise is not None and without is not None
    assert with_noise.variance - without.variance == pytest.approx(variance, rel=1e-6)


def test_the_interval_of_a_share_stays_within_0_and_1() -> None:
    share = directly_standardised([Stratum(1, 1, 3)])
    assert share is not None
    assert share.interval() == (0.0, pytest.approx(0.25 + 1.959964 * math.sqrt(0.1875 / 4)))
    whole = directly_standardised([Stratum(1, 3, 1)])
    assert whole is not None and whole.interval()[1] == 1.0


def test_a_standard_by_risk_says_what_is_expected_and_one_by_age_does_not() -> None:
    by_risk = standard_of(PROJECT_DIR, "readmission_30d_fhi_adjusted", ["risk_band"])
    assert set(by_risk) == {(row["risk_band"],) for row in seed("risk_band")}
    assert all(reference.expected for reference in by_risk.values())
    by_age = standard_of(PROJECT_DIR, "readmission_30d_fhi", ["age_group", "sex"])
    assert all(reference.expected is None for reference in by_age.values())


def test_an_indicator_without_a_standard_says_so() -> None:
    with pytest.raises(Problem, match="no standard population"):
        standard_weights(PROJECT_DIR, "unheard_of")


@pytest.mark.skipif(not ATLAS.exists(), reason="the published tables are not here")
def test_published_shares_of_the_country_are_the_crude_ones() -> None:
    """The areas' own are standardised with strata that are not published: only the country, which
    is its own standard, can be computed again. 17.45 % of all, 25.59 % after heart failure, ...
    The counts printed are yearly means of three years, rounded: the shares agree to 0.04 points.
    """
    lines = ATLAS.read_text(encoding="utf-8").splitlines()
    header, *rows = (line.split(";") for line in lines)
    found = [dict(zip(header, row, strict=True)) for row in rows]
    country = {
        row["level2_name"]: row
        for row in found
        if row["level2_name"].lower().endswith("reinnleggelser") and row["area_name"] == "Norge"
    }
    assert len(country) == 6
    for name, row in country.items():
        events, of = int(row["numerator"]), int(row["denominator"])
        share = crude([Stratum(1, events, of - events)])
        assert share is not None
        assert 100 * share.value == pytest.approx(float(row["value"]), abs=0.04), name
