"""The sites that both engines build: synthetic ones with their dirt, and rows on every edge."""

import random
from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import duckdb
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.site.landing import ingest
from synthetic.generate import generate
from tests.dbt_models.municipal_populations import (
    CARE_CODES,
    FIRST,
    LAST,
    Rows,
    care_rows,
    claim_rows,
    seeded,
    stay_rows,
)
from tests.dbt_models.populations import DATA_END, seeded_population
from tests.dbt_models.seeds import seed
from tests.dbt_models.sites import deliver, new_warehouse
from tests.dbt_models.workbench import Workbench
from tests.federated.site.homes import site_yaml, write_site

HOSPITAL, MUNICIPALITY = "ous", "oslo"
REGISTERS = {
    HOSPITAL: ("npr", "npr-ide", "npr-henvisning", "befolkning"),
    MUNICIPALITY: ("kuhr", "kpr-omsorg", "person-key", "befolkning"),
}
DIRT = 30.0
"""Times the documented rates, so that a small population has every kind."""

ODD_TEXT = ("Ærlig", "d'Or", 'a"b', "back\\slash", "5 %s", "  spaced ", "e\u0301", "é", "\u2028")
"""Person numbers that quoting, escaping, trimming or another order of letters would change."""


def synthetic_sites(folder: Path) -> dict[str, Path]:
    """Site -> warehouse, landed and not built: a hospital and a municipality of one population."""
    key = Ed25519PrivateKey.generate()
    public = folder / "generator.pub"
    folder.mkdir(parents=True)
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    generate(
        folder / "registers",
        persons=3_000,
        years=range(2023, 2025),
        seed=5,
        signing_key=key,
        hospitals=(HOSPITAL, "ahus"),
        municipality=MUNICIPALITY,
        dirt=DIRT,
        workers=1,
    )
    warehouses = {}
    for name, registers in REGISTERS.items():
        keys = site_yaml()["keys"] | {"generator": str(public)}
        site = write_site(folder / name, None, id=name, declared_synthetic=False, keys=keys)
        for register in registers:
            ingest(site, register, folder / "registers" / name / register)
        warehouses[name] = site.warehouse_path
    return warehouses


def empty_site(folder: Path) -> Path:
    return new_warehouse(folder / "warehouse.duckdb")


def edge_site(folder: Path) -> Path:
    """The populations of the other tests of the models, with all registers in one warehouse."""
    warehouse = new_warehouse(folder / "warehouse.duckdb")
    with duckdb.connect(str(warehouse)) as connection:
        Workbench(connection, {}).land(edge_rows(), (FIRST, LAST))
        deliver(connection, seeded_population(persons=400, seed=20), DATA_END)
        deliver(connection, seeded_population(5, seed=21), DATA_END, "d0", state="replaced")
        connection.execute(
            "insert into landing.delivery "
            "(delivery_id, format, period_from, period_to, data_end, state) values "
            "('s', 'synthea', '2023-06-01', '2024-07-15', '2024-07-15 18:30:00', 'current')"
        )
    return warehouse


def edge_rows() -> dict[str, Rows]:
    pick = seeded(7)
    persons = [f"q{number}" for number in range(120)] + list(ODD_TEXT)
    old_codes = [int(row["old_code"]) for row in seed("recoded_service")]
    tariffs = [row["tariff"] + end for row in seed("tariff_contact_type") for end in ("", "x")]
    care, claims, lines, stays = [], [], [], []
    for person in persons:
        care += care_rows(pick, person, pick((0, 1, 2, 4)), (*CARE_CODES, *old_codes))
        some, their_lines = claim_rows(pick, person, pick((0, 1, 3, 6)), [*tariffs, "2AD", "zz"])
        claims += some
        lines += their_lines
        stays += [hospital_row(pick, row) for row in stay_rows(pick, person, pick((0, 1, 3, 8)))]
    return {
        "npr_stay": stays,
        "npr_referral": [referral_row(pick, person) for person in persons],
        "kuhr_claim": claims,
        "kuhr_tariff": lines,
        "kuhr_diagnosis": [row for claim in claims for row in diagnosis_rows(pick, claim)],
        "kpr_care": care,
        "kpr_function": [function_row(pick, person) for person in persons],
        "person_key": [
            {"npr_person_id": person, "kpr_person_id": pick(persons)} for person in persons
        ]
        * 2,
        "population": population_rows(),
    }


def hospital_row(pick: Any, row: dict[str, Any]) -> dict[str, Any]:
    """A stay with what its models read beside its dates."""
    codes = (None, None, "I500", "J44", "S720", "F20", "Z509")
    ready = pick((None, None, row["admission_date"], row["admission_date"] - timedelta(days=1)))
    return row | {
        "sector": pick((None, "1", "2", "3", "4", "5", "SOM", "PHV")),
        "specialty": pick((None, "010", "310")),
        "contact_specialty": pick((None, None, "320")),
        "main_diagnosis": pick(codes),
        "main_diagnosis_2": pick(codes),
        "other_diagnosis_1": pick(codes),
        "other_diagnosis_19": pick(codes),
        "discharge_ready_date": ready,
        "drg_weight": pick((None, 0.0, 0.1, 1.25, 1e-9, 12345.678)),
        "admission_time": pick((row["admission_time"], time(23, 59, 59, 999_999))),
        "institution_id": pick((None, "974589095")),
    }


def diagnosis_rows(pick: Any, claim: dict[str, Any]) -> Rows:
    """Some without a place on the claim, some of equal place, several main ones or none."""
    return [
        {
            "claim_id": claim["claim_id"],
            "diagnosis": pick(("K86", "T90", "A01", "P76")),
            "code_system": 1,
            "is_main": pick((None, 0, 0, 1)),
            "code_number": pick((None, 1, 1, 2, 3)),
        }
        for _ in range(pick((0, 1, 2, 4)))
    ]


def referral_row(pick: Any, person: str) -> dict[str, Any]:
    return {
        "referral_id": "h1", "person_id": person, "received_on": pick((FIRST, LAST)),
        "outcome": pick((None, 1, 2)), "birth_year": pick((None, 1890, 1950, 2015, 9999)),
        "municipality_no": pick((None, "-1", "301", "0301", "4601")),
        "bydel": pick((None, "30103", "030199", "030188", "460101")),
    }  # fmt: skip


def function_row(pick: Any, person: str) -> dict[str, Any]:
    scores = {f"function_{number:02d}": pick((None, 1, 3, 5, 9)) for number in range(1, 21)}
    about = {"assessment_id": "v1", "person_id": person, "data_year": 2024, "assessed_on": FIRST}
    return about | scores


def population_rows() -> Rows:
    """Every place twice, once as an extract that lost its leading zero has it."""
    places: Sequence[tuple[str, str]] = (
        ("0301", "030101"), ("301", "30101"), ("0301", "030188"), ("4601", ""), ("301", ""),
    )  # fmt: skip
    draw = random.Random(3)
    return [
        {
            "data_year": year, "municipality_no": municipality, "bydel": bydel,
            "age": age, "sex": sex, "persons": draw.randrange(5_000),
        }
        for year in (2023, 2024)
        for municipality, bydel in places
        for age in (0, 17, 105)
        for sex in (1, 2)
    ]  # fmt: skip
