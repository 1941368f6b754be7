"""What a site says to a message: from a real warehouse, through the real gate and ledger."""

import hashlib
import json
import logging
import re
import subprocess
import sys

import duckdb
import pytest

from dbt_models import PROJECT_DIR
from federated.contract.messages import (
    SLOT,
    Acknowledgement,
    Answer,
    Receipt,
    Refusal,
    encode,
    reply_slot,
)
from federated.site.build_stamp import begin_build, finish_build, is_built, is_built_with
from federated.site.config import load_site
from privacy.ledger import AttemptState
from tests.federated.site.homes import (
    EXACT,
    Home,
    approve,
    open_policy,
    question,
    report,
    write_site,
    write_warehouse,
)

PERSON = "kanari-person"
ATOMS = [
    (f"{PERSON}-1", "2024", "75-84", "2024Q1", "readmitted"),
    (f"{PERSON}-2", "2024", "75-84", "2024Q1", "not_readmitted"),
    (f"{PERSON}-3", "2024", "0-17", "2024Q4", "not_readmitted"),
]


@pytest.fixture
def make_home(tmp_path, manifest, indicator, caplog):
    homes = []

    def make(atoms=ATOMS, *, warehouse=True, parsed=True, site=None, **options):
        written = write_site(tmp_path / "ous", manifest if parsed else None, **(site or {}))
        if warehouse:
            write_warehouse(written, atoms, **options)
        real = options.get("origin") == "real"
        approve(written, indicator, ros=report(written) if real else None)
        homes.append(Home(written, indicator, caplog))
        return homes[-1]

    yield make
    for home in homes:
        home.close()


@pytest.fixture
def home(make_home):
    return make_home()


@pytest.fixture
def open_home(make_home):
    return lambda atoms=ATOMS, **options: make_home(
        atoms, site={"policy": open_policy()}, **options
    )


def exact_counts(home: Home, period="2024"):
    """{(keys..., atom): count} of an answer with practically no noise."""
    answer = home.answer(question(home.indicator, epsilon=EXACT, period=period))
    atoms = home.indicator.definition.atoms
    places = [(*key, atom) for key in home.indicator.domain(period) for atom in atoms]
    return dict(zip(places, answer.values, strict=True))


def test_the_answer_counts_every_cell_of_the_public_domain(open_home):
    counts = exact_counts(open_home(persons_per_atom=7))
    found = {place: count for place, count in counts.items() if count != 0}
    assert found == {
        ("75-84", "2024Q1", "readmitted"): 7,
        ("75-84", "2024Q1", "not_readmitted"): 7,
        ("0-17", "2024Q4", "not_readmitted"): 7,
    }
    assert len(counts) > 20


def test_a_site_without_a_single_row_answers_zeros(open_home):
    counts = exact_counts(open_home([]))
    assert set(counts.values()) == {0}


def test_rows_outside_the_domain_or_the_period_are_not_counted(open_home):
    outside = [
        ("p1", "2024", "120+", "2024Q1", "readmitted"),
        ("p2", "2024", "75-84", "2023Q4", "readmitted"),
        ("p3", "2024", "75-84", "2024Q1", "dead"),
        ("p4", "2024", None, "2024Q1", "readmitted"),
        ("p5", "2023", "75-84", "2023Q4", "readmitted"),
    ]
    assert sum(exact_counts(open_home([*ATOMS, *outside])).values()) == len(ATOMS)


def test_one_person_counts_within_the_bounds(open_home):
    """Two per cell, four per period, whatever stands in the atom table."""
    one_cell = [("often", "2024", "85+", "2024Q1", "readmitted")] * 9
    many_cells = [
        ("everywhere", "2024", "75-84", f"2024Q{number}", "not_readmitted")
        for number in (1, 2, 3, 4)
    ] * 2
    home = open_home([*one_cell, *many_cells])
    counts = exact_counts(home)
    assert counts["85+", "2024Q1", "readmitted"] == 2
    of_one = [counts["75-84", f"2024Q{number}", "not_readmitted"] for number in (1, 2, 3, 4)]
    assert sum(of_one) == 4 and max(of_one) <= 2


