"""Lines that are not rows: whatever the quotes and line ends do, no sound row is lost."""

from datetime import date

import pytest

from federated.site.landing import StatedPeriod, ingest

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31))
HEADER = "episodeID,lopenr,aar,omsorgsniva,innDato,utDato,institusjonID"


def line(number: int, institution: str = "x") -> str:
    return f"{number},p{number},2024,1,2024-01-01,2024-01-02,{institution}"


def land(site, tmp_path, query, body: bytes | str):
    file = tmp_path / "npr.csv"
    file.write_bytes(body if isinstance(body, bytes) else body.encode())
    report = ingest(site, "npr", file, stated=STATED)
    landed = query(
        site, "select row_number, episode_id, institution_id from landing.npr_stay order by 1"
    )
    rejected = query(
        site,
        "select row_number, reasons, raw->>'line' from quarantine.rejected_row order by 1",
    )
    assert report.rows_in == len(landed) + len(rejected)
    return landed, rejected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(site, tmp_path, query, end):
    landed, rejected = land(site, tmp_path, query, end.join([HEADER, line(1), line(2)]))
    assert landed == [(1, "1", "x"), (2, "2", "x")]
    assert rejected == []


def test_mixed_line_ends_and_blank_lines(site, tmp_path, query):
    body = f"\n{HEADER}\r\n{line(1)}\n\n{line(2)}\r\n\r\n{line(3)}\r{line(4)}\n\n"
    landed, rejected = land(site, tmp_path, query, body)
    assert landed == [(n, str(n), "x") for n in (1, 2, 3, 4)]
    assert rejected == []


@pytest.mark.parametrize(
    "broken",
    [
        "2,p2,2024",
        line(2) + ",one too many",
        "2,p2,2024,1,2024-01-01,2024-01-02",
        line(2, '"never closed'),
        line(2, '"closed" too early'),
        ";;;",
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_an_unreadable_line_is_kept_and_takes_no_other_with_it(site, tmp_path, query, broken, last):
    after = [] if last else [line(3), line(4, '"quo""ted, y"'), line(5)]
    landed, rejected = land(site, tmp_path, query, "\n".join([HEADER, line(1), broken, *after]))
    assert landed == [(1, "1", "x")] + (
        [] if last else [(3, "3", "x"), (4, "4", 'quo"ted, y'), (5, "5", "x")]
    )
    assert rejected == [(2, ["unreadable_line"], broken)]


def test_a_quoted_field_may_run_over_lines_and_counts_as_one_row(site, tmp_path, query):
    multi = line(2, '"two\nlines, and\n3,p3,2024,1,2024-01-01,2024-01-02,inside"')
    first = '"1\nb",p1,2024,1,2024-01-01,2024-01-02,x'
    landed, rejected = land(
        site, tmp_path, query, "\n".join([HEADER, first, multi, line(3), line(4)])
    )
    assert landed == [
        (1, "1\nb", "x"),
        (2, "2", "two\nlines, and\n3,p3,2024,1,2024-01-01,2024-01-02,inside"),
        (3, "3", "x"),
        (4, "4", "x"),
    ]
    assert rejected == []


def test_a_stray_quote_does_not_unhinge_a_later_field_of_several_lines(site, tmp_path, query):
    body = [
        HEADER,
        line(1, '"stray'),
        line(2),
        line(3, '"two\nlines"'),
        line(4),
        line(5, '5" pipe'),
    ]
    landed, rejected = land(site, tmp_path, query, "\n".join(body))
    assert landed == [(2, "2", "x"), (3, "3", "two\nlines"), (4, "4", "x"), (5, "5", '5" pipe')]
    assert rejected == [(1, ["unreadable_line"], line(1, '"stray'))]


def test_a_quote_never_closed_costs_one_line_of_very_many(site, tmp_path, query):
    many = 50_000
    body = "\n".join([HEADER, line(0, '"open'), *(line(n) for n in range(1, many))])
    landed, rejected = land(site, tmp_path, query, body)
    assert [row[0] for row in landed] == list(range(2, many + 1))
    assert [row[0] for row in rejected] == [1]


def test_columns_without_a_name_are_ignored_by_their_place(site, tmp_path):
    """What table programs leave at the end of each line."""
    file = tmp_path / "npr.csv"
    file.write_text(f"{HEADER},,\n{line(1)},,\n{line(2)},note,\n")
    report = ingest(site, "npr", file, stated=STATED)
    assert (report.rows_landed, report.rows_quarantined) == (2, 0)
    assert report.ignored_columns == ("(column 8)", "(column 9)")
