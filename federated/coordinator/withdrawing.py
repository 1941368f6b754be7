"""Withdraws a release: a signed notice beside it. The release and its cost stay as they are."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.contract.withdrawal import (
    FIRST,
    SignedWithdrawal,
    Withdrawal,
    notice_digest,
    notice_file,
    read_withdrawals,
    withdrawn,
)
from federated.coordinator.release import Release, load_release, release_ids
from privacy.problem import Problem
from privacy.signatures import sign


def withdraw_release(
    releases: Path,
    release_id: str,
    key: Ed25519PrivateKey,
    *,
    reason_nb: str,
    by: str,
    reason_en: str | None = None,
    successor: str | None = None,
) -> Withdrawal:
    """Write the next notice. Raises Problem where there is no such release, where it is withdrawn
    already and no new successor is named, and where the successor cannot stand in its place.
    """
    release = _existing(releases, release_id)
    notices = read_withdrawals(releases, key.public_key())
    holding = withdrawn(notices)
    before = holding.get(release_id)
    if before is not None and (successor is None or successor == before.successor):
        raise Problem(
            "the release is withdrawn already",
            release_id,
            "Nothing more is needed; name a --successor once there is one.",
        )
    if successor is not None:
        _require_successor(release, _existing(releases, successor), holding)
    notice = Withdrawal(
        number=len(notices) + 1,
        release_id=release_id,
        digest=release.digest,
        reason_nb=_said(reason_nb, "--reason"),
        reason_en=None if reason_en is None else _said(reason_en, "--reason-en"),
        successor=successor,
        by=_said(by, "--by"),
        withdrawn_at=datetime.now(UTC).replace(microsecond=0),
        previous=notice_digest(notices[-1]) if notices else FIRST,
    )
    _write(notice_file(releases, notice.number), notice, key)
    return notice


def _existing(releases: Path, release_id: str) -> Release:
    ids = release_ids(releases)
    if release_id not in ids:
        raise Problem(
            "there is no such release",
            f"{release_id} in {releases}",
            "`sloyfe releases list` names all of them.",
        )
    return load_release(releases / release_id)


def _require_successor(
    release: Release, successor: Release, holding: dict[str, Withdrawal]
) -> None:
    if successor.release_id == release.release_id or successor.release_id in holding:
        raise Problem(
            "the successor is itself withdrawn",
            successor.release_id,
            "Name a release that stands.",
        )
    one, other = (
        (of.record["indicator"]["id"], of.record["period"]) for of in (release, successor)
    )
    if one != other:
        raise Problem(
            "the successor is of another indicator or period",
            successor.release_id,
            f"Name a release of {one[0]}, {one[1]}.",
        )


def _said(text: str, option: str) -> str:
    if not text.strip() or len(text) > 2000:
        raise Problem(
            "it says nothing, or too much",
            option,
            "Write a sentence or two that readers understand.",
        )
    return text.strip()


def _write(file: Path, notice: Withdrawal, key: Ed25519PrivateKey) -> None:
    """Once: nobody's notice is written over, and a half-written one never has the name."""
    signed = SignedWithdrawal(notice=notice, signature=sign(key, notice.model_dump(mode="json")))
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8") as fresh:
            json.dump(signed.model_dump(mode="json"), fresh, indent=2, ensure_ascii=False)
            fresh.write("\n")
            fresh.flush()
            os.fsync(fresh.fileno())
        aside.chmod(0o444)
        os.link(aside, file)
    except FileExistsError:
        raise Problem(
            "another notice was written at the same time", str(file), "Give the command again."
        ) from None
    finally:
        aside.unlink(missing_ok=True)
