"""`release.json` as the portal reads it.

A release is immutable and may be older or newer than this code: unknown fields are let through,
missing ones are not.
"""

from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from privacy.problem import Problem

RECORD_FILE = "release.json"
_MEND = "Fetch the release again from the coordinator; a release is never edited."


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Amount(_Part):
    """What a measure that sums amounts is made of: whole steps of `step` units, at most `steps` of
    a row, with noise of `steps` times the counts' scale. count: the measure that counts the rows.
    """

    unit_nb: str
    unit_en: str
    step: int = Field(ge=1)
    steps: int = Field(ge=1)
    count: str


class Measure(_Part):
    """atoms: how many noisy figures it is the sum of in a cell. amount: None where it counts."""

    name_nb: str
    name_en: str
    atoms: int = Field(ge=1)
    amount: Amount | None = None


class Share(_Part):
    """One measure as a share of another, whose counts include it."""

    part: str
    of: str
    name_nb: str
    name_en: str


class Mean(_Part):
    """A sum of amounts over the count of its rows."""

    amount: str
    per: str
    name_nb: str
    name_en: str


class Stratum(_Part):
    """One value of each key that is standardised away; expected: share with the event, if known."""

    values: list[str]
    weight: float
    expected: float | None = None


class Standard(_Part):
    """What the shares are standardised by. atoms: of each share, how many noisy counts its part is
    the sum of in a cell, and how many the rest of its whole.
    """

    keys: list[str] = Field(min_length=1)
    name_nb: str
    name_en: str
    strata: list[Stratum]
    atoms: list[tuple[int, int]]


class Indicator(_Part):
    """definition: fingerprint of the definition that every site computed by."""

    id: str
    version: int
    definition: str
    name_nb: str
    name_en: str
    definition_nb: str
    definition_en: str
    source: str
    owner: str
    unit_nb: str
    unit_en: str
    known_limits_nb: str
    known_limits_en: str
    measures: dict[str, Measure] = Field(min_length=1)
    shares: list[Share] = []
    means: list[Mean] = []
    standard: Standard | None = None


class Site(_Part):
    id: str
    name: str
    operator: str


class ValueName(_Part):
    nb: str
    en: str


class Key(_Part):
    """One dimension of the public key domain; its values in the order they are shown, and what they
    are called where that is another than themselves.
    """

    name: str
    name_nb: str
    name_en: str
    values: list[str] = Field(min_length=1)
    value_names: dict[str, ValueName] = {}


class Clip(_Part):
    """at: most that one row's amount counts. step: what it is rounded to. In the amount's unit."""

    at: int
    step: int


class Bounds(_Part):
    per_cell: int
    total: int
    clip: Clip | None = None


class Privacy(_Part):
    """persons_cut: of each site, noisy: persons any of whose rows or amounts the bounds cut."""

    unit: str
    neighbours: str
    bounds: Bounds
    mechanism: str
    scale: float
    rho_site: float
    rho: float
    epsilon: float
    delta: float
    data_years: dict[str, list[int]]
    private: bool
    data_origin: Literal["generated", "declared", "real"]
    end_stated: bool
    persons_cut: dict[str, int] = {}
    persons_cut_half_width: int = 0


class ReleaseRecord(_Part):
    """What a release says about itself.

    keys: first the groups, then the time. expected_error: half width, in the measure's unit, of
    the interval of one cell of each measure. vintages: site -> register -> last month delivered.
    """

    release_id: str
    question_id: str
    attempt_id: str
    attempt: int
    edition: int
    version: int
    period: str
    published_at: datetime
    code_version: str
    indicator: Indicator
    sites: list[Site] = Field(min_length=1)
    keys: tuple[Key, Key]
    privacy: Privacy
    expected_error: dict[str, int]
    vintages: dict[str, dict[str, str]]
    confidence: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _sums_rest_on_counts(self) -> Self:
        measures = self.indicator.measures
        of = [m.amount.count for m in measures.values() if m.amount is not None]
        of += [mean.per for mean in self.indicator.means]
        if any(name not in measures or measures[name].amount is not None for name in of):
            raise ValueError("a sum of amounts names no measure that counts its rows")
        summed = [mean.amount for mean in self.indicator.means]
        if any(name not in measures or measures[name].amount is None for name in summed):
            raise ValueError("a mean names no sum of amounts")
        return self

    def site_name(self, site: str) -> str:
        return next(known.name for known in self.sites if known.id == site)


def read_record(folder: Path) -> ReleaseRecord:
    """Read the record of the release in `folder`. Raises Problem."""
    file = folder / RECORD_FILE
    try:
        return ReleaseRecord.model_validate_json(file.read_bytes())
    except OSError as error:
        raise Problem(f"the release cannot be read: {error.strerror}", str(file), _MEND) from None
    except ValidationError as mistakes:
        first = mistakes.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Problem(f"not a release record: {first['msg']}", f"{file}, {field}", _MEND) from None
