"""Deliveries that follow one another: the same again, newer, older, beside, and cut off midway."""

import dataclasses
import gzip
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from federated.site.landing import StatedPeriod, ingest
from federated.site.landing import registers as registers_module
from federated.site.landing.contract import load_contract
from privacy.problem import Problem

YEAR = (date(2024, 1, 1), date(2024, 12, 31))
JANUARY, MARCH = date(2025, 1, 10), date(2025, 3, 10)


def test_the_same_again_changes_nothing(site, write_csv, npr_row, whole):
    source = write_csv("npr.csv", [npr_row(1), npr_row(2, innDato="x")])
    first = ingest(site, "npr", source, stated=StatedPeriod(*YEAR, JANUARY))
    before = whole(site)
    renamed = source.rename(source.with_name("other.csv"))
    second = ingest(site, "npr", renamed, stated=StatedPeriod(*YEAR, MARCH))
    assert second.outcome == "unchanged"
    assert second.delivery_id == first.delivery_id
    assert (second.rows_in, second.rows_landed, second.rows_quarantined) == (2, 1, 1)
    assert second.reasons == first.reasons
    assert any("not the one they landed with" in note for note in second.notes)
    assert whole(site) == before


@pytest.mark.parametrize(
    ("old", "new"), [(JANUARY, MARCH), (JANUARY, JANUARY), (None, JANUARY), (JANUARY, None)]
)
def test_a_newer_delivery_replaces_the_older_and_keeps_its_vintage(
    site, write_csv, npr_row, query, old, new
):
    a = write_csv("a.csv", [npr_row(1), npr_row(2), npr_row(3, innDato="x")])
    b = write_csv("b.csv", [npr_row(2), npr_row(4)])
    first = ingest(site, "npr", a, stated=StatedPeriod(*YEAR, old))
    wider = StatedPeriod(date(2023, 1, 1), date(2024, 12, 31), new)
    second = ingest(site, "npr", b, stated=wider)
    assert second.outcome == "replaced"
    assert query(site, "select episode_id, delivery_id from landing.npr_stay order by 1") == [
        ("E2", second.delivery_id),
        ("E4", second.delivery_id),
    ]
    assert query(site, "select count(*) from quarantine.rejected_row") == [(0,)]
    assert query(
        site,
        "select delivery_id, state, replaced_by, extracted_on, rows_in from landing.delivery "
        "order by landed_at",
    ) == [
        (first.delivery_id, "replaced", second.delivery_id, old, 3),
        (second.delivery_id, "current", None, new, 2),
    ]
    with pytest.raises(Problem, match="replaced by a newer one"):
        ingest(site, "npr", a, stated=StatedPeriod(*YEAR, old))


def test_a_superseded_delivery_can_be_brought_back_and_superseded_again(
    site, write_csv, npr_row, query
):
    a, b = write_csv("a.csv", [npr_row(1)]), write_csv("b.csv", [npr_row(2)])
    older, newer = StatedPeriod(*YEAR, JANUARY), StatedPeriod(*YEAR, MARCH)
    first = ingest(site, "npr", a, stated=older)
    second = ingest(site, "npr", b, stated=newer)
    back = ingest(site, "npr", a, stated=older, bring_back=True)
    assert back.outcome == "replaced"
    assert back.delivery_id not in (first.delivery_id, second.delivery_id)
    assert query(site, "select episode_id from landing.npr_stay") == [("E1",)]
    assert ingest(site, "npr", a, stated=older).outcome == "unchanged"
    with pytest.raises(Problem, match="replaced by a newer one"):
        ingest(site, "npr", b, stated=newer)
    assert ingest(site, "npr", b, stated=newer, bring_back=True).outcome == "replaced"
    assert query(site, "select state, count(*) from landing.delivery group by all order by 1") == [
        ("current", 1),
        ("replaced", 3),
    ]


