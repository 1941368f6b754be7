"""The register contracts: complete, in the agreed words, and followed by what lies around them."""

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from tests.dbt_models.seeds import seed

SENSITIVITIES = {
    "direct_identifier", "pseudonym", "health", "indirect_identifier", "administrative",
}  # fmt: skip
CATEGORIES = {
    "user.unique_id.pseudonymous", "user.government_id.national_identification_number",
    "user.health_and_medical", "user.demographic", "user.location", "user.financial",
    "system.operations",
}  # fmt: skip
"""Keys of the fideslang taxonomy that a register's variable can have."""
RULE_COLUMNS = {
    "order": {"starts_at", "ends_at"},
    "not_before_year": {"date", "year"},
    "not_after_year": {"date", "year"},
    "alive_in_year": {"death", "year"},
}


def numbered(name: str, last: int) -> list[str]:
    return [f"{name}_{number}" for number in range(1, last + 1)]


# Every variable of the sources named in the contracts, written down apart from them.
VARIABLES: dict[str, list[str]] = {
    "npr_stay": [
        *("lopenr", "aar", "innDato", "utDato", "innTid", "utTid", "omsorgsniva", "episodeID"),
        *("aktivitetskategori3", "innmateHast", "hastegrad", "inntilstand", "utTilstand"),
        *("fraSted", "tilSted", *numbered("typeTidspunkt", 5), *numbered("tidspunkt", 5)),
        *("utskrKlarDato", "utskrKlarDato2", "utskrKlarDager", "tilstand_1_1", "tilstand_1_2"),
        *(f"tilstand_{number}_1" for number in range(2, 21)),
        *(name for family in ("NCSP", "NCMP", "NCRP") for name in numbered(family, 20)),
        *(*numbered("ATC", 5), *numbered("cyto", 5), "drg", "drg_type", "hdg", "komp_drg"),
        *("trimpkt", "vekt", "korrvekt", "npkOpphold_ISFPoeng", "npkOpphold_DRGBasispoeng"),
        *("isf_opphold", "aggrshoppID_LNr", "niva", "npkOpphold_antallAvdelingsopphol"),
        *("institusjonID", "hf", "sh_reg", "behandlingsstedKode", "behandlingsstedReshID"),
        *("tjenesteenhetKode", "fagenhetKode", "episodeFag", "fagomrade", "debitor"),
        *("henvFraTjeneste", "henvTilTjeneste", "kontaktType", "komNrHjem2", "bydel2"),
        *("komNrHjem", "bydel_innr", "kjonn", "fodselsar", "fodtAar_DSF", "dodDato"),
        *("emigrertDato", "NPRId_reg", "sektor"),
    ],
    "npr_identity": ["lopenr", "fodselsnummer"],
    "npr_referral": [
        *("henvisning_lnr", "lopenr", "institusjonID", "fagomrade", "mottattDato", "vurdertDato"),
        *("utfall", "ventetidSluttDato", "bydel2", "komNrHjem2", "kjonn", "fodselsar"),
    ],
    "kuhr_claim": [
        *("aar", "kpr_lnr", "enkeltregning_lnr", "dato", "kjonn", "alder", "fodselsaar"),
        *("kommuneNr", "kommunenrPB", "bydel", "tjenestetype", "praksiskommune", "fritakskode"),
        *("egenandelPasient", "refusjonutbetaltbeløp", "doddato"),
    ],
    "kuhr_diagnosis": [
        *("enkeltregning_lnr", "diagnoseKode", "diagnoseTabell", "erHoveddiagnose", "kodeNr"),
    ],
    "kuhr_tariff": ["enkeltregning_lnr", "takstKode", "antall"],
    "kpr_care": [
        *("tjeneste_lnr", "kpr_lnr", "aar", "tjenestekode", "startdato", "stoppdato", "timer_uke"),
        *("rehabilitering", "kjonn", "fodselsaar", "kommuneNr", "bydel", "doddato"),
    ],
    "kpr_function": [
        *("vurdering_lnr", "kpr_lnr", "aar", "vurdertDato"),
        *(f"funksjon_{number:02d}" for number in range(1, 21)),
    ],
    "person_key": ["npr_lnr", "kpr_lnr"],
    "discharge_letter": ["episodeID", "lopenr", "sendtDato"],
    "bed_capacity": ["institusjonID", "aar", "maaned", "omsorgsniva", "senger"],
    "collaboration_activity": ["kpr_lnr", "aktivitetskode", "dato", "organisasjonID"],
    "population": ["aar", "kommuneNr", "bydel", "alder", "kjonn", "antall"],
}  # fmt: skip
FORMATS = {
    "npr_stay": "npr", "npr_identity": "npr-ide", "npr_referral": "npr-henvisning",
    "kuhr_claim": "kuhr", "kuhr_diagnosis": "kuhr", "kuhr_tariff": "kuhr",
    "kpr_care": "kpr-omsorg", "kpr_function": "kpr-omsorg", "person_key": "person-key",
    "discharge_letter": "epikrise", "bed_capacity": "kapasitet",
    "population": "befolkning", "collaboration_activity": "samhandling",
}  # fmt: skip


