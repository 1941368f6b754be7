"""One thing found in a delivery."""

from dataclasses import dataclass

from federated.site.landing.quality.vocabulary import Family, Severity


@dataclass(frozen=True)
class Finding:
    """One thing found in one variable of one month.

    table: None where it is the delivery as a whole. variable: the register's name, None where the
    rule speaks of rows. month: `2024-03`, None where the rows' date is outside the period, or the
    rule has no month. count: in the rule's unit. of: what `share` is a share of; both None where
    the rule has none. previous_share: the same in the previous delivery, of that month if it had
    it, else of its whole; None where there is nothing to compare with. reason: of quarantine.
    """

    rule: str
    family: Family
    table: str | None
    variable: str | None
    month: str | None
    severity: Severity
    count: int
    of: int | None
    share: float | None
    previous_share: float | None
    reason: str | None
    sentence_nb: str
    sentence_en: str
