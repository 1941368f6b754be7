"""Nothing is computed before it is decided and charged; nothing leaves without both."""

import json

import numpy as np
import pytest

from privacy.accounting import Combination, rho_of, scale_for
from privacy.bounds import ContributionBound, Rows
from privacy.gate import Gate, GateRefusal, Reason, Request
from privacy.ledger import AttemptState, Ledger
from privacy.policy import DemoSwitches, Policy
from privacy.problem import Problem

BOUND = ContributionBound(2, 4)
DELTA = 5e-7
CELLS, ATOMS = 3, 2
EMPTY = Rows(*(np.array([], dtype=np.int64),) * 3)


def policy(**changes):
    fields = {
        "epsilon_per_person_year": 2.5,
        "max_epsilon_per_release": 2.0,
        "delta": 1e-6,
        "federation_sites": 3,
        "answers": {"readmission": "auto", "secret": "never"},
    }
    return Policy(**{**fields, **changes})


def request(epsilon=2.0, attempt="a1", question="q1", roster=3, indicator="readmission"):
    return Request(
        question_id=question,
        attempt_id=attempt,
        indicator=indicator,
        period="2024",
        roster_size=roster,
        scale=scale_for(epsilon, DELTA, BOUND.l2_squared, roster, Combination.KEYED_BY_SITE),
        bound=BOUND,
        cells=CELLS,
        atoms=ATOMS,
        years=(2023, 2024, 2025),
    )


def encode(noisy):
    return json.dumps(noisy.__dict__).encode()


def never_called():
    raise AssertionError("rows were read before the gate had decided")


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger.open(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def gate_for(tmp_path, ledger):
    return lambda chosen=None: Gate(chosen or policy(), ledger, tmp_path / "sent")


def refused(gate, *arguments):
    with pytest.raises(GateRefusal) as refusal:
        gate.answer(*arguments, never_called, encode)
    return refusal.value.reason


def test_an_answer_is_charged_bounded_and_noised(gate_for, ledger):
    crowd = Rows(*np.array([[7, 0, 1]] * 50).T)  # one person, fifty rows in one cell
    payload = gate_for().answer(request(), "real", lambda: crowd, encode)
    answer = json.loads(payload)
    assert len(answer["values"]) == CELLS * ATOMS
    assert not answer["not_private"]
    assert ledger.spent()[2024] == answer["rho_federation"] <= rho_of(2.0, DELTA)
    assert answer["rho_federation"] == pytest.approx(3 * answer["rho_site"])
    assert ledger.attempt("a1").state is AttemptState.ANSWERED


def test_the_gate_cuts_rows_whatever_the_query_did(gate_for):
    """With practically no noise the cut is visible: fifty rows of one person count two."""
    chosen = policy(demo=DemoSwitches(epsilon_per_release=1e5, epsilon_per_person_year=1e5))
    crowd = Rows(*np.array([[7, 0, 1]] * 50).T)
    payload = gate_for(chosen).answer(request(epsilon=1e4), "generated", lambda: crowd, encode)
    assert json.loads(payload)["values"] == [0, 2, 0, 0, 0, 0]


@pytest.mark.parametrize("indicator", ["secret", "unheard_of"])
def test_what_the_policy_does_not_name_is_refused(gate_for, ledger, indicator):
    reason = refused(gate_for(), request(indicator=indicator), "real")
    assert reason is Reason.NOT_APPROVED
    assert ledger.spent() == {}


def test_above_the_maximum_is_refused(gate_for, ledger):
    assert refused(gate_for(), request(epsilon=2.001), "real") is Reason.ABOVE_MAXIMUM
    assert [reason for _, reason in ledger.refusals()] == ["above_maximum"]


def test_the_cost_is_the_federations_not_the_sites(gate_for):
    """Noise that would do for a roster of three is too little when a person may be at fifty."""
    gate = gate_for(policy(federation_sites=50))
    assert refused(gate, request(roster=3), "real") is Reason.ABOVE_MAXIMUM


def test_asking_the_sites_one_by_one_is_no_cheaper(gate_for, ledger):
    alone = Request(**{**request(roster=3).__dict__, "roster_size": 1})
    gate_for().answer(alone, "real", lambda: EMPTY, encode)
    assert ledger.spent()[2024] == pytest.approx(rho_of(2.0, DELTA))


def test_a_roster_longer_than_the_federation_is_refused(gate_for):
    assert refused(gate_for(), request(roster=4), "real") is Reason.ROSTER_TOO_LONG


def test_a_lost_ledger_does_not_start_afresh(gate_for, ledger, tmp_path):
    gate_for().answer(request(), "real", lambda: EMPTY, encode)
    fresh = Ledger.open(tmp_path / "other.sqlite")
    with pytest.raises(Problem, match="does not know"):
        Gate(policy(), fresh, tmp_path / "sent")


def test_the_year_s_budget_holds_over_questions(gate_for):
    gate = gate_for()
    gate.answer(request(), "real", lambda: EMPTY, encode)
    assert refused(gate, request(question="q2", attempt="a2"), "real") is Reason.BUDGET_SPENT


def test_the_same_attempt_sends_the_identical_bytes(gate_for, ledger):
    gate = gate_for()
    first = gate.answer(request(), "real", lambda: EMPTY, encode)
    assert gate.answer(request(), "real", never_called, encode) == first
    assert ledger.verify().entries == 2


def test_a_failure_after_the_charge_leaves_it_standing(gate_for, ledger):
    def broken():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        gate_for().answer(request(), "real", broken, encode)
    assert ledger.spent()[2024] > 0
    assert ledger.attempt("a1").state is AttemptState.RESERVED
    assert refused(gate_for(), request(), "real") is Reason.ATTEMPT_USED


def test_a_stored_answer_that_was_altered_is_not_sent(gate_for, tmp_path):
    gate = gate_for()
    gate.answer(request(), "real", lambda: EMPTY, encode)
    (tmp_path / "sent" / "a1.json").write_bytes(b"[12345]")
    assert refused(gate, request(), "real") is Reason.ATTEMPT_USED


def test_a_lost_answer_is_not_drawn_again(gate_for, ledger, tmp_path):
    gate = gate_for()
    gate.answer(request(), "real", lambda: EMPTY, encode)
    (tmp_path / "sent" / "a1.json").unlink()
    assert refused(gate, request(), "real") is Reason.ATTEMPT_USED
    assert [reason for _, reason in ledger.refusals()] == ["attempt_used"]


@pytest.mark.parametrize("origin", ["generated", "declared"])
def test_demo_switches_work_on_synthetic_data_and_are_marked(gate_for, origin):
    chosen = policy(demo=DemoSwitches(epsilon_per_release=100, epsilon_per_person_year=100))
    payload = gate_for(chosen).answer(request(epsilon=100), origin, lambda: EMPTY, encode)
    assert json.loads(payload)["not_private"]


def test_demo_switches_do_nothing_on_real_data(gate_for):
    chosen = policy(demo=DemoSwitches(epsilon_per_release=100, epsilon_per_person_year=100))
    assert refused(gate_for(chosen), request(epsilon=100), "real") is Reason.ABOVE_MAXIMUM
