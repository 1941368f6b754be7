"""A gate with its ledger and an approval, for tests of what it lets out."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.accounting import Combination, scale_for
from privacy.approval import Approval, Approvals, Ground, Kind, Scope, Withdrawal
from privacy.bounds import ContributionBound, Rows
from privacy.gate import Counts, Gate, Mechanism, NoisyCounts, Request
from privacy.ledger import Ledger
from privacy.policy import Policy

BOUND = ContributionBound(2, 4)
DELTA = 5e-7
CELLS, ATOMS = 3, 2
SLOT = 1024
FINGERPRINT = "a" * 64
SITES = ("ahus", "diakonhjemmet", "ous")
GROUND = Ground(fingerprint="c" * 64, scope={}, assessment="d" * 64)
"""A report that every decision here rests on, unless it is said otherwise."""
OFFICER = Ed25519PrivateKey.generate()
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def rows(*found: tuple[int, int, int], kept: bool = True) -> Rows:
    """(person, cell, atom) of each."""
    person, cell, atom = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return Rows(person, cell, atom, np.full(len(found), kept))


def policy(**changes: Any) -> Policy:
    fields: dict[str, Any] = {
        "epsilon_per_person_year": 2.5,
        "max_epsilon_per_release": 2.0,
        "delta": 1e-6,
        "federation_sites": 3,
        "answers": {"readmission": "auto", "secret": "never"},
    }
    return Policy(**{**fields, **changes})


def scope(**changes: Any) -> Scope:
    fields: dict[str, Any] = {
        "indicators": {"readmission": FINGERPRINT, "secret": FINGERPRINT, "other": FINGERPRINT},
        "kinds": list(Kind),
        "epsilon_per_release": 1e9,
        "epsilon_per_person_year": 1e9,
        "delta": 1e-6,
        "sites": list(SITES),
        "ros": GROUND,
    }
    return Scope(**{**fields, **changes})


def counts(epsilon: float = 2.0, sites: int = 3) -> Counts:
    square = BOUND.charged_l2_squared
    scale = scale_for(epsilon, DELTA, square, sites, Combination.KEYED_BY_SITE)
    return Counts(scale=scale, bound=BOUND, cells=CELLS, atoms=ATOMS)


def request(
    attempt: str = "a1",
    question: str = "q1",
    mechanism: Mechanism | None = None,
    **changes: Any,
) -> Request:
    fields: dict[str, Any] = {
        "question_id": question,
        "attempt_id": attempt,
        "indicator": "readmission",
        "definition": FINGERPRINT,
        "period": "2024",
        "roster": SITES,
        "mechanism": mechanism or counts(),
        "years": (2023, 2024, 2025),
        "slot": SLOT,
    }
    return Request(**{**fields, **changes})


def encode(noisy: NoisyCounts) -> bytes:
    return json.dumps(noisy.__dict__).encode()


def never_called() -> Rows:
    raise AssertionError("rows were read before the gate had decided")


def any_schema(kind: Kind, payload: bytes) -> bool:
    return True


@dataclass
class Site:
    """One site's gate in `folder`, with the officer's decisions so far."""

    folder: Path
    policy: Policy = field(default_factory=policy)
    clock: Callable[[], datetime] = lambda: NOW
    schema: Callable[[Kind, bytes], bool] = any_schema

    def __post_init__(self) -> None:
        self.ledger = Ledger.open(self.folder / "ledger.sqlite")
        self.approvals = Approvals(self.folder / "approvals.sqlite", "ous", OFFICER.public_key())

    def gate(self, chosen: Policy | None = None, **more: Any) -> Gate:
        """more: identity, peers, fingerprint, stopped_by; by default the report still holds."""
        report = {"fingerprint": lambda: GROUND.fingerprint, "stopped_by": lambda *_: ()}
        return Gate(
            "ous",
            chosen or self.policy,
            self.ledger,
            self.approvals,
            folder=self.folder / "sent",
            schema=self.schema,
            clock=self.clock,
            **(report | more),
        )

    def approve(self, key: Ed25519PrivateKey = OFFICER, **changes: Any) -> Approval:
        fields: dict[str, Any] = {
            "serial": self.approvals.next_serial(),
            "site": "ous",
            "by": "personvernombud",
            "since": NOW - timedelta(days=1),
            "until": NOW + timedelta(days=30),
            "scope": scope(),
        }
        approval = Approval(**{**fields, **changes})
        self.approvals.record(approval, key)
        return approval

    def withdraw(self) -> None:
        serial = self.approvals.next_serial()
        withdrawal = Withdrawal(serial=serial, site="ous", by="personvernombud", since=NOW)
        self.approvals.record(withdrawal, OFFICER)
