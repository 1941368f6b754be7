"""Every indicator by hand: at least five cases worked from its definition, not from its SQL."""

from collections import Counter
from collections.abc import Mapping

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
