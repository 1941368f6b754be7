"""The rules that a single row can break, as SQL over its landing table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from federated.site.landing.contract import Column
from federated.site.landing.quality.roles import (
    INVALID_BYDEL,
    UNKNOWN_BIRTH_YEAR,
    UNKNOWN_MUNICIPALITY,
    Roles,
)
from federated.site.landing.quality.thresholds import LONGEST_STAY, MOST_HOURS, OLDEST
from federated.site.landing.sql import identifier, literal


@dataclass(frozen=True)
class Check:
    """condition: SQL that is true where the row breaks the rule. applies: which rows can."""

    rule: str
    variable: str
    condition: str
    applies: str = "true"


def checks_of(roles: Roles, columns: Mapping[str, Column]) -> list[Check]:
    """Every check whose columns the table has. columns: by register name."""
    names = {name: identifier(column.name) for name, column in columns.items()}
    return [
        *_empty_fields(roles, names),
        *_residence(roles, names),
        *_person(roles, names),
        *_contact(roles, names),
    ]


def _empty_fields(roles: Roles, names: Mapping[str, str]) -> Iterator[Check]:
    for needed in roles.needed:
        if value := names.get(needed.variable):
            where = needed.only_where
            applies = f"{names[where[0]]} = {where[1]}" if where else "true"
            yield Check("field_missing", needed.variable, f"{value} is null", applies)
    for name in roles.times:
        if value := names.get(name):
            missing = f"coalesce({value}, time '00:00:00') = time '00:00:00'"
            yield Check("missing_time", name, missing)


def _residence(roles: Roles, names: Mapping[str, str]) -> Iterator[Check]:
    for rule, name, codes in (
        ("komnr_unknown", roles.municipality, (UNKNOWN_MUNICIPALITY,)),
        ("bydel_invalid", roles.bydel, INVALID_BYDEL),
    ):
        if name and (value := names.get(name)):
            unknown = f"{value} in ({', '.join(map(literal, codes))})"
            yield Check(rule, name, unknown, f"{value} is not null")


def _person(roles: Roles, names: Mapping[str, str]) -> Iterator[Check]:
    contact = names.get(roles.contact or "")
    if (name := roles.birth_year) and (born := names.get(name)):
        known = f"{born} <> {UNKNOWN_BIRTH_YEAR}"
        yield Check("birth_year_unknown", name, f"not {known}", f"{born} is not null")
        if contact:
            age = f"year({contact}) - {born} not between 0 and {OLDEST}"
            yield Check("implausible_age", name, age, f"{known} and {contact} is not null")
    if (name := roles.link_quality) and (quality := names.get(name)):
        yield Check("link_quality_poor", name, f"{quality} <> 1", f"{quality} is not null")


def _contact(roles: Roles, names: Mapping[str, str]) -> Iterator[Check]:
    contact = names.get(roles.contact or "")
    if contact and (name := roles.death) and (died := names.get(name)):
        # Of all rows: most persons live, and a share of the dead would be one of a handful.
        yield Check("death_before_contact", name, f"{died}::date < {contact}::date")
    if contact and (name := roles.ready) and (ready := names.get(name)):
        early = f"{ready}::date < {contact}::date"
        yield Check("ready_before_admission", name, early, f"{ready} is not null")
    if contact and (name := roles.stay_ends) and (ends := names.get(name)):
        long = f"{ends} - {contact} > {LONGEST_STAY}"
        yield Check("implausible_length_of_stay", name, long, f"{ends} - {contact} is not null")
    if (name := roles.hours) and (hours := names.get(name)):
        yield Check("implausible_hours", name, f"{hours} > {MOST_HOURS}", f"{hours} is not null")
