"""The shape of an indicator's definition: `meta.indicator` in the YAML beside its dbt model.

An indicator is *local* where each site's own registers suffice: its model is an atom table, whose
rows the gate may count. It is *linked* where two organisations must be joined: its model is one of
the token tables it names. It is *not delivered* where a register that no site has would carry it.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from federated.contract.messages import Identifier
from privacy.bounds import ContributionBound
from privacy.clipping import Clip

SiteKind = Literal["hospital", "municipality", "register"]
Status = Literal["local", "linked", "not_delivered"]
Release = Literal["noisy_counts", "linkage", "internal"]
Rhythm = Literal["monthly", "tertial", "yearly"]
Calendar = Literal["quarter", "month"]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyDefinition(_Part):
    """A key column. Its values are public: a seed's column, or the calendar of the period.

    rollup: seed with the columns (group, the key's own name) that says which values add up to
    which group, such as bydeler to sectors. Groups are sums of cells, never measured again.
    additive: whether the values' counts add up to what is meant by all of them; not where one
    person may be counted under several values (a patient under each diagnosis group).
    """

    name: Identifier
    name_nb: Text
    name_en: Text
    seed: str | None = None
    column: str | None = None
    calendar: Calendar | None = None
    rollup: str | None = None
    additive: bool = True

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.calendar is None) == (self.seed is None or self.column is None):
            raise ValueError("name either `seed` and `column`, or `calendar`")
        return self


class MeasureDefinition(_Part):
    """A published count: the sum of these atoms of a cell; with `amount`, the sum of amounts."""

    atoms: Annotated[list[str], Field(min_length=1)]
    name_nb: Text
    name_en: Text
    amount: bool = False


class ShareDefinition(_Part):
    """One measure as a share of another, whose counts include it."""

    part: Identifier
    of: Identifier
    name_nb: Text
    name_en: Text


class StandardDefinition(_Part):
    """How the shares are made comparable between groups that differ: standardised over these keys.

    The weights, and where there are any the expected shares, are the definition's rows in the seed
    standard_population_readmission. beside: indicator whose crude share this one adjusts, where
    that is another.
    """

    keys: Annotated[list[Identifier], Field(min_length=1)]
    name_nb: Text
    name_en: Text
    beside: Identifier | None = None


class RateDefinition(_Part):
    """A measure per so many inhabitants of the same cell, from the public population table."""

    measure: Identifier
    per: Annotated[int, Field(ge=1)] = 1000
    name_nb: Text
    name_en: Text


UNITS = {"kroner": "NOK", "døgn": "days"}
"""Units that an amount may have, in bokmål and in English; each is counted in whole ones."""


class AmountDefinition(_Part):
    """What the column `amount` of the atom table holds: whole units, zero to `maximum`."""

    unit_nb: Text
    unit_en: Text
    maximum: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _has_a_known_unit(self) -> Self:
        if UNITS.get(self.unit_nb) != self.unit_en:
            known = ", ".join(f"{nb}/{en}" for nb, en in UNITS.items())
            raise ValueError(f"an amount has one of the units {known}")
        return self


class MeanDefinition(_Part):
    """A sum of amounts over the count of the same rows: what one of them comes to on average."""

    amount: Identifier
    per: Identifier
    name_nb: Text
    name_en: Text


class ClipDefinition(_Part):
    """What one row's amount counts when sums leave the site: whole steps, at most up to `at`.

    at, step: in units of the amount; `at` is a whole number of steps.
    """

    at: Annotated[int, Field(ge=1)]
    step: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _is_made_of_steps(self) -> Self:
        if self.at % self.step:
            raise ValueError("`clip.at` is a whole number of `clip.step`")
        Clip(self.step, self.at // self.step)  # raises where they are too many
        return self

    @property
    def of_rows(self) -> Clip:
        return Clip(self.step, self.at // self.step)


class BoundDefinition(_Part):
    """clip: of one row's amount, where sums of amounts are released."""

    per_cell: Annotated[int, Field(ge=1)]
    total: Annotated[int, Field(ge=1)]
    clip: ClipDefinition | None = None

    @property
    def contribution(self) -> ContributionBound:
        clip = None if self.clip is None else self.clip.of_rows
        return ContributionBound(self.per_cell, self.total, clip)


class DataYears(_Part):
    """Data-years that can change the answer for a period: `before` earlier ones, and later ones."""

    before: Annotated[int, Field(ge=0)]
    after: Literal["to_end_of_data"]


class IndicatorDefinition(_Part):
    """One version of one indicator.

    levels: kinds of site whose registers it needs; a local one is computed at each of them.
    needs: landing tables without which a site has nothing to say. tokens: the token models of a
    linked one. source_dated: when the source was written, as it states it.
    """

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    owner: Text
    name_nb: Text
    name_en: Text
    definition_nb: Text
    definition_en: Text
    source: Text
    source_dated: Text
    unit_nb: Text
    unit_en: Text
    numerator_nb: Text
    numerator_en: Text
    denominator_nb: Text
    denominator_en: Text
    exclusions_nb: Text
    exclusions_en: Text
    known_limits_nb: Text
    known_limits_en: Text
    rhythm: Rhythm
    audience: Text
    status: Status
    release: Release
    levels: Annotated[list[SiteKind], Field(min_length=1)]
    needs: Annotated[list[Identifier], Field(min_length=1)]
    tokens: list[Identifier] = []
    keys: list[KeyDefinition] = []
    atoms: list[str] = []
    amount: AmountDefinition | None = None
    measures: dict[Identifier, MeasureDefinition] = {}
    shares: list[ShareDefinition] = []
    rates: list[RateDefinition] = []
    means: list[MeanDefinition] = []
    standard: StandardDefinition | None = None
    bounds: BoundDefinition
    data_years: DataYears

    @model_validator(mode="after")
    def _fits_its_status(self) -> Self:
        if (self.status == "linked") != bool(self.tokens):
            raise ValueError("an indicator has `tokens` if, and only if, its status is `linked`")
        if (self.status == "linked") != (self.release == "linkage"):
            raise ValueError("`release: linkage` goes with `status: linked`")
        if self.status != "linked" and not (self.keys and self.atoms and self.measures):
            raise ValueError("`keys`, `atoms` and `measures` are needed unless it is linked")
        return self

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        used = {atom for measure in self.measures.values() for atom in measure.atoms}
        if used - set(self.atoms):
            raise ValueError("a measure sums an atom that is not in `atoms`")
        named = {name for share in self.shares for name in (share.part, share.of)}
        named |= {rate.measure for rate in self.rates}
        if named - set(self.measures):
            raise ValueError("a share or a rate names a measure that is not in `measures`")
        if self.standard is not None and not self.shares:
            raise ValueError("`standard` needs a share to standardise")
        if self.standard is not None and set(self.standard.keys) - {k.name for k in self.keys}:
            raise ValueError("`standard` names a key that is not in `keys`")
        if any(m.amount for m in self.measures.values()) and self.amount is None:
            raise ValueError("a measure sums amounts, and `amount` does not say of what")
        return self

    @model_validator(mode="after")
    def _amounts_leave_clipped(self) -> Self:
        clip = self.bounds.clip
        if self.release == "noisy_counts" and self.amount is not None and clip is None:
            raise ValueError("amounts leave a site only clipped: `bounds.clip` is missing")
        if clip is not None and (self.release != "noisy_counts" or self.amount is None):
            raise ValueError("`bounds.clip` is for an `amount` with `release: noisy_counts`")
        if clip is not None and self.amount is not None and clip.at > self.amount.maximum:
            raise ValueError("`bounds.clip.at` is above the amount's `maximum`: it cuts nothing")
        if clip is not None:
            for name, measure in self.measures.items():
                if measure.amount and self.count_of(name) is None:
                    raise ValueError(f"`{name}` sums amounts, and no measure counts the same atoms")
        for mean in self.means:
            summed = self.measures.get(mean.amount)
            if summed is None or not summed.amount or self.count_of(mean.amount) != mean.per:
                raise ValueError("`means` names a sum of amounts, and the count of the same atoms")
        return self

    def count_of(self, measure: str) -> str | None:
        """The measure that counts the rows whose amounts `measure` sums; itself, if it counts."""
        of = self.measures[measure]
        if not of.amount:
            return measure
        return next(
            (
                name
                for name, other in self.measures.items()
                if not other.amount and set(other.atoms) == set(of.atoms)
            ),
            None,
        )
