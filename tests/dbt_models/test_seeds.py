"""Code lists, maps and prices: whole, dated, and honest about what nobody could confirm."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from dbt_models import PROJECT_DIR
from synthetic.codes import BYDELER, ICD10, PROVISIONAL_KPR_CODES
from tests.dbt_models.seeds import codes, seed

SEEDS = sorted(path.stem for path in (PROJECT_DIR / "seeds").glob("*.csv"))
OSLO = {f"0301{number:02d}" for number in range(1, 18)}


@pytest.mark.parametrize("name", SEEDS)
def test_what_claims_a_standing_names_its_source(name: str) -> None:
    rows = seed(name)
    assert rows
    for row in rows:
        if "standing" in row:
            # configuration: nobody's publication, chosen or fitted by us, open to be replaced.
            assert row["standing"] in (
                "confirmed", "unconfirmed", "not_found", "configuration",
            ), row  # fmt: skip
            assert row["source"].strip(), row
        for bound in ("valid_from", "valid_to"):
            if row.get(bound):
                assert date.fromisoformat(row[bound])


def test_every_code_has_a_name_in_both_languages() -> None:
    for row in seed("code_list"):
        assert row["name_nb"].strip(), row
        assert row["name_en"].strip(), row
        assert row["standing"] in ("confirmed", "unconfirmed"), row


def test_the_lists_that_the_indicators_rest_on() -> None:
    assert set(codes("omsorgsniva")) == {"1", "2", "3", "8"}
    assert set(codes("innmateHast")) == {"1", "2", "3", "4", "5"}
    assert codes("innmateHast")["5"]["valid_from"] == "2016-01-01"
    assert codes("fagomrade")["500"]["valid_from"] == "2021-01-01"
    assert set(codes("fraSted")) == set(codes("tilSted"))
    assert {"11", "21"} < set(codes("tilSted"))
    assert set(codes("utTilstand")) == {"1", "2", "3"}
    assert set(codes("hdg")) == {*map(str, [*range(1, 20), *range(21, 25), 30, 40, 99])}
    assert set(codes("funksjon")) == {"1", "2", "3", "4", "5", "9"}
    assert set(codes("utfall")) == {"1", "2"}
    assert {row["standing"] for row in codes("utfall").values()} == {"unconfirmed"}


def test_old_care_codes_end_when_the_new_one_begins() -> None:
    care = codes("tjenestekode")
    recoded = {row["old_code"]: row for row in seed("recoded_service")}
    assert set(recoded) == {"12", "13"}
    for old, row in recoded.items():
        assert row["replaced_from"] == care[row["new_code"]]["valid_from"]
        last_day = date.fromisoformat(care[old]["valid_to"])
        assert last_day + timedelta(days=1) == date.fromisoformat(row["replaced_from"])
    assert not set(recoded) & {row["new_code"] for row in recoded.values()}


def test_numbers_that_were_not_found_are_unconfirmed_everywhere() -> None:
    service = {
        row["service_code"]: row for row in seed("service") if row["register"] == "kpr-omsorg"
    }
    for code in map(str, range(22, 29)):
        assert codes("tjenestekode")[code]["standing"] == "unconfirmed"
        assert service[code]["standing"] == "unconfirmed"
    for code in map(str, PROVISIONAL_KPR_CODES):
        assert service[code]["source"].startswith("provisional")
        assert not service[code]["service"].startswith("unconfirmed")
        assert codes("tjenestekode")[code]["name_nb"] == service[code]["name_nb"]


def test_every_code_that_a_contract_allows_has_a_service() -> None:
    named = [(row["register"], row["service_code"]) for row in seed("service")]
    recoded = {row["old_code"] for row in seed("recoded_service")}
    assert len(named) == len(set(named))
    assert {code for register, code in named if register == "kuhr"} == set(codes("tjenestetype"))
    care = {code for register, code in named if register == "kpr-omsorg"}
    assert care == set(codes("tjenestekode")) - recoded
    assert all(r["service"] and r["name_nb"] and r["name_en"] for r in seed("service"))


def test_tariffs_stand_for_known_kinds_with_one_rank_each() -> None:
    ranks: dict[str, set[str]] = {}
    for row in seed("tariff_contact_type"):
        assert row["match"] in ("exact", "prefix")
        assert row["tariff"] == row["tariff"].lower()
        ranks.setdefault(row["contact_type"], set()).add(row["rank"])
    assert set(ranks) == set(codes("kontakttype_kuhr")) - {"0"}
    assert all(len(of_type) == 1 for of_type in ranks.values())
    assert len({*set().union(*ranks.values())}) == len(ranks)


def trust_of(bydel: str, sector: str, day: date) -> str:
    found = [
        row["hospital_trust"]
        for row in seed("bydel_sector")
        if (row["bydel"], row["sector"]) == (bydel, sector)
        and (row["valid_from"] or "0001-01-01") <= day.isoformat()
        and day.isoformat() <= (row["valid_to"] or "9999-12-31")
    ]
    (trust,) = found
    return trust


@pytest.mark.parametrize("day", [date(2015, 1, 1), date(2025, 12, 31), date(2026, 1, 1)])
@pytest.mark.parametrize("sector", ["somatic", "psychiatry"])
def test_every_bydel_has_one_trust_on_any_day(sector: str, day: date) -> None:
    assert {row["bydel"] for row in seed("bydel_sector")} == OSLO
    assert {row["code"] for row in seed("bydel")} == OSLO | {"030199"}
    assert set(BYDELER) < OSLO
    for bydel in OSLO:
        moved = (bydel, sector) == ("030112", "somatic") and day.year >= 2026
        before = trust_of(bydel, sector, date(2015, 1, 1))
        assert trust_of(bydel, sector, day) == ("ous" if moved else before)


def test_the_somatic_sectors_before_2026() -> None:
    sectors: dict[str, set[int]] = {}
    for bydel in OSLO:
        trust = trust_of(bydel, "somatic", date(2025, 12, 31))
        sectors.setdefault(trust, set()).add(int(bydel[-2:]))
    assert sectors == {
        "ahus": {10, 11, 12},
        "diakonhjemmet": {5, 6, 7},
        "lovisenberg": {1, 2, 4},
        "ous": {3, 8, 9, 13, 14, 15, 16, 17},
    }


def test_a_proposed_change_is_a_note_and_not_a_row() -> None:
    noted = {row["bydel"] for row in seed("bydel_sector") if "proposed" in row["note"]}
    assert noted == {"030110", "030111"}
    assert trust_of("030110", "somatic", date(2040, 1, 1)) == "ahus"


def test_an_unknown_price_is_empty_and_says_so() -> None:
    for row in seed("price"):
        assert (row["amount"] == "") == (row["standing"] == "not_found"), row
        assert row["amount"] == "" or float(row["amount"]) > 0, row
        assert row["unit"], row
    price = {(row["item"], row["year"]): row for row in seed("price")}
    assert price["discharge_ready_day", "2025"]["amount"] == "5981"
    assert price["isf_unit_price", "2025"]["amount"] == ""
    assert price["isf_share", "2021"]["standing"] == "unconfirmed"


def groups_of(diagnosis: str) -> set[str]:
    return {
        row["diagnosis_group"]
        for row in seed("diagnosis_group")
        if row["code_from"] <= diagnosis[: len(row["code_from"])] <= row["code_to"]
    }


def test_the_diagnosis_groups_are_eleven_and_apart() -> None:
    rows = seed("diagnosis_group")
    assert len({row["diagnosis_group"] for row in rows}) == 11
    assert all(len(row["code_from"]) == len(row["code_to"]) for row in rows)
    # As wide as the widest code of its length can be: I50 lies beside I509, never inside I42.
    spans = sorted((row["code_from"].ljust(4, "0"), row["code_to"].ljust(4, "9")) for row in rows)
    for (_, before), (after, _) in pairwise(spans):
        assert before < after
    assert all(start <= end for start, end in spans)


@pytest.mark.parametrize(
    ("diagnosis", "groups"),
    [
        ("I500", {"heart_failure"}), ("I424", set()), ("I425", {"heart_failure"}),
        ("I110", set()), ("I119", {"heart_failure"}), ("J441", {"asthma_copd"}), ("J480", set()),
        ("J189", {"pneumonia"}), ("J111", set()), ("S720", {"fracture"}), ("S730", set()),
        ("N309", {"urinary_tract_infection"}), ("N310", set()), ("K590", {"constipation"}),
        ("K591", set()), ("I620", set()), ("I639", {"stroke"}), ("M109", {"gout_joint_disease"}),
        ("M140", set()), ("A099", {"gastroenteritis"}), ("E86", {"dehydration"}),
        ("D539", {"iron_deficiency_anaemia"}),
    ],
)  # fmt: skip
def test_the_bounds_of_the_diagnosis_groups(diagnosis: str, groups: set[str]) -> None:
    assert groups_of(diagnosis) == groups


def test_no_code_of_the_generator_is_in_two_groups() -> None:
    found = {code: groups_of(code) for code in ICD10}
    assert max(map(len, found.values())) == 1
    assert set().union(*found.values()) == {r["diagnosis_group"] for r in seed("diagnosis_group")}


def test_every_area_is_in_one_sector_or_one_region_of_a_year() -> None:
    """And the sectors are those of `bydel_sector`, whose short form `area_group` is."""
    areas = {row["area"] for row in seed("area")}
    for year in range(2020, 2030):
        of_year = [
            (row["area_group"], row["area"])
            for row in seed("area_group")
            if int(row["year_from"] or 0) <= year <= int(row["year_to"] or 9999)
        ]
        assert len(of_year) == len(set(of_year))
        coarse = [area for group, area in of_year if not group.startswith("sector_")]
        assert sorted(coarse) == sorted(areas)
        sectors = {
            area: group.removeprefix("sector_")
            for group, area in of_year
            if group.startswith("sector_")
        }
        assert sectors == {
            row["bydel"]: row["hospital_trust"]
            for row in seed("bydel_sector")
            if row["sector"] == "somatic"
            and int(row["valid_from"][:4] or 0) <= year <= int(row["valid_to"][:4] or 9999)
        }
