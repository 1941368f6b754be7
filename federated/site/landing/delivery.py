"""What a delivery says of itself, and what it does to the deliveries that came before it."""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`
# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection
from pydantic import BaseModel, ConfigDict, model_validator

from federated.contract.config_file import read_config
from federated.site.landing.contract import load_contract
from federated.site.landing.sql import identifier
from privacy.problem import Problem

SIDECAR = "delivery.yaml"


class SupersededDelivery(Problem):
    """The delivery was landed before, and a newer one has taken its place since."""


@dataclass(frozen=True)
class StatedPeriod:
    """The days a delivery covers, both included, and the day it was taken out of the register."""

    period_from: date
    period_to: date
    extracted_on: date | None = None

    def __post_init__(self) -> None:
        if self.period_to < self.period_from:
            raise Problem(
                "the delivery's period ends before it begins",
                f"{self.period_from} to {self.period_to}",
                "State the first day first.",
            )


class _Sidecar(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    period_from: date
    period_to: date
    extracted_on: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "_Sidecar":
        if self.period_to < self.period_from:
            raise ValueError("`period_to` lies before `period_from`")
        return self


@dataclass(frozen=True)
class Period:
    """first, last: days, both included."""

    first: date
    last: date

    def overlaps(self, other: "Period") -> bool:
        return self.first <= other.last and other.first <= self.last

    def covers(self, other: "Period") -> bool:
        return self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class Landed:
    """A delivery that the warehouse knows. period: None where no row could tell it."""

    delivery_id: str
    state: str
    period: Period | None
    period_stated: bool
    extracted_on: date | None


def read_sidecar(source: Path) -> StatedPeriod | None:
    """The period from `<file>.delivery.yaml`, or `delivery.yaml` in the folder, if one is there."""
    folder = source if source.is_dir() else source.parent
    for file in (source.with_name(f"{source.name}.{SIDECAR}"), folder / SIDECAR):
        if file.is_file():
            read = read_config(file, _Sidecar)
            return StatedPeriod(read.period_from, read.period_to, read.extracted_on)
    return None


def known_deliveries(connection: DuckDBPyConnection, format: str) -> list[Landed]:
    rows = connection.execute(
        "select delivery_id, state, period_from, period_to, period_stated, extracted_on "
        "from landing.delivery "
        "where format = ? order by landed_at",
        [format],
    ).fetchall()
    return [
        Landed(id_, state, Period(first, last) if first else None, stated, extracted_on)
        for id_, state, first, last, stated, extracted_on in rows
    ]


def to_replace(
    new: Period | None,
    extracted_on: date | None,
    known: Sequence[Landed],
    where: str,
    *,
    stated: bool,
    bring_back: bool = False,
) -> list[str]:
    """The current deliveries that the new one takes the place of.

    Newer is what was extracted later; where either day is unknown, what arrives later. Raises
    Problem where the new one is older than what it meets, or meets one that it does not cover; it
    names the periods only if their senders stated them (else they are dates of records).
    bring_back: an older one may take the place of a newer.
    """
    if new is None:
        return []
    met = [
        (old, old.period)
        for old in known
        if old.state == "current" and old.period is not None and new.overlaps(old.period)
    ]
    for old, _ in met if not bring_back else ():
        if extracted_on and old.extracted_on and extracted_on < old.extracted_on:
            raise Problem(
                f"a newer delivery of this period has landed: extracted {old.extracted_on}, "
                f"this one {extracted_on}",
                where,
                "Nothing was changed. Deliver a newer extract, or bring this one back expressly.",
            )
    for old, period in met:
        if not new.covers(period):
            raise Problem(
                "the delivery's period overlaps a landed one without covering it"
                + (f": {new} and {period}" if stated and old.period_stated else ""),
                where,
                "Nothing was changed. Deliver an extract of the whole period, or one beside it.",
            )
    return [old.delivery_id for old, _ in met]


def take_out(connection: DuckDBPyConnection, old: Sequence[str], new: str) -> None:
    """Take the rows of old deliveries out of landing and quarantine; their vintage line stays."""
    if not old:
        return
    tables = [f"landing.{identifier(table.name)}" for table in load_contract()]
    for table in [*tables, "quarantine.rejected_row"]:
        connection.execute(
            f"delete from {table} where list_contains(?::varchar[], delivery_id)", [list(old)]
        )
    connection.execute(
        "update landing.delivery set state = 'replaced', replaced_by = ? "
        "where list_contains(?::varchar[], delivery_id)",
        [new, list(old)],
    )
