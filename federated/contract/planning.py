"""Indicators as the planner's tables: what the catalogue defines, with a place's typical counts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from federated.contract.catalogue import seed_column
from federated.contract.definitions import load_definitions
from federated.contract.indicator import IndicatorDefinition, KeyDefinition
from privacy.plan import (
    Definition,
    Grade,
    Key,
    Place,
    Sites,
    Variant,
    linked_variants,
    load_contributions,
    local_variants,
)
from privacy.problem import Problem


def released_definitions(project: Path) -> Mapping[str, IndicatorDefinition]:
    """Of every indicator that leaves a site, or will: all but internal ones."""
    found = load_definitions(project)
    return {name: of for name, of in found.items() if of.release != "internal"}


def tables_to_plan(
    project: Path, place: Place, sites: Sites, wanted: Sequence[str] = ()
) -> dict[str, list[Variant]]:
    """The planner's tables of the wanted indicators (all if none is named), by id.

    Raises Problem where `place` has no figures for one.
    """
    definitions = released_definitions(project)
    known = [name for name in definitions if name in place.tables or name in place.linked]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise Problem(
            f"no figures to plan with: {', '.join(unknown)}",
            "--indicators",
            f"Name some of: {', '.join(known)}; or add typical counts with --figures.",
        )
    known_rows, bias = load_contributions(), Grade().bias
    admissions = known_rows["acute_admissions"].merged()
    found: dict[str, list[Variant]] = {}
    for name in wanted or known:
        definition = definitions[name]
        if name in place.linked:
            plain = _plain(project, definition, None)
            found[name] = linked_variants(plain, place.linked[name], place, sites, admissions)
        else:
            of = place.tables[name]
            plain = _plain(project, definition, of.measure)
            rows = known_rows.get(name)
            found[name] = local_variants(plain, of, place, sites, rows=rows, most_bias=bias)
    return found


def _plain(project: Path, definition: IndicatorDefinition, measure: str | None) -> Definition:
    clip = definition.bounds.clip
    is_sum = measure is not None and definition.measures[measure].amount
    return Definition(
        id=definition.id,
        keys=tuple(key for of in definition.keys for key in _keys(project, of)),
        bound=definition.bounds.contribution,
        years_before=definition.data_years.before,
        rhythm=definition.rhythm,
        own_hospital=definition.levels[0] == "hospital",
        atoms=1 if measure is None else len(definition.atoms),
        measure_atoms=1 if measure is None else len(definition.measures[measure].atoms),
        unit=clip.at if is_sum and clip is not None else 1.0,
    )


def _keys(project: Path, key: KeyDefinition) -> list[Key]:
    """As the planner knows them. A bucket `sector/age` is two keys in one column."""
    if key.calendar is not None:
        return [Key(key.calendar, 12 if key.calendar == "month" else 4)]
    values = seed_column(project, key.seed or "", key.column or "")
    if key.name != "bucket":
        return [Key(key.name, len(values), key.additive)]
    first, second = (sorted({v.split("/")[at] for v in values}) for at in (0, 1))
    of_area = any(value.startswith("sector_") for value in first)
    return [
        Key("area_group" if of_area else "group", len(first), additive=of_area),
        Key("age_group", len(second)),
    ]
