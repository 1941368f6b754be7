"""`mapping.yaml`: another shape is read as meant; a mistake in it names line and mend."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from federated.site.config import RegisterFile
from federated.site.landing import StatedPeriod, ingest
from privacy.problem import Problem

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31))

MAPPING = """\
columns:
  Pasientnr: lopenr
  Inn: innDato
  Ut: utDato
  vekt: korrvekt
delimiter: tab
encoding: windows-1252
decimal: ","
date_format: dd/mm/yyyy
values:
  kjonn: {M: "1", K: "2", Ukjent: ""}
  omsorgsniva: {"": "3"}
"""


def theirs(npr_row, number: int, **cells: str) -> dict[str, str]:
    row = npr_row(number)
    return {
        "EpisodeID": row["episodeID"],
        "Pasientnr": row["lopenr"],
        "lopenr": "not the person",
        "aar": "2024",
        "omsorgsniva": "1",
        "INN": "01/03/2024",
        "Ut": "04/03/2024",
        "kjonn": "K",
        "vekt": "1.234,5",
        "institusjonID": "Blåbær",
    } | cells


def problem(site, write_csv, npr_row, text: str) -> Problem:
    source = write_csv("npr.csv", [npr_row()])
    (source.parent / "mapping.yaml").write_text(text)
    with pytest.raises(Problem) as caught:
        ingest(site, "npr", source, stated=STATED)
    assert not site.folder.exists()
    return caught.value


def test_another_shape_lands_as_the_register_s_own(site, write_csv, npr_row, query):
    rows = [
        theirs(npr_row, 1, vekt="12,5"),
        theirs(npr_row, 2, kjonn="Ukjent", omsorgsniva="", INN="2024-03-01"),
        theirs(npr_row, 3, kjonn="X", INN="31/02/2024"),
        theirs(npr_row, 4, INN="01.03.2024", vekt="12.5"),
    ]
    source = write_csv("npr.csv", rows, delimiter="\t", encoding="cp1252")
    (source.parent / "mapping.yaml").write_text(MAPPING)
    report = ingest(site, "npr", source, stated=STATED)
    assert query(
        site,
        "select person_id, care_level, admission_date, discharge_date, sex, drg_weight, "
        "institution_id from landing.npr_stay order by 1",
    ) == [
        ("P1", 1, date(2024, 3, 1), date(2024, 3, 4), 2, 12.5, "Blåbær"),
    ]
    assert report.reasons == {
        "broken_date:innDato": 2,
        "broken_number:kjonn": 1,
        "broken_number:korrvekt": 1,
        "out_of_range:korrvekt": 2,
    }
    assert report.ignored_columns == ("lopenr",)  # one of the register's own names


def test_the_mapping_belongs_to_the_delivery_s_identity(site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row()])
    first = ingest(site, "npr", source, stated=STATED)
    mapping = source.parent / "npr.csv.mapping.yaml"
    mapping.write_text("# says nothing\ncolumns: {}\n")
    assert ingest(site, "npr", source, stated=STATED).delivery_id == first.delivery_id
    mapping.write_text('values: {kjonn: {"2": "1"}}\n')
    changed = ingest(site, "npr", source, stated=STATED)
    assert changed.outcome == "replaced"
    mapping.write_text('# the same in other words\nvalues:\n  kjonn:\n    "2": "1"\n')
    again = ingest(site, "npr", source, stated=STATED)
    assert (again.outcome, again.delivery_id) == ("unchanged", changed.delivery_id)


def test_the_site_file_may_name_it(site, write_csv, npr_row, tmp_path, query):
    source = write_csv("npr.csv", [npr_row(kjonn="K")])
    (site.folder / "maps").mkdir(parents=True)
    (site.folder / "maps" / "npr.yaml").write_text('values: {kjonn: {K: "2"}}\n')
    (source.parent / "mapping.yaml").write_text('values: {kjonn: {K: "1"}}\n')
    register = RegisterFile.model_validate(
        {"format": "npr", "path": source, "mapping": "maps/npr.yaml"}
    )
    named = site.model_copy(update={"registers": [register]})
    ingest(named, "npr", source, stated=STATED)
    assert query(site, "select sex from landing.npr_stay") == [(2,)]


def test_files_are_given_their_part(site, write_csv, query):
    claim = {
        "enkeltregning_lnr": "R1", "kpr_lnr": "P1", "aar": "2024", "dato": "2024-02-03",
        "tjenestetype": "1",
    }  # fmt: skip
    diagnosis = {"enkeltregning_lnr": "R1", "diagnoseKode": "K77"}
    tariff = {"enkeltregning_lnr": "R1", "takstKode": "2ad"}
    source = write_csv("kuhr/a_2024.csv", [claim]).parent
    write_csv("kuhr/b_2024.csv", [diagnosis])
    write_csv("kuhr/takst.csv", [tariff])
    (source / "mapping.yaml").write_text("files: {a_: kuhr_claim, b_2024.csv: diagnose}\n")
    assert ingest(site, "kuhr", source, stated=STATED).rows_landed == 3
    assert query(site, "select file from landing.kuhr_diagnosis") == [("b_2024.csv",)]


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("columns: {x: lopnr}\n", "did you mean `lopenr`", "line 1, field columns.x"),
        ("delimiter: ';'\ncolums: {}\n", "unknown field `colums`", "line 2"),
        ("encoding: ebcdic\n", "encoding", "line 1, field encoding"),
        ("date_format: d.m.y\n", "one yyyy, one mm and one dd", "field date_format"),
        ("decimal: ' '\n", "decimal", "field decimal"),
        ("values: {kjon: {}}\n", "did you mean `kjonn`", "field values.kjon"),
        ("values: {bydel2: {Frogner: 030105}}\n", "put quotes around it", "field values.bydel2"),
        ("files: {npr: npr_stays}\n", "did you mean `npr_stay`", "field files.npr"),
        ("columns:\n  episodID: lopenr\n", "no file of the delivery has the column", "line 2"),
        ("\nfiles: {nrp: npr_stay}\n", "no file of the delivery is called", "line 2"),
        ("columns: {episodeID: lopenr}\n", "the column `lopenr` stands twice", "npr.csv"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(site, write_csv, npr_row, text, what, where):
    if "stands twice" in what:  # two of their columns are given one name
        text = "columns: {episodeID: lopenr, institusjonID: lopenr}\n"
    found = problem(site, write_csv, npr_row, text)
    assert what.lower() in str(found).lower()
    assert where in found.where


def test_a_mapping_that_is_gone_is_told(site, write_csv, npr_row, tmp_path):
    with pytest.raises(Problem, match="cannot be read"):
        ingest(site, "npr", write_csv("npr.csv", [npr_row()]), mapping=tmp_path / "gone.yaml")


def test_spaces_around_a_column_s_name_do_not_count(site, npr_row, tmp_path):
    row = {f" {name} ": [value] for name, value in npr_row().items()}
    row[" Pasient nr "] = row.pop(" lopenr ")
    pq.write_table(pa.table(row), tmp_path / "npr.parquet")
    (tmp_path / "mapping.yaml").write_text("columns: {Pasient nr: lopenr}\n", encoding="utf-8")
    assert ingest(site, "npr", tmp_path / "npr.parquet", stated=STATED).rows_landed == 1
