"""The five tables that partners know from the Oslo presentation of 2023, in their familiar form.

By sector and bydel: a line per sector, its bydeler under it, Oslo last. A change is by the year it
starts from; the presentation divided some by the year they ended in.
"""

from collections.abc import Callable, Collection, Mapping

from federated.contract.change import change
from federated.site.report.figures import Figures, total
from federated.site.report.tables import Group, Names, share
from style.tables import Column, Table, Value

_SECTOR, _OSLO = "sector_", "oslo"
_OWN = "Virksomhetens egne tall: den som bare er kjent hos andre, er ikke med."

Cells = Callable[[Collection[str]], tuple[Value, ...]]
"""Areas -> the values of a line about them together."""


def familiar_tables(figures: Mapping[str, Figures], names: Names) -> list[Table]:
    """Those of the five that this site's indicators carry. figures: by indicator id."""
    made: list[Table] = []
    for id_, make in (
        ("function_level", _frail),
        ("services_of_frail", _services),
        ("bup_referrals", _referrals),
        ("bup_patients", _diagnosis_groups),
        ("adhd_patients", _adhd),
    ):
        found = figures.get(id_)
        if found is not None and _whole_years(found):
            made.append(make(found, names))
    return made


def _frail(figures: Figures, names: Names) -> Table:
    last = _whole_years(figures)[-1]

    def cells(areas: Collection[str]) -> tuple[Value, ...]:
        persons, medium, extensive = (
            total(figures.values, measure, last, area=areas)
            for measure in ("persons", "medium_or_more", "extensive")
        )
        people = figures.inhabitants
        living = 0 if people is None else total(people, "persons", last, area=areas)
        per_1000 = None if not living else 1000 * persons / living
        return persons, per_1000, medium, extensive

    return _by_sector(
        names,
        last,
        cells,
        title_nb=f"Skrøpelige eldre per bydel, {last}",
        title_en=f"Frail elderly by bydel, {last}",
        columns=(
            Column("Brukere 75 år og eldre", "count"),
            Column("Per 1000 innbyggere", "rate"),
            Column("Middels til omfattende bistandsbehov", "count"),
            Column("Omfattende bistandsbehov", "count"),
        ),
        note_nb=_OWN,
    )


def _services(figures: Figures, names: Names) -> Table:
    last = _whole_years(figures)[-1]
    key = next(key for key in figures.indicator.definition.keys if key.name == "service")
    counts = figures.by_value("persons", "service", last)
    order = sorted((value for value in counts if counts[value]), key=lambda v: (-counts[v], v))
    return Table(
        title_nb=f"Tjenester til skrøpelige eldre, {last}",
        title_en=f"Services of frail elderly, {last}",
        columns=(Column(key.name_nb, "text"), Column("Unike personer", "count")),
        rows=tuple((names.of(key, value), counts[value]) for value in order),
        note_nb=f"En person kan ha flere tjenester: linjene kan ikke legges sammen. {_OWN}",
    )


def _referrals(figures: Figures, names: Names) -> Table:
    last = _whole_years(figures)[-1]

    def cells(areas: Collection[str]) -> tuple[Value, ...]:
        received = total(figures.values, "received", last, area=areas)
        rejected = total(figures.values, "rejected", last, area=areas)
        return received - rejected, rejected, received, share(rejected, received)

    return _by_sector(
        names,
        last,
        cells,
        title_nb=f"Henvisninger til BUP, {last}",
        title_en=f"Referrals to BUP, {last}",
        columns=(
            Column("Nyhenviste", "count"),
            Column("Avvist", "count"),
            Column("Totalt", "count"),
            Column("Andel avvist", "percent"),
        ),
        note_nb=_OWN,
    )


