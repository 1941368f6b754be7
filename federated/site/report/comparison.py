"""Crude, standardised and risk-adjusted shares side by side, and observed over expected.

All exact, of this site's own rows. The intervals say what chance alone would do among as many
stays; they hold no noise, since none was added.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from federated.contract.indicator import KeyDefinition, ShareDefinition, StandardDefinition
from federated.contract.standardise import (
    Reference,
    Share,
    Stratum,
    crude,
    directly_standardised,
    expected_events,
    observed_over_expected,
)
from federated.site.report.figures import Figures, total
from federated.site.report.tables import Names, domain_of
from style.tables import Column, Table, Value

_NOTE = (
    "Fra og til er 95 % konfidensintervall ved normalfordelingen, som ikke holder der det er færre"
    " enn fem hendelser; der står «–». Det står også der et stratum er tomt, slik at andelen ikke"
    " kan standardiseres."
)
_EXPECTED = (
    " Forventet er det referansen ville hatt for like pasienter. O/E over 1 er flere enn forventet;"
    " der intervallet omfatter 1, kan tilfeldigheter være forklaringen. Referansen er syntetisk:"
    " sammenlign områder og sykehus med hverandre, ikke med landet."
)
_FEWEST_EVENTS = 5
_MOST_TIMES = 100.0
"""Where the interval of observed over expected is cut."""


@dataclass(frozen=True)
class Standardised:
    """An indicator's figures and the strata of its standard: values of `keys` -> reference."""

    figures: Figures
    definition: StandardDefinition
    strata: Mapping[tuple[str, ...], Reference]

    @property
    def has_expected(self) -> bool:
        return all(reference.expected is not None for reference in self.strata.values())

    @property
    def other_keys(self) -> list[str]:
        return [k for k in self.figures.indicator.key_names if k not in self.definition.keys]

    def counts(
        self, item: ShareDefinition, period: str, inside: Mapping[str, str]
    ) -> list[Stratum]:
        """The strata of one period, where each key of `inside` has that value."""
        rows = self.figures.values
        found: list[Stratum] = []
        for values, reference in self.strata.items():
            cell = {key: {value} for key, value in inside.items()}
            cell |= {k: {v} for k, v in zip(self.definition.keys, values, strict=True)}
            part = total(rows, item.part, period, **cell)
            whole = total(rows, item.of, period, **cell)
            found.append(Stratum(reference.weight, part, whole - part, expected=reference.expected))
        return found


def standardised(figures: Figures) -> Standardised | None:
    """None where the definition names no standard."""
    definition = figures.indicator.definition.standard
    return definition and Standardised(figures, definition, figures.indicator.standard)


def comparison_tables(own: Standardised, beside: Standardised | None, names: Names) -> list[Table]:
    """For each share: by year, and by every key that is not standardised away, in the last whole
    year. beside: the indicator whose share this one adjusts, where that has a standard too.
    """
    definition = own.figures.indicator.definition
    last = [p for p in own.figures.periods if p not in own.figures.partial][-1:]
    tables: list[Table] = []
    for item in definition.shares:
        tables.append(_table(own, beside, item, _by_year(own)))
        for period in last:
            for key in (k for k in definition.keys if k.name in own.other_keys):
                has_key = beside is not None and key.name in beside.other_keys
                lines = _by_value(own, key, period, names)
                tables.append(_table(own, beside if has_key else None, item, lines))
    return tables


def _by_year(own: Standardised) -> "_Lines":
    partial = [p for p in own.figures.periods if p in own.figures.partial]
    lines = [(f"{p}*" if p in partial else p, p, dict[str, str]()) for p in own.figures.periods]
    note = f" * Dataene dekker ikke hele {', '.join(partial)}." if partial else ""
    return _Lines("År", "år", "year", lines, note)


def _by_value(own: Standardised, key: KeyDefinition, period: str, names: Names) -> "_Lines":
    domain = domain_of(own.figures, key)
    lines = [(names.of(key, value), period, {key.name: value}) for value in domain]
    if key.additive:
        lines.append(("Alle", period, {}))
    by_nb, by_en = (f"{name.lower()}, {period}" for name in (key.name_nb, key.name_en))
    return _Lines(key.name_nb, by_nb, by_en, lines)


@dataclass(frozen=True)
class _Lines:
    """What the rows of a table are about. lines: name, period, and the cells of it."""

    heading: str
    by_nb: str
    by_en: str
    lines: list[tuple[str, str, dict[str, str]]]
    note: str = ""


def _table(
    own: Standardised, beside: Standardised | None, item: ShareDefinition, about: _Lines
) -> Table:
    columns = [
        Column(about.heading, "text"),
        Column(own.figures.indicator.definition.measures[item.of].name_nb, "count"),
        Column("Rå andel", "percent"),
        *([Column(beside.definition.name_nb, "percent")] if beside else []),
        Column(own.definition.name_nb, "percent"),
        *(Column(end, "percent") for end in ("fra", "til")),
    ]
    if own.has_expected:
        columns += [Column("Observert", "count"), Column("Forventet", "rate")]
        columns += [Column(heading, "ratio") for heading in ("O/E", "fra", "til")]
    return Table(
        title_nb=f"{item.name_nb}, rå og justert, etter {about.by_nb}",
        title_en=f"{item.name_en}, crude and adjusted, by {about.by_en}",
        columns=tuple(columns),
        rows=tuple(
            (name, *_values(own, beside, item, period, inside))
            for name, period, inside in about.lines
        ),
        note_nb=f"{own.definition.name_nb}: veid etter {_weighed_by(own)}. {_NOTE}"
        + (_EXPECTED if own.has_expected else "")
        + about.note,
        emphasised=frozenset(n for n, (*_, inside) in enumerate(about.lines) if not inside),
    )


def _weighed_by(own: Standardised) -> str:
    names = {key.name: key.name_nb.lower() for key in own.figures.indicator.definition.keys}
    return " og ".join(names[key] for key in own.definition.keys)


def _values(
    own: Standardised,
    beside: Standardised | None,
    item: ShareDefinition,
    period: str,
    inside: Mapping[str, str],
) -> tuple[Value, ...]:
    strata = own.counts(item, period, inside)
    values: list[Value] = [round(sum(stratum.size for stratum in strata)), _of(crude(strata))]
    if beside:
        values.append(_of(directly_standardised(beside.counts(_same(beside), period, inside))))
    events = round(sum(stratum.with_event for stratum in strata))
    values += _with_interval(directly_standardised(strata), events)
    if own.has_expected:
        values += [events, expected_events(strata)]
        values += _with_interval(observed_over_expected(strata), events, _MOST_TIMES)
    return tuple(values)


def _same(beside: Standardised) -> ShareDefinition:
    """The share of the other indicator: it has the one that was adjusted first."""
    return beside.figures.indicator.definition.shares[0]


def _of(share: Share | None) -> float | None:
    return None if share is None else share.value


def _with_interval(share: Share | None, events: int, most: float = 1.0) -> list[Value]:
    if share is None:
        return [None, None, None]
    if events < _FEWEST_EVENTS:
        return [share.value, None, None]
    return [share.value, *share.interval(most)]
