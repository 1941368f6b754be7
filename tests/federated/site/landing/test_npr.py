"""The contract on NPR rows: what lands, what does not, and why."""

from datetime import date, time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from federated.site.landing import Period, StatedPeriod, ingest

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 10))


def test_a_sound_row_lands_typed_with_its_origin(site, write_csv, npr_row, query):
    report = ingest(site, "npr", write_csv("npr.csv", [npr_row()]), stated=STATED)

    assert (report.rows_in, report.rows_landed, report.rows_quarantined) == (1, 1, 0)
    assert report.outcome == "landed"
    assert report.period == Period(date(2024, 1, 1), date(2024, 12, 31))
    assert report.period_stated
    [row] = query(
        site,
        "select episode_id, care_level, admission_date, admission_time, drg_weight, bydel, "
        "death_date, urgency, delivery_id, file, row_number from landing.npr_stay",
    )
    assert row == (
        "E1", 1, date(2024, 3, 1), time(8, 30), 1.25, "030103", None, 1,
        report.delivery_id, "npr.csv", 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"lopenr": ""}, ["missing:lopenr"]),
        ({"lopenr": "   "}, ["missing:lopenr"]),
        ({"innDato": "2024-02-30"}, ["broken_date:innDato"]),
        ({"innDato": "30.02.2024"}, ["broken_date:innDato"]),
        ({"innDato": "03/01/2024"}, ["broken_date:innDato"]),
        ({"innDato": "01.03.24"}, ["broken_date:innDato"]),
        ({"innDato": "20240301"}, ["broken_date:innDato"]),
        ({"innDato": "2024-03-01 13:00:00"}, ["broken_date:innDato"]),
        ({"innDato": "1024-03-01"}, ["out_of_range:innDato"]),
        ({"dodDato": "x"}, ["broken_date:dodDato"]),
        ({"innTid": "25:00:00"}, ["broken_time:innTid"]),
        ({"innTid": "24:00:00"}, ["broken_time:innTid"]),
        ({"omsorgsniva": "4"}, ["not_in_domain:omsorgsniva"]),
        ({"omsorgsniva": "1.5"}, ["broken_number:omsorgsniva"]),
        ({"omsorgsniva": "99999999999"}, ["broken_number:omsorgsniva"]),
        ({"innmateHast": "9"}, ["not_in_domain:innmateHast"]),
        ({"korrvekt": "-1"}, ["out_of_range:korrvekt"]),
        ({"korrvekt": "1e999"}, ["broken_number:korrvekt"]),
        ({"korrvekt": "nan"}, ["broken_number:korrvekt"]),
        ({"korrvekt": "1.234,5"}, ["broken_number:korrvekt"]),
        ({"fodselsar": "1"}, ["out_of_range:fodselsar"]),
        ({"korrvekt": "12 34,5"}, ["broken_number:korrvekt"]),
        ({"innDato": "2023-12-30", "utDato": "2023-12-31"}, ["outside_period"]),
        ({"utDato": "2025-01-01"}, ["outside_period"]),
        ({"utDato": "2024-02-29"}, ["discharge_before_admission"]),
        ({"utDato": "2024-03-01", "utTid": "08:29:59"}, ["discharge_before_admission"]),
        (
            {"lopenr": "", "innDato": "x", "omsorgsniva": "7"},
            ["missing:lopenr", "not_in_domain:omsorgsniva", "broken_date:innDato"],
        ),
    ],
)
def test_a_broken_row_is_kept_raw_with_every_reason(
    site, write_csv, npr_row, query, cells, reasons
):
    source = write_csv("npr.csv", [npr_row(1), npr_row(2, **cells), npr_row(3)])
    report = ingest(site, "npr", source, stated=STATED)

    assert (report.rows_in, report.rows_landed, report.rows_quarantined) == (3, 2, 1)
    assert report.reasons == dict.fromkeys(sorted(reasons), 1)
    [(table, file, number, found, raw)] = query(
        site,
        "select table_name, file, row_number, reasons, raw::map(varchar, varchar) "
        "from quarantine.rejected_row",
    )
    assert (table, file, number, found) == ("npr_stay", "npr.csv", 2, reasons)
    assert raw == npr_row(2, **cells)


