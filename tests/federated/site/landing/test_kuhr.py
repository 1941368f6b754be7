"""KPR-KUHR: three files that belong together; and the municipal services of `kpr-omsorg`."""

from datetime import date

import duckdb
import pytest

from federated.site.landing import Period, StatedPeriod, ingest
from privacy.problem import Problem

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 4, 30))


def claim(number: int, **cells: str) -> dict[str, str]:
    return {
        "enkeltregning_lnr": f"R{number}",
        "kpr_lnr": "P1",
        "aar": "2024",
        "dato": "2024-02-03",
        "tjenestetype": "1",
    } | cells


def diagnosis(number: int, **cells: str) -> dict[str, str]:
    return {
        "enkeltregning_lnr": f"R{number}",
        "diagnoseKode": "K77",
        "diagnoseTabell": "1",
        "erHoveddiagnose": "1",
    } | cells


def tariff(number: int, **cells: str) -> dict[str, str]:
    return {"enkeltregning_lnr": f"R{number}", "takstKode": "2ad", "antall": "1"} | cells


@pytest.fixture
def folder(write_csv):
    write_csv("kuhr/regning.csv", [claim(1), claim(2, dato="x"), claim(1, kpr_lnr="P2")])
    write_csv(
        "kuhr/KUHR_diagnose_2024.csv",
        [diagnosis(1), diagnosis(1, diagnoseKode="A04"), diagnosis(2), diagnosis(3)],
    )
    return write_csv(
        "kuhr/takst.csv", [tariff(1), tariff(2, antall="-1"), tariff(1, takstKode="")]
    ).parent


def test_claims_diagnoses_and_tariffs_land_together(site, folder, query):
    report = ingest(site, "kuhr", folder, stated=STATED)
    assert (report.rows_in, report.rows_landed, report.rows_quarantined) == (10, 4, 6)
    assert query(site, "select claim_id, person_id, file from landing.kuhr_claim") == [
        ("R1", "P1", "regning.csv")
    ]
    assert query(
        site, "select diagnosis, row_number, file from landing.kuhr_diagnosis order by 2"
    ) == [("K77", 1, "KUHR_diagnose_2024.csv"), ("A04", 2, "KUHR_diagnose_2024.csv")]
    assert query(site, "select tariff, quantity from landing.kuhr_tariff") == [("2ad", 1)]
    assert query(
        site,
        "select table_name, row_number, reasons from quarantine.rejected_row order by 1, 2",
    ) == [
        ("kuhr_claim", 2, ["broken_date:dato"]),
        ("kuhr_claim", 3, ["duplicate:enkeltregning_lnr"]),
        ("kuhr_diagnosis", 3, ["no_such_claim"]),
        ("kuhr_diagnosis", 4, ["no_such_claim"]),
        ("kuhr_tariff", 2, ["out_of_range:antall", "no_such_claim"]),
        ("kuhr_tariff", 3, ["missing:takstKode"]),
    ]
    assert report.reasons["no_such_claim"] == 3


def test_parquet_and_csv_may_be_mixed(site, folder):
    takst = folder / "takst.csv"
    duckdb.execute(f"copy (from read_csv('{takst}')) to '{folder / 'takst.parquet'}'")
    takst.unlink()
    assert ingest(site, "kuhr", folder, stated=STATED).rows_landed == 4


@pytest.mark.parametrize("part", ["regning", "diagnose", "takst"])
def test_a_missing_file_is_named(site, folder, part):
    [file] = folder.glob(f"*{part}*")
    file.unlink()
    with pytest.raises(Problem, match=f"the file `{part}` is missing"):
        ingest(site, "kuhr", folder, stated=STATED)


def test_the_period_comes_from_the_claims_where_nobody_states_it(site, folder):
    assert ingest(site, "kuhr", folder).period == Period(date(2024, 1, 1), date(2024, 2, 3))


def test_municipal_services(site, write_csv, query):
    sound = {
        "tjeneste_lnr": "T1",
        "kpr_lnr": "P1",
        "aar": "2024",
        "tjenestekode": "15",
        "startdato": "2023-11-01",
        "stoppdato": "",
        "timer_uke": "3,5",
        "doddato": "",
    }
    rows = [
        sound,
        sound | {"tjeneste_lnr": "T2", "stoppdato": "2023-10-31"},
        sound | {"tjeneste_lnr": "T3", "timer_uke": "169"},
        sound | {"tjeneste_lnr": "T4", "stoppdato": "2024-01-01", "timer_uke": ""},
        sound | {"tjeneste_lnr": "T5", "stoppdato": "2023-12-31"},
        sound | {"tjeneste_lnr": "T6", "startdato": "2024-05-01"},
        sound | {"tjeneste_lnr": "T7", "startdato": "2025-01-01"},
        sound | {"tjeneste_lnr": "T8", "doddato": "2023-12-31"},
        sound | {"tjeneste_lnr": "T9", "doddato": "2024-01-01"},
        sound | {"aar": "2025"},
        sound | {"timer_uke": "4"},
    ]
    report = ingest(site, "kpr-omsorg", write_csv("kpr.csv", rows, delimiter=";"), stated=STATED)
    assert report.reasons == {
        "dead_before_year": 1,
        "duplicate:tjeneste_lnr": 1,
        "out_of_range:timer_uke": 1,
        "outside_period": 4,  # T2 and T5 ended before it; T6 and T7 begin after it
        "start_after_year": 1,
        "stop_before_start": 1,
        "stop_before_year": 2,
    }
    assert query(
        site, "select service_id, hours_per_week, ended_on from landing.kpr_care order by 1"
    ) == [
        ("T1", 3.5, None),
        ("T1", 3.5, None),  # the same service in another data year
        ("T4", None, date(2024, 1, 1)),
        ("T9", 3.5, None),
    ]