def test_an_older_delivery_is_refused(site, write_csv, npr_row, whole):
    ingest(site, "npr", write_csv("a.csv", [npr_row(1)]), stated=StatedPeriod(*YEAR, MARCH))
    before = whole(site)
    with pytest.raises(Problem, match="a newer delivery of this period has landed"):
        ingest(site, "npr", write_csv("b.csv", [npr_row(2)]), stated=StatedPeriod(*YEAR, JANUARY))
    assert whole(site) == before


def test_a_partial_overlap_is_refused_and_both_periods_named(site, write_csv, npr_row, whole):
    ingest(site, "npr", write_csv("a.csv", [npr_row(1)]), stated=StatedPeriod(*YEAR))
    before = whole(site)
    with pytest.raises(Problem) as problem:
        ingest(
            site,
            "npr",
            write_csv("b.csv", [npr_row(2)]),
            stated=StatedPeriod(date(2024, 12, 31), date(2025, 12, 31)),
        )
    assert "2024-12-31 to 2025-12-31" in str(problem.value)
    assert "2024-01-01 to 2024-12-31" in str(problem.value)
    assert whole(site) == before


def test_periods_beside_each_other_and_other_formats_leave_each_other_alone(
    site, write_csv, npr_row, query
):
    ingest(site, "npr", write_csv("a.csv", [npr_row(1)]), stated=StatedPeriod(*YEAR))
    beside = StatedPeriod(date(2025, 1, 1), date(2025, 1, 1))
    b = write_csv("b.csv", [npr_row(2)])
    assert ingest(site, "npr", b, stated=beside).outcome == "landed"
    care = {
        "tjeneste_lnr": "T1", "kpr_lnr": "P1", "aar": "2024", "tjenestekode": "15",
        "startdato": "2024-01-01", "stoppdato": "",
    }  # fmt: skip
    report = ingest(site, "kpr-omsorg", write_csv("kpr.csv", [care]), stated=StatedPeriod(*YEAR))
    assert report.outcome == "landed"
    assert query(site, "select count(*) from landing.delivery where state = 'current'") == [(3,)]