@pytest.mark.parametrize(
    "cells",
    [
        {"korrvekt": "1,25"},
        {"korrvekt": ".5"},
        {"fodselsar": "1 940"},
        {"fodselsar": "1\u00a0940,0"},
        {"innDato": "01.03.2024"},
        {"innDato": "1.3.2024 00:00:00"},
        {"innDato": "2023-12-30"},
        {"korrvekt": "0"},
        {"omsorgsniva": "1.0"},
        {"omsorgsniva": " 1 "},
        {"innTid": "", "utTid": ""},
        {"innTid": "08:30"},
        {"innDato": "2024-03-01T00:00:00"},
        {"utDato": "2024-03-01", "utTid": ""},  # no time: the order within the day is not known
        {"utDato": "2024-03-01", "utTid": "08:30:00"},
        {"fodselsar": "9999"},
        {"innmateHast": ""},
    ],
)
def test_what_registers_really_hold_is_no_fault(site, write_csv, npr_row, cells):
    report = ingest(site, "npr", write_csv("npr.csv", [npr_row(1, **cells)]), stated=STATED)
    assert report.reasons == {}
    assert report.rows_landed == 1


def test_of_rows_with_one_identifier_the_first_sound_one_lands(site, write_csv, npr_row, query):
    rows = [
        npr_row(1, lopenr="A"),
        npr_row(1, lopenr="A", kjonn="1"),
        npr_row(2, lopenr="C", omsorgsniva=""),
        npr_row(2, lopenr="C"),
        npr_row(2, lopenr="C", innDato="x"),
        npr_row(1, lopenr="B"),  # the number used again for another person
    ]
    report = ingest(site, "npr", write_csv("npr.csv", rows), stated=STATED)

    assert query(site, "select person_id from landing.npr_stay order by 1") == [
        ("A",),
        ("B",),
        ("C",),
    ]
    assert query(site, "select row_number, reasons from quarantine.rejected_row order by 1") == [
        (2, ["duplicate:episodeID"]),
        (3, ["missing:omsorgsniva"]),
        (5, ["broken_date:innDato", "duplicate:episodeID"]),
    ]
    assert report.reasons["duplicate:episodeID"] == 2


def test_an_identifier_that_another_delivery_landed_is_a_duplicate(site, write_csv, npr_row):
    ingest(site, "npr", write_csv("a.csv", [npr_row(1)]), stated=STATED)
    later = StatedPeriod(date(2025, 1, 1), date(2025, 12, 31))
    rows = [
        npr_row(1, innDato="2025-01-02", utDato="2025-01-03"),
        npr_row(2, innDato="2025-01-02", utDato="2025-01-03"),
    ]
    report = ingest(site, "npr", write_csv("b.csv", rows), stated=later)
    assert report.outcome == "landed"
    assert report.reasons == {"duplicate:episodeID": 1}


def test_parquet_lands_as_csv_does(make_site, tmp_path, write_csv, npr_row, query):
    rows = [npr_row(1), npr_row(2, omsorgsniva="7"), npr_row(3, korrvekt="")]
    csv_file = write_csv("npr.csv", rows)
    parquet = tmp_path / "npr.parquet"
    typed = (
        "select * replace (innDato::timestamp as innDato, utDato::date as utDato, "
        "innTid::time as innTid, omsorgsniva::smallint as omsorgsniva, kjonn::double as kjonn, "
        "korrvekt::decimal(9, 4) as korrvekt)"
    )
    duckdb.execute(f"copy ({typed} from read_csv('{csv_file}', all_varchar = true)) to '{parquet}'")
    by_format = {}
    for id_, source in (("csv", csv_file), ("parquet", parquet)):
        site = make_site(id_)
        report = ingest(site, "npr", source, stated=STATED)
        assert (report.rows_in, report.rows_landed) == (3, 2)
        landed = query(
            site, "select * exclude (delivery_id, file) from landing.npr_stay order by episode_id"
        )
        rejected = query(site, "select row_number, len(reasons) from quarantine.rejected_row")
        by_format[id_] = (landed, rejected)
    assert by_format["csv"] == by_format["parquet"]


def test_whole_numbers_in_parquet_have_no_decimals_and_not_a_number_is_empty(
    site, tmp_path, npr_row, query
):
    """A table program makes a column of numbers with a gap one of floating point."""
    columns = {name: [value] * 4 for name, value in npr_row().items()}
    table = pa.table(
        columns
        | {
            "episodeID": pa.array([1, 2, 3, 4]).cast(pa.decimal128(24, 2)),
            "lopenr": pa.array([545500966.0, 1.5, 1e15, float("nan")]),
            "bydel2": pa.array([30103.0, None, 3.0, 4.0], pa.float32()),
            "korrvekt": pa.array([1.0, 0.25, float("nan"), 1.0]),
            " sektor ": ["1"] * 4,
        }
    )
    pq.write_table(table, tmp_path / "npr.parquet")
    report = ingest(site, "npr", tmp_path / "npr.parquet", stated=STATED)
    assert report.reasons == {"missing:lopenr": 1}
    assert query(
        site,
        "select episode_id, person_id, bydel, drg_weight, sector from landing.npr_stay order by 1",
    ) == [
        ("1", "545500966", "30103", 1.0, "1"),
        ("2", "1.5", None, 0.25, "1"),
        ("3", "1000000000000000", "3", None, "1"),
    ]


