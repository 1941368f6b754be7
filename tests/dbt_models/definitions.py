"""The indicators' definitions as their YAML has them, without a build: newest versions, by id."""

from dbt_models import PROJECT_DIR
from federated.contract.definitions import load_definitions
from federated.contract.indicator import IndicatorDefinition


def definitions() -> dict[str, IndicatorDefinition]:
    return load_definitions(PROJECT_DIR)
