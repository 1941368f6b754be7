"""Assets and flows as the report tells them: with the risks of each, and whether what protects it
holds now.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from federated.site.ros.flows import Flow, Landscape, Protection
from privacy.ros import Evidence, Finding, Register


def told(
    landscape: Landscape, register: Register, evidence: Mapping[str, Evidence]
) -> dict[str, Any]:
    """`{assets, flows, runs}`. A risk is of all assets and flows of the kinds that it names."""
    return {
        "assets": [
            {
                **asdict(asset),
                "risks": [risk.id for risk in register.risks if asset.kind in risk.assets],
            }
            for asset in landscape.assets
        ],
        "flows": [_flow(flow, register, evidence) for flow in landscape.flows],
        "runs": [
            {
                "job": run.job,
                "layers": dict(sorted(Counter(table.layer for table in run.tables).items())),
                "checks": run.checks,
            }
            for run in landscape.runs
        ],
    }


def _flow(flow: Flow, register: Register, evidence: Mapping[str, Evidence]) -> dict[str, Any]:
    return {
        **asdict(flow),
        "protections": [_protection(of, register, evidence) for of in flow.protections],
        "risks": [risk.id for risk in register.risks if flow.kind in risk.flows],
    }


def _protection(
    of: Protection, register: Register, evidence: Mapping[str, Evidence]
) -> dict[str, Any]:
    if of.measure is None:
        return {"measure": None, "nb": of.nb, "en": of.en, "holds": not of.lacks}
    measure = register.by_id[of.measure]
    seen = evidence.get(measure.evidence)
    return {
        "measure": measure.id,
        "nb": measure.title_nb,
        "en": measure.title_en,
        "holds": seen is not None and seen.finding is Finding.HOLDS,
    }
