"""Exact figures of one indicator at this site: every row counted, nothing bounded, no noise."""

# ruff: noqa: S608 -- names come from this site's own manifest

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import duckdb
import pandas as pd

from federated.contract.catalogue import Indicator

Standing = Literal["delivered", "not_delivered", "linked", "not_built"]


@dataclass(frozen=True)
class Figures:
    """What a site can say of one indicator.

    values: one row per period and cell that has anything, with the columns period, the keys, and
    one per measure (integers). inhabitants: the same columns as far as the population is public by
    them, and `persons`; None where no population is delivered or the indicator has no rate.
    missing: landing tables that it needs and nobody delivered. partial: years that the deliveries
    do not cover from the first day to the last.
    """

    indicator: Indicator
    standing: Standing
    values: pd.DataFrame
    inhabitants: pd.DataFrame | None
    missing: tuple[str, ...] = ()
    partial: frozenset[str] = frozenset()

    @property
    def periods(self) -> list[str]:
        return sorted(self.values["period"].unique())

    def latest(self, measure: str) -> str:
        """The period that a single picture shows: the last one with anything to show, of those that
        the deliveries cover whole if any of them has.
        """
        shown = sorted(set(self.values.loc[self.values[measure] > 0, "period"]))
        whole = [period for period in shown if period not in self.partial]
        return (whole or shown or self.periods)[-1]

    def by_period(
        self, measure: str, key: str, domain: Sequence[str], periods: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Sums of a measure: a row for each value of the key in `domain`, a column per period."""
        return pivoted(self.values, measure, key, domain, periods or self.periods)

    def by_value(self, measure: str, key: str, period: str | None = None) -> dict[str, int]:
        """Sums of a measure by the key's values, of one period or of all."""
        rows = self.values if period is None else self.values[self.values["period"] == period]
        sums: dict[str, int] = {}
        for value, number in zip(rows[key].tolist(), rows[measure].tolist(), strict=True):
            sums[value] = sums.get(value, 0) + number
        return sums


def total(rows: pd.DataFrame, number: str, period: str, **inside: Collection[str]) -> int:
    """Sum of the column `number` in one period, where each key named has one of these values."""
    columns = [rows[name].tolist() for name in ("period", *inside)]
    wanted = [{period}, *(set(values) for values in inside.values())]
    return sum(
        int(count)
        for count, *cell in zip(rows[number].tolist(), *columns, strict=True)
        if all(value in values for value, values in zip(cell, wanted, strict=True))
    )


def pivoted(
    rows: pd.DataFrame, number: str, key: str, domain: Sequence[str], periods: Sequence[str]
) -> pd.DataFrame:
    """Sums of the column `number`: a row per value in `domain`, a column per period, zero where
    there is none.
    """
    wide = rows.pivot_table(index=key, columns="period", values=number, aggfunc="sum", fill_value=0)
    return wide.reindex(index=list(domain), columns=list(periods), fill_value=0)


def figures_of(connection: duckdb.DuckDBPyConnection, indicator: Indicator) -> Figures:
    """Read what there is. Raises no error for a table that is not there: that is a standing."""
    definition = indicator.definition
    empty = pd.DataFrame(columns=["period", *indicator.key_names, *definition.measures])
    if definition.status == "linked":
        return Figures(indicator, "linked", empty, None)
    missing = _not_delivered(connection, definition.needs)
    if missing:
        return Figures(indicator, "not_delivered", empty, None, missing)
    try:
        values = _values(connection, indicator)
    except duckdb.CatalogException:
        return Figures(indicator, "not_built", empty, None)
    return Figures(
        indicator,
        "delivered",
        values,
        _inhabitants(connection, indicator),
        partial=_partial(connection, definition.needs, values["period"].unique().tolist()),
    )


def _not_delivered(connection: duckdb.DuckDBPyConnection, needs: list[str]) -> tuple[str, ...]:
    delivered = connection.execute(
        "select name from marts.source_status where kind = 'landing_table' and status = 'delivered'"
    ).fetchall()
    return tuple(sorted(set(needs) - {name for (name,) in delivered}))


def _partial(
    connection: duckdb.DuckDBPyConnection, needs: list[str], periods: list[str]
) -> frozenset[str]:
    """Years that any of the registers behind these tables covers only in part."""
    spans = connection.execute(
        "select distinct period_from, period_to from intermediate.int_delivered_period "
        "inner join marts.source_status using (register) where name = any(?)",
        [needs],
    ).fetchall()
    return frozenset(
        period
        for period in periods
        if any(
            first > date(int(period), 1, 1) or last < date(int(period), 12, 31)
            for first, last in spans
        )
    )


def _values(connection: duckdb.DuckDBPyConnection, indicator: Indicator) -> pd.DataFrame:
    schema, table = indicator.relation
    keys = ["period", *indicator.key_names]
    measures = ", ".join(
        f"{'sum(amount)' if measure.amount else 'count(*)'} filter ("
        f"where atom in ({', '.join('?' for _ in measure.atoms)})) as {name}"
        for name, measure in indicator.definition.measures.items()
    )
    atoms = [a for m in indicator.definition.measures.values() for a in m.atoms]
    names = ", ".join(keys)
    found = connection.execute(
        f'select {names}, {measures} from "{schema}"."{table}" group by {names} order by {names}',
        atoms,
    ).df()
    counts = list(indicator.definition.measures)
    return found.astype(dict.fromkeys(keys, str)).fillna(0).astype(dict.fromkeys(counts, "int64"))


def _inhabitants(
    connection: duckdb.DuckDBPyConnection, indicator: Indicator
) -> pd.DataFrame | None:
    if not indicator.definition.rates or _not_delivered(connection, ["population"]):
        return None
    columns, joins = ["population.period"], ""
    for key in indicator.definition.keys:
        if key.name == "area":
            columns.append("population.area")
        elif key.seed and _has_ages(connection, key.seed):
            columns.append(f"{key.name}_seed.{key.column} as {key.name}")
            joins += (
                f" inner join seeds.{key.seed} as {key.name}_seed"
                f" on population.age between {key.name}_seed.age_from and {key.name}_seed.age_to"
            )
    return connection.execute(
        f"select {', '.join(columns)}, sum(persons)::bigint as persons "
        f"from marts.fct_population as population{joins} group by all order by all"
    ).df()


def _has_ages(connection: duckdb.DuckDBPyConnection, seed: str) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_columns() where schema_name = 'seeds' and table_name = ? "
        "and column_name in ('age_from', 'age_to')",
        [seed],
    ).fetchone()
    return found == (2,)
