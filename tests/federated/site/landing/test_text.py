"""Encodings, packing and line ends of CSV: read as meant, or one clear line."""

import gzip
from datetime import date

import pytest

from federated.site.landing import StatedPeriod, ingest
from privacy.problem import Problem

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31))
NAME = "Blåbær «Øst» – Ærlig"


def land(site, source):
    return ingest(site, "npr", source, stated=STATED)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", "npr.csv is not UTF-8; it was read as windows-1252."),
        ("utf-16", "npr.csv is not UTF-8; it was read as utf-16."),
    ],
)
def test_an_encoding_that_can_be_told_is_read_and_reported(
    site, write_csv, npr_row, query, encoding, told
):
    source = write_csv("npr.csv", [npr_row(1, institusjonID=NAME)], encoding=encoding)
    report = land(site, source)
    assert query(site, "select institution_id from landing.npr_stay") == [(NAME,)]
    assert [note for note in report.notes if "not UTF-8" in note] == ([told] if told else [])


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le", "windows-1252"])
def test_the_mapping_s_encoding_rules(site, write_csv, npr_row, query, encoding):
    """The bytes of `Ã¸` in Latin-1 are those of `ø` in UTF-8: only a word can part them."""
    row = npr_row(1, institusjonID="Ã¸" if encoding != "utf-16-le" else NAME)
    source = write_csv("npr.csv", [row], encoding=encoding)
    stated = "utf-16" if encoding == "utf-16-le" else encoding
    (source.parent / "mapping.yaml").write_text(f"encoding: {stated}\n")
    land(site, source)
    assert query(site, "select institution_id from landing.npr_stay") == [(row["institusjonID"],)]


def test_what_the_mapping_calls_utf_8_is_not_guessed_at(site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1, institusjonID=NAME)], encoding="cp1252")
    (source.parent / "mapping.yaml").write_text("encoding: utf-8\n")
    with pytest.raises(Problem, match=r"the file is not UTF-8.*line 2"):
        land(site, source)


def test_tabs_and_stated_delimiters(site, make_site, write_csv, npr_row, query):
    row = npr_row(1, institusjonID="a;b,c")
    assert land(site, write_csv("npr.tsv", [row], delimiter="\t")).rows_landed == 1
    other = make_site("other")
    source = write_csv("npr.csv", [npr_row(1, institusjonID='a\t"b"')], delimiter="|")
    (source.parent / "npr.csv.mapping.yaml").write_text("delimiter: '|'\n")
    assert land(other, source).rows_landed == 1
    assert query(other, "select institution_id from landing.npr_stay") == [('a\t"b"',)]


@pytest.mark.parametrize("members", [1, 3])
def test_packed_files_are_read_and_leave_no_copy(site, write_csv, npr_row, members):
    plain = write_csv("npr.csv", [npr_row(n, institusjonID=NAME) for n in range(50)])
    content = plain.read_bytes()
    step = len(content) // members + 1
    packed = plain.with_suffix(".csv.gz")
    packed.write_bytes(
        b"".join(gzip.compress(content[k : k + step]) for k in range(0, len(content), step))
    )
    plain.unlink()
    assert land(site, packed).rows_landed == 50
    assert [p.name for p in site.folder.iterdir()] == ["warehouse.duckdb"]


@pytest.mark.parametrize("cut", [5, 30, -1, -9])
def test_a_packed_file_that_is_cut_is_told(site, write_csv, npr_row, cut):
    plain = write_csv("npr.csv", [npr_row(n) for n in range(500)])
    packed = plain.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes())[:cut])
    with pytest.raises(Problem, match="cannot be unpacked"):
        land(site, packed)
    assert not site.folder.exists()


def test_a_file_cut_in_its_last_row_keeps_that_row_and_says_so(site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1), npr_row(2)])
    source.write_bytes(source.read_bytes()[:-30])
    report = land(site, source)
    assert (report.rows_landed, report.reasons) == (1, {"unreadable_line": 1})
    assert "npr.csv: the last line has no line end; the file may be cut short." in report.notes


def test_a_whole_file_is_not_called_cut(site, write_csv, npr_row):
    report = land(site, write_csv("npr.csv", [npr_row(1)]))
    assert not any("cut short" in note for note in report.notes)


def test_a_first_line_that_is_a_row_is_not_shown(site, tmp_path):
    source = tmp_path / "npr.csv"
    source.write_text("Lopez,Kari,SECRET\nLopez,Kari,SECRET\n")
    with pytest.raises(Problem, match="the first line is no header") as problem:
        land(site, source)
    assert "SECRET" not in str(problem.value)
    assert "Lopez" not in str(problem.value)


def test_a_name_that_duckdb_would_take_for_a_pattern(site, write_csv, npr_row, query):
    write_csv("npr1.csv", [npr_row(9)])
    source = write_csv("npr[1].csv", [npr_row(1)])
    assert land(site, source).rows_landed == 1
    assert query(site, "select episode_id, file from landing.npr_stay") == [("E1", "npr[1].csv")]
