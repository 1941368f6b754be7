"""Token tables as a family: one shape, public values, and one number for a person."""

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.dbt import variables_of
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_versions
from federated.contract.token import IndexTokens
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.seeds import seed
from tests.dbt_models.sites import NO_UNIT_TESTS, new_warehouse, run_build
from tests.dbt_models.workbench import Landing, Workbench
from tests.examples import examples
from tests.federated.site.homes import write_site
from tests.reference.tokens import common_numbers, under_common_number

FIRST, LAST = date(2024, 1, 1), date(2024, 6, 30)
INDEX = ["person_id", "day", "period", "bucket", "is_counted"]
SERVICE = ["person_id", "day", "service", "class"]
Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def manifest(built_sites: BuiltSites) -> dict[str, Any]:
    file = built_sites.built.artefacts / "target" / "manifest.json"
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def token_models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"].startswith("tok_")
    }


# --- one shape ------------------------------------------------------------------------------------


def test_every_token_model_has_the_columns_of_its_side(
    token_models: dict[str, dict[str, Any]],
) -> None:
    sides = {name: node["config"]["meta"]["token"]["side"] for name, node in token_models.items()}
    assert set(sides.values()) == {"index", "service"}
    for name, node in token_models.items():
        assert list(node["columns"]) == (INDEX if sides[name] == "index" else SERVICE), name


def test_days_of_spans_fill_no_warehouse(token_models: dict[str, dict[str, Any]]) -> None:
    for name, node in token_models.items():
        spans = [one for one in node["depends_on"]["nodes"] if one.endswith("_span")]
        assert (node["config"]["materialized"] == "view") == bool(spans), name


def test_every_token_model_is_held_to_what_it_says(
    manifest: dict[str, Any], token_models: dict[str, dict[str, Any]]
) -> None:
    tests = {
        node["attached_node"].rpartition(".")[2]: node["test_metadata"]["kwargs"]
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "tokens_are_sound"
    }
    assert set(tests) == set(token_models)
    for name, node in token_models.items():
        spans = [one.rpartition(".")[2] for one in node["depends_on"]["nodes"]]
        spans = [one for one in spans if one.endswith("_span")]
        assert (
            [tests[name]["spans"]] == [f"ref('{one}')" for one in spans]
            if spans
            else ("spans" not in tests[name])
        ), name


def test_the_bounds_of_a_linked_indicator_are_what_its_index_table_keeps(
    built_sites: BuiltSites,
) -> None:
    file = built_sites.built.artefacts / "target" / "manifest.json"
    linked = [one for one in load_versions(file, PROJECT_DIR) if one.token_tables]
    assert linked
    for indicator in linked:
        (index,) = [t for t in indicator.token_tables if isinstance(t.definition, IndexTokens)]
        kept = f"<= {indicator.bound.total} as is_counted"
        assert kept in built_sites.built.compiled(index.model), indicator.id


# --- soundness ------------------------------------------------------------------------------------


def sound_sql(built_sites: BuiltSites, model: str) -> str:
    compiled = built_sites.built.artefacts / "target" / "compiled" / "sloyfe" / "models" / "tokens"
    (file,) = compiled.rglob(f"tokens_are_sound_{model}_*.sql")
    return file.read_text(encoding="utf-8")


def breaks(
    workbench: Workbench, built_sites: BuiltSites, model: str, relation: str, rows: Sequence[str]
) -> bool:
    """Whether the test of a token model finds fault with these rows (SQL) in `relation`."""
    connection = workbench.connection
    connection.execute("begin")
    try:
        connection.execute(f"delete from {relation}")
        for row in rows:
            connection.execute(f"insert into {relation} values ({row})")
        return bool(connection.execute(sound_sql(built_sites, model)).fetchall())
    finally:
        connection.execute("rollback")


DAY_ROW = "'p', date '2024-02-29', '2024', '030105', true"


