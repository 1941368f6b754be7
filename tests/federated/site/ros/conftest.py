import pytest


@pytest.fixture(autouse=True)
def quick_audit(monkeypatch):
    """The audit of the mechanisms has tests of its own, and takes half a minute."""
    monkeypatch.setattr("federated.site.ros.checks.audited", list)