def test_the_answer_is_noisy_at_the_scale_that_was_asked_for(home):
    asked = question(home.indicator)
    answer = home.answer(asked)
    zeros = [value for value in answer.values if abs(value) <= 1]
    assert answer.scale == asked.scale > 5
    assert len(zeros) < len(answer.values) / 2  # exact cells are 0 or 1; the noise moves most


def test_an_answer_says_months_and_never_a_finer_date(home):
    answer = home.answer(question(home.indicator))
    assert answer.data_through == {"npr": "2025-01"}
    assert b"2025-01-31" not in encode(answer)


def test_an_answer_on_declared_data_above_the_policy_is_marked(open_home):
    home = open_home()
    answer = home.answer(question(home.indicator, epsilon=EXACT))
    assert (answer.not_private, answer.data_origin) == (True, "declared")


def test_an_answer_within_the_policy_is_private(home):
    answer = home.answer(question(home.indicator))
    assert (answer.not_private, answer.data_origin) == (False, "declared")


def test_the_demo_switch_does_nothing_on_real_data(open_home):
    home = open_home(origin="real")
    assert home.refusal(question(home.indicator, epsilon=EXACT)) == "above_maximum"
    assert home.answer(question(home.indicator)).data_origin == "real"


def test_the_charge_covers_every_data_year_that_can_change_the_answer(home):
    answer = home.answer(question(home.indicator))
    charge = home.ledger.attempts()[0].charge
    assert charge.years == (2023, 2024, 2025)
    assert charge.rho == answer.rho_federation == pytest.approx(2 * answer.rho_site)
    assert charge.roster == ("diakonhjemmet", "ous") and charge.purpose == "all"


def test_the_same_attempt_again_is_the_same_bytes_and_one_charge(home):
    payload = encode(question(home.indicator))
    first = home.reply(payload)
    spent = home.ledger.spent()
    assert [home.reply(payload) for _ in range(3)] == [first] * 3
    assert home.ledger.spent() == spent
    assert len(home.ledger.attempts()) == 1


def test_the_same_attempt_after_a_restart_is_the_same_bytes(home):
    payload = encode(question(home.indicator))
    first = home.reply(payload)
    home.close()
    again = Home(load_site(home.site.folder), home.indicator, home.caplog)
    assert again.reply(payload) == first
    assert len(again.ledger.attempts()) == 1
    again.close()


def test_a_fresh_attempt_is_fresh_noise_and_a_charge_of_its_own(make_home):
    policy = open_policy() | {"demo": None}
    home = make_home(site={"policy": policy | {"epsilon_per_person_year": 10}})
    first = home.answer(question(home.indicator))
    second = home.answer(question(home.indicator, attempt=2))
    assert first.values != second.values
    assert home.ledger.spent()[2024].rho == pytest.approx(
        first.rho_federation + second.rho_federation
    )


FORGED = {
    "ids_do_not_fit": [
        {"question_id": "0" * 64},
        {"attempt_id": "0" * 64},
        {"scale": 100.0},
        {"edition": 2},
        {"period": "2023"},
        {"attempt": 2},
        {"roster": ["ous"]},
    ],
    "definition_differs": [{"definition": "0" * 64}, {"indicator": "unknown"}],
    "other_site": [{"site": "diakonhjemmet"}],
}


@pytest.mark.parametrize(
    ("code", "forged"), [(code, forged) for code, all_ in FORGED.items() for forged in all_]
)
def test_a_forged_question_is_refused_and_costs_nothing(home, code, forged):
    assert home.refusal(question(home.indicator).model_copy(update=forged)) == code
    assert home.ledger.attempts() == []


@pytest.mark.parametrize(
    "roster", [["ous", "diakonhjemmet"], ["ous", "ous"], ["ahus", "diakonhjemmet"]]
)
def test_a_roster_that_is_unsorted_double_or_without_the_site_is_refused(home, roster):
    assert home.refusal(question(home.indicator, roster=roster)) == "ids_do_not_fit"
    assert home.ledger.attempts() == []


@pytest.mark.parametrize("payload", [b"", b"{}", b"\x00" * 100, b"[" * 5000, b"x" * (2 << 20)])
def test_garbage_is_refused_as_malformed(home, payload):
    assert home.refusal(payload) == "malformed"
    assert home.entries == 0


