"""The contract reaches the landing from the dbt project, and the tables follow it."""

import duckdb
import pytest

from federated.site.landing import FORMATS, contract, create_landing
from federated.site.landing.contract import (
    RowRule,
    code_list,
    load_contract,
    table_named,
    tables_of,
)
from privacy.problem import Problem


def test_the_registers_and_their_tables():
    assert [t.name for t in tables_of("kuhr")] == ["kuhr_claim", "kuhr_diagnosis", "kuhr_tariff"]
    assert [t.part for t in tables_of("kuhr")] == ["regning", "diagnose", "takst"]
    assert {*(t.register for t in load_contract()), "synthea"} == set(FORMATS)
    function = table_named("kpr_function")
    assert (function.optional, function.fragments) == (True, ("funksjon",))


def test_rules_of_a_column_and_of_a_row():
    stay = table_named("npr_stay")
    level = stay.column("omsorgsniva")
    assert (level.name, level.data_type, level.required) == ("care_level", "integer", True)
    assert level.closed_codes == ("1", "2", "3", "8")
    assert stay.key == ("episodeID", "lopenr")
    assert (stay.event_date, stay.event_end) == ("utDato", None)
    assert stay.column("korrvekt").maximum == 200
    assert stay.row_rules == (
        RowRule(
            "discharge_before_admission",
            "order",
            starts_at=("innDato", "innTid"),
            ends_at=("utDato", "utTid"),
        ),
    )
    care = table_named("kpr_care")
    assert {rule.kind for rule in care.row_rules} == {
        "order",
        "not_before_year",
        "not_after_year",
        "alive_in_year",
    }
    assert next(r for r in care.row_rules if r.kind == "alive_in_year").date == "doddato"


def test_an_open_list_shuts_nothing_out():
    [column] = [
        c for table in load_contract() for c in table.columns if c.register_name == "rehabilitering"
    ]
    assert column.open_list
    assert column.code_list is not None
    assert column.closed_codes == ()


def test_codes_of_former_years_stay_in_their_list():
    former = [code for code in code_list("tjenestekode") if code.valid_to]
    assert former
    closed = table_named("kpr_care").column("tjenestekode").closed_codes
    assert {code.code for code in former} <= set(closed)


@pytest.mark.parametrize("table", load_contract(), ids=lambda t: t.name)
def test_every_table_has_what_the_landing_and_its_reader_need(table):
    assert table.legal_holder in ("hospital", "municipality", "register")
    assert table.source
    for column in table.columns:
        assert column.description, column.name
        assert column.beskrivelse, column.name
        assert column.data_category, column.name
        assert column.sensitivity, column.name
        assert column.standing in ("S", "B", "U"), column.name


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"key": ["episode"]}, "names the column `episode`"),
        ({"event_date": "utdato"}, "names the column `utdato`"),
        ({"row_rules": [{"id": "x", "kind": "before"}]}, "unknown kind `before`"),
        ({"row_rules": [{"id": "x", "kind": "order", "starts_at": ["a"]}]}, "column `a`"),
        ({"keys": ["a"]}, "unknown word `keys`"),
    ],
)
def test_a_contract_that_speaks_of_what_is_not_there_is_refused(
    tmp_path, monkeypatch, change, what
):
    meta = {"register": "x", "landing_table": "x"} | change
    column = {"name": "a_b", "data_type": "integer", "config": {"meta": {"register_name": "aB"}}}
    model = {"name": "input_x", "config": {"meta": meta}, "columns": [column]}
    with pytest.raises(Problem, match=what):
        contract.read_table(model, tmp_path / "x.yml")


@pytest.mark.parametrize("name", sorted(contract.OWN_COLUMNS))
def test_a_column_may_not_be_called_as_one_of_the_landing_itself(tmp_path, name):
    column = {"name": name, "data_type": "integer", "config": {"meta": {"register_name": "kodeNr"}}}
    meta = {"register": "x", "landing_table": "x"}
    model = {"name": "input_x", "config": {"meta": meta}, "columns": [column]}
    with pytest.raises(Problem, match=f"has a column `{name}` itself"):
        contract.read_table(model, tmp_path / "x.yml")


def test_an_unknown_list_is_refused(tmp_path):
    column = {"register_name": "aB", "code_list": "nowhere"}
    model = {
        "name": "input_x",
        "config": {"meta": {"register": "x", "landing_table": "x"}},
        "columns": [{"name": "a_b", "data_type": "integer", "config": {"meta": column}}],
    }
    with pytest.raises(Problem, match="no code list `nowhere`"):
        contract.read_table(model, tmp_path / "x.yml")


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
