"""How the tests are dealt out where several workers run them (`pytest -n`): by what they share."""

import signal
from pathlib import Path

import pytest

# A shell starts background work deaf to Ctrl-C, and children inherit it; some tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).parent
SHARING = ("dbt_models",)
"""Folders whose files share one fixture that is dear to make: one worker gets them all."""
FIRST = "end_to_end"
"""Longest first, so that no worker is left with them at the end."""


@pytest.hookimpl(tryfirst=True)  # before the workers read the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item.path)))
    items.sort(key=lambda item: item.path.parent.name != FIRST)


def _group(path: Path) -> str:
    place = path.relative_to(HERE)
    return place.parts[0] if place.parts[0] in SHARING else str(place)
