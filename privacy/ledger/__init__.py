"""The site's account of what has been answered: reserve, compute, commit; nothing is forgotten."""

from privacy.ledger.account import (
    Account,
    Attempt,
    AttemptState,
    Budget,
    Charge,
    Spending,
)
from privacy.ledger.chain import Chain, Entry, Verification
from privacy.ledger.ledger import MAX_ATTEMPTS, Ledger, LedgerRefusal, Refused

__all__ = [
    "MAX_ATTEMPTS",
    "Account",
    "Attempt",
    "AttemptState",
    "Budget",
    "Chain",
    "Charge",
    "Entry",
    "Ledger",
    "LedgerRefusal",
    "Refused",
    "Spending",
    "Verification",
]
