import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.accounting import (
    charged_years,
    conversion_delta,
    federation_rho,
    rho_of,
    scale_for,
)
from privacy.mechanisms import epsilon_from_rho, gaussian_rho
from privacy.policy import Policy

DELTA = 5e-7


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 2.0, 4.0, 50.0, 1e4, 1e6])
def test_rho_of_is_the_largest_that_fits(epsilon):
    rho = rho_of(epsilon, DELTA)
    assert epsilon_from_rho(rho, DELTA) <= epsilon
    assert epsilon_from_rho(rho * (1 + 1e-6), DELTA) > epsilon


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 20), st.integers(1, 50), st.integers(1, 40))
def test_the_scale_keeps_the_whole_roster_within_epsilon(epsilon, sites, l2_squared):
    scale = scale_for(epsilon, DELTA, l2_squared, sites)
    rho = federation_rho(gaussian_rho(scale, l2_squared), sites)
    assert rho <= rho_of(epsilon, DELTA)
    assert rho >= rho_of(epsilon, DELTA) * (1 - 1e-6)  # and wastes nothing


def test_a_person_at_every_site_is_charged_for_every_site():
    assert federation_rho(0.01, 3) == pytest.approx(0.03)
    with pytest.raises(ValueError, match="roster"):
        federation_rho(0.01, 0)


def test_look_back_and_follow_up_years_are_charged():
    assert charged_years(2022, years_before=1, last_data_year=2022) == (2021, 2022, 2023)
    assert charged_years(2022, years_before=1, last_data_year=2025) == (
        2021,
        2022,
        2023,
        2024,
        2025,
    )
    assert charged_years(2022, years_before=0, last_data_year=2019) == (2022, 2023)


def test_half_of_delta_is_kept_for_other_mechanisms():
    policy = Policy(
        epsilon_per_person_year=4,
        max_epsilon_per_release=2,
        delta=1e-6,
        federation_sites=3,
        answers={},
    )
    assert conversion_delta(policy) == 5e-7
