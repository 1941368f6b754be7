import pytest


@pytest.fixture(autouse=True, scope="module")
def quick_audit():
    """The audit of the mechanisms has tests of its own, and takes half a minute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("federated.site.ros.checks.audited", list)
        yield
