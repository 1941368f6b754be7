"""A warehouse of its own for every test."""

import pytest

from tests.federated.site.landing.quality.made_landing import Made


@pytest.fixture
def made():
    landing = Made()
    yield landing
    landing.close()
