"""`release.json` as the portal reads it.

A release is immutable and may be older or newer than this code: unknown fields are let through,
missing ones are not.
"""

import itertools
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from privacy.problem import Problem

RECORD_FILE = "release.json"
_TIME = re.compile(r"\d{4}(Q[1-4]|-\d{2})")
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
    """One dimension of the public key domain; its values in the order they are shown.

    value_names: what a value is called, where that is not the value itself. calendar: quarter or
    month, where the key is the time. additive: whether the values add up to what is
    meant by all of them; not where a person may be counted under several.
    """

    name: str
    name_nb: str
    name_en: str
    values: list[str] = Field(min_length=1)
    value_names: dict[str, ValueName] = {}
    calendar: str | None = None
    additive: bool = True

    def name_of(self, value: str, code: str) -> str:
        """What a value is called in a language, `nb` or `en`."""
        named = self.value_names.get(value)
        return value if named is None else getattr(named, code)

    @property
    def is_time(self) -> bool:
        """Releases made before keys said so are known by their values."""
        return self.calendar is not None or all(_TIME.fullmatch(value) for value in self.values)


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

    keys: of a cell, in the order of the file's columns. expected_error: half width, in the
    measure's unit, of the interval of one cell of each measure. vintages: site -> register ->
    last month delivered.
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
    keys: list[Key] = Field(min_length=1)
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

    @property
    def table_keys(self) -> tuple[Key, Key]:
        """The groups and the times of a table: all keys but the last, or but the time, are one."""
        times = self._times
        others = [key for key in self.keys if key is not times]
        if len(others) == 1:
            return others[0], times
        groups = Key(
            name="+".join(key.name for key in others) or "all",
            name_nb=" og ".join(key.name_nb for key in others) or "Gruppe",
            name_en=" and ".join(key.name_en for key in others) or "Group",
            values=[_joined(of) for of in itertools.product(*(key.values for key in others))],
            value_names={
                _joined(of): ValueName(nb=_named(others, of, "nb"), en=_named(others, of, "en"))
                for of in itertools.product(*(key.values for key in others))
            },
        )
        return groups, times

    def place(self, values: Sequence[str]) -> tuple[str, str]:
        """Where the cell with these values of the keys stands in that table: group and time."""
        at = next(n for n, key in enumerate(self.keys) if key is self._times)
        return _joined([*values[:at], *values[at + 1 :]]), values[at]

    @property
    def _times(self) -> Key:
        return next((key for key in self.keys if key.is_time), self.keys[-1])

    def site_name(self, site: str) -> str:
        return next(known.name for known in self.sites if known.id == site)


def _named(keys: Sequence[Key], values: Sequence[str], code: str) -> str:
    return _joined([key.name_of(value, code) for key, value in zip(keys, values, strict=True)])


def _joined(values: Sequence[str]) -> str:
    return " · ".join(values) or "alle"


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
