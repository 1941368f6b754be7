"""From an indicator's public definition and its typical counts to a planner's table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from privacy.accounting import Combination
from privacy.bounds import ContributionBound
from privacy.plan.capping import Contributions
from privacy.plan.choice import Variant
from privacy.plan.figures import LinkedFigures, Place, TableFigures
from privacy.plan.hierarchy import Dimension, Dimensions, Level, cells, finest_grain
from privacy.plan.planning import releases_charging
from privacy.plan.table import Figure, Linkage, Table

_OF_THE_PERSON = frozenset({"area", "area_group", "sector", "age_group", "sex", "risk_band"})
_TIME = {"quarter": (("year", 1), ("quarter", 4)),
         "month": (("year", 1), ("quarter", 4), ("month", 12))}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """values: how many it has. additive: whether the counts of its values add up to a total."""

    name: str
    values: int
    additive: bool = True


@dataclass(frozen=True)
class Definition:
    """What the planner needs of an indicator; all of it public.

    measure_atoms, unit: of the measure it is judged by (`Figure`). own_hospital: whether hospitals
    count, so that a person's home hospital can do it alone.
    """

    id: str
    keys: tuple[Key, ...]
    bound: ContributionBound
    years_before: int
    rhythm: str
    own_hospital: bool
    atoms: int = 1
    measure_atoms: int = 1
    unit: float = 1.0


@dataclass(frozen=True)
class Sites:
    """How many hospitals there are, and how what they count is put together."""

    hospitals: int = 4
    combination: Combination = Combination.HOME_SITE
    releases: int = 1


def local_table(definition: Definition, of: TableFigures, place: Place, sites: Sites) -> Table:
    """The catalogue's table: counted where the records are, at the finest grain of its keys."""
    dimensions = _dimensions(definition, of.used, place)
    finest = finest_grain(dimensions)
    hospital = definition.own_hospital
    home = of.home if hospital and sites.combination is Combination.HOME_SITE else 1.0
    figure = Figure(
        of.measure,
        finest,
        of.count * home / cells(dimensions, finest) / definition.unit,
        definition.measure_atoms,
        unit=definition.unit,
    )
    return Table(
        name=definition.id,
        dimensions=dimensions,
        bound=definition.bound,
        bounded_at=_bounded_at(dimensions),
        counts_persons=definition.bound.per_cell == 1,
        figures=(figure,),
        measured=(finest,),
        atoms=definition.atoms,
        combination=sites.combination if hospital else Combination.KEYED_BY_SITE,
        sites=sites.hospitals if hospital else 1,
        charged=_charged(definition, sites),
        weight=of.weight,
    )


def local_variants(
    definition: Definition,
    of: TableFigures,
    place: Place,
    sites: Sites,
    *,
    rows: Contributions | None,
    most_bias: float,
) -> list[Variant]:
    """The catalogue's table, and with tighter bounds that cut away no more than `most_bias`.

    rows: how one person's rows lie; without them only the catalogue's bounds are known.
    """
    table = local_table(definition, of, place, sites)
    found = [Variant(table)]
    if rows is None:
        return found
    bound, judged = definition.bound, table.figures[0]
    whole = 1 - rows.lost(bound).judged
    for total in range(1, bound.total + 1):
        for per_cell in range(1, min(total, bound.per_cell) + 1):
            tighter = replace(bound, per_cell=per_cell, total=total)
            lost = rows.lost(tighter).judged
            if tighter == bound or lost > most_bias or tighter.l2_squared >= bound.l2_squared:
                continue
            figure = replace(judged, typical=judged.typical * (1 - lost) / whole)
            other = replace(table, bound=tighter, figures=(figure,))
            found.append(Variant(other, f"u = {per_cell}, k = {total}"))
    return found


def linked_variants(
    definition: Definition,
    of: LinkedFigures,
    place: Place,
    sites: Sites,
    admissions: Contributions,
) -> list[Variant]:
    """The catalogue's linked table, and with fewer services or tokens.

    admissions: how often one person is admitted, for what keeping fewer tokens loses.
    """
    dimensions = _dimensions(definition, of.used, place)
    finest = finest_grain(dimensions)
    whole = _kept_share(admissions, definition.bound.total)
    found: list[Variant] = []
    for place_in_list, variant in enumerate(of.variants):
        classes = [n for service in variant.services for n in of.matches[service].values()]
        mean = math.fsum(classes) / len(classes) * _kept_share(admissions, variant.kept) / whole
        most = max(len(of.matches[service]) for service in variant.services)
        hospital = definition.own_hospital and sites.combination is not Combination.SECURE_SUM
        table = Table(
            name=definition.id,
            dimensions=dimensions,
            bound=ContributionBound(variant.kept, variant.kept),
            figures=(Figure("matches", finest, mean / cells(dimensions, finest)),),
            measured=(finest,),
            combination=sites.combination if hospital else Combination.HOME_SITE,
            sites=sites.hospitals if hospital else 1,
            charged=_charged(definition, sites),
            linkage=Linkage(variant.kept, len(variant.services), most, of.parties),
            weight=of.weight,
        )
        defined = of.variants[0]
        changes = [f"{len(variant.services)} of {len(defined.services)} services"
                   if variant.services != defined.services else "",
                   f"u = {variant.kept}" if variant.kept != defined.kept else ""]  # fmt: skip
        label = ", ".join(change for change in changes if change) if place_in_list else ""
        found.append(Variant(table, label))
    return found


def _kept_share(admissions: Contributions, kept: int) -> float:
    return 1 - admissions.lost(ContributionBound(kept, kept)).rows


def _charged(definition: Definition, sites: Sites) -> int:
    return releases_charging(definition.years_before) * sites.releases


def _dimensions(
    definition: Definition, used: dict[str, int], place: Place
) -> tuple[Dimension, ...]:
    bound = definition.bound
    several = bound.per_cell == 1 < bound.total  # a person may be under several values of a key
    return tuple(
        Dimension(key.name, _levels(key, used.get(key.name, key.values), place, several))
        for key in definition.keys
    )


def _levels(key: Key, values: int, place: Place, several: bool) -> tuple[Level, ...]:
    area = (("oslo", 1), ("sector", place.geography.sector), ("bydel", place.geography.bydel))
    if key.name == "area":
        return _named(area)
    if key.name in ("sector", "area_group"):
        return _named(area[:2])
    if key.name in _TIME:
        return _named(_TIME[key.name])
    fixed = not key.additive or (several and key.name not in _OF_THE_PERSON)
    if fixed or values == 1:
        return _named(((key.name, values),))
    return _named(((f"all {key.name}", 1), (key.name, values)))


def _named(levels: Sequence[tuple[str, int]]) -> tuple[Level, ...]:
    return tuple(Level(name, groups) for name, groups in levels)


def _bounded_at(dimensions: Dimensions) -> tuple[int, ...]:
    """What a person is (area, age) does not multiply a person's rows; when and what happens does.

    A coarser table is bounded anew, at the same number in each cell of who the person is.
    """
    return tuple(0 if d.name in _OF_THE_PERSON else d.finest for d in dimensions)