def models() -> list[dict[str, Any]]:
    files = sorted((PROJECT_DIR / "models" / "input_layer").glob("*.yml"))
    return [m for f in files for m in YAML(typ="safe").load(f.read_text("utf-8"))["models"]]


TABLES = {model["config"]["meta"]["landing_table"]: model for model in models()}


def columns_of(table: str) -> dict[str, dict[str, Any]]:
    """Register name -> meta, with dbt's own fields among it."""
    return {
        column["config"]["meta"]["register_name"]: column | column["config"]["meta"]
        for column in TABLES[table]["columns"]
        if column["config"]["meta"] != {"landing_own": True}
    }


def test_every_register_table_has_its_contract() -> None:
    assert {name: t["config"]["meta"]["register"] for name, t in TABLES.items()} == FORMATS


@pytest.mark.parametrize("table", VARIABLES)
def test_every_variable_of_the_register_is_a_column_and_no_other(table: str) -> None:
    assert len(VARIABLES[table]) == len(set(VARIABLES[table]))
    assert sorted(columns_of(table)) == sorted(VARIABLES[table])
    names = {c["name"] for c in TABLES[table]["columns"]} - {"delivery_id"}
    assert len(names) == len(VARIABLES[table])


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_what_it_is_in_the_agreed_words(table: str) -> None:
    for name, column in columns_of(table).items():
        assert re.fullmatch("[a-z][a-z0-9_]*", column["name"]), name
        assert column["data_type"] in ("varchar", "integer", "double", "date", "time", "timestamp")
        assert column["description"].strip(), name
        assert column["beskrivelse"].strip(), name
        assert column["beskrivelse"] != column["description"], name
        assert column["data_category"] in CATEGORIES, name
        assert column["sensitivity"] in SENSITIVITIES, name
        assert column["standing"] in ("S", "B", "U"), name


@pytest.mark.parametrize("table", TABLES)
def test_a_table_names_its_holder_its_source_and_rules_over_columns_it_has(table: str) -> None:
    meta, columns = TABLES[table]["config"]["meta"], columns_of(table)
    assert meta["legal_holder"] in ("hospital", "municipality", "register")
    assert meta["source"].strip()
    assert meta["beskrivelse"].strip()
    assert set(meta.get("key", ())) <= set(columns)
    assert all(columns[name].get("required") for name in meta.get("key", ()))
    for name in ("event_date", "event_end"):
        if name in meta:
            assert columns[meta[name]]["data_type"] == "date"
    ids = [rule["id"] for rule in meta.get("row_rules", ())]
    assert len(ids) == len(set(ids))
    for rule in meta.get("row_rules", ()):
        assert set(rule) == {"id", "kind", *RULE_COLUMNS[rule["kind"]]}, rule["id"]
        for argument in RULE_COLUMNS[rule["kind"]]:
            names = [rule[argument]] if isinstance(rule[argument], str) else rule[argument]
            assert set(names) <= set(columns), rule["id"]


def test_a_direct_identifier_stands_in_one_table_and_no_model_reads_it() -> None:
    direct = [
        (table, name)
        for table in TABLES
        for name, column in columns_of(table).items()
        if column["sensitivity"] == "direct_identifier"
    ]
    assert direct == [("npr_identity", "fodselsnummer")]
    readers = [
        path.name
        for path in (PROJECT_DIR / "models").rglob("*.sql")
        if "input_npr_identity" in path.read_text(encoding="utf-8")
    ]
    assert readers == []


def test_code_lists_are_used_and_exist_and_only_confirmed_ones_are_closed() -> None:
    lists = {row["code_list"] for row in seed("code_list")}
    used = {
        column["code_list"]
        for table in TABLES
        for column in columns_of(table).values()
        if "code_list" in column
    }
    assert used == lists - {"kontakttype_kuhr"}  # that one is computed, not delivered
    for table in TABLES:
        for name, column in columns_of(table).items():
            if column.get("open_list"):
                assert "code_list" in column, name
            elif "code_list" in column:
                rows = [r for r in seed("code_list") if r["code_list"] == column["code_list"]]
                assert any(row["standing"] == "confirmed" for row in rows), name
                if column["data_type"] == "integer":
                    assert all(row["code"].isdigit() for row in rows), name


def test_every_landing_table_is_a_dbt_source() -> None:
    text = (PROJECT_DIR / "models" / "landing.yml").read_text(encoding="utf-8")
    (source,) = YAML(typ="safe").load(text)["sources"]
    assert {table["name"] for table in source["tables"]} == {"delivery", *TABLES}


def test_hdir_s_validity_rules_for_care_services() -> None:
    rules = {rule["id"]: rule for rule in TABLES["kpr_care"]["config"]["meta"]["row_rules"]}
    columns = columns_of("kpr_care")
    assert {rule["kind"] for rule in rules.values()} == set(RULE_COLUMNS)
    assert columns["startdato"]["min"] == "1980-01-01"
    assert columns["timer_uke"]["max"] == 168
    assert columns["tjenestekode"]["code_list"] == "tjenestekode"
    assert "open_list" not in columns["tjenestekode"]
