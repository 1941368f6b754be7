"""The common ROS: one organisation's assessment, signed, for others to build on.

Its issuer's officer signs what holds for everybody who answers the same questions under the same
budgets; what an organisation must judge for itself is not in it. An importer believes the key that
its own `ros.yaml` names, and no other. Of two editions the newer counts, wherever it is found: in
the copy that `sloyfe ros import` keeps, or at the place that is watched. So a change in the common
part is seen by every importer that can read it, without anybody asking.
"""

import os
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from federated.contract.messages import Digest, Identifier
from federated.site.config import SiteConfig
from federated.site.ros.answers import ROS_FILE, Answered, IndicatorQuestion, RosFile
from privacy.approval import utc_now
from privacy.problem import Problem
from privacy.ros import Level
from privacy.signatures import is_signed_by, load_public_key

MOST_BYTES = 4 * 2**20
CLOCKS_DIFFER = timedelta(minutes=10)


_SEEN: dict[Path, "CommonRos"] = {}
"""The newest edition that this process has followed, by the file of the imported copy."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CommonRisk(_Record):
    """judgement: digest of what the register says of it. level: of the residual risk there."""

    judgement: Digest
    level: Level


class CommonIndicator(_Record):
    """definition: fingerprint. answers: of the questions that are about the indicator alone."""

    definition: Digest
    answers: dict[IndicatorQuestion, Answered]


class CommonRos(_Record):
    """What its importers inherit.

    by: who signs, as the issuer names the role. until: nothing is inherited from then on. budgets,
    kinds, scale, code_line: under which it was judged. wording: digest of the register's words.
    withdrawn: nothing is inherited any more.
    """

    record: Literal["common_ros"] = "common_ros"
    issuer: Identifier
    name: str
    by: Annotated[str, Field(min_length=1)]
    issued: AwareDatetime
    until: AwareDatetime
    indicators: dict[Identifier, CommonIndicator] = {}
    risks: dict[str, CommonRisk] = {}
    budgets: dict[str, Any] = {}
    kinds: list[str] = []
    scale: dict[str, int] = {}
    code_line: str = ""
    wording: Digest | None = None
    withdrawn: bool = False

    def holds(self, now: datetime) -> bool:
        return not self.withdrawn and now < self.until


class SignedCommon(_Record):
    common: dict[str, Any]
    signature: str


def read_common(file: Path, issuer: str, key: Ed25519PublicKey) -> CommonRos:
    """The common ROS in `file`, once its signature has been checked. Raises Problem."""
    return believed(bytes_of(file), file, issuer, key)


def bytes_of(file: Path) -> bytes:
    """Of a plain file and no longer than it may be: whoever lays it there may lay anything."""
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(opened, "rb") as stream:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise _unreadable(file)
            content = stream.read(MOST_BYTES + 1)
    except OSError:
        raise _unreadable(file) from None
    if len(content) > MOST_BYTES:
        raise _unreadable(file)
    return content


def believed(content: bytes, file: Path, issuer: str, key: Ed25519PublicKey) -> CommonRos:
    try:
        signed = SignedCommon.model_validate_json(content)
    except ValidationError:
        raise _unreadable(file) from None
    if not is_signed_by(key, signed.common, signed.signature):
        raise Problem(
            "the common ROS is not signed by the key that is believed here",
            str(file),
            "Fetch it anew from its issuer; do not follow it.",
        )
    try:
        common = CommonRos.model_validate(signed.common)
    except ValidationError:
        raise Problem(
            "the common ROS is of another version of Sløyfe",
            str(file),
            "Install the version that its issuer uses.",
        ) from None
    if common.issuer != issuer:
        raise Problem(
            f"the common ROS is by `{common.issuer}`, not by `{issuer}`",
            str(file),
            f"Fetch the right one, or name another issuer in `{ROS_FILE}`.",
        )
    if common.issued > utc_now() + CLOCKS_DIFFER:
        raise Problem(
            f"the common ROS is dated in the future ({common.issued:%Y-%m-%d %H:%M})",
            str(file),
            "Check the clock here; if it is right, ask its issuer to sign it anew.",
        )
    return common


def imported_file(site: SiteConfig) -> Path:
    return site.state_path / "ros" / "common.json"


def key_of(site: SiteConfig, said: RosFile) -> tuple[str, Ed25519PublicKey]:
    """Issuer and key that the site believes. Raises Problem where it follows nobody."""
    if said.common is None:
        raise Problem(
            "this site follows no common ROS",
            str(site.folder / ROS_FILE),
            "Name its issuer and the issuer's public key there: `common: {issuer: …, key: …}`.",
        )
    return said.common.issuer, load_public_key(site.path(Path(said.common.key)))


def followed(site: SiteConfig, said: RosFile) -> CommonRos | None:
    """The newest edition there is, holding or not; None where none is followed or imported.

    Raises Problem where the imported copy is broken. What lies at the place that is watched counts
    when it is whole and newer, and is passed over when it is not: whoever can write there could
    otherwise stop the site. A newer one that was seen is not forgotten: by this process at once,
    and for good once `keep_newest` (`common_files`) has run. This module writes nothing, for the
    agent uses it.
    """
    if said.common is None or not imported_file(site).is_file():
        return None
    issuer, key = key_of(site, said)
    common = read_common(imported_file(site), issuer, key)
    if said.common.watch is not None:
        file = site.path(Path(said.common.watch))
        try:
            content = bytes_of(file)
            found = believed(content, file, issuer, key)
        except Problem:
            found = common
        if found.issued > common.issued:
            common = found
    seen = _SEEN.get(imported_file(site))
    if seen is not None and seen.issuer == issuer and seen.issued > common.issued:
        common = seen
    _SEEN[imported_file(site)] = common
    return common


def watched_is_broken(site: SiteConfig, said: RosFile) -> bool:
    """Whether a place is watched, and what lies there cannot be believed."""
    if said.common is None or said.common.watch is None:
        return False
    issuer, key = key_of(site, said)
    try:
        read_common(site.path(Path(said.common.watch)), issuer, key)
    except Problem:
        return True
    return False


def _unreadable(file: Path) -> Problem:
    return Problem(
        "this is not a common ROS", str(file), "Name the file that `sloyfe ros share` wrote."
    )
