"""`ingest(..., dry_run=True)`: the real run, told and undone."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from federated.site.landing import StatedPeriod, ingest
from privacy.problem import Problem

STATED = StatedPeriod(date(2024, 3, 1), date(2024, 3, 31), date(2024, 4, 10))


def dirty(npr_row, count: int = 40, **cells: str) -> list[dict[str, str]]:
    rows = [npr_row(n, **cells) for n in range(count)]
    rows[3]["innTid"] = ""
    rows[5]["lopenr"] = ""
    return rows


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_where_there_is_no_warehouse_there_is_none_afterwards(site, write_csv, npr_row):
    source = write_csv("npr.csv", dirty(npr_row))
    report = ingest(site, "npr", source, stated=STATED, dry_run=True)
    assert (report.rows_in, report.rows_landed, report.rows_quarantined) == (40, 39, 1)
    assert report.is_dry_run
    assert not site.warehouse_path.exists()
    assert [path for path in site.folder.rglob("*") if path.is_file()] == []


def test_a_warehouse_is_the_same_to_the_byte(site, write_csv, npr_row, whole):
    first = write_csv("first.csv", dirty(npr_row))
    ingest(site, "npr", first, stated=STATED)
    before, held = fingerprint(site.warehouse_path), whole(site)
    newer = write_csv("newer.csv", dirty(npr_row, 20))
    report = ingest(
        site, "npr", newer, stated=replace(STATED, extracted_on=date(2024, 5, 1)), dry_run=True
    )
    assert report.outcome == "replaced"
    assert fingerprint(site.warehouse_path) == before
    assert sorted(p.name for p in site.folder.iterdir()) == [site.warehouse_path.name]
    assert whole(site) == held


def test_a_dry_run_says_what_the_real_run_says(site, write_csv, npr_row):
    source = write_csv("npr.csv", dirty(npr_row))
    dry = ingest(site, "npr", source, stated=STATED, dry_run=True)
    real = ingest(site, "npr", source, stated=STATED)
    assert replace(dry, is_dry_run=False) == real
    assert {finding.rule for finding in dry.quality.findings} >= {"missing_time", "quarantined"}


def test_a_dry_run_compares_with_what_has_landed(site, write_csv, npr_row):
    ingest(site, "npr", write_csv("a.csv", dirty(npr_row, 60)), stated=STATED)
    report = ingest(
        site,
        "npr",
        write_csv("b.csv", dirty(npr_row, 20)),
        stated=replace(STATED, extracted_on=date(2024, 5, 1)),
        dry_run=True,
    )
    [fewer] = [f for f in report.quality.findings if f.rule == "fewer_rows_than_before"]
    assert (fewer.month, fewer.count) == ("2024-03", 40)


def test_what_landed_before_reads_its_kept_profile(site, write_csv, npr_row, whole):
    source = write_csv("npr.csv", dirty(npr_row))
    first = ingest(site, "npr", source, stated=STATED)
    held = whole(site)
    again = ingest(site, "npr", source, stated=STATED)
    assert again.outcome == "unchanged" and again.quality == first.quality
    assert whole(site) == held


def test_a_delivery_that_is_refused_leaves_no_profile(site, write_csv, npr_row, query):
    ingest(site, "npr", write_csv("a.csv", dirty(npr_row)), stated=STATED)
    older = replace(STATED, extracted_on=date(2024, 4, 1))
    with pytest.raises(Problem):
        ingest(site, "npr", write_csv("b.csv", dirty(npr_row, 20)), stated=older)
    assert query(site, "select count(*) from landing.delivery_profile") == [(1,)]


@pytest.mark.slow
def test_more_rows_than_a_row_group_leave_the_contents_as_they_were(
    site, write_csv, npr_row, whole
):
    """DuckDB writes full row groups (122 880 rows) ahead of the commit; a rollback frees them."""
    ingest(site, "npr", write_csv("a.csv", dirty(npr_row)), stated=STATED)
    held = whole(site)
    many = write_csv("b.csv", (npr_row(n) for n in range(130_000)))
    newer = replace(STATED, extracted_on=date(2024, 5, 1))
    assert ingest(site, "npr", many, stated=newer, dry_run=True).rows_landed == 130_000
    assert whole(site) == held
