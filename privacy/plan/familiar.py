"""The five tables partners read exactly today: how wrong each row, and each change, would be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from privacy.plan.choice import Grade
from privacy.plan.figures import Familiar
from privacy.plan.hierarchy import Grain
from privacy.plan.planning import Line, Plan
from privacy.plan.split import CONFIDENCE_95
from privacy.plan.table import Table


@dataclass(frozen=True)
class Row:
    """count: as published. half_width: of its 95 % interval. change, change_half_width: in parts
    of the earlier count, None where the table shows no change.
    """

    name: str
    count: float
    half_width: float
    change: float | None = None
    change_half_width: float | None = None

    @property
    def relative(self) -> float:
        return self.half_width / self.count

    @property
    def is_seen(self) -> bool:
        """Whether a change of this size stands out from the noise."""
        return (
            self.change is not None
            and self.change_half_width is not None
            and abs(self.change) > self.change_half_width
        )


@dataclass(frozen=True)
class FamiliarTable:
    """rows: None where the year carries the table at no grain at all. note: the grain of the rows,
    where it is coarser than the one partners know. share_half_width: of the share of referrals that
    were rejected, typical row, in parts of one.
    """

    name: str
    rows: tuple[Row, ...] | None
    note: str = ""
    share_half_width: float | None = None

    def within(self, grade: Grade) -> int:
        return sum(row.relative <= grade.useful for row in self.rows or ())

    @property
    def changes_seen(self) -> int:
        return sum(row.is_seen for row in self.rows or ())


def sigma_at(line: Line, levels: Mapping[str, str], atoms: int = 1) -> float | None:
    """Of a count at the named levels (the coarsest where none is named), by least squares from what
    the line measures; None where that is not fine enough.
    """
    table = line.table
    worth = {m.grain: table.effective_l2_squared(m.grain) / 2 / m.sigma**2 for m in line.measured}
    known = table.told @ np.array([worth.get(grain, 0.0) for grain in table.measured])
    read = table.reading(_grain(table, levels), atoms)
    needed = read > 0
    if np.any(known[needed] <= 0):
        return None
    return math.sqrt(float((read[needed] / known[needed]).sum()))


def familiar_tables(plan: Plan, of: Familiar, smallest: float) -> list[FamiliarTable]:
    """In the order in which partners know them. smallest: bydel over a mean one."""
    lines = {line.table.name: line for line in plan.lines}
    return [
        _frail(lines.get(of.frail.indicator), of, smallest),
        _services(lines.get(of.services.indicator), of),
        _referrals(lines.get(of.referrals.indicator), of),
        _diagnoses(lines.get(of.diagnosis.indicator), of),
        _adhd(lines.get(of.adhd.indicator), of),
    ]


def _frail(line: Line | None, of: Familiar, smallest: float) -> FamiliarTable:
    name = "Frail elderly by bydel"
    sigma = sigma_at(line, {"area": "bydel"}, of.frail.atoms) if line else None
    if line is None or sigma is None:
        return FamiliarTable(name, None)
    bydeler = next(d for d in line.table.dimensions if d.name == "area").levels[-1].groups
    mean = of.frail.count / bydeler
    rows = (("mean bydel", mean), ("smallest bydel", mean * smallest))
    return FamiliarTable(name, tuple(Row(n, count, CONFIDENCE_95 * sigma) for n, count in rows))


def _services(line: Line | None, of: Familiar) -> FamiliarTable:
    name = "Services of the frail, Oslo"
    sigma = sigma_at(line, {"service": "service"}, line.table.atoms) if line else None
    if sigma is None:
        return FamiliarTable(name, None)
    rows = [Row(s, n, CONFIDENCE_95 * sigma) for s, n in of.services.counts.items()]
    return FamiliarTable(name, tuple(rows))


def _referrals(line: Line | None, of: Familiar) -> FamiliarTable:
    name = "Referrals to BUP rejected, by bydel"
    bydeler = of.referrals.counts
    sectors = {
        sector: (sum(bydeler[b][0] for b in own), sum(bydeler[b][1] for b in own))
        for sector, own in of.sectors.items()
    }
    for level, counts, note in (("bydel", bydeler, ""), ("sector", sectors, "by sector")):
        rejected = sigma_at(line, {"area": level}) if line else None
        received = sigma_at(line, {"area": level}, line.table.atoms) if line else None
        if rejected is None or received is None:
            continue
        rows = [Row(where, no, CONFIDENCE_95 * rejected) for where, (_, no) in counts.items()]
        mean, no = (sum(pair[at] for pair in counts.values()) / len(counts) for at in (0, 1))
        # Delta method for rejected / received; rejected is part of received, which only helps.
        share = math.hypot(rejected, no / mean * received) / mean
        return FamiliarTable(name, tuple(rows), note, CONFIDENCE_95 * share)
    return FamiliarTable(name, None)


def _diagnoses(line: Line | None, of: Familiar) -> FamiliarTable:
    name = "BUP patients by diagnosis group, 2018-2022"
    sigma = sigma_at(line, {"diagnosis_group": "diagnosis_group"}) if line else None
    if sigma is None:
        return FamiliarTable(name, None)
    rows = [
        _with_change(group, after, before, sigma)
        for group, (before, after) in of.diagnosis.counts.items()
    ]
    return FamiliarTable(name, tuple(rows))


def _adhd(line: Line | None, of: Familiar) -> FamiliarTable:
    name = "ADHD by bydel and age, 2018-2022"
    growth = of.adhd.growth
    by_age = sigma_at(line, {"area": "bydel", "age_group": "age_group"}) if line else None
    together = sigma_at(line, {"area": "bydel"}) if line else None
    rows: list[Row] = []
    for where, pair in of.adhd.counts.items():
        before = [now / factor for now, factor in zip(pair, growth, strict=True)]
        if by_age is not None:
            rows += [
                _with_change(f"{where}, {age}", now, then, by_age)
                for age, now, then in zip(("0-17", "18-25"), pair, before, strict=True)
            ]
        elif together is not None:
            rows.append(_with_change(where, sum(pair), sum(before), together))
    note = "" if by_age is not None else "ages together"
    return FamiliarTable(name, tuple(rows), note) if rows else FamiliarTable(name, None)


def _with_change(name: str, after: float, before: float, sigma: float) -> Row:
    """Both years have noise of their own. Delta method for after / before."""
    ratio = after / before
    half = CONFIDENCE_95 * sigma * math.hypot(1, ratio) / before
    return Row(name, after, CONFIDENCE_95 * sigma, ratio - 1, half)


def _grain(table: Table, levels: Mapping[str, str]) -> Grain:
    return tuple(
        next((at for at, level in enumerate(d.levels) if level.name == levels.get(d.name)), 0)
        for d in table.dimensions
    )
