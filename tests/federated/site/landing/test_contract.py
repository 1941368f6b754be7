"""The contract reaches the landing from the dbt project, and the tables follow it."""

import duckdb
import pytest

from federated.site.landing import create_landing
from federated.site.landing.contract import load_contract, table_named, tables_of


def test_the_registers_and_their_tables():
    assert [t.name for t in tables_of("kuhr")] == ["kuhr_claim", "kuhr_diagnosis", "kuhr_tariff"]
    assert [t.file for t in tables_of("kuhr")] == ["regning", "diagnose", "takst"]
    assert {t.register for t in load_contract()} == {"npr", "kuhr", "kpr-omsorg"}


def test_rules_of_a_column_and_of_a_row():
    stay = table_named("npr_stay")
    level = stay.column("omsorgsniva")
    assert (level.name, level.data_type, level.required) == ("care_level", "integer", True)
    assert level.domain == (1, 2, 3, 8)
    assert stay.column("episodeID").unique
    assert stay.column("korrvekt").maximum == 200
    assert [rule.id for rule in stay.row_rules] == ["discharge_before_admission"]


@pytest.mark.parametrize("table", load_contract(), ids=lambda t: t.name)
def test_an_empty_site_has_every_table_with_the_contract_s_types(table):
    with duckdb.connect() as connection:
        create_landing(connection)
        create_landing(connection)
        made = connection.execute(
            "select column_name, lower(data_type) from duckdb_columns() "
            "where schema_name = 'landing' and table_name = ? order by column_index",
            [table.name],
        ).fetchall()
    assert made == [(c.name, c.data_type) for c in table.columns] + [
        ("delivery_id", "varchar"),
        ("file", "varchar"),
        ("row_number", "bigint"),
    ]
