"""Figures laid out as tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from federated.contract.change import change
from federated.contract.indicator import KeyDefinition, ShareDefinition
from federated.site.report.figures import Figures, pivoted
from style.tables import Column, Kind, Table


@dataclass(frozen=True)
class Names:
    """Words of the seeds: key -> value -> its name; rollup seed -> the groups that it names."""

    values: Mapping[str, Mapping[str, str]]
    groups: Mapping[str, Sequence["Group"]]

    def of(self, key: KeyDefinition, value: str) -> str:
        return self.values.get(key.name, {}).get(value, value)


@dataclass(frozen=True)
class Group:
    """Values of a key that add up to something with a name.

    members: (value, first year, last year): an area may change sectors at the turn of a year.
    """

    id: str
    name: str
    members: tuple[tuple[str, int, int], ...]

    def values(self, period: str) -> set[str]:
        return {value for value, first, last in self.members if first <= int(period) <= last}


def share(part: float, whole: float) -> float | None:
    """Part of whole, 0 to 1; None where there is no whole."""
    return part / whole if whole else None


def by_key(figures: Figures, key: KeyDefinition, names: Names) -> list[Table]:
    """For every measure: the key's values (and their groups, and all) by period, and the change
    between the last two whole years.
    """
    definition = figures.indicator.definition
    periods = figures.periods
    compared = _last_two(figures, periods)
    tables: list[Table] = []
    for measure, words in definition.measures.items():
        sums = figures.by_period(measure, key.name, domain_of(figures, key))
        lines = _lines(sums, key, names, figures.indicator.seed_values.get(key.name))
        tables.append(
            Table(
                title_nb=f"{words.name_nb} etter {key.name_nb.lower()}",
                title_en=f"{words.name_en} by {key.name_en.lower()}",
                columns=(
                    Column(key.name_nb, "text"),
                    *_headings(figures, periods, "count"),
                    *(Column(f"Endring {periods[m]}–{periods[n]}", "change") for m, n in compared),
                ),
                rows=tuple(
                    (
                        name,
                        *map(int, values),
                        *(change(values[m], values[n]) for m, n in compared),
                    )
                    for name, values, _ in lines
                ),
                note_nb=_note(figures, periods),
                emphasised=frozenset(n for n, (_, _, is_sum) in enumerate(lines) if is_sum),
            )
        )
    return tables


def _headings(figures: Figures, periods: Sequence[str], kind: Kind) -> list[Column]:
    return [Column(f"{p}*" if p in figures.partial else p, kind) for p in periods]


def _note(figures: Figures, periods: Sequence[str]) -> str:
    partial = [period for period in periods if period in figures.partial]
    return f"* Dataene dekker ikke hele {', '.join(partial)}." if partial else ""


def _last_two(figures: Figures, periods: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the last two whole years, if one follows the other."""
    whole = [n for n, period in enumerate(periods) if period not in figures.partial]
    if len(whole) < 2 or int(periods[whole[-1]]) - int(periods[whole[-2]]) != 1:
        return []
    return [(whole[-2], whole[-1])]


def shares_by_key(figures: Figures, key: KeyDefinition, names: Names) -> list[Table]:
    """Each share of the definition by the key's values and period."""
    return [_share_table(figures, key, names, item) for item in figures.indicator.definition.shares]


def _share_table(
    figures: Figures, key: KeyDefinition, names: Names, item: ShareDefinition
) -> Table:
    periods = figures.periods
    part, whole = (
        _lines(
            figures.by_period(measure, key.name, domain_of(figures, key)),
            key,
            names,
            figures.indicator.seed_values.get(key.name),
        )
        for measure in (item.part, item.of)
    )
    return Table(
        title_nb=f"{item.name_nb} etter {key.name_nb.lower()}",
        title_en=f"{item.name_en} by {key.name_en.lower()}",
        columns=(Column(key.name_nb, "text"), *_headings(figures, periods, "percent")),
        note_nb=_note(figures, periods),
        rows=tuple(
            (name, *(share(p, w) for p, w in zip(parts, wholes, strict=True)))
            for (name, parts, _), (_, wholes, _) in zip(part, whole, strict=True)
        ),
        emphasised=frozenset(n for n, (_, _, is_sum) in enumerate(part) if is_sum),
    )


def rates_by_key(figures: Figures, key: KeyDefinition, names: Names) -> list[Table]:
    """Each rate of the definition per inhabitants of the key's values; none where the population
    is not public by this key.
    """
    people = figures.inhabitants
    if people is None or key.name not in people.columns:
        return []
    periods = [p for p in figures.periods if p in set(people["period"])]
    if not periods:
        return []
    domain = domain_of(figures, key)
    persons = pivoted(people, "persons", key.name, domain, periods)
    tables: list[Table] = []
    for rate in figures.indicator.definition.rates:
        sums = figures.by_period(rate.measure, key.name, domain, periods)
        seed = figures.indicator.seed_values.get(key.name)
        events, dwellers = (_lines(t, key, names, seed) for t in (sums, persons))
        tables.append(
            Table(
                title_nb=f"{rate.name_nb} etter {key.name_nb.lower()}",
                title_en=f"{rate.name_en} by {key.name_en.lower()}",
                columns=(Column(key.name_nb, "text"), *_headings(figures, periods, "rate")),
                rows=tuple(
                    (
                        name,
                        *(
                            None if not p else rate.per * n / p
                            for n, p in zip(counts, living, strict=True)
                        ),
                    )
                    for (name, counts, _), (_, living, _) in zip(events, dwellers, strict=True)
                ),
                note_nb=f"Per {rate.per} innbyggere 1. januar. {_note(figures, periods)}".strip(),
                emphasised=frozenset(n for n, (_, _, is_sum) in enumerate(events) if is_sum),
            )
        )
    return tables


def domain_of(figures: Figures, key: KeyDefinition) -> list[str]:
    """The key's public values in their order; of a calendar, the times that have rows."""
    if key.calendar is None:
        return list(figures.indicator.seed_values[key.name])
    return sorted(figures.values[key.name].unique())


Line = tuple[str, list[float], bool]
"""Name, one number per period, and whether it is a sum of other lines."""


def _lines(
    sums: pd.DataFrame, key: KeyDefinition, names: Names, seed: Iterable[str] | None
) -> list[Line]:
    lines: list[Line] = [
        (names.of(key, str(value)), [float(n) for n in row], False)
        for value, row in zip(sums.index, sums.to_numpy(), strict=True)
    ]
    for group in names.groups.get(key.rollup or "", ()):
        inside = [
            float(sums.loc[sums.index.isin(group.values(period)), period].sum())
            for period in sums.columns
        ]
        lines.append((group.name, inside, True))
    if seed is not None and key.additive:
        lines.append(("Alle", [float(n) for n in sums.sum()], True))
    return lines
