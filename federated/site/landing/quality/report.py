"""The quality report of a delivery: its profile, the one before, and what they say."""

# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from federated.site.landing.quality.finding import Finding
from federated.site.landing.quality.findings import find
from federated.site.landing.quality.profile import Profile, previous_profile, profile_of
from federated.site.landing.quality.vocabulary import FAMILIES, SEVERITIES, Family, Severity
from privacy.problem import Problem


@dataclass(frozen=True)
class QualityReport:
    """Exact counts, for the site's own eyes. findings: the worst first."""

    profile: Profile
    previous: Profile | None
    findings: tuple[Finding, ...]

    @property
    def delivery_id(self) -> str:
        return self.profile.delivery_id

    def concerns(self, table: str) -> bool:
        """Whether the delivery brought rows of the table, or should have."""
        return any(facts.table == table for facts in self.profile.tables) or any(
            finding.table == table for finding in self.findings
        )

    def of(self, family: Family, table: str | None = None) -> tuple[Finding, ...]:
        """Findings of one family; with `table`, its own and those of the delivery as a whole."""
        return tuple(
            finding
            for finding in self.findings
            if finding.family == family and (table is None or finding.table in (table, None))
        )

    @property
    def summary(self) -> dict[Family, dict[Severity, int]]:
        """How many findings, by family and severity."""
        return {
            family: {
                severity: sum(finding.severity == severity for finding in self.of(family))
                for severity in SEVERITIES
            }
            for family in FAMILIES
        }


def profile_delivery(
    connection: DuckDBPyConnection, delivery_id: str, format: str
) -> QualityReport:
    """Profile a delivery of `landing.delivery`, keep the profile, and compare it.

    Counts the rows where they lie; of a delivery profiled before it reads what was kept. Writes one
    row of `landing.delivery_profile` and nothing else, inside the caller's transaction. Raises
    Problem where the delivery is unknown, or has been replaced without a profile.
    """
    profile = profile_of(connection, delivery_id)
    if profile is None:
        raise Problem(
            "nothing is known of the quality of this delivery",
            delivery_id,
            "Its rows were replaced before profiles were kept; see the newer delivery.",
        )
    previous = previous_profile(connection, delivery_id, format)
    return QualityReport(profile, previous, find(profile, previous))
