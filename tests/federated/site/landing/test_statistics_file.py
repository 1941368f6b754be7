"""SPSS, SAS and Stata files land as the same rows in CSV do."""

from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from federated.site.landing import StatedPeriod, ingest, statistics_file
from privacy.problem import Problem

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31))
WRITERS: dict[str, Any] = {
    "npr.sav": pyreadstat.write_sav,
    "npr.zsav": lambda frame, file, **kw: pyreadstat.write_sav(frame, file, compress=True, **kw),
    "npr.dta": pyreadstat.write_dta,
    "npr.xpt": lambda frame, file, **_: pyreadstat.write_xport(frame, file, file_format_version=8),
}
LABELS = {"variable_value_labels": {"kjonn": {1.0: "Mann", 2.0: "Kvinne"}}}


def frame() -> pd.DataFrame:
    """Five stays, the fifth without a date. Codes are doubles, as these programs keep them."""
    return pd.DataFrame(
        {
            "episodeID": [f"E{n}" for n in range(5)],
            "lopenr": ["P1", "P2", "P3", "P4", "P5"],
            "aar": [2024.0] * 5,
            "omsorgsniva": [1.0, 2.0, 3.0, 8.0, 1.0],
            "innDato": [date(2024, 3, 1)] * 4 + [None],
            "utDato": [date(2024, 3, 2)] * 5,
            "kjonn": [1.0, 2.0, np.nan, 9.0, 1.0],
            "korrvekt": [1.25, 2.0, np.nan, 0.1, 3.0],
            "institusjonID": ["974589095", "Blåbær", "", "x", "y"],
        }
    )


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_lands_with_codes_dates_and_gaps(site, tmp_path, query, name):
    WRITERS[name](frame(), str(tmp_path / name), **LABELS)
    report = ingest(site, "npr", tmp_path / name, stated=STATED)
    assert (report.rows_in, report.rows_landed) == (5, 4)
    assert report.reasons == {"missing:innDato": 1}
    assert query(
        site,
        "select episode_id, care_level, admission_date, sex, drg_weight, institution_id "
        "from landing.npr_stay order by 1",
    ) == [
        ("E0", 1, date(2024, 3, 1), 1, 1.25, "974589095"),
        ("E1", 2, date(2024, 3, 1), 2, 2.0, "Blåbær"),
        ("E2", 3, date(2024, 3, 1), None, None, None),
        ("E3", 8, date(2024, 3, 1), 9, 0.1, "x"),
    ]
    [(raw,)] = query(site, "select raw::map(varchar, varchar) from quarantine.rejected_row")
    assert (raw["aar"], raw["kjonn"], raw["korrvekt"]) == ("2024", "1", "3")


def test_more_rows_than_a_chunk_and_every_kind_of_cell(tmp_path, monkeypatch):
    monkeypatch.setattr(statistics_file, "_CELLS", 6)
    rows = pd.DataFrame(
        {
            "text": ["a", "b\nc", None, " d", "e"],
            "whole": [1.0, -2.0, np.nan, 1e15, 0.0],
            "some": [0.1, 1.0, np.nan, 1e300, -0.5],
            "day": [date(1850, 1, 1), None, date(2024, 2, 29), date(9999, 1, 1), date(2024, 1, 1)],
            "clock": [time(0, 0), time(8, 30, 5), None, time(23, 59, 59), time(12, 0)],
            "moment": pd.to_datetime(
                [
                    datetime(2024, 1, 1, 8, 30),
                    None,
                    datetime(1900, 1, 1),
                    None,
                    datetime(2024, 1, 1),
                ]
            ),
        }
    )
    WRITERS["npr.sav"](rows, str(tmp_path / "x.sav"))
    assert statistics_file.to_parquet(tmp_path / "x.sav", tmp_path / "x.parquet") == 5
    assert pq.read_table(tmp_path / "x.parquet").to_pydict() == {
        "text": ["a", "b\nc", None, " d", "e"],
        "whole": ["1", "-2", None, "1000000000000000", "0"],
        "some": ["0.1", "1", None, "1e+300", "-0.5"],
        "day": ["1850-01-01", None, "2024-02-29", "9999-01-01", "2024-01-01"],
        "clock": ["00:00:00", "08:30:05", None, "23:59:59", "12:00:00"],
        "moment": ["2024-01-01 08:30:00", None, "1900-01-01 00:00:00", None, "2024-01-01 00:00:00"],
    }


def test_user_defined_missing_values_become_empty(tmp_path):
    rows = pd.DataFrame({"kjonn": [1.0, 99.0, 2.0]})
    WRITERS["npr.sav"](rows, str(tmp_path / "x.sav"), missing_ranges={"kjonn": [99]})
    statistics_file.to_parquet(tmp_path / "x.sav", tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet")["kjonn"].to_pylist() == ["1", None, "2"]


def test_a_date_outside_the_calendar_is_told_without_showing_it(site, tmp_path):
    rows = pd.DataFrame({"lopenr": ["P1"], "innDato": [1e15]})
    WRITERS["npr.sav"](rows, str(tmp_path / "npr.sav"), variable_format={"innDato": "DATE11"})
    with pytest.raises(Problem, match="outside the calendar"):
        ingest(site, "npr", tmp_path / "npr.sav", stated=STATED)
    assert not site.folder.exists()


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_file_cut_short_is_told(site, tmp_path, name, keep):
    file = tmp_path / name
    many = pd.concat([frame()] * 40, ignore_index=True)
    WRITERS[name](many, str(file))
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep) // 80 * 80 + 40])
    with pytest.raises(Problem, match="cannot be read as"):
        ingest(site, "npr", file, stated=STATED)
    assert not site.folder.exists()


def test_a_national_id_in_such_a_file_is_found_under_its_own_name(make_site, tmp_path):
    from tests.federated.site.landing.test_national_id import VALID

    rows = frame().assign(merknad=["", "", VALID, "", ""])
    WRITERS["npr.sav"](rows, str(tmp_path / "npr.sav"))
    with pytest.raises(Problem, match=r"npr\.sav, column `merknad`, row 3") as problem:
        ingest(make_site(declared_synthetic=True), "npr", tmp_path / "npr.sav", stated=STATED)
    assert VALID not in str(problem.value)
