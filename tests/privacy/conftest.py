from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.privacy.gates import Site
from tests.sloyfe.conftest import sloyfe

__all__ = ["sloyfe"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site whose officer has approved everything."""
    made = Site(tmp_path)
    made.approve()
    yield made
    made.ledger.close()
