"""Writing a common ROS: signing one, importing one, keeping the newest. Never done by the agent."""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.site.config import SiteConfig
from federated.site.ros.answers import RosFile
from federated.site.ros.common import (
    CommonRos,
    SignedCommon,
    believed,
    bytes_of,
    imported_file,
    key_of,
    read_common,
)
from privacy.problem import Problem
from privacy.signatures import sign


def write_common(common: CommonRos, key: Ed25519PrivateKey, file: Path) -> None:
    """Sign and write: whole, or not at all."""
    content = common.model_dump(mode="json")
    signed = SignedCommon(common=content, signature=sign(key, content))
    text = json.dumps(signed.model_dump(), indent=2, ensure_ascii=False) + "\n"
    _write_whole(file, text.encode())


def take_over(site: SiteConfig, said: RosFile, file: Path) -> CommonRos:
    """Keep a copy of `file`, and follow it from now on. Raises Problem."""
    issuer, key = key_of(site, said)
    content = bytes_of(file)
    common = believed(content, file, issuer, key)
    kept = imported_file(site)
    if kept.is_file():
        before = read_common(kept, issuer, key)
        if common.issued < before.issued:
            raise Problem(
                f"this common ROS is older than the one that is followed "
                f"({common.issued:%Y-%m-%d %H:%M})",
                str(file),
                "Fetch the newest from its issuer.",
            )
    _write_whole(kept, content, mode=0o600)
    return common


def keep_newest(site: SiteConfig, said: RosFile) -> None:
    """Make what lies at the place that is watched the imported copy, if it is the newest.

    Taking it away again then brings nothing back. Raises Problem where the copy is broken.
    """
    kept = imported_file(site)
    if said.common is None or said.common.watch is None or not kept.is_file():
        return
    issuer, key = key_of(site, said)
    before = read_common(kept, issuer, key)
    file = site.path(Path(said.common.watch))
    try:
        content = bytes_of(file)
        found = believed(content, file, issuer, key)
    except Problem:
        return
    if found.issued > before.issued:
        _write_whole(kept, content, mode=0o600)


def _write_whole(file: Path, content: bytes, mode: int = 0o666) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.touch(mode=mode)
    beside.write_bytes(content)
    beside.replace(file)
