"""The planner's configuration: typical counts, each with its source and standing.

Figures are public or synthetic, and are replaced by replacing the file: nothing here is a constant
of the code, and nothing may come from records, which would be a release like any other.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from privacy.plan.capping import Contributions, contributions
from privacy.problem import Problem

Count = Annotated[float, Field(gt=0)]
Whole = Annotated[int, Field(ge=1)]
Part = Annotated[float, Field(gt=0, le=1)]
T = TypeVar("T", bound=BaseModel)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """standing: `confirmed` in a public source, `assumed`, or `synthetic`."""

    text: str
    standing: Literal["confirmed", "assumed", "synthetic"]


class RowsOf(_Part):
    """Rows a year before and after the catalogue's bounds."""

    delivered: Count
    counted: Count


class TableFigures(_Part):
    """Of one indicator that is counted where its records are. See the head of the file."""

    measure: str
    count: Count
    source: str
    note: str = ""
    home: Part = 1.0
    used: dict[str, Whole] = {}
    weight: Count = 1.0
    variant_of: str | None = None
    rows: RowsOf


class LinkedVariant(_Part):
    """kept: tokens of a person and year. services: those of `matches` that are asked."""

    kept: Whole
    services: Annotated[list[str], Field(min_length=1)]


class LinkedFigures(_Part):
    """Of one linked indicator. matches: service -> class -> matches a year, all tokens kept.

    The first variant is the catalogue's definition.
    """

    index: Count
    source: str
    parties: Annotated[int, Field(ge=2)] = 2
    weight: Count = 1.0
    used: dict[str, Whole] = {}
    matches: dict[str, dict[str, Annotated[float, Field(ge=0)]]]
    variants: Annotated[list[LinkedVariant], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_services(self) -> Self:
        if {s for v in self.variants for s in v.services} - set(self.matches):
            raise ValueError("a variant names a service that has no matches")
        return self


class Smallest(_Part):
    """The smallest bydel's count over the mean one's."""

    share: Part
    source: str


class Geography(_Part):
    sector: Whole
    bydel: Whole


class FrailTable(_Part):
    indicator: str
    measure: str
    atoms: Whole
    level: str
    count: Count
    standing: str


class CountedTable(_Part):
    indicator: str
    counts: dict[str, Count]


class PairedTable(_Part):
    """Two counts a row; what they are is said beside each."""

    indicator: str
    counts: dict[str, tuple[Count, Count]]


class GrownTable(PairedTable):
    """growth: of either count, over the years that a change spans."""

    growth: tuple[Count, Count]


class Familiar(_Part):
    """The five tables that partners read exactly today, as published. sectors: their bydeler."""

    source: str
    sectors: dict[str, list[str]]
    frail: FrailTable
    services: CountedTable
    referrals: PairedTable
    diagnosis: PairedTable
    adhd: GrownTable


class Place(_Part):
    """Everything the planner knows of one place."""

    place: str
    inhabitants: Whole
    sources: dict[str, Source]
    geography: Geography
    smallest_bydel: Smallest
    tables: dict[str, TableFigures]
    linked: dict[str, LinkedFigures]
    familiar: Familiar

    @model_validator(mode="after")
    def _names_its_sources(self) -> Self:
        named = {t.source for t in (*self.tables.values(), *self.linked.values(), self.familiar)}
        if named - set(self.sources):
            raise ValueError("a figure names a source that is not in `sources`")
        return self


class StartingTable(_Part):
    """One table of the starting plan: what it measures, at which part of rho."""

    name: str
    part: Part
    hierarchy: dict[str, list[tuple[str, Whole]]]
    grain: str
    per_cell: Whole
    total: Whole
    count: Count
    beside: str | None = None
    kept: Whole | None = None
    services: Whole = 1
    parties: Whole = 2


class StartingLine(_Part):
    """One figure of the starting plan. printed: per cent at epsilon 2 and 4, as DESIGN has it.

    was: the table it came from there, where that is another than the one it comes from here.
    """

    label: str
    table: str
    grain: str
    count: Count
    was: str | None = None
    printed: tuple[float, float]


class StartingPlan(_Part):
    source: str
    rho: dict[int, Count]
    tables: list[StartingTable]
    lines: list[StartingLine]
    indicators: dict[str, Part]


def load_place(path: Path | None = None) -> Place:
    """The figures of a place, Oslo's unless a file is named. Raises Problem."""
    return _validated(Place, *_content(path, "oslo.yaml"))


def load_starting_plan() -> StartingPlan:
    return _validated(StartingPlan, *_content(None, "starting_plan.yaml"))


def load_contributions(path: Path | None = None) -> dict[str, Contributions]:
    """By indicator, how one person's rows lie. Raises Problem."""
    content, where = _content(path, "contributions.yaml")
    try:
        tables: Mapping[str, Mapping[str, int]] = content["tables"]
        return {name: contributions(counts.items()) for name, counts in tables.items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Problem(
            "the contributions cannot be read", where, 'Write patterns as `"2/1 1/0": persons`.'
        ) from None


def load_amounts(path: Path | None = None) -> dict[str, dict[int, int]]:
    """By indicator, how many rows have which amount. Raises Problem."""
    content, where = _content(path, "contributions.yaml")
    try:
        tables: Mapping[str, Mapping[int, int]] = content.get("amounts", {})
        return {
            name: {int(amount): int(rows) for amount, rows in counts.items()}
            for name, counts in tables.items()
        }
    except (TypeError, ValueError, AttributeError):
        raise Problem(
            "the amounts cannot be read", where, "Write them as `amount: rows`."
        ) from None


def _content(path: Path | None, name: str) -> tuple[Any, str]:
    where = str(path or f"privacy/plan/{name}")
    try:
        text = (path or files("privacy.plan") / name).read_text(encoding="utf-8")
        return YAML(typ="safe").load(text), where  # pyright: ignore[reportUnknownMemberType]
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise Problem(
            f"the planner's figures cannot be read ({type(error).__name__})",
            where,
            "Name a YAML file of the form of privacy/plan/oslo.yaml.",
        ) from None


def _validated(kind: type[T], content: Any, where: str) -> T:
    try:
        return kind.model_validate(content)
    except ValidationError as mistakes:
        first = mistakes.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "file"
        raise Problem(
            f"the planner's `{field}` is wrong: {first['msg']}", where, "Correct the file."
        ) from None
