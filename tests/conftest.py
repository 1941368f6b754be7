"""How the tests are dealt out where several workers run them (`pytest -n`): by file."""

import signal

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.examples import register_profiles

# A shell starts background work deaf to Ctrl-C, and children inherit it; some tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

register_profiles()

FIRST = ("tests/dbt_models/indicators/test_odd.py", "tests/end_to_end/", "tests/dbt_models/")
"""Longest first, so that no worker is left with them at the end. While one makes the sites that all
of dbt_models is about, the next has other work than to wait for them."""


class _ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByFile:
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    found = (n for n, start in enumerate(FIRST) if item.nodeid.startswith(start))
    return next(found, len(FIRST))
