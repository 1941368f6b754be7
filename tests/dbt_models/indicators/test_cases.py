"""Every indicator by hand: at least five cases worked from its definition, not from its SQL."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_catalogue
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.indicators.cases.case import Case
from tests.dbt_models.indicators.cases.matching import MATCHING
from tests.dbt_models.indicators.cases.registry import CASES, FEWEST
from tests.dbt_models.indicators.cases.running import referenced, worked
from tests.dbt_models.workbench import Workbench


@pytest.fixture(scope="module")
def indicators(built_sites: BuiltSites) -> dict[str, Indicator]:
    manifest = built_sites.built.artefacts / "target" / "manifest.json"
    return load_catalogue(manifest, PROJECT_DIR)


def test_every_indicator_has_its_cases(indicators: Mapping[str, Indicator]) -> None:
    """Those that no register delivers too: their models exist, and will be asked."""
    counts = Counter(case.indicator for case in CASES)
    assert set(counts) == set(indicators)
    assert {name: n for name, n in counts.items() if n < FEWEST} == {}
    assert len({case.id for case in CASES}) == len(CASES)
    # A case from which nothing is to come says less: most have rows to get right.
    with_rows = Counter(case.indicator for case in CASES if case.expected)
    assert {name: n for name, n in with_rows.items() if n < 3} == {}


def test_every_linked_indicator_says_which_tokens_are_matched(
    indicators: Mapping[str, Indicator],
) -> None:
    linked = {name: i.definition.tokens for name, i in indicators.items() if i.definition.tokens}
    named = {name: {match.index, *match.found} for name, match in MATCHING.items()}
    assert named == {name: set(tokens) for name, tokens in linked.items()}


@pytest.fixture(scope="module")
def found(workbench: Workbench, indicators: Mapping[str, Indicator]) -> dict[str, list[str]]:
    return worked(workbench, indicators, CASES)


@pytest.fixture(scope="module")
def by_reference(indicators: Mapping[str, Indicator]) -> dict[str, list[str]]:
    return referenced(indicators, CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_worked_by_hand(
    found: Mapping[str, list[str]], by_reference: Mapping[str, list[str]], case: Case
) -> None:
    assert found[case.id] == sorted(case.expected)
    # The reference is held to the same cases.
    assert by_reference.get(case.id, found[case.id]) == sorted(case.expected)


@pytest.mark.parametrize(
    ("indicator", "model", "right", "wrong"),
    [
        ("acute_admissions", "int_stay_chain", "interval 8 hours", "interval 7 hours"),
        ("acsc_admissions", "int_acute_admission", "arg_min(stay_id, (", "arg_max(stay_id, ("),
        ("death_after_discharge", "int_discharge_survival", "date + 30,", "date + 29,"),
        ("discharge_ready", "int_ready_stay", "discharged_on + 30,", "discharged_on + 31,"),
        ("hospital_cost", "int_priced_stay", "year(stay.discharged_at)", "year(stay.admitted_at)"),
        ("readmission_30d_same_site", "fct_index_stay", "interval 30 days", "interval 31 days"),
        (
            "discharge_letter_within_1_day",
            "atom_discharge_letter_within_1_day",
            "stay.discharged_on + 1",
            "stay.discharged_on + 2",
        ),
        (
            "kad_use",
            "int_kad_stay",
            "started_on > max(least(stopped_on",
            "started_on >= max(least(stopped_on",
        ),
        ("municipal_cost", "atom_municipal_cost", "used.own_days", "used.own_days + 1"),
        ("remote_contacts_gp", "atom_remote_contacts_gp", "claim.service = 'gp' and ", ""),
        ("pathway_cost", "int_municipal_cost_day", "max(price.nok)", "sum(price.nok)"),
        ("home_care_after_discharge", "int_home_care_span", "lasted_until + 1", "lasted_until"),
    ],
)
def test_the_cases_notice_a_changed_rule(
    workbench: Workbench,
    indicators: Mapping[str, Indicator],
    indicator: str,
    model: str,
    right: str,
    wrong: str,
) -> None:
    cases = [case for case in CASES if case.indicator == indicator]
    own = workbench.models[model]
    assert right in own.sql
    mutant = replace(own, sql=own.sql.replace(right, wrong))
    changed = replace(workbench, models={**workbench.models, model: mutant})
    lines = worked(changed, indicators, cases)
    assert any(lines[case.id] != sorted(case.expected) for case in cases)
