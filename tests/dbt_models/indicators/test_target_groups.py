"""The four patient groups at hospitals, and multiple chronic conditions across the levels."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_models.indicators import groups_populations as drawn
from tests.dbt_models.indicators.test_groups import contact, stay
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Landing, Workbench
from tests.examples import examples
from tests.reference import target_groups as reference
from tests.reference.atoms import Unit, atom_rows
from tests.reference.tokens import index_tokens

Row = dict[str, Any]
DELIVERED = (date(2022, 1, 1), date(2024, 12, 31))
DATA_END = datetime(2025, 1, 1)
READMISSION, ACSC = "atom_target_group_readmission", "atom_target_group_acsc"
PRIMARY, CONTACTS = "atom_multiple_chronic_conditions_primary", "atom_multiple_chronic_contacts"
HOSPITAL_TOKEN = "tok_hospital_group_year"


def claims_of(landing: Landing) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    tables = ("kuhr_claim", "kuhr_diagnosis", "kuhr_tariff")
    claims, diagnoses, tariffs = (landing.get(name, []) for name in tables)
    return claims, diagnoses, tariffs


def readmission(landing: Landing) -> list[Unit]:
    return reference.target_group_readmission(landing["npr_stay"], DATA_END)


def acsc(landing: Landing) -> list[Unit]:
    return reference.target_group_acsc(landing["npr_stay"])


def primary(landing: Landing) -> list[Unit]:
    return reference.multiple_chronic_conditions_primary(*claims_of(landing)[:2])


def contacts(landing: Landing) -> list[Unit]:
    return reference.multiple_chronic_contacts(*claims_of(landing))


ATOMS: dict[str, tuple[Callable[[Landing], list[Unit]], int, int]] = {
    READMISSION: (readmission, 4, 8),
    ACSC: (acsc, 4, 8),
    PRIMARY: (primary, 1, 1),
    CONTACTS: (contacts, 1, 2),
}
AT_HOSPITALS: tuple[str, ...] = (READMISSION, ACSC, HOSPITAL_TOKEN)
BY_CLAIMS: tuple[str, ...] = (PRIMARY, CONTACTS, "tok_gp_contact_year", "tok_legevakt_contact_year")


def expected(model: str, landing: Landing) -> list[tuple[object, ...]]:
    if model in ATOMS:
        units, per_cell, total = ATOMS[model]
        return sorted(atom_rows(units(landing), per_cell, total), key=repr)
    if model == HOSPITAL_TOKEN:
        return index_tokens(reference.hospital_group_years(landing["npr_stay"]), 1)
    claims, _, tariffs = claims_of(landing)
    service = "gp" if model == "tok_gp_contact_year" else "legevakt"
    return sorted(reference.contact_tokens(claims, tariffs, service), key=repr)


def built(
    workbench: Workbench, model: str, landing: Landing, changed: Mapping[str, str] | None = None
) -> list[tuple[object, ...]]:
    workbench.land(landing, DELIVERED)
    return workbench.rows(model, changed=changed)


# Populations: row for row as the reference.

ACSC_CODES = ("J449", "I500", "E119", "N10")
TARIFFS = ("2ad", "2ad", "11ad", "1ad", "1f", "2fk", "L1", "701a")
ICPC = ("T90", "T90", "T89.01", "K86", "R95", "P72", "P76", "K77", "A04", "R74", "U99", "T901")


def hospital(draw: Random, persons: int) -> Landing:
    """Of the patient groups' own populations, some acute stays for a condition on the ACSC list."""
    rows = drawn.hospital_contacts(draw, persons)
    for row in rows:
        if draw.choice((False, False, True)):
            row["main_diagnosis"] = draw.choice(ACSC_CODES)
    return {"npr_stay": rows}


