"""Generated deliveries: each is refused in one line or accounted for to the last row."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.deliveries import (
    SECRET,
    check_ingest,
    check_reading,
    memory_warehouse,
    piece,
    seeds,
)
from tests.fuzz.reference import count_rows, fields_in

HEADER = ["npr_lnr", "kpr_lnr", "merknad"]

cells = st.text(st.sampled_from('ab1";,\t\n\r æø"“ \'|\\'), max_size=6)
rows = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=6)
quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def memory():
    with memory_warehouse() as connection:
        yield connection


@quick
@given(
    rows,
    st.sampled_from(";,\t"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_what_a_csv_writer_writes_is_read_row_by_row(
    memory, rows, delimiter, quoting, encoding, line_end, packed
):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows([HEADER, *rows])
    content = buffer.getvalue().encode(encoding)
    name = "packed.csv.gz" if packed else "x.csv"
    found = check_reading(memory, piece("person-key", name, content))
    # Some letters of Windows-1252 side by side are UTF-8 too: then the file is refused as mixed.
    assert found == "read" or encoding == "cp1252"


@quick
@given(st.text(st.sampled_from('ab;,"\n\r\t '), max_size=60))
def test_any_text_below_a_header_is_accounted_for(memory, text):
    content = ";".join(HEADER) + "\n" + text
    assert check_reading(memory, piece("person-key", "x.csv", content.encode())) == "read"


@quick
@given(st.binary(max_size=60), st.sampled_from([".csv", ".csv.gz", ".parquet", ".sav", ".dta"]))
def test_any_bytes_are_refused_or_read(memory, content, suffix):
    header = b"npr_lnr;kpr_lnr\n" if suffix == ".csv" else b""
    check_reading(memory, piece("person-key", f"x{suffix}", header + content))


@quick
@given(
    st.dictionaries(
        st.sampled_from(
            ["columns", "delimiter", "encoding", "decimal", "date_format", "files", "values"]
        ),
        st.sampled_from(
            ["{}", "{a: npr_lnr}", "{npr_lnr: {a: b}}", ";", "tab", "'.'", "utf-8", "x", "[1]",
             "1", "yyyymmdd", "{x: person_key}", "{1: 2}", "null", "{a: *x}",
             "? [a]\n: b", "!!x"]
        ),
    )
)  # fmt: skip
def test_any_mapping_is_refused_or_used(memory, fields):
    text = "".join(f"{field}: {value}\n" for field, value in fields.items())
    content = b"a;npr_lnr;kpr_lnr\n1;2;3\n"
    check_reading(memory, piece("person-key", "x.csv", content, text.encode()))


@pytest.mark.parametrize("seed", list(seeds()), ids=lambda seed: str(seed.split(b"\n")[0]))
def test_every_seed_passes_through_ingest(seed):
    assert check_ingest(seed) in ("landed", "problem")


@pytest.mark.parametrize(
    ("line", "fields"),
    [("", 1), (";", 2), ('"a;b";c', 2), ('"a""b"', 1), ('"a"b', None), ('a"b;c', 2), ('"a', None)],
)
def test_the_reference_itself(line, fields):
    assert fields_in(line, ";") == fields


def test_the_reference_counts_rows_over_lines():
    assert count_rows('h;i\na;b\n\n"c\nd";e\nf\n"g;h\n', ";", 2) == (4, 2)


def test_a_header_with_a_row_in_it_is_not_shown():
    """Found by the fuzzer: a line break was lost, and the header's last name went on as a value."""
    lost = f"tjeneste_lnr,kpr_lnr,aar,tjenes{SECRET},P1,2024,15,2024-01-01,,5\n"
    assert (
        check_reading(memory_warehouse(), piece("kpr-omsorg", "x.csv", lost.encode())) == "problem"
    )
    glued = f"npr_lnr;kpr_lnr*{SECRET};K1\n{SECRET};K1\n"
    assert check_reading(memory_warehouse(), piece("person-key", "x.csv", glued.encode())) == (
        "problem"
    )
    whole = f"npr_lnr,kpr_lnr,merknad{SECRET},K1,17\nN1,K1,x,y,z\n"
    check_ingest(piece("person-key", "x.csv", whole.encode()))
