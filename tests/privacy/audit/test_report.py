"""Every mechanism passes its own audit, and every broken variant fails it."""

import json

import pytest

from privacy.audit import audit
from privacy.audit.checks import keeps_clipped_sums, keeps_sensitivity
from privacy.audit.variants import (
    counts_unbounded,
    counts_with_keys_from_data,
    sums_clipped_where_the_data_end,
    sums_of_every_row,
    sums_rounded_after_the_clip,
    sums_without_clip,
)
from privacy.bounds import bounded_counts


@pytest.mark.slow
def test_what_is_installed_is_sound_and_every_broken_variant_is_caught():
    found = audit(confidence=1 - 1e-6)
    assert len({of.name for of in found}) == len(found) >= 9
    for of in found:
        assert of.sound, of.name
        assert of.not_caught == (), of.name
        assert of.broken_variants_caught == of.broken_variants_total > 0
        if of.epsilon_claimed is not None:
            assert of.epsilon_lower_bound is not None
            assert 0 <= of.epsilon_lower_bound <= of.epsilon_claimed


@pytest.mark.slow
def test_the_command_prints_what_scripts_read(sloyfe):
    code, stdout, stderr = sloyfe("audit", "privacy", "--canaries", "500", "--json")
    assert (code, stderr) == (0, [])
    for of in json.loads(stdout)["mechanisms"]:
        assert {
            "name", "epsilon_claimed", "epsilon_lower_bound", "confidence",
            "broken_variants_caught", "broken_variants_total",
        } <= of.keys()  # fmt: skip


def test_the_exhaustive_check_tells_bounded_from_unbounded():
    assert keeps_sensitivity(bounded_counts)
    assert not keeps_sensitivity(counts_unbounded)
    assert not keeps_sensitivity(counts_with_keys_from_data)


@pytest.mark.parametrize(
    "broken",
    [
        sums_without_clip,
        sums_rounded_after_the_clip,
        sums_clipped_where_the_data_end,
        sums_of_every_row,
    ],
)
def test_a_broken_sum_is_caught(broken):
    """The two others take the check's full length: they are in the audit above."""
    assert not keeps_clipped_sums(broken)
