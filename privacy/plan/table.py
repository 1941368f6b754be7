"""A table as the planner sees it: what is counted, how far one person moves it, how large it is.

No record is needed, and none is read: everything is public (keys, bounds, sites) or a published or
synthetic count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from privacy.accounting import Combination, federation_l2_squared
from privacy.bounds import ContributionBound
from privacy.plan.hierarchy import (
    Dimension,
    Grain,
    Level,
    Matrix,
    all_grains,
    cells,
    finest_grain,
    grain_name,
    information,
    readout,
)


@dataclass(frozen=True)
class Figure:
    """A count, or a sum of clipped amounts, that is published for each cell of `grain`.

    typical: figure of an average cell, in multiples of `unit`. unit: 1 of a count; of a sum what
    one row counts at most, since its noise is so many times that of a count (`privacy.clipping`).
    atoms: how many of the table's atoms it sums. weight: in the loss.
    """

    name: str
    grain: Grain
    typical: float
    atoms: int = 1
    weight: float = 1.0
    unit: float = 1.0

    def __post_init__(self) -> None:
        if self.typical <= 0 or self.atoms < 1 or self.weight < 0 or self.unit <= 0:
            raise ValueError("a figure has a count above zero, an atom, and no negative weight")


@dataclass(frozen=True)
class Linkage:
    """Counted by comparing blinded tokens, noise by dummies (`privacy.mechanisms.dummies`).

    kept: tokens of one person (u), which may all fall in one cell. services: each is a run of its
    own, with noise of its own. classes: of each service, apart, so that a token is in at most one.
    parties: how many add noise, each enough alone, since each knows its own.
    """

    kept: int
    services: int
    classes: int
    parties: int = 2

    def __post_init__(self) -> None:
        if min(self.kept, self.services, self.classes) < 1 or self.parties < 2:
            raise ValueError("linkage keeps a token, has a service and a class, and two parties")


@dataclass(frozen=True)
class Table:
    """One release, or the table that several releases are read from.

    dimensions: its keys, without atoms. atoms: a row counts one in exactly one of them.
    bound: of one person, period and site; per_cell holds in a cell of `bounded_at` (the finest
    grain unless stated). counts_persons: a person who counts in several of its cells counts once in
    a coarser cell that holds them; elsewhere rows add up.
    combination, sites: of the sites that answer. missing: shares of a secure sum that may not
    count. measured: grains with noise of their own. figures: what is published. charged: how many
    releases of it charge one data-year (`releases_charging`). linkage: None for counts with
    Gaussian noise.
    """

    name: str
    dimensions: tuple[Dimension, ...]
    bound: ContributionBound
    figures: tuple[Figure, ...]
    measured: tuple[Grain, ...]
    atoms: int = 1
    bounded_at: Grain | None = None
    counts_persons: bool = False
    combination: Combination = Combination.KEYED_BY_SITE
    sites: int = 1
    missing: int = 1
    charged: int = 1
    linkage: Linkage | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.figures or not self.measured or self.sites < 1 or self.charged < 1:
            raise ValueError("a table measures, publishes, has a site and is charged")
        if self.linkage is not None and self.atoms != 1:
            raise ValueError("a linked table counts matches: it has no atoms")
        if self.linkage is not None and self.combination is Combination.SECURE_SUM:
            raise ValueError("a linked table is not summed under masks")
        if self.combination is Combination.SECURE_SUM and not 1 <= self.missing < self.sites:
            raise ValueError("of a secure sum at least one share counts and one does not")
        if any(figure.atoms > self.atoms for figure in self.figures):
            raise ValueError("a figure sums more atoms than there are")

    @property
    def cells(self) -> int:
        """Cells of the finest measured grain, over services and classes where it is linked."""
        most = max(cells(self.dimensions, grain) for grain in self.measured)
        return most * (self.linkage.services * self.linkage.classes if self.linkage else 1)

    def bound_at(self, grain: Grain) -> ContributionBound:
        """The bound in cells of `grain`: coarser cells can hold more of one person's rows."""
        if self.counts_persons:
            return self.bound
        bounded = self.bounded_at or finest_grain(self.dimensions)
        merged = math.prod(
            max(1, math.ceil(d.levels[b].groups / d.levels[g].groups))
            for d, b, g in zip(self.dimensions, bounded, grain, strict=True)
        )
        per_cell = min(self.bound.total, self.bound.per_cell * merged)
        return replace(self.bound, per_cell=per_cell)

    def site_l2_squared(self, grain: Grain) -> int:
        """Squared L2 norm of what one person adds to one site's cells of `grain`, sums included."""
        return self.bound_at(grain).table_l2_squared

    @property
    def federation_factor(self) -> float:
        """What a person at every site pays, over what one site's table costs alone."""
        return federation_l2_squared(self.combination, [1] * self.sites)

    def effective_l2_squared(self, grain: Grain) -> float:
        """d such that measuring `grain` at a federation-wide cost of rho has variance d / (2 rho).

        Gaussian: the federation's squared L2 sensitivity; under a secure sum times n / (n - h),
        since all n shares arrive and only n - h of them are counted on. Where sites are keyed and
        their cells summed, times the sites whose noise adds up. Linked: u^2 for each service and
        party, and twice, since a Laplace draw of scale b has variance 2 b^2; discrete and cut-off
        noise has a little less.
        """
        if self.linkage is not None:
            link = self.linkage
            own = 2.0 * link.parties * link.services * link.kept**2 * self.federation_factor
        else:
            own = federation_l2_squared(
                self.combination, [self.site_l2_squared(grain)] * self.sites
            )
        return own * self.noises

    @property
    def noises(self) -> float:
        """Variance of a published cell over that of one site's, or of the guaranteed sum."""
        if self.combination is Combination.SECURE_SUM:
            return self.sites / (self.sites - self.missing)
        return self.sites if self.combination is Combination.KEYED_BY_SITE else 1

    def grain_name(self, grain: Grain) -> str:
        return grain_name(self.dimensions, grain)

    @cached_property
    def _with_atoms(self) -> tuple[Dimension, ...]:
        return _and_atoms(self.dimensions, self.atoms)

    @cached_property
    def told(self) -> Matrix:
        """Shape (contrasts, measured). Times rho of each measured grain: information.

        Cells are always measured by atom; a row is in one atom, so that costs no more.
        """
        of_atoms = 1 if self.atoms > 1 else 0
        per_precision = information(self._with_atoms, [(*g, of_atoms) for g in self.measured])
        per_rho = [2 / self.effective_l2_squared(grain) for grain in self.measured]
        return per_precision * np.array(per_rho)

    @cached_property
    def read(self) -> Matrix:
        """Shape (figures, contrasts). The variances are read @ (1 / (told @ rho))."""
        return np.array([self.reading(figure.grain, figure.atoms) for figure in self.figures])

    def variances(self, rho: Matrix) -> Matrix:
        """Of each figure, when measured grain g costs rho[g]; infinite where nothing tells of it.

        In the continuous approximation of `effective_l2_squared`. Shape (figures,).
        """
        known = np.broadcast_to(self.told @ rho, self.read.shape)
        with np.errstate(divide="ignore"):
            each = np.divide(self.read, known, out=np.zeros_like(self.read), where=self.read > 0)
        return each.sum(axis=1)

    def slopes(self, rho: Matrix) -> Matrix:
        """Derivatives of `variances` by rho, none above zero. Shape (figures, measured)."""
        known = self.told @ rho
        with np.errstate(divide="ignore"):
            inverse = np.where(self.needed, 1 / known**2, 0.0)
        return -(self.read * inverse) @ self.told

    @cached_property
    def needed(self) -> Matrix:
        """Whether any figure depends on the contrast. Shape (contrasts,)."""
        return self.read.sum(axis=0) > 0

    def reading(self, grain: Grain, atoms: int) -> Matrix:
        """How a sum of `atoms` atoms in a cell of `grain` is made of contrasts."""
        if self.atoms == 1:
            return readout(self._with_atoms, (*grain, 0))
        some, a = atoms, self.atoms
        # The atoms of a cell are exchangeable: the variance of a sum of some of them follows from
        # that of one and that of all.
        one, together = (readout(self._with_atoms, (*grain, at)) for at in (1, 0))
        return one * (some * (a - some) / (a - 1)) + together * (some * (some - 1) / (a * (a - 1)))


def _and_atoms(dimensions: Sequence[Dimension], atoms: int) -> tuple[Dimension, ...]:
    levels = (Level("all", 1),) if atoms == 1 else (Level("all", 1), Level("atom", atoms))
    return (*dimensions, Dimension("atom", levels))


def roll_ups(dimensions: Sequence[Dimension], grain: Grain) -> list[Grain]:
    """Grains people read beside `grain`: each dimension one level coarser, and the total."""
    found = [
        tuple(at - 1 if place == d else at for place, at in enumerate(grain))
        for d in range(len(dimensions))
        if grain[d] > 0
    ]
    coarsest = tuple(0 for _ in grain)
    return list(dict.fromkeys(g for g in (*found, coarsest) if g != grain))


def coarser_grains(dimensions: Sequence[Dimension], grain: Grain) -> list[Grain]:
    """`grain` and all that are nowhere finer, most cells first."""
    inside = [
        g for g in all_grains(dimensions) if all(a <= b for a, b in zip(g, grain, strict=True))
    ]
    return sorted(inside, key=lambda g: (-cells(dimensions, g), [-at for at in g]))