def test_the_name_of_a_folder_takes_no_column_s_place(site, tmp_path, npr_row, query):
    folder = tmp_path / "aar=2019" / "kjonn=1"
    folder.mkdir(parents=True)
    table = pa.table({name: [value] for name, value in npr_row(kjonn="2").items()})
    pq.write_table(table, folder / "npr.parquet")
    assert ingest(site, "npr", folder, stated=STATED).rows_landed == 1
    assert query(site, "select data_year, sex from landing.npr_stay") == [(2024, 2)]


def test_a_folder_of_files_is_one_delivery(site, tmp_path, write_csv, npr_row, query):
    write_csv("npr/b.csv", [npr_row(3), npr_row(1)])
    first = write_csv("npr/a.CSV", [npr_row(1), npr_row(2, innDato="")], delimiter=";")
    (first.parent / "README.txt").write_text("not a register file")
    report = ingest(site, "npr", first.parent, stated=STATED)
    assert (report.rows_in, report.rows_landed) == (4, 2)
    assert query(site, "select file, row_number from landing.npr_stay order by 1, 2") == [
        ("a.CSV", 1),
        ("b.csv", 1),
    ]
    assert query(site, "select file, row_number from quarantine.rejected_row order by 1") == [
        ("a.CSV", 2),
        ("b.csv", 2),
    ]


def test_columns_are_found_by_name_whatever_their_case_and_order(site, write_csv, npr_row):
    shuffled = {k.upper(): v for k, v in reversed(npr_row().items())} | {"sykehus": "ukjent"}
    report = ingest(site, "npr", write_csv("npr.csv", [shuffled]), stated=STATED)
    assert report.rows_landed == 1
    assert report.ignored_columns == (f"(column {len(shuffled)})",)


def test_a_misspelt_optional_column_is_pointed_out(site, write_csv, npr_row):
    row = npr_row()
    row["inmateHast"] = row.pop("innmateHast")
    report = ingest(site, "npr", write_csv("npr.csv", [row]), stated=STATED)
    assert report.ignored_columns == ("inmateHast",)
    assert any("is it `innmateHast`?" in note for note in report.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_delimiters_and_byte_order_marks(site, write_csv, npr_row, query, encoding, delimiter):
    row = npr_row(1, korrvekt="1,5", institusjonID='Blåbær; "Øst", Æ')
    source = write_csv("npr.csv", [row], encoding=encoding, delimiter=delimiter)
    assert ingest(site, "npr", source, stated=STATED).rows_landed == 1
    assert query(site, "select institution_id, drg_weight from landing.npr_stay") == [
        ('Blåbær; "Øst", Æ', 1.5)
    ]


def test_a_header_alone_lands_nothing_and_is_no_error(site, write_csv, npr_row):
    source = write_csv("npr.csv", [], columns=list(npr_row()))
    report = ingest(site, "npr", source)
    assert (report.rows_in, report.rows_landed, report.rows_quarantined) == (0, 0, 0)
    assert report.period is None
    assert ingest(site, "npr", source).outcome == "unchanged"


def test_a_period_that_nobody_states_is_taken_from_the_data_and_said_so(
    site, write_csv, npr_row, query
):
    rows = [npr_row(1), npr_row(2, utDato="2024-06-30"), npr_row(3, dodDato="2025-05-05")]
    report = ingest(site, "npr", write_csv("npr.csv", rows))
    assert report.period == Period(date(2024, 1, 1), date(2024, 6, 30))
    assert not report.period_stated
    assert any("No period was stated" in note for note in report.notes)
    assert query(site, "select data_end::varchar from landing.delivery") == [
        ("2024-07-01 00:00:00",)
    ]


@pytest.mark.parametrize("name", ["delivery.yaml", "npr.csv.delivery.yaml"])
def test_a_sidecar_states_the_period(site, write_csv, npr_row, query, name):
    source: Path = write_csv("npr.csv", [npr_row()])
    (source.parent / name).write_text(
        "period_from: 2024-01-01\nperiod_to: 2024-04-30\nextracted_on: 2024-05-02\n"
    )
    report = ingest(site, "npr", source)
    assert report.period == Period(date(2024, 1, 1), date(2024, 4, 30))
    assert report.period_stated
    assert query(site, "select data_end::varchar, extracted_on from landing.delivery") == [
        ("2024-05-01 00:00:00", date(2024, 5, 2))
    ]