def test_a_site_of_another_kind_does_not_answer(make_home):
    home = make_home(site={"kind": "municipality"})
    assert home.refusal(question(home.indicator)) == "not_for_release"
    assert home.ledger.attempts() == []


@pytest.mark.parametrize("answers", [{}, {"readmission_30d_same_site": "never"}])
def test_what_the_policy_does_not_name_is_not_answered(make_home, answers):
    home = make_home(site={"policy": open_policy() | {"answers": answers}})
    assert home.refusal(question(home.indicator)) == "not_in_policy"


def test_above_the_maximum_is_refused_and_costs_nothing(home):
    assert home.refusal(question(home.indicator, epsilon=2.01)) == "above_maximum"
    assert home.ledger.attempts() == []


def test_a_roster_longer_than_the_policy_reckons_with_is_refused(home):
    asked = question(home.indicator, roster=["ahus", "diakonhjemmet", "ous"])
    assert home.refusal(asked) == "outside_approval"
    assert home.ledger.attempts() == []


def test_every_refusal_is_the_same_to_the_outside(home):
    """Whatever the cause, but for the ids that were asked: same bytes, as long as an answer."""
    asked = question(home.indicator)
    answered = home.reply(asked)
    refusals = []
    for other in (
        question(home.indicator, edition=2),  # budget
        question(home.indicator, epsilon=2.01),  # maximum
        question(home.indicator, roster=["ahus", "diakonhjemmet", "ous"]),
    ):
        reply = home.reply(other)
        text = reply.decode().replace(other.question_id, "Q").replace(other.attempt_id, "A")
        refusals.append((text, len(reply)))
    assert len(set(refusals)) == 1
    assert len(answered) == refusals[0][1] == reply_slot(len(home.answer(asked).values))
    assert len(home.reply(b"garbage")) == SLOT


def test_an_answer_is_as_long_whatever_it_counts(open_home):
    home = open_home(persons_per_atom=100_000)
    crowded = home.reply(question(home.indicator, epsilon=EXACT))
    empty = home.reply(question(home.indicator, epsilon=EXACT, period="2023"))
    assert len(crowded) == len(empty)


def test_without_an_officer_s_word_nothing_leaves(tmp_path, manifest, indicator, caplog):
    site = write_site(tmp_path / "ous", manifest)
    write_warehouse(site, ATOMS)
    home = Home(site, indicator, caplog)
    assert home.refusal(question(indicator)) == "no_approval"
    assert home.ledger.attempts() == []
    home.close()


def test_every_message_that_leaves_has_its_line_in_the_audit_log(home):
    answered = home.reply(question(home.indicator))
    refused = home.reply(b"garbage")
    entries = list(home.audit.entries())
    assert [entry.body["kind"] for entry in entries] == ["noisy_aggregate", "refusal"]
    for entry, payload in zip(entries, (answered, refused), strict=True):
        assert entry.body["size"] == len(payload)
        assert entry.body["sha256"] == hashlib.sha256(payload).hexdigest()
        assert entry.body["to"] == "coordinator"
        assert set(entry.body) == {"kind", "to", "attempt_id", "size", "sha256"}


def test_the_number_of_persons_cut_is_counted_and_noisy(open_home):
    many = [("often", "2024", "85+", "2024Q1", "readmitted")] * 9
    home = open_home([*ATOMS, *many], persons_per_atom=30)
    assert home.answer(question(home.indicator, epsilon=EXACT)).persons_cut == [30]


def test_a_spent_budget_is_refused_and_noted(home):
    home.answer(question(home.indicator))
    assert home.refusal(question(home.indicator, edition=2)) == "budget_spent"
    # The overlapping data-years of another period are spent as well.
    assert home.refusal(question(home.indicator, period="2023")) == "budget_spent"
    assert len(home.ledger.attempts()) == 1
    assert [reason for _, reason in home.ledger.refusals()] == ["budget_spent"] * 2


def test_a_kept_answer_is_sent_again_while_the_warehouse_is_being_built(home):
    """Its noise has been drawn and paid for; a new attempt would be paid for again."""
    asked = question(home.indicator)
    first = home.reply(asked)
    begin_build(home.site)
    home.site.warehouse_path.unlink()
    assert home.reply(asked) == first
    assert home.refusal(question(home.indicator, edition=2)) == "not_ready"


