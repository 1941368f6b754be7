"""Deliveries of several parts and files; and the registers that are one small table."""

from datetime import date

import duckdb
import pytest

from federated.site.config import SiteKind
from federated.site.landing import Period, StatedPeriod, ingest
from federated.site.landing.source import part_of
from privacy.problem import Problem

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31))

CARE = {
    "tjeneste_lnr": "T1", "kpr_lnr": "P1", "aar": "2024", "tjenestekode": "15",
    "startdato": "2024-01-01",
}  # fmt: skip
FUNCTION = {
    "vurdering_lnr": "V1", "kpr_lnr": "P1", "aar": "2024", "vurdertDato": "2024-02-01",
    "funksjon_01": "3", "funksjon_02": "9",
}  # fmt: skip
CLAIM = {
    "enkeltregning_lnr": "R1", "kpr_lnr": "P1", "aar": "2024", "dato": "2024-02-03",
    "tjenestetype": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("register", "name", "part"),
    [
        ("npr", "uttrekk 2024.csv", "npr_stay"),
        ("npr", "notes.txt", None),
        ("kuhr", "regning-0003.csv.gz", "regning"),
        ("kuhr", "KUHR_TAKST_2024.sav", "takst"),
        ("kuhr", "annet.csv", None),
        ("kuhr", "regning_diagnose.csv", None),
        ("kpr-omsorg", "kpr_omsorg.csv", "tjeneste"),
        ("kpr-omsorg", "kpr-omsorg_funksjon.csv", "funksjon"),
        ("kpr-omsorg", "kpr_omsorg-tjeneste-01.parquet", "tjeneste"),
        ("kpr-omsorg", "2024.dta", "tjeneste"),
        ("synthea", "patients.csv", "patients"),
        ("synthea", "patients.csv.gz", None),
    ],
)
def test_a_file_s_name_tells_its_part(register, name, part):
    assert part_of(register, name) == part


def test_many_files_a_part_and_an_optional_part(site, write_csv, query):
    folder = write_csv("o/tjeneste-0000.csv", [CARE]).parent
    for n in (2, 3):
        write_csv(f"o/tjeneste-{n:04}.csv", [CARE | {"tjeneste_lnr": f"T{n}"}])
    care = ingest(site, "kpr-omsorg", folder, stated=STATED)
    assert (care.rows_in, care.rows_landed) == (3, 3)
    write_csv("o/funksjon.csv", [FUNCTION, FUNCTION | {"vurdering_lnr": "V2", "funksjon_01": "8"}])
    both = ingest(site, "kpr-omsorg", folder, stated=STATED)
    assert (both.outcome, both.rows_in, both.rows_landed) == ("replaced", 5, 4)
    assert both.reasons == {"not_in_domain:funksjon_01": 1}
    assert query(site, "select count(*) from landing.kpr_function") == [(1,)]


def test_the_one_required_part_may_be_a_single_file(site, write_csv):
    assert ingest(site, "kpr-omsorg", write_csv("2024.csv", [CARE]), stated=STATED).rows_landed == 1


def test_a_name_of_two_parts_is_refused(site, write_csv):
    folder = write_csv("k/regning.csv", [CLAIM]).parent
    write_csv("k/takst_og_diagnose.csv", [CLAIM])
    with pytest.raises(Problem, match="speaks of diagnose and takst") as problem:
        ingest(site, "kuhr", folder, stated=STATED)
    assert "mapping.yaml" in problem.value.mend


def test_a_file_that_no_part_claims_is_told(site, write_csv):
    folder = write_csv("k/regning.csv", [CLAIM]).parent
    write_csv("k/diagnose.csv", [{"enkeltregning_lnr": "R1", "diagnoseKode": "K77"}])
    write_csv("k/takst.csv", [{"enkeltregning_lnr": "R1", "takstKode": "2ad"}])
    write_csv("k/fastlege.csv", [{"a": "b"}])
    report = ingest(site, "kuhr", folder, stated=STATED)
    assert any("fastlege.csv was not read" in note for note in report.notes)


