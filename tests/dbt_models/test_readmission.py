"""Stays to released atoms: the dbt models against the plain-Python reference, row for row."""

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.populations import (
    DATA_END,
    Step,
    contacts_of,
    populations,
    seeded_population,
)
from tests.dbt_models.sites import keyed, rows
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference.atoms import atom_rows
from tests.reference.readmission import Contact, IndexStay, episodes, index_stays, units

INDEX_STAY = tuple(field.name for field in fields(IndexStay))
EPISODE = (
    "episode_id", "person_id", "is_linkable", "admitted_at", "discharged_at", "stay_count",
    "is_acute", "is_dead_at_discharge", "sex", "birth_year", "death_date",
)  # fmt: skip
ATOM = ("unit_id", "person_id", "period", "age_group", "quarter", "atom", "is_counted")
PER_CELL, TOTAL = 2, 4


def expected(contacts: list[Contact]) -> dict[str, list[tuple[object, ...]]]:
    """Rows of the reference, by the table that should hold them."""
    contacts = keyed(contacts)
    index = index_stays(contacts, DATA_END)
    found = {
        "marts.fct_episode": [
            (
                e.episode_id, e.person_id, e.is_linkable, e.admitted_at, e.discharged_at,
                len(e.parts), e.is_acute, e.is_dead_at_discharge, e.sex, e.birth_year, e.death_date,
            )
            for e in episodes(contacts)
        ],
        "marts.fct_index_stay": [astuple(row) for row in index],
        "indicators.atom_readmission_30d_same_site": atom_rows(units(index), PER_CELL, TOTAL),
    }  # fmt: skip
    return {table: _sorted(of_table) for table, of_table in found.items()}


COLUMNS = {
    "marts.fct_episode": EPISODE,
    "marts.fct_index_stay": INDEX_STAY,
    "indicators.atom_readmission_30d_same_site": ATOM,
}


def found_in(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    return {table: _sorted(rows(connection, names, table)) for table, names in COLUMNS.items()}


def built_from(
    workbench: Workbench, contacts: list[Contact], changed: Mapping[str, str] | None = None
) -> dict[str, list[tuple[object, ...]]]:
    landing = {"npr_stay": [asdict(contact) for contact in contacts]}
    workbench.land(landing, (date(1900, 1, 1), DATA_END.date() - timedelta(days=1)))
    workbench.rows("atom_readmission_30d_same_site", changed=changed)
    return found_in(workbench.connection)


def _sorted(of_table: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(of_table, key=repr)


def test_marts_of_many_persons_equal_the_reference(built_sites: BuiltSites) -> None:
    with duckdb.connect(str(built_sites.populated), read_only=True) as connection:
        found = found_in(connection)
    wanted = expected(built_sites.contacts)
    for table, of_table in wanted.items():
        assert found[table] == of_table, table


def test_the_population_reaches_every_rule(built_sites: BuiltSites) -> None:
    """Else the comparison above would prove less than it says."""
    index = index_stays(built_sites.contacts, DATA_END)
    for flag in (
        "is_acute", "is_alive", "is_followed_30d", "is_index",
        "is_readmitted_30d_same_site", "is_acute_readmitted_30d_same_site",
    ):  # fmt: skip
        assert {getattr(row, flag) for row in index} == {True, False}, flag
    assert {row.exclusion for row in index} == {None, "unlinkable_person", "unknown_age"}
    assert {row.age_group for row in index} == {None, "0-17", "18-66", "67-74", "75-84", "85+"}
    assert max(len(e.parts) for e in episodes(built_sites.contacts)) > 4
    assert {row[-1] for row in atom_rows(units(index), PER_CELL, TOTAL)} == {True, False}


def test_every_current_inpatient_stay_is_in_fct_stay(built_sites: BuiltSites) -> None:
    columns = (
        "stay_id", "person_id", "admitted_at", "discharged_at", "is_acute", "birth_year", "site_id",
    )  # fmt: skip
    with duckdb.connect(str(built_sites.populated), read_only=True) as connection:
        found = rows(connection, columns, "marts.fct_stay")
    assert _sorted(found) == _sorted(
        [
            (
                c.episode_id, c.person_id, c.admitted_at, c.discharged_at, c.urgency in (1, 2, 3),
                c.known_birth_year, "populated",
            )
            for c in keyed(built_sites.contacts)
            if c.care_level == 1
        ]
    )  # fmt: skip


@dataclass(frozen=True)
class Persons:
    contacts: list[Contact]
    expected: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def some_persons() -> Persons:
    contacts = seeded_population(persons=600, seed=22)
    return Persons(contacts, expected(contacts))


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(contacts=populations())
def test_any_population_equals_the_reference(workbench: Workbench, contacts: list[Contact]) -> None:
    assert built_from(workbench, contacts) == expected(contacts)


@pytest.mark.parametrize(
    ("model", "right", "wrong"),
    [
        ("int_stay_chain", "interval 8 hours", "interval 9 hours"),
        ("int_stay_chain", "interval 8 hours", "interval 28799 seconds"),
        ("int_stay_chain", "rows between unbounded preceding and 1 preceding",
         "rows between 1 preceding and 1 preceding"),
        ("int_stay_chain", ", case when not is_linkable then stay_id end", ""),
        ("fct_episode", "bool_or(is_acute)", "bool_and(is_acute)"),
        ("fct_episode", "arg_max_null(birth_year, ends)", "max(birth_year)"),
        ("fct_index_stay", "interval 30 days", "interval 31 days"),
        ("fct_index_stay", "death_date > discharged_on", "death_date >= discharged_on"),
        ("fct_index_stay", "is_readmitted_30d_same_site and next_is_acute",
         "is_readmitted_30d_same_site and is_acute"),
        ("atom_readmission_30d_same_site", ") <= 4 as", ") <= 5 as"),
        ("atom_readmission_30d_same_site", "sloyfe-bound-v1", "another salt"),
    ],
)  # fmt: skip
def test_a_changed_rule_is_noticed(
    workbench: Workbench, some_persons: Persons, model: str, right: str, wrong: str
) -> None:
    sql = workbench.models[model].sql
    assert right in sql
    changed = {model: sql.replace(right, wrong)}
    assert built_from(workbench, some_persons.contacts, changed) != some_persons.expected


def test_the_order_of_rows_changes_nothing(workbench: Workbench) -> None:
    """Stays admitted, and discharged, in the same second have no order but their ids."""
    twins = contacts_of("p", DATA_END.replace(year=2023), [Step(0, 0), Step(0, 0), Step(0, 0)])
    for contacts in (twins, twins[::-1]):
        assert built_from(workbench, contacts) == expected(contacts)
