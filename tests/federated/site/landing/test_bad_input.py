"""Input that cannot be read at all: one clear line, no data in it, and nothing landed."""

from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from federated.site.config import SyntheaShare
from federated.site.landing import StatedPeriod, ingest
from privacy.problem import Problem

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31))


def problem_of(site, of_format, source) -> Problem:
    with pytest.raises(Problem) as caught:
        ingest(site, of_format, source, stated=STATED)
    assert not site.folder.exists()
    return caught.value


def test_a_missing_file(site, tmp_path):
    problem = problem_of(site, "npr", tmp_path / "gone.csv")
    assert problem.what == "there is no such file or folder"
    assert "gone.csv" in problem.where


def test_a_folder_without_register_files(site, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    assert "no register file" in problem_of(site, "npr", tmp_path).what


def test_a_file_of_another_kind(site, tmp_path):
    file = tmp_path / "npr.xlsx"
    file.write_bytes(b"PK")
    assert "no register file" in problem_of(site, "npr", file).what


def test_an_unknown_format(site, tmp_path):
    assert "unknown format `nrp`" in problem_of(site, "nrp", tmp_path).what


def test_a_misspelt_required_column_and_what_was_meant(site, write_csv, npr_row):
    row = npr_row()
    row["inDato"] = row.pop("innDato")
    problem = problem_of(site, "npr", write_csv("npr.csv", [row]))
    assert problem.what == "the column `innDato` is missing"
    assert problem.where.endswith("npr.csv")
    assert "Did you mean it by `inDato`?" in problem.mend


def test_a_column_that_is_nowhere(site, write_csv, npr_row):
    row = npr_row()
    del row["lopenr"]
    problem = problem_of(site, "npr", write_csv("npr.csv", [row]))
    assert problem.what == "the column `lopenr` is missing"


def test_all_the_columns_that_are_missing_at_once_and_none_guessed_from_afar(
    site, write_csv, npr_row
):
    row = npr_row() | {"acarbose": "No"}
    row["Utdatoen"] = row.pop("utDato")
    del row["innDato"], row["aar"]
    problem = problem_of(site, "npr", write_csv("npr.csv", [row]))
    assert problem.what == "the columns `aar`, `innDato`, `utDato` are missing"
    assert "`columns: {Utdatoen: utDato}`" in problem.mend
    assert "acarbose" not in problem.mend


def test_a_column_that_stands_twice(site, write_csv, npr_row):
    row = npr_row() | {"INNDATO": "2024-01-01"}
    assert "stands twice" in problem_of(site, "npr", write_csv("npr.csv", [row])).what


@pytest.mark.parametrize("name", ["lopenr", "LOPENR"])
def test_a_column_that_stands_twice_in_parquet(site, tmp_path, npr_row, name):
    row = npr_row()
    table = pa.Table.from_arrays([pa.array([v]) for v in (*row.values(), "P9")], [*row, name])
    pq.write_table(table, tmp_path / "npr.parquet")
    assert "stands twice" in problem_of(site, "npr", tmp_path / "npr.parquet").what


def test_a_misspelt_column_in_parquet(site, tmp_path):
    file = tmp_path / "npr.parquet"
    duckdb.execute(f"copy (select 1 as episodeId, 'x' as loepenr) to '{file}'")
    assert "did you mean it by `loepenr`" in problem_of(site, "npr", file).mend.lower()


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(site, tmp_path, body):
    file = tmp_path / "npr.csv"
    file.write_bytes(body)
    assert "no header" in problem_of(site, "npr", file).what


def test_two_encodings_in_one_file_are_told_with_the_line(site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1, bydel2="ø"), npr_row(2, bydel2="AE")])
    source.write_bytes(source.read_bytes().replace(b"AE", b"\xc6"))
    problem = problem_of(site, "npr", source)
    assert problem.what == "the file is not UTF-8"
    assert problem.where.endswith("line 3")
    assert "one encoding" in problem.mend


def test_bytes_of_no_encoding(site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1, bydel2="AE")])
    source.write_bytes(source.read_bytes().replace(b"AE", b"\x81"))  # not in Windows-1252 either
    assert "neither UTF-8 nor windows-1252" in problem_of(site, "npr", source).what


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32"])
def test_wide_encodings(site, write_csv, npr_row, encoding):
    problem = problem_of(site, "npr", write_csv("npr.csv", [npr_row()], encoding=encoding))
    assert "UTF-8" in str(problem)


def test_a_file_cut_in_the_middle_of_a_character(site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1, bydel2="æ")])
    content = source.read_bytes()
    source.write_bytes(content[: content.index("æ".encode()) + 1])
    assert "in the middle of a character" in problem_of(site, "npr", source).what


def test_a_line_beyond_measure_is_refused_without_showing_it(site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1, lopenr="SECRET" * 3_000_000)])
    assert "SECRET" not in str(problem_of(site, "npr", source))


def test_a_parquet_file_that_is_none(site, tmp_path):
    file = tmp_path / "npr.parquet"
    file.write_bytes(b"PAR1 SECRET PAR1")
    problem = problem_of(site, "npr", file)
    assert problem.what == "the file cannot be read as Parquet"
    assert "SECRET" not in str(problem)


@pytest.mark.parametrize("of_format", ["kuhr", "synthea"])
def test_a_format_of_several_files_needs_a_folder(make_site, write_csv, npr_row, of_format):
    site = make_site(synthea=SyntheaShare(of=1))
    assert "folder" in problem_of(site, of_format, write_csv("npr.csv", [npr_row()])).what
