"""A plan: every table with its noise, its expected error and its cost, before anything is spent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from privacy.accounting import (
    Combination,
    Loss,
    Reported,
    charged_years,
    composed,
    conversion_part,
    federation_l2_squared,
    repeated,
    reported,
    rho_of,
    scale_for_rho,
)
from privacy.estimates.noise import discrete_gaussian
from privacy.mechanisms import share_scale
from privacy.plan.hierarchy import Grain, cells
from privacy.plan.linked import Dummies, dummies
from privacy.plan.split import CONFIDENCE_95, Share
from privacy.plan.table import Table

_SMOOTH = 5.0
"""From this scale on a discrete Gaussian's variance is its scale squared, to over ten digits."""
YEARS = 10


def releases_charging(years_before: int, years_after: int = 1) -> int:
    """How many yearly releases charge one data-year, in the long run.

    years_after: from a release's period to the last data-year when it is made. The ledger charges
    the year after the period always (`privacy.accounting.charged_years`), follow-up or not.
    """
    return len(charged_years(0, years_before, years_after))


@dataclass(frozen=True)
class Measured:
    """One grain of a table with noise of its own.

    rho: of a person at every site, one release. scale: of one site's noise (of the unmasked sum
    under a secure sum; of one party's dummies where linked). sigma: standard deviation of a
    published cell and atom, all sites' or parties' noise together.
    """

    grain: Grain
    name: str
    cells: int
    rho: float
    scale: float
    sigma: float
    losses: tuple[Loss, ...]
    dummies: Dummies | None = None


@dataclass(frozen=True)
class Expected:
    """typical, sigma: of the published figure, in its own unit (a count, kroner, days). half_width:
    of its 95 % interval. relative: over typical.
    """

    name: str
    grain: str
    cells: int
    typical: float
    sigma: float

    @property
    def half_width(self) -> float:
        return CONFIDENCE_95 * self.sigma

    @property
    def relative(self) -> float:
        return self.half_width / self.typical


@dataclass(frozen=True)
class Line:
    """One table of a plan. expected: its figures, in the table's order, the judged one first."""

    table: Table
    measured: tuple[Measured, ...]
    expected: tuple[Expected, ...]

    @property
    def federation_rho(self) -> float:
        """Charged to one data-year for a person at every site."""
        return self.table.charged * math.fsum(m.rho for m in self.measured)

    @property
    def rho(self) -> float:
        """The same for a person with records at one site."""
        return self.federation_rho / self.table.federation_factor

    def losses(self, *, everywhere: bool) -> list[Loss]:
        """All that one data-year is charged, piece by piece."""
        sites = 1 if everywhere else self.table.federation_factor
        pieces = [loss for m in self.measured for loss in m.losses] * self.table.charged
        if self.table.linkage is not None:
            times = round(self.table.federation_factor) if everywhere else 1
            return pieces * times
        return [Loss.gaussian(loss.rho / sites) for loss in pieces]


@dataclass(frozen=True)
class Total:
    """Of one data-year. rho, epsilon: of a person with records at one site; federation_: at all."""

    rho: float
    epsilon: float
    delta: float
    federation_rho: float
    federation_epsilon: float
    ten_year_rho: float
    ten_year_epsilon: float
    ten_year_delta: float


@dataclass(frozen=True)
class Plan:
    """delta: of one data-year, conversion and mechanisms together."""

    lines: tuple[Line, ...]
    delta: float

    @cached_property
    def total(self) -> Total:
        """Composed by `privacy.accounting`. Ten years: ten times the losses, at ten times delta."""
        one, everywhere = (
            [loss for line in self.lines for loss in line.losses(everywhere=all_sites)]
            for all_sites in (False, True)
        )
        decade = [repeated(composed(everywhere), YEARS)]
        return Total(
            rho=composed(one).rho,
            epsilon=_epsilon(one, self.delta).epsilon,
            delta=self.delta,
            federation_rho=composed(everywhere).rho,
            federation_epsilon=_epsilon(everywhere, self.delta).epsilon,
            ten_year_rho=decade[0].rho,
            ten_year_epsilon=_epsilon(decade, YEARS * self.delta).epsilon,
            ten_year_delta=YEARS * self.delta,
        )

    def document(self) -> dict[str, Any]:
        """What `sloyfe plan --json` prints.

        expected_abs_error: half the width of the 95 % interval, in the indicator's units;
        expected_rel_error: over the typical count. Both of the first figure; `figures` has all.
        """
        total = self.total
        return {
            "tables": [_entry(line) for line in self.lines],
            "total": {
                "rho": total.rho,
                "epsilon": total.epsilon,
                "delta": total.delta,
                "federation_rho": total.federation_rho,
                "federation_epsilon": total.federation_epsilon,
                "ten_years": {
                    "rho": total.ten_year_rho,
                    "epsilon": total.ten_year_epsilon,
                    "delta": total.ten_year_delta,
                },
            },
        }


