"""The indicators' definitions as their YAML has them, without a build: newest versions, by id."""

from functools import cache

from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from federated.contract.indicator import IndicatorDefinition


@cache
def definitions() -> dict[str, IndicatorDefinition]:
    found: dict[str, IndicatorDefinition] = {}
    for file in sorted((PROJECT_DIR / "models").rglob("*.yml")):
        content = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        for model in content.get("models", ()):
            meta = model.get("config", {}).get("meta", {}).get("indicator")
            if meta is not None:
                definition = IndicatorDefinition.model_validate(meta)
                known = found.get(definition.id)
                if known is None or known.version < definition.version:
                    found[definition.id] = definition
    return found
