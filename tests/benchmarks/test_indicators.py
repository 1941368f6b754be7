"""`sloyfe bench indicators`, small: that it measures what it says, never how fast it was."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.benchmark.compare import check_equal
from dagster_project.benchmark.data import Data
from dagster_project.benchmark.delivery import bring, split_last_month
from dagster_project.benchmark.landing import load
from dagster_project.benchmark.pipeline import WAREHOUSE
from dagster_project.benchmark.report import (
    document,
    incremental_document,
    incremental_text,
    linear_document,
    text,
)
from dagster_project.benchmark.run import Delivered, Grown, Measured, Usage, plan
from dagster_project.benchmark.sizes import Size
from privacy.problem import Problem

TRANSFORMS = ("episodes", "monthly", "preadmission")


def months(file: Path, contacts: list[int]) -> Path:
    rows = [
        {
            "month": "2024-01-01", "service": "gp", "area": f"03010{place}", "age_group": "0-17",
            "contacts": count, "patient_share": 0, "refund": 60,
        }
        for place, count in enumerate(contacts)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file


def test_the_order_of_rows_says_nothing_and_another_count_stops_the_run(tmp_path: Path) -> None:
    ours, same = months(tmp_path / "a", [1, 2, 3]), tmp_path / "b"
    pq.write_table(pq.read_table(ours).take([2, 0, 1]), same)
    assert check_equal("monthly", {"ours": ours, "polars": same}) == 3
    other = months(tmp_path / "c", [1, 2, 4])
    with pytest.raises(Problem, match="polars and ours give different rows"):
        check_equal("monthly", {"ours": ours, "polars": other})
    with pytest.raises(Problem, match="polars and ours give different rows"):
        check_equal("monthly", {"ours": ours, "polars": months(tmp_path / "d", [1, 2, 3, 3])})


def measured(size: str, persons: int | None = None) -> Measured:
    """Ours takes 2 of everything, whatever else 3 times that."""
    usage = {
        "full_scan": Usage(1, 10), "full_dbt": Usage(60, 80), "full_script": Usage(50, 70),
        "works_scan": Usage(1, 10), "works_dbt": Usage(12, 80), "works_script": Usage(8, 70),
    }  # fmt: skip
    for name in TRANSFORMS:
        usage |= {f"{name}_scan": Usage(1, 10), f"{name}_ours": Usage(2, 20)}
        usage |= {f"{name}_{other}": Usage(6, 60) for other in ("polars", "pandas")}
    return Measured(
        plan(size, persons, ("polars", "pandas"), None), 1, {"npr_stay": 1, "kuhr_claim": 2},
        {"full": ["fct_claim"], "works": ["fct_episode"]}, {}, usage, dict.fromkeys(TRANSFORMS, 5),
    )  # fmt: skip


def test_ratios_are_others_over_ours_and_a_missed_target_is_said() -> None:
    found = document(measured("oslo1"))
    assert found["ratios"]["dbt_vs_script"] == 1.2
    assert found["ratios"]["pipeline_vs_scan"] == 12
    assert found["ratios"]["pipeline_script_vs_scan"] == 8
    assert found["ratios"]["full_pipeline_vs_scan"] == 60
    assert found["ratios"]["pandas_vs_ours"] == dict.fromkeys(TRANSFORMS, 3)
    assert found["rss_ratios"]["pandas_vs_ours"] == dict.fromkeys(TRANSFORMS, 3)
    met = {target["ratio"]: target["met"] for target in found["targets"]}
    assert met["dbt_vs_script"] and met["preadmission_vs_scan"]
    assert met["pandas_vs_ours.preadmission"] and not met["pandas_vs_ours.monthly"]
    assert not met["pipeline_vs_scan"]


def test_targets_are_those_of_a_whole_size() -> None:
    assert document(measured("oslo1", persons=4_000))["targets"] == []


def test_linear_is_by_row() -> None:
    grown = [Grown(1, 100, {"script": Usage(1, 1)}), Grown(5, 500, {"script": Usage(7, 1)})]
    found = linear_document(grown)
    assert found["ratios"] == {"script": {"5": 1.4}}
    assert [target["met"] for target in found["targets"]] == [False]


def test_without_the_full_pipeline_nothing_is_said_of_dbt_on_it() -> None:
    run = measured("oslo1")
    del run.usage["full_dbt"]
    found = document(run)
    assert not {"dbt_vs_script", "full_pipeline_vs_scan"} & set(found["ratios"])
    assert "dbt_vs_script" not in {target["ratio"] for target in found["targets"]}
    assert "Full pipeline" in text(found)


def test_a_delivery_is_set_beside_a_full_refresh() -> None:
    usage = {"going_on": Usage(3, 2**20), "full_refresh": Usage(12, 2**21)}
    found = incremental_document(Delivered(1, 5, 100, usage))
    assert found["ratios"] == {"going_on_vs_full_refresh": 0.25}
    assert found["rss"] == {"going_on": 1, "full_refresh": 2}
    assert "5 of 100 rows (5.0%)" in incremental_text(found)


def test_the_last_month_is_a_delivery_that_can_be_there_or_not(tmp_path: Path) -> None:
    size = Size("tiny", persons=1, years=1)
    rows = {
        "npr_stay": [{"discharge_date": date(2025, 1, 31)}, {"discharge_date": date(2025, 2, 1)}],
        "kuhr_claim": [
            {"claim_id": "january", "claim_date": date(2025, 1, 31)},
            {"claim_id": "february", "claim_date": date(2025, 2, 1)},
        ],
        "kuhr_diagnosis": [{"claim_id": "february", "diagnosis": "T90"}],
        "kuhr_tariff": [{"claim_id": "january", "tariff": "2ad"}],
    }
    data = Data(tmp_path, size, {name: len(of_table) for name, of_table in rows.items()})
    for name, of_table in rows.items():
        pq.write_table(pa.Table.from_pylist(of_table), data.parquet(name))
    warehouse = tmp_path / WAREHOUSE
    load(data, warehouse)
    assert split_last_month(warehouse, data.last_day) == (3, 6)
    for late, wanted in ((False, {"january"}), (True, {"january", "february"})):
        bring(warehouse, late=late)
        with duckdb.connect(str(warehouse)) as connection:
            found = connection.execute(
                "select claim_id, period_to from landing.kuhr_claim "
                "inner join landing.delivery using (delivery_id) where state = 'current'"
            ).fetchall()
        assert {claim for claim, _ in found} == wanted
        assert max(day for _, day in found) == date(2025, 2, 28 if late else 1) - timedelta(
            not late
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("oslo9", None, None), "unknown size"),
        (("oslo1", ("spark",), None), "unknown contender"),
        (("oslo1", None, "much"), "the memory limit is no size"),
    ],
)
def test_what_is_not_known_is_refused(arguments: tuple, said: str) -> None:
    size, against, memory_limit = arguments
    with pytest.raises(Problem, match=said):
        plan(size, None, against, memory_limit)


@pytest.mark.slow  # two dbt builds and a compilation
def test_the_command_on_a_small_town(tmp_path: Path) -> None:
    pytest.importorskip("polars")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sloyfe.cli", "bench", "indicators", "--persons", "3000"),
            *("--repeats", "1", "--data", str(tmp_path), "--json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {
        "dbt_vs_script", "pipeline_vs_scan", "full_pipeline_vs_scan",
        "preadmission_vs_scan", "monthly_vs_scan", "episodes_vs_scan",
        "duckdb_vs_ours", "polars_vs_ours", "pandas_vs_ours",
    } <= set(found["ratios"])  # fmt: skip
    assert all(found["equal"][name]["rows"] > 100 for name in TRANSFORMS)
    assert found["ratios"]["dbt_vs_script"] > 1  # dbt runs the same SQL, and itself
    assert all(20 < mebibytes < 4_000 for mebibytes in found["rss"].values())
    works = {"fct_episode", "fct_index_stay", "fct_claim_month", "int_admission_service"}
    assert works <= set(found["models"]) < set(found["full_models"])
    assert not {"fct_claim", "fct_care_service"} & set(found["models"])
    (left,) = tmp_path.iterdir()  # the data, and nothing of the run
    assert (left / "complete.json").is_file()
