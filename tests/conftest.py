"""How the tests are dealt out where several workers run them (`pytest -n`): by what they share."""

import signal

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# A shell starts background work deaf to Ctrl-C, and children inherit it; some tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARING = "tests/dbt_models/"
"""The files of this folder share a fixture that is dear to make: one worker gets them all."""
FIRST = "tests/end_to_end/"
"""Longest first, so that no worker is left with them at the end."""


class _BySharedFixtures(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return SHARING if nodeid.startswith(SHARING) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _BySharedFixtures:
    return _BySharedFixtures(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
