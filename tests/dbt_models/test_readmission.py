"""Stays to released atoms: the dbt models against the plain-Python reference, row for row."""

import shutil
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

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
from tests.dbt_models.sites import CHAIN_OF_MODELS, deliver, keyed, rebuild, rows
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


def found_in(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    columns = {
        "marts.fct_episode": EPISODE,
        "marts.fct_index_stay": INDEX_STAY,
        "indicators.atom_readmission_30d_same_site": ATOM,
    }
    return {table: _sorted(rows(connection, names, table)) for table, names in columns.items()}


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


def test_an_empty_site_has_every_mart_and_no_row(built_sites: BuiltSites) -> None:
    with duckdb.connect(str(built_sites.empty), read_only=True) as connection:
        marts = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by all"
        ).fetchall()
        assert [name for (name,) in marts] == [
            "fct_episode", "fct_index_stay", "fct_service",
            "fct_service_day", "fct_stay", "source_status",
        ]  # fmt: skip
        for (name,) in marts[:-1]:
            assert connection.execute(f"select count(*) from marts.{name}").fetchall() == [(0,)]


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


@dataclass
class Workbench:
    """A copy of the populated site whose models are run again from the SQL that dbt compiled."""

    connection: duckdb.DuckDBPyConnection
    compiled: dict[str, str]

    def replace_contacts(self, contacts: list[Contact]) -> None:
        self.connection.execute("delete from landing.npr_stay")
        self.connection.execute("delete from landing.delivery")
        deliver(self.connection, contacts, DATA_END)


@pytest.fixture(scope="module")
def workbench(
    built_sites: BuiltSites, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workbench]:
    copy = Path(shutil.copy(built_sites.populated, tmp_path_factory.mktemp("workbench")))
    with duckdb.connect(str(copy)) as connection:
        yield Workbench(
            connection, {name: built_sites.built.compiled(name) for name in CHAIN_OF_MODELS}
        )


@dataclass(frozen=True)
class Persons:
    contacts: list[Contact]
    expected: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def some_persons() -> Persons:
    contacts = seeded_population(persons=600, seed=22)
    return Persons(contacts, expected(contacts))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(contacts=populations())
def test_any_population_equals_the_reference(workbench: Workbench, contacts: list[Contact]) -> None:
    workbench.replace_contacts(contacts)
    rebuild(workbench.connection, workbench.compiled)
    assert found_in(workbench.connection) == expected(contacts)


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
    sql = workbench.compiled[model]
    assert right in sql
    workbench.replace_contacts(some_persons.contacts)
    rebuild(workbench.connection, workbench.compiled | {model: sql.replace(right, wrong)})
    assert found_in(workbench.connection) != some_persons.expected


def test_the_order_of_rows_changes_nothing(workbench: Workbench) -> None:
    """Stays admitted, and discharged, in the same second have no order but their ids."""
    twins = contacts_of("p", DATA_END.replace(year=2023), [Step(0, 0), Step(0, 0), Step(0, 0)])
    for contacts in (twins, twins[::-1]):
        workbench.replace_contacts(contacts)
        rebuild(workbench.connection, workbench.compiled)
        assert found_in(workbench.connection) == expected(contacts)
