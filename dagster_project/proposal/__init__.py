"""A new indicator without a release of the software: tried on synthetic data, bundled, approved."""

from dagster_project.proposal.bundle import Bundle, add_bundle, read_bundle
from dagster_project.proposal.trial import Trial, propose

__all__ = ["Bundle", "Trial", "add_bundle", "propose", "read_bundle"]
