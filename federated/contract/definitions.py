"""The indicators' definitions as their YAML has them, without a dbt manifest.

For what needs no fingerprint: dbt takes longer to parse the project than a year takes to plan.
"""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from federated.contract.indicator import IndicatorDefinition


@cache
def load_definitions(project: Path) -> dict[str, IndicatorDefinition]:
    """The newest version of every indicator, by id, from the YAML beside the models.

    project: folder of the dbt project.
    """
    newest: dict[str, IndicatorDefinition] = {}
    for file in sorted((project / "models").rglob("*.yml")):
        text = file.read_text(encoding="utf-8")
        if "indicator:" not in text:
            continue
        # Unit tests are most of such a file, and most of the time it takes to read.
        content: Any = YAML(typ="safe").load(text.partition("\nunit_tests:")[0])  # pyright: ignore[reportUnknownMemberType]
        for model in content.get("models", ()):
            meta = model.get("config", {}).get("meta", {}).get("indicator")
            if meta is None:
                continue
            found = IndicatorDefinition.model_validate(meta)
            if found.id not in newest or newest[found.id].version < found.version:
                newest[found.id] = found
    return dict(sorted(newest.items()))
