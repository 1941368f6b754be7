"""`site.yaml`: what is wrong is named by file, line, field and mend."""

import pytest
from ruamel.yaml import YAML

from federated.site.config import SiteKind, load_site
from federated.site.landing.contract import registers, tables_of
from privacy.problem import Problem
from tests.federated.site.homes import site_yaml, write_site


def problem(tmp_path, **changes) -> Problem:
    content = {name: value for name, value in site_yaml(**changes).items() if value is not ...}
    with (tmp_path / "site.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(content, file)
    with pytest.raises(Problem) as caught:
        load_site(tmp_path)
    assert str(tmp_path / "site.yaml") in caught.value.where
    return caught.value


def test_a_site_is_read_by_its_folder_or_its_file(tmp_path):
    site = write_site(tmp_path / "ous", None)
    assert site == load_site(tmp_path / "ous" / "site.yaml")
    assert site.kind is SiteKind.HOSPITAL
    assert site.warehouse_path == tmp_path / "ous" / "warehouse.duckdb"
    assert site.ledger_path.is_relative_to(tmp_path / "ous" / "state")


def test_paths_count_from_the_files_own_folder(tmp_path, monkeypatch):
    write_site(tmp_path / "ous", None, warehouse="data/w.duckdb", state=str(tmp_path / "away"))
    monkeypatch.chdir(tmp_path)
    site = load_site(tmp_path / "ous" / ".." / "ous")
    assert site.warehouse_path == tmp_path / "ous" / "data" / "w.duckdb"
    assert site.socket_path == tmp_path / "away" / "agent" / "agent.sock"


def test_an_unknown_site_is_one_clear_line(tmp_path):
    with pytest.raises(Problem, match="there is no such site") as caught:
        load_site(tmp_path / "nowhere")
    assert "site.yaml" in caught.value.mend


@pytest.mark.parametrize("field", ["id", "name", "kind", "operator", "holders", "policy", "keys"])
def test_a_missing_field_is_named(tmp_path, field):
    found = problem(tmp_path, **{field: ...})
    assert found.what == f"the field `{field}` is missing"


def test_a_hidden_field_may_not_be_in_the_file(tmp_path):
    found = problem(tmp_path, folder="/elsewhere")
    assert (found.what, found.mend) == ("unknown field `folder`", "Remove it.")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "clinic"}, "kind"),
        ({"id": "Oslo universitetssykehus"}, "id"),
        ({"coordinator": {"address": "nowhere", "ca_certificate": "x"}}, "coordinator.address"),
        ({"registers": [{"format": "dips", "path": "x"}]}, "registers.0.format"),
        ({"policy": site_yaml()["policy"] | {"delta": 0.1}}, "policy.delta"),
        ({"policy": site_yaml()["policy"] | {"epsilon_per_person_year": 11}}, "policy.epsilon_per"),
        ({"policy": site_yaml()["policy"] | {"answers": {"x": "yes"}}}, "policy.answers.x"),
        ({"registers": [{"format": "synthea", "path": "x"}]}, "synthea"),
        ({"registers": [{"format": "npr", "path": "x", "maping": "y"}]}, "registers.0.maping"),
        ({"holders": {"npr_stays": "OUS HF"}}, "did you mean `npr_stay`"),
        ({"holders": {"npr_stay": ""}}, "holders.npr_stay"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_value_is_named_by_its_field(tmp_path, changes, field):
    assert field in str(problem(tmp_path, **changes))


def test_an_unknown_format_is_told_with_what_may_be_meant(tmp_path):
    found = problem(tmp_path, registers=[{"format": "kpr-omsorgs", "path": "x"}])
    assert "there is no format `kpr-omsorgs`; did you mean `kpr-omsorg`?" in found.what


@pytest.mark.parametrize("register", registers())
def test_every_table_of_what_is_delivered_has_a_named_holder(tmp_path, register):
    tables = [table.name for table in tables_of(register)]
    entry = [{"format": register, "path": "x"}]
    found = problem(tmp_path, registers=entry, holders=dict.fromkeys(tables[1:], "Oslo kommune"))
    assert f"`{register}` is delivered here" in found.what
    assert f"`{tables[0]}`" in found.what
    assert all(f"`{table}`" not in found.what for table in tables[1:])
    assert "field holders" in found.where
    holders = dict.fromkeys(tables, "Oslo kommune")
    site = write_site(tmp_path / "whole", None, registers=entry, holders=holders)
    assert site.registers[0].format == register


@pytest.mark.parametrize(
    ("share", "tables"),
    [({"of": 2}, ["kuhr_claim", "kpr_care"]), ({"hospital": 1, "of": 2}, ["npr_stay"])],
)
def test_a_synthea_source_needs_holders_of_what_its_share_brings(tmp_path, share, tables):
    entry = {"registers": [{"format": "synthea", "path": "x"}], "synthea": share}
    found = problem(tmp_path, **entry, holders={})
    assert all(f"`{table}`" in found.what for table in tables)
    write_site(tmp_path / "whole", None, **entry, holders=dict.fromkeys(tables, "Eksempel"))


def test_a_mapping_may_be_named(tmp_path):
    entry = {"format": "npr", "path": "in", "mapping": "maps/npr.yaml"}
    site = write_site(tmp_path / "ous", None, registers=[entry])
    assert site.registers[0].mapping is not None
    assert site.path(site.registers[0].mapping) == tmp_path / "ous" / "maps" / "npr.yaml"


def test_person_numbers_are_the_registers_own_unless_the_file_says_otherwise(tmp_path):
    usual = write_site(tmp_path / "usual", None).person_numbers
    assert (usual.npr, usual.kpr, usual.common) == ("npr_lnr", "kpr_lnr", "npr_lnr")
    stated = {"npr": "project_17", "common": "kpr_lnr"}
    numbers = write_site(tmp_path / "stated", None, person_numbers=stated).person_numbers
    assert (numbers.npr, numbers.kpr, numbers.common) == ("project_17", "kpr_lnr", "kpr_lnr")


@pytest.mark.parametrize(
    "numbers",
    [
        {"npr": "synthea"},
        {"kpr": "mixed"},
        {"npr": "No such'"},
        {"common": "project_17"},
        {"gp": "x"},
    ],
)
def test_a_kind_of_number_that_cannot_be_is_named_by_its_field(tmp_path, numbers):
    (field,) = numbers
    assert f"person_numbers.{field}" in str(problem(tmp_path, person_numbers=numbers))
