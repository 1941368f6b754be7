"""From facts to findings: what the numbers of a delivery, beside those of the one before, say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from math import pi, sqrt
from statistics import median

from federated.site.landing.quality import sentences
from federated.site.landing.quality.facts import NO_MONTH, TableFacts, Tally, column_of
from federated.site.landing.quality.finding import Finding
from federated.site.landing.quality.profile import Profile
from federated.site.landing.quality.roles import roles_of
from federated.site.landing.quality.thresholds import (
    CHANCE,
    LATE_AFTER,
    LATE_AFTER_DEFAULT,
    LIMITS,
    MIN_ROWS,
    THIN_MONTH,
    beyond_chance,
    too_few,
)
from federated.site.landing.quality.vocabulary import FAMILIES, RULE, SEVERITIES, Severity


def find(now: Profile, before: Profile | None) -> tuple[Finding, ...]:
    """Every finding, the worst first, then by family, rule, table, variable and month."""
    found = [*_of_the_delivery(now)]
    earlier = {facts.table: facts for facts in before.tables} if before else {}
    for facts in now.tables:
        found += _counted(facts, earlier.get(facts.table))
        found += _months(facts, now)
    if before is not None:
        present = {facts.table: facts for facts in now.tables}
        for table, old in earlier.items():
            facts = present.get(table, TableFacts(table, {}, {}))
            found += _filled_changes(facts, old)
            found += _reason_changes(facts, old)
            found += _code_changes(facts, old)
            found += _row_changes(facts, old, now, before)
    return tuple(sorted(found, key=_order))


def months_of(profile: Profile) -> tuple[str, ...]:
    """The months of the period, first to last; none where the period is unknown."""
    if profile.period_from is None or profile.period_to is None:
        return ()
    first, last = (12 * d.year + d.month - 1 for d in (profile.period_from, profile.period_to))
    return tuple(f"{m // 12}-{m % 12 + 1:02d}" for m in range(first, last + 1))


def _order(finding: Finding) -> tuple[int, int, str, str, str, str, str]:
    return (
        SEVERITIES.index(finding.severity),
        FAMILIES.index(finding.family),
        finding.rule,
        finding.table or "",
        finding.variable or "",
        finding.reason or "",
        finding.month or "",
    )


def _of_the_delivery(profile: Profile) -> Iterator[Finding]:
    if not profile.period_stated and profile.format != "synthea":
        yield _finding("period_not_stated", "warning", count=1)
    if profile.extracted_on is None:
        yield _finding("extraction_day_unknown", "info", count=1)
    elif profile.period_to is not None:
        days = (profile.extracted_on - profile.period_to).days
        if days < 0:
            yield _finding("extracted_before_end", "warning", count=-days)
        elif days > LATE_AFTER.get(profile.format, LATE_AFTER_DEFAULT):
            yield _finding("late_delivery", "warning", count=days)


def _counted(now: TableFacts, before: TableFacts | None) -> Iterator[Finding]:
    """What was counted row by row or person by person, where there is any of it."""
    earlier = _Earlier(before) if before is not None else None
    for tally in now.tallies:
        if tally.count:
            yield _finding(
                tally.rule,
                _by_share(tally.rule, tally.count / tally.of, tally.of),
                table=now.table,
                variable=tally.variable,
                month=tally.month,
                count=tally.count,
                of=tally.of,
                previous=earlier.share(tally) if earlier else None,
                reason=tally.reason,
            )


class _Earlier:
    """Shares in the previous delivery: of the same month if it had it, else of the whole."""

    def __init__(self, facts: TableFacts) -> None:
        self._months = facts.received_by_month
        self._received = facts.received
        self._counts = dict[tuple[str | None, ...], tuple[int, int]]()
        for tally in facts.tallies:
            for month in (tally.month or NO_MONTH, None):
                key = (tally.rule, tally.variable, tally.reason, month)
                count, of = self._counts.get(key, (0, 0))
                self._counts[key] = (count + tally.count, of + tally.of)

    def share(self, tally: Tally) -> float | None:
        """None where the previous delivery had nothing for the rule to look at."""
        month = tally.month or NO_MONTH
        for where in (month, None):
            key = (tally.rule, tally.variable, tally.reason, where)
            count, of = self._counts.get(key, (0, 0))
            if tally.rule == "quarantined":  # a reason that did not occur has no tally
                of = self._months.get(where, 0) if where else self._received
            if of:
                return count / of
        return None


def _months(now: TableFacts, profile: Profile) -> Iterator[Finding]:
    """Months of the period that are empty, or thin beside their neighbours."""
    months = months_of(profile)
    if len(months) < 2 or not any(now.rows.get(month) for month in months):
        return
    a_day = [now.rows.get(month, 0) / days_of(month, profile) for month in months]
    for i, month in enumerate(months):
        rows = now.rows.get(month, 0)
        expected = _usual(a_day, i) * days_of(month, profile)
        last = i == len(months) - 1
        if rows == 0:
            severity: Severity = "warning" if too_few(0, expected) else "info"
            yield _finding("empty_month", severity, table=now.table, month=month, count=0)
        elif rows < THIN_MONTH * expected and too_few(rows, expected):
            yield _finding(
                "thin_last_month" if last else "thin_month",
                "warning",
                table=now.table,
                month=month,
                count=rows,
                of=round(expected),
            )


def _usual(a_day: list[float], place: int) -> float:
    """The median of the four nearest months: two on either side, where the period has them."""
    others = sorted((abs(i - place), i) for i in range(len(a_day)) if i != place)
    return median(a_day[i] for _, i in others[:4])


def days_of(month: str, profile: Profile) -> int:
    """How many days of the month lie in the profile's period."""
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    first = max(first, profile.period_from or first)
    return (min(last, profile.period_to or last) - first).days + 1


