"""How good a delivery is: completeness, validity, timeliness and plausibility, by month.

    report = profile_delivery(connection, delivery_id, "npr")
    paths = write_quality_report(report, folder)

Exact counts: for the site's own eyes. `docs/data-quality.md` says what each rule means.
"""

from federated.site.landing.quality.finding import Finding
from federated.site.landing.quality.profile import create_delivery_profile
from federated.site.landing.quality.report import QualityReport, profile_delivery
from federated.site.landing.quality.vocabulary import (
    FAMILIES,
    RULES,
    SEVERITIES,
    Family,
    Rule,
    Severity,
)
from federated.site.landing.quality.writing import (
    ReportPaths,
    document,
    report_folder,
    write_quality_report,
)

__all__ = [
    "FAMILIES",
    "RULES",
    "SEVERITIES",
    "Family",
    "Finding",
    "QualityReport",
    "ReportPaths",
    "Rule",
    "Severity",
    "create_delivery_profile",
    "document",
    "profile_delivery",
    "report_folder",
    "write_quality_report",
]