def claims(draw: Random, persons: int) -> Landing:
    found: dict[str, list[Row]] = {"kuhr_claim": [], "kuhr_diagnosis": [], "kuhr_tariff": []}
    for person in range(persons):
        birth_year, home = draw.choice((*drawn.BIRTH_YEARS, 1940, 1975)), drawn.place(draw)
        favourites = [draw.choice(ICPC) for _ in range(draw.choice((1, 2, 4)))]
        day = draw.choice(drawn.MOMENTS).date()
        for number in range(draw.choice((1, 2, 4, 8, 60))):
            day = min(day + timedelta(draw.choice((0, 1, 1, 3, 20))), DELIVERED[1])
            claim = f"{person}-{number}"
            slips = draw.choice((False, False, False, False, True))
            row: Row = {
                "claim_id": claim,
                "person_id": f"p{person}",
                "data_year": day.year,
                "claim_date": day,
                "service_type": draw.choice((1, 1, 1, 2, 2, 3)),
                "birth_year": draw.choice(drawn.BIRTH_YEARS) if slips else birth_year,
            }
            found["kuhr_claim"].append(row | (drawn.place(draw) if slips else home))
            found["kuhr_diagnosis"] += [
                {
                    "claim_id": claim,
                    "diagnosis": draw.choice(favourites),
                    "code_system": draw.choice((1, 1, 1, 2, 3, None)),
                    "code_number": place,
                    "is_main": place == 1,
                }
                for place in range(1, draw.choice((1, 2, 3, 4)))
            ]
            found["kuhr_tariff"] += [
                {"claim_id": claim, "tariff": draw.choice(TARIFFS), "quantity": 1}
                for _ in range(draw.choice((0, 1, 1, 2)))
            ]
    return found


@pytest.fixture(scope="module")
def many() -> dict[str, Landing]:
    at_hospital, by_claims = hospital(Random(51), 300), claims(Random(52), 300)
    return dict.fromkeys(AT_HOSPITALS, at_hospital) | dict.fromkeys(BY_CLAIMS, by_claims)


@pytest.mark.parametrize("model", (*AT_HOSPITALS, *BY_CLAIMS))
def test_many_persons_equal_the_reference(
    workbench: Workbench, many: dict[str, Landing], model: str
) -> None:
    assert built(workbench, model, many[model]) == expected(model, many[model])


SOME = settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SOME
@given(draw=st.randoms(use_true_random=False))
def test_any_patients_equal_the_reference(workbench: Workbench, draw: Random) -> None:
    landing = hospital(draw, 3)
    for model in AT_HOSPITALS:
        assert built(workbench, model, landing) == expected(model, landing), model


@SOME
@given(draw=st.randoms(use_true_random=False))
def test_any_claims_equal_the_reference(workbench: Workbench, draw: Random) -> None:
    landing = claims(draw, 3)
    for model in BY_CLAIMS:
        assert built(workbench, model, landing) == expected(model, landing), model


def test_the_population_reaches_every_branch(many: dict[str, Landing]) -> None:
    """Else the comparison above would prove less than it says."""
    groups = {row["target_group"] for row in seed("target_group")}
    for model, atoms in (
        (READMISSION, {"readmitted", "not_readmitted"}),
        (ACSC, {"acsc", "other"}),
    ):
        units, per_cell, total = ATOMS[model]
        found = units(many[model])
        assert {(unit.cell[0], unit.atom) for unit in found} == {
            (group, atom) for group in groups for atom in atoms
        }
        assert {row[-1] for row in atom_rows(found, per_cell, total)} == {True, False}
    assert {unit.atom for unit in primary(many[PRIMARY])} == {"one", "two", "three_or_more"}
    found = contacts(many[CONTACTS])
    assert {(unit.cell[0], unit.atom) for unit in found} == {
        (service, atom)
        for service in ("gp", "legevakt")
        for atom in ("none", "one_to_two", "three_to_five", "six_to_eleven", "twelve_or_more")
    }
    buckets = {row[2].split("/")[0] for row in reference.hospital_group_years(
        many[HOSPITAL_TOKEN]["npr_stay"])}  # fmt: skip
    assert buckets == {"multiple_chronic", "severe_mental_substance", "both"}


# Hand-worked. An acute stay from the 1st of March 2024 ends on the 10th of March.


def index(**fields: Any) -> Row:
    """An acute stay of a woman of 60, without anything chronic."""
    usual: Row = {"admission_date": date(2024, 3, 1), "birth_year": 1964, "main_diagnosis": "R104"}
    return stay("index", "2024-03-10", **(usual | fields))


def visit(number: str, on: str, *codes: str, **fields: Any) -> Row:
    named = dict(zip(("main_diagnosis", "other_diagnosis_1"), codes, strict=False))
    usual: Row = {"birth_year": 1964, "sector": "4", "other_diagnosis_1": None}
    return contact(number, on, **(usual | named | fields))


