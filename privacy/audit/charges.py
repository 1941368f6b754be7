"""Whether a gate charges for all that could have been seen of a person's rows.

Of attempts that end badly as well: answered but void, since no release came of them and the
question was asked anew; broken off while rows were read, or with the noise drawn; and repeated.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.accounting import Combination, conversion_delta, scale_for
from privacy.approval import Approval, Approvals, Ground, Kind, Scope, utc_now
from privacy.bounds import ContributionBound, Rows
from privacy.gate import Counts, Gate, GateRefusal, NoisyCounts, Request, budget_rho
from privacy.ledger import Ledger
from privacy.policy import Policy

OpenGate = Callable[[Path], tuple[Gate, Ledger]]
"""A new site's gate and ledger, in an empty folder."""

_SITE, _INDICATOR, _FINGERPRINT, _YEAR = "site", "indicator", "0" * 64, 2024
_BOUND = ContributionBound(1, 1)
_RELEASE, _PERSON_YEAR = 0.5, 1.0
"""epsilon: some four releases, and no more, are within the year's."""
_ATTEMPTS = 12

_POLICY = Policy(
    epsilon_per_person_year=_PERSON_YEAR,
    max_epsilon_per_release=_RELEASE,
    delta=1e-6,
    federation_sites=1,
    answers={_INDICATOR: "auto"},
)
_GROUND = Ground(fingerprint="0" * 64, scope={})
"""A report that always holds: here it is asked what is charged, not what is approved."""


def _nothing(*_: object) -> tuple[str, ...]:
    return ()


def open_gate(
    folder: Path, gate: type[Gate] = Gate, ledger: type[Ledger] = Ledger
) -> tuple[Gate, Ledger]:
    """The installed ones, with a policy and an approval made up for the purpose."""
    officer = Ed25519PrivateKey.generate()
    approvals = Approvals(folder / "approvals.sqlite", _SITE, officer.public_key())
    now = utc_now()
    approvals.record(
        Approval(
            serial=1,
            site=_SITE,
            by="audit",
            since=now - timedelta(days=1),
            until=now + timedelta(days=1),
            scope=Scope(
                indicators={_INDICATOR: _FINGERPRINT},
                kinds=list(Kind),
                epsilon_per_release=_RELEASE,
                epsilon_per_person_year=_PERSON_YEAR,
                delta=_POLICY.delta,
                sites=[_SITE],
                ros=_GROUND,
            ),
        ),
        officer,
    )
    opened = ledger.open(folder / "ledger.sqlite")
    return gate(
        _SITE,
        _POLICY,
        opened,
        approvals,
        folder=folder / "sent",
        schema=lambda _kind, _payload: True,
        fingerprint=lambda: _GROUND.fingerprint,
        stopped_by=_nothing,
    ), opened


def charges_all_that_could_be_seen(opened_by: OpenGate) -> bool:
    """Asks until long after the budget should be spent, of a gate in a temporary folder.

    Each time that rows are read the whole charge stands already; what has been read never comes to
    more than the year's budget; and an attempt that comes again has the same bytes or none.
    """
    with TemporaryDirectory() as folder:
        gate, ledger = opened_by(Path(folder))
        try:
            return _Asker(gate, ledger).is_paid_for_all()
        finally:
            ledger.close()


class _BrokenOff(Exception):
    pass


class _End(Enum):
    """How an attempt ends. None of them is named by a release: all are void."""

    ANSWERED = auto()
    BROKEN_OFF_READING = auto()
    BROKEN_OFF_WITH_NOISE = auto()


class _Asker:
    """reads: how often rows were read; so often, at least, something could have been seen."""

    def __init__(self, gate: Gate, ledger: Ledger) -> None:
        self._gate = gate
        self._ledger = ledger
        self._reads = 0
        self._was_charged_first = True

    def is_paid_for_all(self) -> bool:
        for number, end in enumerate(islice(cycle(_End), _ATTEMPTS)):
            question = number // len(_End)
            first, again = (self._ask(f"q{question}", f"a{number}", end) for _ in range(2))
            if again not in (None, first):
                return False
        most = Fraction(budget_rho(_POLICY, "real"))
        return self._was_charged_first and 0 < self._seen() <= min(self._charged(), most)

    def _ask(self, question: str, attempt: str, end: _End) -> bytes | None:
        def rows() -> Rows:
            self._reads += 1
            self._was_charged_first &= self._seen() <= self._charged()
            if end is _End.BROKEN_OFF_READING:
                raise _BrokenOff
            one = np.zeros(1, dtype=np.int64)
            return Rows(one, one, one, np.ones(1, dtype=np.bool_))

        def encode(noisy: NoisyCounts) -> bytes:
            if end is _End.BROKEN_OFF_WITH_NOISE:
                raise _BrokenOff
            return json.dumps(noisy.values).encode()

        try:
            return self._gate.counts(_request(question, attempt), "real", rows, encode).payload
        except (GateRefusal, _BrokenOff):
            return None

    def _seen(self) -> Fraction:
        return self._reads * Fraction(_MECHANISM.loss(1, 1).rho)

    def _charged(self) -> Fraction:
        spent = self._ledger.spent().get(_YEAR)
        return Fraction(spent.rho if spent else 0)


_MECHANISM = Counts(
    scale=scale_for(
        _RELEASE,
        conversion_delta(_POLICY),
        _BOUND.charged_l2_squared,
        1,
        Combination.KEYED_BY_SITE,
    ),
    bound=_BOUND,
    cells=1,
    atoms=1,
)


def _request(question: str, attempt: str) -> Request:
    return Request(
        question_id=question,
        attempt_id=attempt,
        indicator=_INDICATOR,
        definition=_FINGERPRINT,
        period=str(_YEAR),
        roster=(_SITE,),
        mechanism=_MECHANISM,
        years=(_YEAR,),
        slot=256,
    )