@pytest.mark.parametrize(
    ("rows", "is_broken"),
    [
        ([DAY_ROW], False),
        ([DAY_ROW, DAY_ROW.replace("'p'", "'q'")], False),
        ([f"'p', date '2024-03-0{day}', '2024', '030105', true" for day in range(1, 5)], False),
        ([f"'p', date '2024-03-0{day}', '2024', '030105', true" for day in range(1, 6)], True),
        ([DAY_ROW, DAY_ROW.replace("030105", "030101")], True),
        ([DAY_ROW.replace("030105", "a place")], True),
        ([DAY_ROW.replace("'030105'", "null")], True),
        ([DAY_ROW.replace("'2024',", "'2023',")], True),
        ([DAY_ROW.replace("'2024',", "null,")], True),
        ([DAY_ROW.replace("'p'", "null")], True),
        ([DAY_ROW.replace("true", "null")], True),
    ],
)
def test_an_index_table_that_is_not_sound_is_found_out(
    workbench: Workbench, built_sites: BuiltSites, rows: list[str], is_broken: bool
) -> None:
    model = "tok_discharge_home_day"
    assert breaks(workbench, built_sites, model, f"tokens.{model}", rows) == is_broken


SPAN = "'p', 'gp_contact', 'days_1_7', date '2024-02-01', date '2024-02-07'"
LATER = "'p', 'gp_contact', 'days_8_14', date '2024-02-08', date '2024-02-09'"


@pytest.mark.parametrize(
    ("rows", "is_broken"),
    [
        ([SPAN, LATER], False),
        ([SPAN, SPAN.replace("'p'", "'q'")], False),
        ([SPAN, LATER.replace("02-08", "02-07")], True),
        ([SPAN, "'p', 'gp_contact', 'days_8_14', date '2024-02-03', date '2024-02-03'"], True),
        ([SPAN.replace("days_1_7", "days_0_3")], True),  # a class of another service
        ([SPAN.replace("gp_contact", "hospital_stay").replace("1_7", "0_30")], True),
        ([SPAN.replace("'days_1_7'", "null")], True),
        ([SPAN.replace("'p'", "null")], True),
        ([SPAN.replace("date '2024-02-07'", "null")], True),
        ([SPAN.replace("02-07", "01-31")], True),
    ],
)
def test_spans_that_are_not_sound_are_found_out(
    workbench: Workbench, built_sites: BuiltSites, rows: list[str], is_broken: bool
) -> None:
    found = breaks(
        workbench, built_sites, "tok_gp_contact_class", "intermediate.int_gp_contact_span", rows
    )
    assert found == is_broken


YEAR = "'p', date '2024-01-01', 'care_use', 'user'"


@pytest.mark.parametrize(
    ("rows", "is_broken"),
    [
        ([YEAR, YEAR.replace("care", "primary")], False),
        ([YEAR, YEAR], True),
        ([YEAR.replace("care_use", "dentist")], True),
        ([YEAR.replace("'user'", "'days_1_7'")], True),
    ],
)
def test_a_service_table_that_is_not_sound_is_found_out(
    workbench: Workbench, built_sites: BuiltSites, rows: list[str], is_broken: bool
) -> None:
    model = "tok_municipal_user_year"
    assert breaks(workbench, built_sites, model, f"tokens.{model}", rows) == is_broken


# --- one number for a person ----------------------------------------------------------------------


def claim(person: str, day: date = FIRST) -> dict[str, Any]:
    return {
        "claim_id": f"{person}{day}", "person_id": person, "data_year": 2024, "claim_date": day,
        "service_type": 1,
    }  # fmt: skip


def care(person: str) -> dict[str, Any]:
    return {
        "service_id": "c", "person_id": person, "data_year": 2024, "service_code": 22,
        "started_on": date(2024, 2, 1), "ended_on": date(2024, 2, 29), "birth_year": 1940,
        "municipality_no": "0301", "bydel": "030105",
    }  # fmt: skip


