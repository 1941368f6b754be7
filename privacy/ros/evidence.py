"""What a check of this installation found. Nobody can type it: a check says it, or nobody."""

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """holds: looked at, and so. fails: looked at, and not so. missing: there was nothing to see."""

    HOLDS = "holds"
    FAILS = "fails"
    MISSING = "missing"


@dataclass(frozen=True)
class Evidence:
    """id: name of the check. seen_nb, seen_en: what was seen, without any data."""

    id: str
    finding: Finding
    seen_nb: str
    seen_en: str
