"""The site's account of what has been answered: reserve, compute, commit; nothing is forgotten."""

from privacy.ledger.account import (
    Account,
    Attempt,
    AttemptState,
    Budget,
    Charge,
    Noted,
    Spending,
)
from privacy.ledger.chain import Chain, Entry, Verification
from privacy.ledger.ledger import MAX_ATTEMPTS, Ledger, LedgerRefusal, Refused
from privacy.ledger.shared import (
    ATTEMPT,
    MOST_SITES,
    Announced,
    Forked,
    SharedEntry,
    countersign,
    has_countersigned,
)

__all__ = [
    "ATTEMPT",
    "MAX_ATTEMPTS",
    "MOST_SITES",
    "Account",
    "Announced",
    "Attempt",
    "AttemptState",
    "Budget",
    "Chain",
    "Charge",
    "Entry",
    "Forked",
    "Ledger",
    "LedgerRefusal",
    "Noted",
    "Refused",
    "SharedEntry",
    "Spending",
    "Verification",
    "countersign",
    "has_countersigned",
]