def stay(person: str, **more: Any) -> dict[str, Any]:
    return {
        "episode_id": "e", "person_id": person, "data_year": 2024, "care_level": 1, "urgency": 1,
        "admission_date": date(2024, 2, 1), "admission_time": time(8), "bydel": "030105",
        "discharge_date": date(2024, 2, 9), "discharge_time": time(8), "birth_year": 1940,
        "municipality_no": "0301", "link_quality": 1,
    } | more  # fmt: skip


def key_file(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"npr_person_id": npr, "kpr_person_id": kpr} for npr, kpr in pairs]


PAIRS = (("n1", "k1"), ("n2", "k2"), ("n2", "k3"), ("n4", "k4"), ("n5", "k4"), ("k6", "n6"))
"""n2 and k4 are ambiguous; NPR has a number that looks like one of KPR's."""
MUNICIPALITY: Landing = {
    "kuhr_claim": [claim(person) for person in ("k1", "k2", "k3", "k4", "k6", "n6")],
    "kpr_care": [care(person) for person in ("k1", "k2", "n6", "k9")],
    "person_key": key_file(*PAIRS),
}


def persons(rows: Rows) -> set[object]:
    return {row[0] for row in rows}


def test_a_municipality_maps_to_npr_and_who_is_ambiguous_or_missing_leaves_no_token(
    workbench: Workbench,
) -> None:
    workbench.land(MUNICIPALITY, (FIRST, LAST))
    found = workbench.all_rows(["tok_service_lag_class", "tok_kad_discharge_day", "key_kind"])
    assert persons(found["tok_service_lag_class"]) == {"n1", "k6"}
    assert found["tok_kad_discharge_day"] == [
        (person, date(2024, 2, 29), "2024", "sector_diakonhjemmet/75-84", True)
        for person in ("k6", "n1")
    ]
    # k1 and n6 are mapped; k2, k3 and k4 ambiguous; k6 and k9 are not in the file.
    assert found["key_kind"] == [("kpr", "kpr_lnr", "npr_lnr", 7, 2, 3, 2, 0, 0)]


def test_without_a_key_file_numbers_stay_as_they_are_and_key_kind_says_so(
    workbench: Workbench,
) -> None:
    landing = {**MUNICIPALITY, "person_key": []}
    workbench.land(landing, (FIRST, LAST))
    found = workbench.all_rows(["tok_service_lag_class", "key_kind"])
    assert persons(found["tok_service_lag_class"]) == {"k1", "k2", "k3", "k4", "k6", "n6", "k9"}
    assert found["key_kind"] == [("kpr", "kpr_lnr", "kpr_lnr", 7, 7, 0, 0, 0, 0)]


def test_a_replaced_key_file_maps_nobody(workbench: Workbench) -> None:
    workbench.land(MUNICIPALITY, (FIRST, LAST))
    workbench.connection.execute(
        "update landing.delivery set state = 'replaced' where format = 'person-key'"
    )
    assert workbench.rows("key_kind")[0][2:5] == ("kpr_lnr", 7, 7)


def test_a_hospital_has_the_common_number_and_a_number_for_nobody_leaves_none(
    workbench: Workbench,
) -> None:
    stays = [stay("n1"), stay("n2"), stay("n4", link_quality=4), stay("k9")]
    workbench.land({"npr_stay": stays, "person_key": key_file(*PAIRS)}, (FIRST, LAST))
    found = workbench.all_rows(["tok_acute_admission_day", "key_kind"])
    assert persons(found["tok_acute_admission_day"]) == {"n1", "n2", "k9"}
    assert found["key_kind"] == [("npr", "npr_lnr", "npr_lnr", 4, 3, 0, 0, 0, 1)]


