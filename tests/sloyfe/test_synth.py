"""`sloyfe synth`, `sloyfe synth calibrate`, `sloyfe bench synth`: documents and exit codes."""

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from federated.site.landing import ingest
from synthetic import calibration
from synthetic import generate as generating
from synthetic.calibration import Calibration, Result, report
from tests.federated.site.homes import site_yaml, write_site
from tests.synthetic.random_events import simulate


@pytest.fixture(autouse=True)
def without_the_model(monkeypatch):
    monkeypatch.setattr(generating, "simulate", simulate)


def test_the_json_document_names_every_file(sloyfe, tmp_path) -> None:
    out = tmp_path / "out"
    code, stdout, _ = sloyfe(
        "synth", "--persons", "300", "--out", out, "--hospitals", "2", "--json"
    )
    document = json.loads(stdout)
    assert code == 0
    assert set(document) == {"files", "seconds", "rows_per_second"}
    assert document["seconds"] > 0 and document["rows_per_second"] > 0
    assert {file["organisation"] for file in document["files"]} == {"ous", "diakonhjemmet", "oslo"}
    for file in document["files"]:
        assert set(file) == {"organisation", "register", "path", "rows", "sha256"}
        assert hashlib.sha256(Path(file["path"]).read_bytes()).hexdigest() == file["sha256"]
        assert pq.read_metadata(file["path"]).num_rows == file["rows"]
    written = {path for path in out.rglob("*.parquet") if path.parent.name != "truth"}
    assert {Path(file["path"]) for file in document["files"]} == written


def test_a_site_that_has_the_key_believes_what_was_generated(sloyfe, tmp_path) -> None:
    out = tmp_path / "out"
    code, stdout, _ = sloyfe("synth", "--persons", "300", "--out", out, "--format", "csv")
    assert code == 0
    public = Path(stdout.rsplit(": ", 1)[1].strip())
    keys = site_yaml()["keys"] | {"generator": str(public.resolve())}
    site = write_site(tmp_path / "site", None, declared_synthetic=False, keys=keys)
    assert ingest(site, "npr", out / "ous" / "npr").origin == "generated"


def test_dirt_is_asked_for_and_its_rate_with_it(sloyfe, tmp_path) -> None:
    order = ("synth", "--persons", "2000", "--format", "csv", "--out")
    assert sloyfe(*order, tmp_path / "clean")[0] == 0
    assert not (tmp_path / "clean" / "dirt.json").exists()
    assert sloyfe(*order, tmp_path / "dirty", "--dirt")[0] == 0
    assert sloyfe(*order, tmp_path / "dirtier", "--dirt", "--dirt-rate", "20")[0] == 0
    rates, counts = [], []
    for name in ("dirty", "dirtier"):
        manifest = json.loads((tmp_path / name / "dirt.json").read_text())
        rates.append(manifest["rate"])
        counts.append(sum(one["count"] for one in manifest["injected"]))
    assert rates == [1.0, 20.0]
    assert counts[1] > 10 * counts[0] > 0


def test_the_years_end_with_the_last_full_one_unless_told(sloyfe, tmp_path) -> None:
    for arguments, years in (((), [2023, 2024]), (("--first-year", "2019"), [2019, 2020])):
        out = tmp_path / str(years[0])
        order = ("synth", "--persons", "50", "--years", "2", "--out", out, *arguments)
        assert sloyfe(*order)[0] == 0
        assert json.loads((out / "truth" / "truth.json").read_text())["years"] == years


def test_the_same_order_gives_the_same_files_with_another_key_another_mark(
    sloyfe, tmp_path
) -> None:
    for name in ("a", "b"):
        assert sloyfe("synth", "--persons", "200", "--seed", "7", "--out", tmp_path / name)[0] == 0
    for path in (tmp_path / "a").rglob("*.parquet"):
        other = tmp_path / "b" / path.relative_to(tmp_path / "a")
        assert path.read_bytes() == other.read_bytes()
    key = tmp_path / "a" / "generator-key" / "generator.key"
    assert key.stat().st_mode & 0o777 == 0o600
    order = ("synth", "--persons", "200", "--seed", "7", "--key", key, "--out", tmp_path / "c")
    assert sloyfe(*order)[0] == 0
    marks = [
        (tmp_path / name / "ous" / "npr" / "synthetic-mark.json").read_text() for name in "abc"
    ]
    assert marks[0] == marks[2] != marks[1]


def test_bad_orders_end_in_one_line_and_make_nothing(sloyfe, tmp_path) -> None:
    out = tmp_path / "out"
    for arguments, said in (
        (["--persons", "0"], "(--persons)"),
        (["--persons", "many"], "'many' is not a valid integer"),
        (["--years", "0"], "(--years)"),
        (["--years", "31"], "(--years)"),
        (["--first-year", "1999"], "(--first-year, --years)"),
        (["--first-year", "2039"], "(--first-year, --years)"),
        (["--seed", "-1"], "(--seed)"),
        (["--scenario", "utopia"], "Known: baseline"),
        (["--format", "xlsx"], "unknown format `xlsx`, not one of csv, parquet"),
        (["--hospitals", "0"], "(--hospitals)"),
        (["--workers", "0"], "(--workers)"),
        (["--dirt-rate", "2"], "Add --dirt"),
        (["--dirt", "--dirt-rate", "-2"], "(--dirt-rate)"),
        (["--dirt", "--dirt-rate", "nan"], "(--dirt-rate)"),
        (["--key", tmp_path / "no.key"], "the key cannot be read"),
    ):
        code, stdout, stderr = sloyfe("synth", "--persons", "10", *arguments, "--out", out)
        assert code != 0 and stdout == "" and len(stderr) == 1, (arguments, stderr)
        assert stderr[0].startswith("sloyfe: ") and said in stderr[0], stderr
        assert not out.exists()
    code, _, stderr = sloyfe("synth")
    assert code == 2 and "Missing option '--out'" in stderr[0]