def _filled_changes(now: TableFacts, before: TableFacts) -> Iterator[Finding]:
    """Columns filled in another share of the rows; one that is gone altogether among them."""
    if not now.landed or not before.landed:
        return
    needed = {need.variable for need in roles_of(now.table).needed}
    for variable in sorted(now.filled.keys() | before.filled.keys()):
        filled = sum(now.filled.get(variable, {}).values())
        share = filled / now.landed
        previous = sum(before.filled.get(variable, {}).values()) / before.landed
        size = abs(share - previous)
        severity = _by_share("share_filled_changed", size, now.landed)
        if severity == "info" or not beyond_chance(share, now.landed, previous, before.landed):
            continue
        if severity == "error" and variable not in needed:
            severity = "warning"
        yield _finding(
            "share_filled_changed",
            severity,
            table=now.table,
            variable=variable,
            count=round(size * now.landed),
            of=now.landed,
            share=share,
            previous=previous,
        )


def _reason_changes(now: TableFacts, before: TableFacts) -> Iterator[Finding]:
    """Reasons for quarantine that strike a larger share of the rows than before."""
    if not now.received or not before.received:
        return
    earlier = before.reasons
    for reason, count in sorted(now.reasons.items()):
        share = count / now.received
        previous = earlier.get(reason, 0) / before.received
        severity = _by_share("reasons_changed", share - previous, now.received)
        if severity == "info" or not beyond_chance(share, now.received, previous, before.received):
            continue
        yield _finding(
            "reasons_changed",
            severity,
            table=now.table,
            variable=column_of(reason),
            count=count,
            of=now.received,
            previous=previous,
            reason=reason,
        )


def _code_changes(now: TableFacts, before: TableFacts) -> Iterator[Finding]:
    for variable in sorted(now.codes.keys() & before.codes.keys()):
        codes, earlier = now.codes[variable], before.codes[variable]
        distance, of = total_variation(codes, earlier), sum(codes.values())
        severity = _by_share("codes_changed", distance, min(of, sum(earlier.values())))
        if severity != "info" and distance > CHANCE * code_change_by_chance(codes, earlier):
            yield _finding(
                "codes_changed",
                severity,
                table=now.table,
                variable=variable,
                count=round(distance * of),
                of=of,
            )