def test_where_kprs_numbers_are_agreed_on_the_hospital_maps_and_the_municipality_does_not(
    workbench: Workbench,
) -> None:
    sql = workbench.models["int_person_number"].sql
    changed = {
        "int_person_number": sql.replace(" 'npr_lnr'\n        else", " 'kpr_lnr'\n        else")
    }
    assert changed["int_person_number"] != sql
    landing = {**MUNICIPALITY, "npr_stay": [stay("n1"), stay("n2"), stay("k6"), stay("n9")]}
    workbench.land(landing, (FIRST, LAST))
    models = ["tok_acute_admission_day", "tok_service_lag_class", "key_kind"]
    found = workbench.all_rows(models, changed=changed)
    assert persons(found["tok_acute_admission_day"]) == {"k1", "n6"}
    assert persons(found["tok_service_lag_class"]) == {"k1", "k2", "k3", "k4", "k6", "n6", "k9"}
    assert found["key_kind"] == [
        ("kpr", "kpr_lnr", "kpr_lnr", 7, 7, 0, 0, 0, 0),
        ("npr", "npr_lnr", "kpr_lnr", 4, 2, 1, 1, 0, 0),
    ]
    assert workbench.rows("key_kind")[1][2] == "npr_lnr"  # the view is as before


@pytest.mark.parametrize(
    ("formats", "kinds"),
    [
        (["npr"], {"npr": ("npr_lnr", "npr_lnr")}),
        (["kuhr"], {"kpr": ("kpr_lnr", "kpr_lnr")}),
        (["kpr-omsorg", "person-key"], {"kpr": ("kpr_lnr", "npr_lnr")}),
        (["synthea"], {"npr": ("synthea", "synthea"), "kpr": ("synthea", "synthea")}),
        (["synthea", "person-key"], {"npr": ("synthea", "synthea"), "kpr": ("synthea", "synthea")}),
        (["synthea", "kuhr"], {"npr": ("synthea", "synthea"), "kpr": ("mixed", "mixed")}),
        (["befolkning", "person-key"], {}),
    ],
)
def test_the_kind_of_number_follows_from_what_was_delivered(
    workbench: Workbench, formats: list[str], kinds: dict[str, tuple[str, str]]
) -> None:
    workbench.land({}, (FIRST, LAST))
    for name in formats:
        workbench.connection.execute(
            "insert into landing.delivery (delivery_id, format, state) values (?, ?, 'current')",
            [name, name],
        )
    found = workbench.rows("int_person_number")
    assert {row[0]: row[1:] for row in found} == kinds


@pytest.mark.slow
def test_the_site_file_says_what_kind_of_number_it_has_and_which_the_sites_agreed_on(
    tmp_path: Path,
) -> None:
    warehouse = new_warehouse(tmp_path / "site" / "warehouse.duckdb")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into landing.delivery (delivery_id, format, state) "
            "select name, name, 'current' "
            "from (values ('npr'), ('kuhr'), ('person-key')) as delivered (name)"
        )
    numbers = {"npr": "project_17", "common": "kpr_lnr"}
    site = write_site(tmp_path / "home", None, person_numbers=numbers)
    arguments = (
        *("--select", "stg_landing__delivery", "int_person_number", *NO_UNIT_TESTS),
        *("--vars", json.dumps(variables_of(site))),
    )
    done = run_build({"site": warehouse}, tmp_path / "dbt", {"site": arguments})
    assert done.returncode == 0, done.stdout
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute("from intermediate.int_person_number order by all").fetchall()
    # A series of its own is in no key file; KPR's numbers are those agreed on.
    assert found == [("kpr", "kpr_lnr", "kpr_lnr"), ("npr", "project_17", "project_17")]


NUMBERS = st.lists(
    st.tuples(st.sampled_from(("n1", "n2", "n3", "x")), st.sampled_from(("k1", "k2", "k3", "x"))),
    max_size=5,
)


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pairs=NUMBERS)
def test_any_key_file_maps_as_the_reference(
    workbench: Workbench, pairs: list[tuple[str, str]]
) -> None:
    kpr = ("k1", "k2", "k3", "x")
    claims = [claim(person) for person in kpr]
    # A row that breaks nothing, so that a file is delivered also where no pair was drawn.
    landing = {"kuhr_claim": claims, "person_key": key_file(*pairs, ("n9", "k9"))}
    workbench.land(landing, (FIRST, LAST))
    found = workbench.all_rows(["tok_service_lag_class", "key_kind"])
    own = workbench.rows("int_service_lag_span", ("person_id", "service", "class"))
    wanted = persons(under_common_number(own, common_numbers(pairs)))
    assert persons(found["tok_service_lag_class"]) == wanted
    ((*_, persons_, common, ambiguous, unmapped, _, _),) = found["key_kind"]
    in_file = {number for _, number in pairs} & set(kpr)
    assert (persons_, common) == (len(kpr), len(wanted))
    assert (ambiguous, unmapped) == (len(in_file) - len(wanted), len(kpr) - len(in_file))