# Contacts, groups at the discharge, and groups on the day before the admission.
MEMBERS: dict[str, tuple[list[Row], set[str], set[str]]] = {
    "nothing": ([index()], set(), set()),
    "a child": ([index(birth_year=2007)], {"children_young"}, {"children_young"}),
    "18 is no child": ([index(birth_year=2006)], set(), set()),
    "two conditions at one visit": (
        [index(), visit("a", "2023-11-01", "E119", "I109")],
        {"multiple_chronic"},
        {"multiple_chronic"},
    ),
    "two codes of one condition": ([index(), visit("a", "2023-11-01", "E119", "E109")], set(),
                                   set()),
    "two conditions at two visits": (
        [index(), visit("a", "2023-11-01", "E119"), visit("b", "2023-12-01", "J449")],
        {"multiple_chronic"},
        {"multiple_chronic"},
    ),
    "one of them the stay's own": (
        [index(main_diagnosis="I500"), visit("a", "2023-11-01", "E119")],
        {"multiple_chronic"},
        set(),
    ),
    "psychosis as main diagnosis": (
        [index(), visit("a", "2023-11-01", "F200")],
        {"severe_mental_substance"},
        {"severe_mental_substance"},
    ),
    "psychosis as other diagnosis": ([index(), visit("a", "2023-11-01", "Z039", "F200")], set(),
                                     set()),
    "both": (
        [index(), visit("a", "2023-11-01", "F102", "E119"), visit("b", "2023-12-01", "J449")],
        {"severe_mental_substance", "multiple_chronic"},
        {"severe_mental_substance", "multiple_chronic"},
    ),
    # 365 days before the 10th of March 2024 is the 11th of March 2023; before the 29th of
    # February, the 1st of March 2023.
    "365 days before the discharge": ([index(), visit("a", "2023-03-11", "F200")],
                                      {"severe_mental_substance"}, {"severe_mental_substance"}),
    "366 days before the discharge": ([index(), visit("a", "2023-03-10", "F200")], set(),
                                      {"severe_mental_substance"}),
    "365 days before the day before": ([index(), visit("a", "2023-03-01", "F200")], set(),
                                       {"severe_mental_substance"}),
    "366 days before the day before": ([index(), visit("a", "2023-02-28", "F200")], set(), set()),
    "on the day of admission": ([index(), visit("a", "2024-03-01", "F200")],
                                {"severe_mental_substance"}, set()),
    "after the discharge": ([index(), visit("a", "2024-03-11", "F200")], set(), set()),
    "frail at 80: 7.1 points from a stay": (
        [index(birth_year=1944),
         visit("a", "2022-06-01", "F009", care_level=1, birth_year=1944)],
        {"frail_elderly"},
        {"frail_elderly"},
    ),
    "7.1 points at an outpatient visit are none": (
        [index(birth_year=1944), visit("a", "2023-06-01", "F009", birth_year=1944)], set(), set(),
    ),
    "7.1 points at 74": (
        [index(birth_year=1950),
         visit("a", "2023-06-01", "F009", care_level=1, birth_year=1950)], set(), set(),
    ),
    "4.4 points": (
        [index(birth_year=1944),
         visit("a", "2023-06-01", "G819", care_level=1, birth_year=1944)], set(), set(),
    ),
    "two years before is too early": (
        [index(birth_year=1944),
         visit("a", "2022-03-10", "F009", care_level=1, birth_year=1944)],
        set(),
        {"frail_elderly"},
    ),
}  # fmt: skip


def of_index(rows: Sequence[tuple[object, ...]]) -> set[str]:
    return {str(row[0]).rpartition("/")[2] for row in rows if str(row[0]).startswith("p/index/")}


@pytest.mark.parametrize("case", MEMBERS)
def test_who_is_in_a_group(workbench: Workbench, case: str) -> None:
    rows, at_discharge, before_admission = MEMBERS[case]
    landing: Landing = {"npr_stay": rows}
    assert of_index(built(workbench, READMISSION, landing)) == at_discharge
    assert of_index(built(workbench, ACSC, landing)) == before_admission


CHILD = {"birth_year": 2014}


def back(on: str, **fields: Any) -> Row:
    day = date.fromisoformat(on)
    dates = {"admission_date": day, "discharge_date": day + timedelta(1)}
    return index(**(CHILD | {"episode_id": "back"} | dates | fields))


