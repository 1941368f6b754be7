"""Every indicator against its reference, on one population that all registers speak of.

A new atom table or token model fails here until it has a reference in `tests.reference.registry`:
the tests below then compare the two, on any persons hypothesis can think of.
"""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_versions
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.everybody import FIRST, LAST, everybody
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference.registry import ATOMS, TOKENS, Delivered, reference_rows

MODELS = (*ATOMS, *TOKENS)


@pytest.fixture(scope="module")
def indicators(built_sites: BuiltSites) -> list[Indicator]:
    manifest = built_sites.built.artefacts / "target" / "manifest.json"
    return load_versions(manifest, PROJECT_DIR)


@pytest.fixture(scope="module")
def atom_tables(indicators: list[Indicator]) -> dict[str, Indicator]:
    return {i.model: i for i in indicators if not i.definition.tokens}


def test_every_model_of_the_catalogue_has_a_reference(
    indicators: list[Indicator], atom_tables: Mapping[str, Indicator]
) -> None:
    assert set(ATOMS) == set(atom_tables)
    assert set(TOKENS) == {token for i in indicators for token in i.definition.tokens}


def wrong(
    workbench: Workbench, delivered: Delivered, atom_tables: Mapping[str, Indicator]
) -> list[str]:
    """The models that do not hold what their references say."""
    workbench.land(delivered.landing, (delivered.first, delivered.last))
    found = workbench.all_rows(list(MODELS))
    return [
        model
        for model in MODELS
        if found[model]
        != reference_rows(
            model,
            delivered,
            atom_tables[model].definition.bounds if model in atom_tables else None,
        )
    ]


def test_many_persons_equal_the_reference_in_every_model(
    workbench: Workbench, atom_tables: Mapping[str, Indicator]
) -> None:
    delivered = Delivered(everybody(Random(61), 25), FIRST, LAST)
    assert wrong(workbench, delivered, atom_tables) == []
    # Else the comparison would prove less than it says.
    found = workbench.all_rows(list(MODELS))
    assert [model for model in MODELS if not found[model]] == []


@settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(draw=st.randoms(use_true_random=False), persons=st.integers(1, 2))
def test_any_persons_equal_the_reference_in_every_model(
    workbench: Workbench, atom_tables: Mapping[str, Indicator], draw: Random, persons: int
) -> None:
    assert wrong(workbench, Delivered(everybody(draw, persons), FIRST, LAST), atom_tables) == []