def total_variation(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Half the summed difference of the shares: 0 alike, 1 with no code in common."""
    return 0.5 * sum(abs(p - q) for p, q in _shares(one, other))


def code_change_by_chance(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The total variation distance to expect of two samples of one and the same distribution.

    Mean absolute deviation of a normal is sqrt(2/pi) of its standard deviation.
    """
    of_one, of_other = sum(one.values()), sum(other.values())
    pooled = ((p * of_one + q * of_other) / (of_one + of_other) for p, q in _shares(one, other))
    spread = sum(sqrt(p * (1 - p) * (1 / of_one + 1 / of_other)) for p in pooled)
    return 0.5 * sqrt(2 / pi) * spread


def _shares(one: Mapping[str, int], other: Mapping[str, int]) -> list[tuple[float, float]]:
    of_one, of_other = sum(one.values()), sum(other.values())
    codes = one.keys() | other.keys()
    return [(one.get(code, 0) / of_one, other.get(code, 0) / of_other) for code in codes]


def _row_changes(
    now: TableFacts, before: TableFacts, profile: Profile, earlier: Profile
) -> Iterator[Finding]:
    """Months that both deliveries cover alike; without one, the average month of each."""
    shared = sorted(set(months_of(profile)) & set(months_of(earlier)))
    pairs: list[tuple[str | None, float, float]] = [
        (month, now.rows.get(month, 0), before.rows.get(month, 0))
        for month in shared
        if days_of(month, profile) == days_of(month, earlier)
    ]
    if not any(rows or rows_before for _, rows, rows_before in pairs):
        pairs = [(None, _rows_a_month(now, profile), _rows_a_month(before, earlier))]
    for month, rows, rows_before in pairs:
        less, more = sorted((rows, rows_before))
        if not too_few(less, more):
            continue
        rule = "fewer_rows_than_before" if rows < rows_before else "more_rows_than_before"
        size = (more - less) / rows_before if rows_before else 1.0
        severity = _by_share(rule, size, MIN_ROWS)
        if severity != "info":
            yield _finding(
                rule,
                severity,
                table=now.table,
                month=month,
                count=round(more - less),
                of=round(rows_before),
                share=size,
            )


def _rows_a_month(facts: TableFacts, profile: Profile) -> float:
    """Of 30 days; of a table without dates, and of a period unknown, what there is."""
    days = sum(days_of(month, profile) for month in months_of(profile))
    dated = sum(rows for month, rows in facts.rows.items() if month != NO_MONTH)
    rows = dated or facts.landed
    return 30 * rows / days if days else float(rows)


def _by_share(rule: str, share: float, of: int) -> Severity:
    """By the limits of the rule; a share of a handful of rows is information, however large."""
    limit = LIMITS[rule]
    if of < MIN_ROWS or limit.warning is None or share < limit.warning:
        return "info"
    return "error" if limit.error is not None and share >= limit.error else "warning"


def _finding(
    rule: str,
    severity: Severity,
    *,
    count: int,
    table: str | None = None,
    variable: str | None = None,
    month: str | None = None,
    of: int | None = None,
    share: float | None = None,
    previous: float | None = None,
    reason: str | None = None,
) -> Finding:
    """share: where it is not `count` of `of`."""
    if share is None and of:
        share = count / of
    finding = Finding(
        rule=rule,
        family=RULE[rule].family,
        table=table,
        variable=variable,
        month=month,
        severity=severity,
        count=count,
        of=of,
        share=share,
        previous_share=previous,
        reason=reason,
        sentence_nb="",
        sentence_en="",
    )
    return replace(
        finding, sentence_nb=sentences.bokmal(finding), sentence_en=sentences.english(finding)
    )