@pytest.mark.parametrize(
    ("rows", "atom"),
    [
        ([index(**CHILD)], "not_readmitted"),
        ([index(**CHILD), back("2024-04-09")], "readmitted"),  # 30 days, midnight to midnight
        ([index(**CHILD), back("2024-04-10")], "not_readmitted"),
        ([index(**CHILD), back("2024-03-20", urgency=4)], "not_readmitted"),
        ([index(**CHILD, state_at_discharge=2)], None),
        ([index(**CHILD, link_quality=4)], None),
    ],
)
def test_readmission_of_a_group(workbench: Workbench, rows: list[Row], atom: str | None) -> None:
    found = built(workbench, READMISSION, {"npr_stay": rows})
    of = [row[2:] for row in found if row[0] == "p/index/children_young"]
    assert of == ([("2024", "children_young", "sector_lovisenberg", atom, True)] if atom else [])


@pytest.mark.parametrize(
    ("fields", "atom"),
    [
        ({"main_diagnosis": "J449"}, "acsc"),
        ({"main_diagnosis": "R104"}, "other"),
        ({"main_diagnosis": None}, None),
        ({"main_diagnosis": "J449", "urgency": 4}, None),
        ({"main_diagnosis": "J449", "link_quality": 4}, None),
    ],
)
def test_acsc_of_a_group(workbench: Workbench, fields: Row, atom: str | None) -> None:
    found = built(workbench, ACSC, {"npr_stay": [index(**CHILD, **fields)]})
    assert [row[2:] for row in found] == (
        [("2024", "children_young", "sector_lovisenberg", atom, True)] if atom else []
    )


# Claims, by hand.


def claim(number: int, on: str, service: int = 1, **fields: Any) -> Row:
    day = date.fromisoformat(on)
    return {
        "claim_id": f"k{number}", "person_id": "p", "data_year": day.year, "claim_date": day,
        "service_type": service, "birth_year": 1964, "municipality_no": "0301", "bydel": "030101",
    } | fields  # fmt: skip


def landed(*claims: tuple[Row, Sequence[str], Sequence[str]], system: int = 1) -> Landing:
    """Claims, each with its diagnoses and tariffs."""
    return {
        "kuhr_claim": [row for row, _, _ in claims],
        "kuhr_diagnosis": [
            {"claim_id": row["claim_id"], "diagnosis": code, "code_system": system,
             "code_number": n, "is_main": n == 1}
            for row, codes, _ in claims
            for n, code in enumerate(codes, 1)
        ],
        "kuhr_tariff": [
            {"claim_id": row["claim_id"], "tariff": tariff, "quantity": 1}
            for row, _, tariffs in claims
            for tariff in tariffs
        ],
    }  # fmt: skip