def test_a_failure_midway_leaves_the_warehouse_as_it_was(
    site, write_csv, npr_row, whole, monkeypatch
):
    ingest(site, "npr", write_csv("a.csv", [npr_row(1)]), stated=StatedPeriod(*YEAR))
    before = whole(site)
    b = write_csv("b.csv", [npr_row(2), npr_row(3, innDato="x")])
    genuine = registers_module.reject

    def interrupted(*args, **kwargs):
        genuine(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registers_module, "reject", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ingest(site, "npr", b, stated=StatedPeriod(*YEAR))
    assert whole(site) == before
    assert ingest(site, "npr", b, stated=StatedPeriod(*YEAR)).outcome == "replaced"


def test_rows_that_do_not_add_up_are_rolled_back(site, write_csv, npr_row, whole, monkeypatch):
    ingest(site, "npr", write_csv("a.csv", [npr_row(1)]), stated=StatedPeriod(*YEAR))
    before = whole(site)
    with monkeypatch.context() as patch:
        patch.setattr(registers_module, "reject", lambda *args, **kwargs: None)
        with pytest.raises(Problem, match="the rows do not add up"):
            ingest(
                site,
                "npr",
                write_csv("b.csv", [npr_row(2), npr_row(3, innDato="x")]),
                stated=StatedPeriod(*YEAR),
            )
    assert whole(site) == before


HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_warehouse_held_by_another_process_is_told_in_plain_words(site, write_csv, npr_row):
    site.warehouse_path.parent.mkdir(parents=True)
    command = [sys.executable, "-c", HOLD, str(site.warehouse_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Problem, match="in use by another process"):
            ingest(site, "npr", write_csv("a.csv", [npr_row(1)]))
    assert ingest(site, "npr", write_csv("a.csv", [npr_row(1)])).outcome == "landed"


def test_every_table_is_there_after_any_delivery(site, write_csv, npr_row, query):
    ingest(site, "npr", write_csv("a.csv", [npr_row(1)]))
    assert query(
        site, "select schema_name || '.' || table_name from duckdb_tables() order by 1"
    ) == [
        *sorted(
            (f"landing.{name}",)
            for name in ("delivery", "delivery_profile", *(t.name for t in load_contract()))
        ),
        ("quarantine.rejected_row",),
    ]


def test_a_broken_sidecar_is_told_by_file_and_line(site, write_csv, npr_row):
    source: Path = write_csv("npr.csv", [npr_row()])
    (source.parent / "delivery.yaml").write_text(
        "period_from: 2024-01-01\nperiod_too: 2024-02-01\n"
    )
    with pytest.raises(Problem, match=r"delivery\.yaml, line"):
        ingest(site, "npr", source)


def test_a_stated_period_runs_forward():
    with pytest.raises(Problem, match="ends before it begins"):
        StatedPeriod(date(2024, 2, 1), date(2024, 1, 1))


def test_a_file_that_is_no_warehouse_is_told(site, write_csv, npr_row):
    site.warehouse_path.parent.mkdir(parents=True)
    site.warehouse_path.write_bytes(b"something else" * 1000)
    with pytest.raises(Problem, match="no DuckDB file"):
        ingest(site, "npr", write_csv("a.csv", [npr_row(1)]))
    with pytest.raises(duckdb.Error):
        duckdb.connect(site.warehouse_path)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_dry_run_tells_what_would_be_and_leaves_nothing(
    site, write_csv, npr_row, whole, is_first
):
    if not is_first:
        ingest(site, "npr", write_csv("a.csv", [npr_row(9)]), stated=StatedPeriod(*YEAR))
    before = None if is_first else whole(site)
    b = write_csv("b.csv", [npr_row(1), npr_row(2, innDato="x")])
    dry = ingest(site, "npr", b, stated=StatedPeriod(*YEAR), dry_run=True)
    assert dry.is_dry_run
    if is_first:
        assert not site.folder.exists()
    else:
        assert whole(site) == before
        assert {p.name for p in site.folder.iterdir()} == {"warehouse.duckdb"}
    real = ingest(site, "npr", b, stated=StatedPeriod(*YEAR))
    assert dataclasses.replace(dry, is_dry_run=False) == real
    assert real.outcome == ("landed" if is_first else "replaced")
    assert ingest(site, "npr", b, stated=StatedPeriod(*YEAR), dry_run=True).outcome == "unchanged"


def test_a_first_delivery_that_fails_leaves_no_warehouse(site, write_csv, npr_row):
    row = npr_row()
    del row["utDato"]
    with pytest.raises(Problem, match="`utDato` is missing"):
        ingest(site, "npr", write_csv("a.csv", [row]))
    assert not site.folder.exists()


def test_the_same_file_twice_in_one_delivery_is_refused(site, write_csv, npr_row):
    folder = write_csv("npr/a.csv", [npr_row(1)]).parent
    write_csv("npr/b.csv", [npr_row(1)])
    with pytest.raises(Problem, match=r"two files are the same: a\.csv and b\.csv"):
        ingest(site, "npr", folder)
    for name in ("a.csv", "b.csv"):  # without rows they may be
        write_csv(f"npr/{name}", [], columns=list(npr_row()))
    assert ingest(site, "npr", folder).rows_in == 0


def test_a_file_and_its_packed_copy_are_the_same(site, write_csv, npr_row):
    file = write_csv("npr/a.csv", [npr_row(1)])
    (file.parent / "b.csv.gz").write_bytes(gzip.compress(file.read_bytes()))
    with pytest.raises(Problem, match=r"two files are the same: a\.csv and b\.csv\.gz"):
        ingest(site, "npr", file.parent)


def test_what_a_killed_run_left_is_cleared_away(site, write_csv, npr_row):
    left, fresh = site.folder / ".ingest-old", site.folder / ".ingest-new"
    for folder in (left, fresh):
        folder.mkdir(parents=True)
        (folder / "decoded.csv").write_text("a record")
    os.utime(left, (0, 0))
    ingest(site, "npr", write_csv("a.csv", [npr_row()]))
    assert not left.exists()
    assert fresh.exists()  # it may be another run's
