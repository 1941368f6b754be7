"""What is charged covers what could be seen, and each way of charging less is found out."""

import pytest

from privacy.audit import variants
from privacy.audit.charges import charges_all_that_could_be_seen, open_gate


def test_the_installed_gate_charges_all_that_could_be_seen():
    assert charges_all_that_could_be_seen(open_gate)


@pytest.mark.parametrize(
    "broken",
    [
        variants.no_charge_for_a_void_attempt,
        variants.charge_only_for_a_release,
        variants.charge_only_after_sending,
        variants.attempt_drawn_again,
    ],
)
def test_a_gate_that_charges_less_is_found_out(broken):
    assert not charges_all_that_could_be_seen(broken)