def test_a_folder_that_holds_something_else_is_left_alone(sloyfe, tmp_path) -> None:
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_text("mine")
    code, stdout, stderr = sloyfe("synth", "--persons", "10", "--out", out)
    assert code == 1 and stdout == "" and str(out) in stderr[0] and len(stderr) == 1
    assert [path.name for path in out.iterdir()] == ["chapter.txt"]
    code, _, stderr = sloyfe("synth", "--persons", "10", "--out", out / "chapter.txt")
    assert code == 1 and len(stderr) == 1


def _result(name: str, produced: float | None, *, within: bool) -> Result:
    relative = None if produced is None else produced / 4.0 - 1
    return Result(
        name=name, group="g", source="SKDE", year="2023", unit="d", denominator="stays",
        standing="S", note="", published=4.0, target=4.0, produced=produced,
        relative_error=relative, standard_error=0.1, sampling_error=0.02, detectable=0.1,
        within=within, n=100,
    )  # fmt: skip


def test_calibrate_says_what_was_found_and_fails_if_a_target_is_missed(
    sloyfe, tmp_path, monkeypatch
) -> None:
    hit, missed = _result("los_75", 4.1, within=True), _result("beds", None, within=False)
    measured: list[Path] = []
    reported: list[Path] = []

    def calibrate_with(*targets: Result) -> None:
        def measure(out: Path) -> Calibration:
            assert (out / "truth" / "truth.json").is_file()
            measured.append(out)
            return Calibration(2024, 50, "baseline", targets)

        monkeypatch.setattr(calibration, "calibrate", measure)
        monkeypatch.setattr(report, "write_report", lambda _, folder: reported.append(folder))

    calibrate_with(hit)
    code, stdout, _ = sloyfe("synth", "calibrate", "--persons", "50", "--json")
    assert code == 0 and not reported
    (told,) = json.loads(stdout)["targets"]
    keys = ("name", "source", "target", "produced", "relative_error", "within")
    assert {key: told[key] for key in keys} == {key: getattr(hit, key) for key in keys}
    assert not measured[0].exists()

    out = tmp_path / "deliveries"
    assert sloyfe("synth", "--persons", "50", "--out", out)[0] == 0
    calibrate_with(hit, missed)
    code, stdout, _ = sloyfe(
        "synth", "calibrate", "--deliveries", out, "--out", tmp_path / "report", "--json"
    )
    assert code == 1 and measured[1] == out and reported == [tmp_path / "report"]
    assert json.loads(stdout)["targets"][1]["within"] is False
    code, stdout, _ = sloyfe("synth", "calibrate", "--deliveries", out)
    assert code == 1 and "1 of 2 targets are missed" in stdout
    assert "✓ los_75" in stdout and "✗ beds" in stdout and "not produced" in stdout

    code, stdout, stderr = sloyfe("synth", "calibrate", "--deliveries", tmp_path / "nothing")
    assert (code, stdout) == (1, "") and "nothing that `sloyfe synth` wrote" in stderr[0]


def test_a_place_that_cannot_be_written_to_is_told(sloyfe, tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    code, _, stderr = sloyfe("synth", "--persons", "50", "--out", tmp_path / "file" / "folder")
    assert code == 1 and "cannot be written: Not a directory" in stderr[-1]


def test_what_has_faults_put_in_is_not_measured(sloyfe, tmp_path) -> None:
    out = tmp_path / "dirty"
    assert sloyfe("synth", "--persons", "50", "--dirt", "--out", out)[0] == 0
    code, stdout, stderr = sloyfe("synth", "calibrate", "--deliveries", out)
    assert (code, stdout) == (1, "") and "without --dirt" in stderr[-1]


def test_the_bench_compares_the_same_rows(sloyfe) -> None:
    for form in ("csv", "parquet"):
        code, stdout, _ = sloyfe("bench", "synth", "--persons", "300", "--format", form, "--json")
        assert code == 0
        _compared(json.loads(stdout))
    code, _, stderr = sloyfe("bench", "synth", "--persons", "0")
    assert code == 1 and "(--persons)" in stderr[0]
    code, _, stderr = sloyfe("bench", "synth", "--format", "xlsx")
    assert code == 1 and "(--format)" in stderr[0]


def _compared(found: dict) -> None:
    assert found["ratio_to_pyarrow_write"] > 0
    assert found["rows"] > 300 and found["repeats"] >= 3
    ratio = found["generator_rows_per_cpu_second"] / found["pyarrow_rows_per_cpu_second"]
    assert ratio == pytest.approx(found["ratio_to_pyarrow_write"])
