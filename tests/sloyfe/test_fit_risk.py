"""`sloyfe synth fit-risk`: generated data alone, and a clear line where there are none."""

from pathlib import Path

import duckdb

from dbt_models import PROJECT_DIR
from federated.site.landing import synthetic_mark
from privacy.signatures import canonical
from tests.federated.site.homes import write_site, write_warehouse

SEEDS = ("risk_coefficient.csv", "risk_band_bound.csv", "standard_population_readmission.csv")


def stays(warehouse: Path) -> None:
    """Stays of every kind, 20 each, of which each kind has its own number readmitted."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists intermediate")
        connection.execute("""
            create table intermediate.int_risk_stay as
            select 'readmission_30d_fhi_adjusted' as model, age as age_group, sex,
                diagnosis as diagnosis_group, points as charlson_group,
                if(
                    i < 1 + 3 * points::integer + if(age = '85+', 1, 0) + if(sex = 'male', 2, 0)
                        + if(diagnosis = 'stroke', 4, 0),
                    'readmitted', 'not_readmitted'
                ) as atom
            from (values ('67-74'), ('85+')) as a (age), (values ('male'), ('female')) as s (sex),
                (values ('fracture'), ('stroke')) as d (diagnosis),
                (values ('0'), ('1'), ('2')) as p (points), range(20) as n (i)
        """)


def test_a_warehouse_that_is_not_all_generated_is_refused(sloyfe, tmp_path) -> None:
    site = write_site(tmp_path / "site", None)  # declared synthetic by its operator: not enough
    write_warehouse(site, [])
    stays(site.warehouse_path)
    code, stdout, told = sloyfe("synth", "fit-risk", "--site", site.folder, "--out", tmp_path)
    assert code != 0
    assert "not everything in this warehouse is proved to be generated" in stdout + "".join(told)
    assert not any((tmp_path / name).exists() for name in SEEDS)


def test_nothing_built_is_one_clear_line(sloyfe, tmp_path) -> None:
    site = write_site(tmp_path / "site", None)
    code, stdout, told = sloyfe("synth", "fit-risk", "--site", site.folder, "--out", tmp_path)
    assert code != 0
    assert "there is nothing built to fit to" in stdout + "".join(told)


def test_seeds_are_written_with_the_run_they_came_from(sloyfe, tmp_path, monkeypatch) -> None:
    """What proves a warehouse generated has tests of its own."""
    monkeypatch.setattr(synthetic_mark, "warehouse_origin", lambda *_, **__: "generated")
    site = write_site(tmp_path / "site", None)
    write_warehouse(site, [])
    mark = canonical(
        {"generator": "sloyfe-synthetic", "version": "1", "seed": 41, "files": {"f": "0" * 64},
         "signature": ""}
    ).decode()  # fmt: skip
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute("update landing.delivery set mark = ?", [mark])
    stays(site.warehouse_path)
    out = tmp_path / "seeds"
    out.mkdir()
    for name in SEEDS:
        (out / name).write_bytes((PROJECT_DIR / "seeds" / name).read_bytes())
    code, stdout, told = sloyfe("synth", "fit-risk", "--site", site.folder, "--out", out)
    assert code == 0, told
    assert stdout.startswith("readmission_30d_fhi_adjusted: 480 stays, ")
    text = (out / "risk_coefficient.csv").read_text(encoding="utf-8")
    assert "readmission_30d_fhi_adjusted,age_group,75-84,0,0,0,0," in text
    assert "synthetic data, seed 41, " in text
    # The other models' rows are as they were.
    assert "death_after_discharge_adjusted,intercept,all," in text