MET = ["2ad"]
CLAIMS: dict[str, tuple[Landing, list[tuple[str, str, str]]]] = {
    "one condition": (landed((claim(1, "2024-05-01"), ["T90"], MET)), [("18-66", "030101", "one")]),
    "two on one claim, one of them not the main one": (
        landed((claim(1, "2024-05-01"), ["R74", "T90", "K86"], MET)),
        [("18-66", "030101", "two")],
    ),
    "two codes of one condition": (
        landed((claim(1, "2024-05-01"), ["K74"], MET), (claim(2, "2024-06-01"), ["K76"], MET)),
        [("18-66", "030101", "one")],
    ),
    "three, at GP and legevakt, area and age by the last": (
        landed(
            (claim(1, "2024-05-01"), ["T90", "K86"], MET),
            (claim(2, "2024-06-01", 2, bydel="030112", birth_year=1949), ["R95"], []),
        ),
        [("75-84", "030112", "three_or_more")],
    ),
    "a kind of it in ICPC-2B": (
        landed((claim(1, "2024-05-01"), ["T90.0001"], MET), system=2),
        [("18-66", "030101", "one")],
    ),
    "the same letters in another classification": (
        landed((claim(1, "2024-05-01"), ["T90"], MET), system=3),
        [],
    ),
    "a physiotherapist's claim": (landed((claim(1, "2024-05-01", 3), ["T90"], MET)), []),
    "a complaint": (landed((claim(1, "2024-05-01"), ["A04"], MET)), []),
    "unknown age": (landed((claim(1, "2024-05-01", birth_year=9999), ["T90"], MET)), []),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_chronic_conditions_by_claims(workbench: Workbench, case: str) -> None:
    landing, wanted = CLAIMS[case]
    found = built(workbench, PRIMARY, landing)
    assert [row[3:6] for row in found] == wanted


ILL = (claim(0, "2024-02-01"), ["T90", "K86"], MET)
USED: dict[str, tuple[Landing, dict[str, str]]] = {
    "the day that showed it": (landed(ILL), {"gp": "one_to_two", "legevakt": "none"}),
    "two claims of a day are one day": (
        landed(ILL, (claim(1, "2024-02-01"), [], MET), (claim(2, "2024-02-02"), [], ["11ad"])),
        {"gp": "one_to_two", "legevakt": "none"},
    ),
    "three days": (
        landed(ILL, *((claim(n, f"2024-03-0{n}"), [], MET) for n in (1, 2))),
        {"gp": "three_to_five", "legevakt": "none"},
    ),
    "simple contacts are none": (
        landed(ILL, *((claim(n, f"2024-03-0{n}"), [], ["1ad"]) for n in (1, 2))),
        {"gp": "one_to_two", "legevakt": "none"},
    ),
    "at legevakt every claim is": (
        landed(ILL, *((claim(n, f"2024-03-0{n}", 2), [], ["1ad"]) for n in range(1, 7))),
        {"gp": "one_to_two", "legevakt": "six_to_eleven"},
    ),
    "twelve days": (
        landed(ILL, *((claim(n, f"2024-03-{n:02}"), [], MET) for n in range(1, 12))),
        {"gp": "twelve_or_more", "legevakt": "none"},
    ),
    "next year is another": (
        landed(ILL, *((claim(n, f"2025-03-0{n}"), [], MET) for n in (1, 2))),
        {"gp": "one_to_two", "legevakt": "none"},
    ),
    "one condition is not multiple": (landed((claim(0, "2024-02-01"), ["T90"], MET)), {}),
}


@pytest.mark.parametrize("case", USED)
def test_contacts_of_the_chronically_ill(workbench: Workbench, case: str) -> None:
    landing, wanted = USED[case]
    found = [row for row in built(workbench, CONTACTS, landing) if row[2] == "2024"]
    assert {row[3]: row[5] for row in found} == wanted


# Tokens, by hand: what the linkage counts.


def test_tokens_meet_on_the_first_day_of_the_year(workbench: Workbench) -> None:
    """p has diabetes and COPD at the hospital, and was at the GP on three days and at legevakt on
    one; q has psychosis, too, and was nowhere; r was at the GP only.
    """
    at_hospital = [
        visit("a", "2024-02-01", "E119"), visit("b", "2024-09-01", "J449"),
        visit("c", "2024-02-01", "F200", "E119", person_id="q"),
        visit("d", "2024-03-01", "J449", person_id="q"),
        visit("e", "2024-03-01", "F102", person_id="s"),
        visit("f", "2024-03-01", "E119", person_id="t"),
    ]  # fmt: skip
    found = built(workbench, HOSPITAL_TOKEN, {"npr_stay": at_hospital})
    first = date(2024, 1, 1)
    assert found == [
        ("p", first, "2024", "multiple_chronic/18-66", True),
        ("q", first, "2024", "both/18-66", True),
        ("s", first, "2024", "severe_mental_substance/18-66", True),
    ]
    by_claims = landed(
        *((claim(n, f"2024-03-0{n}"), [], MET) for n in (1, 2, 3)),
        (claim(4, "2024-03-05", 2), [], []),
        (claim(5, "2024-03-05", person_id="r"), [], MET),
    )
    at_gp = built(workbench, "tok_gp_contact_year", by_claims)
    assert at_gp == [("p", first, "gp", "3-5"), ("r", first, "gp", "1-2")]
    assert built(workbench, "tok_legevakt_contact_year", by_claims) == [
        ("p", first, "legevakt", "1-2")
    ]
    index_side = {(person, day) for person, day, *_ in found}
    assert index_side & {(person, day) for person, day, *_ in at_gp} == {("p", first)}


# Seeds.


def test_icpc_conditions_are_the_hospitals(workbench: Workbench) -> None:
    del workbench
    names = {row["condition"] for row in seed("chronic_condition_icpc")}
    assert names == {row["condition"] for row in seed("chronic_condition_code")}
    codes = [row["code"] for row in seed("chronic_condition_icpc")]
    assert len(codes) == len(set(codes))
    assert all(len(code) == 3 and code[0].isupper() and code[1:].isdigit() for code in codes)
    # ICPC-2: 01-29 are complaints, 30-69 processes, 70 and up diagnoses.
    substances = {row["code"] for row in seed("chronic_condition_icpc")
                  if row["condition"] == "substance_use"}  # fmt: skip
    assert {code for code in codes if int(code[1:]) < 70} == substances


def test_buckets_and_bands_are_whole() -> None:
    buckets = [(row["hospital_group"], row["age_group"]) for row in seed("hospital_group_age")]
    ages = [row["age_group"] for row in seed("age_group")]
    groups = ("multiple_chronic", "severe_mental_substance", "both")
    assert buckets == [(group, age) for group in groups for age in ages]
    assert all(r["bucket"] == f"{r['hospital_group']}/{r['age_group']}"
               for r in seed("hospital_group_age"))  # fmt: skip
    days = [n for row in seed("contact_band")
            for n in range(int(row["days_from"]), int(row["days_to"]) + 1)]  # fmt: skip
    assert days == list(range(1, 367))
    services = {row["service"] for row in seed("service") if row["register"] == "kuhr"}
    assert {row["service"] for row in seed("contact_service")} <= services


# A rule that is changed is noticed.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "place", "right", "wrong"),
    [
        (READMISSION, "int_target_group_stay", "between 0 and 17", "between 0 and 18"),
        (READMISSION, "int_target_group_stay", "count(distinct earlier.condition) >= 2",
         "count(earlier.condition) >= 2"),
        (READMISSION, "int_target_group_stay", "between happened.until_day - 365",
         "between happened.until_day - 364"),
        (READMISSION, "int_target_group_stay", "interval 2 years", "interval 1 year"),
        (READMISSION, "int_target_group_stay", "where happened.age >= 75",
         "where happened.age >= 74"),
        (READMISSION, "int_target_group_stay", "where is_alive and", "where"),
        (READMISSION, "int_chronic_day", "where contact.is_linkable", "where true"),
        (READMISSION, READMISSION, "interval 30 days", "interval 29 days"),
        (ACSC, "int_target_group_stay", "admitted_on - 1 as", "admitted_on as"),
        (ACSC, ACSC, "left join listed", "inner join listed"),
        (ACSC, ACSC, "and admission.main_diagnosis is not null", ""),
        (PRIMARY, "int_chronic_claim_patient", "code_system in (1, 2)",
         "code_system in (1, 2, 3)"),
        (PRIMARY, "int_chronic_claim_patient", "count(distinct listed.condition)",
         "count(listed.condition)"),
        (PRIMARY, "int_chronic_claim_patient", "arg_max_null(claim.area",
         "arg_min_null(claim.area"),
        (PRIMARY, "int_chronic_claim_patient", "used.diagnosis[1:3]", "used.diagnosis"),
        (CONTACTS, "int_primary_contact_year", "count(distinct contact_on)", "count(contact_on)"),
        (CONTACTS, "int_primary_contact_year", "and (service != 'gp' or contact_type in (3, 4))",
         ""),
        (CONTACTS, CONTACTS, "conditions >= 2", "conditions >= 1"),
        (CONTACTS, CONTACTS, "used.days <= 5", "used.days <= 6"),
        (HOSPITAL_TOKEN, HOSPITAL_TOKEN, "count(distinct condition.condition) >= 2",
         "count(distinct condition.condition) >= 1"),
        (HOSPITAL_TOKEN, HOSPITAL_TOKEN, "common.register = 'npr'", "common.register = 'kpr'"),
        (HOSPITAL_TOKEN, HOSPITAL_TOKEN, "else 'both'", "else 'multiple_chronic'"),
        ("tok_gp_contact_year", "tok_gp_contact_year", "'gp'", "'legevakt'"),
    ],
)  # fmt: skip
def test_a_changed_rule_is_noticed(
    workbench: Workbench, many: dict[str, Landing], model: str, place: str, right: str, wrong: str
) -> None:
    worked = {
        "npr_stay": [
            {**row, "person_id": f"{number}"}
            for number, (rows, *_) in enumerate(MEMBERS.values())
            for row in rows
        ]
    }
    landing = {table: [*rows, *worked.get(table, [])] for table, rows in many[model].items()}
    sql = workbench.models[place].sql
    assert right in sql
    found = built(workbench, model, landing, {place: sql.replace(right, wrong)})
    assert found != expected(model, landing)