@pytest.mark.parametrize("kind", [SiteKind.MUNICIPALITY, SiteKind.REGISTER])
def test_the_claims_land_alike_at_a_municipality_and_at_a_register(
    make_site, write_csv, query, kind
):
    folder = write_csv("k/regning-0.csv", [CLAIM]).parent
    write_csv("k/regning-1.csv", [CLAIM | {"enkeltregning_lnr": "R2"}])
    write_csv("k/diagnose.csv", [{"enkeltregning_lnr": "R2", "diagnoseKode": "K77"}])
    write_csv("k/takst.csv", [{"enkeltregning_lnr": "R3", "takstKode": "2ad"}])
    site = make_site("holder").model_copy(update={"kind": kind})
    report = ingest(site, "kuhr", folder, stated=STATED)
    assert (report.rows_in, report.rows_landed) == (4, 3)
    assert report.reasons == {"no_such_claim": 1}
    assert query(site, "select claim_id from landing.kuhr_claim order by 1") == [("R1",), ("R2",)]


def test_a_key_file_lands_and_reports_persons_with_two_pseudonyms(site, write_csv, query):
    pairs = [("N1", "K1"), ("N2", "K2"), ("N2", "K3"), ("N3", "K4"), ("N4", "K4"), ("N1", "K1")]
    rows = [{"npr_lnr": npr, "kpr_lnr": kpr} for npr, kpr in pairs]
    source = write_csv("key.csv", rows, delimiter=";")
    report = ingest(site, "person-key", source, stated=STATED)
    assert (report.rows_landed, report.reasons) == (5, {"duplicate:npr_lnr": 1})
    assert [note for note in report.notes if "more than one" in note] == [
        "1 npr_lnr have more than one kpr_lnr: they landed, and are flagged where they are used.",
        "1 kpr_lnr have more than one npr_lnr: they landed, and are flagged where they are used.",
    ]
    newer = write_csv("key2.csv", rows[:1], delimiter=";")
    assert ingest(site, "person-key", newer, stated=STATED).outcome == "replaced"
    assert query(site, "select count(*) from landing.person_key") == [(1,)]


@pytest.mark.parametrize("register", ["person-key", "npr-ide"])
def test_where_no_column_tells_the_period_it_must_be_stated(site, write_csv, register):
    row = {"npr_lnr": "N", "kpr_lnr": "K", "lopenr": "N", "fodselsnummer": "1"}
    source = write_csv("key.csv", [row])
    with pytest.raises(Problem, match="period is not stated") as problem:
        ingest(site, register, source)
    assert "delivery.yaml" in problem.value.mend
    assert not site.folder.exists()


def test_months_of_beds_tell_their_period(site, write_csv):
    bed = {"institusjonID": "1", "aar": "2024", "maaned": "2", "omsorgsniva": "1", "senger": "10"}
    report = ingest(site, "kapasitet", write_csv("k.csv", [bed, bed | {"maaned": "4"}]))
    assert report.period == Period(date(2024, 2, 1), date(2024, 4, 30))


def test_fake_identities_of_a_synthetic_delivery_land(make_site, write_csv, query):
    from tests.federated.site.landing.test_national_id import VALID, number

    fake = number(month=5 + 80)
    site = make_site(declared_synthetic=True)
    rows = [{"lopenr": "P1", "fodselsnummer": fake}]
    report = ingest(site, "npr-ide", write_csv("ide.csv", rows), stated=STATED)
    assert (report.rows_landed, report.origin) == (1, "declared")
    real = write_csv("real.csv", [{"lopenr": "P1", "fodselsnummer": VALID}])
    with pytest.raises(Problem, match="column `fodselsnummer`"):
        ingest(site, "npr-ide", real, stated=STATED)


def test_identical_parquet_files_without_rows_are_no_twins(site, tmp_path, write_csv, npr_row):
    folder = write_csv("npr/a.csv", [npr_row(1)]).parent
    columns = ", ".join(f"'' as {name}" for name in npr_row())
    for name in ("b", "c"):
        duckdb.execute(f"copy (select {columns} limit 0) to '{folder / name}.parquet'")
    assert ingest(site, "npr", folder, stated=STATED).rows_in == 1
