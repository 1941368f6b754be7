"""The bundle (Flower's FAB), built from this installation's own files; the same bytes every time.

Pinned to flwr 1.41: `flwr.cli.build` is internal. The coordinator submits these bytes; a site's
relay builds its own copy and takes a task only if the SuperLink sent the same ones.
"""

import hashlib
from pathlib import Path

from flwr.cli.build import build_fab_from_disk

BUNDLE = Path(__file__).with_name("bundle")


def build(folder: Path = BUNDLE) -> bytes:
    return build_fab_from_disk(folder)


def sha256(bundle: bytes) -> str:
    return hashlib.sha256(bundle).hexdigest()