def drop(table):
    def change(site):
        with duckdb.connect(str(site.warehouse_path)) as connection:
            connection.execute(f"drop table {table}")

    return change


def drop_column(site):
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute("alter table indicators.atom_readmission_30d_same_site drop person_id")


def no_period(site):
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute("update landing.delivery set period_from = null, period_to = null")


@pytest.mark.parametrize(
    "change",
    [
        lambda site: site.warehouse_path.unlink(),
        lambda site: site.warehouse_path.write_bytes(b"not a database" * 1000),
        drop("indicators.atom_readmission_30d_same_site"),
        drop("landing.delivery"),
        drop_column,
        no_period,
        lambda site: site.manifest_path.unlink(),
    ],
    ids=["no file", "no database", "no atoms", "no landing", "no column", "no period", "no dbt"],
)
def test_a_warehouse_that_is_not_built_is_not_ready_and_costs_nothing(home, change):
    change(home.site)
    assert home.refusal(question(home.indicator)) == "not_ready"
    assert home.ledger.attempts() == []


def land_another_delivery(site):
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute(
            "insert into landing.delivery "
            "select * replace ('npr-2' as delivery_id, 0 as rows_landed) from landing.delivery"
        )


def build_another_definition(site):
    manifest = json.loads(site.manifest_path.read_text(encoding="utf-8"))
    manifest["nodes"]["model.sloyfe.fct_index_stay"]["checksum"]["checksum"] = "0" * 64
    site.manifest_path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("change", [begin_build, land_another_delivery])
def test_marts_that_are_not_of_the_current_deliveries_are_not_ready(home, change):
    change(home.site)
    assert home.refusal(question(home.indicator)) == "not_ready"
    finish_build(home.site, PROJECT_DIR)
    home.answer(question(home.indicator))


def test_marts_that_were_built_from_another_definition_are_not_ready(home):
    parsed = home.site.manifest_path.read_bytes()
    build_another_definition(home.site)
    assert home.refusal(question(home.indicator)) == "definition_differs"
    finish_build(home.site, PROJECT_DIR)
    home.site.manifest_path.write_bytes(parsed)
    assert home.refusal(question(home.indicator)) == "not_ready"
    assert home.ledger.attempts() == []


def test_a_period_that_nobody_stated_is_not_enough_for_real_records(make_home):
    home = make_home(origin="real", period_stated=False)
    assert home.refusal(question(home.indicator)) == "period_not_stated"
    assert home.ledger.attempts() == []


@pytest.mark.parametrize("stated", [True, False])
def test_an_answer_says_whether_the_end_of_its_data_was_stated(make_home, stated):
    home = make_home(period_stated=stated)
    assert home.answer(question(home.indicator)).end_stated is stated