def as_it_should_be(workbench: Workbench, changed: Mapping[str, str]) -> list[Rows]:
    """What every test above says of the municipality and of a hospital that has its key file."""
    models = [
        "tok_service_lag_class",
        "tok_kad_discharge_day",
        "tok_acute_admission_day",
        "key_kind",
    ]
    found: list[Rows] = []
    stays = [stay("n1"), stay("n2"), stay("n4", link_quality=4), stay("k9")]
    for landing in (MUNICIPALITY, {"npr_stay": stays, "person_key": key_file(*PAIRS)}):
        workbench.land(landing, (FIRST, LAST))
        found += workbench.all_rows(models, changed=changed).values()
    return found


@pytest.mark.parametrize(
    ("model", "right", "wrong"),
    [
        (
            "int_person_key",
            "partition by npr_person_id",
            "partition by npr_person_id, kpr_person_id",
        ),
        (
            "int_person_key",
            "partition by kpr_person_id",
            "partition by kpr_person_id, npr_person_id",
        ),
        ("int_common_person", "bool_or(is_ambiguous)", "bool_and(not is_ambiguous)"),
        ("int_common_person", "when mapped.is_ambiguous then 'ambiguous'", ""),
        ("int_common_person", "when not registered.is_one_person then 'no_national_id'", ""),
        ("int_common_person", "number.number_kind = mapped.number_kind", "true"),
        ("int_common_person", "when 'mapped' then other_id", "when 'mapped' then person_id"),
        ("int_person_number", "and 'person-key' in", "and 'person-key' not in"),
        ("int_person_number", "when 'kuhr' then ['kpr']", "when 'kuhr' then ['npr']"),
    ],
)
def test_a_changed_rule_is_noticed(
    workbench: Workbench, model: str, right: str, wrong: str
) -> None:
    sql = workbench.models[model].sql
    assert right in sql
    changed = {model: sql.replace(right, wrong)}
    assert as_it_should_be(workbench, changed) != as_it_should_be(workbench, {})


# --- seeds ----------------------------------------------------------------------------------------


def test_a_bucket_is_a_group_of_areas_and_an_age_group_and_every_pair_is_one() -> None:
    groups = {row["area_group"] for row in seed("area_group")}
    ages = {row["age_group"] for row in seed("age_group")}
    rows = seed("token_bucket")
    pairs = [(row["area_group"], row["age_group"]) for row in rows]
    assert sorted(pairs) == sorted(itertools.product(groups, ages))
    for row in rows:
        assert row["bucket"] == f"{row['area_group']}/{row['age_group']}"
        assert row["name_nb"] and row["name_en"]


def test_classes_of_days_are_apart_and_leave_no_gap() -> None:
    rows = [row for row in seed("event_class") if row["day_from"]]
    for _, of_event in itertools.groupby(rows, key=lambda row: row["event"]):
        bounds = [(int(row["day_from"]), int(row["day_to"])) for row in of_event]
        for (_, ends), (starts, _) in itertools.pairwise(bounds):
            assert starts == ends + 1
        assert all(low <= high for low, high in bounds)


def test_an_area_is_in_one_group_that_is_no_sector() -> None:
    wider = [r["area"] for r in seed("area_group") if not r["area_group"].startswith("sector_")]
    assert sorted(wider) == sorted(row["area"] for row in seed("area"))
