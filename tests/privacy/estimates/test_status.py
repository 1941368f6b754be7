"""One rule says what may be said of a figure; nothing that is not shown leaves a number behind."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimates.intervals import NoisyCount, around
from privacy.estimates.noise import discrete_gaussian
from privacy.estimates.rates import change, share
from privacy.estimates.status import (
    DISPLAY,
    EVERYTHING,
    Display,
    Published,
    Reliability,
    Status,
    published,
    relative_half_width,
    reliability,
    status_of,
)


def of_count(value, width, display=DISPLAY, **more):
    ends = around(value, width)
    return status_of(value, ends.low, ends.high, counts=[value], display=display, **more)


@pytest.mark.parametrize(("value", "width", "status"), [
    (200, 20, Status.OK), (20, 20, Status.OK), (19, 20, Status.UNCERTAIN), (5, 0, Status.OK),
    (4, 0, Status.SUPPRESSED), (4, 20, Status.SUPPRESSED), (0, 0, Status.SUPPRESSED),
    (-30, 20, Status.SUPPRESSED),
])  # fmt: skip
def test_the_status_of_a_count(value, width, status):
    assert of_count(value, width) is status


@given(st.integers(-100, 10_000), st.integers(0, 200))
def test_without_a_threshold_a_count_is_ok_where_it_is_no_smaller_than_its_noise(value, width):
    assert of_count(value, width, EVERYTHING) is (Status.OK if value >= width else Status.UNCERTAIN)


def test_what_is_not_there_comes_before_what_it_would_be():
    assert of_count(500, 1, delivered=False) is Status.NOT_DELIVERED
    assert of_count(500, 1, delivered=False, applicable=False) is Status.NOT_APPLICABLE
    assert of_count(1, 1, delivered=False) is Status.NOT_DELIVERED


def test_the_threshold_and_the_limits_can_be_set():
    assert of_count(9, 1, Display(threshold=10)) is Status.SUPPRESSED
    assert of_count(30, 20, Display(high=0.1, medium=0.2, low=0.5)) is Status.UNCERTAIN
    with pytest.raises(ValueError, match="rise"):
        Display(high=0.5, medium=0.3)


@pytest.mark.parametrize(("relative", "mark"), [
    (0.0, Reliability.HIGH), (0.1, Reliability.HIGH), (0.11, Reliability.MEDIUM),
    (0.3, Reliability.MEDIUM), (0.9, Reliability.LOW), (1.0, Reliability.LOW),
    (1.01, Reliability.NONE), (math.inf, Reliability.NONE),
])  # fmt: skip
def test_reliability_by_relative_half_width(relative, mark):
    assert reliability(relative) is mark


def test_the_half_width_is_the_longer_side_beside_the_size():
    assert relative_half_width(0.2, 0.1, 0.4, 0.2) == pytest.approx(1.0)
    assert relative_half_width(0.0, 0.0, 0.0, 0.0) == 0.0
    assert relative_half_width(0.0, 0.0, 0.0, -40.0) == math.inf
    assert relative_half_width(None, 0.0, 1.0, None) == math.inf
    assert relative_half_width(0.0, -0.1, 0.1, 1.0) == pytest.approx(0.1)


def of_estimate(found, counts):
    return status_of(found.value, found.low, found.high, counts=counts, size=found.size)


def test_shares_and_changes_by_the_same_rule():
    noise = discrete_gaussian(12.0)
    many, few, none = (NoisyCount(value, noise) for value in (900, 30, 2))
    assert of_estimate(share(many, many, 0.95), [900, 900]) is Status.OK
    assert of_estimate(share(few, few, 0.95), [30, 30]) is Status.OK
    assert of_estimate(share(NoisyCount(12, noise), many, 0.95), [12, 900]) is Status.UNCERTAIN
    assert of_estimate(share(none, many, 0.95), [2, 900]) is Status.SUPPRESSED
    assert of_estimate(change(many, many, 0.95), [900, 900]) is Status.OK
    assert of_estimate(change(many, few, 0.95), [900, 30]) is Status.UNCERTAIN


@given(
    value=st.none() | st.floats(0, 1e6),
    status=st.sampled_from(Status),
    high=st.floats(1e6, 1e9) | st.just(math.inf),
)
def test_a_figure_that_is_not_shown_is_null_and_never_a_number(value, status, high):
    row = published(value, 0.5, high, status)
    hidden = status in (Status.SUPPRESSED, Status.NOT_APPLICABLE, Status.NOT_DELIVERED)
    assert row.value == (None if hidden else value)
    assert (row.ci_low is None) == (status in (Status.NOT_APPLICABLE, Status.NOT_DELIVERED))
    assert row.ci_high is None or math.isfinite(row.ci_high)
    assert row.status is status


def test_a_suppressed_interval_begins_at_the_least_there_can_be():
    assert published(4, 3, 5, Status.SUPPRESSED) == Published(None, 0.0, 5, Status.SUPPRESSED)
    least = published(-0.9, -0.95, -0.8, Status.SUPPRESSED, lowest=-1.0)
    assert (least.ci_low, least.ci_high) == (-1.0, -0.8)


def test_statuses_are_written_as_words():
    assert [str(status) for status in Status] == [
        "ok", "uncertain", "suppressed", "not_applicable", "not_delivered",
    ]  # fmt: skip