def _diagnosis_groups(figures: Figures, names: Names) -> Table:
    years = _whole_years(figures)
    key = next(key for key in figures.indicator.definition.keys if key.name == "diagnosis_group")

    def line(name: str, groups: Collection[str]) -> tuple[Value, ...]:
        counts = [total(figures.values, "patients", year, diagnosis_group=groups) for year in years]
        changes = _changes(counts)
        return name, *counts, *changes

    domain = figures.indicator.seed_values[key.name]
    lines = [line(names.of(key, group), {group}) for group in domain]
    lines.append(line("Totalsum", domain))
    return Table(
        title_nb="Pasienter i BUP etter diagnosegruppe",
        title_en="Patients of BUP by diagnosis group",
        columns=(
            Column(key.name_nb, "text"),
            *(Column(year, "count") for year in years),
            *(Column(heading, "change") for heading in _change_headings(years)),
        ),
        rows=tuple(lines),
        note_nb=f"En pasient telles én gang i hver gruppe vedkommende er i. {_OWN}",
        emphasised=frozenset({len(lines) - 1}),
    )


def _adhd(figures: Figures, names: Names) -> Table:
    years = _whole_years(figures)
    groups = figures.indicator.seed_values["age_group"]

    def cells(areas: Collection[str]) -> tuple[Value, ...]:
        values: list[Value] = []
        for group in groups:
            counts = [
                total(figures.values, "patients", year, area=areas, age_group={group})
                for year in years
            ]
            values += [counts[-1], *_changes(counts)[:1]]
        return tuple(values)

    headings = _change_headings(years)[:1]
    return _by_sector(
        names,
        years[-1],
        cells,
        title_nb=f"Pasienter med ADHD per bydel, {years[-1]}",
        title_en=f"Patients with ADHD by bydel, {years[-1]}",
        columns=tuple(
            column
            for group in groups
            for column in (
                Column(f"{group} år", "count"),
                *(Column(f"{group} år, {heading.lower()}", "change") for heading in headings),
            )
        ),
        note_nb=_OWN,
    )


def _by_sector(
    names: Names,
    period: str,
    cells: Cells,
    *,
    title_nb: str,
    title_en: str,
    columns: tuple[Column, ...],
    note_nb: str,
) -> Table:
    """A line per sector and per bydel under it, those of no sector, Oslo as a whole."""
    rows: list[tuple[Value, ...]] = []
    sums: set[int] = set()

    def add(name: str, areas: Collection[str], *, is_sum: bool) -> None:
        if is_sum:
            sums.add(len(rows))
        rows.append((name, *cells(areas)))

    groups = {group.id: group for group in names.groups["area_group"]}
    placed: set[str] = set()
    for group in (g for id_, g in groups.items() if id_.startswith(_SECTOR)):
        areas = sorted(group.values(period))
        add(group.name, areas, is_sum=True)
        for area in areas:
            add(_area(names, area), {area}, is_sum=False)
        placed.update(areas)
    oslo: Group = groups[_OSLO]
    for area in sorted(oslo.values(period) - placed):
        add(_area(names, area), {area}, is_sum=False)
    add(oslo.name, oslo.values(period), is_sum=True)
    return Table(
        title_nb, title_en, (Column("Sektor og bydel", "text"), *columns), tuple(rows), note_nb,
        frozenset(sums),
    )  # fmt: skip


def _area(names: Names, area: str) -> str:
    return names.values["area"].get(area, area)


def _whole_years(figures: Figures) -> list[str]:
    return [period for period in figures.periods if period not in figures.partial]


def _changes(counts: list[int]) -> list[float | None]:
    """From the first year to the last, and over the last year alone where that is another."""
    if len(counts) < 2:
        return []
    return [change(counts[0], counts[-1]), *([change(*counts[-2:])] if len(counts) > 2 else [])]


def _change_headings(years: list[str]) -> list[str]:
    if len(years) < 2:
        return []
    last = [f"Endring {years[-2]}–{years[-1]}"] if len(years) > 2 else []
    return [f"Endring {years[0]}–{years[-1]}", *last]
