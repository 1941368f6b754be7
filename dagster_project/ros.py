"""A site's ROS as an asset: built after the models, kept, and checked.

The checks say what stands badly. They hold nothing back in Dagster: what stops an answer is the
site's gate, which reads the same assessment.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from dagster_project.dbt import asset_name
from dbt_models import PROJECT_DIR
from federated.site.config import SiteConfig, load_site
from federated.site.ros.document import build_document
from portal.ros_report import write_report

RED, EVIDENCE, DECISION = "no_red_risk", "evidence_holds", "decision_stands"


def ros_key(site: SiteConfig) -> dg.AssetKey:
    return dg.AssetKey([site.id, "ros"])


def ros_asset(site: SiteConfig, models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The report in the site's state folder, and its assessment in the log that the gate reads.

    models: of the site; the report looks at what they have made. In the metadata are names of risks
    and checks and how many risks have each level; nothing that was counted in a record.
    """
    key = ros_key(site)
    needed = {parent for parents in models.asset_deps.values() for parent in parents}

    @dg.asset(
        key=key,
        deps=sorted(models.keys - needed),
        group_name=asset_name(site.id),
        description="Risk and vulnerability analysis of this installation, as it is now.",
        check_specs=[
            dg.AssetCheckSpec(RED, asset=key, description="No risk is red as things are."),
            dg.AssetCheckSpec(EVIDENCE, asset=key, description="Every piece of evidence holds."),
            dg.AssetCheckSpec(DECISION, asset=key, description="Answers are approved, and leave."),
        ],
        pool=f"warehouse_{asset_name(site.id)}",
    )
    def ros() -> dg.MaterializeResult:
        from dagster_project.build import runs_of  # noqa: PLC0415 -- it is made of this asset

        now = load_site(site.folder)  # its file may have changed since Dagster was started
        document = build_document(now, PROJECT_DIR, runs=runs_of(now, now.manifest_path))
        outputs = write_report(document, now.ros_report_path)
        levels = Counter(risk["residual"]["level"] for risk in document["risks"])
        return dg.MaterializeResult(
            metadata={
                "fingerprint": document["fingerprint"],
                **{level: levels[level] for level in ("red", "yellow", "green")},
                "report": dg.MetadataValue.path(str(outputs["html"])),
            },
            check_results=list(_checks(document)),
        )

    return ros


def _checks(document: Mapping[str, Any]) -> Iterator[dg.AssetCheckResult]:
    red = [risk["id"] for risk in document["risks"] if risk["residual"]["level"] == "red"]
    yield dg.AssetCheckResult(
        check_name=RED,
        passed=not red,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"risks": red},
    )
    lacking = {e["id"]: e["status"] for e in document["evidence"] if e["status"] != "holds"}
    yield dg.AssetCheckResult(
        check_name=EVIDENCE,
        passed=not lacking,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"lacking": {name: str(status) for name, status in lacking.items()}},
    )
    decision = document["decision"]
    yield dg.AssetCheckResult(
        check_name=DECISION,
        passed=decision["state"] == "approved" and not decision["stopped_by"],
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "state": decision["state"],
            "stopped_by": decision["stopped_by"],
            "changed": [change["part"] for change in decision["changed"]],
            "demo": decision["demo"],
        },
    )
