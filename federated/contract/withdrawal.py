"""A release that was withdrawn: why, by whom, what stands in its place.

<releases>/withdrawals/0001.json     one signed notice a file, in the order they were written

A release is never edited and never deleted, and a withdrawal gives back nothing: what it cost stays
in every ledger. A notice is written once. It carries the digest of the one before it, so that a
notice that is changed or taken out of the middle shows. Of several about one release the last one
holds: it names the successor that was not there yet.
"""

import hashlib
from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from federated.contract.messages import Digest
from privacy.problem import Problem
from privacy.signatures import canonical, is_signed_by

FOLDER = "withdrawals"
FIRST = "0" * 64
"""What the first notice follows."""
_MEND = "Fetch the folder again from the coordinator; a notice is never edited."
_Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Withdrawal(_Part):
    """digest: of the withdrawn release, over its files. reason_en: None where only the Norwegian
    reason was given. successor: the release to read instead. previous: digest of the last notice.
    """

    number: Annotated[int, Field(ge=1)]
    release_id: _Text
    digest: Digest
    reason_nb: _Text
    reason_en: _Text | None = None
    successor: _Text | None = None
    by: _Text
    withdrawn_at: AwareDatetime
    previous: Digest


class SignedWithdrawal(_Part):
    """signature: Ed25519 by the coordinator's release key, over the canonical notice."""

    notice: Withdrawal
    signature: str


def notice_digest(notice: Withdrawal) -> str:
    return hashlib.sha256(canonical(notice.model_dump(mode="json"))).hexdigest()


def notice_file(releases: Path, number: int) -> Path:
    return releases / FOLDER / f"{number:04}.json"


def read_withdrawals(releases: Path, key: Ed25519PublicKey | None = None) -> list[Withdrawal]:
    """Every notice, in order. key: the coordinator's, to check who signed. Raises Problem where one
    is missing, was changed, or is signed by somebody else.
    """
    found: list[Withdrawal] = []
    previous = FIRST
    for number, file in enumerate(sorted((releases / FOLDER).glob("*.json")), start=1):
        signed = _read(file)
        notice = signed.notice
        if file != notice_file(releases, number) or notice.number != number:
            raise Problem("a notice of withdrawal is missing before this one", str(file), _MEND)
        if notice.previous != previous:
            raise Problem("a notice of withdrawal was changed before this one", str(file), _MEND)
        content = notice.model_dump(mode="json")
        if key is not None and not is_signed_by(key, content, signed.signature):
            raise Problem(
                "the notice of withdrawal is not signed by this coordinator's release key",
                str(file),
                "Do not believe it; ask the coordinator for its notices and its public key.",
            )
        previous = notice_digest(notice)
        found.append(notice)
    return found


def withdrawn(notices: list[Withdrawal]) -> dict[str, Withdrawal]:
    """By release, the notice that holds: the last one."""
    return {notice.release_id: notice for notice in notices}


def _read(file: Path) -> SignedWithdrawal:
    try:
        return SignedWithdrawal.model_validate_json(file.read_bytes())
    except OSError as error:
        raise Problem(
            f"a notice of withdrawal cannot be read: {error.strerror}", str(file), _MEND
        ) from None
    except ValidationError as mistakes:
        first = mistakes.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Problem(
            f"not a notice of withdrawal: {first['msg']}", f"{file}, {field}", _MEND
        ) from None
