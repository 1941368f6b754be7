"""What is asked of a gate, in its own words, and what each way of answering costs.

Costs are computed here, from the mechanism's parameters and the site's own copy of the indicator;
nothing that the asker states about cost is believed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from privacy.accounting import (
    Combination,
    Loss,
    federation_l2_squared,
    federation_rho,
    repeated,
)
from privacy.approval import Kind
from privacy.bounds import ContributionBound
from privacy.mechanisms import (
    add_discrete_gaussian,
    add_share,
    dummy_cell_delta,
    dummy_epsilon,
    gaussian_rho,
    share_rho,
)
from privacy.mechanisms.rounding import up


@dataclass(frozen=True)
class Counts:
    """Counts per cell and atom, and sums where the bound has a clip, with this site's own noise:
    released keyed by site, or summed.

    scale: of the discrete Gaussian that the counts get. bound, cells, atoms: from the site's own
    copy of the indicator.
    """

    scale: float
    bound: ContributionBound
    cells: int
    atoms: int

    kind = Kind.NOISY_AGGREGATE
    name = "discrete Gaussian"

    def noisy(self, exact: list[int], wider: int = 1) -> list[int]:
        """With noise of `wider` times the scale."""
        return add_discrete_gaussian(exact, wider * self.scale)

    def rho_site(self) -> float:
        return gaussian_rho(self.scale, self.bound.charged_l2_squared)

    def loss(self, roster: int, federation: int) -> Loss:
        """For a person at every site of the federation, however few are asked at a time."""
        sites = max(roster, federation)
        return Loss.gaussian(federation_rho(self.rho_site(), sites, Combination.KEYED_BY_SITE))


@dataclass(frozen=True)
class ShareOfSum:
    """The same counts with a share of the noise, under a mask: only the roster's sum is readable.

    share: scale of one share. missing: of how many sites the share is not relied on.
    """

    share: float
    missing: int
    bound: ContributionBound
    cells: int
    atoms: int

    kind = Kind.MASKED_UPDATE
    name = "share of a discrete Gaussian"

    def noisy(self, exact: list[int], wider: int = 1) -> list[int]:
        """With a share of `wider` times the scale: not enough noise by itself."""
        return add_share(exact, wider * self.share)

    def rho_site(self) -> float:
        return gaussian_rho(self.share, self.bound.charged_l2_squared)

    def loss(self, roster: int, federation: int) -> Loss:
        """A roster that leaves sites out may be followed by others made of those: all are paid."""
        charged = federation_l2_squared(
            Combination.SECURE_SUM, [math.ceil(self.bound.charged_l2_squared)] * roster
        )
        rho = share_rho(
            self.share,
            roster,
            self.missing,
            l2_squared=math.ceil(charged),
            l1=roster * (self.bound.parts * self.bound.total + 1),
            cells=self.bound.parts * self.cells * self.atoms + 1,
        )
        rosters = math.ceil(max(roster, federation) / roster)
        return Loss.gaussian(up(Fraction(rho) * rosters))


@dataclass(frozen=True)
class Dummies:
    """Blinded tokens, mixed with dummies that hide one person in every match count.

    scale, shift: of the dummies' number (`privacy.mechanisms.dummies`). sensitivity: how far one
    person moves the counts of this run, over all cells; cell_sensitivity: in one. cells: match
    counts of the run; touched: how many of them one person can move.
    """

    scale: float
    shift: int
    sensitivity: int
    cell_sensitivity: int
    cells: int
    touched: int

    kind = Kind.BLINDED_TOKENS
    name = "linkage dummies"

    def rho_site(self) -> float:
        return self.loss(1, 1).rho

    def loss(self, roster: int, federation: int) -> Loss:
        """As with sums, a run between some sites may be followed by others: all are paid."""
        delta = dummy_cell_delta(self.scale, self.cell_sensitivity, self.shift)
        one = Loss.approximate(
            dummy_epsilon(self.scale, self.sensitivity), up(Fraction(delta) * self.touched)
        )
        runs = math.ceil(max(roster, federation) / roster)
        return one if runs == 1 else repeated(one, runs)


Mechanism = Counts | ShareOfSum | Dummies


@dataclass(frozen=True)
class Request:
    """One question to one site.

    definition: fingerprint of the indicator. roster: ids of the sites asked, sorted. years: every
    data-year that can change the answer. slot: bytes that any reply to this question has.
    countersignatures: by site, of this attempt's entry in the global ledger, as the asker says.
    """

    question_id: str
    attempt_id: str
    indicator: str
    definition: str
    period: str
    roster: tuple[str, ...]
    mechanism: Mechanism
    years: tuple[int, ...]
    slot: int
    countersignatures: Mapping[str, str] = field(default_factory=dict[str, str])