def budget_rho(epsilon: float, delta: float) -> float:
    """rho that a data-year may be charged: half of delta is kept for linkage."""
    return rho_of(epsilon, conversion_part(delta))


def make_plan(shares: Sequence[Share], delta: float) -> Plan:
    """Noise, expected errors and costs of a split.

    delta: of one data-year; half of it is dealt evenly to the linked runs that charge it. Raises
    ValueError where a share of a secure sum would be too small, or dummies too many.
    """
    runs = sum(_runs(share) for share in shares)
    each = delta / 2 * (1 - 1e-9) / runs if runs else 0.0
    return Plan(tuple(_line(share, each) for share in shares), delta)


def _runs(share: Share) -> int:
    link = share.table.linkage
    if link is None:
        return 0
    measured = sum(rho > 0 for rho in share.rho)
    factor = round(share.table.federation_factor)
    return measured * link.services * share.table.charged * factor


def _line(share: Share, delta: float) -> Line:
    table = share.table
    measured = tuple(
        _measured(table, grain, rho, delta)
        for grain, rho in zip(table.measured, share.rho, strict=True)
        if rho > 0
    )
    return Line(table, measured, _expected(table, measured))


def _measured(table: Table, grain: Grain, rho: float, delta: float) -> Measured:
    name = table.grain_name(grain)
    size = cells(table.dimensions, grain)
    if table.linkage is not None:
        of = dummies(table.linkage, rho / table.federation_factor, delta)
        return Measured(
            grain=grain,
            name=name,
            rho=rho,
            cells=size * table.linkage.services * table.linkage.classes,
            scale=of.scale,
            sigma=math.sqrt(of.variance * table.noises),
            losses=(of.loss,) * table.linkage.services,
            dummies=of,
        )
    l2 = federation_l2_squared(table.combination, [table.site_l2_squared(grain)] * table.sites)
    scale = scale_for_rho(rho, l2)
    if table.combination is Combination.SECURE_SUM:
        share_scale(scale, table.sites, table.missing)  # refuses what is too small
    own = scale**2 if scale >= _SMOOTH else discrete_gaussian(scale).variance
    return Measured(
        grain=grain,
        name=name,
        rho=rho,
        cells=size * table.atoms,
        scale=scale,
        sigma=math.sqrt(own * table.noises),
        losses=(Loss.gaussian(rho),),
    )


def _expected(table: Table, measured: Sequence[Measured]) -> tuple[Expected, ...]:
    """Of the least-squares estimate from what is measured, with the noise as it really is."""
    sigma = {m.grain: m.sigma for m in measured}
    # The rho that a continuous draw of the same variance would have cost.
    worth = np.array(
        [
            table.effective_l2_squared(grain) / 2 / sigma[grain] ** 2 if grain in sigma else 0.0
            for grain in table.measured
        ]
    )
    return tuple(
        Expected(
            figure.name,
            table.grain_name(figure.grain),
            cells(table.dimensions, figure.grain),
            figure.typical * figure.unit,
            math.sqrt(float(v)) * figure.unit,
        )
        for figure, v in zip(table.figures, table.variances(worth), strict=True)
    )


def _epsilon(losses: Sequence[Loss], delta: float) -> Reported:
    # A hundred linked runs take privacy-loss distributions seconds to compose. Approximate zCDP is
    # what the ledger adds and never the smaller figure.
    return reported([composed(losses)], delta)


def _entry(line: Line) -> dict[str, Any]:
    first = line.expected[0]
    return {
        "indicator": line.table.name,
        "grain": first.grain,
        "cells": line.table.cells,
        "sigma": max(line.measured, key=lambda m: m.cells).sigma,
        "expected_abs_error": first.half_width,
        "expected_rel_error": first.relative,
        "rho": line.rho,
        "federation_rho": line.federation_rho,
        "charged": line.table.charged,
        "measured": [
            {"grain": m.name, "cells": m.cells, "scale": m.scale, "sigma": m.sigma, "rho": m.rho}
            | ({"dummies": m.dummies.each} if m.dummies else {})
            for m in line.measured
        ],
        "figures": [
            {
                "figure": e.name,
                "grain": e.grain,
                "cells": e.cells,
                "typical": e.typical,
                "sigma": e.sigma,
                "expected_abs_error": e.half_width,
                "expected_rel_error": e.relative,
            }
            for e in line.expected
        ],
    }
