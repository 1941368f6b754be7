"""`sloyfe site report`: exact, marked internal, for its owner alone, and honest about gaps."""

import re
import stat
import zipfile
from pathlib import Path

import duckdb
import pytest

from dbt_models import PROJECT_DIR
from federated.site.report import write_site_report
from privacy.problem import Problem
from tests.federated.site.homes import write_site

ATOM = "indicators.atom_readmission_30d_same_site"


@pytest.fixture
def site(tmp_path, manifest):
    """A hospital with 1 204 index stays of 2023, 17 of them readmitted, and nothing else."""
    site = write_site(tmp_path / "ous", manifest)
    site.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute(f"""
            create schema marts; create schema intermediate; create schema indicators;
            create schema seeds;
            create table marts.source_status as
                select 'landing_table' as kind, 'npr_stay' as name, 'npr' as register,
                    'delivered' as status;
            create table intermediate.int_delivered_period as
                select 'npr' as register, date '2022-01-01' as period_from,
                    date '2024-12-31' as period_to;
            create table seeds.age_group as select 1 as one;
            create table {ATOM} as
                select 'u' || i as unit_id, 'p' || i as person_id, '2023' as period,
                    '85+' as age_group, '2023Q1' as quarter,
                    if(i < 17, 'readmitted', 'not_readmitted') as atom, i % 2 = 0 as is_counted
                from range(1204) as r (i);
        """)
    return site


def text_of(workbook: Path) -> str:
    with zipfile.ZipFile(workbook) as book:
        return "".join(
            book.read(name).decode() for name in book.namelist() if name.endswith(".xml")
        )


def test_every_row_is_counted_bounded_or_not_and_both_files_are_marked_internal(site):
    paths = write_site_report(site, PROJECT_DIR)
    html, book = paths.html.read_text(encoding="utf-8"), text_of(paths.xlsx)
    assert "1\N{NARROW NO-BREAK SPACE}204" in html
    assert re.search(r"<v>1204</v>", book)
    assert re.search(r"<v>17</v>", book)
    assert "Internt – eksakte tall, forlater ikke virksomheten" in html
    assert "INTERNT – eksakte tall, forlater ikke virksomheten" in book
    assert "<script" not in html
    assert "://" not in html.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_what_has_no_figures_is_named_with_its_reason(site):
    html = write_site_report(site, PROJECT_DIR).html.read_text(encoding="utf-8")
    absent = html[html.index('id="mangler"') :] if 'id="mangler"' in html else ""
    assert ("Ikke levert" in absent) == ("Ikke levert" in html)
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute("update marts.source_status set status = 'not_delivered'")
    html = write_site_report(site, PROJECT_DIR).html.read_text(encoding="utf-8")
    assert "Ikke levert hit: npr_stay" in html[html.index('id="mangler"') :]


KEY_KIND = """
    create schema tokens;
    create table tokens.key_kind as
    select * from (
        values ('npr', 'npr_lnr', 'npr_lnr', 2103, 2101, 0, 0, 0, 2),
            ('kpr', 'project_7', 'project_7', 1502, 1502, 0, 0, 0, 0)
    ) as kind (
        register, number_kind, key_kind, persons, with_common_number, ambiguous, unmapped,
        mixed_numbers, without_national_id
    )
"""


def test_the_kind_of_number_in_tokens_is_shown_for_each_register(site):
    before = write_site_report(site, PROJECT_DIR)
    assert 'koblinger"' not in before.html.read_text(encoding="utf-8")
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute(KEY_KIND)
    paths = write_site_report(site, PROJECT_DIR)
    html, book = paths.html.read_text(encoding="utf-8"), text_of(paths.xlsx)
    html = html.replace("\N{NARROW NO-BREAK SPACE}", " ")
    table = html[html.index('<h2 id="koblinger"') :]
    rows = [re.findall(r">([^<>]+)</t[hd]>", row) for row in re.findall(r"<tr>.*?</tr>", table)]
    assert rows[1:3] == [
        ["KPR", "project_7", "project_7", "1 502", "1 502", "0", "0", "0", "0"],
        ["NPR", "NPRs løpenummer", "NPRs løpenummer", "2 103", "2 101", "0", "0", "0", "2"],
    ]
    assert "Person numbers in linkage by register" in table
    assert "Løpenumre i koblinger" in book
    assert re.search(r"<v>2103</v>", book)


def test_a_register_that_was_not_delivered_has_no_kind_of_number(site):
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute(f"{KEY_KIND} limit 0")
    assert 'koblinger"' not in write_site_report(site, PROJECT_DIR).html.read_text("utf-8")


def test_only_its_owner_may_read_it(site, tmp_path):
    for folder in (None, tmp_path / "elsewhere"):
        paths = write_site_report(site, PROJECT_DIR, folder)
        for path in paths:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(paths.html.parent.stat().st_mode) == 0o700


def test_nothing_to_report_from_is_one_clear_line(site, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="the report cannot be written"):
        write_site_report(site, PROJECT_DIR, tmp_path / "file")
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute("drop schema marts cascade")
    with pytest.raises(Problem, match="the warehouse has no marts"):
        write_site_report(site, PROJECT_DIR)
    site.warehouse_path.unlink()
    with pytest.raises(Problem, match="no warehouse to report from"):
        write_site_report(site, PROJECT_DIR)