def test_a_warehouse_that_another_process_writes_is_not_ready_and_costs_nothing(home):
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(home.site.warehouse_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdin and writer.stdout
        writer.stdout.readline()
        assert home.refusal(question(home.indicator)) == "not_ready"
        assert home.ledger.attempts() == []
        writer.stdin.close()
    home.answer(question(home.indicator))


def test_the_warehouse_is_free_again_between_two_questions(home):
    home.answer(question(home.indicator))
    with duckdb.connect(str(home.site.warehouse_path)) as connection:  # for writing
        connection.execute("create table indicators.new as select 1 as one")


def test_a_failure_after_the_charge_leaves_it_and_the_attempt_is_used(make_home):
    home = make_home(site={"policy": open_policy()})
    sent = home.site.state_path / "agent" / "sent"
    sent.rmdir()
    sent.write_text("in the way of the answers")
    asked = question(home.indicator)
    assert home.refusal(asked) == "failed"
    (attempt,) = home.ledger.attempts()
    assert attempt.state is AttemptState.RESERVED
    assert home.ledger.spent()[2024].rho == attempt.charge.rho > 0
    sent.unlink()
    sent.mkdir()
    assert home.refusal(asked) == "attempt_used"
    assert home.ledger.spent()[2024].rho == attempt.charge.rho
    assert home.answer(question(home.indicator, attempt=2)).values


def receipt(home, asked, **changes):
    fields = {
        "site": home.site.id,
        "question_id": asked.question_id,
        "attempt_id": asked.attempt_id,
        "release_id": "readmission-2024-e1",
        "release_digest": "d" * 64,
    }
    return Receipt(**(fields | changes))


def test_a_receipt_is_noted_once_and_closes_the_question(make_home):
    home = make_home(site={"policy": open_policy()})
    asked = question(home.indicator)
    home.answer(asked)
    reply = home.ask(receipt(home, asked))
    assert isinstance(reply, Acknowledgement)
    assert (reply.question_id, reply.attempt_id) == (asked.question_id, asked.attempt_id)
    entries = home.entries
    assert home.ask(receipt(home, asked)) == reply
    assert home.entries == entries
    (attempt,) = home.ledger.attempts()
    assert (attempt.state, attempt.release_id) == (AttemptState.RELEASED, "readmission-2024-e1")
    assert home.refusal(question(home.indicator, attempt=2)) == "attempt_used"


@pytest.mark.parametrize(
    "changes",
    [{"attempt_id": "0" * 64}, {"question_id": "0" * 64}, {"site": "diakonhjemmet"}],
    ids=["unknown attempt", "another question", "another site"],
)
def test_a_receipt_for_what_was_not_answered_is_refused(home, changes):
    asked = question(home.indicator)
    home.answer(asked)
    expected = "other_site" if "site" in changes else "unknown_release"
    assert home.refusal(receipt(home, asked, **changes)) == expected
    assert home.ledger.attempts()[0].state is AttemptState.ANSWERED


def test_a_receipt_that_names_a_second_release_is_refused(home):
    asked = question(home.indicator)
    home.answer(asked)
    assert isinstance(home.ask(receipt(home, asked)), Acknowledgement)
    assert home.refusal(receipt(home, asked, release_id="another")) == "unknown_release"
    assert home.ledger.attempts()[0].release_id == "readmission-2024-e1"


def test_the_log_says_what_happened_and_nothing_of_the_records(make_home, caplog):
    caplog.set_level(logging.DEBUG)
    home = make_home(persons_per_atom=12_347, site={"policy": open_policy()})
    asked = question(home.indicator)
    assert isinstance(home.ask(asked), Answer)
    home.ask(receipt(home, asked))
    home.ask(b"garbage")
    home.ask(question(home.indicator, site="ahus"))
    home.ask(asked.model_copy(update={"definition": "0" * 64}))
    with duckdb.connect(str(home.site.warehouse_path)) as connection:
        connection.execute(  # a value that cannot be read as the question needs it
            "alter table landing.delivery alter period_to type varchar; "
            f"update landing.delivery set period_to = '{PERSON}-1'"
        )
    assert isinstance(home.ask(question(home.indicator, edition=2)), Refusal)
    log = re.sub("[0-9a-f]{64}", "", caplog.text)
    assert "answered" in log and "released" in log and "malformed" in log and "failed" in log
    for canary in (PERSON, "12347", "12_347", "24694", "37041", "2025-01", "2023-01-01"):
        assert canary not in log
    assert "Traceback" not in log


@pytest.mark.parametrize("period", ["2022", "2026"])
def test_a_year_that_no_delivery_reaches_is_refused_and_costs_nothing(home, period):
    """Zeros with noise would look like a hospital without patients."""
    assert home.refusal(question(home.indicator, period=period)) == "period_not_delivered"
    assert home.ledger.spent() == {}


def test_a_build_is_known_until_a_delivery_or_the_project_changes(home):
    assert not is_built(home.site, "project-1")
    finish_build(home.site, PROJECT_DIR, "project-1")
    assert is_built(home.site, "project-1")
    assert not is_built(home.site, "project-2")
    land_another_delivery(home.site)
    assert not is_built(home.site, "project-1")
    finish_build(home.site, PROJECT_DIR, "project-1")
    assert is_built_with(home.site, "project-1") and not is_built_with(home.site, "project-2")
    begin_build(home.site)
    assert not is_built_with(home.site, "project-1"), "one that broke off is not gone on from"
    assert not is_built(home.site, "project-1"), "one that was begun and not finished is none"
